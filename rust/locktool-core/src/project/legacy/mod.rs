//! What files say of a project in tables that are older than `[project]`: `[tool.poetry]`, `[tool.flit.metadata]` and setup.cfg.
//!
//! ```text
//! poetry             [tool.poetry] and its groups; of a project with [project] what that leaves to it
//! poetry_dependency  one entry of a dependency table
//! constraint         `^1.2` as specifiers
//! flit               [tool.flit.metadata]
//! setup_cfg          the declarative metadata of setuptools, where no code can change it
//! ```
//! What cannot be read without running code stays dynamic.

mod constraint;
mod flit;
mod poetry;
mod poetry_dependency;
mod setup_cfg;

use std::collections::BTreeMap;
use std::path::Path;

pub use constraint::{python_marker as poetry_python_marker, specifiers_of as poetry_specifiers};
pub(super) use poetry::{indexes, settings, sources};

use super::groups::{Groups, Included};
use crate::document::{LocatedError, Table};
use crate::manifest::SourceRecord;
use crate::name::{ExtraName, PackageName};
use crate::requirement::Requirement;
use crate::version::{SpecifierSet, Version};

/// What is stated of a project outside of `[project]`.
#[derive(Clone, Debug, Default)]
pub(super) struct Stated {
    pub name: Option<PackageName>,
    pub version: Option<Version>,
    pub requires_python: Option<SpecifierSet>,
    pub dependencies: Vec<Requirement>,
    pub extras: BTreeMap<ExtraName, Vec<Requirement>>,
    pub groups: Groups,
    pub included: Included,
    pub sources: Vec<SourceRecord>,
    /// Whether it is built and installed itself, where that is said.
    pub package: Option<bool>,
    /// The fields of `BUILT_FIELDS` that are stated here.
    pub fields: Vec<&'static str>,
}

impl Stated {
    /// Whether a build writes addresses into the metadata, in the place of paths and repositories that are named here.
    pub fn has_addresses(&self) -> bool {
        let mut sources = self.sources.iter();
        sources.any(|source| source.group.is_none() && source.index.is_none())
    }
}

/// Reads what is stated outside of `[project]`; nothing where no such table is there, or the build system does not go by it.
///
/// # Errors
/// When something in such a table is wrong, at its line.
pub(super) fn read(
    document: &Table<'_>,
    directory: &Path,
    root: &Path,
) -> Result<Option<Stated>, LocatedError> {
    if let Some(stated) = poetry::read(document, root)? {
        return Ok(Some(stated));
    }
    if document.has("project") {
        return Ok(None);
    }
    match flit::read(document, directory)? {
        Some(stated) => Ok(Some(stated)),
        None => setup_cfg::read(document, directory),
    }
}

/// Reads what pyproject.toml alone states outside of `[project]`.
///
/// # Errors
/// As [`read`].
pub(super) fn of_document(document: &Table<'_>) -> Result<Option<Stated>, LocatedError> {
    poetry::read(document, Path::new(""))
}

/// The version that a module states in a line of its own, `__version__ = "1.0"`; `None` where it computes it.
fn stated_version(module: &str, attribute: &str, directory: &Path) -> Option<Version> {
    let path = module.replace('.', "/");
    let places = [
        format!("{path}/__init__.py"),
        format!("{path}.py"),
        format!("src/{path}/__init__.py"),
        format!("src/{path}.py"),
    ];
    let mut places = places.iter();
    let text = places.find_map(|place| std::fs::read_to_string(directory.join(place)).ok())?;
    text.lines().find_map(|line| {
        let rest = line.strip_prefix(attribute)?.trim_start();
        let value = rest.strip_prefix('=')?.trim();
        let quote = value
            .chars()
            .next()
            .filter(|first| "\"'".contains(*first))?;
        let (version, _) = value[1..].split_once(quote)?;
        version.parse().ok()
    })
}

/// The module of the build backend, as in `poetry` of `poetry.core.masonry.api`; `None` where none is named, and "" for one that
/// lies in the tree.
fn backend<'a>(document: &Table<'a>) -> Result<Option<&'a str>, LocatedError> {
    let system = document.table("build-system")?;
    if system.has("backend-path") {
        return Ok(Some(""));
    }
    let backend = system.string("build-backend")?;
    Ok(backend.map(|backend| backend.split(['.', ':']).next().unwrap_or(backend)))
}
