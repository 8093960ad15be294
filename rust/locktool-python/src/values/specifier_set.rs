//! `SpecifierSet`: comparisons that must all hold, with the attributes of `packaging.specifiers.SpecifierSet`.

use std::sync::OnceLock;

use locktool_core::version::{
    Bound as Place, Operator, Parts, Specifier as CoreSpecifier, SpecifierSet as CoreSpecifierSet,
    Version as CoreVersion, VersionRange,
};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyIterator, PyList, PyString};

use super::selection::{Item, filter};
use super::specifier::{self, Specifier, admits, rule_repr};
use super::{comparison, hash_of};
use crate::errors::{SPECIFIER, is_packaging_object};

/// A comma-joined conjunction of specifiers; the empty one admits everything.
///
/// Its text is sorted and without repetitions, so equal sets have equal texts. `prereleases` overrides the rule on
/// pre-releases. Raises `InvalidSpecifier`.
#[pyclass(frozen, from_py_object, module = "locktool")]
#[derive(Clone)]
pub struct SpecifierSet {
    /// What must hold: the set itself, or the two sides of an `&`, which are joined when a question needs one set.
    first: CoreSpecifierSet,
    second: Option<CoreSpecifierSet>,
    joined: OnceLock<CoreSpecifierSet>,
    prereleases: Option<bool>,
}

fn parse(py: Python<'_>, text: &str) -> PyResult<CoreSpecifierSet> {
    text.parse::<CoreSpecifierSet>()
        .map_err(|error| SPECIFIER.refuse(py, text, error.position, error.message))
}

fn read_one(value: &Bound<'_, PyAny>) -> PyResult<CoreSpecifier> {
    if let Ok(specifier) = value.cast::<Specifier>() {
        return Ok(specifier.get().core.clone());
    }
    let text = SPECIFIER.text_of(value, "Specifier")?;
    specifier::parse(value.py(), SPECIFIER.utf8(&text)?)
}

pub fn read(value: &Bound<'_, PyAny>) -> PyResult<CoreSpecifierSet> {
    if let Ok(text) = value.cast::<PyString>() {
        return parse(value.py(), SPECIFIER.utf8(text)?);
    }
    if let Ok(same) = value.cast::<SpecifierSet>() {
        return Ok(same.get().core().clone());
    }
    if is_packaging_object(value, "SpecifierSet")? {
        return parse(value.py(), value.str()?.to_str()?);
    }
    value.try_iter()?.map(|item| read_one(&item?)).collect()
}

impl SpecifierSet {
    pub fn from_core(core: CoreSpecifierSet) -> Self {
        Self::new_one(core, None)
    }

    fn new_one(core: CoreSpecifierSet, prereleases: Option<bool>) -> Self {
        Self {
            first: core,
            second: None,
            joined: OnceLock::new(),
            prereleases,
        }
    }

    pub fn core(&self) -> &CoreSpecifierSet {
        match &self.second {
            None => &self.first,
            Some(second) => self.joined.get_or_init(|| self.first.and(second)),
        }
    }

    /// The specifiers of both sides, as written.
    fn written(&self) -> impl Iterator<Item = &CoreSpecifier> {
        let second = self
            .second
            .as_ref()
            .map_or(&[][..], CoreSpecifierSet::written);
        self.first.written().iter().chain(second)
    }

    fn rule(&self, asked: Option<bool>) -> Option<bool> {
        asked.or(self.prereleases).or_else(|| {
            self.written()
                .any(CoreSpecifier::admits_prereleases)
                .then_some(true)
        })
    }

    fn admits(&self, item: &Item<'_>) -> bool {
        self.written().all(|specifier| admits(specifier, item))
    }

    /// Whether the only text that `===` leaves fails one of the specifiers; None without `===`.
    fn is_arbitrary_unsatisfiable(&self) -> Option<bool> {
        let text = self
            .core()
            .iter()
            .find(|specifier| specifier.operator() == Operator::ArbitraryEqual)?
            .version_text();
        let version = text.parse::<CoreVersion>().ok();
        if self.prereleases == Some(false) && version.is_some_and(CoreVersion::is_prerelease) {
            return Some(true);
        }
        Some(
            !self
                .core()
                .iter()
                .all(|specifier| match specifier.operator() {
                    Operator::ArbitraryEqual => specifier.contains_text(&text),
                    _ => version.is_some_and(|version| specifier.contains(version)),
                }),
        )
    }

    /// Asks how this set stands to another one, of either library.
    fn relate(
        &self,
        other: &Bound<'_, PyAny>,
        relation: impl FnOnce(&VersionRange, &VersionRange) -> bool,
    ) -> PyResult<bool> {
        let other = if let Ok(same) = other.cast::<Self>() {
            same.get().clone()
        } else if is_packaging_object(other, "SpecifierSet")? {
            Self::from_core(read(other)?)
        } else {
            return Err(PyTypeError::new_err("expected a SpecifierSet"));
        };
        if self.core().has_arbitrary() || other.core().has_arbitrary() {
            return Err(PyValueError::new_err(
                "set relations do not support === specifiers",
            ));
        }
        if self.prereleases != other.prereleases {
            return Err(PyValueError::new_err(
                "set relations need the same rule on pre-releases on both sides",
            ));
        }
        Ok(relation(self.core().range(), other.core().range()))
    }
}

#[pymethods]
impl SpecifierSet {
    #[classattr]
    #[pyo3(name = "__match_args__")]
    const MATCH_ARGUMENTS: (&'static str,) = ("_str",);

    #[new]
    #[pyo3(signature = (specifiers=None, prereleases=None))]
    fn new(specifiers: Option<&Bound<'_, PyAny>>, prereleases: Option<bool>) -> PyResult<Self> {
        let core = specifiers.map_or_else(|| Ok(CoreSpecifierSet::any()), read)?;
        Ok(Self::new_one(core, prereleases))
    }

    /// The rule given, else True if a specifier names a pre-release, else None.
    #[getter]
    fn prereleases(&self) -> Option<bool> {
        self.rule(None)
    }

    /// Whether the version satisfies every specifier; a pre-release does unless the rule refuses them.
    ///
    /// `installed` says that the version is in use already, and so admits it as a pre-release.
    #[pyo3(signature = (item, prereleases=None, installed=None))]
    fn contains(
        &self,
        item: &Bound<'_, PyAny>,
        prereleases: Option<bool>,
        installed: Option<bool>,
    ) -> PyResult<bool> {
        let item = Item::read(item)?;
        // A specifier that names a pre-release takes them all, but none refuses them: only a rule that was given does.
        let is_refused = installed != Some(true)
            && prereleases.or(self.prereleases) == Some(false)
            && item.version().is_some_and(CoreVersion::is_prerelease);
        Ok(!is_refused && self.admits(&item))
    }

    fn __contains__(&self, item: &Bound<'_, PyAny>) -> PyResult<bool> {
        self.contains(item, None, None)
    }

    /// The items that satisfy every specifier, in order; pre-releases only by the rule, or if nothing final does.
    #[pyo3(signature = (iterable, prereleases=None, key=None))]
    fn filter<'py>(
        &self,
        iterable: &Bound<'py, PyAny>,
        prereleases: Option<bool>,
        key: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyIterator>> {
        filter(iterable, key, self.rule(prereleases), |item| {
            self.admits(item)
        })
    }

    /// Whether no version satisfies every specifier, under the rule on pre-releases if one was given.
    fn is_unsatisfiable(&self) -> bool {
        self.is_arbitrary_unsatisfiable().unwrap_or_else(|| {
            let range = self.core().range();
            range.is_empty() || (self.prereleases == Some(false) && !has_final(range))
        })
    }

    /// Whether every version of this set is one of the other's. Raises `ValueError` for a set with `===`.
    fn is_subset(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        self.relate(other, VersionRange::is_subset)
    }

    /// Whether every version of the other set is one of this one's. Raises `ValueError` for a set with `===`.
    fn is_superset(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        self.relate(other, |left, right| right.is_subset(left))
    }

    /// Whether the sets share no version. Raises `ValueError` for a set with `===`.
    fn is_disjoint(&self, other: &Bound<'_, PyAny>) -> PyResult<bool> {
        self.relate(other, VersionRange::is_disjoint)
    }

    /// What both sets admit; `other` may be a `str`. Raises `ValueError` where their rules on pre-releases contradict.
    fn __and__<'py>(
        slf: &Bound<'py, Self>,
        other: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        if slf.is(other) {
            return Ok(other.clone());
        }
        let py = other.py();
        let own = slf.get();
        let (other, rule) = if let Ok(other) = other.cast_exact::<Self>() {
            (other.get().core().clone(), other.get().prereleases)
        } else if let Ok(text) = other.cast::<PyString>() {
            (parse(py, SPECIFIER.utf8(text)?)?, None)
        } else if is_packaging_object(other, "SpecifierSet")? {
            (read(other)?, None)
        } else {
            return Ok(py.NotImplemented().into_bound(py));
        };
        let prereleases = match (own.prereleases, rule) {
            (Some(left), Some(right)) if left != right => {
                return Err(PyValueError::new_err(
                    "one set takes pre-releases and the other refuses them",
                ));
            }
            (left, right) => left.or(right),
        };
        let both = Self {
            first: own.core().clone(),
            second: Some(other),
            joined: OnceLock::new(),
            prereleases,
        };
        Ok(Bound::new(py, both)?.into_any())
    }

    fn __len__(&self) -> usize {
        self.core().len()
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        let specifiers: Vec<Specifier> = self
            .core()
            .iter()
            .cloned()
            .map(Specifier::from_core)
            .collect();
        PyList::new(py, specifiers)?.try_iter()
    }

    #[getter]
    fn _str(&self) -> String {
        self.core().to_string()
    }

    fn __str__(&self) -> String {
        self.core().to_string()
    }

    fn __repr__(&self) -> String {
        format!(
            "<SpecifierSet('{}'{})>",
            self.core(),
            rule_repr(self.prereleases)
        )
    }

    fn __hash__(&self) -> u64 {
        hash_of(self.core())
    }

    /// Equal if the specifiers are, also to a `Specifier` or a `str`; the rule on pre-releases does not count.
    fn __eq__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let py = other.py();
        let other_core = if let Ok(other) = other.cast::<Self>() {
            Some(other.get().core().clone())
        } else if let Ok(other) = other.cast::<Specifier>() {
            Some(other.get().core.clone().into())
        } else if let Ok(text) = other.cast::<PyString>() {
            Some(parse(py, SPECIFIER.utf8(text)?)?)
        } else {
            None
        };
        comparison(py, other_core.map(|other| *self.core() == other))
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> (Bound<'py, PyAny>, (String, Option<bool>)) {
        let set = slf.get();
        (
            slf.get_type().into_any(),
            (set.core().to_string(), set.prereleases),
        )
    }
}

/// Whether some version of the set is no pre-release.
fn has_final(range: &VersionRange) -> bool {
    range.segments().any(|segment| match segment.lower {
        None => range.contains(CoreVersion::default()),
        Some(Place::Before(version)) => range.contains(final_from(version)),
        // Just above such a place stand further locals, or releases such as 1.0.0.1 after 1.0.
        Some(Place::After(_) | Place::AfterPosts(_)) => true,
    })
}

/// The least version from this one on that is no pre-release.
fn final_from(version: CoreVersion) -> CoreVersion {
    if !version.is_prerelease() {
        return version;
    }
    let parts = version.parts();
    let post = if parts.pre.is_some() {
        None
    } else {
        parts.post
    };
    CoreVersion::from_parts(Parts {
        epoch: parts.epoch,
        release: parts.release,
        post,
        ..Parts::default()
    })
}
