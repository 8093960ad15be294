//! The parsed text of a marker, and its evaluation exactly as the `packaging` library does it.
//!
//! A diagram knows only environments that can exist; an `Expression` answers for any
//! combination of fields, one comparison at a time. It is kept in postfix order, so neither
//! evaluation nor dropping it recurses, however deep the parentheses were.

use std::fmt;
use std::sync::OnceLock;

use smallvec::SmallVec;
use thiserror::Error;

use crate::marker::Marker;
use crate::marker::budget::{NODES_OF_A_TEXT, TooComplex};
use crate::marker::condition::lower;
use crate::marker::diagram::{and, or, size};
use crate::marker::environment::{MarkerEnvironment, normalize_name, repair_full_version};
use crate::marker::field::{Comparator, Field};
use crate::marker::interner::{NodeId, node_count};
use crate::marker::parse::{MarkerParseError, parse_expression};
use crate::marker::text::Text;
use crate::version::{Specifier, Version};

/// One comparison of a field with a text, e.g. `python_version >= '3.11'`.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Comparison {
    pub field: Field,
    pub comparator: Comparator,
    pub literal: Text,
    /// The text stands on the left: `'win' in sys_platform`.
    pub reversed: bool,
}

/// A comparison that no specification defines for these values, e.g. `os_name ~= 'posix'`.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("undefined comparison {comparison} for the value {value:?}")]
pub struct UndefinedComparison {
    pub comparison: String,
    pub value: String,
}

/// A comparison with the specifier that its operator and text spell, once it was asked for.
#[derive(Clone)]
pub struct Asked {
    pub comparison: Comparison,
    specifier: OnceLock<Option<Specifier>>,
}

/// A step of the postfix form.
#[derive(Clone)]
pub enum Step {
    /// Pushes the truth of a comparison.
    Compare(Asked),
    /// Replaces the topmost values, this many, by their conjunction.
    All(usize),
    /// Replaces the topmost values, this many, by their disjunction.
    Any(usize),
}

/// A parsed marker.
#[derive(Clone)]
pub struct Expression {
    steps: Vec<Step>,
}

impl Expression {
    /// Reads a marker, however deep its parentheses.
    pub fn parse(text: &str) -> Result<Self, MarkerParseError> {
        parse_expression(text)
    }

    /// The condition on environments that can exist. Undefined comparisons hold nowhere.
    ///
    /// # Errors
    /// When its diagram has more than 16,384 nodes.
    pub fn to_marker(&self) -> Result<Marker, TooComplex> {
        let mut values: Vec<NodeId> = Vec::new();
        for step in &self.steps {
            match step {
                Step::Compare(asked) => values.push(lower(&asked.comparison)),
                Step::All(count) => fold(&mut values, *count, and)?,
                Step::Any(count) => fold(&mut values, *count, or)?,
            }
        }
        Ok(Marker(values.first().copied().unwrap_or(NodeId::UNIVERSE)))
    }

    pub(crate) fn from_steps(steps: Vec<Step>) -> Self {
        Self { steps }
    }

    /// The comparisons in the order of the text.
    pub fn comparisons(&self) -> impl Iterator<Item = &Comparison> {
        self.steps.iter().filter_map(|step| match step {
            Step::Compare(asked) => Some(&asked.comparison),
            Step::All(_) | Step::Any(_) => None,
        })
    }

    /// Whether the marker holds. Every comparison is looked at, as `packaging` does, so an
    /// undefined one is an error wherever it stands.
    pub fn evaluate(&self, environment: &MarkerEnvironment) -> Result<bool, UndefinedComparison> {
        let mut values: SmallVec<[bool; 16]> = SmallVec::new();
        for step in &self.steps {
            match step {
                Step::Compare(asked) => values.push(asked.evaluate(environment)?),
                Step::All(count) => {
                    let start = values.len() - count;
                    let all = values[start..].iter().all(|value| *value);
                    values.truncate(start);
                    values.push(all);
                }
                Step::Any(count) => {
                    let start = values.len() - count;
                    let any = values[start..].iter().any(|value| *value);
                    values.truncate(start);
                    values.push(any);
                }
            }
        }
        Ok(values.first().copied().unwrap_or(true))
    }
}

/// Replaces the topmost values by their combination, neighbour with neighbour, so that a long
/// chain builds few large diagrams.
fn fold(
    values: &mut Vec<NodeId>,
    count: usize,
    combine: impl Fn(NodeId, NodeId) -> NodeId,
) -> Result<(), TooComplex> {
    let mut operands = values.split_off(values.len() - count);
    while operands.len() > 1 {
        let pairs = operands.chunks(2).map(|pair| match *pair {
            [left, right] => bounded(|| combine(left, right)),
            _ => Ok(pair[0]),
        });
        operands = pairs.collect::<Result<_, _>>()?;
    }
    values.extend(operands);
    Ok(())
}

/// A diagram that is not larger than that of one text may be.
fn bounded(combine: impl FnOnce() -> NodeId) -> Result<NodeId, TooComplex> {
    let known = node_count() as usize;
    let id = combine();
    // What made few nodes is small: nearly every marker ends here.
    let is_small = node_count() as usize - known <= NODES_OF_A_TEXT;
    if is_small || size(id) <= NODES_OF_A_TEXT {
        Ok(id)
    } else {
        Err(TooComplex)
    }
}

impl Asked {
    pub fn new(comparison: Comparison) -> Self {
        Self {
            comparison,
            specifier: OnceLock::new(),
        }
    }

    fn evaluate(&self, environment: &MarkerEnvironment) -> Result<bool, UndefinedComparison> {
        let Comparison {
            field,
            comparator,
            literal,
            reversed,
        } = self.comparison;
        if !field.is_version() || reversed || !comparator.is_specifier() {
            return self.comparison.evaluate(environment);
        }
        let specifier = self
            .specifier
            .get_or_init(|| specifier(comparator, literal.as_str()));
        let Some(specifier) = specifier else {
            return self.comparison.evaluate(environment);
        };
        let value = environment.text(field).unwrap_or("");
        let version = if field == Field::PythonFullVersion {
            repair_full_version(value).parse::<Version>()
        } else {
            value.parse()
        };
        Ok(version.is_ok_and(|version| specifier.contains(version)))
    }
}

impl fmt::Debug for Expression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps = self.steps.iter().map(|step| match step {
            Step::Compare(asked) => asked.comparison.to_string(),
            Step::All(count) => format!("all {count}"),
            Step::Any(count) => format!("any {count}"),
        });
        formatter.debug_list().entries(steps).finish()
    }
}

impl Comparison {
    /// Whether the comparison holds in the environment.
    pub fn evaluate(&self, environment: &MarkerEnvironment) -> Result<bool, UndefinedComparison> {
        if self.field.is_set() {
            return self.evaluate_set(environment);
        }
        let value = environment.text(self.field).unwrap_or("");
        match self.field {
            Field::Extra => self.compare(&normalize_name(value)),
            Field::PythonFullVersion => self.compare(&repair_full_version(value)),
            _ => self.compare(value),
        }
        .ok_or_else(|| self.undefined(value))
    }

    /// Whether the comparison holds for this value of its field; `None` if undefined.
    pub(crate) fn compare(&self, value: &str) -> Option<bool> {
        let literal = self.literal.as_str();
        let (left, right) = if self.reversed {
            (literal, value)
        } else {
            (value, literal)
        };
        if self.field.is_version()
            && let Some(answer) = compare_versions(self.comparator, left, right)
        {
            return Some(answer);
        }
        self.comparator.compare_strings(left, right)
    }

    fn evaluate_set(&self, environment: &MarkerEnvironment) -> Result<bool, UndefinedComparison> {
        let is_undefined = matches!(
            self.comparator,
            Comparator::Compatible | Comparator::Arbitrary
        );
        if !self.reversed || is_undefined {
            return Err(self.undefined(""));
        }
        Ok(match self.comparator {
            Comparator::In => environment.holds(self.field, self.literal.as_str()),
            Comparator::NotIn => !environment.holds(self.field, self.literal.as_str()),
            // A name never equals a set.
            Comparator::NotEqual => true,
            _ => false,
        })
    }

    fn undefined(&self, value: &str) -> UndefinedComparison {
        UndefinedComparison {
            comparison: self.to_string(),
            value: value.to_owned(),
        }
    }
}

fn specifier(comparator: Comparator, version: &str) -> Option<Specifier> {
    format!("{}{version}", comparator.as_str()).parse().ok()
}

/// `left <comparator> right` by the version rules; `None` where the right side makes no
/// specifier, so that the comparison is one of strings.
fn compare_versions(comparator: Comparator, left: &str, right: &str) -> Option<bool> {
    match comparator {
        Comparator::In | Comparator::NotIn => None,
        Comparator::Arbitrary => {
            let right = right.trim();
            let is_word = !right.contains(|character: char| {
                character.is_whitespace() || matches!(character, ';' | ')')
            });
            is_word.then(|| left.to_lowercase() == right.to_lowercase())
        }
        _ => {
            let specifier = specifier(comparator, right)?;
            Some(
                left.parse::<Version>()
                    .is_ok_and(|version| specifier.contains(version)),
            )
        }
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let literal = self.literal.as_str();
        let quote = if literal.contains('\'') { '"' } else { '\'' };
        let (field, comparator) = (self.field.name(), self.comparator.as_str());
        if self.reversed {
            write!(formatter, "{quote}{literal}{quote} {comparator} {field}")
        } else {
            write!(formatter, "{field} {comparator} {quote}{literal}{quote}")
        }
    }
}
