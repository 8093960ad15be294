//! TOML bytes -> `MessagePack`, through the `toml` crate's borrowed tree (TOML 1.1; datetimes become RFC 3339 text).
//!
//! Keys keep their order. What is not TOML is told with line, column and one sentence; a byte order mark,
//! another encoding and Git conflict markers are named as what they are.

use rmp::encode::{write_array_len, write_bool, write_f64, write_map_len, write_sint, write_str};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub use super::blocks::{LockBlocks, lock_blocks};
pub use super::layout::lock_to_toml;
pub use super::node::InvalidDocument;

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
    let document = DeTable::parse(text).map_err(|error| explain(text, &error))?;
    let mut encoder = Encoder {
        text,
        bytes: Vec::with_capacity(text.len()),
    };
    encoder.table(document.get_ref())?;
    Ok(encoder.bytes)
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
fn explain(text: &str, error: &toml::de::Error) -> TomlError {
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

fn error_at(text: &str, offset: usize, message: String) -> TomlError {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    TomlError {
        message,
        line,
        column: before[line_start..].chars().count() + 1,
    }
}

struct Encoder<'a> {
    text: &'a str,
    bytes: Vec<u8>,
}

/// Writing to a vector does not fail; what can fail is a number that TOML allows and 64 bits do not.
impl Encoder<'_> {
    fn table(&mut self, table: &DeTable<'_>) -> Result<(), TomlError> {
        let written = write_map_len(&mut self.bytes, length(table.len()));
        written.expect("writing to a vector");
        for (key, value) in table {
            write_str(&mut self.bytes, key.get_ref()).expect("writing to a vector");
            self.value(value)?;
        }
        Ok(())
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>) -> Result<(), TomlError> {
        let bytes = &mut self.bytes;
        match value.get_ref() {
            DeValue::String(text) => write_str(bytes, text).expect("writing to a vector"),
            DeValue::Boolean(boolean) => write_bool(bytes, *boolean).expect("writing to a vector"),
            DeValue::Integer(integer) => {
                let number =
                    i64::from_str_radix(integer.as_str(), integer.radix()).map_err(|_| {
                        let message = "The integer does not fit in 64 signed bits.".to_owned();
                        error_at(self.text, value.span().start, message)
                    })?;
                write_sint(bytes, number).expect("writing to a vector");
            }
            DeValue::Float(float) => {
                let number: f64 = float.as_str().parse().map_err(|_| {
                    error_at(
                        self.text,
                        value.span().start,
                        "The number is not a TOML float.".to_owned(),
                    )
                })?;
                write_f64(bytes, number).expect("writing to a vector");
            }
            DeValue::Datetime(datetime) => {
                let written = self.text.get(value.span()).unwrap_or_default();
                write_str(bytes, &datetime_text(datetime, written)).expect("writing to a vector");
            }
            DeValue::Array(items) => {
                write_array_len(bytes, length(items.len())).expect("writing to a vector");
                for item in items {
                    self.value(item)?;
                }
            }
            DeValue::Table(table) => self.table(table)?,
        }
        Ok(())
    }
}

/// The datetime as RFC 3339 writes it. The file's own text keeps trailing zeros of a fraction, which the parsed
/// value does not; TOML's freedoms (a space or `t` between date and time, `z`, no seconds) are not kept.
fn datetime_text(datetime: &toml::value::Datetime, written: &str) -> String {
    if let Some(time) = datetime.time
        && time.second.is_none()
    {
        let time = toml::value::Time {
            second: Some(0),
            ..time
        };
        return toml::value::Datetime {
            time: Some(time),
            ..*datetime
        }
        .to_string();
    }
    written.replace([' ', 't'], "T").replace('z', "Z")
}

fn length(length: usize) -> u32 {
    u32::try_from(length).expect("a document in memory has fewer than 2^32 entries")
}
