//! Walking a diagram for one environment.

use crate::marker::environment::{MarkerEnvironment, normalize_name, repair_full_version};
use crate::marker::field::Field;
use crate::marker::interner::{Edges, NodeId, node};
use crate::marker::interpreter::Cut;
use crate::marker::variable::Variable;
use crate::version::Version;

/// Whether the diagram holds.
pub fn evaluate(id: NodeId, environment: &MarkerEnvironment) -> bool {
    if walk(id, environment) {
        return true;
    }
    // A diagram holds on valid platforms only; another platform is first made valid.
    repaired(environment).is_some_and(|environment| walk(id, &environment))
}

fn walk(mut id: NodeId, environment: &MarkerEnvironment) -> bool {
    while !id.is_leaf() {
        id = follow(id, environment);
    }
    id == NodeId::LEAF
}

fn follow(id: NodeId, environment: &MarkerEnvironment) -> NodeId {
    let node = node(id);
    match &node.edges {
        Edges::Versions { first, rest } => {
            let point = point(node.variable, environment);
            let passed = rest.partition_point(|(cut, _)| *cut <= point);
            if passed == 0 {
                *first
            } else {
                rest[passed - 1].1
            }
        }
        Edges::Texts { values, other } => {
            let field = node.variable.field();
            let text = environment.text(field).unwrap_or("");
            let find = |text: &str| values.binary_search_by(|(value, _)| value.as_str().cmp(text));
            let found = if field == Field::Extra {
                find(&normalize_name(text))
            } else {
                find(text)
            };
            found.map_or(*other, |index| values[index].1)
        }
        Edges::Truth { low, high } => {
            let holds = match node.variable {
                Variable::Opaque(comparison) => comparison.evaluate(environment).unwrap_or(false),
                Variable::InExtras(name) | Variable::InGroups(name) => {
                    environment.holds(node.variable.field(), name.as_str())
                }
                _ => false,
            };
            if holds { *high } else { *low }
        }
    }
}

/// The interpreter's version; unreadable text counts as version 0, as the specification says of
/// values that cannot be calculated.
fn point(variable: Variable, environment: &MarkerEnvironment) -> Cut {
    let version = match variable {
        Variable::Python => {
            repair_full_version(&environment.python_full_version).parse::<Version>()
        }
        _ => environment.implementation_version.parse(),
    };
    version.map_or(Cut::release(0, 0, 0), Cut::of)
}

/// The environment with platform fields that can occur together, or `None` if they do already.
fn repaired(environment: &MarkerEnvironment) -> Option<MarkerEnvironment> {
    if walk(NodeId::UNIVERSE, environment) {
        return None;
    }
    let mut environment = environment.clone();
    let mut id = NodeId::UNIVERSE;
    while !id.is_leaf() {
        let child = follow(id, &environment);
        if child != NodeId::FALSE {
            id = child;
            continue;
        }
        let node = node(id);
        let Edges::Texts { values, other } = &node.edges else {
            break;
        };
        let first = values.iter().find(|(_, child)| *child != NodeId::FALSE);
        let value = first.map_or("", |(value, _)| value.as_str());
        set(&mut environment, node.variable, value);
        id = first.map_or(*other, |(_, child)| *child);
    }
    Some(environment)
}

fn set(environment: &mut MarkerEnvironment, variable: Variable, value: &str) {
    let place = match variable {
        Variable::OsName => &mut environment.os_name,
        Variable::PlatformSystem => &mut environment.platform_system,
        Variable::PlatformPythonImplementation => &mut environment.platform_python_implementation,
        Variable::ImplementationName => &mut environment.implementation_name,
        _ => &mut environment.sys_platform,
    };
    value.clone_into(place);
}
