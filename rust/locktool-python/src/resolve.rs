//! One run: options and manifest in, a `Resolution` or one exception out.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use locktool_core::distribution::compatible::CompatibleTags;
use locktool_core::index::{
    BuildFailure, Built, Checkout, Client, ClientOptions, FileToFetch, MetadataBuilder,
    RefreshPolicy,
};
use locktool_core::manifest::ManifestRecord;
use locktool_core::name::PackageName;
use locktool_core::pipeline::{self, RunError, RunOptions, Upgrade, run};
use locktool_core::requirement::Requirement;
use locktool_core::resolver::{ResolveError, ResolveOptions as CoreOptions};
use locktool_core::source::{Progress, SourceError};
use locktool_core::version::Version;
use pyo3::prelude::*;
use pyo3::types::IntoPyDict;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::certify::{invalid_manifest, read_manifest};
use crate::errors::{NAME, REQUIREMENT, locktool_error};
use crate::impossible::impossible;
use crate::lock::LockFile;
use crate::options::{IndexLocation, ResolveOptions, Selection};
use crate::project::project_error;
use crate::recorder::Recorder;
use crate::resolution::Resolution;
use crate::waiting::{self, ProgressSnapshot};

/// Resolves a manifest, and returns when it is done.
///
/// `manifest` is `MessagePack`, `locked` an existing lock whose versions are preferred.
/// `builder(path)` returns the metadata text of a source tree or source distribution, and what its build requires unless none ran;
/// `checkout(package, address)` the tree and commit of a repository that a tree names; both are called from other threads. `progress(snapshot)` is called about
/// twenty times a second from this one; `recorder` records what the run does.
/// Raises `ResolutionImpossible`, `PackageNotFound`, `IndexUnavailable`, `OfflineError`, `BuildError`, `ProjectError`,
/// `LockError`, `Interrupted`, and whatever a signal handler raises.
#[pyfunction]
#[pyo3(signature = (manifest, options, *, indexes, locked=None, builder=None, checkout=None, progress=None, recorder=None))]
#[expect(
    clippy::too_many_arguments,
    reason = "all but two are keyword-only in Python"
)]
pub fn resolve(
    py: Python<'_>,
    manifest: &[u8],
    options: &Bound<'_, PyAny>,
    indexes: Vec<IndexLocation>,
    locked: Option<&LockFile>,
    builder: Option<Py<PyAny>>,
    checkout: Option<Py<PyAny>>,
    progress: Option<&Bound<'_, PyAny>>,
    recorder: Option<&Recorder>,
) -> PyResult<Resolution> {
    let record = read_manifest(py, manifest)?;
    let locked = locked.cloned();
    let options = ResolveOptions::read(options)?;
    let programs = builder.map(|build| PythonPrograms { build, checkout });
    let run_options = run_options(py, &options, (&record, &indexes), programs)?;
    let counters = Arc::new(Progress::default());
    let shared = Arc::clone(&counters);
    let existing = locked.clone();
    let recorder = recorder.map(|recorder| Arc::clone(&recorder.core));
    let work = move || {
        let document = locked.as_ref().map(|lock| &lock.core.document);
        let run = || run(&record, document, run_options, &shared);
        match recorder {
            Some(recorder) => recorder.record(run),
            None => run(),
        }
    };
    match waiting::run(py, &counters, progress, work)? {
        Ok(answer) => Ok(Resolution::new(
            answer,
            existing,
            ProgressSnapshot::of(&counters),
        )),
        Err(error) => Err(raise(py, &error)),
    }
}

/// The newest version of a package that the manifest's rules leave, whatever requires it; None where there is none.
///
/// Raises `PackageNotFound`, `IndexUnavailable`, `OfflineError`, `ProjectError`, `InvalidName` and `Interrupted`.
#[pyfunction]
#[pyo3(signature = (package, manifest, options, *, indexes))]
pub fn latest_version(
    py: Python<'_>,
    package: &str,
    manifest: &[u8],
    options: &Bound<'_, PyAny>,
    indexes: Vec<IndexLocation>,
) -> PyResult<Option<String>> {
    let record = read_manifest(py, manifest)?;
    let package = name(py, package)?;
    let options = ResolveOptions::read(options)?;
    let client = client_options(py, &options, (&record, &indexes), None)?;
    let counters = Arc::new(Progress::default());
    let shared = Arc::clone(&counters);
    let work = move || pipeline::latest_version(&record, package, client, &shared);
    match waiting::run(py, &counters, None, work)? {
        Ok(version) => Ok(version.map(|version| version.to_string())),
        Err(error) => Err(raise(py, &error)),
    }
}

/// The nearest release of a package that states what it requires without a build, as `(version, requirements)`; None where there is
/// none, or where the version is none.
///
/// Raises `PackageNotFound`, `IndexUnavailable`, `OfflineError`, `ProjectError`, `InvalidName` and `Interrupted`.
#[pyfunction]
#[pyo3(signature = (package, version, manifest, options, *, indexes))]
pub fn nearest_stated(
    py: Python<'_>,
    package: &str,
    version: &str,
    manifest: &[u8],
    options: &Bound<'_, PyAny>,
    indexes: Vec<IndexLocation>,
) -> PyResult<Option<(String, Vec<String>)>> {
    let record = read_manifest(py, manifest)?;
    let package = name(py, package)?;
    let Ok(version) = version.parse::<Version>() else {
        return Ok(None);
    };
    let options = ResolveOptions::read(options)?;
    let client = client_options(py, &options, (&record, &indexes), None)?;
    let counters = Arc::new(Progress::default());
    let shared = Arc::clone(&counters);
    let work = move || pipeline::nearest_stated(&record, (package, version), client, &shared);
    match waiting::run(py, &counters, None, work)? {
        Ok(found) => Ok(found.map(|(version, requirements)| {
            let texts = requirements.iter().map(ToString::to_string).collect();
            (version.to_string(), texts)
        })),
        Err(error) => Err(raise(py, &error)),
    }
}

/// Fetches files, each `(address, directory, sha256)`, and returns their paths: distributions that are built or installed from.
///
/// Raises `IndexUnavailable`, `OfflineError` and `Interrupted`.
#[pyfunction]
#[pyo3(signature = (files, options, *, indexes))]
pub fn fetch_files(
    py: Python<'_>,
    files: Vec<(String, PathBuf, Option<String>)>,
    options: &Bound<'_, PyAny>,
    indexes: Vec<IndexLocation>,
) -> PyResult<Vec<PathBuf>> {
    let options = ResolveOptions::read(options)?;
    let record = ManifestRecord::default();
    let client = client_options(py, &options, (&record, &indexes), None)?;
    let counters = Arc::new(Progress::default());
    let shared = Arc::clone(&counters);
    let wanted = |(address, directory, sha256)| FileToFetch {
        address,
        directory,
        sha256,
    };
    let files = files.into_iter().map(wanted).collect();
    let work = move || Client::new(client, shared)?.fetch_files(files);
    let fetched = waiting::run(py, &counters, None, work)?;
    fetched.map_err(|error| raise(py, &RunError::from(error)))
}

fn run_options(
    py: Python<'_>,
    options: &ResolveOptions,
    question: (&ManifestRecord, &[IndexLocation]),
    programs: Option<PythonPrograms>,
) -> PyResult<RunOptions> {
    let upgrade = match &options.upgrade {
        Selection::Every(false) => Upgrade::Nothing,
        Selection::Every(true) => Upgrade::Everything,
        Selection::Packages(packages) => Upgrade::Packages(names(py, packages)?),
    };
    let resolve = CoreOptions {
        target: options.environment.clone(),
        tags: (!options.tags.is_empty()).then(|| Arc::new(CompatibleTags::new(&options.tags))),
        reads_upper_python: options.reads_upper_python,
    };
    let (texts, files): (Vec<_>, Vec<_>) = options.files.iter().cloned().unzip();
    let hashes = options.hashes.iter();
    let hashes = hashes.map(|(package, hashes)| Ok((name(py, package)?, hashes.clone())));
    Ok(RunOptions {
        client: client_options(py, options, question, programs)?,
        resolve,
        upgrade,
        other_places: options.other_places,
        require: requirements(py, &options.require)?,
        limit: requirements(py, &options.limit)?,
        files: std::iter::zip(requirements(py, &texts)?, files).collect(),
        without_dependencies: options.without_dependencies,
        hashes: hashes.collect::<PyResult<_>>()?,
    })
}

fn requirements(py: Python<'_>, texts: &[String]) -> PyResult<Vec<Requirement>> {
    let read = |text: &String| {
        text.parse::<Requirement>()
            .map_err(|error| REQUIREMENT.refuse(py, text, error.position, &error.message))
    };
    texts.iter().map(read).collect()
}

fn client_options(
    py: Python<'_>,
    options: &ResolveOptions,
    (record, indexes): (&ManifestRecord, &[IndexLocation]),
    programs: Option<PythonPrograms>,
) -> PyResult<ClientOptions> {
    Ok(ClientOptions {
        indexes: indexes.iter().map(IndexLocation::to_core).collect(),
        find_links: options.find_links.clone(),
        assignments: assignments(py, record)?,
        cache_dir: options.cache_dir.as_ref().map(Into::into),
        offline: options.offline,
        refresh: match &options.refresh {
            Selection::Every(false) => RefreshPolicy::None,
            Selection::Every(true) => RefreshPolicy::All,
            Selection::Packages(packages) => RefreshPolicy::Packages(names(py, packages)?),
        },
        timeout: Duration::try_from_secs_f64(options.timeout_seconds).map_err(|error| {
            let message = format!("a timeout of {} seconds: {error}", options.timeout_seconds);
            locktool_error(py, "ProjectError", "invalid-option", &message, None)
        })?,
        retries: options.retries,
        keyring: indexes.iter().find_map(IndexLocation::keyring),
        proxy: options.proxy.clone(),
        certificate_bundle: options.certificate_bundle.as_ref().map(Into::into),
        project_dir: (&options.project_dir).into(),
        checkouts: options
            .checkouts
            .iter()
            .map(|(address, (path, commit))| {
                let checkout = Checkout {
                    path: path.into(),
                    commit: commit.clone(),
                };
                (address.clone(), checkout)
            })
            .collect(),
        builder: programs.map(|programs| Arc::new(programs) as Arc<dyn MetadataBuilder>),
        ..ClientOptions::default()
    })
}

fn name(py: Python<'_>, text: &str) -> PyResult<PackageName> {
    PackageName::parse(text).map_err(|error| NAME.refuse(py, text, error.position, error.message))
}

fn names(py: Python<'_>, texts: &[String]) -> PyResult<FxHashSet<PackageName>> {
    texts.iter().map(|text| name(py, text)).collect()
}

/// The packages that one index always serves.
fn assignments(
    py: Python<'_>,
    record: &ManifestRecord,
) -> PyResult<FxHashMap<PackageName, String>> {
    record
        .assigned_indexes()
        .into_iter()
        .map(|(package, index)| Ok((name(py, package)?, index.to_owned())))
        .collect()
}

/// The calls back into Python, which runs other programs.
struct PythonPrograms {
    build: Py<PyAny>,
    checkout: Option<Py<PyAny>>,
}

impl MetadataBuilder for PythonPrograms {
    fn build(&self, path: &Path) -> Result<Built, BuildFailure> {
        let path = path.to_string_lossy();
        Python::attach(|py| {
            let built = self
                .build
                .call1(py, (&*path,))
                .and_then(|built| built.extract::<(String, Option<Vec<String>>)>(py));
            let built = built.map(|(metadata, build_requires)| Built {
                metadata,
                build_requires,
            });
            built.map_err(|error| {
                let error = error.value(py);
                let suggestion = error.getattr("suggestion").ok();
                BuildFailure {
                    reason: error.to_string(),
                    suggestion: suggestion.and_then(|text| text.extract().ok()),
                }
            })
        })
    }

    fn check_out(&self, package: PackageName, address: &str) -> Result<Checkout, String> {
        let Some(checkout) = &self.checkout else {
            return Err(format!(
                "{address} is a repository, and this run fetches none"
            ));
        };
        Python::attach(|py| {
            let found = checkout
                .call1(py, (package.as_str(), address))
                .and_then(|found| found.extract::<(PathBuf, String)>(py));
            let (path, commit) = found.map_err(|error| error.value(py).to_string())?;
            Ok(Checkout { path, commit })
        })
    }
}

/// The exception for a run without an answer.
fn raise(py: Python<'_>, error: &RunError) -> PyErr {
    match error {
        RunError::Manifest(error) => invalid_manifest(py, &error.to_string()),
        RunError::TooComplex(error) => {
            locktool_error(py, "ProjectError", "too-complex", &error.to_string(), None)
        }
        RunError::Project(error) => project_error(py, error),
        RunError::Resolve(ResolveError::Impossible(explanation)) => impossible(py, explanation),
        RunError::Resolve(
            ResolveError::Cancelled | ResolveError::Source(SourceError::Cancelled),
        ) => locktool_error(
            py,
            "Interrupted",
            "interrupted",
            "the run was interrupted",
            None,
        ),
        RunError::Resolve(error @ ResolveError::BudgetSpent) => {
            locktool_error(py, "Interrupted", "budget-spent", &error.to_string(), None)
        }
        RunError::Resolve(ResolveError::Source(error)) => unanswered(py, error),
    }
}

fn unanswered(py: Python<'_>, error: &SourceError) -> PyErr {
    let version;
    let (class, code, fields): (_, _, Vec<(&str, &str)>) = match error {
        SourceError::NotFound { package, .. } => (
            "PackageNotFound",
            "package-not-found",
            vec![("package", package.as_str())],
        ),
        SourceError::Offline { what } => ("OfflineError", "offline", vec![("what", what)]),
        SourceError::Unreachable { url, reason } => (
            "IndexUnavailable",
            "index-unreachable",
            vec![("url", url), ("reason", reason)],
        ),
        SourceError::Invalid { url, reason } => (
            "IndexUnavailable",
            "index-invalid",
            vec![("url", url), ("reason", reason)],
        ),
        SourceError::Unauthorized { url, reason } => (
            "IndexUnavailable",
            "index-unauthorized",
            vec![("url", url), ("reason", reason)],
        ),
        SourceError::OtherIndex {
            machine, recorded, ..
        } => (
            "ResolutionImpossible",
            "other-index",
            vec![("machine", machine), ("recorded", recorded)],
        ),
        SourceError::UnnamedIndex {
            asked, recorded, ..
        } => (
            "ResolutionImpossible",
            "other-index",
            vec![("asked", asked), ("recorded", recorded)],
        ),
        SourceError::Missing { path, .. } => (
            "ProjectError",
            "missing-source",
            vec![("path", path.as_str())],
        ),
        SourceError::Unusable { .. } => ("BuildError", "unusable-source", Vec::new()),
        SourceError::BuildFailed {
            package,
            version: built,
            suggestion,
            ..
        } => {
            version = built.map(|version| version.to_string());
            let mut fields = vec![("package", package.as_str())];
            fields.extend(version.as_deref().map(|version| ("version", version)));
            fields.extend(suggestion.as_deref().map(|text| ("suggestion", text)));
            ("BuildError", "build-failed", fields)
        }
        SourceError::Cancelled => ("Interrupted", "interrupted", Vec::new()),
    };
    match fields.into_py_dict(py) {
        Ok(fields) => locktool_error(py, class, code, &error.to_string(), Some(&fields)),
        Err(failure) => failure,
    }
}
