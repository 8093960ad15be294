//! Reads an inline version back: whole, or only the piece that a question needs. The layout is drawn in `word`.

use smallvec::SmallVec;

use super::number::Number;
use super::parts::{Parts, PreKind};
use super::word::{
    CLASSES, CODE_BITS, DISPLAY_BITS, FIRST_YEAR, MINUTE_FIELDS, MINUTES_CLASS, MOST_ZEROS,
    SECOND_FIELDS, SECONDS_CLASS, Suffix, YEAR_BITS,
};

/// Reads the symbols of a word back, from the highest bit.
struct Decoder {
    /// The unread code, its next bit in bit 63.
    rest: u64,
    /// Bits read.
    position: u32,
}

/// The bits behind the ones and the zero of each class of numbers.
const PAYLOADS: [u32; 8] = {
    let mut payloads = [0; 8];
    let mut class = 0;
    while class < CLASSES.len() {
        payloads[class] = CLASSES[class].1;
        class += 1;
    }
    payloads[MINUTES_CLASS as usize] = YEAR_BITS + 4 + 5 + 5 + 6;
    payloads[SECONDS_CLASS as usize] = YEAR_BITS + 4 + 5 + 5 + 6 + 6;
    payloads
};
/// Those of a zero.
const ZERO_BITS: u32 = 1 + CLASSES[0].1;

impl Decoder {
    fn new(word: u64) -> Self {
        Self {
            rest: word >> DISPLAY_BITS << (64 - CODE_BITS),
            position: 0,
        }
    }

    fn take(&mut self, bits: u32) -> u64 {
        let symbol = self.rest >> (64 - bits);
        self.rest <<= bits;
        self.position += bits;
        symbol
    }

    fn number(&mut self) -> u64 {
        let class = self.rest.leading_ones();
        self.take(class + 1);
        match class {
            MINUTES_CLASS => self.fields(&MINUTE_FIELDS),
            SECONDS_CLASS => self.fields(&SECOND_FIELDS),
            _ => {
                let (first, bits) = CLASSES[class as usize];
                first + self.take(bits)
            }
        }
    }

    /// Passes over a number; whether it is zero.
    fn skip_number(&mut self) -> bool {
        let is_zero = self.rest >> (64 - ZERO_BITS) == 0;
        let class = self.rest.leading_ones();
        self.take(class + 1 + PAYLOADS[class as usize]);
        is_zero
    }

    fn fields(&mut self, widths: &[u32]) -> u64 {
        let year = FIRST_YEAR + self.take(YEAR_BITS);
        widths
            .iter()
            .fold(year, |value, &width| value * 100 + self.take(width))
    }

    /// The next release number, if one follows.
    fn next_release(&mut self) -> Option<u64> {
        if self.rest >> 63 == 0 {
            return None;
        }
        self.take(1);
        Some(self.number())
    }

    /// What follows the last release number.
    fn suffix(&mut self) -> Suffix {
        match self.take(3) {
            0b000 => Suffix::Dev,
            0b001 => match self.take(1) {
                1 => Suffix::Pre(PreKind::ReleaseCandidate),
                _ if self.take(1) == 0 => Suffix::Pre(PreKind::Alpha),
                _ => Suffix::Pre(PreKind::Beta),
            },
            0b010 => Suffix::End,
            _ => Suffix::Post,
        }
    }
}

fn skip_release(decoder: &mut Decoder) {
    decoder.skip_number();
    while decoder.rest >> 63 == 1 {
        decoder.take(1);
        decoder.skip_number();
    }
}

fn read_release(word: u64, decoder: &mut Decoder) -> SmallVec<[u64; 4]> {
    let mut release = SmallVec::new();
    release.push(decoder.number());
    while let Some(number) = decoder.next_release() {
        release.push(number);
    }
    release.extend((0..word & MOST_ZEROS).map(|_| 0));
    release
}

/// The release numbers, written zeros included.
pub(super) fn decode_release(word: u64) -> SmallVec<[u64; 4]> {
    read_release(word, &mut Decoder::new(word))
}

/// Whether the release, padded with zeros, starts with that of the prefix as it is written, but for so many of its last numbers.
pub(super) fn release_starts_with(word: u64, prefix: u64, dropped: usize) -> bool {
    let mut decoder = Decoder::new(prefix);
    let (code, zeros) = (decoder.rest, (prefix & MOST_ZEROS) as usize);
    // Where the zeros at the end are dropped, the numbers before them are compared as code.
    let (mut count, mut ends) = (1, [0; 2]);
    let mut is_zero = decoder.skip_number();
    ends[1] = decoder.position;
    let mut was_zero = is_zero;
    while decoder.rest >> 63 == 1 {
        decoder.take(1);
        was_zero = is_zero;
        is_zero = decoder.skip_number();
        ends = [ends[1], decoder.position];
        count += 1;
    }
    let length = count + zeros - dropped;
    let plain = match (zeros, dropped) {
        (0, 1) => Some((ends[0], was_zero)),
        (0, 0) | (1, 1) => Some((ends[1], is_zero)),
        _ => None,
    };
    match plain {
        // A zero in the middle of the prefix may stand at the end of the version, where it has no code.
        Some((end, ends_in_zero)) if !ends_in_zero || length == 1 => {
            (code ^ Decoder::new(word).rest) & !(u64::MAX >> end) == 0
        }
        _ => numbers_agree(word, prefix, length),
    }
}

/// Whether the first `length` numbers of two releases, padded with zeros, are the same.
fn numbers_agree(word: u64, prefix: u64, length: usize) -> bool {
    let (mut own, mut other) = (Decoder::new(word), Decoder::new(prefix));
    let mut agrees = length == 0 || own.number() == other.number();
    for _ in 1..length {
        agrees &= own.next_release().unwrap_or(0) == other.next_release().unwrap_or(0);
    }
    agrees
}

/// What follows the release of an inline version.
#[derive(Copy, Clone, Default)]
pub(super) struct Tail {
    pub(super) pre: Option<(PreKind, u64)>,
    pub(super) post: Option<u64>,
    pub(super) dev: Option<u64>,
}

impl Tail {
    fn read(decoder: &mut Decoder) -> Self {
        let mut tail = Self::default();
        match decoder.suffix() {
            Suffix::Dev => tail.dev = Some(decoder.number()),
            Suffix::Pre(kind) => {
                tail.pre = Some((kind, decoder.number()));
                match decoder.take(2) {
                    0b00 => tail.dev = Some(decoder.number()),
                    0b01 => {}
                    _ => tail.read_post(decoder),
                }
            }
            Suffix::End => {}
            Suffix::Post => tail.read_post(decoder),
        }
        tail
    }

    fn read_post(&mut self, decoder: &mut Decoder) {
        self.post = Some(decoder.number());
        if decoder.take(1) == 0 {
            self.dev = Some(decoder.number());
        }
    }
}

/// The tail alone.
pub(super) fn decode_tail(word: u64) -> Tail {
    let mut decoder = Decoder::new(word);
    skip_release(&mut decoder);
    Tail::read(&mut decoder)
}

/// Release and tail.
pub(super) fn decode(word: u64) -> (SmallVec<[u64; 4]>, Tail) {
    let mut decoder = Decoder::new(word);
    let release = read_release(word, &mut decoder);
    (release, Tail::read(&mut decoder))
}

/// The parts that `encode` was given.
pub(super) fn decode_parts(word: u64) -> Parts {
    let (release, tail) = decode(word);
    Parts {
        release: release.into_iter().map(Number::Small).collect(),
        pre: tail.pre.map(|(kind, number)| (kind, number.into())),
        post: tail.post.map(Number::Small),
        dev: tail.dev.map(Number::Small),
        ..Parts::default()
    }
}

/// The code of the release alone: equal for versions of one release.
pub(super) fn release_code(word: u64) -> u64 {
    let mut decoder = Decoder::new(word);
    let code = decoder.rest;
    skip_release(&mut decoder);
    code & !(u64::MAX >> decoder.position)
}

/// The code of the release and of the pre-release, if there is one: equal for versions that differ at most in what
/// follows these.
pub(super) fn stem(word: u64) -> (u64, bool) {
    let mut decoder = Decoder::new(word);
    let code = decoder.rest;
    skip_release(&mut decoder);
    let release = decoder.position;
    let is_pre = matches!(decoder.suffix(), Suffix::Pre(_));
    let length = if is_pre {
        decoder.number();
        decoder.position
    } else {
        release
    };
    (code & !(u64::MAX >> length), is_pre)
}

#[cfg(test)]
mod tests {
    use super::super::word::encode;
    use super::*;

    /// Both sides of every class of numbers, and time stamps.
    const NUMBERS: [u64; 22] = [
        0,
        1,
        15,
        16,
        79,
        80,
        591,
        592,
        2024,
        4687,
        4688,
        20_240_101,
        33_559_119,
        33_559_120,
        1_700_000_000,
        4_328_526_415,
        197_001_010_000,
        202_601_011_234,
        209_712_312_359,
        19_700_101_000_000,
        20_260_101_123_456,
        20_971_231_235_959,
    ];

    fn dev(number: u64) -> Parts {
        Parts {
            dev: Some(number.into()),
            ..Parts::default()
        }
    }

    #[test]
    fn encode_then_decode_is_identity() {
        for number in NUMBERS {
            let word = encode(&dev(number)).unwrap();
            assert_eq!(decode_parts(word), dev(number));
            let post = Parts {
                post: Some(number.into()),
                ..Parts::default()
            };
            assert_eq!(decode_parts(encode(&post).unwrap()), post);
        }
    }

    #[test]
    fn words_ascend_with_their_numbers() {
        let words: Vec<u64> = NUMBERS
            .iter()
            .map(|&number| encode(&dev(number)).unwrap())
            .collect();
        assert!(words.is_sorted_by(|left, right| left < right));
    }

    #[test]
    fn what_is_no_date_or_too_early_is_not_inline() {
        for number in [
            4_328_526_416,
            196_912_312_359,
            202_620_011_234,
            20_260_199_123_456,
            100_000_000_000_000,
            u64::MAX,
        ] {
            assert_eq!(encode(&dev(number)), None, "{number}");
        }
    }

    /// Releases of one to four numbers, the ends of the classes and zeros among them.
    fn releases() -> Vec<Vec<u64>> {
        let numbers = [0, 1, 15, 16, 592, 2024];
        let mut releases = vec![vec![]];
        for length in 0..3 {
            let longer: Vec<Vec<u64>> = releases
                .iter()
                .filter(|release| release.len() == length)
                .flat_map(|release| numbers.map(|number| [&release[..], &[number]].concat()))
                .collect();
            releases.extend(longer);
        }
        releases.remove(0);
        releases
    }

    fn word(release: &[u64]) -> u64 {
        encode(&Parts {
            release: release.iter().copied().map(Number::Small).collect(),
            ..Parts::default()
        })
        .unwrap()
    }

    #[test]
    fn a_release_starts_with_a_prefix_where_its_numbers_do() {
        for prefix in releases() {
            for release in releases() {
                for dropped in 0..=1.min(prefix.len() - 1) {
                    let length = prefix.len() - dropped;
                    let padded = release.iter().chain(std::iter::repeat(&0));
                    let expected = prefix[..length].iter().zip(padded).all(|(a, b)| a == b);
                    assert_eq!(
                        release_starts_with(word(&release), word(&prefix), dropped),
                        expected,
                        "{release:?} starts with {prefix:?} but for {dropped}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_number_is_passed_over_as_it_is_read() {
        for number in NUMBERS {
            let (mut read, mut passed) = (
                Decoder::new(encode(&dev(number)).unwrap()),
                Decoder::new(encode(&dev(number)).unwrap()),
            );
            for decoder in [&mut read, &mut passed] {
                decoder.number();
                decoder.suffix();
            }
            assert_eq!(read.number() == 0, passed.skip_number());
            assert_eq!((read.rest, read.position), (passed.rest, passed.position));
        }
    }

    #[test]
    fn the_longest_drawn_example_fits() {
        let mut parts = dev(20_260_101_123_456);
        parts.release = [1, 2, 3].map(Number::Small).into_iter().collect();
        assert_eq!(decode_parts(encode(&parts).unwrap()), parts);
        parts.release[0] = 16.into();
        assert_eq!(encode(&parts), None);
    }
}
