//! Every key of `[tool.locktool]` that shapes a resolution, declared once: its name, its type and what it means.
//!
//! From the declaration come the reading of pyproject.toml and of the command line, what the lock records and compares, and the
//! JSON Schema. To add a key: declare it here, give the command line a flag of its name, and use it. `chooses versions` says that
//! locked versions no longer count where it has changed; those that only narrow what may be chosen are judged version by version.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::build_settings::{ExtraRequirements, RequirementTexts, StatedMetadata};
use super::changes::Change;
use super::conflict::ConflictItem;
use super::cutoff::Cutoff;
use super::key::{Key, Role};
use super::setting::{Outdated, Setting};
use super::values::{Addresses, DefaultGroups, Markers, Names, QualityPass, RequirementText};
use super::words::{ForkStrategy, PrereleaseMode, ResolutionMode};
use crate::document::{LocatedError, Table};
use crate::name::PackageName;

/// The tables of one file in which a setting may stand, in the order in which they are asked.
pub struct SettingTables<'a>(pub Vec<Table<'a>>);

impl<'a> SettingTables<'a> {
    /// The table and the spelling under which a setting is written.
    pub fn having(
        &self,
        names: &[&'static str],
    ) -> Result<Option<(&Table<'a>, &'static str)>, LocatedError> {
        for table in &self.0 {
            let mut written = names.iter().filter(|name| table.has(name));
            let Some(name) = written.next() else { continue };
            if let Some(other) = written.next() {
                let message = format!(
                    "{} and {} are the same setting; keep one",
                    table.name_of(&[(*name).into()]),
                    table.name_of(&[(*other).into()])
                );
                return Err(table.error("duplicate-name", &message, &[(*other).into()]));
            }
            return Ok(Some((table, name)));
        }
        Ok(None)
    }

    fn read<T: Setting>(&self, names: &[&'static str]) -> Result<Option<T>, LocatedError> {
        let Some((table, name)) = self.having(names)? else {
            return Ok(None);
        };
        T::read(table, name).map(Some)
    }
}

macro_rules! settings {
    ($($(#[doc = $doc:literal])+ $field:ident: $type:ty = $name:literal $(| $other:literal)* $(, chooses $what:ident)?;)*) => {
        /// What the keys of `[tool.locktool]` say; `None` where nothing is said.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct Settings {
            $(
                $(#[doc = $doc])+
                #[serde(rename = $name, skip_serializing_if = "Option::is_none")]
                pub $field: Option<$type>,
            )*
        }

        impl Settings {
            /// The keys, in the order of the declaration.
            pub const KEYS: &'static [Key] = &[$(Key {
                name: $name,
                other_spellings: &[$($other),*],
                description: concat!($($doc),+),
                role: Role::Recorded,
            }),*];

            /// Reads every setting from the first table that has it.
            ///
            /// # Errors
            /// When a value is not what its key takes, at its location.
            pub fn read(tables: &SettingTables<'_>) -> Result<Self, LocatedError> {
                Ok(Self { $($field: tables.read(&[$name $(, $other)*])?,)* })
            }

            /// These settings, and those of `under` where these say nothing.
            #[must_use]
            pub fn over(self, under: Self) -> Self {
                Self { $($field: match (self.$field, under.$field) {
                    (Some(over), Some(under)) => Some(Setting::over(over, under)),
                    (over, under) => over.or(under),
                },)* }
            }

            /// Without what `under` says or holds anyway, so that only what makes a difference is left.
            #[must_use]
            pub fn beyond(self, under: &Self) -> Self {
                Self { $($field: self.$field.filter(|value| match &under.$field {
                    Some(under) => Setting::over(value.clone(), under.clone()) != *under,
                    None => !value.says_nothing(),
                }),)* }
            }

            /// Without what holds anyway, so that to write a default is to write nothing.
            #[must_use]
            pub fn without_defaults(self) -> Self {
                Self { $($field: self.$field.filter(|value| !value.says_nothing()),)* }
            }

            /// Which locked versions are outdated where these settings were `then`.
            pub fn outdated_since(&self, then: &Self) -> Outdated {
                [$($({
                    let _ = stringify!($what);
                    Setting::outdated(then.$field.as_ref(), self.$field.as_ref())
                },)?)*].into_iter().fold(Outdated::NOTHING, Outdated::and)
            }

            /// The JSON Schema of each key.
            pub fn schemas() -> Vec<(&'static Key, Json)> {
                Self::KEYS.iter().zip([$(<$type as Setting>::schema()),*]).collect()
            }
        }
    };
}

settings! {
    /// The environments to lock for, as markers; all if none is given.
    environments: Markers = "environments";
    /// Environments where every package that is needed must have something to install, as markers.
    required_environments: Markers = "required-environments";
    /// Which of the allowed versions is preferred.
    resolution: ResolutionMode = "resolution", chooses versions;
    /// When a pre-release may be chosen.
    prerelease: PrereleaseMode = "prerelease", chooses versions;
    /// The same for single packages.
    prerelease_package: BTreeMap<PackageName, PrereleaseMode> = "prerelease-package", chooses versions;
    /// Whether a version that needs a newer Python than the project supports splits the environments.
    fork_strategy: ForkStrategy = "fork-strategy", chooses versions;
    /// Leaves out files uploaded after a date, a time, or a span before now such as `7 days`; `false` for none.
    exclude_newer: Cutoff = "exclude-newer", chooses versions;
    /// The same for single packages; `false` lifts the common cutoff.
    exclude_newer_package: BTreeMap<PackageName, Cutoff> = "exclude-newer-package", chooses versions;
    /// Requirements that hold wherever a package is needed, without asking for it.
    constraints: Vec<Change<RequirementText>> = "constraints" | "constraint-dependencies";
    /// Requirements that take the place of every other on their package.
    overrides: Vec<Change<RequirementText>> = "overrides" | "override-dependencies";
    /// Packages that are left out wherever they are required.
    excludes: Vec<Change<PackageName>> = "excludes" | "exclude-dependencies";
    /// Sets of extras and groups that may not be chosen together.
    conflicts: Vec<Vec<ConflictItem>> = "conflicts";
    /// The dependency groups that installers choose where nobody says which; `all` for every group.
    default_groups: DefaultGroups = "default-groups";
    /// Never build metadata of any package.
    no_build: bool = "no-build";
    /// Never build the metadata of these packages.
    no_build_package: Names = "no-build-package";
    /// Never use wheels of any package.
    no_binary: bool = "no-binary";
    /// Never use wheels of these packages.
    no_binary_package: Names = "no-binary-package";
    /// Whether picks that are needlessly old are looked at again; `true` unless set.
    quality_pass: QualityPass = "quality-pass";
    /// What packages require, said in place of their own metadata: those are not built.
    dependency_metadata: Vec<StatedMetadata> = "dependency-metadata";
    /// Limits of the versions of what builds require.
    build_constraints: RequirementTexts = "build-constraints" | "build-constraint-dependencies";
    /// What the builds of packages require beside what they say themselves.
    extra_build_dependencies: BTreeMap<PackageName, ExtraRequirements> = "extra-build-dependencies";
    /// Packages whose builds run in the environment that is active, with what is installed there.
    no_build_isolation_package: Names = "no-build-isolation-package";
    /// The packages that may be built, if not all: nobody else's code runs.
    allow_build: Names = "allow-build";
    /// Directories and pages that list distributions.
    find_links: Addresses = "find-links";
}
