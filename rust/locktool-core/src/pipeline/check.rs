//! A check: the project and its lock are read, and the lock is proved, without asking anyone and without writing anything.

use std::path::{Path, PathBuf};

use rustc_hash::FxHashSet;
use sha2::{Digest, Sha256, Sha384, Sha512};

use crate::cache::to_hex;
use crate::certify::{StaleReason, certify};
use crate::document::{LocatedError, read_regular_file};
use crate::lock::{LOCK_NAME, LockError, LockFile, LockedDocument, LockedFile, LockedPackage};
use crate::manifest::{ManifestError, ManifestRecord, MemberRecord, SourceRecord};
use crate::marker::{NODES_OF_A_CHECK, TooComplex, within_budget};
use crate::project::{Project, TreeToday, absent, believe_absent, read_again, tree_directory};

/// What a check found; the lock holds exactly when there is no reason against it.
#[derive(Clone, Debug, Default)]
pub struct CheckOutcome {
    pub path: PathBuf,
    pub reasons: Vec<StaleReason>,
    /// Members and directories that were believed, since nobody knows what their builds read.
    pub unverified: Vec<String>,
    /// Directories and files that are not there and were believed.
    pub absent: Vec<String>,
    /// Sentences for people about the project.
    pub warnings: Vec<String>,
    /// How many packages are locked.
    pub packages: usize,
    /// The lock rests on what only the command line of its run said.
    pub has_command_line: bool,
}

/// Why the question cannot be answered.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CheckError {
    #[error("{0}")]
    Project(#[from] LocatedError),
    #[error("{0}")]
    Lock(#[from] LockError),
    /// What the lock records of its inputs is not well formed.
    #[error("{shown}: {error}", shown = crate::document::location(.path, None, None))]
    Inputs { path: PathBuf, error: ManifestError },
    #[error("{shown}: {error}", shown = crate::document::location(.path, None, None))]
    TooComplex { path: PathBuf, error: TooComplex },
}

/// Proves the lock of the project that a directory belongs to. With `absent_sources` directories and files that the project requires
/// and that are not there are believed as the lock records them.
///
/// # Errors
/// When the project or its lock cannot be read.
pub fn check(directory: &Path, absent_sources: bool) -> Result<CheckOutcome, CheckError> {
    let (project, document) = read_both(directory, absent_sources)?;
    let path = project.root.join(LOCK_NAME);
    check_read(project, document, path, absent_sources)
}

/// Proves the lock of a script at a path as [`check`] does that of a project.
///
/// # Errors
/// When the lock cannot be read, and when a source of the script leads nowhere.
pub fn check_script(
    script: Project,
    path: PathBuf,
    absent_sources: bool,
) -> Result<CheckOutcome, CheckError> {
    let document = LockFile::read(&path)?.document;
    check_read(script, document, path, absent_sources)
}

fn check_read(
    mut project: Project,
    document: LockedDocument,
    path: PathBuf,
    absent_sources: bool,
) -> Result<CheckOutcome, CheckError> {
    let root = project.root.clone();
    let mut outcome = CheckOutcome {
        path,
        ..CheckOutcome::default()
    };
    let nothing = ManifestRecord::default();
    let recorded = document.inputs().unwrap_or(&nothing);
    if absent_sources {
        outcome.absent = project.believe_absent_members(&recorded.members)?;
    }
    let mut today = inputs_of_today(project, recorded, &mut outcome)?;
    let mut local = LocalInputs {
        root: &root,
        absent_sources,
        outcome: &mut outcome,
    };
    today.trees = local.trees(recorded)?;
    if absent_sources {
        local.build_inputs(recorded, &mut today);
    }
    local.files(&document);
    outcome.packages = count_packages(&document);
    outcome.has_command_line = recorded.has_command_line();
    today.keep_decisive_versions(document.packages.iter().flat_map(LockedPackage::requires));
    let reasons = proved(&document, &today, &outcome.path)?;
    outcome.reasons.extend(reasons);
    // Freed while the caller goes on: a fourteenth of the instructions of this function (callgrind, a lock of 1 MB, 2026-11-26).
    let _ = std::thread::Builder::new().spawn(move || drop((document, today)));
    Ok(outcome)
}

/// Reads a project and its lock at the same time. The lock is taken to be in the directory itself, and read again where the project
/// is a member of a workspace further up.
fn read_both(
    directory: &Path,
    absent_sources: bool,
) -> Result<(Project, LockedDocument), CheckError> {
    let read_project = || {
        if absent_sources {
            Project::read_present(directory)
        } else {
            Project::read(directory, &[])
        }
    };
    // The lock is what takes memory, and glibc has more of it at once for the first thread of a process.
    let (project, likely) = std::thread::scope(|scope| {
        let reading = std::thread::Builder::new().spawn_scoped(scope, read_project);
        let likely = LockFile::read(&directory.join(LOCK_NAME));
        let project = reading.ok().and_then(|reading| reading.join().ok());
        (project.unwrap_or_else(read_project), likely)
    });
    let project = project?;
    let file = match likely {
        Ok(file) if same_directory(directory, &project.root) => file,
        _ => LockFile::read(&project.root.join(LOCK_NAME))?,
    };
    Ok((project, file.document))
}

fn same_directory(one: &Path, other: &Path) -> bool {
    let (one, other) = (std::fs::canonicalize(one), std::fs::canonicalize(other));
    one.is_ok_and(|one| other.is_ok_and(|other| one == other))
}

/// Proves a lock against the inputs that it records itself, and the files on disk that it names against their hashes; a file that is
/// not there is believed.
///
/// # Errors
/// When the lock cannot be read.
pub fn check_lock(path: &Path) -> Result<CheckOutcome, CheckError> {
    let document = LockFile::read(path)?.document;
    let nothing = ManifestRecord::default();
    let recorded = document.inputs().unwrap_or(&nothing);
    let mut outcome = CheckOutcome {
        path: path.to_owned(),
        ..CheckOutcome::default()
    };
    let mut local = LocalInputs {
        root: path.parent().unwrap_or(Path::new("")),
        absent_sources: true,
        outcome: &mut outcome,
    };
    local.files(&document);
    let reasons = proved(&document, recorded, path)?;
    outcome.reasons.extend(reasons);
    Ok(outcome)
}

fn count_packages(document: &LockedDocument) -> usize {
    let names = document.packages.iter().map(|package| &package.name);
    names.collect::<FxHashSet<_>>().len()
}

fn proved(
    document: &LockedDocument,
    today: &ManifestRecord,
    path: &Path,
) -> Result<Vec<StaleReason>, CheckError> {
    let path = || path.to_owned();
    let reasons = within_budget(NODES_OF_A_CHECK, || certify(document, today));
    let reasons = reasons.map_err(|error| CheckError::TooComplex {
        path: path(),
        error,
    })?;
    reasons.map_err(|error| CheckError::Inputs {
        path: path(),
        error,
    })
}

/// The inputs of the project today. What only a build knows is taken as recorded; where its inputs have changed, digests tell.
fn inputs_of_today(
    mut project: Project,
    recorded: &ManifestRecord,
    outcome: &mut CheckOutcome,
) -> Result<ManifestRecord, CheckError> {
    for member in project.members.iter_mut().filter(|member| member.unbuilt) {
        let known = recorded
            .members
            .iter()
            .find(|known| known.path == member.path);
        if let Some(known) = known {
            member.complete_as(known);
        }
        member.unbuilt = false;
        if !member.build.is_known() {
            let name = member.name.map(|name| name.to_string());
            outcome
                .unverified
                .push(name.unwrap_or_else(|| member.path.clone()));
        }
    }
    let (mut today, warnings) = project.record()?;
    outcome.warnings = warnings;
    today.adopt(recorded);
    today.command_line = recorded.command_line.clone();
    Ok(today)
}

/// The directories and files of this machine that a lock rests on.
struct LocalInputs<'a> {
    root: &'a Path,
    absent_sources: bool,
    outcome: &'a mut CheckOutcome,
}

impl LocalInputs<'_> {
    /// The recorded directories as they are today.
    fn trees(&mut self, recorded: &ManifestRecord) -> Result<Vec<MemberRecord>, CheckError> {
        let mut trees = Vec::new();
        for tree in &recorded.trees {
            match read_again(self.root, tree)? {
                TreeToday::Is(record) => trees.push(*record),
                TreeToday::Unverified(record) => {
                    self.outcome.unverified.push(tree.path.clone());
                    trees.push(*record);
                }
                TreeToday::Absent => {
                    self.missing("tree-missing", &tree.path);
                    trees.push(tree.clone());
                }
            }
        }
        Ok(trees)
    }

    /// Believes what the lock records of absent files that builds read, and of absent members' sources.
    fn build_inputs(&mut self, recorded: &ManifestRecord, today: &mut ManifestRecord) {
        let described = today.members.iter_mut().chain(&mut today.trees);
        for one in described {
            let mut known = recorded.members.iter().chain(&recorded.trees);
            let Some(known) = known.find(|known| known.path == one.path) else {
                continue;
            };
            let directory = tree_directory(self.root, &one.path);
            // A directory that is missing as a whole was named already.
            if directory.is_dir() {
                let files = believe_absent(&mut one.build, &directory, &known.build);
                let files = files.into_iter().map(|file| match one.path.as_str() {
                    "." => file,
                    path => format!("{path}/{file}"),
                });
                self.outcome.absent.extend(files);
            }
        }
        let is_believed = |name: &String| {
            let mut members = today.members.iter();
            let member = members.find(|member| member.name.is_some_and(|one| one.as_str() == name));
            member.is_some_and(|member| self.outcome.absent.contains(&member.path))
        };
        let sources = recorded.sources.iter();
        let sources = sources.filter(|source| source.member.as_ref().is_some_and(is_believed));
        today.sources.extend(sources.cloned());
        let order = |source: &SourceRecord| (source.name.clone(), source.member.clone());
        today.sources.sort_by_key(order);
    }

    /// Compares the wheels and source distributions on disk with their hashes.
    fn files(&mut self, document: &LockedDocument) {
        for local in local_files(document) {
            let Ok(bytes) = read_regular_file(&tree_directory(self.root, local.place)) else {
                if local.is_required {
                    self.missing("file-missing", local.place);
                }
                continue;
            };
            let has_its_size = local
                .file
                .size
                .is_none_or(|size| size == bytes.len() as u64);
            if !has_its_size || !has_its_hashes(local.file, &bytes) {
                let message = format!(
                    "{} is not the file that the lock was written with",
                    local.place
                );
                let reason = StaleReason::inputs("file-changed", local.package, message);
                self.outcome.reasons.push(reason);
            }
        }
    }

    fn missing(&mut self, code: &'static str, path: &str) {
        if self.absent_sources {
            self.outcome.absent.push(path.to_owned());
        } else {
            let message = absent(self.root, path);
            let reason = StaleReason::inputs(code, path, message).with_suggestion(
                "restore it and run `locktool lock`, or pass --absent-sources where it is left out on purpose",
            );
            self.outcome.reasons.push(reason);
        }
    }
}

/// A wheel or source distribution on disk that a lock names.
pub struct LocalFile<'a> {
    pub package: &'a str,
    pub file: &'a LockedFile,
    /// A path from the lock, or a `file:` address.
    pub place: &'a str,
    /// The project requires this very file; what an index or links list may be elsewhere.
    pub is_required: bool,
}

/// The wheels and source distributions on disk that a lock names.
pub fn local_files(document: &LockedDocument) -> impl Iterator<Item = LocalFile<'_>> {
    document.packages.iter().flat_map(|package| {
        let required = package.archive.iter().map(|file| (file, true));
        let listed = package.wheels.iter().chain(&package.sdist);
        let files = required.chain(listed.map(|file| (file, false)));
        files.filter_map(|(file, is_required)| {
            let url = file.url.as_deref();
            let place = file.path.as_deref();
            Some(LocalFile {
                package: &package.name,
                file,
                place: place.or_else(|| url.filter(|url| url.starts_with("file:")))?,
                is_required,
            })
        })
    })
}

/// Whether a file has the hashes that a lock records, by the algorithms that are known here; one at least.
pub fn has_its_hashes(archive: &LockedFile, bytes: &[u8]) -> bool {
    let mut compared = archive.hashes.iter().filter_map(|(algorithm, digest)| {
        let found = match algorithm {
            "sha256" => to_hex(&Sha256::digest(bytes)),
            "sha384" => to_hex(&Sha384::digest(bytes)),
            "sha512" => to_hex(&Sha512::digest(bytes)),
            _ => return None,
        };
        Some(found == digest.to_lowercase())
    });
    let Some(first) = compared.next() else {
        return false;
    };
    first && compared.all(|equal| equal)
}
