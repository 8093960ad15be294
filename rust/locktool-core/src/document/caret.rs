//! Texts of files as messages show them: in quotes, or with a caret under the character at which reading stopped.
//!
//! An enormous text is cut to a window around that character, so that a message never grows with its input.

use std::fmt::Write as _;

/// Characters of the input that are shown, before and after the position together.
const WINDOW: usize = 72;

/// A text in quotes as Python's `repr` writes it, so that no control character reaches a terminal: `'a\n'`
pub fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    let mut shown = String::from(quote);
    for letter in text.chars() {
        match letter {
            '\'' | '"' if letter != quote => shown.push(letter),
            _ if letter.is_control() && letter.escape_default().len() > 2 => {
                let _ = write!(shown, "\\x{:02x}", u32::from(letter));
            }
            _ => shown.extend(letter.escape_debug()),
        }
    }
    shown.push(quote);
    shown
}

/// A part of a text on one line, and the column of the caret within it.
pub struct Window {
    pub text: String,
    pub caret: usize,
}

/// `invalid specifier: ...` and, below it, the text and a caret; `position` counts characters.
pub fn pointed(noun: &str, reason: &str, input: &str, position: usize) -> String {
    let shown = window(input, position);
    format!(
        "invalid {noun}: {reason}\n    {}\n    {}^",
        shown.text,
        " ".repeat(shown.caret)
    )
}

/// How many characters stand before a byte offset.
pub fn characters_before(input: &str, offset: usize) -> usize {
    let mut end = offset.min(input.len());
    while !input.is_char_boundary(end) {
        end -= 1;
    }
    input[..end].chars().count()
}

/// At most [`WINDOW`] characters of a text around one of them, on one line.
pub fn window(input: &str, position: usize) -> Window {
    let start = position.saturating_sub(WINDOW * 2 / 3);
    let mut text = String::new();
    let mut caret = position - start;
    if start > 0 {
        text.push('…');
        caret += 1;
    }
    let mut rest = input.chars().skip(start);
    text.extend(rest.by_ref().take(WINDOW).map(|letter| {
        if letter.is_control() {
            '\u{fffd}'
        } else {
            letter
        }
    }));
    if rest.next().is_some() {
        text.push('…');
    }
    Window { text, caret }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn texts_are_quoted_as_python_does() {
        assert_eq!(quoted("naïve 😀"), "'naïve 😀'");
        assert_eq!(quoted("a\n\t\\"), r"'a\n\t\\'");
        assert_eq!(quoted("\u{1b}\0\u{85}"), r"'\x1b\x00\x85'");
        assert_eq!(quoted("it's"), r#""it's""#);
        assert_eq!(quoted("it's \"so\""), r#"'it\'s "so"'"#);
    }
}
