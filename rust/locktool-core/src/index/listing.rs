//! The files of a page to releases: which files are distributions of the package, grouped and sorted by version.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::distribution::filename::{DistributionFilename, InvalidReason};
use crate::name::PackageName;
use crate::source::{File, Listing, Release};
use crate::version::{SpecifierSet, Version};

/// At most so many odd file names are named one by one.
const NAMED_FILES: usize = 3;

/// A listing, and what is odd about the files that were left out.
pub fn build(package: PackageName, index: Arc<str>, files: Vec<File>) -> (Listing, Vec<String>) {
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
    // The sort is stable: within a version the index's order stays.
    dated.sort_by_key(|(version, _)| *version);
    let mut texts = Specifiers::default();
    let mut releases: Vec<Release> = Vec::new();
    let mut kept: Vec<File> = Vec::with_capacity(dated.len());
    for (version, file) in dated {
        let at = u32::try_from(kept.len()).expect("a page is smaller than 4 GiB");
        if releases.last().is_none_or(|last| last.version != version) {
            releases.push(empty_release(version, at));
        }
        if let Some(release) = releases.last_mut() {
            add(release, &file, at, &mut texts);
        }
        kept.push(file);
    }
    let warnings = describe(package, &odd);
    (Listing::new(package, index, releases, kept), warnings)
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

fn add(release: &mut Release, file: &File, at: u32, texts: &mut Specifiers) {
    let is_wheel = file.is_wheel();
    let first_wheel = is_wheel && !release.has_wheel;
    if release.requires_python.is_none() || first_wheel {
        let read = file
            .requires_python
            .as_ref()
            .and_then(|text| texts.read(text));
        release.requires_python = read.or_else(|| release.requires_python.take());
    }
    release.has_wheel |= is_wheel;
    release.has_sdist |= !is_wheel;
    release.yanked &= file.yanked.is_some();
    release.upload_time = match (release.upload_time, file.upload_time) {
        (Some(known), Some(time)) => Some(known.min(time)),
        (known, time) => known.or(time),
    };
    release.files.end = at + 1;
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
