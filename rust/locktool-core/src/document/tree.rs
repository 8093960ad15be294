//! TOML text -> a tree of values that know where they stand, for files that people write and whose mistakes are shown to them.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::caret::quoted;
use super::toml_error::{TomlError, error_at, explain};

/// Longer strings are left out of messages about their type.
const LONGEST_SHOWN: usize = 200;

/// A value and the bytes of the text that it was read from.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    pub value: Value,
    pub span: Range<usize>,
}

/// What a TOML value is.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `"numpy"`
    String(String),
    /// `42`
    Integer(i64),
    /// `1.5`
    Float(f64),
    /// `true`
    Boolean(bool),
    /// `2026-07-04`, as written
    Datetime(String),
    /// `["a", "b"]`
    Array(Vec<Node>),
    /// `{ name = "a" }`, or what a header opens
    Table(Entries),
}

/// The keys of a table with their values, in the order of the text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entries(pub Vec<Entry>);

/// One key of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub key: String,
    /// Where the key stands; for a table that a header opens, where the header does.
    pub key_span: Range<usize>,
    pub node: Node,
}

impl Entries {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.node)
    }

    /// A key with its value.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.key == key)
    }
}

impl Value {
    /// The kind of value, as messages name it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::String(_) => "a string",
            Self::Integer(_) | Self::Float(_) => "a number",
            Self::Boolean(_) => "a boolean",
            Self::Datetime(_) => "a date",
            Self::Array(_) => "an array",
            Self::Table(_) => "a table",
        }
    }

    /// The value in a message, where it is short enough to be shown: ` ('lowst')`.
    pub fn shown(&self) -> String {
        match self {
            Self::String(text) if text.len() <= LONGEST_SHOWN => format!(" ({})", quoted(text)),
            Self::Integer(number) => format!(" ({number})"),
            Self::Float(number) => format!(" ({number:?})").to_lowercase(),
            Self::Boolean(boolean) => format!(" ({boolean})"),
            Self::Datetime(text) => format!(" ({text})"),
            Self::String(_) | Self::Array(_) | Self::Table(_) => String::new(),
        }
    }
}

/// Parses TOML (1.0 and 1.1).
///
/// # Errors
/// Says where the text is not TOML, and why.
pub fn parse(text: &str) -> Result<Entries, TomlError> {
    let document = DeTable::parse(text).map_err(|error| explain(text, &error))?;
    table(text, document.get_ref())
}

fn table(text: &str, table: &DeTable<'_>) -> Result<Entries, TomlError> {
    let entries = table.iter().map(|(key, spanned)| {
        let node = node(text, spanned)?;
        let Range { start, end } = key.span();
        let header = match node.value {
            Value::Table(_) | Value::Array(_) => header_before(text, start),
            _ => None,
        };
        Ok(Entry {
            key: key.get_ref().to_string(),
            key_span: header.unwrap_or(start)..end,
            node,
        })
    });
    Ok(Entries(entries.collect::<Result<_, _>>()?))
}

/// Where the header begins in which a key stands, if it stands in one: `[tool.uv]` opens `tool` and `uv`.
fn header_before(text: &str, key: usize) -> Option<usize> {
    let line = text[..key].rfind('\n').map_or(0, |newline| newline + 1);
    let before = &text[line..key];
    let header = before.trim_start();
    let is_header = header.starts_with('[') && !header.contains(['{', '=']);
    is_header.then_some(key - header.len())
}

fn node(text: &str, spanned: &Spanned<DeValue<'_>>) -> Result<Node, TomlError> {
    let span = spanned.span();
    let refuse = |message: &str| error_at(text, span.start, message.to_owned());
    let value = match spanned.get_ref() {
        DeValue::String(string) => Value::String(string.to_string()),
        DeValue::Boolean(boolean) => Value::Boolean(*boolean),
        DeValue::Integer(integer) => {
            let number = i64::from_str_radix(integer.as_str(), integer.radix());
            Value::Integer(
                number.map_err(|_| refuse("The integer does not fit in 64 signed bits."))?,
            )
        }
        DeValue::Float(float) => {
            let number = float.as_str().parse();
            Value::Float(number.map_err(|_| refuse("The number is not a TOML float."))?)
        }
        DeValue::Datetime(datetime) => Value::Datetime(datetime.to_string()),
        DeValue::Array(items) => {
            let items = items.iter().map(|item| node(text, item));
            Value::Array(items.collect::<Result<_, _>>()?)
        }
        DeValue::Table(entries) => Value::Table(table(text, entries)?),
    };
    Ok(Node { value, span })
}
