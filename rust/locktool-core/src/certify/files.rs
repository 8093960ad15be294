//! What the files of a block say: that they are of one source, belong to its name and version, and can be compared by a hash.

use std::borrow::Cow;

use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::distribution::filename::DistributionFilename;
use crate::distribution::hash::{hash_length, is_digest, is_strong_hash};
use crate::distribution::tag::is_unusable;
use crate::lock::{LockedFile, LockedPackage};
use crate::manifest::Manifest;
use crate::marker::Marker;
use crate::name::PackageName;
use crate::source::has_extension;
use crate::version::{SpecifierSet, Version};

/// A code, and one sentence for people.
type Finding = (&'static str, String);

/// By what the files of blocks are judged, with what is known of tags that other blocks have too.
pub(super) struct Rules<'d> {
    pub manifest: &'d Manifest,
    /// The environments that may install something of the lock.
    installable: Marker,
    /// Whether a wheel with these tags is of no use: `py2-none-any`
    unusable: FxHashMap<&'d str, bool>,
}

impl<'d> Rules<'d> {
    pub fn of(manifest: &'d Manifest) -> Self {
        Self {
            manifest,
            installable: manifest.installable(),
            unusable: FxHashMap::default(),
        }
    }
}

/// Whether an entry is from an index, in contrast to an address.
pub(super) fn is_of_index(package: &LockedPackage) -> bool {
    package.sdist.is_some() || !package.wheels.is_empty()
}

/// Finds what does not hold of the files.
pub(super) fn check<'d>(
    package: &'d LockedPackage,
    title: &str,
    name: Option<PackageName>,
    rules: &mut Rules<'d>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(sources(package, title));
    findings.extend(keys_of_source(package, title));
    findings.extend(listed_twice(package, title));
    let version = package.version.as_deref();
    let version = version.and_then(|text| text.parse::<Version>().ok());
    if let Some(name) = name {
        findings.extend(wheels(package, title, (name, version), rules));
        if let Some(version) = version {
            findings.extend(others(package, title, (name, version)));
        }
    }
    let listed = package.wheels.iter().chain(&package.sdist);
    let is_remote = package
        .index
        .as_deref()
        .is_some_and(|index| index.starts_with("http"));
    if is_remote {
        findings.extend(listed.clone().filter_map(|file| local(file, title)));
    }
    for file in listed.clone().chain(&package.archive) {
        findings.extend(address(file, title));
        findings.extend(hashes(file, title));
    }
    let archive = package.archive.as_ref();
    findings.extend(archive.and_then(|file| other_hash(file, title)));
    let cutoff = name.and_then(|name| {
        let index = package.index.as_deref().unwrap_or("");
        rules.manifest.latest_upload(name, index)
    });
    if let Some(cutoff) = cutoff {
        // What lies in the project is the user's own: nobody uploaded it.
        let uploaded = listed.filter(|file| file.path.is_none());
        findings.extend(uploaded.filter_map(|file| upload(file, title, cutoff)));
    }
    findings
}

/// An entry is from one source: an index, or one address.
fn sources(package: &LockedPackage, title: &str) -> Option<Finding> {
    let kinds = [
        ("vcs", package.vcs.is_some()),
        ("directory", package.directory.is_some()),
        ("archive", package.archive.is_some()),
        ("files of an index", is_of_index(package)),
    ];
    let mut present = kinds.iter().filter(|(_, is_there)| *is_there);
    let Some((first, _)) = present.next() else {
        let message = format!("the block of {title} has no files");
        return Some(("files-missing", message));
    };
    let (second, _) = present.next()?;
    let message = format!("the block of {title} has two sources: {first} and {second}");
    Some(("sources-mixed", message))
}

/// What stands beside the files follows from the source.
fn keys_of_source(package: &LockedPackage, title: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let is_of_index = is_of_index(package);
    if is_of_index && package.index.as_deref().unwrap_or("").is_empty() {
        let message = format!("the block of {title} does not say which index it is from");
        findings.push(("index-missing", message));
    }
    if !is_of_index && package.index.is_some() {
        let message = format!("{title} is from an index, and its block has no files of one");
        findings.push(("index-unexpected", message));
    }
    let has_version = package.version.is_some();
    if (is_of_index || package.archive.is_some()) && !has_version {
        let message = format!("the block of {title} has no version");
        findings.push(("version-missing", message));
    }
    if (package.directory.is_some() || package.vcs.is_some()) && has_version {
        let message = format!("{title} is from sources, whose version nobody vouches for");
        findings.push(("version-unexpected", message));
    }
    let python = package.requires_python.as_deref();
    if python.is_some_and(|text| text.parse::<SpecifierSet>().is_err()) {
        let message = format!("the requires-python of {title} is not a specifier set");
        findings.push(("requires-python-invalid", message));
    }
    findings
}

/// Wheels are of the entry's name and version, and some Python or environment of the project can install each.
fn wheels<'d>(
    package: &'d LockedPackage,
    title: &str,
    (name, version): (PackageName, Option<Version>),
    rules: &mut Rules<'d>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    // The beginning of a name that was parsed, and is of the entry: `numpy-2.1.0`
    let mut known = "";
    for file in &package.wheels {
        let written = file.filename();
        let (start, tags) = split_wheel(written).unwrap_or(("", ""));
        let mut unusable = rules.unusable.get(tags).copied();
        let mut belongs = !start.is_empty() && start == known;
        if unusable.is_none() || !belongs {
            let parsed = DistributionFilename::parse(&filename(file), name);
            belongs = false;
            if let Ok(DistributionFilename::Wheel {
                version: found,
                tags: parsed,
                ..
            }) = parsed
            {
                belongs = Some(found) == version;
                let is_unusable = || is_unusable(&parsed, rules.installable);
                unusable = Some(*rules.unusable.entry(tags).or_insert_with(is_unusable));
            }
            if belongs {
                known = start;
            }
        }
        if version.is_some() && !belongs {
            findings.push(foreign(file, title));
        }
        if unusable == Some(true) {
            let message = format!("no Python of the project can install {written} of {title}");
            findings.push(("file-unusable", message));
        }
    }
    findings
}

/// `numpy-2.1.0` and `cp312-cp312-win_amd64`; `None` for a name that is no wheel's, or is escaped.
fn split_wheel(filename: &str) -> Option<(&str, &str)> {
    let stem = filename
        .strip_suffix(".whl")
        .filter(|stem| !stem.contains('%'))?;
    let (dash, _) = stem.rmatch_indices('-').nth(2)?;
    Some((&stem[..dash], &stem[dash + 1..]))
}

/// Source distributions and archives are of the entry's name and version.
fn others(package: &LockedPackage, title: &str, pin: (PackageName, Version)) -> Vec<Finding> {
    let sdists = package.sdist.iter().map(|file| (file, false));
    let archives = package.archive.iter().filter_map(|file| {
        let is_wheel = has_extension(file.filename(), "whl");
        // The name of a source archive is anybody's choice: `main.zip`
        let is_named = is_wheel || DistributionFilename::parse(&filename(file), pin.0).is_ok();
        is_named.then_some((file, is_wheel))
    });
    let all = sdists.chain(archives);
    let foreign = all
        .filter(|(file, is_wheel)| !belongs(file, pin, *is_wheel))
        .map(|(file, _)| foreign(file, title));
    foreign.collect()
}

fn foreign(file: &LockedFile, title: &str) -> Finding {
    let message = format!("{} is not a file of {title}", file.filename());
    ("file-changed", message)
}

/// The name of a file: what is recorded as a name is one, the end of an address may be escaped.
fn filename(file: &LockedFile) -> Cow<'_, str> {
    let filename = file.filename();
    if file.name.is_none() && filename.contains('%') {
        percent_decode_str(filename).decode_utf8_lossy()
    } else {
        Cow::Borrowed(filename)
    }
}

fn belongs(file: &LockedFile, (name, version): (PackageName, Version), is_wheel: bool) -> bool {
    DistributionFilename::parse(&filename(file), name)
        .is_ok_and(|filename| filename.version() == version && filename.is_wheel() == is_wheel)
}

/// Installers do not agree on which of two wheels of a name counts.
fn listed_twice(package: &LockedPackage, title: &str) -> Option<Finding> {
    if package.wheels.len() < 2 {
        return None;
    }
    let mut wheels = package.wheels.iter().map(filename);
    let mut seen = FxHashSet::default();
    let twice = wheels.find(|filename| !seen.insert(filename.clone()))?;
    Some(("file-twice", format!("{twice} of {title} is listed twice")))
}

/// A remote index serves no file of this machine.
fn local(file: &LockedFile, title: &str) -> Option<Finding> {
    let url = file.url.as_deref().unwrap_or("");
    let is_local = file.path.is_some() || url.starts_with("file:");
    let message = || {
        format!(
            "{} of {title} is not where its index serves it",
            file.filename()
        )
    };
    is_local.then(|| ("file-not-of-index", message()))
}

/// Installers do not agree on which of two addresses counts.
fn address(file: &LockedFile, title: &str) -> Option<Finding> {
    let (code, what) = match (&file.url, &file.path) {
        (Some(_), Some(_)) => ("address-twice", "has both a url and a path"),
        (None, None) => ("address-missing", "has neither a url nor a path"),
        _ => return None,
    };
    Some((code, format!("{} of {title} {what}", file.filename())))
}

/// One hash at least must be as strong as SHA-256, and all of known algorithms must be whole.
fn hashes(file: &LockedFile, title: &str) -> Option<Finding> {
    let mut known = file.hashes.iter();
    let broken = known.find(|(algorithm, digest)| is_digest(algorithm, digest) == Some(false));
    if let Some((algorithm, _)) = broken {
        let filename = file.filename();
        let message = format!("the {algorithm} of {filename} of {title} is not one");
        return Some(("hash-invalid", message));
    }
    let algorithms = || file.hashes.algorithms();
    if algorithms().any(is_strong_hash) {
        return None;
    }
    let filename = file.filename();
    let weak: Vec<&str> = algorithms()
        .filter(|one| hash_length(one).is_some())
        .collect();
    if weak.is_empty() {
        let message = format!("{filename} of {title} has no hash that can be compared");
        return Some(("hash-missing", message));
    }
    let weak = weak.join(" and ");
    let message = format!("{filename} of {title} has only a hash that files can share: {weak}");
    Some(("hash-weak", message))
}

/// What an address gives is read whole, and its SHA-256 recorded alone.
fn other_hash(archive: &LockedFile, title: &str) -> Option<Finding> {
    let mut algorithms = archive.hashes.algorithms();
    let other = algorithms.find(|algorithm| *algorithm != "sha256")?;
    let message = format!(
        "{} of {title} has a {other}, which locktool does not write for an archive",
        archive.filename()
    );
    Some(("hash-unexpected", message))
}

/// Under a cutoff a file must be shown to be from before it.
fn upload(file: &LockedFile, title: &str, cutoff: i64) -> Option<Finding> {
    let filename = file.filename();
    let uploaded = file.upload_time.as_deref();
    let Some(uploaded) = uploaded.and_then(|text| text.parse::<Timestamp>().ok()) else {
        let message = format!("{filename} of {title} has no upload time, and exclude-newer is set");
        return Some(("upload-time-missing", message));
    };
    let message = || format!("{filename} of {title} was uploaded after exclude-newer");
    (uploaded.as_millisecond() >= cutoff).then(|| ("file-too-new", message()))
}
