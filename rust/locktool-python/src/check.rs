//! The check at the border: a directory in, the outcome out.

use std::path::{Path, PathBuf};

use locktool_core::pipeline::{
    CheckError, CheckOutcome as CoreOutcome, check as check_project, check_lock as check_alone,
    check_script as check_read_script,
};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::certify::StaleReason;
use crate::errors::locktool_error;
use crate::lock::lock_error;
use crate::project::{Project, project_error};

/// What a check found; the lock holds exactly when there is no reason against it.
#[pyclass(frozen, get_all, module = "locktool._native")]
pub struct CheckOutcome {
    pub path: String,
    pub reasons: Vec<StaleReason>,
    pub unverified: Vec<String>,
    pub absent: Vec<String>,
    pub warnings: Vec<String>,
    pub packages: usize,
    pub has_command_line: bool,
}

impl From<CoreOutcome> for CheckOutcome {
    fn from(outcome: CoreOutcome) -> Self {
        Self {
            path: outcome.path.display().to_string(),
            reasons: outcome.reasons.into_iter().map(StaleReason::from).collect(),
            unverified: outcome.unverified,
            absent: outcome.absent,
            warnings: outcome.warnings,
            packages: outcome.packages,
            has_command_line: outcome.has_command_line,
        }
    }
}

#[pymethods]
impl CheckOutcome {
    fn __repr__(&self) -> String {
        format!(
            "<CheckOutcome of {}: {} reasons>",
            self.path,
            self.reasons.len()
        )
    }
}

/// Proves the lock of the project that a directory belongs to, offline and without writing anything.
///
/// Raises `ProjectError` and `LockError` where the question cannot be answered.
#[pyfunction]
#[pyo3(signature = (directory, *, absent_sources=false))]
pub fn check(py: Python<'_>, directory: &str, absent_sources: bool) -> PyResult<CheckOutcome> {
    let checked = py.detach(|| check_project(Path::new(directory), absent_sources));
    checked
        .map(CheckOutcome::from)
        .map_err(|error| check_error(py, &error))
}

/// Proves the lock of a script, offline and without writing anything. Raises `ProjectError` and `LockError`.
#[pyfunction]
#[pyo3(signature = (script, path, *, absent_sources=false))]
pub fn check_script(
    py: Python<'_>,
    script: &Project,
    path: PathBuf,
    absent_sources: bool,
) -> PyResult<CheckOutcome> {
    let core = script.core.clone();
    py.detach(|| check_read_script(core, path, absent_sources))
        .map(CheckOutcome::from)
        .map_err(|error| check_error(py, &error))
}

/// Proves a lock against the inputs that it records itself. Raises `LockError`.
#[pyfunction]
pub fn check_lock(py: Python<'_>, path: &str) -> PyResult<CheckOutcome> {
    let checked = py.detach(|| check_alone(Path::new(path)));
    checked
        .map(CheckOutcome::from)
        .map_err(|error| check_error(py, &error))
}

fn check_error(py: Python<'_>, error: &CheckError) -> PyErr {
    match error {
        CheckError::Project(error) => project_error(py, error),
        CheckError::Lock(error) => lock_error(py, error),
        CheckError::Inputs { path, .. } | CheckError::TooComplex { path, .. } => {
            let fields = PyDict::new(py);
            match fields.set_item("path", path.display().to_string()) {
                Ok(()) => {
                    let message = error.to_string();
                    locktool_error(py, "LockError", "lock-invalid", &message, Some(&fields))
                }
                Err(failure) => failure,
            }
        }
    }
}
