//! An array of columns, written cell by cell and read in place.
//!
//! Reading checks the length of every column; what then still does not fit together (columns written wrongly on
//! purpose) reads as empty text or zero, never as a panic.

use rmp::decode::{read_array_len, read_bin_len, read_bool, read_str_len};
use rmp::encode::{write_array_len, write_bin, write_bool, write_str};
use rustc_hash::FxHashMap;

use super::layout::Kind;
use super::numbers::{Packing, pack};

/// Where the content of a column stands within the bytes, and how its numbers are read.
#[derive(Clone, Copy, Default)]
struct Span {
    start: usize,
    end: usize,
    packing: Packing,
}

/// Columns over their bytes.
pub(super) struct Columns {
    bytes: Box<[u8]>,
    spans: Box<[Span]>,
}

impl Columns {
    /// Finds the columns; `None` unless exactly these are there and fit together.
    pub fn read(bytes: Box<[u8]>, kinds: &[Kind]) -> Option<Self> {
        let mut spans = vec![Span::default(); kinds.len()].into_boxed_slice();
        let mut rest = &bytes[..];
        if read_array_len(&mut rest).ok()? as usize != kinds.len() {
            return None;
        }
        for (span, kind) in spans.iter_mut().zip(kinds) {
            *span = read_value(&bytes, &mut rest, *kind)?;
        }
        if !rest.is_empty() {
            return None;
        }
        let columns = Self { bytes, spans };
        let mut numbered = kinds.iter().enumerate();
        let fits = numbered.all(|(column, kind)| columns.fits(column, *kind));
        fits.then_some(columns)
    }

    /// The whole array.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn fits(&self, column: usize, kind: Kind) -> bool {
        let content = self.column(column);
        match kind {
            Kind::Text => std::str::from_utf8(content).is_ok(),
            Kind::Truth | Kind::Bytes => true,
            Kind::Digests => content.len().is_multiple_of(32),
            Kind::Counting => content.is_empty() || self.rows(column).is_some(),
            Kind::Row(counting) => self.spans[column]
                .packing
                .fits(content.len(), self.count(counting)),
        }
    }

    fn rows(&self, column: usize) -> Option<usize> {
        self.spans[column].packing.rows(self.column(column).len())
    }

    /// How many rows a counting column has.
    pub fn count(&self, column: usize) -> usize {
        self.rows(column).unwrap_or(0)
    }

    /// The content of a column, of a column of numbers its cells.
    pub fn column(&self, column: usize) -> &[u8] {
        let span = self.spans[column];
        &self.bytes[span.start..span.end]
    }

    pub fn text(&self, column: usize) -> &str {
        std::str::from_utf8(self.column(column)).unwrap_or_default()
    }

    pub fn truth(&self, column: usize) -> bool {
        read_bool(&mut self.column(column)).unwrap_or_default()
    }

    /// The number of a row.
    pub fn number(&self, column: usize, row: usize) -> u64 {
        self.spans[column].packing.number(self.column(column), row)
    }

    /// The number of a row that is a position or a length.
    pub fn position(&self, column: usize, row: usize) -> usize {
        usize::try_from(self.number(column, row)).unwrap_or(usize::MAX)
    }

    /// A digest of a column of digests; zeros where there is no such one.
    pub fn digest(&self, column: usize, at: usize) -> [u8; 32] {
        let digests = self.column(column).as_chunks::<32>().0;
        digests.get(at).copied().unwrap_or_default()
    }

    /// Where a row of a column of ends begins.
    pub fn start(&self, ends: usize, row: usize) -> usize {
        row.checked_sub(1).map_or(0, |row| self.position(ends, row))
    }

    /// A row of texts that stand one behind the other.
    pub fn slice(&self, (texts, ends): (usize, usize), row: usize) -> Option<&str> {
        let (first, end) = (self.start(ends, row), self.position(ends, row));
        let bytes = self.column(texts).get(first..end)?;
        std::str::from_utf8(bytes).ok()
    }

    /// The text of a table by its position plus one; `None` for 0.
    pub fn named(&self, table: (usize, usize), position: u64) -> Option<&str> {
        let row = usize::try_from(position.checked_sub(1)?).ok()?;
        (row < self.count(table.1)).then(|| self.slice(table, row))?
    }
}

fn read_value(bytes: &[u8], rest: &mut &[u8], kind: Kind) -> Option<Span> {
    let place = |rest: &[u8]| bytes.len() - rest.len();
    let length = match kind {
        Kind::Text => read_str_len(rest).ok()?,
        Kind::Truth => {
            let start = place(rest);
            read_bool(rest).ok()?;
            return Some(Span {
                start,
                end: start + 1,
                ..Span::default()
            });
        }
        _ => read_bin_len(rest).ok()?,
    };
    let start = place(rest);
    let content = rest.get(..length as usize)?;
    *rest = &rest[length as usize..];
    let packing = match kind {
        Kind::Counting | Kind::Row(_) => Packing::read(content)?,
        _ => Packing::default(),
    };
    Some(Span {
        start: start + usize::from(packing.cells),
        end: start + length as usize,
        packing,
    })
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
    kinds: &'static [Kind],
    bytes: Vec<Vec<u8>>,
    numbers: Vec<Vec<u64>>,
    table: (usize, usize),
    positions: FxHashMap<String, u64>,
}

impl ColumnsWriter {
    pub fn new(kinds: &'static [Kind], table: (usize, usize)) -> Self {
        Self {
            kinds,
            bytes: vec![Vec::new(); kinds.len()],
            numbers: vec![Vec::new(); kinds.len()],
            table,
            positions: FxHashMap::default(),
        }
    }

    /// Columns that were read, so that more can be appended; of the table the first so many texts.
    pub fn of(
        columns: &Columns,
        (kinds, table): (&'static [Kind], (usize, usize)),
        texts: u64,
    ) -> Self {
        let mut writer = Self::new(kinds, table);
        for (column, kind) in kinds.iter().enumerate() {
            let rows = match kind {
                _ if column == table.0 || column == table.1 => 0,
                Kind::Truth => {
                    writer.bytes[column].extend(columns.truth(column).then_some(1));
                    0
                }
                Kind::Text | Kind::Bytes | Kind::Digests => {
                    writer.push_bytes(column, columns.column(column));
                    0
                }
                Kind::Counting => columns.count(column),
                Kind::Row(counting) => columns.count(*counting),
            };
            writer.numbers[column].extend((0..rows).map(|row| columns.number(column, row)));
        }
        for position in 1..=texts.min(as_number(columns.count(table.1))) {
            writer.append(columns.named(table, position).unwrap_or_default());
        }
        writer
    }

    /// Takes back all rows, and keeps their memory for others.
    pub fn clear(&mut self) {
        self.bytes.iter_mut().for_each(Vec::clear);
        self.numbers.iter_mut().for_each(Vec::clear);
        self.positions.clear();
    }

    /// Takes back the rows of a column of numbers.
    pub fn clear_numbers(&mut self, column: usize) {
        self.numbers[column].clear();
    }

    /// The position of a text in the table, plus one.
    pub fn string(&mut self, text: &str) -> u64 {
        if let Some(&position) = self.positions.get(text) {
            return position;
        }
        self.append(text)
    }

    /// Appends a text to the table, which may have it already.
    fn append(&mut self, text: &str) -> u64 {
        self.push_text(self.table, text);
        let position = as_number(self.rows(self.table.1));
        *self.positions.entry(text.to_owned()).or_insert(position)
    }

    /// The same, or 0 for none.
    pub fn optional(&mut self, text: Option<&str>) -> u64 {
        text.map_or(0, |text| self.string(text))
    }

    /// A row of texts that stand one behind the other.
    pub fn push_text(&mut self, (texts, ends): (usize, usize), text: &str) {
        self.push_bytes(texts, text.as_bytes());
        self.push(ends, as_number(self.bytes[texts].len()));
    }

    pub fn push(&mut self, column: usize, number: u64) {
        self.numbers[column].push(number);
    }

    pub fn push_bytes(&mut self, column: usize, bytes: &[u8]) {
        self.bytes[column].extend_from_slice(bytes);
    }

    /// How many rows a column of numbers has so far.
    pub fn rows(&self, column: usize) -> usize {
        self.numbers[column].len()
    }

    /// The array.
    pub fn write(&self) -> Vec<u8> {
        let mut out = Vec::new();
        write_array_len(&mut out, as_word(self.kinds.len())).expect(IN_MEMORY);
        for (column, kind) in self.kinds.iter().enumerate() {
            let (bytes, numbers) = (&self.bytes[column], &self.numbers[column]);
            match kind {
                Kind::Text => write_str(&mut out, std::str::from_utf8(bytes).unwrap_or_default()),
                Kind::Truth => {
                    write_bool(&mut out, !bytes.is_empty()).expect(IN_MEMORY);
                    Ok(())
                }
                Kind::Bytes | Kind::Digests => write_bin(&mut out, bytes),
                Kind::Counting => write_bin(&mut out, &pack(numbers, true)),
                Kind::Row(_) => write_bin(&mut out, &pack(numbers, false)),
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

/// The same as a cell of a column of numbers.
pub(super) fn as_number(number: usize) -> u64 {
    u64::from(as_word(number))
}
