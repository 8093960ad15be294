//! The plain part of TOML that locks are written in, read in one pass into `MessagePack`.
//!
//! A lock of several megabytes is read by every check. Whatever is read here is TOML 1.0 and means the same to the general
//! reader. What is not plain (quoted keys, multi-line strings, floats, tables opened twice) and what is no TOML at all is left to
//! that reader, which also says what is wrong and where.

use std::borrow::Cow;

use jiff::civil::Date;
use rmp::encode::{write_array_len, write_bool, write_map_len, write_sint, write_str};

const ROOT: usize = 0;

/// How deep values may stand in each other, and how many parts a key may have.
const MOST_DEPTH: usize = 16;

/// How many keys a table may have: each is compared with all before it.
const MOST_KEYS: usize = 512;

/// Reads a document; `None` if it is not plain.
pub fn plain_to_messagepack(text: &str) -> Option<Vec<u8>> {
    let mut reader = Reader {
        text,
        place: 0,
        nodes: vec![Node::new("", Value::Table(Opened::ByHeader))],
    };
    reader.document()?;
    let mut bytes = Vec::with_capacity(text.len());
    reader.write(ROOT, &mut bytes);
    Some(bytes)
}

/// What opened a table, which says where keys may be added to it later.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Opened {
    /// Its own header, or that of a table within it.
    ByHeader,
    /// A dotted key of the table around it.
    ByDots,
    /// Braces.
    Inline,
}

enum Value<'a> {
    /// A string, or a datetime as it is written.
    Text(Cow<'a, str>),
    Integer(i64),
    Boolean(bool),
    Array,
    /// `[[packages]]`: an array that headers add tables to.
    Tables,
    Table(Opened),
}

/// A value with its key, in a list of siblings.
struct Node<'a> {
    key: &'a str,
    value: Value<'a>,
    children: usize,
    first: Option<usize>,
    last: Option<usize>,
    next: Option<usize>,
}

impl<'a> Node<'a> {
    fn new(key: &'a str, value: Value<'a>) -> Self {
        Self {
            key,
            value,
            children: 0,
            first: None,
            last: None,
            next: None,
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    place: usize,
    nodes: Vec<Node<'a>>,
}

impl<'a> Reader<'a> {
    fn document(&mut self) -> Option<()> {
        let mut table = ROOT;
        loop {
            self.skip_lines()?;
            match self.peek() {
                None => return Some(()),
                Some(b'[') => table = self.header()?,
                Some(_) => self.entry(table)?,
            }
            self.end_line()?;
        }
    }

    /// `[tool.locktool]` or `[[packages]]`: gives the table that is open from here on.
    fn header(&mut self) -> Option<usize> {
        self.expect(b'[')?;
        let is_item = self.take(b'[');
        let mut table = ROOT;
        let mut key = self.key()?;
        for _ in 1..MOST_DEPTH {
            if !self.take(b'.') {
                break;
            }
            table = match self.child(table, key) {
                Some(known) => self.opened_by_header(known)?,
                None => self.add(table, key, Value::Table(Opened::ByHeader))?,
            };
            key = self.key()?;
        }
        self.expect(b']')?;
        if !is_item {
            return self.add(table, key, Value::Table(Opened::ByHeader));
        }
        self.expect(b']')?;
        let tables = match self.child(table, key) {
            Some(known) => matches!(self.nodes[known].value, Value::Tables).then_some(known)?,
            None => self.add(table, key, Value::Tables)?,
        };
        Some(self.append(tables, Node::new("", Value::Table(Opened::ByHeader))))
    }

    /// The table that a key stands for within a header.
    fn opened_by_header(&self, known: usize) -> Option<usize> {
        match self.nodes[known].value {
            Value::Table(Opened::ByHeader) => Some(known),
            Value::Tables => self.nodes[known].last,
            _ => None,
        }
    }

    /// The table that a key stands for within a dotted key.
    fn opened_by_dots(&self, known: usize) -> Option<usize> {
        match self.nodes[known].value {
            Value::Table(Opened::ByDots) => Some(known),
            _ => None,
        }
    }

    /// `key = value` or `key.key = value`.
    fn entry(&mut self, table: usize) -> Option<()> {
        let mut table = table;
        let mut key = self.key()?;
        self.skip_blanks();
        for _ in 1..MOST_DEPTH {
            if !self.take(b'.') {
                break;
            }
            table = match self.child(table, key) {
                Some(known) => self.opened_by_dots(known)?,
                None => self.add(table, key, Value::Table(Opened::ByDots))?,
            };
            key = self.key()?;
            self.skip_blanks();
        }
        self.expect(b'=')?;
        self.skip_blanks();
        self.check_vacant(table, key)?;
        self.value(table, key, 0)
    }

    fn key(&mut self) -> Option<&'a str> {
        let rest = &self.text.as_bytes()[self.place..];
        let is_bare = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let length = rest.iter().take_while(|byte| is_bare(byte)).count();
        self.slice(length).filter(|key| !key.is_empty())
    }

    fn value(&mut self, parent: usize, key: &'a str, depth: usize) -> Option<()> {
        let value = match self.peek()? {
            b'"' => Value::Text(self.string()?),
            b'\'' => Value::Text(Cow::Borrowed(self.literal()?)),
            b'[' => return self.array(parent, key, depth),
            b'{' => return self.inline_table(parent, key, depth),
            b't' | b'f' => Value::Boolean(self.boolean()?),
            _ => self.number_or_datetime()?,
        };
        self.append(parent, Node::new(key, value));
        Some(())
    }

    fn array(&mut self, parent: usize, key: &'a str, depth: usize) -> Option<()> {
        let array = self.append(parent, Node::new(key, Value::Array));
        if depth == MOST_DEPTH {
            return None;
        }
        self.expect(b'[')?;
        loop {
            self.skip_lines()?;
            if self.take(b']') {
                return Some(());
            }
            self.value(array, "", depth + 1)?;
            self.skip_lines()?;
            if !self.take(b',') {
                return self.expect(b']');
            }
        }
    }

    fn inline_table(&mut self, parent: usize, key: &'a str, depth: usize) -> Option<()> {
        let table = self.append(parent, Node::new(key, Value::Table(Opened::Inline)));
        if depth == MOST_DEPTH {
            return None;
        }
        self.expect(b'{')?;
        self.skip_blanks();
        if self.take(b'}') {
            return Some(());
        }
        loop {
            self.skip_blanks();
            let key = self.key()?;
            self.skip_blanks();
            self.expect(b'=')?;
            self.skip_blanks();
            self.check_vacant(table, key)?;
            self.value(table, key, depth + 1)?;
            self.skip_blanks();
            if !self.take(b',') {
                return self.expect(b'}');
            }
        }
    }

    fn string(&mut self) -> Option<Cow<'a, str>> {
        self.expect(b'"')?;
        let plain = self.characters(b'"')?;
        if self.take(b'"') {
            // `""` followed by a third opens a string of several lines.
            let is_long = plain.is_empty() && self.peek() == Some(b'"');
            return (!is_long).then_some(Cow::Borrowed(plain));
        }
        let mut text = plain.to_owned();
        while !self.take(b'"') {
            self.expect(b'\\')?;
            text.push(match self.next()? {
                b'"' => '"',
                b'\\' => '\\',
                b'n' => '\n',
                b't' => '\t',
                _ => return None,
            });
            text.push_str(self.characters(b'"')?);
        }
        Some(Cow::Owned(text))
    }

    fn literal(&mut self) -> Option<&'a str> {
        self.expect(b'\'')?;
        let text = self.characters(b'\'')?;
        self.expect(b'\'')?;
        let is_long = text.is_empty() && self.peek() == Some(b'\'');
        (!is_long).then_some(text)
    }

    /// What stands before the next quote of a string, backslash (which a literal has no plain ones of) or control character.
    fn characters(&mut self, quote: u8) -> Option<&'a str> {
        let rest = &self.text.as_bytes()[self.place..];
        let ends = |byte: &u8| *byte == quote || *byte == b'\\' || is_control(*byte);
        let length = rest.iter().position(ends)?;
        self.slice(length)
    }

    fn boolean(&mut self) -> Option<bool> {
        match self.word() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    fn number_or_datetime(&mut self) -> Option<Value<'a>> {
        let word = self.word();
        if is_moment(word) {
            return Some(Value::Text(Cow::Borrowed(word)));
        }
        let digits = word.strip_prefix('-').unwrap_or(word).as_bytes();
        let is_plain =
            digits.iter().all(u8::is_ascii_digit) && (digits.first() != Some(&b'0') || word == "0");
        is_plain.then(|| word.parse().ok())?.map(Value::Integer)
    }

    /// The characters up to the next that a number, a datetime or a boolean has none of.
    fn word(&mut self) -> &'a str {
        let rest = &self.text.as_bytes()[self.place..];
        let is_part =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b':' | b'.');
        let length = rest.iter().take_while(|byte| is_part(byte)).count();
        self.slice(length).unwrap_or_default()
    }

    /// Skips white space, ends of lines and comments.
    fn skip_lines(&mut self) -> Option<()> {
        loop {
            self.skip_blanks();
            match self.peek() {
                Some(b'\n') => self.place += 1,
                Some(b'#') => self.comment()?,
                _ => return Some(()),
            }
        }
    }

    fn end_line(&mut self) -> Option<()> {
        self.skip_blanks();
        match self.peek() {
            None | Some(b'\n') => Some(()),
            Some(b'#') => self.comment(),
            Some(_) => None,
        }
    }

    fn comment(&mut self) -> Option<()> {
        let rest = &self.text.as_bytes()[self.place..];
        let length = rest.iter().position(|byte| is_control(*byte));
        self.place += length.unwrap_or(rest.len());
        matches!(self.peek(), None | Some(b'\n')).then_some(())
    }

    fn skip_blanks(&mut self) {
        while let Some(b' ' | b'\t') = self.peek() {
            self.place += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.place).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.place += 1;
        Some(byte)
    }

    fn take(&mut self, byte: u8) -> bool {
        let is_there = self.peek() == Some(byte);
        self.place += usize::from(is_there);
        is_there
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.take(byte).then_some(())
    }

    fn slice(&mut self, length: usize) -> Option<&'a str> {
        let slice = self.text.get(self.place..self.place + length)?;
        self.place += length;
        Some(slice)
    }

    /// The value of a key of a table.
    fn child(&self, table: usize, key: &str) -> Option<usize> {
        let mut child = self.nodes[table].first;
        while let Some(known) = child {
            if self.nodes[known].key == key {
                return child;
            }
            child = self.nodes[known].next;
        }
        None
    }

    /// Whether a table may take the key: it does not have it yet.
    fn check_vacant(&self, table: usize, key: &str) -> Option<()> {
        let may_grow = self.nodes[table].children < MOST_KEYS;
        (may_grow && self.child(table, key).is_none()).then_some(())
    }

    /// Adds a value to a table that does not have the key.
    fn add(&mut self, table: usize, key: &'a str, value: Value<'a>) -> Option<usize> {
        self.check_vacant(table, key)?;
        Some(self.append(table, Node::new(key, value)))
    }

    fn append(&mut self, parent: usize, node: Node<'a>) -> usize {
        let place = self.nodes.len();
        self.nodes.push(node);
        let parent = &mut self.nodes[parent];
        parent.children += 1;
        let before = parent.last.replace(place);
        match before {
            Some(before) => self.nodes[before].next = Some(place),
            None => parent.first = Some(place),
        }
        place
    }

    fn write(&self, place: usize, bytes: &mut Vec<u8>) {
        const TO_MEMORY: &str = "writing to a vector";
        let node = &self.nodes[place];
        let length = || u32::try_from(node.children).expect("fewer than 2^32 values");
        match &node.value {
            Value::Text(text) => write_str(bytes, text).expect(TO_MEMORY),
            Value::Integer(number) => {
                write_sint(bytes, *number).expect(TO_MEMORY);
            }
            Value::Boolean(boolean) => write_bool(bytes, *boolean).expect(TO_MEMORY),
            Value::Array | Value::Tables => {
                write_array_len(bytes, length()).expect(TO_MEMORY);
                self.write_children(node, false, bytes);
            }
            Value::Table(_) => {
                write_map_len(bytes, length()).expect(TO_MEMORY);
                self.write_children(node, true, bytes);
            }
        }
    }

    fn write_children(&self, parent: &Node<'a>, with_keys: bool, bytes: &mut Vec<u8>) {
        let mut child = parent.first;
        while let Some(place) = child {
            if with_keys {
                write_str(bytes, self.nodes[place].key).expect("writing to a vector");
            }
            self.write(place, bytes);
            child = self.nodes[place].next;
        }
    }
}

/// A control character; only a tab may stand in text.
fn is_control(byte: u8) -> bool {
    (byte < b' ' && byte != b'\t') || byte == 0x7f
}

/// Whether a word is a datetime as locks have it: `2025-06-18T09:00:10.843Z`.
fn is_moment(word: &str) -> bool {
    let shape = "0000-00-00T00:00:00";
    let Some((seconds, rest)) = word.split_at_checked(shape.len()) else {
        return false;
    };
    let fits = |(byte, shape): (u8, u8)| match shape {
        b'0' => byte.is_ascii_digit(),
        _ => byte == shape,
    };
    let Some(fraction) = rest.strip_suffix('Z') else {
        return false;
    };
    let is_fraction = fraction.strip_prefix('.').is_some_and(|digits| {
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    if !seconds.bytes().zip(shape.bytes()).all(fits) || !(fraction.is_empty() || is_fraction) {
        return false;
    }
    let number = |from: usize, to: usize| seconds[from..to].parse::<i8>().unwrap_or(i8::MAX);
    let year = seconds[..4].parse().unwrap_or(i16::MAX);
    Date::new(year, number(5, 7), number(8, 10)).is_ok()
        && number(11, 13) < 24
        && number(14, 16) < 60
        && number(17, 19) < 60
}
