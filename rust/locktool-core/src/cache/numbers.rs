//! A column of numbers in as few bytes as its range takes, each still found by its position.
//!
//! ```text
//! header     one byte: 16 * (bytes of the base) + (bytes of a cell), each 0..=8
//! base       added to every cell, modulo 2^64
//! cells      little-endian; of 0 bytes where every number is the base
//! ```
//! A column without rows, or of zeros alone, is empty. A column whose length has to say how many rows there are has
//! cells of at least one byte.

/// The bytes of a column.
pub(super) fn pack(numbers: &[u64], counts_rows: bool) -> Vec<u8> {
    let (Some(&least), Some(&most)) = (numbers.iter().min(), numbers.iter().max()) else {
        return Vec::new();
    };
    let narrowest = usize::from(counts_rows);
    if most == 0 && !counts_rows {
        return Vec::new();
    }
    let width_above = |base: u64| bytes_of(most - base).max(narrowest);
    let cost = |base: u64| bytes_of(base) + width_above(base) * numbers.len();
    let base = if cost(least) < cost(0) { least } else { 0 };
    let (base_width, width) = (bytes_of(base), width_above(base));
    let mut out = Vec::with_capacity(1 + cost(base));
    out.push(u8::try_from(base_width << 4 | width).unwrap_or_default());
    out.extend_from_slice(&base.to_le_bytes()[..base_width]);
    let cells = numbers.iter().map(|number| (number - base).to_le_bytes());
    match width {
        0 => {}
        // Most columns: a loop without the copying of so many bytes.
        1 => out.extend(cells.map(|[lowest, ..]| lowest)),
        _ => cells.for_each(|cell| out.extend_from_slice(&cell[..width])),
    }
    out
}

/// How many bytes a number takes.
fn bytes_of(number: u64) -> usize {
    (u64::BITS - number.leading_zeros()).div_ceil(8) as usize
}

/// How the cells of a column are read.
#[derive(Clone, Copy, Default)]
pub(super) struct Packing {
    base: u64,
    width: u8,
    /// Where the cells begin.
    pub cells: u8,
}

impl Packing {
    /// Reads what stands before the cells; `None` unless a writer could have written it.
    pub fn read(column: &[u8]) -> Option<Self> {
        let Some((&header, rest)) = column.split_first() else {
            return Some(Self::default());
        };
        let (base_width, width) = (header >> 4, header & 15);
        if base_width > 8 || width > 8 {
            return None;
        }
        Some(Self {
            base: number(rest.get(..usize::from(base_width))?),
            width,
            cells: 1 + base_width,
        })
    }

    /// How many rows some bytes of cells are; `None` where they are no whole number, or where the length says nothing.
    pub fn rows(self, bytes: usize) -> Option<usize> {
        let width = usize::from(self.width);
        match width {
            0 => None,
            _ => bytes.is_multiple_of(width).then_some(bytes / width),
        }
    }

    /// Whether some bytes of cells are so many rows.
    pub fn fits(self, bytes: usize, rows: usize) -> bool {
        rows.checked_mul(usize::from(self.width)) == Some(bytes)
    }

    /// The number of a row; the base where there is no such cell.
    pub fn number(self, cells: &[u8], row: usize) -> u64 {
        let width = usize::from(self.width);
        let start = row.saturating_mul(width);
        let cell = cells.get(start..start.saturating_add(width));
        self.base.wrapping_add(number(cell.unwrap_or_default()))
    }
}

/// At most eight little-endian bytes. Most are one or two, for which copying them into a word takes longer.
fn number(bytes: &[u8]) -> u64 {
    let from_the_highest = bytes.iter().rev();
    from_the_highest.fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Packing, pack};

    fn unpack(column: &[u8], rows: usize) -> Vec<u64> {
        let packing = Packing::read(column).expect("a column");
        let cells = &column[usize::from(packing.cells)..];
        (0..rows).map(|row| packing.number(cells, row)).collect()
    }

    proptest! {
        #[test]
        fn pack_then_read_is_identity(
            numbers in prop::collection::vec(prop_oneof![any::<u64>(), 0..4_u64, 1000..1100_u64], 0..20),
            counts_rows: bool,
        ) {
            let column = pack(&numbers, counts_rows);
            prop_assert_eq!(unpack(&column, numbers.len()), numbers.clone());
            if counts_rows && !numbers.is_empty() {
                let packing = Packing::read(&column).expect("a column");
                let cells = column.len() - usize::from(packing.cells);
                prop_assert_eq!(packing.rows(cells), Some(numbers.len()));
            }
        }
    }

    #[test]
    fn a_column_takes_what_its_range_takes() {
        assert!(pack(&[0, 0, 0], false).is_empty());
        assert_eq!(pack(&[7, 7, 7], false), [0x10, 7]);
        assert_eq!(pack(&[7, 7], true), [0x01, 7, 7]);
        assert_eq!(pack(&[300, 300, 301], true), [0x21, 44, 1, 0, 0, 1]);
        let times = [1_700_000_000_123, 1_700_000_000_223, 1_700_000_000_173];
        assert_eq!(pack(&times, false).len(), 1 + 6 + 3);
        let packing = Packing::read(&[0x18, 7]).expect("a column");
        assert_eq!(packing.number(&[], usize::MAX), 7);
    }

    #[test]
    fn widths_that_nobody_writes_are_refused() {
        assert!(Packing::read(&[0x09]).is_none());
        assert!(Packing::read(&[0x90]).is_none());
        assert!(Packing::read(&[0x21, 0]).is_none());
    }
}
