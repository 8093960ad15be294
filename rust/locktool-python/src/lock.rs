//! Locks at the border: a file in, its document and its text out; the `MessagePack` from which Python's view decodes, when asked.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use locktool_core::lock::{
    DecodeError, LockError, LockFile as CoreFile, LockedDocument, LockedPackage, MadeFrom,
};
use locktool_core::pipeline::with_builds;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::certify::encoded;
use crate::errors::locktool_error;
use crate::select::{SelectedEntry, entries, select};

/// A lock: read from a file, decoded from values, or made by a run.
#[pyclass(frozen, module = "locktool._native")]
#[derive(Clone)]
pub struct LockFile {
    pub core: Arc<CoreFile>,
}

impl From<CoreFile> for LockFile {
    fn from(core: CoreFile) -> Self {
        Self {
            core: Arc::new(core),
        }
    }
}

impl From<LockedDocument> for LockFile {
    fn from(document: LockedDocument) -> Self {
        Self::from(CoreFile::from(document))
    }
}

#[pymethods]
impl LockFile {
    /// Reads a lock from its file. Raises `LockError`.
    #[staticmethod]
    fn read(py: Python<'_>, path: &str) -> PyResult<Self> {
        let read = py.detach(|| CoreFile::read(Path::new(path)));
        read.map(Self::from).map_err(|error| lock_error(py, &error))
    }

    /// Reads the lock that is about to be replaced; None where there is none. Raises `LockError`.
    #[staticmethod]
    fn read_replaced(py: Python<'_>, path: &str) -> PyResult<Option<Self>> {
        let read = py.detach(|| CoreFile::read_replaced(Path::new(path)));
        read.map(|file| file.map(Self::from))
            .map_err(|error| lock_error(py, &error))
    }

    /// Reads a lock from the content of a file; `path` is for messages. Raises `LockError`.
    #[staticmethod]
    fn parse(py: Python<'_>, content: &[u8], path: &str) -> PyResult<Self> {
        let read = py.detach(|| CoreFile::parse(content.to_owned(), Path::new(path)));
        read.map(Self::from).map_err(|error| lock_error(py, &error))
    }

    /// Takes a lock that is given as `MessagePack`. Raises `LockError`.
    #[staticmethod]
    fn decode(py: Python<'_>, messagepack: &[u8]) -> PyResult<Self> {
        let decoded = py.detach(|| CoreFile::decode(messagepack.to_owned()));
        decoded.map(Self::from).map_err(|error| {
            let message = match &error {
                DecodeError::Newer(_) => format!("the lock {error}"),
                DecodeError::Invalid(misfit) => format!("the lock is not well formed: {misfit}"),
            };
            locktool_error(py, "LockError", error.code(), &message, None)
        })
    }

    /// The text of the file; None for a lock that was not read from one.
    #[getter]
    fn text(&self) -> Option<&str> {
        self.core.text.as_deref()
    }

    #[getter]
    fn is_conflicted(&self) -> bool {
        self.core.is_conflicted
    }

    /// Whether readers of TOML 1.0 can read the file.
    #[getter]
    fn is_portable(&self) -> bool {
        self.core.document.unwritten.newer_form.is_none()
    }

    fn to_messagepack<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.core.to_messagepack())
    }

    /// The Pythons that it is for.
    #[getter]
    fn requires_python(&self) -> Option<&str> {
        self.core.document.requires_python.as_deref()
    }

    /// Whether some package is installed from a directory.
    #[getter]
    fn has_directories(&self) -> bool {
        let mut packages = self.core.document.packages.iter();
        packages.any(|package| package.directory.is_some())
    }

    /// What an environment with these fields and wheel tags installs, with the extras and groups that are chosen.
    ///
    /// Raises `LockError` where the lock refuses the environment or an installer could not obey, and `InvalidMarker` and
    /// `UndefinedComparison` for a marker that cannot be evaluated.
    #[pyo3(signature = (fields, tags, extras=Vec::new(), groups=Vec::new()))]
    fn select(
        &self,
        py: Python<'_>,
        fields: HashMap<String, String>,
        tags: Vec<String>,
        extras: Vec<String>,
        groups: Vec<String>,
    ) -> PyResult<Vec<SelectedEntry>> {
        select(py, &self.core, &fields, &tags, [&extras, &groups])
    }

    /// All entries, each with what an environment with these wheel tags installs it from.
    ///
    /// Raises `LockError` for one of which no file suits.
    fn entries(&self, py: Python<'_>, tags: Vec<String>) -> PyResult<Vec<SelectedEntry>> {
        entries(py, &self.core, &tags)
    }

    /// The inputs that it records, in `MessagePack`; None in a lock of another tool.
    #[getter]
    fn manifest<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyBytes>>> {
        let inputs = self.core.document.inputs();
        inputs.map(|inputs| encoded(py, inputs)).transpose()
    }

    /// What builds install and the lock does not record: for each set of requirements what is built with it.
    fn missing_builds(&self) -> Vec<(Vec<String>, Vec<String>)> {
        let document = &self.core.document;
        let sets = document.build_requirements();
        let is_recorded = |requires: &Vec<String>| sets.iter().any(|set| set.requires == *requires);
        let builds = document.builds().into_iter();
        builds
            .filter(|(requires, _)| !is_recorded(requires))
            .map(|(requires, built)| (requires, built.into_iter().collect()))
            .collect()
    }

    /// What it records of the builds that require this, as a lock of its own; else of all builds, and None where it records none.
    fn build_lock(&self, requires: Vec<String>) -> Option<Self> {
        let lock = self.core.document.lock_of_builds(&requires);
        lock.map(Self::from)
    }

    /// The lock with what further builds install: for each set of requirements the lock that it was resolved to, where there is one.
    fn with_builds(&self, py: Python<'_>, made: Vec<(Vec<String>, Option<Py<Self>>)>) -> Self {
        let locks = made.into_iter().map(|(requires, lock)| {
            let lock = lock.map(|lock| lock.get().core.document.clone());
            (requires, lock)
        });
        let made = locks.collect();
        let document = self.core.document.clone();
        Self::from(py.detach(|| with_builds(document, made)))
    }

    /// The names of the packages, each once, in their order.
    #[getter]
    fn names(&self) -> Vec<&str> {
        let packages = self.core.document.packages.iter();
        let mut names: Vec<_> = packages.map(|package| package.name.as_str()).collect();
        names.dedup();
        names
    }

    /// The locked commits of git repositories: `(name, address, revision, commit)`, the revision as it was asked for.
    #[getter]
    fn commits(&self) -> Vec<(&str, &str, Option<&str>, &str)> {
        let packages = self.core.document.packages.iter();
        let commits = packages.filter_map(|package| {
            let repository = package.vcs.as_ref()?;
            let asked = repository.requested_revision.as_deref();
            let (address, commit) = (&*repository.url, &*repository.commit_id);
            Some((&*package.name, address, asked, commit))
        });
        commits.collect()
    }

    /// Whether some package has no file with a hash, as directories and repositories have none.
    #[getter]
    fn has_unhashed(&self) -> bool {
        let is_hashed = |package: &LockedPackage| {
            let others = package.sdist.iter().chain(&package.archive);
            let mut files = package.wheels.iter().chain(others);
            files.any(|file| file.hashes.iter().next().is_some())
        };
        !self.core.document.packages.iter().all(is_hashed)
    }

    /// The names and versions of what it records of builds.
    #[getter]
    fn build_pins(&self) -> Vec<(String, String)> {
        let sets = self.core.document.build_requirements().iter();
        let packages = sets.flat_map(|set| &set.packages);
        let pins = packages.map(|package| {
            let version = package.version.clone().unwrap_or_default();
            (package.name.clone(), version)
        });
        pins.collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// The packages and members whose metadata a build made.
    #[getter]
    fn built(&self) -> BTreeSet<&str> {
        let document = &self.core.document;
        let sets = document.build_requirements().iter();
        let packages = document.packages.iter();
        let packages = packages.filter(|package| package.build_requires().is_some());
        let names = packages.map(|package| package.name.as_str());
        let of_sets = sets.flat_map(|set| &set.built);
        of_sets.map(String::as_str).chain(names).collect()
    }

    /// The text of this lock in place of another one, whose comments and unchanged blocks stay.
    /// `compiled` says in its first lines that it was made from requirements files.
    #[pyo3(signature = (previous=None, *, compiled=false))]
    fn write(&self, py: Python<'_>, previous: Option<&Self>, compiled: bool) -> String {
        let made_from = if compiled {
            MadeFrom::Files
        } else {
            MadeFrom::Project
        };
        let previous = previous.map(|previous| &*previous.core);
        py.detach(|| self.core.document.to_text(previous, made_from))
    }

    fn __repr__(&self) -> String {
        format!(
            "<LockFile of {} packages>",
            self.core.document.packages.len()
        )
    }
}

/// The exception for a lock that cannot be read.
pub fn lock_error(py: Python<'_>, error: &LockError) -> PyErr {
    let fields = PyDict::new(py);
    let filled = || -> PyResult<()> {
        fields.set_item("path", error.path.display().to_string())?;
        fields.set_item("line", error.line)?;
        fields.set_item("column", error.column)?;
        if let Some(suggestion) = error.suggestion {
            fields.set_item("suggestion", suggestion)?;
        }
        Ok(())
    };
    match filled() {
        Ok(()) => locktool_error(py, "LockError", error.code, &error.message, Some(&fields)),
        Err(failure) => failure,
    }
}
