//! What the build of a source tree reads to know its requirements, as digests: a build is repeated only where one has changed.
//!
//! ```text
//! build-system, project, tool.*    the parsed tables, by meaning, without the keys that decide no requirement
//! setup.cfg, requirements files    what they mean: no comments, no order, no sections of other tools
//! setup.py, hooks, build-inputs    files as they are, with newlines as Unix has them
//! ```
//! `collector` holds the digests, `tables` writes tables by meaning, `backends` knows what each backend reads, `setup_cfg`,
//! `requirements_file` and `scripts` read files, and `declared` reads the globs of `build-inputs` and `cache-keys`.

mod backends;
mod collector;
mod declared;
mod requirements_file;
mod scripts;
mod setup_cfg;
mod tables;

use std::collections::BTreeMap;
use std::path::Path;

use backends::Backend;
use collector::Collector;

use sha2::{Digest, Sha256};

use crate::document::{LocatedError, Table};
use crate::manifest::short_digest;

/// The fields of `[project]` that decide a resolution and may be left to a build.
pub(super) const BUILT_FIELDS: [&str; 3] =
    ["dependencies", "optional-dependencies", "requires-python"];

/// The digest of the project's version, an input where code that runs in the build reads it.
const VERSION: &str = "project.version";

/// The digest of the sources of a tree.
const SOURCES: &str = "tool.sources";

/// The digests of what a build reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuildInputs {
    digests: BTreeMap<String, String>,
    /// Whether everything that the build reads is known.
    is_known: bool,
}

impl BuildInputs {
    /// Reads what the build of a tree reads; `document` is its pyproject.toml.
    ///
    /// # Errors
    /// When `build-inputs` is not an array of globs.
    pub fn read(directory: &Path, document: &Table<'_>) -> Result<Self, LocatedError> {
        let system = document.table("build-system")?;
        let backend = Backend::of(&system)?;
        let mut inputs = Collector::new(directory);
        let tool = document.table("tool")?;
        inputs.table("build-system", tables::build_system(&system));
        inputs.table("project", tables::project(&document.table("project")?));
        backend.read(&tool, &mut inputs);
        Backend::read_own(&system, &mut inputs)?;
        if inputs.reads_version {
            let version = document.table("project")?.string("version")?;
            inputs.table(VERSION, version.map(Into::into));
        }
        inputs.is_known &= backend.is_known();
        inputs.is_known |= declared::read(document, backend.is_known(), &mut inputs)?;
        Ok(inputs.into())
    }

    /// Reads what the build of a tree without pyproject.toml reads.
    pub fn of_legacy(directory: &Path) -> Self {
        let mut inputs = Collector::new(directory);
        backends::setuptools_files(&mut inputs);
        inputs.into()
    }

    /// The same with the digest of a tree's sources, which decide where what the build says comes from.
    #[must_use]
    pub fn with_sources(mut self, meaning: Option<&str>) -> Self {
        if let Some(meaning) = meaning {
            let digest = short_digest(Sha256::new_with_prefix(meaning.as_bytes()));
            self.digests.insert(SOURCES.to_owned(), digest);
        }
        self
    }

    /// The first 16 hexadecimal digits of a SHA-256 for each input.
    pub fn digests(&self) -> &BTreeMap<String, String> {
        &self.digests
    }

    /// Whether equal digests mean that a build would say the same.
    pub fn is_known(&self) -> bool {
        self.is_known
    }

    /// What a lock records, of a tree that is not there.
    pub fn recorded(digests: &BTreeMap<String, String>) -> Self {
        Self {
            digests: digests.clone(),
            is_known: true,
        }
    }
}

/// Takes over recorded digests of files that are not there today, and of those that only such files name. Says which files are
/// not there.
pub fn believe_absent(
    today: &mut BTreeMap<String, String>,
    directory: &Path,
    recorded: &BTreeMap<String, String>,
) -> Vec<String> {
    let missing = recorded.keys().filter(|name| !today.contains_key(*name));
    let missing: Vec<String> = missing.cloned().collect();
    let is_absent = |name: &&String| !is_table(name) && !directory.join(name).exists();
    let absent: Vec<String> = missing.iter().filter(is_absent).cloned().collect();
    if absent.is_empty() {
        return absent;
    }
    for name in missing {
        if name == VERSION || !is_table(&name) {
            let digest = recorded[&name].clone();
            today.insert(name, digest);
        }
    }
    absent
}

/// Whether the name of a digest is that of a table of pyproject.toml.
fn is_table(name: &str) -> bool {
    matches!(name, "build-system" | "project" | VERSION) || name.starts_with("tool.")
}

impl From<Collector<'_>> for BuildInputs {
    fn from(collector: Collector<'_>) -> Self {
        Self {
            digests: collector.digests,
            is_known: collector.is_known,
        }
    }
}
