//! What a run is given beside the manifest: one environment or all of them, and the versions of an existing lock.

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::distribution::compatible::CompatibleTags;
use crate::lock::LockedPackage;
use crate::manifest::Manifest;
use crate::marker::{Marker, MarkerEnvironment};
use crate::name::PackageName;
use crate::version::Version;

/// What may differ between two runs on one manifest.
#[derive(Clone, Debug, Default)]
pub struct ResolveOptions {
    /// The one environment to resolve for; `None` for all that the manifest supports.
    pub target: Option<MarkerEnvironment>,
    /// What the one environment of the result installs, also where the run is universal and the manifest supports no other one. `None`
    /// where nobody knows: then markers alone decide which wheels fit.
    pub tags: Option<Arc<CompatibleTags>>,
    /// Reads the upper bounds of the packages' requires-python too, as installers do. A universal run does not: whoever supports
    /// a later Python than the packages of today would get old ones.
    pub reads_upper_python: bool,
}

impl ResolveOptions {
    /// The environments that may install the resolution: the one of the run, or those of the project.
    pub fn installable(&self, manifest: &Manifest) -> Marker {
        self.target.as_ref().map_or_else(
            || manifest.installable(),
            |environment| environment_marker(environment, "python_full_version"),
        )
    }
}

/// Which versions of an existing lock are kept where they still serve.
#[derive(Clone, Debug, Default)]
pub struct Preferences {
    /// The entries of each package, in the order of the lock.
    entries: FxHashMap<PackageName, Vec<(Version, Marker)>>,
    /// The packages that are to move, where the others are not.
    pub(super) upgraded: FxHashSet<PackageName>,
}

impl Preferences {
    /// Takes the versions of locked packages; entries that cannot be read are no preference.
    pub fn from_locked(packages: &[LockedPackage], keep: impl Fn(PackageName) -> bool) -> Self {
        let read = packages.iter().filter_map(|package| {
            let name = PackageName::parse(&package.name).ok()?;
            let version = package.version.as_deref()?.parse().ok()?;
            let marker = match package.marker.as_deref() {
                Some(text) => Marker::parse(text).ok()?,
                None => Marker::TRUE,
            };
            keep(name).then_some((name, version, marker))
        });
        let mut entries: FxHashMap<PackageName, Vec<(Version, Marker)>> = FxHashMap::default();
        for (name, version, marker) in read {
            entries.entry(name).or_default().push((version, marker));
        }
        Self {
            entries,
            upgraded: FxHashSet::default(),
        }
    }

    /// The same preferences, with packages that are to move to their best version before the others are asked to stay.
    #[must_use]
    pub fn upgrading(self, packages: FxHashSet<PackageName>) -> Self {
        Self {
            upgraded: packages,
            ..self
        }
    }

    pub(super) fn of(&self, name: PackageName) -> impl Iterator<Item = (Version, Marker)> + '_ {
        self.entries.get(&name).into_iter().flatten().copied()
    }
}

/// The condition that an environment is this one, by the fields that decide what can be installed in it; `python` is the field by which
/// its Python is given by, `python_version` or `python_full_version`.
pub fn environment_marker(environment: &MarkerEnvironment, python: &str) -> Marker {
    let version = match python {
        "python_version" => &environment.python_version,
        _ => &environment.python_full_version,
    };
    let fields = [
        (python, version),
        ("sys_platform", &environment.sys_platform),
        ("platform_machine", &environment.platform_machine),
        ("implementation_name", &environment.implementation_name),
    ];
    fields
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .filter_map(|(field, value)| Marker::parse(&format!("{field} == '{value}'")).ok())
        .fold(Marker::TRUE, Marker::and)
}
