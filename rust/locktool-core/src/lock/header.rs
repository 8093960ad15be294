//! The top of a lock: what follows from the inputs that it records.

use std::collections::BTreeSet;

use super::{DocumentTool, LockedDocument, LockedPackage};
use crate::manifest::{DefaultGroups, ManifestRecord};
use crate::name::{ExtraName, GroupName};

/// The version of the standard that is written.
pub const LOCK_VERSION: &str = "1.0";
const CREATED_BY: &str = "locktool";

/// What the inputs of a lock say at its top.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    pub environments: Vec<String>,
    pub requires_python: Option<String>,
    /// Those of all members: in a workspace a name means that of every member that has it. So do groups.
    pub extras: Vec<String>,
    pub dependency_groups: Vec<String>,
    pub default_groups: Vec<String>,
}

impl Header {
    pub fn of(inputs: &ManifestRecord) -> Self {
        let members = || inputs.members.iter();
        let extras = members().flat_map(|member| member.extras.keys().map(ExtraName::as_str));
        let groups = members().flat_map(|member| member.groups.keys().map(GroupName::as_str));
        let groups = sorted(groups);
        let settings = inputs.effective();
        Self {
            environments: settings.environments.unwrap_or_default().0,
            requires_python: inputs.requires_python.clone(),
            extras: sorted(extras),
            default_groups: match &settings.default_groups {
                Some(DefaultGroups::Every(_)) => groups.clone(),
                Some(DefaultGroups::Named(names)) => {
                    names.iter().map(ToString::to_string).collect()
                }
                None => Vec::new(),
            },
            dependency_groups: groups,
        }
    }
}

impl LockedDocument {
    /// The lock of a run.
    pub fn new(inputs: ManifestRecord, packages: Vec<LockedPackage>) -> Self {
        let header = Header::of(&inputs);
        Self {
            lock_version: LOCK_VERSION.to_owned(),
            environments: header.environments,
            requires_python: header.requires_python,
            extras: header.extras,
            dependency_groups: header.dependency_groups,
            default_groups: header.default_groups,
            created_by: CREATED_BY.to_owned(),
            tool: Some(DocumentTool {
                locktool: Some(inputs.into()),
            }),
            packages,
            ..Self::default()
        }
    }
}

fn sorted<'n>(names: impl Iterator<Item = &'n str>) -> Vec<String> {
    let names: BTreeSet<&str> = names.collect();
    names.into_iter().map(str::to_owned).collect()
}
