//! A map of columns, written cell by cell and read in place.
//!
//! Reading checks the length of every column; what then still does not fit together (columns written wrongly on
//! purpose) reads as empty text or zero, never as a panic.

use rmp::decode::{read_bin_len, read_bool, read_map_len, read_str_len};
use rmp::encode::{write_bin, write_bool, write_map_len, write_str};
use rustc_hash::FxHashMap;

use super::layout::{Field, Kind};

/// Start and end within the bytes.
#[derive(Clone, Copy, Default)]
struct Span(usize, usize);

/// The columns of a map, over its bytes.
pub(super) struct Columns {
    bytes: Box<[u8]>,
    spans: Box<[Span]>,
}

impl Columns {
    /// Finds the columns in a map; `None` unless exactly these fields are there and fit together.
    pub fn read(bytes: Box<[u8]>, fields: &[Field]) -> Option<Self> {
        let mut spans = vec![Span::default(); fields.len()].into_boxed_slice();
        let mut rest = &bytes[..];
        if read_map_len(&mut rest).ok()? as usize != fields.len() {
            return None;
        }
        for (span, (key, kind)) in spans.iter_mut().zip(fields) {
            if read_text(&mut rest)? != *key {
                return None;
            }
            *span = read_value(bytes.len(), &mut rest, *kind)?;
        }
        if !rest.is_empty() {
            return None;
        }
        let columns = Self { bytes, spans };
        let mut kinds = fields.iter().map(|(_, kind)| *kind).enumerate();
        let fits = kinds.all(|(column, kind)| columns.fits(column, kind, fields));
        fits.then_some(columns)
    }

    fn fits(&self, column: usize, kind: Kind, fields: &[Field]) -> bool {
        let length = self.column(column).len();
        match kind {
            Kind::Text => std::str::from_utf8(self.column(column)).is_ok(),
            Kind::Truth | Kind::Bytes => true,
            Kind::Counting(width) => length.is_multiple_of(width),
            Kind::Row(width, counting) => {
                length == 0 || length == self.count(counting, fields) * width
            }
        }
    }

    /// How many rows a counting column has.
    pub fn count(&self, column: usize, fields: &[Field]) -> usize {
        match fields[column].1 {
            Kind::Counting(width) => self.column(column).len() / width,
            _ => 0,
        }
    }

    pub fn column(&self, column: usize) -> &[u8] {
        let Span(start, end) = self.spans[column];
        &self.bytes[start..end]
    }

    pub fn text(&self, column: usize) -> &str {
        std::str::from_utf8(self.column(column)).unwrap_or_default()
    }

    pub fn truth(&self, column: usize) -> bool {
        read_bool(&mut self.column(column)).unwrap_or_default()
    }

    pub fn byte(&self, column: usize, row: usize) -> u8 {
        self.column(column).get(row).copied().unwrap_or_default()
    }

    pub fn word(&self, column: usize, row: usize) -> u32 {
        u32::from_le_bytes(self.cell(column, row))
    }

    pub fn long(&self, column: usize, row: usize) -> u64 {
        u64::from_le_bytes(self.cell(column, row))
    }

    /// A cell of a column; zero in an empty column.
    pub fn cell<const WIDTH: usize>(&self, column: usize, row: usize) -> [u8; WIDTH] {
        let cell = self.column(column).get(row * WIDTH..(row + 1) * WIDTH);
        cell.and_then(|cell| cell.try_into().ok())
            .unwrap_or([0; WIDTH])
    }

    /// Where a row of a column of ends begins.
    pub fn start(&self, ends: usize, row: usize) -> u32 {
        row.checked_sub(1).map_or(0, |row| self.word(ends, row))
    }

    /// A row of texts that stand one behind the other.
    pub fn slice(&self, texts: usize, ends: usize, row: usize) -> Option<&str> {
        let (first, end) = (self.start(ends, row), self.word(ends, row));
        let bytes = self.column(texts).get(first as usize..end as usize)?;
        std::str::from_utf8(bytes).ok()
    }
}

fn read_value(total: usize, rest: &mut &[u8], kind: Kind) -> Option<Span> {
    let length = match kind {
        Kind::Text => read_str_len(rest).ok()?,
        Kind::Truth => {
            let start = total - rest.len();
            read_bool(rest).ok()?;
            return Some(Span(start, start + 1));
        }
        _ => read_bin_len(rest).ok()?,
    };
    let start = total - rest.len();
    *rest = rest.get(length as usize..)?;
    Some(Span(start, start + length as usize))
}

/// Reads a `str` value.
pub(super) fn read_text<'a>(rest: &mut &'a [u8]) -> Option<&'a str> {
    let length = read_str_len(rest).ok()? as usize;
    let text = rest.get(..length)?;
    *rest = &rest[length..];
    std::str::from_utf8(text).ok()
}

/// Columns while they grow, with a table of the texts that cells refer to.
pub(super) struct ColumnsWriter {
    fields: &'static [Field],
    values: Vec<Vec<u8>>,
    /// The columns of the table: its texts and where they end.
    table: (usize, usize),
    positions: FxHashMap<String, u32>,
}

impl ColumnsWriter {
    pub fn new(fields: &'static [Field], table: (usize, usize)) -> Self {
        Self {
            fields,
            values: vec![Vec::new(); fields.len()],
            table,
            positions: FxHashMap::default(),
        }
    }

    /// The position of a text in the table, plus one.
    pub fn string(&mut self, text: &str) -> u32 {
        if let Some(&position) = self.positions.get(text) {
            return position;
        }
        let (texts, ends) = self.table;
        self.push_text(texts, ends, text);
        let position = as_word(self.positions.len()) + 1;
        self.positions.insert(text.to_owned(), position);
        position
    }

    /// The same, or 0 for none.
    pub fn optional(&mut self, text: Option<&str>) -> u32 {
        text.map_or(0, |text| self.string(text))
    }

    /// A row of texts that stand one behind the other.
    pub fn push_text(&mut self, texts: usize, ends: usize, text: &str) {
        self.push(texts, text.as_bytes());
        self.word(ends, as_word(self.values[texts].len()));
    }

    pub fn word(&mut self, column: usize, word: u32) {
        self.push(column, &word.to_le_bytes());
    }

    pub fn push(&mut self, column: usize, bytes: &[u8]) {
        self.values[column].extend_from_slice(bytes);
    }

    /// How many bytes a column has so far.
    pub fn length(&self, column: usize) -> usize {
        self.values[column].len()
    }

    /// The map.
    pub fn write(&self) -> Vec<u8> {
        let mut out = Vec::new();
        write_map_len(&mut out, as_word(self.fields.len())).expect(IN_MEMORY);
        for ((key, kind), value) in self.fields.iter().zip(&self.values) {
            write_str(&mut out, key).expect(IN_MEMORY);
            match kind {
                Kind::Text => write_str(&mut out, std::str::from_utf8(value).unwrap_or_default()),
                Kind::Truth => {
                    write_bool(&mut out, !value.is_empty()).expect(IN_MEMORY);
                    Ok(())
                }
                Kind::Row(..) if value.iter().all(|&byte| byte == 0) => write_bin(&mut out, &[]),
                _ => write_bin(&mut out, value),
            }
            .expect(IN_MEMORY);
        }
        out
    }
}

pub(super) const IN_MEMORY: &str = "writing to memory does not fail";

/// Positions and lengths in a record fit 32 bits: pages are limited far below.
pub(super) fn as_word(number: usize) -> u32 {
    u32::try_from(number).expect("a record is smaller than 4 GiB")
}
