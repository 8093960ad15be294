//! What a block of a lock says of itself: that it is as it was written, and from where it may be.

use super::files::Rules;
use super::{StaleReason, files, title};
use crate::distribution::filename::DistributionFilename;
use crate::distribution::tag::implied_marker;
use crate::locked::{LockedDirectory, LockedPackage, LockedRepository, directory_path};
use crate::manifest::{Manifest, Member, Place};
use crate::marker::Marker;
use crate::name::PackageName;

/// Finds what does not hold within a block.
pub(super) fn check<'d>(package: &'d LockedPackage, rules: &mut Rules<'d>) -> Vec<StaleReason> {
    let manifest = rules.manifest;
    let title = title(package);
    let name = PackageName::parse(&package.name).ok();
    let mut reasons = Vec::new();
    let mut finding = |code, message: String| {
        reasons.push(StaleReason::touched(code, title.clone(), message));
    };
    if name.is_some_and(|name| name.as_str() != package.name) {
        let message = format!("`{}` is not written as names are in a lock", package.name);
        finding("name-invalid", message);
    }
    let member = name.and_then(|name| manifest.member(name));
    if member.is_some() && files::is_of_index(package) {
        let message = format!("{title} is a part of the project and is locked from an index");
        finding("member-replaced", message);
    }
    if let Some(directory) = &package.directory
        && let Some(member) = member.filter(|one| !one.package && one.path == directory.path)
    {
        let message = format!(
            "{} has no build system and is not installed, yet {title} is locked",
            member.path
        );
        finding("member-not-installed", message);
    }
    match (
        member.filter(|_| package.directory.is_some()),
        package.evidence(),
    ) {
        (Some(member), _) => {
            if !is_as_written(package, member) {
                let message = format!(
                    "the block of {title}, a part of the project, is not as it was written: it has nothing but its directory"
                );
                finding("block-changed", message);
            }
        }
        (None, Some(evidence)) => {
            if evidence.digest != package.digest() {
                let message = format!(
                    "the block of {title} is not as it was written: a version, requirement, file or hash in it differs"
                );
                finding("block-changed", message);
            }
        }
        (None, None) => {
            let message = format!(
                "the block of {title} has no [packages.tool.locktool] table to prove it by"
            );
            finding("evidence-missing", message);
        }
    }
    if let Some(directory) = package.directory.as_ref().filter(|_| member.is_none())
        && (directory.editable == Some(true)) != is_editable(manifest, &directory.path)
    {
        let message = format!("whether {title} is editable is not what its source says");
        finding("editable-changed", message);
    }
    if let Some(message) = package.vcs.as_ref().and_then(|vcs| commit(vcs, &title)) {
        finding("commit-changed", message);
    }
    for (code, message) in files::check(package, &title, name, rules) {
        finding(code, message);
    }
    reasons
}

/// Whether a source says that the directory at a recorded path is to be installed editable.
fn is_editable(manifest: &Manifest, path: &str) -> bool {
    let mut sources = manifest.sources.iter();
    let source = sources.find(|source| match &source.place {
        Place::Address(address) => directory_path(address) == path,
        Place::Index(_) => false,
    });
    source.is_some_and(|source| source.editable == Some(true))
}

/// Why the commit of a repository cannot be the one that was asked for.
fn commit(repository: &LockedRepository, title: &str) -> Option<String> {
    let is_full = |text: &str| {
        matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
    };
    let commit = &repository.commit_id;
    if !is_full(commit) {
        return Some(format!(
            "`{commit}`, the commit of {title}, is not a whole commit"
        ));
    }
    let asked = repository.requested_revision.as_deref();
    let asked = asked.filter(|asked| is_full(asked) && !asked.eq_ignore_ascii_case(commit))?;
    Some(format!(
        "{title} is of commit {commit}, and {asked} is required"
    ))
}

/// Whether the block of a member says what follows from the member, markers and edges aside.
fn is_as_written(package: &LockedPackage, member: &Member) -> bool {
    let written = LockedPackage {
        name: package.name.clone(),
        marker: package.marker.clone(),
        dependencies: package.dependencies.clone(),
        directory: Some(LockedDirectory {
            path: member.path.clone(),
            editable: Some(true),
        }),
        // Tables of other tools are theirs.
        tool: package.tool.clone().filter(|tool| tool.locktool.is_none()),
        ..LockedPackage::default()
    };
    *package == written
}

/// A required environment that needs an entry and for which none of its files is.
pub(super) fn unserved(
    package: &LockedPackage,
    reach: Marker,
    manifest: &Manifest,
) -> Option<Marker> {
    if package.wheels.is_empty() || package.sdist.is_some() {
        return None;
    }
    let name = PackageName::parse(&package.name).ok()?;
    let required = manifest.required_environments.iter();
    let mut asked = required
        .map(|required| required.and(reach))
        .filter(|asked| !asked.is_false())
        .peekable();
    asked.peek()?;
    let covered = package.wheels.iter().fold(Marker::FALSE, |known, file| {
        let parsed = DistributionFilename::parse(file.filename(), name);
        match parsed {
            Ok(DistributionFilename::Wheel { tags, .. }) => known.or(implied_marker(&tags)),
            _ => known,
        }
    });
    asked.find(|asked| asked.is_disjoint(covered))
}
