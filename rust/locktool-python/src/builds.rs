//! What builds require, at the border: the manifest of their requirements, and the form in which locks record these.

use std::path::Path;

use locktool_core::manifest::BuildQuestion;
use locktool_core::project::recorded_requires as as_recorded;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::certify::{encoded, read_manifest};
use crate::errors::locktool_error;

/// The manifest of what a build requires, under what the manifest of a run says of builds: for its Pythons, for those of
/// `requires_python`, or for one environment.
///
/// Raises `ProjectError`.
#[pyfunction]
#[pyo3(signature = (manifest, requires, *, constraints, requires_python=None, environment=None))]
pub fn build_manifest<'py>(
    py: Python<'py>,
    manifest: &[u8],
    requires: Vec<String>,
    constraints: Vec<String>,
    requires_python: Option<String>,
    environment: Option<String>,
) -> PyResult<Bound<'py, PyBytes>> {
    let record = read_manifest(py, manifest)?;
    let asked = BuildQuestion {
        requires,
        constraints,
        requires_python,
        environment,
    };
    encoded(py, &record.of_build(asked))
}

/// What a build requires, as locks record it: canonical, sorted, each once, paths from the root of the project.
///
/// Raises `ProjectError` where a text is no requirement, or holds credentials.
#[pyfunction]
pub fn recorded_requires(
    py: Python<'_>,
    written: Vec<String>,
    root: &str,
) -> PyResult<Vec<String>> {
    as_recorded(&written, Path::new(root))
        .map_err(|refusal| locktool_error(py, "ProjectError", refusal.code, &refusal.message, None))
}
