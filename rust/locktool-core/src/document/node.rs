//! A document read from `MessagePack`, borrowed from its bytes: what TOML can hold and nothing more.
//!
//! Null, binary and extension values, numbers past 64 bits, repeated keys and nesting deeper than any lock has
//! are refused with the place where they stand.

use rmp::Marker;
use rmp::decode::{
    read_array_len, read_f32, read_f64, read_int, read_map_len, read_marker, read_str_from_slice,
};
use rustc_hash::FxHashSet;

/// Deeper documents are refused on reading as on writing: the TOML parser stops at 80 levels.
const DEPTH_LIMIT: usize = 64;

/// Past this many keys a hash set finds a repeated key faster than comparing each with each.
const SHORT_TABLE: usize = 16;

/// One value of a document.
#[derive(Debug, PartialEq)]
pub(super) enum Node<'a> {
    /// `"numpy"`
    Text(&'a str),
    /// `42`
    Integer(i64),
    /// `1.5`
    Float(f64),
    /// `true`
    Boolean(bool),
    /// `["dev"]`
    Array(Vec<Self>),
    /// `{ name = "numpy" }`, keys in the order they were written
    Table(Vec<(&'a str, Self)>),
}

/// Why `MessagePack` bytes are not a document that TOML can hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} (at {path})")]
pub struct InvalidDocument {
    /// The keys that lead to the value, `packages.3.wheels`; `the top` for the document itself.
    pub path: String,
    /// One sentence.
    pub message: String,
}

/// Reads a whole document; its top is a table.
pub(super) fn read_document(bytes: &[u8]) -> Result<Vec<(&str, Node<'_>)>, InvalidDocument> {
    let mut reader = Reader {
        rest: bytes,
        depth: 0,
    };
    let node = reader.read().map_err(Misfit::finish)?;
    if !reader.rest.is_empty() {
        return Err(Misfit::new("Bytes follow the end of the document.").finish());
    }
    match node {
        Node::Table(entries) => Ok(entries),
        _ => Err(Misfit::new("A document is a table.").finish()),
    }
}

/// A failure on its way out: each level adds its key.
struct Misfit {
    message: String,
    path: Vec<String>,
}

impl Misfit {
    fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            path: Vec::new(),
        }
    }

    fn inside(mut self, key: &impl ToString) -> Self {
        self.path.push(key.to_string());
        self
    }

    fn finish(mut self) -> InvalidDocument {
        self.path.reverse();
        let path = if self.path.is_empty() {
            "the top".to_owned()
        } else {
            self.path.join(".")
        };
        InvalidDocument {
            path,
            message: self.message,
        }
    }
}

struct Reader<'a> {
    rest: &'a [u8],
    depth: usize,
}

impl<'a> Reader<'a> {
    fn read(&mut self) -> Result<Node<'a>, Misfit> {
        let Some(&first) = self.rest.first() else {
            return Err(truncated());
        };
        match Marker::from_u8(first) {
            Marker::FixStr(_) | Marker::Str8 | Marker::Str16 | Marker::Str32 => {
                self.text().map(Node::Text)
            }
            Marker::FixMap(_) | Marker::Map16 | Marker::Map32 => self.nested(Self::table),
            Marker::FixArray(_) | Marker::Array16 | Marker::Array32 => self.nested(Self::array),
            Marker::True | Marker::False => {
                read_marker(&mut self.rest).map_err(|_| truncated())?;
                Ok(Node::Boolean(first == Marker::True.to_u8()))
            }
            Marker::F32 => read_f32(&mut self.rest)
                .map(|value| Node::Float(value.into()))
                .map_err(|_| truncated()),
            Marker::F64 => read_f64(&mut self.rest)
                .map(Node::Float)
                .map_err(|_| truncated()),
            Marker::Null => Err(Misfit::new("TOML has no null: leave the key out.")),
            Marker::Bin8 | Marker::Bin16 | Marker::Bin32 => {
                Err(Misfit::new("TOML has no binary value."))
            }
            Marker::FixPos(_)
            | Marker::FixNeg(_)
            | Marker::U8
            | Marker::U16
            | Marker::U32
            | Marker::U64
            | Marker::I8
            | Marker::I16
            | Marker::I32
            | Marker::I64 => self.integer(),
            _ => Err(Misfit::new("TOML has no MessagePack extension value.")),
        }
    }

    fn nested(
        &mut self,
        read: fn(&mut Self) -> Result<Node<'a>, Misfit>,
    ) -> Result<Node<'a>, Misfit> {
        if self.depth == DEPTH_LIMIT {
            return Err(Misfit::new(format!(
                "The document is nested deeper than {DEPTH_LIMIT} levels."
            )));
        }
        self.depth += 1;
        let node = read(self);
        self.depth -= 1;
        node
    }

    fn table(&mut self) -> Result<Node<'a>, Misfit> {
        let length = read_map_len(&mut self.rest).map_err(|_| truncated())? as usize;
        // Each entry takes two bytes at least, so a lying length cannot reserve more than the input's size.
        let mut entries = Vec::with_capacity(length.min(self.rest.len() / 2));
        for _ in 0..length {
            let key = self.text()?;
            let value = self.read().map_err(|misfit| misfit.inside(&key))?;
            entries.push((key, value));
        }
        match repeated_key(&entries) {
            Some(key) => Err(Misfit::new("A key stands twice in one table.").inside(&key)),
            None => Ok(Node::Table(entries)),
        }
    }

    fn array(&mut self) -> Result<Node<'a>, Misfit> {
        let length = read_array_len(&mut self.rest).map_err(|_| truncated())? as usize;
        let mut items = Vec::with_capacity(length.min(self.rest.len()));
        for index in 0..length {
            items.push(self.read().map_err(|misfit| misfit.inside(&index))?);
        }
        Ok(Node::Array(items))
    }

    fn text(&mut self) -> Result<&'a str, Misfit> {
        let (text, rest) = read_str_from_slice(self.rest).map_err(|_| {
            Misfit::new("A string is truncated, is not UTF-8, or a key is not a string.")
        })?;
        self.rest = rest;
        Ok(text)
    }

    fn integer(&mut self) -> Result<Node<'a>, Misfit> {
        read_int(&mut self.rest)
            .map(Node::Integer)
            .map_err(|_| Misfit::new("An integer is truncated or does not fit in 64 signed bits."))
    }
}

fn truncated() -> Misfit {
    Misfit::new("The bytes end before the document does.")
}

fn repeated_key<'a>(entries: &[(&'a str, Node<'_>)]) -> Option<&'a str> {
    if entries.len() <= SHORT_TABLE {
        let repeated = |&(index, (key, _)): &(usize, &(&'a str, Node<'_>))| {
            entries[..index].iter().any(|(earlier, _)| earlier == key)
        };
        return entries
            .iter()
            .enumerate()
            .find(repeated)
            .map(|(_, (key, _))| *key);
    }
    let mut seen = FxHashSet::default();
    entries
        .iter()
        .map(|(key, _)| *key)
        .find(|key| !seen.insert(*key))
}
