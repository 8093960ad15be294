//! The certificate at the border: the reasons against a lock, and the manifest that it is proved against.

use locktool_core::certify::StaleReason as CoreReason;
use locktool_core::lock::decode;
use locktool_core::manifest::ManifestRecord;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::errors::locktool_error;

/// One thing that does not hold in a lock: a stable `code`, one sentence, the package or member it is about, and what to do.
#[pyclass(frozen, get_all, eq, hash, module = "locktool._native")]
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct StaleReason {
    pub code: String,
    pub message: String,
    pub package: String,
    pub suggestion: String,
    pub key: Option<String>,
    pub then: Option<String>,
    pub now: Option<String>,
}

impl From<CoreReason> for StaleReason {
    fn from(reason: CoreReason) -> Self {
        Self {
            code: reason.code.into_owned(),
            message: reason.message,
            package: reason.subject,
            suggestion: reason.suggestion.to_owned(),
            key: reason.key,
            then: reason.then,
            now: reason.now,
        }
    }
}

#[pymethods]
impl StaleReason {
    fn __repr__(&self) -> String {
        format!("StaleReason({:?}, {:?})", self.code, self.message)
    }
}

/// Reads a manifest record from `MessagePack`.
pub fn read_manifest(py: Python<'_>, manifest: &[u8]) -> PyResult<ManifestRecord> {
    decode(manifest).map_err(|reason| {
        invalid_manifest(py, &format!("the manifest is not well formed: {reason}"))
    })
}

pub fn invalid_manifest(py: Python<'_>, reason: &str) -> PyErr {
    locktool_error(py, "ProjectError", "invalid-manifest", reason, None)
}

/// The inputs of a resolution as Python takes them: `MessagePack`.
pub fn encoded<'py>(py: Python<'py>, record: &ManifestRecord) -> PyResult<Bound<'py, PyBytes>> {
    let bytes = rmp_serde::to_vec_named(record)
        .map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
    Ok(PyBytes::new(py, &bytes))
}
