//! What builds require, at the border: the manifest of their requirements, and the form in which locks record these.

use std::collections::BTreeMap;
use std::path::Path;

use locktool_core::manifest::{BuildQuestion, ExtraRequirements, Names};
use locktool_core::project::recorded_requires as as_recorded;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::certify::{encoded, read_manifest};
use crate::errors::locktool_error;

/// The manifest of what a build requires, under what the manifest of a run says of builds: for its Pythons, for those of
/// `requires_python`, or for one environment.
///
/// Raises `ProjectError`.
#[pyfunction]
#[pyo3(signature = (manifest, requires, *, constraints, requires_python=None, environment=None))]
pub fn build_manifest<'py>(
    py: Python<'py>,
    manifest: &[u8],
    requires: Vec<String>,
    constraints: Vec<String>,
    requires_python: Option<String>,
    environment: Option<String>,
) -> PyResult<Bound<'py, PyBytes>> {
    let record = read_manifest(py, manifest)?;
    let asked = BuildQuestion {
        requires,
        constraints,
        requires_python,
        environment,
    };
    encoded(py, &record.of_build(asked))
}

/// Requirements of the builds of packages, by name.
type OfPackages = BTreeMap<String, Vec<String>>;

/// What the manifest of a run says of its builds: what those of packages require beside what they say, what they require of that in the
/// version that is locked, the packages that are built in the active environment, and those that may be built (all where none is named).
type BuildSettings = (OfPackages, OfPackages, Vec<String>, Vec<String>);

/// The Pythons of the manifest of a run, and what it says of its builds; see [`BuildSettings`].
///
/// Raises `ProjectError`.
#[pyfunction]
pub fn build_settings(
    py: Python<'_>,
    manifest: &[u8],
) -> PyResult<(Option<String>, BuildSettings)> {
    let record = read_manifest(py, manifest)?;
    let settings = record.effective();
    let extra = settings.extra_build_dependencies.unwrap_or_default();
    let of_packages = |those: fn(&ExtraRequirements) -> Vec<String>| {
        let extra = extra
            .iter()
            .map(|(name, extra)| (name.to_string(), those(extra)));
        extra.filter(|(_, texts)| !texts.is_empty()).collect()
    };
    let plain = of_packages(|extra| extra.plain().map(str::to_owned).collect());
    let matched = of_packages(|extra| extra.matched().map(str::to_owned).collect());
    let names = |names: Option<Names>| {
        let names = names.unwrap_or_default().0.into_iter();
        names.map(|name| name.to_string()).collect()
    };
    let shared = names(settings.no_build_isolation_package);
    let allowed = names(settings.allow_build);
    Ok((record.requires_python, (plain, matched, shared, allowed)))
}

/// What a build requires, as locks record it: canonical, sorted, each once, paths from the root of the project.
///
/// Raises `ProjectError` where a text is no requirement, or holds credentials.
#[pyfunction]
pub fn recorded_requires(
    py: Python<'_>,
    written: Vec<String>,
    root: &str,
) -> PyResult<Vec<String>> {
    as_recorded(&written, Path::new(root))
        .map_err(|refusal| locktool_error(py, "ProjectError", refusal.code, &refusal.message, None))
}
