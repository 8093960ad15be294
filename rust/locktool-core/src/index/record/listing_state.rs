//! What a run knows of one listing beyond the listing: the record it came from, what was learned since, and how
//! both go back to the cache.

use std::sync::{Arc, Mutex};

use rustc_hash::FxHashMap;

use super::conversion::{Learned, Record, learned, metadata_row, record_of};
use crate::cache::record::Validators;
use crate::cache::{MetadataUpdate, Store};
use crate::index::single_flight::guard;
use crate::name::PackageName;
use crate::source::{File, Listing};
use crate::version::Version;

/// The knowledge behind a listing.
pub struct ListingState {
    pub package: PackageName,
    /// The index it is of; `None` for files without an index.
    pub index: Option<usize>,
    /// Under which index the cache keeps it.
    cache_key: Option<String>,
    /// What earlier runs left.
    record: Option<Arc<Record>>,
    /// The listing is the record's own, file by file.
    listing_is_record: bool,
    /// A page that is not in the cache yet.
    page: Mutex<Option<Arc<Record>>>,
    /// By version and the name of the file that was read.
    learned: Mutex<FxHashMap<Version, Vec<Entry>>>,
    /// What people should hear of a version once somebody needs it: much is read ahead of need.
    warnings: Mutex<FxHashMap<Version, Vec<String>>>,
}

struct Entry {
    learned: Learned,
    kept: bool,
}

impl ListingState {
    pub fn new(package: PackageName, index: Option<usize>) -> Self {
        Self {
            package,
            index,
            cache_key: None,
            record: None,
            listing_is_record: false,
            page: Mutex::new(None),
            learned: Mutex::default(),
            warnings: Mutex::default(),
        }
    }

    /// With the record it is kept in, and whether the listing is that record's own.
    pub fn in_cache(
        mut self,
        cache_key: Option<String>,
        record: Option<Arc<Record>>,
        listing_is_record: bool,
    ) -> Self {
        self.cache_key = cache_key;
        self.record = record;
        self.listing_is_record = listing_is_record;
        self
    }

    /// The same knowledge for a listing in which files of other places stand beside the index's.
    pub fn beside_other_files(self: &Arc<Self>) -> Arc<Self> {
        let page = guard(&self.page).take();
        Arc::new(Self {
            cache_key: self.cache_key.clone(),
            record: self.record.clone(),
            page: Mutex::new(page),
            ..Self::new(self.package, self.index)
        })
    }

    /// Keeps a page for the cache.
    pub fn keep_page(&self, page: Arc<Record>) {
        *guard(&self.page) = Some(page);
    }

    /// Keeps a listing that is none of an index for the cache.
    pub fn keep_listing(&self, listing: &Listing, validators: Validators) {
        if let Some(key) = &self.cache_key {
            self.keep_page(Arc::new(record_of(listing, key, validators)));
        }
    }

    pub fn learn(&self, version: Version, learned: Learned) {
        let mut all = guard(&self.learned);
        let entries = all.entry(version).or_default();
        entries.retain(|entry| entry.learned.filename != learned.filename);
        entries.push(Entry {
            learned,
            kept: false,
        });
    }

    /// Keeps what people should hear of a version.
    pub fn warn(&self, version: Option<Version>, warnings: Vec<String>) {
        if let Some(version) = version.filter(|_| !warnings.is_empty()) {
            guard(&self.warnings)
                .entry(version)
                .or_default()
                .extend(warnings);
        }
    }

    /// What people should hear of a version, once.
    pub fn take_warnings(&self, version: Version) -> Vec<String> {
        guard(&self.warnings).remove(&version).unwrap_or_default()
    }

    /// Whether something is known of a release; says nothing of whether it still holds.
    pub fn remembers(&self, listing: &Listing, release: usize) -> bool {
        let version = listing.releases[release].version;
        guard(&self.learned).contains_key(&version)
            || self.listing_is_record
                && self
                    .record
                    .as_ref()
                    .is_some_and(|record| record.has_metadata(release))
    }

    /// What is known of a release from one of these files, by this run or an earlier one.
    pub fn recall(&self, listing: &Listing, release: usize, files: &[&File]) -> Option<Learned> {
        let version = listing.releases[release].version;
        if let Some(entries) = guard(&self.learned).get(&version) {
            let is_asked = |entry: &&Entry| is_among(files, &entry.learned.filename);
            if let Some(entry) = entries.iter().find(is_asked) {
                return Some(entry.learned.clone());
            }
        }
        let record = self.record.as_ref()?;
        let position = if self.listing_is_record {
            release
        } else {
            find(record, version)?
        };
        let rows = record.metadata(position)?;
        let row = rows.into_iter().find(|row| {
            is_among(files, &row.file)
                && (self.listing_is_record || is_same_file(record, position, &row.file, files))
        })?;
        learned(row)
    }

    /// Writes what the cache does not have yet, on top of what other processes wrote since.
    pub fn write_back(&self, store: &Store) {
        let Some(key) = &self.cache_key else { return };
        let page = guard(&self.page).take();
        let additions: Vec<(Version, Learned)> = guard(&self.learned)
            .iter_mut()
            .flat_map(|(version, entries)| entries.iter_mut().map(|entry| (*version, entry)))
            .filter_map(|(version, entry)| {
                let kept = std::mem::replace(&mut entry.kept, true);
                (!kept).then(|| (version, entry.learned.clone()))
            })
            .collect();
        if page.is_none() && additions.is_empty() {
            return;
        }
        store.update(key, self.package.as_str(), |disk| {
            self.merge(page.as_deref(), disk.as_ref(), &additions)
        });
    }

    fn merge(
        &self,
        page: Option<&Record>,
        disk: Option<&Record>,
        additions: &[(Version, Learned)],
    ) -> Option<Vec<u8>> {
        let is_newest = |page: &&Record| {
            disk.is_none_or(|disk| disk.validators().fetched <= page.validators().fetched)
        };
        let before = self.record.as_deref();
        let record = page.filter(is_newest).or(disk).or(before)?;
        let mut update = MetadataUpdate::of(record);
        let others = [disk, before].into_iter().flatten();
        for other in others.filter(|other| !std::ptr::eq(*other, record)) {
            update.adopt(other);
        }
        for (version, learned) in additions {
            if let Some(release) = find(record, *version) {
                update.learn(release, metadata_row(learned));
            }
        }
        update.write()
    }
}

fn is_among(files: &[&File], filename: &str) -> bool {
    files.iter().any(|file| file.filename == filename)
}

/// Whether a file of a record is the one that is listed under its name.
fn is_same_file(record: &Record, position: usize, filename: &str, listed: &[&File]) -> bool {
    let files = record.files(position).unwrap_or_default();
    let read = files.iter().find(|file| file.filename == filename);
    let listed = listed.iter().find(|file| file.filename == filename);
    let (Some(read), Some(listed)) = (read, listed) else {
        return false;
    };
    match (&read.sha256, listed.hash("sha256")) {
        (Some(digest), Some(hex)) => crate::cache::to_hex(digest) == hex,
        _ => read.url == listed.url,
    }
}

/// The position of a version in a record, which is sorted by version.
fn find(record: &Record, version: Version) -> Option<usize> {
    let (mut low, mut high) = (0, record.release_count());
    while low < high {
        let middle = usize::midpoint(low, high);
        let other: Version = record.release(middle).version.parse().ok()?;
        match other.cmp(&version) {
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
            std::cmp::Ordering::Equal => return Some(middle),
        }
    }
    None
}
