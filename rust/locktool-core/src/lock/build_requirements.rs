//! What builds install, in a lock: `[[tool.locktool.build-requirements]]`, one table for each distinct set of requirements.
//!
//! Members, and packages whose metadata had to be built, say what their builds require. A set is what such a build installs, with
//! `extra-build-dependencies`, resolved as the lock of a project of its own: its packages have the form of the packages of the lock.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use sha2::{Digest, Sha256};

use super::{Digester, LockedDocument, LockedPackage};
use crate::manifest::{BuildQuestion, ManifestRecord, short_digest};
use crate::name::PackageName;

/// The key of the sets.
const KEY: &str = "build-requirements";

/// The table `[tool.locktool]` of a lock: the inputs, and what builds install.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct LockRecord {
    #[serde(flatten)]
    pub inputs: ManifestRecord,
    /// Sorted by what they require.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub build_requirements: Vec<BuildRequirements>,
}

/// What the builds install that require the same.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct BuildRequirements {
    /// Canonical texts, sorted.
    pub requires: Vec<String>,
    /// What is built with it, by name; a member without a name by its path.
    #[serde(rename = "for")]
    pub built: Vec<String>,
    /// The Pythons that it is for, where no versions are for all Pythons of the project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requires_python: Option<String>,
    /// See [`BuildRequirements::digest_of_head`].
    pub digest: String,
    /// None where no versions are for every environment with a Python of the project: each build then finds its own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<LockedPackage>,
}

impl From<ManifestRecord> for LockRecord {
    fn from(inputs: ManifestRecord) -> Self {
        Self {
            inputs,
            build_requirements: Vec::new(),
        }
    }
}

impl<'de> Deserialize<'de> for LockRecord {
    /// The sets are read where they stand, so that what is wrong in them has its place; the settings of the inputs as one.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Table;

        impl<'de> Visitor<'de> for Table {
            type Value = LockRecord;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut table: A) -> Result<LockRecord, A::Error> {
                let mut inputs = serde_json::Map::new();
                let mut build_requirements = Vec::new();
                while let Some(key) = table.next_key::<Cow<'de, str>>()? {
                    if key == KEY {
                        build_requirements = table.next_value()?;
                    } else {
                        inputs.insert(key.into_owned(), table.next_value()?);
                    }
                }
                let inputs = ManifestRecord::deserialize(serde_json::Value::Object(inputs));
                Ok(LockRecord {
                    inputs: inputs.map_err(A::Error::custom)?,
                    build_requirements,
                })
            }
        }

        deserializer.deserialize_map(Table)
    }
}

impl BuildRequirements {
    /// The digest of what stands above the packages, and of their names and versions. What is in a package has a digest of its own.
    pub fn digest_of_head(&self) -> String {
        let mut digester = Digester(Sha256::new());
        digester.texts("requires", &self.requires);
        digester.texts("for", &self.built);
        digester.optional("requires-python", self.requires_python.as_deref());
        for package in &self.packages {
            digester.text("name", &package.name);
            digester.optional("version", package.version.as_deref());
        }
        short_digest(digester.0)
    }

    /// The set as a lock of its own, of a project that requires what the builds do; `inputs` are those of the lock that it is in.
    pub fn as_lock(&self, inputs: &ManifestRecord) -> LockedDocument {
        let asked = BuildQuestion {
            requires: self.requires.clone(),
            requires_python: self.requires_python.clone(),
            ..BuildQuestion::default()
        };
        LockedDocument::new(inputs.of_build(asked), self.packages.clone())
    }
}

impl LockedDocument {
    /// The recorded sets.
    pub fn build_requirements(&self) -> &[BuildRequirements] {
        self.record()
            .map_or(&[], |record| &record.build_requirements)
    }

    /// What has to be recorded: each set of requirements that a build installs, with what is built with it.
    pub fn builds(&self) -> BTreeMap<Vec<String>, BTreeSet<String>> {
        let Some(inputs) = self.inputs() else {
            return BTreeMap::new();
        };
        let members = inputs.members.iter().filter_map(|member| {
            let requires = member.build_requires.as_deref()?;
            let title = member
                .name
                .map_or_else(|| member.path.clone(), |name| name.to_string());
            Some((member.name, title, requires))
        });
        let sets = self.build_requirements().iter();
        let packages = self
            .packages
            .iter()
            .chain(sets.flat_map(|set| &set.packages));
        let packages = packages.filter_map(|package| {
            let name = PackageName::parse(&package.name).ok();
            Some((name, package.name.clone(), package.build_requires()?))
        });
        let settings = inputs.effective();
        let mut builds: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
        for (name, title, requires) in members.chain(packages) {
            if let Some(requires) = settings.installed_for_build(name, requires) {
                builds.entry(requires).or_default().insert(title);
            }
        }
        builds
    }

    /// The lock of the builds that require this. Where no set has their requirements, it holds the packages of all sets: their versions
    /// are those to begin with. `None` where none is recorded.
    pub fn lock_of_builds(&self, requires: &[String]) -> Option<Self> {
        let sets = self.build_requirements();
        let is_asked =
            |set: &&BuildRequirements| set.requires == requires && !set.packages.is_empty();
        if let Some(set) = sets.iter().find(is_asked) {
            return Some(set.as_lock(self.inputs()?));
        }
        let packages: Vec<LockedPackage> =
            sets.iter().flat_map(|set| &set.packages).cloned().collect();
        let all = BuildRequirements {
            packages,
            ..BuildRequirements::default()
        };
        (!all.packages.is_empty()).then_some(all.as_lock(self.inputs()?))
    }

    /// The lock with further sets, each with the lock that it was resolved to, where there is one.
    #[must_use]
    pub fn with_builds(mut self, made: Vec<(Vec<String>, Option<Self>)>) -> Self {
        if let Some(record) = self.record_mut() {
            let python = &record.inputs.requires_python;
            let sets = made.into_iter().map(|(requires, lock)| {
                let lock = lock.unwrap_or_default();
                BuildRequirements {
                    requires,
                    requires_python: lock
                        .requires_python
                        .filter(|own| Some(own) != python.as_ref()),
                    packages: lock.packages,
                    ..BuildRequirements::default()
                }
            });
            record.build_requirements.extend(sets);
            record
                .build_requirements
                .sort_by(|one, other| one.requires.cmp(&other.requires));
        }
        let mut builds = self.builds();
        for set in self
            .record_mut()
            .into_iter()
            .flat_map(|record| &mut record.build_requirements)
        {
            let built = builds.remove(&set.requires).unwrap_or_default();
            set.built = built.into_iter().collect();
            set.digest = set.digest_of_head();
        }
        self
    }

    fn record_mut(&mut self) -> Option<&mut LockRecord> {
        self.tool.as_mut()?.locktool.as_mut()
    }
}
