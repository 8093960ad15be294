//! A marker -> text: the cubes of its cover as comparisons.

use std::fmt;
use std::sync::{LazyLock, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use crate::marker::Marker;
use crate::marker::cover::{Cube, Literal};
use crate::marker::expression::Comparison;
use crate::marker::field::{Comparator, Field};
use crate::marker::formula::Formula;
use crate::marker::simplify::formula;
use crate::marker::text::Text;
use crate::marker::values::Values;
use crate::marker::variable::Variable;
use crate::marker::wording::versions;

static TEXTS: LazyLock<Mutex<FxHashMap<(Marker, Marker), Text>>> = LazyLock::new(Mutex::default);

/// The text of what never holds: there is no version below 0.
pub const NEVER: &str = "python_version < '0'";

/// See `Marker::to_text`.
pub fn to_text(marker: Marker, assumption: Marker) -> Option<String> {
    if assumption.implies(marker) {
        return None;
    }
    if assumption.is_disjoint(marker) {
        return Some(NEVER.to_owned());
    }
    // Many packages of a lock share a marker, and finding its shortest text is the costly part.
    let texts = || TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
    let known = texts().get(&(marker, assumption)).copied();
    let text = known.unwrap_or_else(|| {
        let text = Text::intern(&formula(marker, assumption).to_string());
        texts().insert((marker, assumption), text);
        text
    });
    Some(text.as_str().to_owned())
}

impl fmt::Display for Marker {
    /// The text of the marker where nothing is assumed; empty for the marker that always holds.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&to_text(*self, Self::TRUE).unwrap_or_default())
    }
}

impl fmt::Debug for Marker {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = to_text(*self, Self::TRUE);
        write!(formatter, "Marker({})", text.as_deref().unwrap_or("always"))
    }
}

/// A cover as a disjunction.
pub fn any_of(cubes: &[Cube]) -> Formula {
    let cubes = in_reading_order(cubes).into_iter();
    Formula::any(cubes.map(|cube| Formula::all(cube.iter().map(literal))))
}

/// What a cover leaves out, as a conjunction.
pub fn none_of(cubes: &[Cube]) -> Formula {
    let complement = |one: &Literal| Literal {
        variable: one.variable,
        values: one.values.complement(),
    };
    let cubes = in_reading_order(cubes).into_iter();
    Formula::all(cubes.map(|cube| Formula::any(cube.iter().map(|one| literal(&complement(one))))))
}

/// What was asked for stands behind what the machine is.
fn in_reading_order(cubes: &[Cube]) -> Vec<Cube> {
    let is_asked = |literal: &Literal| {
        matches!(
            literal.variable,
            Variable::Extra | Variable::InExtras(_) | Variable::InGroups(_)
        )
    };
    let mut cubes = cubes.to_vec();
    for cube in &mut cubes {
        cube.sort_by_key(is_asked);
    }
    cubes.sort_by_cached_key(|cube| (cube.first().is_some_and(is_asked), cube.clone()));
    cubes
}

/// The comparisons of one literal.
pub fn literal(literal: &Literal) -> Formula {
    let variable = literal.variable;
    match &literal.values {
        Values::Versions(cuts) => versions(variable, cuts),
        Values::Texts {
            listed,
            are_inside: true,
        } => Formula::any(
            listed
                .iter()
                .map(|value| compare(variable.field(), Comparator::Equal, *value)),
        ),
        Values::Texts {
            listed,
            are_inside: false,
        } => Formula::all(
            listed
                .iter()
                .map(|value| compare(variable.field(), Comparator::NotEqual, *value)),
        ),
        Values::Truth { high, .. } => Formula::Compare(truth(variable, *high)),
    }
}

/// A comparison with the field on the left.
pub fn compare(field: Field, comparator: Comparator, literal: Text) -> Formula {
    Formula::Compare(
        Comparison {
            field,
            comparator,
            literal,
            reversed: false,
        }
        .to_string(),
    )
}

fn truth(variable: Variable, holds: bool) -> String {
    let comparison = match variable {
        Variable::Opaque(comparison) => comparison,
        Variable::InExtras(name) | Variable::InGroups(name) => Comparison {
            field: variable.field(),
            comparator: Comparator::In,
            literal: name,
            reversed: true,
        },
        _ => unreachable!("other variables have values"),
    };
    let comparator = if holds {
        comparison.comparator
    } else {
        opposite(comparison.comparator)
    };
    Comparison {
        comparator,
        ..comparison
    }
    .to_string()
}

/// The comparator that holds where another does not. Exact for `in`; for the versions of
/// `platform_release` it is so where the release is a version, and no text is exact elsewhere.
fn opposite(comparator: Comparator) -> Comparator {
    match comparator {
        Comparator::In => Comparator::NotIn,
        Comparator::NotIn => Comparator::In,
        Comparator::Equal | Comparator::Arbitrary | Comparator::Compatible => Comparator::NotEqual,
        Comparator::NotEqual => Comparator::Equal,
        Comparator::Less => Comparator::GreaterEqual,
        Comparator::LessEqual => Comparator::Greater,
        Comparator::Greater => Comparator::LessEqual,
        Comparator::GreaterEqual => Comparator::Less,
    }
}
