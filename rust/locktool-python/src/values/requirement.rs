//! `Requirement`: PEP 508, with the attributes of `packaging.requirements.Requirement`.

use locktool_core::name::ExtraName;
use locktool_core::requirement::{Requirement as CoreRequirement, RequirementText};
use pyo3::prelude::*;
use pyo3::types::{PyFrozenSet, PyString};

use super::hash_of;
use super::marker::Marker;
use super::specifier_set::SpecifierSet;
use crate::errors::REQUIREMENT;

/// A requirement such as `requests[socks]>=2; python_version < '3.13'`.
///
/// Name and extras are normalised (PEP 503, PEP 685), so that equal requirements have equal texts.
/// Raises `InvalidRequirement`.
#[pyclass(frozen, from_py_object, module = "locktool")]
#[derive(Clone)]
pub struct Requirement {
    pub core: CoreRequirement,
    marker: Option<Marker>,
}

impl Requirement {
    fn parse(py: Python<'_>, text: &str) -> PyResult<Self> {
        let core = text
            .parse::<CoreRequirement>()
            .map_err(|error| REQUIREMENT.refuse(py, text, error.position, &error.message))?;
        let written = RequirementText::split(text)
            .ok()
            .and_then(|parts| parts.marker);
        let marker = match written {
            Some(marker) if !core.marker.is_true() => Some(Marker::parse(py, marker)?),
            _ => None,
        };
        Ok(Self { core, marker })
    }
}

#[pymethods]
impl Requirement {
    #[new]
    fn new(requirement_string: &Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(same) = requirement_string.cast::<Self>() {
            return Ok(same.get().clone());
        }
        let text = REQUIREMENT.text_of(requirement_string, "Requirement")?;
        Self::parse(text.py(), REQUIREMENT.utf8(&text)?)
    }

    /// The normalised name.
    #[getter]
    fn name(&self) -> &'static str {
        self.core.name.as_str()
    }

    /// The normalised names of the extras.
    #[getter]
    fn extras<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyFrozenSet>> {
        PyFrozenSet::new(py, self.core.extras.iter().map(ExtraName::as_str))
    }

    /// The versions asked for; the empty set for a URL.
    #[getter]
    fn specifier(&self) -> SpecifierSet {
        SpecifierSet::from_core(self.core.specifiers().clone())
    }

    /// The address asked for, or None.
    #[getter]
    fn url(&self) -> Option<&str> {
        self.core.url()
    }

    /// The condition, or None where it holds everywhere.
    #[getter]
    fn marker(&self) -> Option<Marker> {
        self.marker.clone()
    }

    fn __str__(&self) -> String {
        self.core.to_string()
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!(
            "<Requirement({})>",
            PyString::new(py, &self.core.to_string()).repr()?
        ))
    }

    fn __hash__(&self) -> u64 {
        hash_of(&self.core)
    }

    /// Equal by meaning: name, extras, specifiers or URL, and the condition.
    fn __eq__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let equal = other
            .cast::<Self>()
            .ok()
            .map(|other| self.core == other.get().core);
        super::comparison(other.py(), equal)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> (Bound<'py, PyAny>, (String,)) {
        (slf.get_type().into_any(), (slf.get().core.to_string(),))
    }
}
