//! What a project says of its builds: the inputs of the resolution that gives a build what it requires.
//!
//! In: the inputs of a run. Out: the inputs of a project without a name that requires what a build does, under the same indexes,
//! cutoffs and limits of builds.

use super::record::SCHEMA;
use super::settings::Settings;
use super::values::Markers;
use super::{ManifestRecord, MemberRecord, RequirementText};
use crate::name::PackageName;

/// What is asked for a build.
#[derive(Clone, Debug, Default)]
pub struct BuildQuestion {
    /// As locks record them: see `recorded_requires`.
    pub requires: Vec<String>,
    /// Limits beside `build-constraints`.
    pub constraints: Vec<String>,
    /// The Pythons it is for, where not all of the project's.
    pub requires_python: Option<String>,
    /// The one environment it is for.
    pub environment: Option<String>,
}

impl ManifestRecord {
    /// The inputs of the resolution of what a build requires.
    #[must_use]
    pub fn of_build(&self, asked: BuildQuestion) -> Self {
        let limits = self.effective().build_constraints.unwrap_or_default().0;
        let mut constraints: Vec<String> = limits.into_iter().map(|text| text.0).collect();
        constraints.extend(asked.constraints);
        constraints.sort();
        constraints.dedup();
        let everywhere = |text| super::Change::Everywhere(RequirementText(text));
        let assigned = self.assigned_indexes();
        let is_assigned = |name: &str| assigned.contains_key(name);
        let python = match asked.environment {
            Some(_) => None,
            None => asked
                .requires_python
                .or_else(|| self.requires_python.clone()),
        };
        let mut record = Self {
            schema: SCHEMA,
            requires_python: python.clone(),
            settings: Settings {
                environments: asked.environment.map(|marker| Markers(vec![marker])),
                constraints: (!constraints.is_empty())
                    .then(|| constraints.into_iter().map(everywhere).collect()),
                ..of_builds(&self.settings)
            },
            indexes: self.indexes.clone(),
            sources: self
                .sources
                .iter()
                .filter(|source| is_assigned(&source.name))
                .cloned()
                .collect(),
            command_line: of_builds(&self.command_line),
            other_indexes: self.other_indexes.clone(),
            members: vec![MemberRecord {
                path: ".".to_owned(),
                // Said by the project, and so never taken over from an older lock.
                requires_python: python,
                dependencies: asked.requires,
                ..MemberRecord::default()
            }],
            ..Self::default()
        };
        record.digest = record.digest_of_run();
        record
    }
}

impl Settings {
    /// What the build of a package installs, where it says that it requires `build_requires`, as locks record it.
    ///
    /// `None` where it installs nothing: it requires nothing, or runs in the active environment.
    pub fn installed_for_build(
        &self,
        name: Option<PackageName>,
        build_requires: &[String],
    ) -> Option<Vec<String>> {
        let shared = self.no_build_isolation_package.as_ref();
        if name.is_some_and(|name| shared.is_some_and(|names| names.contains(name))) {
            return None;
        }
        let extra = self.extra_build_dependencies.as_ref();
        let extra = extra.and_then(|extra| extra.get(&name?));
        let extra = extra.iter().flat_map(|extra| extra.plain());
        let mut requires = build_requires.to_vec();
        requires.extend(extra.map(str::to_owned));
        requires.sort();
        requires.dedup();
        (!requires.is_empty()).then_some(requires)
    }
}

/// The settings that say where packages come from, and which files of them count.
fn of_builds(settings: &Settings) -> Settings {
    let all = settings.clone();
    Settings {
        exclude_newer: all.exclude_newer,
        exclude_newer_package: all.exclude_newer_package,
        no_build: all.no_build,
        no_build_package: all.no_build_package,
        dependency_metadata: all.dependency_metadata,
        allow_build: all.allow_build,
        find_links: all.find_links,
        ..Settings::default()
    }
}
