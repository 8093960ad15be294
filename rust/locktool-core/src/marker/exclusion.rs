//! Which platform values can occur together: the diagram that every marker implies.
//!
//! `sys_platform`, `os_name` and `platform_system` describe one machine, and
//! `platform_python_implementation` and `implementation_name` one interpreter. The table lists
//! what CPython's documentation and PEPs 730, 738 and 776 fix; a platform that is not listed may
//! pair its own values freely, but not claim a listed one.

use std::sync::LazyLock;

use crate::marker::diagram::{meet, texts};
use crate::marker::interner::NodeId;
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
const IMPLEMENTATIONS: [(&str, &[&str]); 3] =
    [("cpython", &["CPython"]), ("graalpy", &["GraalPy", "GraalVM"]), ("pypy", &["PyPy"])];

static UNIVERSE: LazyLock<NodeId> = LazyLock::new(|| meet(platforms(), implementations()));

/// The diagram of the valid platforms.
pub fn universe() -> NodeId {
    *UNIVERSE
}

fn platforms() -> NodeId {
    let claimed: Vec<&str> = PLATFORMS.iter().flat_map(|(_, _, systems)| systems.iter().copied()).collect();
    let unlisted = one_of(Variable::PlatformSystem, &claimed, NodeId::FALSE, NodeId::LEAF);
    let branches: Vec<(&str, NodeId)> = PLATFORMS
        .iter()
        .map(|(platform, name, systems)| {
            let system = if systems.is_empty() {
                unlisted
            } else {
                one_of(Variable::PlatformSystem, systems, NodeId::LEAF, NodeId::FALSE)
            };
            (*platform, one_of(Variable::OsName, &[name], system, NodeId::FALSE))
        })
        .collect();
    let other = one_of(Variable::OsName, &["nt"], NodeId::FALSE, unlisted);
    by_value(Variable::SysPlatform, &branches, other)
}

fn implementations() -> NodeId {
    // The display name comes before the plain name in the order of variables.
    let branches: Vec<(&str, NodeId)> = IMPLEMENTATIONS
        .iter()
        .flat_map(|(name, displays)| {
            let child = one_of(Variable::ImplementationName, &[name], NodeId::LEAF, NodeId::FALSE);
            displays.iter().map(move |display| (*display, child))
        })
        .collect();
    let claimed: Vec<&str> = IMPLEMENTATIONS.iter().map(|(name, _)| *name).collect();
    let other = one_of(Variable::ImplementationName, &claimed, NodeId::FALSE, NodeId::LEAF);
    by_value(Variable::PlatformPythonImplementation, &branches, other)
}

fn one_of(variable: Variable, values: &[&str], inside: NodeId, outside: NodeId) -> NodeId {
    let branches: Vec<(&str, NodeId)> = values.iter().map(|value| (*value, inside)).collect();
    by_value(variable, &branches, outside)
}

fn by_value(variable: Variable, branches: &[(&str, NodeId)], other: NodeId) -> NodeId {
    let mut values: Vec<(Text, NodeId)> =
        branches.iter().map(|(value, child)| (Text::intern(value), *child)).collect();
    values.sort_unstable_by_key(|(value, _)| *value);
    texts(variable, values.into_iter(), other)
}
