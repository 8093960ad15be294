//! What a block of a lock says of itself: that it is as it was written, and that its files belong to its name and version.

use url::Url;

use super::{StaleReason, title};
use crate::distribution::filename::DistributionFilename;
use crate::distribution::tag::implied_marker;
use crate::locked::{LockedDirectory, LockedFile, LockedPackage, directory_path};
use crate::manifest::{Manifest, Member};
use crate::marker::Marker;
use crate::name::PackageName;
use crate::version::Version;

/// Finds what does not hold within a block.
pub(super) fn check(package: &LockedPackage, manifest: &Manifest) -> Vec<StaleReason> {
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
    for (code, message) in files(package, &title, name) {
        finding(code, message);
    }
    reasons
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
        ..LockedPackage::default()
    };
    *package == written
}

fn files(
    package: &LockedPackage,
    title: &str,
    name: Option<PackageName>,
) -> Vec<(&'static str, String)> {
    let mut findings = Vec::new();
    let version = package
        .version
        .as_deref()
        .and_then(|text| text.parse::<Version>().ok());
    if let (Some(name), Some(version)) = (name, version) {
        let wheels = package.wheels.iter().map(|file| (file, true));
        let sdists = package.sdist.iter().map(|file| (file, false));
        for (file, is_wheel) in wheels.chain(sdists) {
            if !belongs(file, name, version, is_wheel) {
                let message = format!("{} is not a file of {title}", file.filename());
                findings.push(("file-changed", message));
            }
        }
    }
    for file in package.wheels.iter().chain(&package.sdist) {
        if file.hashes.is_empty() {
            let message = format!("{} of {title} has no hash", file.filename());
            findings.push(("hash-missing", message));
        }
    }
    let has_source = package.archive.is_some()
        || package.sdist.is_some()
        || package.directory.is_some()
        || package.vcs.is_some();
    if !has_source && package.wheels.is_empty() {
        findings.push((
            "files-missing",
            format!("the block of {title} has no files"),
        ));
    }
    findings
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

fn belongs(file: &LockedFile, name: PackageName, version: Version, is_wheel: bool) -> bool {
    match DistributionFilename::parse(file.filename(), name) {
        Ok(filename) => {
            filename.version() == version
                && matches!(filename, DistributionFilename::Wheel { .. }) == is_wheel
        }
        Err(_) => false,
    }
}

/// Whether an entry is from an address: the URL, or the path relative to the project, that a requirement gives.
pub(super) fn comes_from(package: &LockedPackage, address: &str) -> bool {
    if let Some(repository) = &package.vcs {
        return repository.is_at(address);
    }
    if let Some(directory) = &package.directory {
        return is_same_place(&directory.path, &directory_path(address));
    }
    package.archive.as_ref().is_some_and(|archive| {
        let places = archive.url.iter().chain(&archive.path);
        places
            .into_iter()
            .any(|place| is_same_place(place, address))
    })
}

/// Compares addresses without credentials, which are never recorded, and without fragments, which name no other place.
fn is_same_place(recorded: &str, address: &str) -> bool {
    let place = |text: &str| {
        let mut url = Url::parse(text).ok()?;
        // A URL that cannot have them has none to take away.
        let _ = (url.set_username(""), url.set_password(None));
        url.set_fragment(None);
        Some(url)
    };
    match (place(recorded), place(address)) {
        (None, None) => recorded.trim_end_matches('/') == address.trim_end_matches('/'),
        (recorded, address) => recorded == address,
    }
}
