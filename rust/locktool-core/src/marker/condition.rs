//! One comparison -> its diagram.
//!
//! Version comparisons become cuts, equalities become listed values, set memberships become
//! truths. What is left (substring tests, `platform_release` as a version) is opaque: known
//! values are listed with their answers and every other value asks the comparison itself. A
//! comparison that the specification leaves undefined holds nowhere: it calls for an error when
//! published, and tools that consume it may treat it as false.

use std::sync::{LazyLock, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use crate::marker::diagram::{difference, meet, texts, truth, versions};
use crate::marker::environment::normalize_name;
use crate::marker::expression::Comparison;
use crate::marker::field::{Comparator, Field};
use crate::marker::interner::NodeId;
use crate::marker::interpreter::{Cut, Cuts, cuts_of, cuts_of_stretches, minor_cuts_of};
use crate::marker::substring::{interpreter_versions, minor_versions, words};
use crate::marker::text::Text;
use crate::marker::variable::{Variable, known_values};
use crate::name::ExtraName;
use crate::version::Version;

type Known = FxHashMap<Comparison, NodeId>;

static KNOWN: LazyLock<Mutex<Known>> = LazyLock::new(Mutex::default);

/// The diagram of a comparison. Packages repeat few comparisons, so all are remembered.
pub fn lower(comparison: &Comparison) -> NodeId {
    let known = || KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let remembered = known().get(comparison).copied();
    remembered.unwrap_or_else(|| {
        let id = lower_by_field(comparison);
        known().insert(*comparison, id);
        id
    })
}

fn lower_by_field(comparison: &Comparison) -> NodeId {
    match comparison.field {
        Field::PythonVersion | Field::PythonFullVersion => {
            lower_versions(comparison, Variable::Python)
        }
        Field::ImplementationVersion => lower_versions(comparison, Variable::ImplementationVersion),
        Field::Extras | Field::DependencyGroups => lower_membership(comparison),
        Field::PlatformRelease => lower_release(comparison),
        _ => lower_text(comparison),
    }
}

/// The diagram that holds exactly in these stretches of interpreter versions.
pub fn within(variable: Variable, cuts: &[Cut]) -> NodeId {
    let starts_inside = cuts.first() == Some(&Cut::minor(0, 0));
    let leaf = |inside: bool| {
        if inside {
            NodeId::UNIVERSE
        } else {
            NodeId::FALSE
        }
    };
    let changes = &cuts[usize::from(starts_inside)..];
    let mut inside = starts_inside;
    versions(
        variable,
        leaf(starts_inside),
        changes.iter().map(|cut| {
            inside = !inside;
            (*cut, leaf(inside))
        }),
    )
}

/// The diagram that holds where the field has this value.
pub fn equals(variable: Variable, value: Text) -> NodeId {
    among(variable, &[value])
}

/// The diagram that holds where the field has one of these (sorted) values.
pub fn among(variable: Variable, values: &[Text]) -> NodeId {
    let raw = texts(
        variable,
        values.iter().map(|value| (*value, NodeId::LEAF)),
        NodeId::FALSE,
    );
    meet(raw, NodeId::UNIVERSE)
}

/// The diagram of a truth variable.
pub fn holds(variable: Variable) -> NodeId {
    meet(
        truth(variable, NodeId::FALSE, NodeId::LEAF),
        NodeId::UNIVERSE,
    )
}

fn constant(value: bool) -> NodeId {
    if value {
        NodeId::UNIVERSE
    } else {
        NodeId::FALSE
    }
}

fn negated_if(negate: bool, id: NodeId) -> NodeId {
    if negate {
        difference(NodeId::UNIVERSE, id)
    } else {
        id
    }
}

fn lower_versions(comparison: &Comparison, variable: Variable) -> NodeId {
    let is_minor = comparison.field == Field::PythonVersion;
    let literal = comparison.literal.as_str();
    match comparison.comparator {
        Comparator::In | Comparator::NotIn if comparison.reversed => lower_opaque(comparison),
        Comparator::In | Comparator::NotIn => {
            let cuts = if is_minor {
                minor_versions(literal)
            } else {
                interpreter_versions(literal)
            };
            negated_if(
                comparison.comparator == Comparator::NotIn,
                within(variable, &cuts_of_stretches(cuts)),
            )
        }
        _ => {
            // A build with a local label cannot stand behind an ordering operator; where the
            // field is on the right it counts as its version.
            let reads_public = comparison.reversed
                && !matches!(
                    comparison.comparator,
                    Comparator::Equal | Comparator::NotEqual | Comparator::Arbitrary
                );
            let holds = |value: &str| {
                let value = if reads_public {
                    value.split('+').next().unwrap_or(value)
                } else {
                    value
                };
                comparison.compare(value).unwrap_or(false)
            };
            let version = literal_version(literal);
            let cuts: Cuts = if is_minor {
                minor_cuts_of(version, holds)
            } else {
                cuts_of(version.as_slice(), holds)
            };
            within(variable, &cuts)
        }
    }
}

/// The version that a literal speaks about: `3.11`, `3.11.*`, ` 3.11 `, also where the literal goes on with the
/// operator: `python_version < '=3.11'` asks for `<=3.11`.
fn literal_version(literal: &str) -> Option<Version> {
    let literal = literal.trim_start_matches('=').trim();
    literal.strip_suffix(".*").unwrap_or(literal).parse().ok()
}

fn lower_membership(comparison: &Comparison) -> NodeId {
    let name = comparison.literal;
    let is_in = match comparison.comparator {
        _ if !comparison.reversed => return NodeId::FALSE,
        Comparator::In => true,
        Comparator::NotIn => false,
        comparator => return constant(comparator == Comparator::NotEqual),
    };
    // What is no valid name is in no set.
    if ExtraName::parse(name.as_str()).is_err() {
        return constant(!is_in);
    }
    let is_extra = comparison.field == Field::Extras;
    let variable = if is_extra {
        Variable::InExtras(name)
    } else {
        Variable::InGroups(name)
    };
    negated_if(!is_in, holds(variable))
}

/// `platform_release` is a version on some platforms and any text on others.
fn lower_release(comparison: &Comparison) -> NodeId {
    let literal = comparison.literal.as_str();
    let is_text = literal_version(literal).is_none() && !comparison.reversed;
    match comparison.comparator {
        Comparator::In | Comparator::NotIn | Comparator::Arbitrary => lower_opaque(comparison),
        // Where the literal is no version the comparison is one of strings on every platform.
        _ if is_text => lower_text(comparison),
        _ => lower_opaque(comparison),
    }
}

fn lower_text(comparison: &Comparison) -> NodeId {
    let Some(variable) = Variable::of_text_field(comparison.field) else {
        return NodeId::FALSE;
    };
    let literal = comparison.literal.as_str();
    let is_unreachable = comparison.field == Field::Extra && normalize_name(literal) != literal;
    match comparison.comparator {
        // A field name on the right, taken as it is: no normalised name equals it.
        Comparator::Equal
        | Comparator::LessEqual
        | Comparator::GreaterEqual
        | Comparator::NotEqual
            if is_unreachable =>
        {
            constant(comparison.comparator == Comparator::NotEqual)
        }
        Comparator::Equal | Comparator::LessEqual | Comparator::GreaterEqual => {
            equals(variable, comparison.literal)
        }
        Comparator::NotEqual => negated_if(true, equals(variable, comparison.literal)),
        Comparator::Less | Comparator::Greater | Comparator::Compatible | Comparator::Arbitrary => {
            NodeId::FALSE
        }
        Comparator::In | Comparator::NotIn => lower_opaque(comparison),
    }
}

/// Known values with their answers; every other value asks the comparison.
fn lower_opaque(comparison: &Comparison) -> NodeId {
    let negate = comparison.comparator == Comparator::NotIn;
    let is_name = comparison.field == Field::Extra;
    let comparator = if negate {
        Comparator::In
    } else {
        comparison.comparator
    };
    let literal = if is_name {
        Text::intern(&normalize_name(comparison.literal.as_str()))
    } else {
        comparison.literal
    };
    let positive = Comparison {
        comparator,
        literal,
        ..*comparison
    };
    let asked = truth(Variable::Opaque(positive), NodeId::FALSE, NodeId::LEAF);
    let Some(variable) = Variable::of_text_field(comparison.field) else {
        return negated_if(negate, meet(asked, NodeId::UNIVERSE));
    };
    let literal = literal.as_str();
    let mut known: Vec<Text> = known_values(comparison.field)
        .iter()
        .copied()
        .chain(if comparison.reversed {
            vec![literal]
        } else {
            words(literal)
        })
        .map(|value| {
            if is_name {
                Text::intern(&normalize_name(value))
            } else {
                Text::intern(value)
            }
        })
        .collect();
    known.sort_unstable();
    known.dedup();
    let answer = |value: Text| {
        if positive.compare(value.as_str()).unwrap_or(false) {
            NodeId::LEAF
        } else {
            NodeId::FALSE
        }
    };
    let raw = texts(
        variable,
        known.into_iter().map(|value| (value, answer(value))),
        asked,
    );
    negated_if(negate, meet(raw, NodeId::UNIVERSE))
}

/// The diagram that holds for the versions that `contains` admits, given those it names.
pub fn within_versions(named: &[Version], contains: impl Fn(&str) -> bool) -> NodeId {
    within(Variable::Python, &cuts_of(named, contains))
}
