//! The plain part of TOML that locks are written in, read in one pass into values that borrow from the text.
//!
//! A lock of several megabytes is read by every check. Whatever is read here is TOML 1.0 and means the same to the general
//! reader. What is not plain (quoted keys, multi-line strings, floats, tables opened twice) and what is no TOML at all is left to
//! that reader, which also says what is wrong and where.

use std::borrow::Cow;

use jiff::civil::Date;

use super::encoder::Encoder;

/// How deep values may stand in each other.
const MOST_DEPTH: usize = 32;

/// How many keys a table may have: each is compared with all before it.
const MOST_KEYS: usize = 512;

/// The key of a time. In quotes it is a string, which the values here do not tell from a time.
const TIME: &str = "upload-time";

/// A document that was read: its values, which borrow from the text.
pub struct PlainDocument<'a> {
    text: &'a str,
    pub(super) nodes: Vec<Node<'a>>,
}

impl<'a> PlainDocument<'a> {
    /// The place of the table of everything.
    pub(super) const ROOT: usize = 0;

    /// Reads a document; `None` if it is not plain.
    pub fn parse(text: &'a str) -> Option<Self> {
        Self::read_after(None, text)
    }

    /// Reads a document into the memory of one that is done with.
    pub fn read_after(before: Option<Self>, text: &'a str) -> Option<Self> {
        let mut nodes = before.map_or_else(Vec::new, |before| before.nodes);
        nodes.clear();
        nodes.push(Node::new("", Value::Table(Opened::ByHeader), 0));
        let mut reader = Reader {
            text,
            place: 0,
            nodes,
        };
        reader.document()?;
        Some(Self {
            text,
            nodes: reader.nodes,
        })
    }

    /// The document as `MessagePack`.
    pub fn to_messagepack(&self) -> Vec<u8> {
        let mut encoder = Encoder::for_text(self.text);
        self.write(Self::ROOT, &mut encoder);
        encoder.bytes
    }

    fn write(&self, place: usize, encoder: &mut Encoder) {
        let node = &self.nodes[place];
        match &node.value {
            Value::Text(text) => encoder.text(text),
            Value::Integer(number) => encoder.integer(*number),
            Value::Boolean(boolean) => encoder.boolean(*boolean),
            Value::Array | Value::Tables => encoder.array(node.children),
            Value::Table(_) => encoder.table(node.children),
        }
        let has_keys = matches!(node.value, Value::Table(_));
        let mut child = node.first;
        while let Some(place) = child {
            if has_keys {
                encoder.text(self.nodes[place].key);
            }
            self.write(place, encoder);
            child = self.nodes[place].next;
        }
    }
}

/// What opened a table, which says where keys may be added to it later.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Opened {
    /// Its own header, or that of a table within it.
    ByHeader,
    /// A dotted key of the table around it.
    ByDots,
    /// Braces.
    Inline,
}

pub(super) enum Value<'a> {
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
pub(super) struct Node<'a> {
    pub key: &'a str,
    pub value: Value<'a>,
    depth: usize,
    pub children: usize,
    pub first: Option<usize>,
    last: Option<usize>,
    pub next: Option<usize>,
}

impl<'a> Node<'a> {
    fn new(key: &'a str, value: Value<'a>, depth: usize) -> Self {
        Self {
            key,
            value,
            depth,
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
        let mut table = PlainDocument::ROOT;
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
        let (table, key) = self.path(PlainDocument::ROOT, Opened::ByHeader)?;
        self.expect(b']')?;
        if !is_item {
            return self.add(table, key, Value::Table(Opened::ByHeader));
        }
        self.expect(b']')?;
        let tables = match self.child(table, key) {
            Some(known) => matches!(self.nodes[known].value, Value::Tables).then_some(known)?,
            None => self.add(table, key, Value::Tables)?,
        };
        self.append(tables, "", Value::Table(Opened::ByHeader))
    }

    /// `key = value` or `key.key = value`.
    fn entry(&mut self, table: usize) -> Option<()> {
        let (table, key) = self.path(table, Opened::ByDots)?;
        self.expect(b'=')?;
        self.skip_blanks();
        self.check_vacant(table, key)?;
        self.value(table, key)
    }

    /// The keys between dots: gives the table that all but the last lead to, and the last. Tables on the way are opened.
    fn path(&mut self, table: usize, opened: Opened) -> Option<(usize, &'a str)> {
        let mut table = table;
        loop {
            let key = self.key()?;
            self.skip_blanks();
            if !self.take(b'.') {
                return Some((table, key));
            }
            table = match self.child(table, key) {
                Some(known) => self.opened(known, opened)?,
                None => self.add(table, key, Value::Table(opened))?,
            };
        }
    }

    /// The table that a known key stands for on a path, if it was opened in the same way.
    fn opened(&self, known: usize, opened: Opened) -> Option<usize> {
        match self.nodes[known].value {
            Value::Table(by) if by == opened => Some(known),
            Value::Tables if opened == Opened::ByHeader => self.nodes[known].last,
            _ => None,
        }
    }

    fn key(&mut self) -> Option<&'a str> {
        let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        Some(self.take_while(is_bare)).filter(|key| !key.is_empty())
    }

    fn value(&mut self, parent: usize, key: &'a str) -> Option<()> {
        let value = match self.peek()? {
            b'"' | b'\'' if key == TIME => return None,
            b'"' => Value::Text(self.string()?),
            b'\'' => Value::Text(Cow::Borrowed(self.literal()?)),
            b'[' => return self.array(parent, key),
            b'{' => return self.inline_table(parent, key),
            _ => self.word()?,
        };
        self.append(parent, key, value)?;
        Some(())
    }

    fn array(&mut self, parent: usize, key: &'a str) -> Option<()> {
        let array = self.append(parent, key, Value::Array)?;
        self.expect(b'[')?;
        loop {
            self.skip_lines()?;
            if self.take(b']') {
                return Some(());
            }
            self.value(array, "")?;
            self.skip_lines()?;
            if !self.take(b',') {
                return self.expect(b']');
            }
        }
    }

    fn inline_table(&mut self, parent: usize, key: &'a str) -> Option<()> {
        let table = self.append(parent, key, Value::Table(Opened::Inline))?;
        self.expect(b'{')?;
        self.skip_blanks();
        if self.take(b'}') {
            return Some(());
        }
        loop {
            self.skip_blanks();
            self.entry(table)?;
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

    /// What stands before the next quote of a string or backslash (which a literal has no plain ones of), if no control character
    /// is in it.
    fn characters(&mut self, quote: u8) -> Option<&'a str> {
        let rest = &self.text.as_bytes()[self.place..];
        let length = memchr::memchr2(quote, b'\\', rest)?;
        // Without a branch for each byte: most of a lock is addresses and hashes in quotes.
        let controls = rest[..length].iter();
        let has_control = controls.fold(false, |found, byte| found | is_control(*byte));
        (!has_control).then(|| self.slice(length))?
    }

    /// A boolean, a datetime or an integer.
    fn word(&mut self) -> Option<Value<'a>> {
        let word = self.take_while(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b':' | b'.')
        });
        match word {
            "true" => return Some(Value::Boolean(true)),
            "false" => return Some(Value::Boolean(false)),
            moment if is_moment(moment) => return Some(Value::Text(Cow::Borrowed(moment))),
            _ => {}
        }
        let digits = word.strip_prefix('-').unwrap_or(word).as_bytes();
        let is_plain =
            digits.iter().all(u8::is_ascii_digit) && (digits.first() != Some(&b'0') || word == "0");
        is_plain.then(|| word.parse().ok())?.map(Value::Integer)
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

    /// The ASCII characters from here on that belong together.
    fn take_while(&mut self, belongs: impl Fn(u8) -> bool) -> &'a str {
        let rest = &self.text.as_bytes()[self.place..];
        let length = rest.iter().take_while(|byte| belongs(**byte)).count();
        self.slice(length).unwrap_or_default()
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
        self.append(table, key, value)
    }

    /// Adds a value to a table or an array that is not too deep for it.
    fn append(&mut self, parent: usize, key: &'a str, value: Value<'a>) -> Option<usize> {
        let place = self.nodes.len();
        let around = &mut self.nodes[parent];
        if around.depth == MOST_DEPTH {
            return None;
        }
        let node = Node::new(key, value, around.depth + 1);
        around.children += 1;
        match around.last.replace(place) {
            Some(before) => self.nodes[before].next = Some(place),
            None => around.first = Some(place),
        }
        self.nodes.push(node);
        Some(place)
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
