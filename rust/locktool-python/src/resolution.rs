//! The outcome of a run: the lock that records it, and what the run has to say.

use locktool_core::pipeline::Answer;
use pyo3::prelude::*;

use crate::lock::LockFile;
use crate::waiting::ProgressSnapshot;

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
