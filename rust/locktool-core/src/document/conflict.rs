//! The conflict markers of git in a file: where they are, and what the branch that is checked out says.
//!
//! A lock with conflicts is no reason to lose the versions in it: the side of the branch is a lock again, and locking anew with
//! its versions preferred gives what both branches need.

/// The first seven characters of the lines that git leaves around a conflict: ours, their common base, theirs, the end.
const CONFLICT_MARKERS: [&str; 4] = ["<<<<<<<", "|||||||", "=======", ">>>>>>>"];

/// The line, counted from 1, of the first mark that git left around a conflict.
pub fn first_conflict(content: &[u8]) -> Option<usize> {
    let text = String::from_utf8_lossy(content);
    let (offset, _) = conflict_marker(&text)?;
    Some(text[..offset].matches('\n').count() + 1)
}

/// The first line that is such a mark, and its offset.
pub(super) fn conflict_marker(text: &str) -> Option<(usize, &str)> {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if marker_of(line.as_bytes()).is_some() {
            return Some((offset, line));
        }
        offset += line.len();
    }
    None
}

/// The content with each conflict replaced by the side of the branch that is checked out; `None` where there is no conflict with
/// all of its marks.
pub fn ours(content: &[u8]) -> Option<Vec<u8>> {
    let mut kept = Vec::with_capacity(content.len());
    let (mut is_conflicted, mut side) = (false, None);
    for line in content.split_inclusive(|byte| *byte == b'\n') {
        match (side, marker_of(line)) {
            (None, Some("<<<<<<<")) => side = Some("<<<<<<<"),
            (Some("<<<<<<<"), Some(next @ ("|||||||" | "=======")))
            | (Some("|||||||"), Some(next @ "=======")) => side = Some(next),
            (Some("======="), Some(">>>>>>>")) => (is_conflicted, side) = (true, None),
            (None | Some("<<<<<<<"), _) => kept.extend_from_slice(line),
            _ => {}
        }
    }
    (is_conflicted && side.is_none()).then_some(kept)
}

fn marker_of(line: &[u8]) -> Option<&'static str> {
    let (start, rest) = line.split_at_checked(7)?;
    let marker = CONFLICT_MARKERS
        .into_iter()
        .find(|marker| marker.as_bytes() == start)?;
    rest.first()
        .is_none_or(u8::is_ascii_whitespace)
        .then_some(marker)
}

#[cfg(test)]
mod tests {
    use super::{first_conflict, ours};

    const CONFLICT: &str = "a = 1\n<<<<<<< HEAD\nb = 2\n||||||| base\nb = 1\n=======\nb = 3\n>>>>>>> other branch\nc = 4\n\
        <<<<<<< HEAD\n=======\nd = 5\n>>>>>>> other branch\n";

    #[test]
    fn the_side_of_the_branch_remains() {
        for newline in ["\n", "\r\n"] {
            let text = CONFLICT.replace('\n', newline);
            let expected = "a = 1\nb = 2\nc = 4\n".replace('\n', newline);
            assert_eq!(ours(text.as_bytes()), Some(expected.into_bytes()));
            assert_eq!(first_conflict(text.as_bytes()), Some(2));
        }
    }

    #[test]
    fn a_text_without_whole_conflicts_has_no_sides() {
        for text in [
            "",
            "a = \"<<<<<<< HEAD\"\n",
            "# =======\n",
            "key = 1\n=======\n",
            "<<<<<<< HEAD\na = 1\n=======\n",
            "<<<<<<< HEAD\na = 1\n>>>>>>> other\n",
        ] {
            assert_eq!(ours(text.as_bytes()), None, "{text}");
        }
    }
}
