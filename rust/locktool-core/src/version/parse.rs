//! Text to version: the grammar of PEP 440's appendix, in one pass without backtracking.
//!
//! White space around a version is that of Python's `str.strip`. A number may have up to 4300 digits, the limit at which
//! `CPython` refuses to read an integer and `packaging` a version; a longer one is an error.

use std::str::FromStr;

use super::number::Number;
use super::parts::{LocalSegment, Parts, PreKind};
use super::word::{Encoder, Suffix};
use super::{Version, table};

const MOST_DIGITS: usize = 4300;
/// Any number of this many digits fits a word.
const SAFE_DIGITS: usize = 18;

/// Why a text is not a version, and at which byte of it that shows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Invalid version: {}: {message}", shortened(input))]
pub struct VersionParseError {
    pub input: String,
    /// Byte offset into `input`.
    pub position: usize,
    pub message: &'static str,
}

/// At most 80 characters of a text, quoted.
pub(super) fn shortened(input: &str) -> String {
    match input.char_indices().nth(80) {
        Some((end, _)) => format!("'{}...'", &input[..end]),
        None => format!("'{input}'"),
    }
}

/// White space as Python's `str` methods and its regular expressions see it.
pub(crate) fn is_python_space(character: char) -> bool {
    character.is_whitespace() || matches!(character, '\x1c'..='\x1f')
}

/// `str.strip` of Python.
pub(super) fn strip(text: &str) -> &str {
    text.trim_matches(is_python_space)
}

impl FromStr for Version {
    type Err = VersionParseError;

    fn from_str(input: &str) -> Result<Self, VersionParseError> {
        match parse_inline(input.as_bytes()).or_else(|| table::find(input)) {
            Some(word) => Ok(Self(word)),
            None => parse(input),
        }
    }
}

/// The normal text of a version that fits a word, most often digits and dots; anything else is left to `parse`.
fn parse_inline(bytes: &[u8]) -> Option<u64> {
    let mut encoder = Encoder::default();
    let mut zeros = 0;
    let (first, mut rest) = leading_number(bytes)?;
    encoder.number(first)?;
    while let Some((value, behind)) = rest.strip_prefix(b".").and_then(leading_number) {
        rest = behind;
        if value == 0 {
            zeros += 1;
        } else {
            for _ in 0..zeros {
                encoder.next_release(0)?;
            }
            zeros = 0;
            encoder.next_release(value)?;
        }
    }
    if rest.is_empty() {
        encoder.suffix(Suffix::End)?;
        return encoder.finish(zeros);
    }
    let suffix = |word: &[u8]| rest.strip_prefix(word).and_then(leading_number);
    let (kind, (value, behind)) = if let Some(found) = suffix(b".dev") {
        (Suffix::Dev, found)
    } else if let Some(found) = suffix(b".post") {
        (Suffix::Post, found)
    } else if let Some(found) = suffix(b"rc") {
        (Suffix::Pre(PreKind::ReleaseCandidate), found)
    } else if let Some(found) = suffix(b"b") {
        (Suffix::Pre(PreKind::Beta), found)
    } else {
        (Suffix::Pre(PreKind::Alpha), suffix(b"a")?)
    };
    if !behind.is_empty() {
        return None;
    }
    encoder.suffix(kind)?;
    encoder.number(value)?;
    encoder.end(kind)?;
    encoder.finish(zeros)
}

/// The number at the start, if it fits a word, and what is behind it.
#[inline]
fn leading_number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (&first, mut rest) = bytes.split_first()?;
    let digit = |byte: u8| Some(byte.wrapping_sub(b'0')).filter(|&digit| digit < 10);
    let mut value = u64::from(digit(first)?);
    while let Some((&byte, behind)) = rest.split_first()
        && let Some(digit) = digit(byte)
    {
        // Too many digits overflow, and are refused below.
        value = value.wrapping_mul(10).wrapping_add(digit.into());
        rest = behind;
    }
    (bytes.len() - rest.len() <= SAFE_DIGITS).then_some((value, rest))
}

fn parse(input: &str) -> Result<Version, VersionParseError> {
    let start = input.len() - input.trim_start_matches(is_python_space).len();
    let end = input.trim_end_matches(is_python_space).len();
    let mut cursor = Cursor {
        text: &input[..end.max(start)],
        position: start,
    };
    // Filled in place: the parts of a version are many bytes to move.
    let mut parts = Parts::default();
    match cursor.version(&mut parts) {
        Ok(()) => Ok(Version(table::word_of(&parts))),
        Err(message) => Err(VersionParseError {
            input: input.to_owned(),
            position: cursor.position,
            message,
        }),
    }
}

/// A place in the text; each method reads one piece of the grammar or leaves the place as it was.
struct Cursor<'a> {
    text: &'a str,
    position: usize,
}

impl<'a> Cursor<'a> {
    fn version(&mut self, parts: &mut Parts) -> Result<(), &'static str> {
        if self.text.len() == self.position {
            return Err("a version is not empty");
        }
        self.keyword(&["v"]);
        let first = self.number()?.ok_or("a version starts with a number")?;
        if self.one_of(b"!") {
            parts.epoch = first;
            parts.release[0] = self.number()?.ok_or("a number follows the epoch")?;
        } else {
            parts.release[0] = first;
        }
        while self.peek() == Some(b'.') && self.peek_at(1).is_some_and(|byte| byte.is_ascii_digit())
        {
            self.position += 1;
            parts.release.extend(self.number()?);
        }
        if let Some((letter, number)) =
            self.suffix(&["alpha", "a", "beta", "b", "preview", "pre", "c", "rc"])?
        {
            parts.pre = Some((pre_kind(letter), number));
        }
        parts.post = self.post()?;
        parts.dev = self.suffix(&["dev"])?.map(|(_, number)| number);
        if self.one_of(b"+") {
            self.local(&mut parts.local)?;
        }
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(
                "a version ends here or goes on with '.', a number, a pre-, post- or development release, or '+'",
            ),
        }
    }

    fn post(&mut self) -> Result<Option<Number>, &'static str> {
        if self.peek() == Some(b'-') && self.peek_at(1).is_some_and(|byte| byte.is_ascii_digit()) {
            self.position += 1;
            return self.number();
        }
        Ok(self
            .suffix(&["post", "rev", "r"])?
            .map(|(_, number)| number))
    }

    /// `[._-]? letters [._-]? digits?`, where no digits read as zero.
    fn suffix(
        &mut self,
        letters: &[&'static str],
    ) -> Result<Option<(&'static str, Number)>, &'static str> {
        let start = self.position;
        self.one_of(b"._-");
        if !self.peek().is_some_and(|byte| byte.is_ascii_alphabetic()) {
            self.position = start;
            return Ok(None);
        }
        let Some(letter) = self.keyword(letters) else {
            self.position = start;
            return Ok(None);
        };
        self.one_of(b"._-");
        Ok(Some((letter, self.number()?.unwrap_or(Number::ZERO))))
    }

    fn local(&mut self, local: &mut Vec<LocalSegment>) -> Result<(), &'static str> {
        loop {
            let piece = self.take_while(u8::is_ascii_alphanumeric);
            if piece.is_empty() {
                return Err("a local version is letters and digits, separated by '.', '-' or '_'");
            }
            local.push(if !piece.bytes().all(|byte| byte.is_ascii_digit()) {
                LocalSegment::Text(piece.to_ascii_lowercase().into())
            } else if piece.len() <= MOST_DIGITS {
                LocalSegment::Number(Number::from_digits(piece))
            } else {
                return Err(TOO_LONG);
            });
            if !self.one_of(b"._-") {
                return Ok(());
            }
        }
    }

    fn number(&mut self) -> Result<Option<Number>, &'static str> {
        let start = self.position;
        let digits = self.take_while(u8::is_ascii_digit);
        if digits.len() > MOST_DIGITS {
            self.position = start;
            return Err(TOO_LONG);
        }
        Ok((!digits.is_empty()).then(|| Number::from_digits(digits)))
    }

    fn keyword(&mut self, words: &[&'static str]) -> Option<&'static str> {
        let rest = &self.text.as_bytes()[self.position..];
        let starts_with = |word: &&&str| {
            rest.get(..word.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
        };
        let word = words.iter().find(starts_with)?;
        self.position += word.len();
        Some(word)
    }

    fn one_of(&mut self, bytes: &[u8]) -> bool {
        let found = self.peek().is_some_and(|byte| bytes.contains(&byte));
        self.position += usize::from(found);
        found
    }

    fn take_while(&mut self, accept: impl Fn(&u8) -> bool) -> &'a str {
        let rest = &self.text[self.position..];
        let length = rest
            .bytes()
            .position(|byte| !accept(&byte))
            .unwrap_or(rest.len());
        self.position += length;
        &rest[..length]
    }

    fn peek(&self) -> Option<u8> {
        self.peek_at(0)
    }

    fn peek_at(&self, offset: usize) -> Option<u8> {
        self.text.as_bytes().get(self.position + offset).copied()
    }
}

const TOO_LONG: &str = "a number has at most 4300 digits";

fn pre_kind(letter: &str) -> PreKind {
    match letter {
        "alpha" | "a" => PreKind::Alpha,
        "beta" | "b" => PreKind::Beta,
        _ => PreKind::ReleaseCandidate,
    }
}
