//! The result of a run: frozen records, and the `MessagePack` from which Python builds the lock.

use locktool_core::locked::LockedPackage;
use locktool_core::manifest::ManifestRecord;
use locktool_core::pipeline::Answer;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyTuple};
use serde::Serialize;

use crate::waiting::ProgressSnapshot;

/// One entry of the answer, as the lock will record it.
#[pyclass(frozen, get_all, module = "locktool")]
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

/// The answer of a run.
#[pyclass(frozen, module = "locktool")]
pub struct Resolution {
    answer: Answer,
    counters: ProgressSnapshot,
}

impl Resolution {
    pub fn new(answer: Answer, counters: ProgressSnapshot) -> Self {
        Self { answer, counters }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Document<'answer> {
    #[serde(skip_serializing_if = "Option::is_none")]
    requires_python: Option<&'answer str>,
    packages: &'answer [LockedPackage],
    inputs: &'answer ManifestRecord,
}

#[pymethods]
impl Resolution {
    /// The packages in the order of the lock.
    #[getter]
    fn packages<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.answer.packages.iter().map(ResolvedPackage::from))
    }

    #[getter]
    fn requires_python(&self) -> Option<&str> {
        self.answer.inputs.requires_python.as_deref()
    }

    /// Sentences for people, in the order in which they came up.
    #[getter]
    fn warnings(&self) -> Vec<String> {
        self.answer.warnings.clone()
    }

    /// How many sets of environments were solved apart; none if the existing lock was the answer.
    #[getter]
    fn forks(&self) -> usize {
        self.answer.forks
    }

    /// What the run read.
    #[getter]
    fn counters(&self) -> ProgressSnapshot {
        self.counters.clone()
    }

    /// `{"requires-python": ..., "packages": [...], "inputs": {...}}`, with the keys of pylock.toml; `inputs` is its `[tool.locktool]`.
    fn to_messagepack<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let document = Document {
            requires_python: self.answer.inputs.requires_python.as_deref(),
            packages: &self.answer.packages,
            inputs: &self.answer.inputs,
        };
        let bytes = rmp_serde::to_vec_named(&document)
            .map_err(|error| PyRuntimeError::new_err(error.to_string()))?;
        Ok(PyBytes::new(py, &bytes))
    }

    fn __repr__(&self) -> String {
        format!("<Resolution of {} packages>", self.answer.packages.len())
    }
}
