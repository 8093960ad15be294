//! Environments at the border: what an interpreter says of itself and names of others in, marker variables, wheel tags and markers out.

use std::collections::{BTreeMap, HashMap};

use locktool_core::distribution::facts::InterpreterFacts;
use locktool_core::distribution::interpreter_tags::interpreter_tags as tags_of;
use locktool_core::distribution::platform_name::{Platform, UnknownPlatform};
use locktool_core::distribution::python_name::PythonName;
use locktool_core::resolver;
use locktool_core::version::VersionParseError;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pythonize::depythonize;

use crate::errors::{VERSION, locktool_error};
use crate::values::{environment_of_fields, fields_of};

/// The marker variables of an interpreter, and the wheel tags that it installs, the preferred ones first: from its facts,
/// changed to another Python (`3.12`, `3.13t`, `pypy3.11`) and another platform (`linux`, `macos-14`) where these are named.
///
/// Raises `InvalidVersion`, `ProjectError` for a platform that is not known, and `ValueError` for a record of another shape.
#[pyfunction]
#[pyo3(signature = (facts, python=None, platform=None))]
pub fn target_environment(
    py: Python<'_>,
    facts: &Bound<'_, PyAny>,
    python: Option<&str>,
    platform: Option<&str>,
) -> PyResult<(BTreeMap<&'static str, String>, Vec<String>)> {
    let mut facts = read_facts(facts)?;
    if let Some(text) = python {
        facts = facts.with_python(&python_name(py, text)?);
    }
    if let Some(text) = platform {
        let platform: Platform = text.parse().map_err(|error: UnknownPlatform| {
            locktool_error(
                py,
                "ProjectError",
                "unknown-target",
                &error.to_string(),
                None,
            )
        })?;
        facts = facts.on_platform(&platform);
    }
    let fields = fields_of(&facts.marker_environment);
    Ok((fields, tags_of(&facts)))
}

/// The wheel tags that an interpreter installs, the preferred ones first, from its facts.
///
/// Raises `ValueError` for a record of another shape.
#[pyfunction]
pub fn interpreter_tags(facts: &Bound<'_, PyAny>) -> PyResult<Vec<String>> {
    read_facts(facts).map(|facts| tags_of(&facts))
}

/// The implementation that the name of a Python says, if it says one, its version, and whether it is free-threaded: `pypy3.11`, `3.13t`.
///
/// Raises `InvalidVersion`.
#[pyfunction]
#[pyo3(name = "python_name")]
pub fn parts_of_python_name(
    py: Python<'_>,
    text: &str,
) -> PyResult<(Option<&'static str>, String, bool)> {
    let name = python_name(py, text)?;
    let implementation = name
        .implementation
        .map(|(implementation, _)| implementation);
    Ok((implementation, name.version.to_string(), name.free_threaded))
}

/// The marker of one environment, by which a lock says that it is for that one: the platform, the implementation, and the Python as far
/// as `version` names it, without one its minor version.
///
/// Raises `InvalidVersion`.
#[pyfunction]
#[pyo3(signature = (fields, version=None))]
#[expect(clippy::needless_pass_by_value, reason = "converted from Python")]
pub fn environment_marker(
    py: Python<'_>,
    fields: HashMap<String, String>,
    version: Option<&str>,
) -> PyResult<String> {
    let name = version.map(|text| python_name(py, text)).transpose()?;
    let python = if name.is_some_and(|name| name.is_one_release()) {
        "python_full_version"
    } else {
        "python_version"
    };
    let environment = environment_of_fields(&fields);
    Ok(resolver::environment_marker(&environment, python).to_string())
}

fn read_facts(facts: &Bound<'_, PyAny>) -> PyResult<InterpreterFacts> {
    depythonize(facts).map_err(|error| PyValueError::new_err(error.to_string()))
}

fn python_name(py: Python<'_>, text: &str) -> PyResult<PythonName> {
    text.parse()
        .map_err(|error: VersionParseError| VERSION.refuse(py, text, error.position, error.message))
}
