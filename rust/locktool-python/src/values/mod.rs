//! The public value classes of locktool: frozen, hashable, picklable, with the attributes of `packaging`'s classes.

mod environment;
mod marker;
mod name;
mod requirement;
mod selection;
mod specifier;
mod specifier_set;
mod version;

pub use environment::{environment_of_fields, fields_of};
pub use marker::{Marker, undefined_comparison};
pub use name::normalize_name;
pub use requirement::Requirement;
pub use specifier::Specifier;
pub use specifier_set::SpecifierSet;
pub use version::Version;

use std::hash::{DefaultHasher, Hash, Hasher};

use pyo3::prelude::*;

/// The result of a comparison: `NotImplemented` where the other side is not comparable.
fn comparison(py: Python<'_>, equal: Option<bool>) -> PyResult<Py<PyAny>> {
    Ok(match equal {
        Some(equal) => equal.into_pyobject(py)?.to_owned().into_any().unbind(),
        None => py.NotImplemented(),
    })
}

/// The hash of a value, the same in each run.
fn hash_of(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
