//! TOML bytes -> `MessagePack` (TOML 1.1; keys keep their order, datetimes become RFC 3339 text), and what is wrong with them.
//!
//! What is not TOML is told with line, column and one sentence; a byte order mark, another encoding and Git conflict
//! markers are named as what they are.

pub use super::blocks::{LockBlocks, lock_blocks};
pub use super::general::any_to_messagepack;
pub use super::layout::lock_to_toml;
pub use super::node::InvalidDocument;
pub use super::plain::plain_to_messagepack;

/// The first seven characters of the lines that Git leaves around a conflict.
const CONFLICT_MARKERS: [&str; 4] = ["<<<<<<<", "|||||||", "=======", ">>>>>>>"];

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

/// Reads any TOML document into `MessagePack`: tables are maps in the order of the file, datetimes are text.
pub fn toml_to_messagepack(bytes: &[u8]) -> Result<Vec<u8>, TomlError> {
    let text = decode(bytes)?;
    plain_to_messagepack(text).map_or_else(|| any_to_messagepack(text), Ok)
}

fn decode(bytes: &[u8]) -> Result<&str, TomlError> {
    let refuse = |message: &str| TomlError {
        message: message.to_owned(),
        line: 1,
        column: 1,
    };
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Err(refuse(
            "The file begins with a byte order mark: save it as UTF-8 without one.",
        ));
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(refuse("The file is UTF-16: save it as UTF-8."));
    }
    str::from_utf8(bytes).map_err(|error| {
        let (valid, rest) = bytes.split_at(error.valid_up_to());
        let valid = str::from_utf8(valid).expect("valid up to here");
        error_at(
            valid,
            valid.len(),
            format!("The byte 0x{:02x} is not UTF-8.", rest[0]),
        )
    })
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

fn conflict_marker(text: &str) -> Option<(usize, &str)> {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let marker = line
            .get(..7)
            .is_some_and(|start| CONFLICT_MARKERS.contains(&start));
        if marker && line[7..].chars().next().is_none_or(char::is_whitespace) {
            return Some((offset, line));
        }
        offset += line.len();
    }
    None
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
