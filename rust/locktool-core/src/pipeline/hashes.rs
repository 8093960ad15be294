//! A hash that tells each file apart: where an index gives none as strong as SHA-256, the file is fetched and its SHA-256 recorded.
//! What an existing lock or the cache has of it is not fetched again.
//! Where a run was given the hashes of a package, its other files are left out.

use rustc_hash::FxHashMap;

use crate::distribution::hash::is_strong_hash;
use crate::index::{Client, FileToHash};
use crate::lock::{LockedDocument, LockedFile, LockedPackage};
use crate::name::PackageName;
use crate::source::SourceError;

/// Completes the hashes of what was resolved; a warning for each index whose files were fetched for it.
///
/// What an existing lock has under the same address and with the same other hashes, in a block that is as it was written, is not
/// fetched again.
pub(super) fn complete(
    packages: &mut [LockedPackage],
    client: &Client,
    locked: Option<&LockedDocument>,
) -> Result<Vec<String>, SourceError> {
    if packages
        .iter()
        .all(|package| weak_files(package).is_empty())
    {
        return Ok(Vec::new());
    }
    let known = locked.map_or_else(FxHashMap::default, recorded);
    let is_known = |file: &LockedFile| known.contains_key(&identity(file));
    for package in packages.iter() {
        for file in weak_files(package)
            .into_iter()
            .filter(|file| !is_known(file))
        {
            client.prefetch_sha256(&to_hash(package, file)?);
        }
    }
    let mut fetched: Vec<(String, usize)> = Vec::new();
    for package in packages.iter_mut() {
        let index = index_of(package).to_owned();
        let mut count = 0;
        let mut digests = Vec::new();
        for file in weak_files(package) {
            let digest = if let Some(digest) = known.get(&identity(file)) {
                (*digest).to_owned()
            } else {
                let computed = client.sha256(&to_hash(package, file)?)?;
                count += usize::from(computed.was_fetched);
                computed.sha256.to_string()
            };
            digests.push(digest);
        }
        let files = package.wheels.iter_mut().chain(&mut package.sdist);
        for (file, digest) in files.filter(|file| is_weak(file)).zip(digests) {
            file.hashes.insert("sha256".to_owned(), digest);
        }
        renew_digest(package);
        match fetched.iter_mut().find(|(known, _)| *known == index) {
            Some((_, sum)) => *sum += count,
            None => fetched.push((index, count)),
        }
    }
    let fetched = fetched.into_iter().filter(|(_, count)| *count > 0);
    let warnings = fetched.map(|(index, count)| {
        let files = if count == 1 { "file" } else { "files" };
        format!(
            "{index} gives no SHA-256 of {count} {files}, which had to be fetched to compute it"
        )
    });
    Ok(warnings.collect())
}

/// Leaves of each package the files that have one of the hashes allowed for it; none may be left.
pub(super) fn confine(
    packages: &mut [LockedPackage],
    allowed: &FxHashMap<PackageName, Vec<(String, String)>>,
) {
    for package in packages.iter_mut().filter(|_| !allowed.is_empty()) {
        let name = PackageName::parse(&package.name).ok();
        let Some(hashes) = name.and_then(|name| allowed.get(&name)) else {
            continue;
        };
        let is_allowed = |file: &LockedFile| {
            let mut hashes = hashes.iter();
            hashes.any(|(algorithm, digest)| file.hashes.get(algorithm) == Some(digest))
        };
        package.wheels.retain(is_allowed);
        package.sdist.take_if(|file| !is_allowed(file));
        package.archive.take_if(|file| !is_allowed(file));
        renew_digest(package);
    }
}

fn renew_digest(package: &mut LockedPackage) {
    let digest = package.digest();
    let evidence = package.tool.as_mut();
    if let Some(evidence) = evidence.and_then(|tool| tool.locktool.as_mut()) {
        evidence.digest = digest;
    }
}

/// The files of an index that have no strong hash and are not on this machine.
fn weak_files(package: &LockedPackage) -> Vec<&LockedFile> {
    let files = package.wheels.iter().chain(&package.sdist);
    files.filter(|file| is_weak(file)).collect()
}

fn is_weak(file: &LockedFile) -> bool {
    let is_remote = address_of(file).starts_with("http");
    is_remote && !file.hashes.algorithms().any(is_strong_hash)
}

/// The SHA-256 of the files of a lock, by what an index says of them.
fn recorded(document: &LockedDocument) -> FxHashMap<String, &str> {
    let blocks = document.packages.iter().filter(|package| {
        let evidence = package.evidence();
        evidence.is_some_and(|evidence| evidence.digest == package.digest())
    });
    let files = blocks.flat_map(|package| package.wheels.iter().chain(&package.sdist));
    let digests = files.filter_map(|file| {
        let digest = file.hashes.sha256()?;
        Some((identity(file), digest))
    });
    digests.collect()
}

/// What an index says of a file, its SHA-256 aside.
fn identity(file: &LockedFile) -> String {
    let hashes = file.hashes.without_sha256();
    format!(
        "{} {:?} {:?} {hashes:?}",
        address_of(file),
        file.size,
        file.upload_time
    )
}

/// A file of a package, as its index lists it.
fn to_hash(package: &LockedPackage, file: &LockedFile) -> Result<FileToHash, SourceError> {
    let name = PackageName::parse(&package.name).map_err(|error| SourceError::Unusable {
        reason: error.to_string(),
    })?;
    let time = file.upload_time.as_deref();
    let time = time.and_then(|text| text.parse::<jiff::Timestamp>().ok());
    let hashes = file.hashes.iter();
    Ok(FileToHash {
        package: name,
        index: index_of(package).to_owned(),
        address: address_of(file).to_owned(),
        hashes: hashes
            .map(|(name, hex)| (name.to_owned(), hex.to_owned()))
            .collect(),
        size: file.size,
        upload_time: time.map(jiff::Timestamp::as_millisecond),
    })
}

fn index_of(package: &LockedPackage) -> &str {
    package.index.as_deref().unwrap_or("")
}

fn address_of(file: &LockedFile) -> &str {
    file.url.as_deref().unwrap_or("")
}
