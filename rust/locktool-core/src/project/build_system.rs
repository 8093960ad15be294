//! `[build-system]` of a tree (PEP 518): what its build requires, and which backend runs.
//!
//! In: a pyproject.toml. Out: the table as it is written, and its requirements as locks record them.

use std::path::Path;

use super::paths::with_relative_path;
use crate::document::{LocatedError, Table};
use crate::manifest::texts::{Refusal, Text, at, sorted};
use crate::requirement::Requirement;

/// What a build requires where nothing says what: setuptools runs setup.py in the place of a backend.
const LEGACY_REQUIRES: &str = "setuptools>=40.8.0";

/// The table `[build-system]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuildSystem {
    pub requires: Vec<String>,
    pub backend: Option<String>,
    pub backend_path: Option<Vec<String>>,
}

impl BuildSystem {
    /// Reads the table; `None` where it is not written.
    ///
    /// # Errors
    /// When it has no `requires`, or a value of another type.
    pub(super) fn read(document: &Table<'_>) -> Result<Option<Self>, LocatedError> {
        let table = document.table("build-system")?;
        if !table.is_written() {
            return Ok(None);
        }
        if !table.has("requires") {
            let message = "build-system.requires is missing: list what the build needs";
            return Err(table.error("missing-key", message, &["requires".into()]));
        }
        let texts = |key: &str| -> Result<Vec<String>, LocatedError> {
            let texts = table.strings(key)?;
            Ok(texts.into_iter().map(str::to_owned).collect())
        };
        Ok(Some(Self {
            requires: texts("requires")?,
            backend: table.string("build-backend")?.map(str::to_owned),
            backend_path: if table.has("backend-path") {
                Some(texts("backend-path")?)
            } else {
                None
            },
        }))
    }
}

/// What the build of a tree requires, as it is written.
pub fn written_requires(system: Option<&BuildSystem>) -> Vec<String> {
    system.map_or_else(
        || vec![LEGACY_REQUIRES.to_owned()],
        |system| system.requires.clone(),
    )
}

/// What the build of a member requires, as locks record it.
///
/// # Errors
/// When one of its requirements is none, or holds credentials, at its line.
pub(super) fn requires_of(document: &Table<'_>, root: &Path) -> Result<Vec<String>, LocatedError> {
    let written = written_requires(BuildSystem::read(document)?.as_ref());
    recorded_requires(&written, root).map_err(|refusal| {
        at(
            document,
            &refusal,
            &["build-system".into(), "requires".into()],
        )
    })
}

/// What a build requires, as locks record it: canonical texts, sorted, each once; paths from the root of the project.
///
/// # Errors
/// When a text is no requirement, or holds credentials.
pub fn recorded_requires(written: &[String], root: &Path) -> Result<Vec<String>, Refusal> {
    let read = |text: &String| -> Result<Requirement, Refusal> {
        Ok(with_relative_path(&Requirement::read(text)?, root))
    };
    let requirements = written.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    Ok(sorted(&requirements))
}
