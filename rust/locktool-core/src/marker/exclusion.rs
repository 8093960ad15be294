//! Which platform values can occur together: the diagram that every marker implies.
//!
//! `sys_platform`, `os_name` and `platform_system` describe one machine, and
//! `platform_python_implementation` and `implementation_name` one interpreter. The table lists
//! what the library documentation of Python and PEPs 730, 738 and 776 fix; a platform that is not listed may
//! pair its own values freely, but not claim a listed one.

use std::sync::LazyLock;

use crate::marker::diagram::texts;
use crate::marker::interner::{Edges, Node, NodeId};
use crate::marker::text::Text;
use crate::marker::variable::Variable;

/// `sys_platform`, `os_name`, and the `platform_system` values it has (none: an unlisted one).
const PLATFORMS: [(&str, &str, &[&str]); 8] = [
    ("android", "posix", &["Android"]),
    ("cygwin", "posix", &[]),
    ("darwin", "posix", &["Darwin"]),
    ("emscripten", "posix", &["Emscripten"]),
    ("ios", "posix", &["iOS", "iPadOS"]),
    ("linux", "posix", &["Linux"]),
    ("wasi", "posix", &[]),
    ("win32", "nt", &["Windows"]),
];

/// `platform_python_implementation` values of an `implementation_name`.
const IMPLEMENTATIONS: [(&str, &[&str]); 3] = [
    ("cpython", &["CPython"]),
    ("graalpy", &["GraalPy", "GraalVM"]),
    ("pypy", &["PyPy"]),
];

static UNIVERSE: LazyLock<Node> = LazyLock::new(build);

/// The root of the diagram of the valid platforms; its id is `NodeId::UNIVERSE`.
pub fn universe_node() -> &'static Node {
    &UNIVERSE
}

fn build() -> Node {
    let inside = implementations();
    let claimed: Vec<&str> = PLATFORMS
        .iter()
        .flat_map(|(_, _, systems)| systems.iter().copied())
        .collect();
    let unlisted = one_of(Variable::PlatformSystem, &claimed, NodeId::FALSE, inside);
    let branches = PLATFORMS.iter().map(|(platform, name, systems)| {
        let system = if systems.is_empty() {
            unlisted
        } else {
            one_of(Variable::PlatformSystem, systems, inside, NodeId::FALSE)
        };
        (
            Text::intern(platform),
            one_of(Variable::OsName, &[name], system, NodeId::FALSE),
        )
    });
    let other = one_of(Variable::OsName, &["nt"], NodeId::FALSE, unlisted);
    // Not interned: the table asks for this node to know the universe when it meets it.
    Node {
        variable: Variable::SysPlatform,
        edges: Edges::Texts {
            values: branches.collect(),
            other,
        },
    }
}

fn implementations() -> NodeId {
    // The display name comes before the plain name in the order of variables.
    let branches: Vec<(&str, NodeId)> = IMPLEMENTATIONS
        .iter()
        .flat_map(|(name, displays)| {
            let child = one_of(
                Variable::ImplementationName,
                &[name],
                NodeId::LEAF,
                NodeId::FALSE,
            );
            displays.iter().map(move |display| (*display, child))
        })
        .collect();
    let claimed: Vec<&str> = IMPLEMENTATIONS.iter().map(|(name, _)| *name).collect();
    let other = one_of(
        Variable::ImplementationName,
        &claimed,
        NodeId::FALSE,
        NodeId::LEAF,
    );
    by_value(Variable::PlatformPythonImplementation, &branches, other)
}

fn one_of(variable: Variable, values: &[&str], inside: NodeId, outside: NodeId) -> NodeId {
    let branches: Vec<(&str, NodeId)> = values.iter().map(|value| (*value, inside)).collect();
    by_value(variable, &branches, outside)
}

fn by_value(variable: Variable, branches: &[(&str, NodeId)], other: NodeId) -> NodeId {
    let mut values: Vec<(Text, NodeId)> = branches
        .iter()
        .map(|(value, child)| (Text::intern(value), *child))
        .collect();
    values.sort_unstable_by_key(|(value, _)| *value);
    texts(variable, values.into_iter(), other)
}
