//! The certificate at the border: a lock and a manifest in, the reasons against the lock out.

use locktool_core::certify::{StaleReason as CoreReason, certify as prove};
use locktool_core::document::toml::read_toml;
use locktool_core::locked::{DecodeError, LockedDocument, decode, decode_lock, decode_toml};
use locktool_core::manifest::ManifestRecord;
use pyo3::prelude::*;
use pyo3::types::IntoPyDict;

use crate::errors::locktool_error;

/// One thing that does not hold in a lock: a stable `code`, one sentence, the package or member it is about, and what to do.
#[pyclass(frozen, get_all, eq, hash, module = "locktool")]
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

/// Why the lock does not answer the manifest; an empty list is the proof that it does.
///
/// `lock` is TOML or `MessagePack`, `manifest` is `MessagePack`. Raises `LockError` for a lock that cannot be read, with
/// line and column if it is TOML, and `ProjectError` for a manifest that is not well formed.
#[pyfunction]
pub fn certify(py: Python<'_>, lock: &[u8], manifest: &[u8]) -> PyResult<Vec<StaleReason>> {
    let document = read_lock(py, lock)?;
    let record = read_manifest(py, manifest)?;
    py.detach(|| prove(&document, &record))
        .map(|reasons| reasons.into_iter().map(StaleReason::from).collect())
        .map_err(|error| invalid_manifest(py, &error.to_string()))
}

/// Reads a lock document from TOML or from `MessagePack`, whose first byte no TOML text has.
pub fn read_lock(py: Python<'_>, lock: &[u8]) -> PyResult<LockedDocument> {
    let is_messagepack = matches!(lock.first(), Some(0x80..=0x8f | 0xde | 0xdf));
    let decoded = if is_messagepack {
        py.detach(|| decode_lock(lock))
    } else {
        let read = py.detach(|| read_toml(lock)).map_err(|error| {
            match [("line", error.line), ("column", error.column)].into_py_dict(py) {
                Ok(place) => locktool_error(
                    py,
                    "LockError",
                    "lock-unreadable",
                    &error.to_string(),
                    Some(&place),
                ),
                Err(failure) => failure,
            }
        })?;
        py.detach(|| decode_toml(&read))
    };
    decoded.map_err(|error| {
        let message = match &error {
            DecodeError::Newer(_) => format!("the lock {error}"),
            DecodeError::Invalid(misfit) => format!("the lock is not well formed: {misfit}"),
        };
        locktool_error(py, "LockError", error.code(), &message, None)
    })
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
