//! Names of packages, extras and dependency groups: text in Python, normalised by the core.

use locktool_core::name::{InvalidName, PackageName};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyIterator, PyString};

use crate::errors::NAME;

/// Reads one name with the `parse` of its kind.
fn read<Name>(
    value: &Bound<'_, PyAny>,
    parse: impl Fn(&str) -> Result<Name, InvalidName>,
) -> PyResult<Name> {
    let text = value.cast::<PyString>()?;
    let text = NAME.utf8(text)?;
    parse(text).map_err(|error| NAME.refuse(value.py(), text, error.position, error.message))
}

/// Iterates over several texts. A `str` is refused with what to write: its letters are never meant.
pub fn several<'py>(values: &Bound<'py, PyAny>, what: &str) -> PyResult<Bound<'py, PyIterator>> {
    if values.is_instance_of::<PyString>() {
        let written = values.repr()?;
        let message = format!("expected several {what}, not one str: write [{written}]");
        return Err(PyTypeError::new_err(message));
    }
    values.try_iter()
}

/// Reads the names of an iterable that is no `str`.
pub fn read_all<Name>(
    values: Option<&Bound<'_, PyAny>>,
    parse: impl Fn(&str) -> Result<Name, InvalidName>,
) -> PyResult<Vec<Name>> {
    let Some(values) = values else {
        return Ok(Vec::new());
    };
    several(values, "names")?
        .map(|value| read(&value?, &parse))
        .collect()
}

/// The name in the one writing that is compared: lower case, a hyphen for each run of hyphens, underscores and dots.
///
/// Raises `InvalidName` for a text that is no name.
#[pyfunction]
pub fn normalize_name(name: &Bound<'_, PyAny>) -> PyResult<&'static str> {
    read(name, PackageName::parse).map(|name| name.as_str())
}
