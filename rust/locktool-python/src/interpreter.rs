//! Interpreters at the border: the facts that a probe found in, the wheel tags out.

use locktool_core::distribution::facts::InterpreterFacts;
use locktool_core::distribution::interpreter_tags::interpreter_tags as tags_of;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// The wheel tags that an interpreter installs, the preferred ones first, from its facts in `MessagePack`.
///
/// Raises `ValueError` for a record of another shape.
#[pyfunction]
pub fn interpreter_tags(facts: &[u8]) -> PyResult<Vec<String>> {
    let facts: InterpreterFacts =
        rmp_serde::from_slice(facts).map_err(|error| PyValueError::new_err(error.to_string()))?;
    Ok(tags_of(&facts))
}
