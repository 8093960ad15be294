//! Turns a failure of the core into an exception of `locktool.exceptions`, which is imported only when one is raised.
//!
//! A text that does not follow its grammar is shown with a caret under the place at which reading stopped; an
//! enormous text is cut to a window around that place, so that a message never grows with its input.

use locktool_core::document::caret::{characters_before, pointed, window};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

/// What was being read when a text was refused: `class` is the exception, `code` its identifier, `noun` its name for people.
#[derive(Clone, Copy)]
pub struct Grammar {
    class: &'static str,
    code: &'static str,
    noun: &'static str,
}

pub const VERSION: Grammar = Grammar {
    class: "InvalidVersion",
    code: "invalid-version",
    noun: "version",
};
pub const SPECIFIER: Grammar = Grammar {
    class: "InvalidSpecifier",
    code: "invalid-specifier",
    noun: "specifier",
};
pub const MARKER: Grammar = Grammar {
    class: "InvalidMarker",
    code: "invalid-marker",
    noun: "marker",
};
pub const REQUIREMENT: Grammar = Grammar {
    class: "InvalidRequirement",
    code: "invalid-requirement",
    noun: "requirement",
};
pub const NAME: Grammar = Grammar {
    class: "InvalidName",
    code: "invalid-name",
    noun: "name",
};

/// Builds the exception `class` of `locktool.exceptions` from its code, its message and its fields.
pub fn locktool_error(
    py: Python<'_>,
    class: &str,
    code: &str,
    message: &str,
    fields: Option<&Bound<'_, PyDict>>,
) -> PyErr {
    let built = py
        .import("locktool.exceptions")
        .and_then(|module| module.getattr(class))
        .and_then(|exception| exception.call((code, message), fields));
    match built {
        Ok(exception) => PyErr::from_value(exception),
        Err(failure) => failure,
    }
}

impl Grammar {
    /// The exception for `input`, refused at `offset` (in bytes) because of `reason`.
    pub fn refuse(self, py: Python<'_>, input: &str, offset: usize, reason: &str) -> PyErr {
        self.refuse_at(py, input, characters_before(input, offset), reason)
    }

    /// As [`Grammar::refuse`], with the position in characters.
    pub fn refuse_at(self, py: Python<'_>, input: &str, position: usize, reason: &str) -> PyErr {
        let message = pointed(self.noun, reason, input, position);
        self.build(py, input, Some(position), reason, &message)
    }

    /// The exception for a Python string that holds lone surrogates, and so is not text.
    fn refuse_surrogates(self, py: Python<'_>, input: &Bound<'_, PyString>) -> PyErr {
        let escaped = input
            .call_method1("encode", ("utf-8", "backslashreplace"))
            .and_then(|bytes| bytes.call_method1("decode", ("utf-8",)))
            .and_then(|text| text.extract::<String>())
            .unwrap_or_default();
        let reason = "the text holds a lone surrogate";
        let message = format!(
            "invalid {}: {reason}\n    {}",
            self.noun,
            window(&escaped, 0).text
        );
        self.build(py, &escaped, None, reason, &message)
    }

    fn build(
        self,
        py: Python<'_>,
        input: &str,
        position: Option<usize>,
        reason: &str,
        message: &str,
    ) -> PyErr {
        let fields = PyDict::new(py);
        let filled = fields
            .set_item("text", window(input, position.unwrap_or(0)).text)
            .and_then(|()| fields.set_item("position", position))
            .and_then(|()| fields.set_item("reason", reason));
        match filled {
            Ok(()) => locktool_error(py, self.class, self.code, message, Some(&fields)),
            Err(failure) => failure,
        }
    }

    /// The UTF-8 text of `value`: a `str`, or an object of the `packaging` class called `twin` (its text then).
    pub fn text_of<'py>(
        self,
        value: &Bound<'py, PyAny>,
        twin: &str,
    ) -> PyResult<Bound<'py, PyString>> {
        if let Ok(text) = value.cast::<PyString>() {
            return Ok(text.clone());
        }
        if is_packaging_object(value, twin)? {
            return value.str();
        }
        Err(PyTypeError::new_err(format!(
            "a {} is made from a str or a packaging {twin}, not from {}",
            self.noun,
            value.get_type().name()?
        )))
    }

    /// Borrows `text` as UTF-8.
    pub fn utf8<'text>(self, text: &'text Bound<'_, PyString>) -> PyResult<&'text str> {
        text.to_str()
            .map_err(|_| self.refuse_surrogates(text.py(), text))
    }
}

/// Whether `value` is an instance of the class `twin` of the `packaging` library or of a vendored copy of it.
pub fn is_packaging_object(value: &Bound<'_, PyAny>, twin: &str) -> PyResult<bool> {
    let class = value.get_type();
    if class.name()? != twin {
        return Ok(false);
    }
    let module = class.module()?;
    let module = module.to_str()?;
    Ok(module.starts_with("packaging.") || module.contains(".packaging."))
}
