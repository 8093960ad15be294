//! The inline form of a version: one word whose integer order is the order of PEP 440.
//!
//! ```text
//!  63   62                                                        2  1    0
//! +---+-----------------------------------------------------------+--------+
//! | 0 | code: 61 bits, first symbol highest, zeros after the end  | zeros  |
//! +---+-----------------------------------------------------------+--------+
//! | 1 | index into the table of interned versions                          |
//! +---+--------------------------------------------------------------------+
//! ```
//!
//! `zeros` counts the trailing `.0` of the release as written (`1.0.0` is `1` with two); comparison shifts it out.
//! The code is a string of prefix-free symbols, each list in ascending order, so that the first difference between
//! two codes decides:
//!
//! ```text
//! after a release number   000 dev  00100 a  00101 b  0011 rc  010 end  011 post  1 next release number
//! after a pre-release      00 dev   01 end   10 post
//! after a post-release     0 dev    1 end
//! a number                 0       + 4 bits    0 ..= 15
//!                          10      + 6 bits    16 ..= 79
//!                          110     + 9 bits    80 ..= 591
//!                          1110    + 12 bits   592 ..= 4687             years
//!                          11110   + 25 bits   4688 ..= 33559119        dates: 20260101
//!                          111110  + 32 bits   33559120 ..= 4328526415  seconds since 1970
//!                          1111110 + 27 bits   202601011234             fields of 7+4+5+5+6 bits
//!                          11111110 + 33 bits  20260101123456           fields of 7+4+5+5+6+6 bits
//! ```
//!
//! `1.26.4` takes 23 bits, `2024.10.1.3` 37, `2.17.0.dev20240101` 47, `1.2.3.dev20260101123456` all 61. What has an
//! epoch or a local part, or does not fit, is interned. All 7382 versions that `pip index versions --pre` listed on
//! 2026-11-21 for numpy, botocore, setuptools, tf-nightly, polars, ruff, types-requests, certifi, awscli,
//! apache-airflow, torch and pytz are inline; fields of one fixed width each would not hold `4.66.1.20240101` beside
//! `2024.10.1` and a dated development release.

use super::number::Number;
use super::parts::{Parts, PreKind};

/// Set in the word of an interned version.
pub(super) const INTERNED: u64 = 1 << 63;
/// Bits below the code.
pub(super) const DISPLAY_BITS: u32 = 2;
pub(super) const CODE_BITS: u32 = 61;
pub(super) const MOST_ZEROS: u64 = (1 << DISPLAY_BITS) - 1;

/// Value of the first number, payload bits; the class number is the number of leading ones.
pub(super) const CLASSES: [(u64, u32); 6] = [
    (0, 4),
    (16, 6),
    (80, 9),
    (592, 12),
    (4688, 25),
    (33_559_120, 32),
];
pub(super) const MINUTES_CLASS: u32 = 6;
pub(super) const SECONDS_CLASS: u32 = 7;
pub(super) const MINUTE_FIELDS: [u32; 4] = [4, 5, 5, 6];
pub(super) const SECOND_FIELDS: [u32; 5] = [4, 5, 5, 6, 6];
pub(super) const YEAR_BITS: u32 = 7;
pub(super) const FIRST_YEAR: u64 = 1970;

/// What follows the last release number.
#[derive(Copy, Clone, PartialEq, Eq)]
pub(super) enum Suffix {
    Dev,
    Pre(PreKind),
    End,
    Post,
}

/// Writes symbols from the highest bit of the code downwards; `None` once they do not fit.
#[derive(Copy, Clone, Default)]
pub(super) struct Encoder {
    code: u64,
    used: u32,
}

impl Encoder {
    #[inline]
    fn push(&mut self, symbol: u64, bits: u32) -> Option<()> {
        let used = self.used + bits;
        if used > CODE_BITS {
            return None;
        }
        self.code |= symbol << (CODE_BITS - used);
        self.used = used;
        Some(())
    }

    #[inline]
    pub(super) fn number(&mut self, value: u64) -> Option<()> {
        if value < 16 {
            return self.push(value, 5);
        }
        for (class, &(first, bits)) in (1..).zip(&CLASSES[1..]) {
            if value - first < 1 << bits {
                // `class` ones, a zero, then the payload.
                let prefix = (1 << (class + 1)) - 2;
                return self.push(prefix << bits | (value - first), class + 1 + bits);
            }
        }
        self.timestamp(value)
    }

    fn timestamp(&mut self, value: u64) -> Option<()> {
        match value {
            100_000_000_000..=999_999_999_999 => self.fields(value, MINUTES_CLASS, &MINUTE_FIELDS),
            10_000_000_000_000..=99_999_999_999_999 => {
                self.fields(value, SECONDS_CLASS, &SECOND_FIELDS)
            }
            _ => None,
        }
    }

    fn fields(&mut self, value: u64, class: u32, widths: &[u32]) -> Option<()> {
        let (mut rest, mut packed, mut shift) = (value, 0, 0);
        for &width in widths.iter().rev() {
            let field = rest % 100;
            if field >> width != 0 {
                return None;
            }
            packed |= field << shift;
            shift += width;
            rest /= 100;
        }
        let year = rest.checked_sub(FIRST_YEAR)?;
        if year >> YEAR_BITS != 0 {
            return None;
        }
        self.push((1 << (class + 1)) - 2, class + 1)?;
        self.push(packed | year << shift, shift + YEAR_BITS)
    }

    #[inline]
    pub(super) fn next_release(&mut self, value: u64) -> Option<()> {
        if value < 16 {
            return self.push(1 << 5 | value, 6);
        }
        self.push(1, 1)?;
        self.number(value)
    }

    #[inline]
    pub(super) fn suffix(&mut self, suffix: Suffix) -> Option<()> {
        match suffix {
            Suffix::Dev => self.push(0b000, 3),
            Suffix::Pre(PreKind::Alpha) => self.push(0b00100, 5),
            Suffix::Pre(PreKind::Beta) => self.push(0b00101, 5),
            Suffix::Pre(PreKind::ReleaseCandidate) => self.push(0b0011, 4),
            Suffix::End => self.push(0b010, 3),
            Suffix::Post => self.push(0b011, 3),
        }
    }

    /// Nothing behind the number of this suffix.
    #[inline]
    pub(super) fn end(&mut self, suffix: Suffix) -> Option<()> {
        match suffix {
            Suffix::Pre(_) => self.push(0b01, 2),
            Suffix::Post => self.push(0b1, 1),
            Suffix::Dev | Suffix::End => Some(()),
        }
    }

    #[inline]
    pub(super) fn finish(self, zeros: u64) -> Option<u64> {
        (zeros <= MOST_ZEROS).then_some(self.code << DISPLAY_BITS | zeros)
    }
}

/// The word of these parts, if the inline form can hold them.
pub(super) fn encode(parts: &Parts) -> Option<u64> {
    if !parts.epoch.is_zero() || !parts.local.is_empty() {
        return None;
    }
    let kept = parts.trimmed_release().len().max(1);
    let mut encoder = Encoder::default();
    encoder.number(parts.release[0].as_u64()?)?;
    for number in &parts.release[1..kept] {
        encoder.next_release(number.as_u64()?)?;
    }
    encode_suffix(&mut encoder, parts)?;
    encoder.finish((parts.release.len() - kept) as u64)
}

fn encode_suffix(encoder: &mut Encoder, parts: &Parts) -> Option<()> {
    let (post, dev) = (parts.post.as_ref(), parts.dev.as_ref());
    match (&parts.pre, post, dev) {
        (Some((kind, number)), post, dev) => {
            encoder.suffix(Suffix::Pre(*kind))?;
            encoder.number(number.as_u64()?)?;
            match (post, dev) {
                (Some(post), dev) => {
                    encoder.push(0b10, 2)?;
                    encode_post(encoder, post, dev)
                }
                (None, Some(dev)) => {
                    encoder.push(0b00, 2)?;
                    encoder.number(dev.as_u64()?)
                }
                (None, None) => encoder.end(Suffix::Pre(*kind)),
            }
        }
        (None, Some(post), dev) => {
            encoder.suffix(Suffix::Post)?;
            encode_post(encoder, post, dev)
        }
        (None, None, Some(dev)) => {
            encoder.suffix(Suffix::Dev)?;
            encoder.number(dev.as_u64()?)
        }
        (None, None, None) => encoder.suffix(Suffix::End),
    }
}

fn encode_post(encoder: &mut Encoder, post: &Number, dev: Option<&Number>) -> Option<()> {
    encoder.number(post.as_u64()?)?;
    match dev {
        Some(dev) => {
            encoder.push(0, 1)?;
            encoder.number(dev.as_u64()?)
        }
        None => encoder.end(Suffix::Post),
    }
}
