//! The directories that a lock is built from: the inputs describe each of them, and its entry says what they describe.

use rustc_hash::FxHashSet;

use super::entries::Entry;
use super::{StaleReason, title};
use crate::lock::{LockedDocument, LockedPackage};
use crate::manifest::{Manifest, ManifestRecord, MemberRecord};
use crate::name::ExtraName;
use crate::requirement::Requirement;
use crate::version::SpecifierSet;

/// A code, and one sentence for people.
type Finding = (&'static str, String);

/// Directories that are locked and of which the inputs do not say what they require.
pub(super) fn unrecorded(document: &LockedDocument, recorded: &ManifestRecord) -> Vec<StaleReason> {
    let described = recorded.trees.iter().chain(&recorded.members);
    let described: FxHashSet<&str> = described.map(|tree| tree.path.as_str()).collect();
    let directories = document.packages.iter().filter_map(|package| {
        let directory = package.directory.as_ref()?;
        (!described.contains(directory.path.as_str())).then_some((package, directory))
    });
    directories
        .map(|(package, directory)| {
            let message = format!(
                "the inputs of the lock say nothing of {}, the directory of {}",
                directory.path,
                title(package)
            );
            StaleReason::touched("tree-unrecorded", title(package), message)
        })
        .collect()
}

/// Directories that the inputs describe twice, or that nothing in the lock is built from.
pub(super) fn unrequired(document: &LockedDocument, recorded: &ManifestRecord) -> Vec<StaleReason> {
    let packages = document.packages.iter();
    let mut locked: FxHashSet<&str> = packages
        .filter_map(|package| Some(package.directory.as_ref()?.path.as_str()))
        .collect();
    let trees = recorded.trees.iter().map(|tree| tree.path.as_str());
    trees
        .filter(|path| !locked.remove(path))
        .map(|path| {
            let message = format!("the inputs of the lock describe {path}, which no package comes from, or describe it twice");
            StaleReason::touched("tree-unrequired", path, message)
        })
        .collect()
}

/// Directories whose own sources give a package to an index that the project does not give it.
pub(super) fn unassigned(recorded: &ManifestRecord) -> Vec<StaleReason> {
    let assigned = recorded.assigned_indexes();
    let mut reasons = Vec::new();
    for tree in &recorded.trees {
        let mut names = tree.indexes.keys();
        if let Some(name) = names.find(|name| !assigned.contains_key(name.as_str())) {
            let message = format!(
                "{} takes {name} from an index by a source of its own, and the project gives {name} none",
                tree.path
            );
            let reason = StaleReason::touched("tree-index-unassigned", &tree.path, message);
            reasons.push(reason);
        }
    }
    reasons
}

/// What the entry of a directory says otherwise than the inputs do.
pub(super) fn check(
    manifest: &Manifest,
    entry: &Entry<'_>,
    package: &LockedPackage,
    tree: &MemberRecord,
) -> Vec<Finding> {
    let title = title(package);
    let mut findings = Vec::new();
    let specifiers = |text: Option<&str>| text.unwrap_or("").parse::<SpecifierSet>().ok();
    if specifiers(package.requires_python.as_deref()) != specifiers(tree.requires_python.as_deref())
    {
        let message = format!("the requires-python of {title} is not that of its directory");
        findings.push(("requires-python-changed", message));
    }
    match tree.published() {
        Ok(published) => findings.extend(requirements(manifest, entry, &title, &published)),
        Err(error) => findings.push(("requirement-invalid", format!("{title}: {error}"))),
    }
    findings
}

/// What an entry records otherwise than the metadata that the project states of its version.
pub(super) fn check_stated(
    manifest: &Manifest,
    entry: &Entry<'_>,
    package: &LockedPackage,
) -> Vec<Finding> {
    let Some(stated) = manifest.stated_metadata(entry.name, entry.version) else {
        return Vec::new();
    };
    let title = title(package);
    match stated.requirements() {
        Ok(published) => requirements(manifest, entry, &title, &published),
        Err(error) => vec![("requirement-invalid", error)],
    }
}

/// What an entry records otherwise than what its package requires, as far as it matters where the entry is needed.
fn requirements(
    manifest: &Manifest,
    entry: &Entry<'_>,
    title: &str,
    published: &[Requirement],
) -> Vec<Finding> {
    let recorded = &entry.requirements;
    let mut findings = Vec::new();
    if let Some(foreign) = recorded.iter().find(|one| !published.contains(one)) {
        let message =
            format!("the block of {title} records `{foreign}`, which it does not require");
        findings.push(("requirements-changed", message));
    }
    let mut relevant = published
        .iter()
        .filter(|one| is_relevant(manifest, one, entry));
    if let Some(missing) = relevant.find(|one| !recorded.contains(one)) {
        let message = format!("{title} requires `{missing}`, and its block does not record it");
        findings.push(("requirements-changed", message));
    }
    findings
}

/// Whether a requirement holds somewhere the entry is needed, for the extras that are asked for.
fn is_relevant(manifest: &Manifest, requirement: &Requirement, entry: &Entry<'_>) -> bool {
    let plain = requirement.marker.with_extras(&[]);
    let applies = |extras: &[ExtraName]| manifest.applies(requirement, extras, entry.as_parent());
    let of_extras = || {
        entry.extras.iter().any(|(extra, reach)| {
            requirement.marker.with_extras(&[*extra]) != plain
                && !applies(&[*extra]).is_disjoint(*reach)
        })
    };
    !applies(&[]).is_disjoint(entry.reach) || of_extras()
}
