//! `Version`: PEP 440, with the attributes of `packaging.version.Version`.

use locktool_core::version::{Number, Parts, Place, Version as CoreVersion};
use pyo3::basic::CompareOp;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyInt, PyString, PyTuple};

use super::hash_of;
use crate::errors::{VERSION, is_packaging_object, locktool_error};

/// A version of PEP 440: ordered as the specification orders, so that `Version("1.0") == Version("1.0.0")`.
///
/// Its text keeps the release as written and normalises the rest. Comparison with anything but a `Version` is
/// not supported, also with the class of `packaging`; the constructor takes one.
/// Raises `InvalidVersion`.
#[pyclass(frozen, from_py_object, module = "locktool")]
#[derive(Clone, Copy)]
pub struct Version {
    pub core: CoreVersion,
    place: Place,
}

impl From<CoreVersion> for Version {
    fn from(core: CoreVersion) -> Self {
        let place = core.place();
        Self { core, place }
    }
}

pub fn parse(py: Python<'_>, text: &str) -> PyResult<CoreVersion> {
    text.parse::<CoreVersion>()
        .map_err(|error| VERSION.refuse(py, text, error.position, error.message))
}

fn integer<'py>(py: Python<'py>, number: &Number) -> PyResult<Bound<'py, PyAny>> {
    match number {
        Number::Small(value) => Ok(value.into_pyobject(py)?.into_any()),
        Number::Large(digits) => py.get_type::<PyInt>().call1((&**digits,)),
    }
}

#[pymethods]
impl Version {
    #[classattr]
    #[pyo3(name = "__match_args__")]
    const MATCH_ARGUMENTS: (&'static str,) = ("_str",);

    #[new]
    fn new(version: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = version.py();
        // An exact str is told by one pointer; the flags of its class, by which subclasses are, take a call.
        let text = version.cast_exact::<PyString>();
        if let Ok(text) = text.or_else(|_| version.cast::<PyString>()) {
            return parse(py, VERSION.utf8(text)?).map(Self::from);
        }
        if let Ok(same) = version.cast_exact::<Self>() {
            return Ok(*same.get());
        }
        if is_packaging_object(version, "Version")? {
            return parse(py, version.str()?.to_str()?).map(Self::from);
        }
        let reason = format!(
            "it is made from a str, not from {}",
            version.get_type().name()?
        );
        Err(VERSION.refuse(py, &version.str()?.to_string_lossy(), 0, &reason))
    }

    /// The version of these parts: `Version.from_parts(release=(1, 2), pre=("rc", 1))` is `1.2rc1`.
    #[staticmethod]
    #[pyo3(signature = (*, epoch=None, release, pre=None, post=None, dev=None, local=None))]
    fn from_parts(
        epoch: Option<&Bound<'_, PyAny>>,
        release: &Bound<'_, PyAny>,
        pre: Option<&Bound<'_, PyAny>>,
        post: Option<&Bound<'_, PyAny>>,
        dev: Option<&Bound<'_, PyAny>>,
        local: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let py = release.py();
        let mut text = String::new();
        if let Some(epoch) = epoch {
            text = format!("{}!", digits(epoch, "epoch")?);
        }
        text.push_str(&release_text(release)?);
        if let Some(pre) = pre {
            let (letter, number): (String, Bound<'_, PyAny>) = pre
                .extract()
                .map_err(|_| refuse_part(py, "pre must be a letter and a number", pre))?;
            text = format!("{text}{letter}{}", digits(&number, "pre")?);
        }
        if let Some(post) = post {
            text = format!("{text}.post{}", digits(post, "post")?);
        }
        if let Some(dev) = dev {
            text = format!("{text}.dev{}", digits(dev, "dev")?);
        }
        if let Some(local) = local {
            let local: String = local
                .extract()
                .map_err(|_| refuse_part(py, "local must be a str", local))?;
            text = format!("{text}+{local}");
        }
        parse(py, &text).map(Self::from)
    }

    /// This version with the given parts replaced; a part set to None is left out.
    #[pyo3(signature = (**changes))]
    fn __replace__<'py>(
        slf: &Bound<'py, Self>,
        changes: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let fields = PyDict::new(py);
        for name in ["epoch", "release", "pre", "post", "dev", "local"] {
            fields.set_item(name, slf.getattr(name)?)?;
        }
        for (name, value) in changes.into_iter().flatten() {
            if !fields.contains(&name)? {
                return Err(PyTypeError::new_err(format!(
                    "a version has no part {}",
                    name.repr()?
                )));
            }
            fields.set_item(name, value)?;
        }
        if fields
            .get_item("release")?
            .is_none_or(|release| release.is_none())
        {
            fields.set_item("release", (0,))?;
        }
        let replaced = slf
            .get_type()
            .getattr("from_parts")?
            .call((), Some(&fields))?;
        let is_unchanged = slf.as_any().str()?.to_str()? == replaced.str()?.to_str()?;
        Ok(if is_unchanged {
            slf.as_any().clone()
        } else {
            replaced
        })
    }

    /// What stands before the exclamation mark, or zero.
    #[getter]
    fn epoch<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        integer(py, &self.core.parts().epoch)
    }

    /// The numbers between dots as written, trailing zeros included.
    #[getter]
    fn release<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let numbers: PyResult<Vec<_>> = self
            .core
            .parts()
            .release
            .iter()
            .map(|number| integer(py, number))
            .collect();
        PyTuple::new(py, numbers?)
    }

    /// `("a" | "b" | "rc", number)`, or None.
    #[getter]
    fn pre<'py>(&self, py: Python<'py>) -> PyResult<Option<(&'static str, Bound<'py, PyAny>)>> {
        self.core
            .parts()
            .pre
            .map(|(kind, number)| Ok((kind.as_str(), integer(py, &number)?)))
            .transpose()
    }

    /// The number of the post-release, or None.
    #[getter]
    fn post<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.core
            .parts()
            .post
            .map(|number| integer(py, &number))
            .transpose()
    }

    /// The number of the development release, or None.
    #[getter]
    fn dev<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.core
            .parts()
            .dev
            .map(|number| integer(py, &number))
            .transpose()
    }

    /// What stands after the plus sign, normalised, or None.
    #[getter]
    fn local(&self) -> Option<String> {
        self.core.local()
    }

    /// The text without the local part.
    #[getter]
    fn public(&self) -> String {
        self.core.public().to_string()
    }

    /// The text of epoch and release alone.
    #[getter]
    fn base_version(&self) -> String {
        self.core.base().to_string()
    }

    /// Whether it is a pre-release or a development release.
    #[getter]
    fn is_prerelease(&self) -> bool {
        self.core.is_prerelease()
    }

    /// Whether it is a post-release.
    #[getter]
    fn is_postrelease(&self) -> bool {
        self.core.is_postrelease()
    }

    /// Whether it is a development release.
    #[getter]
    fn is_devrelease(&self) -> bool {
        self.core.is_devrelease()
    }

    /// The first number of the release.
    #[getter]
    fn major<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.number(py, 0)
    }

    /// The second number of the release, or zero.
    #[getter]
    fn minor<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.number(py, 1)
    }

    /// The third number of the release, or zero.
    #[getter]
    fn micro<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.number(py, 2)
    }

    #[getter]
    fn _str(&self) -> String {
        self.core.to_string()
    }

    fn __richcmp__(&self, other: &Bound<'_, PyAny>, operator: CompareOp) -> Py<PyAny> {
        // Sorting asks this more often than anything else; the class is final, so that one pointer tells it.
        let py = other.py();
        let Ok(other) = other.cast_exact::<Self>() else {
            return py.NotImplemented();
        };
        let other = other.get();
        let order = self.place.order(other.place);
        let answer = operator.matches(order.unwrap_or_else(|| self.core.cmp(&other.core)));
        PyBool::new(py, answer).to_owned().into_any().unbind()
    }

    /// Raises: a version is no text. `packaging` iterates over what it is given, and takes a `TypeError` for "no version", which is
    /// in no set; so it is refused aloud.
    fn __iter__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let message = format!(
            "locktool's version {} is no text, and packaging reads texts: pass str(version)",
            self.core
        );
        Err(locktool_error(
            py,
            "LocktoolError",
            "not-a-text",
            &message,
            None,
        ))
    }

    fn __hash__(&self) -> u64 {
        hash_of(&self.core)
    }

    fn __str__(&self) -> String {
        self.core.to_string()
    }

    fn __repr__(&self) -> String {
        format!("<Version('{}')>", self.core)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> (Bound<'py, PyAny>, (String,)) {
        (slf.get_type().into_any(), (slf.get().core.to_string(),))
    }
}

impl Version {
    fn number<'py>(&self, py: Python<'py>, position: usize) -> PyResult<Bound<'py, PyAny>> {
        let Parts { release, .. } = self.core.parts();
        integer(py, release.get(position).unwrap_or(&Number::ZERO))
    }
}

fn refuse_part(py: Python<'_>, reason: &str, value: &Bound<'_, PyAny>) -> PyErr {
    let shown = value.repr().map_or_else(
        |_| String::new(),
        |text| text.to_string_lossy().into_owned(),
    );
    VERSION.refuse(py, &shown, 0, reason)
}

/// The digits of a Python integer that is not negative.
fn digits(value: &Bound<'_, PyAny>, part: &str) -> PyResult<String> {
    let py = value.py();
    if value.is_instance_of::<PyInt>() && value.ge(0)? {
        return Ok(py
            .get_type::<PyInt>()
            .call1((value,))?
            .str()?
            .to_str()?
            .to_owned());
    }
    Err(refuse_part(
        py,
        &format!("{part} must be a non-negative integer"),
        value,
    ))
}

fn release_text(release: &Bound<'_, PyAny>) -> PyResult<String> {
    let numbers = release
        .cast::<PyTuple>()
        .ok()
        .filter(|numbers| !numbers.is_empty())
        .ok_or_else(|| {
            refuse_part(
                release.py(),
                "release must be a tuple of integers, at least one",
                release,
            )
        })?;
    let pieces: PyResult<Vec<String>> = numbers
        .iter()
        .map(|number| digits(&number, "release"))
        .collect();
    Ok(pieces?.join("."))
}
