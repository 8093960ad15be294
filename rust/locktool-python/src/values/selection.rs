//! What `contains` and `filter` share: reading an item as a version or a text, and the rule on pre-releases.

use locktool_core::version::Version as CoreVersion;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyIterator, PyList, PyString};

use super::version::Version;
use crate::errors::is_packaging_object;

/// A candidate: a version, a text that spells one, or a text that only `===` can match.
pub enum Item<'py> {
    Version(CoreVersion),
    Text(Bound<'py, PyString>, Option<CoreVersion>),
    /// `None`, which nothing matches: a key had no version for its item.
    Nothing,
}

impl<'py> Item<'py> {
    /// Reads a `Version`, a `str`, None, or a version of `packaging`; raises `TypeError` for anything else.
    pub fn read(value: &Bound<'py, PyAny>) -> PyResult<Self> {
        if let Ok(version) = value.cast_exact::<Version>() {
            return Ok(Self::Version(version.get().core));
        }
        if let Ok(text) = value.cast::<PyString>() {
            let version = text.to_str().ok().and_then(|text| text.parse().ok());
            return Ok(Self::Text(text.clone(), version));
        }
        if value.is_none() {
            return Ok(Self::Nothing);
        }
        if is_packaging_object(value, "Version")?
            && let Ok(version) = value.str()?.to_str()?.parse()
        {
            return Ok(Self::Version(version));
        }
        Err(PyTypeError::new_err(format!(
            "expected a Version or a str, not {}",
            value.get_type().name()?
        )))
    }

    pub fn version(&self) -> Option<CoreVersion> {
        match self {
            Self::Version(version) => Some(*version),
            Self::Text(_, version) => *version,
            Self::Nothing => None,
        }
    }

    /// The text as given, or the normal text of a version; None where it is not valid Unicode.
    pub fn text(&self) -> Option<String> {
        match self {
            Self::Version(version) => Some(version.to_string()),
            Self::Text(text, _) => text.to_str().ok().map(ToOwned::to_owned),
            Self::Nothing => None,
        }
    }

    fn is_prerelease(&self) -> bool {
        self.version().is_some_and(CoreVersion::is_prerelease)
    }
}

/// The items that `matches` admits, under a rule on pre-releases: `Some` takes or refuses them; `None` takes them only if
/// nothing final matches. A text that spells no version is neither final nor a pre-release, and always stays.
pub fn filter<'py>(
    items: &Bound<'py, PyAny>,
    key: Option<&Bound<'py, PyAny>>,
    prereleases: Option<bool>,
    matches: impl Fn(&Item<'py>) -> bool,
) -> PyResult<Bound<'py, PyIterator>> {
    let mut kept = Vec::new();
    let mut has_final = false;
    for value in items.try_iter()? {
        let value = value?;
        let item = match key {
            Some(key) => Item::read(&key.call1((&value,))?)?,
            None => Item::read(&value)?,
        };
        if matches(&item) {
            has_final |= item
                .version()
                .is_some_and(|version| !version.is_prerelease());
            kept.push((value, item.is_prerelease()));
        }
    }
    let drops_prereleases = prereleases == Some(false) || (prereleases.is_none() && has_final);
    let kept = kept
        .into_iter()
        .filter(|(_, is_prerelease)| !(drops_prereleases && *is_prerelease));
    PyList::new(items.py(), kept.map(|(value, _)| value).collect::<Vec<_>>())?.try_iter()
}
