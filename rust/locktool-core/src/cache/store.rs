//! Records on disk: replaced whole, under a lock among writers, shared by any number of processes.
//!
//! Readers take no lock: a record is written beside its place and renamed onto it, so a reader has the old one or
//! the other one. Records are read in parts, not mapped: each part is checked when it is read, a mapped file could
//! change under the reader, and Windows refuses to replace one. A part that is gone when it is asked for is
//! remembered: the run then starts over with records read whole.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};

use super::hex::to_hex;
use super::record::Validators;
use super::view::RecordView;

/// Records live under this name, so that another layout starts beside them.
pub(super) const GENERATION: &str = "v1";
/// Writers of the whole cache take turns on this file.
pub(super) const LOCK_FILE: &str = "writers.lock";
pub(super) const RECORD_SUFFIX: &str = ".msgpack";
pub(super) const RECORD_PREFIX: &str = "package-";
pub(super) const TEMPORARY_PREFIX: &str = ".writing-";

/// A record that was read has its file time renewed when it is older than this: the order of use survives on file
/// systems that keep no access times, and a run does not write once per record.
const USE_RESOLUTION: Duration = Duration::from_hours(24);

/// How much of a record is read when it is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reading {
    /// Files of a release when they are asked for.
    #[default]
    OnDemand,
    /// Everything, so that nothing can be lost later.
    Whole,
}

/// The records below one directory.
pub struct Store {
    root: PathBuf,
    reading: Reading,
    lost: Arc<AtomicBool>,
    writable: AtomicBool,
    warning: Mutex<Option<String>>,
}

impl Store {
    /// Opens a cache directory. One that cannot be written is read as far as it can be, and says so once.
    pub fn open(directory: &Path, reading: Reading) -> Self {
        let root = directory.join(GENERATION);
        let store = Self {
            root,
            reading,
            lost: Arc::default(),
            writable: AtomicBool::new(true),
            warning: Mutex::new(None),
        };
        if let Err(error) = prepare(directory, &store.root) {
            store.give_up(&error);
        }
        store
    }

    /// Reads the record of a package on an index.
    pub fn read(&self, index: &str, package: &str) -> Option<RecordView> {
        let path = self.path(index, package);
        let view = match self.reading {
            Reading::OnDemand => RecordView::open_file(&path, &self.lost)?,
            Reading::Whole => RecordView::open(fs::read(&path).ok()?)?,
        };
        let view = about(view, index, package)?;
        self.mark_used(&path);
        Some(view)
    }

    /// Whether files of a record that was read turned out to be damaged, or to be replaced by others meanwhile: what
    /// was answered since rests on less than the record promised.
    pub fn has_lost_files(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }

    /// Replaces a record by what `write` makes of the one on disk, alone among writers; `None` leaves it.
    ///
    /// A failure is kept as the store's warning, and no further write is tried.
    pub fn update(
        &self,
        index: &str,
        package: &str,
        write: impl FnOnce(Option<RecordView>) -> Option<Vec<u8>>,
    ) {
        if !self.is_writable() {
            return;
        }
        let path = self.path(index, package);
        let replace = || -> io::Result<()> {
            let _turn = lock_writers(&self.root)?;
            let known = fs::read(&path).ok().and_then(RecordView::open);
            match write(known.and_then(|known| about(known, index, package))) {
                Some(bytes) => replace_file(&path, &bytes),
                None => Ok(()),
            }
        };
        if let Err(error) = replace() {
            self.give_up(&error);
        }
    }

    /// Renews the validators of a record after a 304, leaving its body as it is.
    pub fn confirm(&self, index: &str, package: &str, validators: &Validators) {
        self.update(index, package, |known| known?.renewed(validators));
    }

    /// Whether writes are still tried.
    pub fn is_writable(&self) -> bool {
        self.writable.load(Ordering::Relaxed)
    }

    /// The warning about a directory that cannot be written, the first time it is asked.
    pub fn take_warning(&self) -> Option<String> {
        self.warning.lock().ok()?.take()
    }

    fn path(&self, index: &str, package: &str) -> PathBuf {
        record_path_below(&self.root, index, package)
    }

    fn mark_used(&self, path: &Path) {
        if !self.is_writable() {
            return;
        }
        let renew = || -> io::Result<()> {
            let age = fs::metadata(path)?
                .modified()?
                .elapsed()
                .unwrap_or_default();
            if age > USE_RESOLUTION {
                File::options()
                    .write(true)
                    .open(path)?
                    .set_modified(SystemTime::now())?;
            }
            Ok(())
        };
        // The time only orders what is pruned; a record that cannot be touched is still good.
        let _ = renew();
    }

    fn give_up(&self, error: &io::Error) {
        if self.writable.swap(false, Ordering::Relaxed)
            && let Ok(mut warning) = self.warning.lock()
        {
            let directory = self.root.parent().unwrap_or(&self.root).display();
            *warning = Some(format!(
                "the cache directory {directory} cannot be written ({error}); continuing without it: free \
                 space or name another one with --cache-dir"
            ));
        }
    }
}

/// Where the record of a package is, below a cache directory.
pub fn record_path(directory: &Path, index: &str, package: &str) -> PathBuf {
    record_path_below(&directory.join(GENERATION), index, package)
}

fn record_path_below(root: &Path, index: &str, package: &str) -> PathBuf {
    let digest = to_hex(&Sha256::digest(index.as_bytes())[..8]);
    // The prefix keeps names such as "aux" from being devices on Windows.
    root.join(digest)
        .join(format!("{RECORD_PREFIX}{package}{RECORD_SUFFIX}"))
}

fn prepare(directory: &Path, root: &Path) -> io::Result<()> {
    fs::create_dir_all(root)?;
    let tag = directory.join("CACHEDIR.TAG");
    if !tag.exists() {
        fs::write(tag, "Signature: 8a477f597d28d172789f06886806bc55\n")?;
    }
    File::options()
        .append(true)
        .create(true)
        .open(root.join(LOCK_FILE))
        .map(drop)
}

/// The record, if it is the one that belongs in its place.
fn about(view: RecordView, index: &str, package: &str) -> Option<RecordView> {
    (view.index() == index && view.package() == package).then_some(view)
}

/// Waits for the turn to write; dropping the file ends it.
pub(super) fn lock_writers(root: &Path) -> io::Result<File> {
    let file = File::options()
        .append(true)
        .create(true)
        .open(root.join(LOCK_FILE))?;
    match file.lock() {
        // Some network file systems have no locks. The rename alone keeps records whole.
        Err(error) if error.kind() != io::ErrorKind::Unsupported => Err(error),
        _ => Ok(file),
    }
}

fn replace_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let directory = path.parent().unwrap_or(path);
    fs::create_dir_all(directory)?;
    let mut temporary = tempfile::Builder::new()
        .prefix(TEMPORARY_PREFIX)
        .tempfile_in(directory)?;
    temporary.write_all(bytes)?;
    temporary
        .persist(path)
        .map(drop)
        .map_err(|error| error.error)
}
