//! Changes to what one parent requires: the constraints, overrides and excludes that hold under it and nowhere else.
//!
//! A parent is a package or a member, of every version or of one. What is said of a parent comes before what is said of all.

use serde::{Deserialize, Serialize};

use super::{ManifestError, requirements};
use crate::name::PackageName;
use crate::requirement::Requirement;
use crate::version::Version;

/// One parent in the table `[tool.locktool]` of a lock, and what changes under it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct ScopeRecord {
    pub parent: String,
    /// The one version that is meant; every version where it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub constraints: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub overrides: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub excludes: Vec<PackageName>,
}

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
    pub(super) fn from_record(record: &ScopeRecord) -> Result<Self, ManifestError> {
        let place = format!("scopes.{}", record.parent);
        let refuse = |reason: String| ManifestError {
            place: place.clone(),
            reason,
        };
        let parent =
            PackageName::parse(&record.parent).map_err(|error| refuse(error.to_string()))?;
        let version = record.version.as_deref().map(str::parse::<Version>);
        Ok(Self {
            parent,
            version: version
                .transpose()
                .map_err(|error| refuse(error.to_string()))?,
            constraints: requirements(&place, &record.constraints)?,
            overrides: requirements(&place, &record.overrides)?,
            excludes: record.excludes.clone(),
        })
    }

    /// Whether the parent is the one that is meant.
    pub fn holds_for(&self, parent: Parent) -> bool {
        parent.name == Some(self.parent)
            && self
                .version
                .is_none_or(|version| parent.version == Some(version))
    }
}
