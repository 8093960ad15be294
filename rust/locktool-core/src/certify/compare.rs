//! What was derived of the entries of a lock against what the lock states of them.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use super::edges::{Edge, edge_difference, parse_edge};
use super::entries::{Entries, Entry};
use super::origin::comes_from;
use super::{StaleReason, block, title, trees};
use crate::lock::LockedPackage;
use crate::manifest::{
    ConflictMarkers, Manifest, ManifestRecord, MemberRecord, python_lower_bound,
};
use crate::marker::Marker;
use crate::requirement::RequirementSource;
use crate::version::SpecifierSet;

/// A code, and one sentence for people.
type Finding = (&'static str, String);

/// Finds what is stated and does not follow.
pub(super) fn compare(
    entries: &Entries<'_>,
    manifest: &Manifest,
    recorded: &ManifestRecord,
) -> Vec<StaleReason> {
    let trees = recorded.trees.iter();
    let mut comparison = Comparison {
        manifest,
        universe: manifest.universe(),
        conflicts: manifest.conflict_markers(),
        trees: trees.map(|tree| (tree.path.as_str(), tree)).collect(),
        pythons: FxHashMap::default(),
    };
    let mut reasons = Vec::new();
    for (place, entry) in entries.list.iter().enumerate() {
        let Some(package) = entry.package else {
            continue;
        };
        if entries.overlapping.contains(&place) {
            continue;
        }
        let title = title(package);
        let findings = comparison.entry(entry, package, &title).into_iter();
        reasons.extend(
            findings.map(|(code, message)| StaleReason::touched(code, title.clone(), message)),
        );
    }
    reasons
}

struct Comparison<'a> {
    manifest: &'a Manifest,
    universe: Marker,
    conflicts: ConflictMarkers,
    /// The directories that the inputs describe, by their paths.
    trees: BTreeMap<&'a str, &'a MemberRecord>,
    /// Where each text of requires-python is met.
    pythons: FxHashMap<String, Marker>,
}

impl Comparison<'_> {
    fn entry(&mut self, entry: &Entry<'_>, package: &LockedPackage, title: &str) -> Vec<Finding> {
        if entry.reach.is_false() {
            return vec![("orphan", format!("nothing in the project requires {title}"))];
        }
        let mut findings = Vec::new();
        if !self.has_origin(entry, package) {
            let message = format!("{title} is from an address that nothing in the project gives");
            findings.push(("origin-changed", message));
        }
        findings.extend(self.marker(entry, package, title));
        findings.extend(edges(entry, package, title));
        if let Some(unserved) = block::unserved(package, entry.reach, self.manifest) {
            let message = format!(
                "{title} has no wheel where {}, which the project requires",
                unserved.to_text(self.universe).unwrap_or_default()
            );
            findings.push(("wheel-missing", message));
        }
        findings.extend(self.python(entry, package, title));
        let tree = package
            .directory
            .as_ref()
            .filter(|_| entry.member.is_none());
        if let Some(tree) = tree.and_then(|directory| self.trees.get(directory.path.as_str())) {
            findings.extend(trees::check(self.manifest, entry, package, tree));
        } else if entry.member.is_none() {
            findings.extend(trees::check_stated(self.manifest, entry, package));
        }
        findings
    }

    fn marker(&self, entry: &Entry<'_>, package: &LockedPackage, title: &str) -> Option<Finding> {
        let beyond = self.conflicts.selected(entry.reach);
        if entry.reach == entry.stated && beyond.implies(entry.written) {
            return None;
        }
        let derived = entry.reach.or(beyond).to_text(self.universe.or(beyond));
        let shown = |text: Option<&str>| {
            text.map_or_else(|| "absent".to_owned(), |text| format!("`{text}`"))
        };
        let message = format!(
            "the marker of {title} is {} and should be {}",
            shown(package.marker.as_deref()),
            shown(derived.as_deref()),
        );
        Some(("marker-changed", message))
    }

    /// What is from an address must be required by it, or constrained to it.
    fn has_origin(&self, entry: &Entry<'_>, package: &LockedPackage) -> bool {
        let is_direct =
            package.archive.is_some() || package.directory.is_some() || package.vcs.is_some();
        let is_constrained = || {
            self.manifest.constraints.iter().any(|constraint| {
                constraint.name == entry.name
                    && matches!(&constraint.source, RequirementSource::Url(address) if comes_from(package, address))
            })
        };
        !is_direct || entry.member.is_some() || entry.is_asked_by_address || is_constrained()
    }

    /// Every Python that gets an entry must be new enough for it.
    fn python(
        &mut self,
        entry: &Entry<'_>,
        package: &LockedPackage,
        title: &str,
    ) -> Option<Finding> {
        let text = package.requires_python.as_deref()?;
        let supported = if let Some(known) = self.pythons.get(text) {
            *known
        } else {
            let specifiers = text.parse::<SpecifierSet>();
            let installable = self.manifest.installable();
            let supported =
                specifiers.map_or(Marker::TRUE, |one| python_lower_bound(&one, installable));
            self.pythons.insert(text.to_owned(), supported);
            supported
        };
        if entry.stated.implies(supported) {
            return None;
        }
        let message = format!("{title} requires Python {text} and is locked for others");
        Some(("python-unmet", message))
    }
}

fn edges(entry: &Entry<'_>, package: &LockedPackage, title: &str) -> Option<Finding> {
    let stated: BTreeSet<Edge> = package.dependencies.iter().filter_map(parse_edge).collect();
    if stated == entry.dependencies && stated.len() == package.dependencies.len() {
        return None;
    }
    let message = edge_difference(title, &stated, &entry.dependencies);
    Some(("dependencies-changed", message))
}
