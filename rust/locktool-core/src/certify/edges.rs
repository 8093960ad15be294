//! Edges between the entries of a lock: what a block states, and how it differs from what follows.

use std::collections::BTreeSet;

use crate::lock::LockedDependency;
use crate::name::PackageName;
use crate::version::Version;

/// The package that is depended on, and its version where the name has several entries.
pub(super) type Edge = (PackageName, Option<Version>);

/// The edge that a line of `dependencies` states.
pub(super) fn parse_edge(dependency: &LockedDependency) -> Option<Edge> {
    let version = match dependency.version.as_deref() {
        Some(text) => Some(text.parse().ok()?),
        None => None,
    };
    Some((PackageName::parse(&dependency.name).ok()?, version))
}

/// The first edge that one side has and the other has not, as a sentence.
pub(super) fn edge_difference(
    title: &str,
    stated: &BTreeSet<Edge>,
    derived: &BTreeSet<Edge>,
) -> String {
    let text = |(name, version): &Edge| match version {
        Some(version) => format!("{name} {version}"),
        None => name.to_string(),
    };
    if let Some(missing) = derived.difference(stated).next() {
        return format!(
            "{title} depends on {}, and its block does not say so",
            text(missing)
        );
    }
    match stated.difference(derived).next() {
        Some(extra) => format!(
            "the block of {title} lists {}, on which it does not depend",
            text(extra)
        ),
        None => format!("the block of {title} lists a dependency twice"),
    }
}
