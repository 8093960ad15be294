//! The house layout of a lock: keys in the order given, one `[[packages]]` block after the other, one distribution
//! a line, so that a changed package is a changed block and nothing else. In: a lock as `MessagePack`. Out: TOML 1.0.
//!
//! ```text
//! lock-version = "1.0"             lists of names on one line
//! [tool.locktool]                  requirement texts one a line
//! [[tool.locktool.members]]        extras.s3 = [...]: dotted keys
//! [[tool.locktool.build-requirements]]  the packages below it are blocks like those of the lock
//! [[packages]]                     one item stays on the line, more take one each; wheels always one each
//! [packages.tool.locktool]         no blank line: it belongs to its package
//! ```
//!
//! A table becomes a section only where no plain key follows it; elsewhere it is written inline. So any
//! document can be written, and reading it back gives the same keys in the same order. The one exception is a
//! lock without packages: its `packages = []` moves up before the sections.

use std::fmt::Write as _;

use toml_writer::{ToTomlKey as _, ToTomlValue as _, TomlStringBuilder};

use super::node::{InvalidDocument, Node, read_document};

type Table<'a> = [(&'a str, Node<'a>)];

/// Lists of names at the top of a lock: short, and read at a glance.
const NAME_LISTS: [&str; 3] = ["extras", "dependency-groups", "default-groups"];

/// Arrays of distributions: one a line, even a single one, so that adding a file is adding a line.
const DISTRIBUTION_LISTS: [&str; 1] = ["wheels"];

/// Arrays of tables that are written as `[[...]]` blocks; all others have one inline table a line.
const BLOCK_LISTS: [&str; 4] = ["packages", "members", "trees", BUILDS];

/// What builds install: sets of requirements, each with the packages of a lock of its own.
const BUILDS: &str = "build-requirements";

/// The key whose text is a TOML datetime (PEP 751, `packages.wheels.upload-time`).
const DATETIME_KEY: &str = "upload-time";

/// Where a key stands, which decides how an array below it is spread.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Top,
    Tool,
    Package,
}

/// Writes a lock document, given as `MessagePack`, in the house layout.
///
/// Reading the text back with [`super::toml::toml_to_messagepack`] gives the same document. Fails on bytes that
/// are not one table of TOML's types.
pub fn lock_to_toml(messagepack: &[u8]) -> Result<String, InvalidDocument> {
    let mut document = read_document(messagepack)?;
    // A plain key must stand before `[tool]`; left last it would force the whole of `tool` into one line.
    if document
        .last()
        .is_some_and(|(key, node)| *key == BLOCK_LISTS[0] && *node == Node::Array(Vec::new()))
    {
        let sections = document
            .iter()
            .position(|(key, node)| is_section(key, node, &[]));
        document[sections.unwrap_or(0)..].rotate_right(usize::from(sections.is_some()));
    }
    let mut writer = Writer {
        text: String::with_capacity(messagepack.len() + messagepack.len() / 4),
    };
    writer.table_body(&document, &mut Vec::new(), Place::Top);
    Ok(writer.text)
}

struct Writer {
    text: String,
}

impl Writer {
    /// Writes the entries of a section whose header already stands, then the sections below it.
    fn table_body<'a>(&mut self, table: &'a Table<'a>, path: &mut Vec<&'a str>, place: Place) {
        let plain = table.len()
            - table
                .iter()
                .rev()
                .take_while(|(key, node)| is_section(key, node, path))
                .count();
        for (key, node) in &table[..plain] {
            self.entry(key, node, place);
        }
        for (key, node) in &table[plain..] {
            path.push(key);
            match node {
                Node::Array(items) => self.blocks(items, path),
                Node::Table(entries) => self.section(entries, path, place),
                _ => unreachable!("only tables and arrays of tables are sections"),
            }
            path.pop();
        }
    }

    /// Writes `[path]` and what it holds; a table of nothing but sections needs no header of its own.
    fn section<'a>(&mut self, table: &'a Table<'a>, path: &mut Vec<&'a str>, place: Place) {
        let holds_only_sections =
            !table.is_empty() && table.iter().all(|(key, node)| is_section(key, node, path));
        if !holds_only_sections {
            if place != Place::Package && !self.text.is_empty() {
                self.text.push('\n');
            }
            self.header("[", path, "]\n");
        }
        self.table_body(
            table,
            path,
            if place == Place::Top {
                Place::Tool
            } else {
                place
            },
        );
    }

    fn blocks<'a>(&mut self, items: &'a [Node<'a>], path: &mut Vec<&'a str>) {
        let place = if path.last() == Some(&BLOCK_LISTS[0]) {
            Place::Package
        } else {
            Place::Tool
        };
        for item in items {
            let Node::Table(entries) = item else {
                unreachable!("a block list holds tables")
            };
            if !self.text.is_empty() {
                self.text.push('\n');
            }
            self.header("[[", path, "]]\n");
            self.table_body(entries, path, place);
        }
    }

    fn header(&mut self, open: &str, path: &[&str], close: &str) {
        self.text.push_str(open);
        for (index, key) in path.iter().enumerate() {
            if index > 0 {
                self.text.push('.');
            }
            self.key(key);
        }
        self.text.push_str(close);
    }

    /// Writes `key = value`, or `key.inner = value` lines for a table inside a section of `[tool]`.
    fn entry(&mut self, key: &str, node: &Node<'_>, place: Place) {
        if let Node::Table(entries) = node
            && place == Place::Tool
            && !entries.is_empty()
        {
            for (inner, value) in entries {
                self.key(key);
                self.text.push('.');
                self.assignment(inner, value, place);
            }
            return;
        }
        self.assignment(key, node, place);
    }

    fn assignment(&mut self, key: &str, node: &Node<'_>, place: Place) {
        self.key(key);
        self.text.push_str(" = ");
        match node {
            Node::Array(items) if is_spread(key, items, place) => {
                self.text.push_str("[\n");
                for item in items {
                    self.text.push_str("  ");
                    self.inline(key, item);
                    self.text.push_str(",\n");
                }
                self.text.push(']');
            }
            _ => self.inline(key, node),
        }
        self.text.push('\n');
    }

    fn inline(&mut self, key: &str, node: &Node<'_>) {
        match node {
            Node::Text(text) if key == DATETIME_KEY && is_offset_datetime(text) => {
                self.text.push_str(text);
            }
            Node::Text(text) => self.string(text),
            Node::Integer(number) => write!(self.text, "{number}").expect("text takes all"),
            Node::Float(number) => self.text.push_str(&number.to_toml_value()),
            Node::Boolean(value) => self.text.push_str(if *value { "true" } else { "false" }),
            Node::Array(items) => {
                self.text.push('[');
                for (index, item) in items.iter().enumerate() {
                    self.text.push_str(if index > 0 { ", " } else { "" });
                    self.inline(key, item);
                }
                self.text.push(']');
            }
            Node::Table(entries) if entries.is_empty() => self.text.push_str("{}"),
            Node::Table(entries) => {
                for (index, (inner, value)) in entries.iter().enumerate() {
                    self.text.push_str(if index > 0 { ", " } else { "{ " });
                    self.key(inner);
                    self.text.push_str(" = ");
                    self.inline(inner, value);
                }
                self.text.push_str(" }");
            }
        }
    }

    fn key(&mut self, key: &str) {
        let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if !key.is_empty() && key.bytes().all(is_bare) {
            self.text.push_str(key);
        } else {
            self.text.push_str(&key.to_toml_key());
        }
    }

    /// Writes a string on one line: `"..."`, or `'...'` where that spares the escapes.
    fn string(&mut self, text: &str) {
        // Nearly all texts of a lock: addresses, digests and names.
        let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
        if text.bytes().all(is_plain) {
            self.text.push('"');
            self.text.push_str(text);
            self.text.push('"');
            return;
        }
        let builder = TomlStringBuilder::new(text);
        let string = builder.as_basic_pretty().or_else(|| builder.as_literal());
        self.text
            .push_str(&string.unwrap_or_else(|| builder.as_basic()).to_toml_value());
    }
}

/// Whether an entry can be written as `[path.key]` or `[[path.key]]`, given that only sections follow it.
fn is_section(key: &str, node: &Node<'_>, path: &[&str]) -> bool {
    match (node, path) {
        (_, ["tool", _, BUILDS, inner @ ..]) => is_section(key, node, inner),
        (Node::Table(_), [] | ["packages"]) => key == "tool",
        (Node::Table(_), ["tool"] | ["packages", "tool"]) => true,
        (Node::Array(items), []) => key == BLOCK_LISTS[0] && are_tables(items),
        (Node::Array(items), ["tool", _]) => BLOCK_LISTS[1..].contains(&key) && are_tables(items),
        _ => false,
    }
}

fn are_tables(items: &[Node<'_>]) -> bool {
    !items.is_empty() && items.iter().all(|item| matches!(item, Node::Table(_)))
}

/// Whether an array takes one line an item.
fn is_spread(key: &str, items: &[Node<'_>], place: Place) -> bool {
    match place {
        _ if items.is_empty() => false,
        Place::Top => !NAME_LISTS.contains(&key),
        Place::Tool => true,
        Place::Package => items.len() > 1 || DISTRIBUTION_LISTS.contains(&key),
    }
}

/// Whether TOML reads the text as an offset datetime and gives the same text back.
fn is_offset_datetime(text: &str) -> bool {
    is_plain_utc(text.as_bytes())
        || text.as_bytes().get(10) == Some(&b'T')
            && text.as_bytes().get(16) == Some(&b':')
            && !text.ends_with('z')
            && text
                .parse::<toml::value::Datetime>()
                .is_ok_and(|datetime| datetime.offset.is_some())
}

/// Whether it is `2026-01-02T03:04:05Z` or `2026-01-02T03:04:05.678Z`, as nearly all of a lock, on a day that every month has.
fn is_plain_utc(text: &[u8]) -> bool {
    const FORM: &[u8; 19] = b"dddd-dd-ddTdd:dd:dd";
    let Some((moment, rest)) = text.split_at_checked(FORM.len()) else {
        return false;
    };
    let has_form = moment.iter().zip(FORM).all(|(byte, form)| match form {
        b'd' => byte.is_ascii_digit(),
        _ => byte == form,
    });
    let is_within = |at: usize, least: &str, most: &str| {
        (least.as_bytes()..=most.as_bytes()).contains(&&moment[at..at + 2])
    };
    let ends = match rest {
        [b'Z'] => true,
        [b'.', fraction @ .., b'Z'] => {
            (1..=9).contains(&fraction.len()) && fraction.iter().all(u8::is_ascii_digit)
        }
        _ => false,
    };
    ends && has_form
        && is_within(5, "01", "12")
        && is_within(8, "01", "28")
        && is_within(11, "00", "23")
        && is_within(14, "00", "59")
        && is_within(17, "00", "59")
}

#[cfg(test)]
mod tests {
    use super::is_plain_utc;

    #[test]
    fn what_is_plainly_utc_is_a_datetime_of_toml() {
        let months = ["00", "01", "12", "13"];
        let days = ["00", "01", "28", "29", "31", "32"];
        let times = [
            "00:00:00Z",
            "23:59:59Z",
            "00:00:00.5Z",
            "00:00:00.123456789Z",
        ];
        let others = [
            "24:00:00Z",
            "00:60:00Z",
            "00:00:60Z",
            "00:00:00z",
            "0d:00:00Z",
            "00:00:00",
            "00:00:00.Z",
            "00:00:00.1234567890Z",
            "00:00:00.d1Z",
            "00:00:00+01:00",
            "",
        ];
        let mut plain = 0;
        for month in months {
            for day in days {
                for time in times.iter().chain(&others) {
                    let text = format!("2026-{month}-{day}T{time}");
                    if is_plain_utc(text.as_bytes()) {
                        plain += 1;
                        let datetime = text.parse::<toml::value::Datetime>();
                        assert_eq!(datetime.expect("a datetime").to_string(), text);
                    }
                }
            }
        }
        assert_eq!(plain, 2 * 2 * times.len());
    }
}
