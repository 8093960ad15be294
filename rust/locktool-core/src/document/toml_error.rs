//! Why bytes are not TOML: line, column and one sentence. Git conflict markers are named as what they are.

use super::conflict::conflict_marker;

/// Why bytes are not TOML: one sentence, and where it went wrong, in lines and characters counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct TomlError {
    /// One sentence, as `Duplicate key.`
    pub message: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The character in that line, counted from 1.
    pub column: usize,
}

/// Says what the parser found; a conflict left by Git explains whatever it stumbled over.
pub(super) fn explain(text: &str, error: &toml::de::Error) -> TomlError {
    if let Some((offset, line)) = conflict_marker(text) {
        let message = format!(
            "Git conflict marker `{}`: resolve the conflict first.",
            line.trim_end()
        );
        return error_at(text, offset, message);
    }
    let span = error.span().unwrap_or(0..0);
    let sentence = match (error.message(), text.get(span.clone())) {
        ("duplicate key", Some(key)) if !key.is_empty() => {
            format!("The key `{key}` is defined twice.")
        }
        (message, _) => sentence(message),
    };
    error_at(text, span.start, sentence)
}

/// `invalid key, expected newline` -> `Invalid key, expected newline.`
fn sentence(message: &str) -> String {
    let message = message.replace('\n', " ");
    let mut characters = message.chars();
    let first = characters
        .next()
        .map(|first| first.to_uppercase().to_string())
        .unwrap_or_default();
    format!("{first}{}.", characters.as_str())
}

pub(super) fn error_at(text: &str, offset: usize, message: String) -> TomlError {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    TomlError {
        message,
        line,
        column: before[line_start..].chars().count() + 1,
    }
}
