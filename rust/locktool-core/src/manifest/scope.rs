//! Changes to what one parent requires: the constraints, overrides and excludes that hold under it and nowhere else.
//!
//! A parent is a package or a member, of every version or of one. What is said of a parent comes before what is said of all.

use std::collections::BTreeMap;

use super::{ChangedParent, ManifestError, Settings, requirements, under};
use crate::name::PackageName;
use crate::requirement::Requirement;
use crate::version::Version;

/// Who requires something: a package or a member, the version where it has one.
#[derive(Clone, Copy, Debug, Default)]
pub struct Parent {
    pub name: Option<PackageName>,
    pub version: Option<Version>,
}

/// What changes under a parent, parsed.
#[derive(Clone, Debug)]
pub struct Scope {
    parent: PackageName,
    version: Option<Version>,
    pub constraints: Vec<Requirement>,
    pub overrides: Vec<Requirement>,
    pub excludes: Vec<PackageName>,
}

impl Scope {
    /// What the settings change under single parents, one scope a parent.
    pub(super) fn gather(settings: &Settings) -> Result<Vec<Self>, ManifestError> {
        let mut scopes: BTreeMap<&ChangedParent, Self> = BTreeMap::new();
        for (parent, texts) in under(settings.constraints.as_deref().unwrap_or_default()) {
            let found = requirements(parent.name.as_str(), texts.iter().map(|text| &text.0))?;
            Self::of(&mut scopes, parent)?.constraints.extend(found);
        }
        for (parent, texts) in under(settings.overrides.as_deref().unwrap_or_default()) {
            let found = requirements(parent.name.as_str(), texts.iter().map(|text| &text.0))?;
            Self::of(&mut scopes, parent)?.overrides.extend(found);
        }
        for (parent, names) in under(settings.excludes.as_deref().unwrap_or_default()) {
            Self::of(&mut scopes, parent)?.excludes.extend(names);
        }
        Ok(scopes.into_values().collect())
    }

    fn of<'scopes, 'a>(
        scopes: &'scopes mut BTreeMap<&'a ChangedParent, Self>,
        parent: &'a ChangedParent,
    ) -> Result<&'scopes mut Self, ManifestError> {
        let version = parent.version.as_deref().map(str::parse::<Version>);
        let version = version.transpose().map_err(|error| ManifestError {
            place: parent.name.to_string(),
            reason: error.to_string(),
        })?;
        Ok(scopes.entry(parent).or_insert_with(|| Self {
            parent: parent.name,
            version,
            constraints: Vec::new(),
            overrides: Vec::new(),
            excludes: Vec::new(),
        }))
    }

    /// Whether the parent has this name.
    pub fn is_of(&self, name: PackageName) -> bool {
        self.parent == name
    }

    /// Whether the parent is the one that is meant.
    pub fn holds_for(&self, parent: Parent) -> bool {
        parent.name == Some(self.parent)
            && self
                .version
                .is_none_or(|version| parent.version == Some(version))
    }
}
