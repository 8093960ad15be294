//! Lock documents at the border: TOML text or bytes on one side, `MessagePack` bytes for msgspec on the other.

use locktool_core::document::toml::{self, TomlError};
use pyo3::prelude::*;
use pyo3::types::{IntoPyDict, PyBytes};

use crate::errors::locktool_error;

/// Reads any TOML document into `MessagePack`; datetimes become RFC 3339 text.
///
/// Raises `DocumentError` with line and column.
#[pyfunction]
pub fn toml_to_messagepack<'py>(py: Python<'py>, data: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    let read = py.detach(|| toml::toml_to_messagepack(data));
    read.map(|bytes| PyBytes::new(py, &bytes))
        .map_err(|error| document_error(py, &error))
}

/// The exception for a text that is not TOML.
pub fn document_error(py: Python<'_>, error: &TomlError) -> PyErr {
    match [("line", error.line), ("column", error.column)].into_py_dict(py) {
        Ok(place) => locktool_error(
            py,
            "DocumentError",
            "invalid-toml",
            &error.to_string(),
            Some(&place),
        ),
        Err(failure) => failure,
    }
}

/// Writes a lock document in the house layout.
///
/// Raises `DocumentError` for bytes that are not one table of TOML's types.
#[pyfunction]
pub fn lock_to_toml(py: Python<'_>, messagepack: &[u8]) -> PyResult<String> {
    py.detach(|| toml::lock_to_toml(messagepack))
        .map_err(|error| {
            locktool_error(
                py,
                "DocumentError",
                "invalid-document",
                &error.to_string(),
                None,
            )
        })
}

/// Where the parts of a lock's text stand, as character offsets: first what precedes the packages, then each
/// `[[packages]]` block with the comments directly above it.
#[pyfunction]
pub fn lock_blocks(py: Python<'_>, text: &str) -> Vec<(usize, usize)> {
    py.detach(|| {
        let blocks = toml::lock_blocks(text);
        let mut characters = CharacterOffsets {
            text,
            byte: 0,
            character: 0,
        };
        let ranges = std::iter::once(&blocks.header).chain(&blocks.packages);
        ranges
            .map(|range| (characters.at(range.start), characters.at(range.end)))
            .collect()
    })
}

/// Whether a TOML text has a form that TOML 1.1 has and TOML 1.0 has not; false for what is no TOML.
#[pyfunction]
pub fn is_newer_toml(py: Python<'_>, text: &str) -> bool {
    py.detach(|| toml::read_toml(text.as_bytes()).is_ok_and(|read| read.newer_form.is_some()))
}

/// Turns ascending byte offsets into character offsets in one pass over the text.
struct CharacterOffsets<'text> {
    text: &'text str,
    byte: usize,
    character: usize,
}

impl CharacterOffsets<'_> {
    fn at(&mut self, byte: usize) -> usize {
        self.character += self.text[self.byte..byte].chars().count();
        self.byte = byte;
        self.character
    }
}
