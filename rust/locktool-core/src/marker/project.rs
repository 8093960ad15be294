//! Looking at a marker along some of its variables: fixing extras and memberships, and going
//! between the interpreter variable and ranges of versions.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use crate::marker::Membership;
use crate::marker::budget::deeper;
use crate::marker::condition::within_versions;
use crate::marker::diagram::{and, children, map_edges, or, variable, visit};
use crate::marker::interner::{Edges, NodeId, Projection, node, projected};
use crate::marker::interpreter::{Build, Cut, Side};
use crate::marker::text::Text;
use crate::marker::variable::Variable;
use crate::name::{ExtraName, GroupName};
use crate::version::{Bound, SpecifierSet, Version, VersionRange};

/// The diagram with one variable replaced by the branch that `choose` takes of its edges.
fn fix(id: NodeId, target: Variable, choose: &impl Fn(&Edges) -> NodeId) -> NodeId {
    let mut done = FxHashMap::default();
    fix_below(id, target, choose, &mut done)
}

fn fix_below(
    id: NodeId,
    target: Variable,
    choose: &impl Fn(&Edges) -> NodeId,
    done: &mut FxHashMap<NodeId, NodeId>,
) -> NodeId {
    match variable(id) {
        Some(variable) if variable < target => {}
        Some(variable) if variable == target => return choose(&node(id).edges),
        _ => return id,
    }
    if let Some(result) = done.get(&id) {
        return *result;
    }
    let result = map_edges(id, &mut |child| {
        deeper(|| fix_below(child, target, choose, done))
    });
    done.insert(id, result);
    result
}

/// See `Marker::with_extras`.
pub fn with_extras(id: NodeId, names: &[ExtraName]) -> NodeId {
    if id.is_leaf() || id == NodeId::UNIVERSE {
        return id;
    }
    let plain = projected(Projection::WithoutExtra, id, || with_extra(id, ""));
    // A diagram that asks for no extra is its own.
    if names.is_empty() || plain == id {
        return plain;
    }
    names.iter().fold(NodeId::FALSE, |result, name| {
        or(result, with_extra(id, name.as_str()))
    })
}

fn with_extra(id: NodeId, name: &str) -> NodeId {
    let fixed = fix(id, Variable::Extra, &|edges| match edges {
        Edges::Texts { values, other } => values
            .binary_search_by(|(value, _)| value.as_str().cmp(name))
            .map_or(*other, |index| values[index].1),
        _ => NodeId::FALSE,
    });
    fix_opaque_extra(fixed, name)
}

/// Answers the opaque comparisons of `extra` for a name.
fn fix_opaque_extra(id: NodeId, name: &str) -> NodeId {
    let asks_extra = |variable: &Variable| matches!(variable, Variable::Opaque(asked) if asked.field == Variable::Extra.field());
    let mut asked = BTreeSet::new();
    visit(id, |variable| {
        asked.extend(Some(variable).filter(asks_extra));
    });
    asked.into_iter().fold(id, |id, variable| {
        let Variable::Opaque(comparison) = variable else {
            return id;
        };
        assume(id, variable, comparison.compare(name).unwrap_or(false))
    })
}

/// See `Marker::assume`.
pub fn assume(id: NodeId, target: Variable, holds: bool) -> NodeId {
    fix(id, target, &|edges| match edges {
        Edges::Truth { low, high } => {
            if holds {
                *high
            } else {
                *low
            }
        }
        _ => NodeId::FALSE,
    })
}

/// The variables of a diagram, in order.
pub fn variables(id: NodeId) -> BTreeSet<Variable> {
    let mut found = BTreeSet::new();
    visit(id, |variable| {
        found.insert(variable);
    });
    found
}

/// See `Marker::memberships`.
pub fn memberships(id: NodeId) -> Vec<Membership> {
    let membership = |variable| match variable {
        Variable::InExtras(name) => ExtraName::parse(name.as_str()).ok().map(Membership::Extra),
        Variable::InGroups(name) => GroupName::parse(name.as_str()).ok().map(Membership::Group),
        _ => None,
    };
    variables(id).into_iter().filter_map(membership).collect()
}

/// See `Marker::without_memberships`.
pub fn without_memberships(id: NodeId) -> NodeId {
    if id.is_leaf() || id == NodeId::UNIVERSE {
        return id;
    }
    projected(Projection::WithoutMemberships, id, || {
        memberships(id).into_iter().fold(id, |known, one| {
            let asked = |holds| assume(known, one.variable(), holds);
            or(asked(true), asked(false))
        })
    })
}

/// See `Marker::from_python_range`.
pub fn from_python_range(range: &VersionRange) -> NodeId {
    let bounds = range
        .segments()
        .flat_map(|segment| [segment.lower, segment.upper]);
    let named: Vec<Version> = bounds.flatten().map(Bound::version).collect();
    within_versions(&named, |text| {
        text.parse().is_ok_and(|version| range.contains(version))
    })
}

/// See `Marker::from_requires_python`.
pub fn from_requires_python(specifiers: &SpecifierSet) -> NodeId {
    specifiers
        .iter()
        .fold(NodeId::UNIVERSE, |result, specifier| {
            let one = within_versions(&[specifier.version()], |text| specifier.contains_text(text));
            and(result, one)
        })
}

/// See `Marker::python_range`.
pub fn python_range(id: NodeId) -> VersionRange {
    if id == NodeId::FALSE {
        return VersionRange::empty();
    }
    if variable(id) != Some(Variable::Python) {
        return VersionRange::full();
    }
    let Edges::Versions { first, rest } = &node(id).edges else {
        return VersionRange::full();
    };
    let mut range = if *first == NodeId::FALSE {
        VersionRange::empty()
    } else {
        VersionRange::full()
    };
    for (cut, child) in rest {
        let above = VersionRange::above(bound(*cut));
        range = if *child == NodeId::FALSE {
            range.difference(&above)
        } else {
            range.union(&above)
        };
    }
    range
}

/// See `Marker::without_python`.
pub fn without_python(id: NodeId) -> NodeId {
    if variable(id) == Some(Variable::Python) {
        children(id).into_iter().fold(NodeId::FALSE, or)
    } else {
        id
    }
}

/// The place of a cut among all versions. A release starts with its developmental releases,
/// so that `python_version < '3.9'` has the range of `<3.9`.
fn bound(cut: Cut) -> Bound {
    let parse = |text: &str| text.parse().unwrap_or_else(|_| Version::lowest());
    if cut.is_release() {
        return Bound::Before(parse(&format!(
            "{}.{}.{}.dev0",
            cut.major, cut.minor, cut.micro
        )));
    }
    let base = Cut {
        build: Build::Version,
        ..cut
    }
    .version_text();
    let labelled = |label: Text| parse(&format!("{base}+{}", label.as_str()));
    match cut.build {
        Build::Version => Bound::Before(parse(&base)),
        Build::AfterVersion => Bound::After(parse(&base)),
        Build::Label(label, Side::Below) => Bound::Before(labelled(label)),
        Build::Label(label, Side::Above) => Bound::After(labelled(label)),
    }
}
