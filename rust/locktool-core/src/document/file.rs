//! A TOML file of the project, read once: its path, its text and its values, and where each value is written.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use super::caret::quoted;
use super::located::{LocatedError, hide_credentials, location, reason_of};
use super::newer_toml::newer_form;
use super::node::{self, read_document};
use super::regular_file::read_document_file;
use super::tree::{self, Entries, Entry, Node, Value};

/// Characters of a message; the texts of carets and circles are well below it.
const LONGEST_MESSAGE: usize = 800;

/// A step on the way to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Key(String),
    Index(usize),
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

/// A document with what is needed to say where in it something is wrong.
#[derive(Clone, Debug)]
pub struct TomlFile {
    path: PathBuf,
    text: String,
    /// By how many columns the text stands further right in the file that it was taken from.
    indent: usize,
    pub values: Entries,
    /// A file beside it that has more to say of the same things.
    beside: Option<Box<TomlFile>>,
}

impl TomlFile {
    /// Reads and parses a file.
    ///
    /// # Errors
    /// When the file is missing, cannot be read, is not UTF-8 or is not TOML; the last two with line and column.
    pub fn read(path: &Path) -> Result<Self, LocatedError> {
        let bytes = read_document_file(path).map_err(|error| {
            let (code, reason) = match error.kind() {
                std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => {
                    ("missing-file", "there is no such file".to_owned())
                }
                _ => (
                    "unreadable-file",
                    format!("cannot be read: {}", reason_of(&error)),
                ),
            };
            let shown = location(path, None, None);
            LocatedError::of_path(code, path, format!("{shown}: {reason}"))
        })?;
        Self::parse(path, decode(path, bytes)?, 0)
    }

    /// Parses text that was read from a file.
    ///
    /// # Errors
    /// When the text is not TOML, with line and column.
    pub fn parse(path: &Path, text: String, indent: usize) -> Result<Self, LocatedError> {
        match tree::parse(&text) {
            Ok(values) => Ok(Self {
                path: path.to_owned(),
                text,
                indent,
                values,
                beside: None,
            }),
            Err(error) => {
                let (line, column) = (Some(error.line), Some(error.column + indent));
                Err(LocatedError {
                    message: format!(
                        "{}: not TOML: {}",
                        location(path, line, column),
                        error.message
                    ),
                    line,
                    column,
                    ..LocatedError::of_path("broken-toml", path, "")
                })
            }
        }
    }

    /// Choices that were made on the command line, given as `MessagePack` in the shape of `[tool.locktool]`.
    ///
    /// # Errors
    /// When the bytes are not one table.
    pub fn of_command_line(messagepack: &[u8]) -> Result<Self, node::InvalidDocument> {
        let table = read_document(messagepack)?;
        Ok(Self {
            path: PathBuf::new(),
            text: String::new(),
            indent: 0,
            values: entries_without_text(table),
            beside: None,
        })
    }

    /// The same file with another one beside it.
    #[must_use]
    pub fn with_beside(self, other: Self) -> Self {
        Self {
            beside: Some(Box::new(other)),
            ..self
        }
    }

    /// The file beside it that has more to say of the same things, if there is one.
    pub fn beside(&self) -> Option<&Self> {
        self.beside.as_deref()
    }

    /// Where the file is; empty for the command line.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The line of the first form that TOML 1.1 has and TOML 1.0 has not, and what it is.
    pub fn newer_toml(&self) -> Option<(usize, &'static str)> {
        let (offset, what) = newer_form(&self.text)?;
        Some((self.text[..offset].matches('\n').count() + 1, what))
    }

    /// Whether nothing but the command line says this.
    pub fn is_command_line(&self) -> bool {
        self.path.as_os_str().is_empty()
    }

    /// The error for the value at `steps`, at the closest enclosing key that is written.
    pub fn error(&self, code: &'static str, message: &str, steps: &[Step]) -> LocatedError {
        let message = &shortened(message);
        if self.is_command_line() {
            return LocatedError {
                message: hide_credentials(message),
                path: None,
                ..LocatedError::of_path(code, &self.path, "")
            };
        }
        let (line, column) = match self.offset(steps) {
            Some(offset) => {
                let before = &self.text[..offset];
                let start = before.rfind('\n').map_or(0, |newline| newline + 1);
                (
                    Some(before.matches('\n').count() + 1),
                    Some(before[start..].chars().count() + 1 + self.indent),
                )
            }
            None => (None, None),
        };
        let shown = location(&self.path, line, column);
        LocatedError {
            line,
            column,
            ..LocatedError::of_path(
                code,
                &self.path,
                hide_credentials(&format!("{shown}: {message}")),
            )
        }
    }

    /// The line, counted from 1, of the closest written key or element on a path.
    pub fn line(&self, steps: &[Step]) -> Option<usize> {
        let offset = self.offset(steps)?;
        Some(self.text[..offset].matches('\n').count() + 1)
    }

    /// Where the closest written key or element on a path begins.
    fn offset(&self, steps: &[Step]) -> Option<usize> {
        let mut found = None;
        let mut table = Some(&self.values);
        let mut array: Option<&[Node]> = None;
        for step in steps {
            let node = match (step, table, array) {
                (Step::Key(key), Some(entries), _) => {
                    let Some(entry) = entries.entry(key) else {
                        break;
                    };
                    found = Some(entry.key_span.start);
                    &entry.node
                }
                (Step::Index(index), _, Some(items)) => {
                    let Some(item) = items.get(*index) else { break };
                    found = Some(item.span.start);
                    item
                }
                // A single table counts as an array of one.
                (Step::Index(_), Some(_), None) => continue,
                _ => break,
            };
            (table, array) = match &node.value {
                Value::Table(entries) => (Some(entries), None),
                Value::Array(items) => (None, Some(items.as_slice())),
                _ => (None, None),
            };
        }
        found
    }
}

/// A message without the middle of what is enormous in it, so that it never grows with its input.
fn shortened(message: &str) -> Cow<'_, str> {
    let length = message.chars().count();
    if length <= LONGEST_MESSAGE {
        return Cow::Borrowed(message);
    }
    let kept = LONGEST_MESSAGE / 2;
    let start = message.chars().take(kept);
    let end = message.chars().skip(length - kept);
    Cow::Owned(start.chain(['…']).chain(end).collect())
}

/// Decodes UTF-8, and says at which line and byte a file in another encoding breaks.
fn decode(path: &Path, bytes: Vec<u8>) -> Result<String, LocatedError> {
    if bytes.starts_with(b"\xef\xbb\xbf") {
        let shown = location(path, Some(1), Some(1));
        let message = format!(
            "{shown}: not TOML: The file begins with a byte order mark: save it as UTF-8 without one."
        );
        return Err(LocatedError {
            line: Some(1),
            column: Some(1),
            ..LocatedError::of_path("broken-toml", path, message)
        });
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let bytes = error.as_bytes();
        let line_start = memchr::memrchr(b'\n', &bytes[..valid]).map_or(0, |newline| newline + 1);
        let line = memchr::memchr_iter(b'\n', &bytes[..valid]).count() + 1;
        let column = valid - line_start + 1;
        let shown = location(path, Some(line), Some(column));
        LocatedError {
            line: Some(line),
            column: Some(column),
            ..LocatedError::of_path(
                "not-utf-8",
                path,
                format!(
                    "{shown}: not UTF-8 (byte 0x{:02x}); save the file as UTF-8",
                    bytes[valid]
                ),
            )
        }
    })
}

fn entries_without_text(table: Vec<(&str, node::Node<'_>)>) -> Entries {
    let entries = table.into_iter().map(|(key, node)| Entry {
        key: key.to_owned(),
        key_span: 0..0,
        node: node_without_text(node),
    });
    Entries(entries.collect())
}

fn node_without_text(node: node::Node<'_>) -> Node {
    let value = match node {
        node::Node::Text(text) => Value::String(text.to_owned()),
        node::Node::Integer(number) => Value::Integer(number),
        node::Node::Float(number) => Value::Float(number),
        node::Node::Boolean(boolean) => Value::Boolean(boolean),
        node::Node::Array(items) => {
            Value::Array(items.into_iter().map(node_without_text).collect())
        }
        node::Node::Table(entries) => Value::Table(entries_without_text(entries)),
    };
    Node { value, span: 0..0 }
}

/// Writes a key path for people: `tool.uv.sources.'a.b'`, `workspace.members[2]`, or `--exclude-newer` for the command line.
pub(super) fn name_of(file: &TomlFile, steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        match step {
            Step::Index(index) => text.push_str(&["[", &(index + 1).to_string(), "]"].concat()),
            Step::Key(key) => {
                if !text.is_empty() {
                    text.push('.');
                }
                let is_bare =
                    |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
                if !key.is_empty() && key.chars().all(is_bare) {
                    text.push_str(key);
                } else {
                    text.push_str(&quoted(key));
                }
            }
        }
    }
    match text {
        text if text.is_empty() => "the file".to_owned(),
        text if file.is_command_line() => format!("--{text}"),
        text => text,
    }
}
