//! Marker text -> `Expression`, by the grammar of the dependency specifiers specification.
//!
//! One pass over the bytes with an explicit stack: time is linear in the text and parentheses
//! may be nested without bound. What `packaging` reads is read, except for three kinds of text
//! that the grammar does not have and that are refused with a reason: characters outside ASCII,
//! backslashes, and a comparison of two literals.

use rustc_hash::FxHashSet;
use thiserror::Error;

use crate::marker::environment::normalize_name;
use crate::marker::expression::{Asked, Comparison, Expression, Step};
use crate::marker::field::{Comparator, Field};
use crate::marker::text::Text;

/// Text that is no marker.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{message} (at position {position} of the marker)")]
pub struct MarkerParseError {
    pub input: String,
    /// Where reading stopped, in characters.
    pub position: usize,
    pub message: String,
}

impl MarkerParseError {
    /// The error for a text whose diagram would be too large.
    pub fn too_complex(input: &str) -> Self {
        Self {
            input: input.to_owned(),
            position: 0,
            message: "this marker combines too many conditions; write it with fewer alternatives"
                .to_owned(),
        }
    }
}

/// Most different names and substring tests in one marker: each is a level of its diagram.
const MOST_TRUTHS: usize = 1000;

/// Reads a whole marker.
pub fn parse_expression(input: &str) -> Result<Expression, MarkerParseError> {
    let mut parser = Parser {
        input,
        bytes: input.as_bytes(),
        position: 0,
        steps: Vec::new(),
        open: Vec::new(),
    };
    parser.parse()?;
    let is_truth = |comparison: &&Comparison| {
        comparison.field.is_set()
            || comparison.field == Field::PlatformRelease
            || matches!(comparison.comparator, Comparator::In | Comparator::NotIn)
    };
    let comparisons = parser.steps.iter().filter_map(|step| match step {
        Step::Compare(asked) => Some(&asked.comparison),
        Step::All(_) | Step::Any(_) => None,
    });
    let truths: FxHashSet<&Comparison> = comparisons.filter(is_truth).collect();
    if truths.len() > MOST_TRUTHS {
        return Err(parser.error_at(
            0,
            "this marker asks for more than 1000 different names and substrings",
        ));
    }
    Ok(Expression::from_steps(parser.steps))
}

/// What has been read of one parenthesis level: `a and b or c` has one closed alternative
/// (of two conditions) and one condition in the alternative that is still open.
#[derive(Default)]
struct Level {
    start: usize,
    alternatives: usize,
    conditions: usize,
}

enum Operand {
    Field(Field),
    Literal(String),
}

struct Parser<'a> {
    input: &'a str,
    bytes: &'a [u8],
    position: usize,
    steps: Vec<Step>,
    open: Vec<Level>,
}

impl Parser<'_> {
    fn parse(&mut self) -> Result<(), MarkerParseError> {
        self.open.push(Level::default());
        loop {
            self.skip_space();
            if self.peek() == Some(b'(') {
                self.open.push(Level {
                    start: self.position,
                    ..Level::default()
                });
                self.position += 1;
                continue;
            }
            let comparison = self.parse_comparison()?;
            self.push_condition(Step::Compare(Asked::new(comparison)));
            if self.parse_connective()? {
                return Ok(());
            }
        }
    }

    /// Reads what follows a condition: `and`, `or`, closing parentheses. True at the end.
    fn parse_connective(&mut self) -> Result<bool, MarkerParseError> {
        loop {
            self.skip_space();
            match self.peek() {
                Some(b')') if self.open.len() > 1 => {
                    self.position += 1;
                    self.close_level();
                    self.current_level().conditions += 1;
                }
                None if self.open.len() == 1 => {
                    self.close_level();
                    return Ok(true);
                }
                _ if self.eat_word("and") => return Ok(false),
                _ if self.eat_word("or") => {
                    self.close_alternative();
                    return Ok(false);
                }
                _ if self.open.len() > 1 => {
                    let start = self.current_level().start;
                    return Err(self.error_at(self.position, &format!(
                        "expected `and`, `or` or the parenthesis that closes the one at position {start}"
                    )));
                }
                _ => {
                    return Err(self.error_at(
                        self.position,
                        "expected `and`, `or` or the end of the marker",
                    ));
                }
            }
        }
    }

    fn current_level(&mut self) -> &mut Level {
        if self.open.is_empty() {
            self.open.push(Level::default());
        }
        let last = self.open.len() - 1;
        &mut self.open[last]
    }

    fn push_condition(&mut self, step: Step) {
        self.steps.push(step);
        self.current_level().conditions += 1;
    }

    fn close_alternative(&mut self) {
        let level = self.current_level();
        let conditions = std::mem::take(&mut level.conditions);
        level.alternatives += 1;
        if conditions > 1 {
            self.steps.push(Step::All(conditions));
        }
    }

    fn close_level(&mut self) {
        self.close_alternative();
        if let Some(level) = self.open.pop()
            && level.alternatives > 1
        {
            self.steps.push(Step::Any(level.alternatives));
        }
    }

    fn parse_comparison(&mut self) -> Result<Comparison, MarkerParseError> {
        let start = self.position;
        let left = self.parse_operand()?;
        self.skip_space();
        let comparator = self.parse_comparator()?;
        self.skip_space();
        let right = self.parse_operand()?;
        Ok(match (left, right) {
            (Operand::Field(field), Operand::Literal(literal)) => {
                let literal = if field == Field::Extra {
                    normalize_name(&literal)
                } else {
                    literal
                };
                Comparison {
                    field,
                    comparator,
                    literal: Text::intern(&literal),
                    reversed: false,
                }
            }
            (Operand::Literal(literal), Operand::Field(field)) => {
                let is_name = field == Field::Extra || field.is_set();
                let literal = if is_name {
                    normalize_name(&literal)
                } else {
                    literal
                };
                Comparison {
                    field,
                    comparator,
                    literal: Text::intern(&literal),
                    reversed: true,
                }
            }
            // `packaging` compares the value on the left with the *name* on the right.
            (Operand::Field(field), Operand::Field(other)) => Comparison {
                field,
                comparator,
                literal: Text::intern(other.name()),
                reversed: false,
            },
            (Operand::Literal(_), Operand::Literal(_)) => {
                return Err(
                    self.error_at(start, "a comparison names an environment field on one side")
                );
            }
        })
    }

    fn parse_operand(&mut self) -> Result<Operand, MarkerParseError> {
        match self.peek() {
            Some(quote @ (b'\'' | b'"')) => self.parse_literal(quote),
            Some(byte) if byte.is_ascii_alphabetic() || byte == b'_' => {
                let start = self.position;
                let is_word =
                    |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
                let length = self.bytes[start..]
                    .iter()
                    .take_while(|byte| is_word(byte))
                    .count();
                let spelling = &self.input[start..start + length];
                let field = Field::from_spelling(spelling).ok_or_else(|| {
                    self.error_at(
                        start,
                        &format!("no environment field is named `{}`", shorten(spelling)),
                    )
                })?;
                self.position += length;
                Ok(Operand::Field(field))
            }
            _ => Err(self.error_at(
                self.position,
                "expected an environment field or a quoted string",
            )),
        }
    }

    fn parse_literal(&mut self, quote: u8) -> Result<Operand, MarkerParseError> {
        let start = self.position;
        let content = &self.bytes[start + 1..];
        let Some(length) = content.iter().position(|byte| *byte == quote) else {
            return Err(self.error_at(start, "this quoted string has no end"));
        };
        let is_allowed =
            |byte: &u8| (byte.is_ascii_graphic() && *byte != b'\\') || matches!(byte, b' ' | b'\t');
        if let Some(offset) = content[..length].iter().position(|byte| !is_allowed(byte)) {
            let what = match content[offset] {
                b'\\' => "a backslash",
                byte if byte.is_ascii() => "a control character",
                _ => "a character outside ASCII",
            };
            return Err(self.error_at(
                start + 1 + offset,
                &format!("a quoted string may not contain {what}"),
            ));
        }
        self.position = start + length + 2;
        Ok(Operand::Literal(
            self.input[start + 1..=start + length].to_owned(),
        ))
    }

    fn parse_comparator(&mut self) -> Result<Comparator, MarkerParseError> {
        // Longest first: `===` begins with `==`.
        const SYMBOLS: [Comparator; 8] = [
            Comparator::Arbitrary,
            Comparator::Equal,
            Comparator::Compatible,
            Comparator::NotEqual,
            Comparator::LessEqual,
            Comparator::GreaterEqual,
            Comparator::Less,
            Comparator::Greater,
        ];
        let rest = &self.bytes[self.position..];
        if let Some(symbol) = SYMBOLS
            .into_iter()
            .find(|symbol| rest.starts_with(symbol.as_str().as_bytes()))
        {
            self.position += symbol.as_str().len();
            return Ok(symbol);
        }
        if self.eat_word("in") {
            return Ok(Comparator::In);
        }
        if self.eat_word("not") {
            let before = self.position;
            self.skip_space();
            if self.position > before && self.eat_word("in") {
                return Ok(Comparator::NotIn);
            }
            return Err(self.error_at(self.position, "expected ` in` after `not`"));
        }
        Err(self.error_at(
            self.position,
            "expected one of <=, <, !=, ==, >=, >, ~=, ===, in, not in",
        ))
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.position).copied()
    }

    fn skip_space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.position += 1;
        }
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii();
        let before = self.position.checked_sub(1).map(|index| self.bytes[index]);
        let matches = self.bytes[self.position..].starts_with(word.as_bytes())
            && !before.is_some_and(is_word)
            && !self
                .bytes
                .get(self.position + word.len())
                .copied()
                .is_some_and(is_word);
        if matches {
            self.position += word.len();
        }
        matches
    }

    fn error_at(&self, position: usize, message: &str) -> MarkerParseError {
        MarkerParseError {
            input: self.input.to_owned(),
            position: self.input[..position].chars().count(),
            message: message.to_owned(),
        }
    }
}

/// A spelling short enough for a message.
fn shorten(spelling: &str) -> &str {
    &spelling[..spelling.len().min(40)]
}
