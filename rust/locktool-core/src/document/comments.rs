//! Moves the comments of one piece of TOML text onto its rewritten form.
//!
//! In: the old text, which a person may have commented, and the new text of the same tables. Out: the new text with every comment
//! of the old one, each at the key or array item it stood at; where that is gone, at the nearest enclosing key, table, or the top.
//! Only comments move: the values are those of the new text.

use rustc_hash::FxHashMap;
use toml_parser::Source;
use toml_parser::lexer::TokenKind;

/// What a comment is about: `("[[packages]] 1", "wheels", "{ url = ... }")`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Anchor {
    section: String,
    key: String,
    item: String,
}

impl Anchor {
    /// The place itself, then its key, then its section.
    fn enclosing(&self) -> [Self; 3] {
        let key = Self {
            item: String::new(),
            ..self.clone()
        };
        let section = Self {
            key: String::new(),
            ..key.clone()
        };
        [self.clone(), key, section]
    }
}

/// One line of TOML; a string of several lines belongs to the line on which it begins.
#[derive(Debug, Default)]
struct Line {
    code: String,
    comment: String,
    anchor: Anchor,
}

/// The comments of a text, by the number of the line of another text that they are about.
#[derive(Default)]
struct Carried {
    above: FxHashMap<usize, Vec<String>>,
    beside: FxHashMap<usize, String>,
    /// What follows the last line of code.
    last: Vec<String>,
}

/// Gives `new` the comments of `old`, except lines that are in `without`.
pub(super) fn carry_comments(old: &str, new: &str, without: &[&str]) -> String {
    let lines = read_lines(new);
    let mut numbers: FxHashMap<&Anchor, usize> = FxHashMap::default();
    for (number, line) in lines.iter().enumerate() {
        if !line.code.is_empty() {
            numbers.entry(&line.anchor).or_insert(number);
        }
    }
    let first = numbers.values().copied().min().unwrap_or(0);
    let mut carried = Carried::default();
    let mut waiting: Vec<String> = Vec::new();
    for line in read_lines(old) {
        if line.code.is_empty() {
            let is_wanted = !line.comment.is_empty() && !without.contains(&line.comment.as_str());
            let parts_comments = line.comment.is_empty() && !waiting.is_empty();
            if is_wanted || parts_comments {
                waiting.push(line.comment);
            }
            continue;
        }
        let places = line.anchor.enclosing();
        let found = places.iter().find_map(|place| numbers.get(place));
        let number = found.copied().unwrap_or(first);
        let is_same = numbers.get(&line.anchor) == Some(&number);
        let above = carried.above.entry(number).or_default();
        above.append(&mut waiting);
        if line.comment.is_empty() {
            continue;
        }
        if is_same && !carried.beside.contains_key(&number) {
            carried.beside.insert(number, line.comment);
        } else {
            above.push(line.comment);
        }
    }
    carried.last = waiting;
    join(&lines, carried)
}

fn join(lines: &[Line], mut carried: Carried) -> String {
    let mut result: Vec<String> = Vec::with_capacity(lines.len());
    for (number, line) in lines.iter().enumerate() {
        let indentation = &line.code[..line.code.len() - line.code.trim_start().len()];
        let above = carried.above.remove(&number).unwrap_or_default();
        result.extend(above.into_iter().map(|comment| {
            if comment.is_empty() {
                comment
            } else {
                [indentation, &comment].concat()
            }
        }));
        let beside = carried.beside.remove(&number).unwrap_or_default();
        let comment = if line.comment.is_empty() {
            &beside
        } else {
            &line.comment
        };
        result.push(match (line.code.is_empty(), comment.is_empty()) {
            (false, false) => [&line.code, "  ", comment].concat(),
            (false, true) => line.code.clone(),
            (true, _) => comment.clone(),
        });
    }
    while carried.last.last().is_some_and(String::is_empty) {
        carried.last.pop();
    }
    if !carried.last.is_empty() {
        while result.last().is_some_and(String::is_empty) {
            result.pop();
        }
        result.append(&mut carried.last);
        result.push(String::new());
    }
    result.join("\n")
}

fn read_lines(text: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut anchors = Anchors::default();
    let (mut line, mut depth, mut depth_at_start) = (Line::default(), 0_usize, 0);
    for token in Source::new(text).lex() {
        let piece = &text[token.span().start()..token.span().end()];
        match token.kind() {
            TokenKind::Comment => piece.trim_end().clone_into(&mut line.comment),
            TokenKind::Newline | TokenKind::Eof => {
                line.code.truncate(line.code.trim_end().len());
                line.anchor = anchors.of(line.code.trim(), depth_at_start > 0);
                lines.push(std::mem::take(&mut line));
                depth_at_start = depth;
            }
            kind => {
                match kind {
                    TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket => depth += 1,
                    TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket => {
                        depth = depth.saturating_sub(1);
                    }
                    _ => {}
                }
                line.code.push_str(piece);
            }
        }
    }
    lines
}

/// Names the lines of a text one after the other.
#[derive(Default)]
struct Anchors {
    section: String,
    key: String,
    arrays_of_tables: usize,
}

impl Anchors {
    fn of(&mut self, code: &str, is_in_array: bool) -> Anchor {
        let mut item = "";
        if is_in_array {
            item = code.trim_end_matches(',');
        } else if code.starts_with('[') {
            self.arrays_of_tables += usize::from(code.starts_with("[["));
            self.section = format!("{code} {}", self.arrays_of_tables);
            self.key.clear();
        } else {
            let key = code.split_once('=').map_or(code, |(key, _)| key);
            key.trim_end().clone_into(&mut self.key);
        }
        Anchor {
            section: self.section.clone(),
            key: self.key.clone(),
            item: item.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::carry_comments;

    const NEW: &str = r#"[[packages]]
name = "numpy"
version = "2.1.0"
dependencies = [
  { name = "a" },
  { name = "c" },
]
wheels = [
  { url = "https://example.invalid/numpy-2.1.0-py3-none-any.whl", hashes = { sha256 = "22" } },
]
[packages.tool.locktool]
digest = "new"
"#;

    const OLD: &str = r#"# Held back: see the ticket.

# A second thought.
[[packages]]
name = "numpy"  # arrays
# exact on purpose
version = "2.0.0"
dependencies = [
  # a is needed
  { name = "a" },  # really
  { name = "b" },  # gone
]
wheels = [
  { url = "https://example.invalid/numpy-2.0.0-py3-none-any.whl#x", hashes = { sha256 = "11" } },  # checked
]  # end
marker = "os_name == 'nt'"  # not any more
[packages.tool.locktool]
# the digest
digest = "old"
# last words
"#;

    const EXPECTED: &str = r#"# Held back: see the ticket.

# A second thought.
# not any more
[[packages]]
name = "numpy"  # arrays
# exact on purpose
version = "2.1.0"
# gone
dependencies = [
  # a is needed
  { name = "a" },  # really
  { name = "c" },
]
# checked
wheels = [
  { url = "https://example.invalid/numpy-2.1.0-py3-none-any.whl", hashes = { sha256 = "22" } },
]  # end
[packages.tool.locktool]
# the digest
digest = "new"
# last words
"#;

    #[test]
    fn every_comment_is_carried_to_its_place_or_the_nearest() {
        assert_eq!(carry_comments(OLD, NEW, &[]), EXPECTED);
    }

    #[test]
    fn carrying_twice_changes_nothing() {
        assert_eq!(carry_comments(EXPECTED, NEW, &[]), EXPECTED);
    }

    #[test]
    fn text_without_comments_stays() {
        assert_eq!(carry_comments(&NEW.replace("2.1.0", "1.0"), NEW, &[]), NEW);
    }

    #[test]
    fn lines_that_are_not_wanted_are_left_out() {
        let old = "# stale\n\n# mine\nkey = 1\n";
        assert_eq!(
            carry_comments(old, "# fresh\n\nkey = 2\n", &["# stale"]),
            "# fresh\n\n# mine\nkey = 2\n"
        );
    }

    #[test]
    fn signs_in_strings_are_no_comments() {
        for value in [
            r#""a # b""#,
            r"'a # b'",
            "\"\"\"a\n# b\n\"\"\"",
            "'''\n# b\n[c]\n'''",
            r#""a \" # b""#,
            "[1, \"#]\"]",
        ] {
            let (old, new) = (
                format!("key = {value}  # kept\n"),
                format!("key = {value}\n"),
            );
            assert_eq!(
                carry_comments(&old, &new, &[]),
                new.replace(&format!("{value}\n"), &format!("{value}  # kept\n"))
            );
        }
    }

    #[test]
    fn blocks_are_told_apart_by_their_order() {
        let old = "[[members]]\nname = \"a\"  # first\n[[members]]\nname = \"b\"  # second\n";
        let new = "[[members]]\nname = \"a\"\n[[members]]\nname = \"c\"\n";
        assert_eq!(
            carry_comments(old, new, &[]),
            "[[members]]\nname = \"a\"  # first\n[[members]]\nname = \"c\"  # second\n"
        );
    }
}
