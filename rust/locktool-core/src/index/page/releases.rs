//! The files of a page to releases: which files are distributions of the package, grouped and sorted by version and name, so that
//! the order of the page says nothing.
//!
//! A file of which the page announces what is no digest is left out where its release has another file. A release that has no other
//! keeps them, so that whoever needs it hears why none of them can be taken.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::distribution::filename::{DistributionFilename, InvalidReason};
use crate::distribution::precedence::Precedence;
use crate::name::PackageName;
use crate::source::{File, Release};
use crate::version::{SpecifierSet, Version};

/// At most so many odd file names are named one by one.
const NAMED_FILES: usize = 3;

/// The releases of a page and their files, and the files that were left out, in a sentence each.
pub struct PageReleases {
    pub releases: Vec<Release>,
    /// By release and name.
    pub files: Vec<File>,
    /// Those whose names try something.
    pub odd: Vec<String>,
    /// Those with a malformed digest beside others of their release.
    pub malformed: Vec<String>,
}

/// The releases of the files of a page, which people know by the address `page`.
pub fn build(package: PackageName, page: &str, files: Vec<File>) -> PageReleases {
    let mut odd = Vec::new();
    let mut dated: Vec<(Version, File)> = Vec::with_capacity(files.len());
    for file in files {
        match DistributionFilename::parse(&file.filename, package) {
            Ok(
                DistributionFilename::Wheel { version, .. }
                | DistributionFilename::Sdist { version, .. },
            ) => {
                dated.push((version, file));
            }
            Err(error) => {
                if deserves_mention(&error.reason) {
                    odd.push(error.to_string());
                }
            }
        }
    }
    let malformed = take_malformed(&mut dated, page);
    // The sort is stable: of two files of a name the index's first stays the first.
    dated.sort_by(|(version, file), (other_version, other)| {
        let names = || file.filename.cmp(&other.filename);
        version.cmp(other_version).then_with(names)
    });
    let mut releases: Vec<Release> = Vec::new();
    let mut kept: Vec<File> = Vec::with_capacity(dated.len());
    for (version, file) in dated {
        let at = u32::try_from(kept.len()).expect("a page is smaller than 4 GiB");
        if releases.last().is_none_or(|last| last.version != version) {
            releases.push(empty_release(version, at));
        }
        if let Some(release) = releases.last_mut() {
            add(release, &file, at);
        }
        kept.push(file);
    }
    let mut texts = Specifiers::default();
    for release in &mut releases {
        let files = &kept[release.files.start as usize..release.files.end as usize];
        release.requires_python = requires_python(package, files, &mut texts);
    }
    PageReleases {
        releases,
        files: kept,
        odd: describe(package, &odd),
        malformed: describe(package, &malformed),
    }
}

/// Takes out the files with a malformed digest whose release has another file, and says why of each.
fn take_malformed(dated: &mut Vec<(Version, File)>, page: &str) -> Vec<String> {
    if dated
        .iter()
        .all(|(_, file)| file.malformed_digest.is_none())
    {
        return Vec::new();
    }
    let usable = dated
        .iter()
        .filter(|(_, file)| file.malformed_digest.is_none());
    let usable: FxHashSet<Version> = usable.map(|(version, _)| *version).collect();
    let mut reasons = Vec::new();
    dated.retain(|(version, file)| {
        let reason = refusal(file, page).filter(|_| usable.contains(version));
        let is_kept = reason.is_none();
        reasons.extend(reason);
        is_kept
    });
    reasons.sort();
    reasons
}

/// Why a file is not taken of which a page, or links, announce what is no digest.
pub fn refusal(file: &File, page: &str) -> Option<String> {
    let malformed = file.malformed_digest.as_ref()?;
    let page = file.links.as_deref().unwrap_or(page);
    let name = &file.filename;
    Some(format!("{page} says that {name} has {malformed}"))
}

fn empty_release(version: Version, at: u32) -> Release {
    Release {
        version,
        requires_python: None,
        yanked: true,
        upload_time: None,
        has_sdist: false,
        has_wheel: false,
        files: at..at,
    }
}

fn add(release: &mut Release, file: &File, at: u32) {
    let is_wheel = file.is_wheel();
    release.has_wheel |= is_wheel;
    release.has_sdist |= !is_wheel;
    release.yanked &= file.yanked.is_some();
    release.upload_time = match (release.upload_time, file.upload_time) {
        (Some(known), Some(time)) => Some(known.min(time)),
        (known, time) => known.or(time),
    };
    release.files.end = at + 1;
}

/// What the files of a release say together: where they differ, the wheel that speaks first, and wheels before others.
fn requires_python(
    package: PackageName,
    files: &[File],
    texts: &mut Specifiers,
) -> Option<Arc<SpecifierSet>> {
    let first = files.first()?;
    let is_same = |file: &File| file.requires_python == first.requires_python;
    if files.iter().all(is_same) {
        return first
            .requires_python
            .as_ref()
            .and_then(|text| texts.read(text));
    }
    let mut ordered: Vec<&File> = files.iter().collect();
    ordered.sort_by_cached_key(|file| {
        let precedence = Precedence::of_file(&file.filename, package);
        (precedence.is_none(), precedence)
    });
    let mut stated = ordered
        .into_iter()
        .filter_map(|file| file.requires_python.as_ref());
    stated.find_map(|text| texts.read(text))
}

/// Reads each distinct requires-python of a package once.
#[derive(Default)]
pub struct Specifiers(FxHashMap<Arc<str>, Option<Arc<SpecifierSet>>>);

impl Specifiers {
    /// `None` for text that cannot be read, also leniently: such a bound excludes nothing.
    pub fn read(&mut self, text: &Arc<str>) -> Option<Arc<SpecifierSet>> {
        if let Some(known) = self.0.get(text) {
            return known.clone();
        }
        let parsed = SpecifierSet::parse_lenient(text).ok();
        let set = parsed.map(|(set, _)| Arc::new(set));
        self.0.insert(text.clone(), set.clone());
        set
    }
}

/// A name that tries something. Old uploads with unreadable versions and formats nobody installs are on many pages
/// and are nobody's concern.
fn deserves_mention(reason: &InvalidReason) -> bool {
    matches!(
        reason,
        InvalidReason::Path | InvalidReason::TooLong | InvalidReason::OtherPackage { .. }
    )
}

fn describe(package: PackageName, odd: &[String]) -> Vec<String> {
    let named = odd.iter().take(NAMED_FILES);
    let mut warnings: Vec<String> = named
        .map(|reason| format!("{package}: left out a file: {reason}"))
        .collect();
    if odd.len() > NAMED_FILES {
        warnings.push(format!(
            "{package}: left out {} more such files",
            odd.len() - NAMED_FILES
        ));
    }
    warnings
}
