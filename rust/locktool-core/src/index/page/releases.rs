//! The files of a page to releases: which files are distributions of the package, grouped and sorted by version and name, so that
//! the order of the page says nothing.
//!
//! A file of which the page announces what is no digest is left out where its release has another file. A release that has no other
//! keeps them, so that whoever needs it hears why none of them can be taken.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::announced::Announced;
use crate::cache::record::FileRow;
use crate::distribution::filename::{DistributionFilename, InvalidReason};
use crate::distribution::hash::MalformedDigest;
use crate::distribution::precedence::Precedence;
use crate::name::PackageName;
use crate::source::{Release, has_extension};
use crate::version::{SpecifierSet, Version};

/// At most so many odd file names are named one by one.
const NAMED_FILES: usize = 3;

/// The releases of a page, and the files that were left out, in a sentence each.
pub struct PageReleases {
    pub releases: Vec<Release>,
    /// Which files of the page they have, by release and name.
    pub files: Vec<usize>,
    /// Those whose names try something.
    pub odd: Vec<String>,
    /// Those with a malformed digest beside others of their release.
    pub malformed: Vec<String>,
}

/// The releases of some files; people know the page of each by the address that `page_of` gives.
pub fn build<'p>(
    package: PackageName,
    page_of: impl Fn(usize) -> &'p str,
    files: &[FileRow<'_>],
) -> PageReleases {
    let mut odd = Vec::new();
    let mut dated: Vec<(Version, usize)> = Vec::with_capacity(files.len());
    for (position, file) in files.iter().enumerate() {
        match DistributionFilename::version_of(&file.filename, package) {
            Ok(version) => dated.push((version, position)),
            Err(error) => {
                if deserves_mention(&error.reason) {
                    odd.push(error.to_string());
                }
            }
        }
    }
    let malformed = take_malformed(&mut dated, page_of, files);
    // The sort is stable: of two files of a name the index's first stays the first.
    dated.sort_by(|(version, at), (other_version, other)| {
        let names = || files[*at].filename.cmp(&files[*other].filename);
        version.cmp(other_version).then_with(names)
    });
    let mut releases: Vec<Release> = Vec::new();
    for (row, (version, position)) in (0_u32..).zip(&dated) {
        if releases.last().is_none_or(|last| last.version != *version) {
            releases.push(empty_release(*version, row));
        }
        if let Some(release) = releases.last_mut() {
            add(release, &files[*position], row);
        }
    }
    let kept: Vec<usize> = dated.into_iter().map(|(_, position)| position).collect();
    let mut texts = Specifiers::default();
    for release in &mut releases {
        let of_release = &kept[release.files.start as usize..release.files.end as usize];
        let of_release: Vec<_> = of_release
            .iter()
            .map(|position| &files[*position])
            .collect();
        release.requires_python = requires_python(package, &of_release, &mut texts);
    }
    PageReleases {
        releases,
        files: kept,
        odd: describe(package, &odd),
        malformed: describe(package, &malformed),
    }
}

/// Takes out the files with a malformed digest whose release has another file, and says why of each.
fn take_malformed<'p>(
    dated: &mut Vec<(Version, usize)>,
    page_of: impl Fn(usize) -> &'p str,
    files: &[FileRow<'_>],
) -> Vec<String> {
    let digest_of =
        |position: usize| Announced::in_fragment(&files[position].other_hashes).malformed;
    let malformed: FxHashMap<usize, MalformedDigest> = dated
        .iter()
        .filter_map(|(_, position)| Some((*position, *digest_of(*position)?)))
        .collect();
    if malformed.is_empty() {
        return Vec::new();
    }
    let usable = dated
        .iter()
        .filter(|(_, position)| !malformed.contains_key(position));
    let usable: FxHashSet<Version> = usable.map(|(version, _)| *version).collect();
    let mut reasons = Vec::new();
    dated.retain(|(version, position)| {
        let digest = malformed.get(position).filter(|_| usable.contains(version));
        reasons.extend(
            digest.map(|digest| refusal(page_of(*position), &files[*position].filename, digest)),
        );
        digest.is_none()
    });
    reasons.sort();
    reasons
}

/// Why a file is not taken of which a page, or links, announce what is no digest.
pub fn refusal(page: &str, filename: &str, malformed: &MalformedDigest) -> String {
    format!("{page} says that {filename} has {malformed}")
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

fn add(release: &mut Release, file: &FileRow<'_>, at: u32) {
    let is_wheel = has_extension(&file.filename, "whl");
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
    files: &[&FileRow<'_>],
    texts: &mut Specifiers,
) -> Option<Arc<SpecifierSet>> {
    let first = files.first()?;
    let is_same = |file: &&FileRow<'_>| file.requires_python == first.requires_python;
    if files.iter().all(is_same) {
        let text = first.requires_python.as_deref();
        return text.and_then(|text| texts.read(text));
    }
    let mut ordered = files.to_vec();
    ordered.sort_by_cached_key(|file| {
        let precedence = Precedence::of_file(&file.filename, package);
        (precedence.is_none(), precedence)
    });
    let mut stated = ordered
        .into_iter()
        .filter_map(|file| file.requires_python.as_deref());
    stated.find_map(|text| texts.read(text))
}

/// Reads each distinct requires-python of a package once.
#[derive(Default)]
pub struct Specifiers(FxHashMap<String, Option<Arc<SpecifierSet>>>);

impl Specifiers {
    /// `None` for text that cannot be read, also leniently: such a bound excludes nothing.
    pub fn read(&mut self, text: &str) -> Option<Arc<SpecifierSet>> {
        if let Some(known) = self.0.get(text) {
            return known.clone();
        }
        let parsed = SpecifierSet::parse_lenient(text).ok();
        let set = parsed.map(|(set, _)| Arc::new(set));
        self.0.insert(text.to_owned(), set.clone());
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
