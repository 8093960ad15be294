//! The cache directory as `locktool cache` shows and clears it.

use std::io;
use std::path::Path;

use locktool_core::cache;
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyBytes};

use crate::errors::locktool_error;

fn unusable(py: Python<'_>, directory: &str, error: &io::Error) -> PyErr {
    let message = format!("the cache in {directory} cannot be used: {error}");
    match [("path", directory)].into_py_dict(py) {
        Ok(fields) => locktool_error(py, "CacheError", "cache-unusable", &message, Some(&fields)),
        Err(failure) => failure,
    }
}

/// What the directory holds: records, bytes, and files that interrupted or older writers left behind.
///
/// Raises `CacheError`.
#[pyfunction]
pub fn cache_summary(py: Python<'_>, directory: &str) -> PyResult<(u64, u64, u64)> {
    let summary = py.detach(|| cache::summary(Path::new(directory)));
    let summary = summary.map_err(|error| unusable(py, directory, &error))?;
    Ok((summary.records, summary.bytes, summary.leftovers))
}

/// Removes what was left behind, then the least recently used records above a size, that of `DEFAULT_MAXIMUM_BYTES`
/// unless told; returns files and bytes removed.
///
/// Raises `CacheError`.
#[pyfunction]
#[pyo3(signature = (directory, maximum_bytes = None))]
pub fn cache_prune(
    py: Python<'_>,
    directory: &str,
    maximum_bytes: Option<u64>,
) -> PyResult<(u64, u64)> {
    let maximum_bytes = maximum_bytes.unwrap_or(cache::DEFAULT_MAXIMUM_BYTES);
    let pruned = py.detach(|| cache::prune(Path::new(directory), maximum_bytes));
    let pruned = pruned.map_err(|error| unusable(py, directory, &error))?;
    Ok((pruned.files, pruned.bytes))
}

/// Removes the records of these packages (normalised names), or all if none is named; returns files and bytes removed.
///
/// Raises `CacheError`.
#[pyfunction]
pub fn cache_clean(py: Python<'_>, directory: &str, packages: Vec<String>) -> PyResult<(u64, u64)> {
    let names: Vec<&str> = packages.iter().map(String::as_str).collect();
    let pruned = py.detach(|| cache::clean(Path::new(directory), &names));
    let pruned = pruned.map_err(|error| unusable(py, directory, &error))?;
    Ok((pruned.files, pruned.bytes))
}

/// The record that the core writes of what it reads in these bytes, or None where it reads a miss.
#[pyfunction]
pub fn cache_record_copy<'py>(py: Python<'py>, data: &[u8]) -> Option<Bound<'py, PyBytes>> {
    let copy = py.detach(|| {
        let view = cache::RecordView::open(data)?;
        Some(cache::encode(view.validators(), &view.rows()?))
    });
    copy.map(|bytes| PyBytes::new(py, &bytes))
}
