//! The public value classes of locktool: frozen, hashable, picklable, with the attributes of `packaging`'s classes.

mod selection;
mod specifier;
mod specifier_set;
mod version;

pub use specifier::Specifier;
pub use specifier_set::SpecifierSet;
pub use version::Version;

use pyo3::prelude::*;

/// The result of a comparison: `NotImplemented` where the other side is not comparable.
fn comparison(py: Python<'_>, equal: Option<bool>) -> PyResult<Py<PyAny>> {
    Ok(match equal {
        Some(equal) => equal.into_pyobject(py)?.to_owned().into_any().unbind(),
        None => py.NotImplemented(),
    })
}
