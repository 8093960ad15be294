//! The worked examples of these modules: a project of a few lines, resolved against an index in memory.

use crate::manifest::{ConflictItem, Manifest, ManifestRecord, MemberRecord, SCHEMA, Settings};
use crate::marker::{Marker, Membership};
use crate::source::Progress;
use crate::source::registry::Registry;

use super::options::{Preferences, ResolveOptions};
use super::resolve;

/// A project for Python 3.11 and newer, and the index that it is resolved against.
pub struct Example {
    registry: Registry,
    project: MemberRecord,
    conflicts: Vec<Vec<ConflictItem>>,
}

impl Example {
    /// A project with these requirements, and an empty index.
    pub fn requiring(requirements: &[&str]) -> Self {
        Self {
            registry: Registry::default(),
            project: MemberRecord {
                name: "project".parse().ok(),
                path: ".".to_owned(),
                dependencies: texts(requirements),
                ..MemberRecord::default()
            },
            conflicts: Vec::new(),
        }
    }

    /// Gives the project an extra.
    pub fn with_extra(&mut self, extra: &str, requirements: &[&str]) -> &mut Self {
        let extra = extra.parse().expect("the name of an extra");
        let extras = &mut self.project.extras;
        extras.insert(extra, texts(requirements));
        self
    }

    /// Declares that extras conflict.
    pub fn with_conflict(&mut self, extras: &[&str]) -> &mut Self {
        let item = |extra: &&str| ConflictItem {
            member: None,
            extra: extra.parse().ok(),
            group: None,
        };
        self.conflicts.push(extras.iter().map(item).collect());
        self
    }

    /// Publishes `name version`, uploaded on a day that is counted from the first.
    pub fn publish(&mut self, day: i64, release: &str, requirements: &[&str]) -> &mut Self {
        let (name, version) = release.split_once(' ').expect("a name and a version");
        self.registry.add(name, version, requirements);
        self.registry.upload(name, version, day);
        self
    }

    /// Says which Python `name version` needs.
    pub fn needs_python(&mut self, release: &str, specifiers: &str) -> &mut Self {
        let (name, version) = release.split_once(' ').expect("a name and a version");
        self.registry.needs_python(name, version, specifiers);
        self
    }

    /// The packages of the resolution: `name version`, and ` ; marker` where one stands.
    ///
    /// # Panics
    /// Where there is none.
    pub fn locked(&self) -> Vec<String> {
        let lines = self.resolved().into_iter().map(|(package, marker)| {
            let marker = marker.map_or(String::new(), |marker| format!(" ; {marker}"));
            format!("{package}{marker}")
        });
        lines.collect()
    }

    /// What is installed in some environment with these extras and no others: `name version`.
    ///
    /// # Panics
    /// Where there is no resolution.
    pub fn installed(&self, extras: &[&str]) -> Vec<String> {
        let chosen = self.project.extras.keys().map(|extra| {
            let is_chosen = extras.contains(&extra.as_str());
            (Membership::Extra(*extra), is_chosen)
        });
        let chosen: Vec<(Membership, bool)> = chosen.collect();
        let is_installed = |marker: &Option<String>| {
            let marker = marker.as_ref().map_or(Marker::TRUE, |text| {
                Marker::parse(text).expect("the marker of a lock")
            });
            let marker = chosen.iter().fold(marker, |marker, (extra, is_chosen)| {
                marker.assume(*extra, *is_chosen)
            });
            !marker.is_false()
        };
        let resolved = self.resolved().into_iter();
        let installed = resolved.filter(|(_, marker)| is_installed(marker));
        installed.map(|(package, _)| package).collect()
    }

    fn resolved(&self) -> Vec<(String, Option<String>)> {
        let record = ManifestRecord {
            schema: SCHEMA,
            requires_python: Some(">=3.11".to_owned()),
            settings: Settings {
                conflicts: Some(self.conflicts.clone()),
                ..Settings::default()
            },
            members: vec![self.project.clone()],
            ..ManifestRecord::default()
        };
        let manifest = Manifest::from_record(&record).expect("a manifest");
        let (options, preferences) = (ResolveOptions::default(), Preferences::default());
        let progress = Progress::default();
        let resolution = resolve(&manifest, &self.registry, &options, &preferences, &progress)
            .expect("a resolution");
        let published = resolution.packages.iter().filter_map(|package| {
            let version = package.version.as_ref()?;
            Some((
                format!("{} {version}", package.name),
                package.marker.clone(),
            ))
        });
        published.collect()
    }
}

fn texts(requirements: &[&str]) -> Vec<String> {
    requirements.iter().map(ToString::to_string).collect()
}
