//! Keeps a cache directory bounded: what it holds, what goes first, and what interrupted or earlier writers left behind.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::front::is_outdated;
use super::store::{
    GENERATION, LOCK_FILE, RECORD_PREFIX, RECORD_SUFFIX, TEMPORARY_PREFIX, lock_writers,
};

/// What a cache may hold without anybody asking: the records of some ten thousand packages.
pub const DEFAULT_MAXIMUM_BYTES: u64 = 1 << 30;

/// How often a cache is looked through by runs of their own accord.
const TIDY_INTERVAL: Duration = Duration::from_hours(24);
/// Its file time says when that was last done.
const TIDY_STAMP: &str = "last-tidied";

/// What a cache directory holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheSummary {
    pub records: u64,
    pub bytes: u64,
    /// Unfinished writes, and records of earlier schemas.
    pub leftovers: u64,
}

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pruned {
    pub files: u64,
    pub bytes: u64,
}

struct Entry {
    path: PathBuf,
    bytes: u64,
    used: SystemTime,
    is_record: bool,
}

/// Counts what a cache directory holds; an absent one holds nothing.
pub fn summary(directory: &Path) -> io::Result<CacheSummary> {
    let mut total = CacheSummary::default();
    for entry in entries(directory)? {
        total.bytes += entry.bytes;
        if entry.is_record {
            total.records += 1;
        } else {
            total.leftovers += 1;
        }
    }
    Ok(total)
}

/// Removes leftovers, then the least recently used records until at most `maximum_bytes` remain.
pub fn prune(directory: &Path, maximum_bytes: u64) -> io::Result<Pruned> {
    let mut entries = entries(directory)?;
    if entries.is_empty() {
        return Ok(Pruned::default());
    }
    let _turn = lock_writers(&directory.join(GENERATION))?;
    let mut pruned = Pruned::default();
    entries.sort_by(|one, other| (one.used, &one.path).cmp(&(other.used, &other.path)));
    let mut held: u64 = entries.iter().map(|entry| entry.bytes).sum();
    for (is_record, entry) in entries
        .iter()
        .filter(|entry| !entry.is_record)
        .map(|entry| (false, entry))
        .chain(
            entries
                .iter()
                .filter(|entry| entry.is_record)
                .map(|entry| (true, entry)),
        )
    {
        if is_record && held <= maximum_bytes {
            break;
        }
        // A writer of another process holds the lock while its temporary file exists, so none is in use here.
        remove(entry, &mut pruned)?;
        held -= entry.bytes;
    }
    Ok(pruned)
}

/// Prunes to the default size if that was not done within a day.
pub fn tidy(directory: &Path) -> io::Result<()> {
    let stamp = directory.join(GENERATION).join(TIDY_STAMP);
    let last = fs::metadata(&stamp).and_then(|metadata| metadata.modified());
    let recent = last.is_ok_and(|last| last.elapsed().is_ok_and(|age| age < TIDY_INTERVAL));
    if recent {
        return Ok(());
    }
    fs::write(&stamp, "")?;
    prune(directory, DEFAULT_MAXIMUM_BYTES).map(drop)
}

/// Removes the records of some packages on every index, or everything if none is named.
pub fn clean(directory: &Path, packages: &[&str]) -> io::Result<Pruned> {
    let entries = entries(directory)?;
    if entries.is_empty() {
        return Ok(Pruned::default());
    }
    let _turn = lock_writers(&directory.join(GENERATION))?;
    let names: Vec<String> = packages
        .iter()
        .map(|package| format!("{RECORD_PREFIX}{package}{RECORD_SUFFIX}"))
        .collect();
    let mut pruned = Pruned::default();
    for entry in &entries {
        let name = entry.path.file_name().unwrap_or_default();
        if packages.is_empty() || names.iter().any(|wanted| name == wanted.as_str()) {
            remove(entry, &mut pruned)?;
        }
    }
    Ok(pruned)
}

fn remove(entry: &Entry, pruned: &mut Pruned) -> io::Result<()> {
    match fs::remove_file(&entry.path) {
        Ok(()) => {
            pruned.files += 1;
            pruned.bytes += entry.bytes;
            Ok(())
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// The files that the cache wrote; nothing else below the directory is ever touched.
fn entries(directory: &Path) -> io::Result<Vec<Entry>> {
    let mut found = Vec::new();
    for shard in list(&directory.join(GENERATION))? {
        if !shard.file_type()?.is_dir() {
            continue;
        }
        for file in list(&shard.path())? {
            let name = file.file_name();
            let name = name.to_string_lossy();
            let is_record = name.starts_with(RECORD_PREFIX) && name.ends_with(RECORD_SUFFIX);
            if !is_record && !name.starts_with(TEMPORARY_PREFIX) || name == LOCK_FILE {
                continue;
            }
            // Another process may prune at the same time.
            let Ok(metadata) = file.metadata() else {
                continue;
            };
            found.push(Entry {
                path: file.path(),
                bytes: metadata.len(),
                used: metadata
                    .modified()
                    .unwrap_or(SystemTime::UNIX_EPOCH + Duration::ZERO),
                is_record: is_record && !is_outdated(&file.path()),
            });
        }
    }
    Ok(found)
}

fn list(directory: &Path) -> io::Result<Vec<fs::DirEntry>> {
    match fs::read_dir(directory) {
        Ok(entries) => entries.collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}
