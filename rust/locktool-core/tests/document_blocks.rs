//! The blocks of a lock's text: headers found by TOML's rules, comments kept with their block.

use locktool_core::document::toml::lock_blocks;
use proptest::prelude::*;

const HEADER: &str = "# made by locktool\nlock-version = \"1.0\"\ncreated-by = \"x\"\n\n[tool.locktool]\nschema = 1\n";

const BLOCKS: [&str; 6] = [
    "[[packages]]\nname = \"a\"\n",
    "# held back: see the issue\n# and its answer\n[[packages]]\nname = \"b\"\n[packages.tool.locktool]\ndigest = \"1\"\n",
    "[[packages]]\nname = \"\"\"\n\n[[packages]]\n\"\"\"\nwheels = [\n  # [[packages]]\n  { name = \"[[packages]]\" },\n]\n",
    "[[ \"packages\" ]] # c\nname = \"d\"\n\n# about the next key\nversion = \"1\"\n",
    "  [[packages]]\n  name = 'e'\n  [[packages.wheels]]\n  name = 'w'\n",
    "[[packages]]\nname = \"f\"\n\n# stands alone\n",
];

proptest! {
    #[test]
    fn blocks_are_the_pieces_the_text_was_joined_from(
        order in prop::collection::vec(0..BLOCKS.len(), 0..8),
        blank in prop::sample::select(&["\n", "\n\n", "  \n\t\n"][..]),
        footer in prop::sample::select(&["", "# last\n[tool.other]\nkey = 1\n"][..]),
    ) {
        let pieces: Vec<&str> = order.iter().map(|&index| BLOCKS[index]).collect();
        let footer = if pieces.is_empty() { "" } else { footer };
        let mut text = HEADER.to_owned();
        for piece in pieces.iter().chain([&footer]) {
            text.push_str(blank);
            text.push_str(piece);
        }
        let blocks = lock_blocks(&text);
        prop_assert_eq!(&text[blocks.header], HEADER);
        prop_assert_eq!(&text[blocks.footer], footer);
        let found: Vec<&str> = blocks.packages.into_iter().map(|range| &text[range]).collect();
        prop_assert_eq!(found, pieces);
    }

    #[test]
    fn between_blocks_of_any_text_are_only_blank_lines(text in "([\\[\\]{}=.,\"'# a\n-]|\\[\\[packages\\]\\]\n|\r\n){0,60}") {
        let blocks = lock_blocks(&text);
        let mut end = 0;
        for range in [blocks.header].into_iter().chain(blocks.packages).chain([blocks.footer]) {
            prop_assert!(text[end..range.start].trim().is_empty());
            end = range.end;
        }
        prop_assert!(text[end..].trim().is_empty());
    }
}

#[test]
fn sections_between_packages_stay_with_the_block_above() {
    let text = "[[packages]]\nname = 'a'\n[tool.x]\ny = 1\n[[packages]]\nname = 'b'\n";
    let blocks = lock_blocks(text);
    assert_eq!(
        &text[blocks.packages[0].clone()],
        "[[packages]]\nname = 'a'\n[tool.x]\ny = 1\n"
    );
    assert_eq!(
        &text[blocks.packages[1].clone()],
        "[[packages]]\nname = 'b'\n"
    );
    assert!(blocks.footer.is_empty());
}
