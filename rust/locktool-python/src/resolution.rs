//! The outcome of a run: frozen records, and the lock that records it.

use locktool_core::lock::LockedPackage;
use locktool_core::pipeline::Answer;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::lock::LockFile;
use crate::waiting::ProgressSnapshot;

/// One entry of the answer, as the lock will record it.
#[pyclass(frozen, get_all, module = "locktool._native")]
#[derive(Clone)]
pub struct ResolvedPackage {
    pub name: String,
    pub version: Option<String>,
    pub marker: Option<String>,
    pub requires_python: Option<String>,
    pub dependencies: Vec<(String, Option<String>)>,
    pub index: Option<String>,
}

impl From<&LockedPackage> for ResolvedPackage {
    fn from(package: &LockedPackage) -> Self {
        let edges = package.dependencies.iter();
        Self {
            name: package.name.clone(),
            version: package.version.clone(),
            marker: package.marker.clone(),
            requires_python: package.requires_python.clone(),
            dependencies: edges
                .map(|edge| (edge.name.clone(), edge.version.clone()))
                .collect(),
            index: package.index.clone(),
        }
    }
}

#[pymethods]
impl ResolvedPackage {
    fn __repr__(&self) -> String {
        let version = self.version.as_deref().unwrap_or("");
        let marker = self
            .marker
            .as_ref()
            .map(|marker| format!("; {marker}"))
            .unwrap_or_default();
        format!("<ResolvedPackage {} {version}{marker}>", self.name)
    }
}

/// The outcome of a run.
#[pyclass(frozen, module = "locktool._native")]
pub struct Resolution {
    lock: LockFile,
    warnings: Vec<String>,
    forks: usize,
    counters: ProgressSnapshot,
}

impl Resolution {
    /// An outcome without a lock of its own is the existing one.
    pub fn new(answer: Answer, existing: Option<LockFile>, counters: ProgressSnapshot) -> Self {
        let made = answer.lock.map(LockFile::from);
        Self {
            lock: made
                .or(existing)
                .expect("only an existing lock is its own outcome"),
            warnings: answer.warnings,
            forks: answer.forks,
            counters,
        }
    }
}

#[pymethods]
impl Resolution {
    /// The packages in the order of the lock.
    #[getter]
    fn packages<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let packages = self.lock.core.document.packages.iter();
        PyTuple::new(py, packages.map(ResolvedPackage::from))
    }

    #[getter]
    fn requires_python(&self) -> Option<&str> {
        self.lock.core.document.requires_python.as_deref()
    }

    /// Sentences for people, in the order in which they came up.
    #[getter]
    fn warnings(&self) -> Vec<String> {
        self.warnings.clone()
    }

    /// How many sets of environments were solved apart; none if the existing lock was the answer.
    #[getter]
    fn forks(&self) -> usize {
        self.forks
    }

    /// What the run read.
    #[getter]
    fn counters(&self) -> ProgressSnapshot {
        self.counters.clone()
    }

    /// The lock that records it; the existing one where that is the outcome.
    #[getter]
    fn lock(&self) -> LockFile {
        self.lock.clone()
    }

    fn __repr__(&self) -> String {
        let packages = &self.lock.core.document.packages;
        format!("<Resolution of {} packages>", packages.len())
    }
}
