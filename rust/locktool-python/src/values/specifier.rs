//! `Specifier`: one comparison of PEP 440, with the attributes of `packaging.specifiers.Specifier`.

use locktool_core::version::{Operator, Specifier as CoreSpecifier};
use pyo3::prelude::*;
use pyo3::types::{PyIterator, PyString};

use super::selection::{Item, filter};
use super::{comparison, hash_of};
use crate::errors::SPECIFIER;

/// One comparison such as `>=1.0`.
///
/// `prereleases` overrides the rule on pre-releases. Raises `InvalidSpecifier`.
#[pyclass(frozen, from_py_object, module = "locktool")]
#[derive(Clone)]
pub struct Specifier {
    pub core: CoreSpecifier,
    prereleases: Option<bool>,
}

pub fn parse(py: Python<'_>, text: &str) -> PyResult<CoreSpecifier> {
    text.parse::<CoreSpecifier>()
        .map_err(|error| SPECIFIER.refuse(py, text, error.position, error.message))
}

/// Whether the comparison admits the item; `===` compares the text as it was given.
pub fn admits(specifier: &CoreSpecifier, item: &Item<'_>) -> bool {
    if specifier.operator() == Operator::ArbitraryEqual {
        return item
            .text()
            .is_some_and(|text| specifier.contains_text(&text));
    }
    item.version()
        .is_some_and(|version| specifier.contains(version))
}

impl Specifier {
    pub fn from_core(core: CoreSpecifier) -> Self {
        Self {
            core,
            prereleases: None,
        }
    }

    /// What `packaging` answers where nothing was configured: None for a text that is no version.
    pub fn names_prerelease(specifier: &CoreSpecifier) -> Option<bool> {
        let is_unknown = specifier.operator() == Operator::ArbitraryEqual
            && specifier
                .version_text()
                .parse::<locktool_core::version::Version>()
                .is_err();
        (!is_unknown).then(|| specifier.admits_prereleases())
    }

    fn rule(&self, asked: Option<bool>) -> Option<bool> {
        asked
            .or(self.prereleases)
            .or(self.core.admits_prereleases().then_some(true))
    }
}

#[pymethods]
impl Specifier {
    #[classattr]
    #[pyo3(name = "__match_args__")]
    const MATCH_ARGUMENTS: (&'static str,) = ("_str",);

    #[new]
    #[pyo3(signature = (spec, prereleases=None))]
    fn new(spec: &Bound<'_, PyAny>, prereleases: Option<bool>) -> PyResult<Self> {
        if let Ok(same) = spec.cast::<Self>() {
            let same = same.get();
            return Ok(Self {
                core: same.core.clone(),
                prereleases: prereleases.or(same.prereleases),
            });
        }
        let text = SPECIFIER.text_of(spec, "Specifier")?;
        Ok(Self {
            core: parse(spec.py(), SPECIFIER.utf8(&text)?)?,
            prereleases,
        })
    }

    /// `==`, `!=`, `<=`, `>=`, `<`, `>`, `~=` or `===`.
    #[getter]
    fn operator(&self) -> &'static str {
        self.core.operator().as_str()
    }

    /// What stands behind the operator, as written.
    #[getter]
    fn version(&self) -> String {
        self.core.version_text()
    }

    /// The rule given, else whether the version named is a pre-release.
    #[getter]
    fn prereleases(&self) -> Option<bool> {
        self.prereleases
            .or_else(|| Self::names_prerelease(&self.core))
    }

    /// Whether the version satisfies the comparison; a pre-release does unless the rule refuses them.
    #[pyo3(signature = (item, prereleases=None))]
    fn contains(&self, item: &Bound<'_, PyAny>, prereleases: Option<bool>) -> PyResult<bool> {
        let item = Item::read(item)?;
        let is_refused = self.rule(prereleases) == Some(false)
            && item
                .version()
                .is_some_and(locktool_core::version::Version::is_prerelease);
        Ok(!is_refused && admits(&self.core, &item))
    }

    fn __contains__(&self, item: &Bound<'_, PyAny>) -> PyResult<bool> {
        self.contains(item, None)
    }

    /// The items that satisfy the comparison, in order; pre-releases only by the rule, or if nothing final does.
    #[pyo3(signature = (iterable, prereleases=None, key=None))]
    fn filter<'py>(
        &self,
        iterable: &Bound<'py, PyAny>,
        prereleases: Option<bool>,
        key: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyIterator>> {
        filter(iterable, key, self.rule(prereleases), |item| {
            admits(&self.core, item)
        })
    }

    #[getter]
    fn _str(&self) -> String {
        self.core.to_string()
    }

    fn __str__(&self) -> String {
        self.core.to_string()
    }

    fn __repr__(&self) -> String {
        format!(
            "<Specifier('{}'{})>",
            self.core,
            rule_repr(self.prereleases)
        )
    }

    fn __hash__(&self) -> u64 {
        hash_of(&self.core)
    }

    /// Equal by meaning, also to a `str` that reads as an equal specifier; the rule on pre-releases does not count.
    fn __eq__(&self, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        let other_core = match other.cast::<Self>() {
            Ok(other) => Some(other.get().core.clone()),
            Err(_) => other
                .cast::<PyString>()
                .ok()
                .and_then(|text| text.to_str().ok()?.parse().ok()),
        };
        comparison(other.py(), other_core.map(|other| self.core == other))
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> (Bound<'py, PyAny>, (String, Option<bool>)) {
        let specifier = slf.get();
        (
            slf.get_type().into_any(),
            (specifier.core.to_string(), specifier.prereleases),
        )
    }
}

/// How a configured rule shows in a `repr`.
pub fn rule_repr(prereleases: Option<bool>) -> &'static str {
    match prereleases {
        None => "",
        Some(true) => ", prereleases=True",
        Some(false) => ", prereleases=False",
    }
}
