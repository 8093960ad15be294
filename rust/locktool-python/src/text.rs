//! Texts at the border: canonical requirements, addresses without credentials, paths for people, extents of TOML values.

use std::path::Path;

use locktool_core::document::toml::TomlError;
use locktool_core::document::{Entries, Node, Value, hide_credentials as hide, location};
use locktool_core::manifest::texts::refuse_credentials;
use locktool_core::marker::Marker;
use locktool_core::project;
use locktool_core::requirement::{Address, RepositoryAddress, Requirement};
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyDict, PyTuple};

use crate::errors::{MARKER, REQUIREMENT, locktool_error};

fn requirement(py: Python<'_>, text: &str) -> PyResult<Requirement> {
    let requirement = text
        .parse::<Requirement>()
        .map_err(|error| REQUIREMENT.refuse(py, text, error.position, &error.message))?;
    if let Some(url) = requirement.url() {
        refuse_credentials(url).map_err(|refusal| {
            let clean = Address::split(url).url;
            match [
                ("text", clean.as_str()),
                ("reason", refusal.message.as_str()),
            ]
            .into_py_dict(py)
            {
                Ok(fields) => locktool_error(
                    py,
                    "InvalidRequirement",
                    refusal.code,
                    &refusal.message,
                    Some(&fields),
                ),
                Err(failure) => failure,
            }
        })?;
    }
    Ok(requirement)
}

/// A requirement in its canonical form. Raises `InvalidRequirement`, also for credentials in its address.
#[pyfunction]
pub fn requirement_text(py: Python<'_>, text: &str) -> PyResult<String> {
    Ok(requirement(py, text)?.to_string())
}

/// A requirement that holds only where a marker does too, in its canonical form.
#[pyfunction]
pub fn requirement_under(py: Python<'_>, requirement: &str, condition: &str) -> PyResult<String> {
    let parsed = self::requirement(py, requirement)?;
    let condition = Marker::parse(condition)
        .map_err(|error| MARKER.refuse_at(py, condition, error.position, &error.message))?;
    let marker = parsed.marker.and(condition);
    Ok(Requirement { marker, ..parsed }.to_string())
}

/// The specifiers that say the same as a version constraint of Poetry, on a package or on Python; the empty text for every version.
/// Raises `ProjectError`.
#[pyfunction]
#[pyo3(signature = (constraint, *, of_python=false))]
pub fn poetry_specifiers(py: Python<'_>, constraint: &str, of_python: bool) -> PyResult<String> {
    project::poetry_specifiers(constraint, of_python).map_err(|reason| untranslatable(py, &reason))
}

/// The marker of a version constraint of Poetry on Python; None for every Python. Raises `ProjectError` for what is none.
#[pyfunction]
pub fn poetry_python_marker(py: Python<'_>, constraint: &str) -> PyResult<Option<String>> {
    project::poetry_python_marker(constraint).map_err(|reason| untranslatable(py, &reason))
}

fn untranslatable(py: Python<'_>, reason: &str) -> PyErr {
    locktool_error(
        py,
        "ProjectError",
        "untranslatable-constraint",
        reason,
        None,
    )
}

/// The address of a git repository, its revision and its subdirectory; None where the text is none.
#[pyfunction]
pub fn split_repository(address: &str) -> Option<(String, Option<String>, Option<String>)> {
    let found = RepositoryAddress::parse(address)?;
    Some((found.url, found.revision, found.subdirectory))
}

/// `file:line:column` for people, the file relative to the working directory where it lies below it.
#[pyfunction]
#[pyo3(signature = (path, line=None, column=None))]
pub fn display_path(path: &str, line: Option<usize>, column: Option<usize>) -> String {
    location(Path::new(path), line, column)
}

/// An address without credentials, the user name and the password that stood in it.
#[pyfunction]
pub fn split_credentials(url: &str) -> (String, Option<String>, Option<String>) {
    let address = Address::split(url);
    (address.url, address.username, address.password)
}

/// A text with asterisks over the credentials of every address in it.
#[pyfunction]
pub fn hide_credentials(text: &str) -> String {
    hide(text)
}

/// Where each value of a TOML text begins and ends, in characters, by its key path. Raises `DocumentError`.
#[pyfunction]
pub fn toml_extents<'py>(py: Python<'py>, text: &str) -> PyResult<Bound<'py, PyDict>> {
    let values =
        locktool_core::document::parse(text).map_err(|error| document_error(py, &error))?;
    let mut extents = Extents {
        text,
        found: PyDict::new(py),
        path: Vec::new(),
    };
    extents.table(&values)?;
    Ok(extents.found)
}

/// The exception for a text that is not TOML.
fn document_error(py: Python<'_>, error: &TomlError) -> PyErr {
    match [("line", error.line), ("column", error.column)].into_py_dict(py) {
        Ok(place) => locktool_error(
            py,
            "DocumentError",
            "broken-toml",
            &error.to_string(),
            Some(&place),
        ),
        Err(failure) => failure,
    }
}

struct Extents<'text, 'py> {
    text: &'text str,
    found: Bound<'py, PyDict>,
    path: Vec<Bound<'py, PyAny>>,
}

impl Extents<'_, '_> {
    fn table(&mut self, entries: &Entries) -> PyResult<()> {
        for entry in &entries.0 {
            let py = self.found.py();
            self.path
                .push(entry.key.as_str().into_pyobject(py)?.into_any());
            self.node(&entry.node)?;
            self.path.pop();
        }
        Ok(())
    }

    fn node(&mut self, node: &Node) -> PyResult<()> {
        let py = self.found.py();
        let characters = |offset: usize| self.text[..offset].chars().count();
        let extent = (characters(node.span.start), characters(node.span.end));
        self.found.set_item(PyTuple::new(py, &self.path)?, extent)?;
        match &node.value {
            Value::Table(entries) => self.table(entries)?,
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.path.push(index.into_pyobject(py)?.into_any());
                    self.node(item)?;
                    self.path.pop();
                }
            }
            _ => {}
        }
        Ok(())
    }
}
