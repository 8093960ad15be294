//! Where packages come from, if not from the default index: addresses, paths, repositories and named indexes.
//!
//! A source of the root is for the requirements of every member, one of a member for its own alone and in the place of the root's.
//! One that names an extra or a group is for the requirements written there, however they are reached. Markers tell several sources of
//! one package apart; where none holds, the indexes serve it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Manifest, ManifestError, ManifestRecord, Member, Parent, marker};
use crate::marker::{Marker, Membership};
use crate::name::{ExtraName, GroupName, PackageName};
use crate::requirement::{RepositoryAddress, Requirement, RequirementSource};

/// Where a package comes from, if not from the default index.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct SourceRecord {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub git: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rev: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subdirectory: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub editable: Option<bool>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub workspace: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
    /// The extra whose requirements it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extra: Option<ExtraName>,
    /// The group whose requirements it is for, those of the groups that it includes among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<GroupName>,
    /// The member whose requirements it is for; all where it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
}

/// What a source gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// A URL, or a path relative to the project: `vendor/a-1.0-py3-none-any.whl`
    Address(String),
    /// The name of an index: `pytorch-cpu`
    Index(Arc<str>),
}

/// A source of the manifest, parsed.
#[derive(Clone, Debug)]
pub struct Source {
    pub name: PackageName,
    pub place: Place,
    pub marker: Marker,
    /// The extra or group whose requirements it is for; every part of the project where it is not given.
    pub part: Option<Membership>,
    /// The member whose requirements it is for; all where it is not given.
    pub member: Option<PackageName>,
    pub editable: Option<bool>,
}

/// A requirement of the project itself, sent to its source.
#[derive(Clone, Debug)]
pub struct Sourced {
    pub requirement: Requirement,
    /// The index that serves it, where a source names one.
    pub index: Option<Arc<str>>,
    /// The requirement as the project writes it, where a source gives its address and its specifiers hold beside that: no override
    /// takes their place.
    pub written: Option<Requirement>,
}

/// Parses the sources that a requirement has to be sent to; an index that always serves a package is a matter of the index.
pub(super) fn parse(records: &[SourceRecord]) -> Result<Vec<Source>, ManifestError> {
    records
        .iter()
        .filter(|record| !record.is_assignment(records))
        .filter_map(|record| Source::from_record(record).transpose())
        .collect()
}

impl ManifestRecord {
    /// The indexes that always serve a package, by the name of the package.
    pub fn assigned_indexes(&self) -> BTreeMap<&str, &str> {
        let assigned = self
            .sources
            .iter()
            .filter(|record| record.is_assignment(&self.sources));
        assigned
            .filter_map(|record| Some((record.name.as_str(), record.index.as_deref()?)))
            .collect()
    }
}

impl SourceRecord {
    /// By what sources of one package are sorted, so that their order in the file has no effect.
    pub fn order(&self) -> String {
        format!("{self:?}")
    }

    /// Whether it gives an index to a package whoever requires it and wherever.
    fn is_assignment(&self, all: &[Self]) -> bool {
        self.index.is_some()
            && self.marker.is_none()
            && self.part().is_none()
            && self.member.is_none()
            && all.iter().filter(|other| other.name == self.name).count() == 1
    }

    /// The extra or group whose requirements it is for.
    pub fn part(&self) -> Option<Membership> {
        let group = self.group.map(Membership::Group);
        self.extra.map(Membership::Extra).or(group)
    }

    fn place(&self) -> Option<Place> {
        let of_index = || Some(Place::Index(self.index.as_deref()?.into()));
        self.address().map(Place::Address).or_else(of_index)
    }

    /// The address that it gives: a URL, a path, or a repository as a requirement writes it.
    pub fn address(&self) -> Option<String> {
        match (&self.url, &self.path, &self.git) {
            (Some(address), _, _) | (None, Some(address), _) => Some(address.clone()),
            (None, None, Some(git)) => Some(self.repository(git)),
            (None, None, None) => None,
        }
    }

    /// The address of a repository, as a requirement writes it.
    fn repository(&self, git: &str) -> String {
        let address = RepositoryAddress {
            url: git.to_owned(),
            revision: self.rev.clone(),
            subdirectory: self.subdirectory.clone(),
        };
        address.to_string()
    }
}

impl Source {
    fn from_record(record: &SourceRecord) -> Result<Option<Self>, ManifestError> {
        let place = format!("sources.{}", record.name);
        let name = |text: &str| {
            PackageName::parse(text).map_err(|error| ManifestError {
                place: place.clone(),
                reason: error.to_string(),
            })
        };
        let Some(from) = record.place() else {
            return Ok(None);
        };
        Ok(Some(Self {
            name: name(&record.name)?,
            place: from,
            marker: match &record.marker {
                Some(text) => marker(&place, text)?,
                None => Marker::TRUE,
            },
            part: record.part(),
            member: record.member.as_deref().map(name).transpose()?,
            editable: record.editable,
        }))
    }

    fn send(&self, requirement: &Requirement, marker: Marker) -> Sourced {
        let is_bound = !requirement.specifiers().is_any();
        let (source, index, written) = match &self.place {
            Place::Address(address) => (
                RequirementSource::Url(address.clone()),
                None,
                is_bound.then(|| requirement.clone()),
            ),
            Place::Index(index) => (requirement.source.clone(), Some(Arc::clone(index)), None),
        };
        Sourced {
            requirement: Requirement {
                source,
                marker,
                ..requirement.clone()
            },
            index,
            written,
        }
    }
}

impl Manifest {
    /// A requirement of a member, sent to its sources where it has some. `part` is the extra or group that it is written in.
    pub fn sourced(
        &self,
        requirement: &Requirement,
        part: Option<Membership>,
        parent: Parent,
    ) -> Vec<Sourced> {
        let of_name = || self.sources.iter().filter(|s| s.name == requirement.name);
        let is_for_part = |source: &&Source| source.part.is_none() || source.part == part;
        let is_own = |source: &&Source| source.member.is_some() && source.member == parent.name;
        let has_own = of_name().any(|source| is_own(&source));
        let is_overridden = self.is_overridden(requirement.name, parent);
        let mut rest = self.applies(requirement, &[], parent);
        let mut result = Vec::new();
        let of_parent = of_name().filter(|s| is_own(s) || (!has_own && s.member.is_none()));
        for source in of_parent.filter(is_for_part) {
            let marker = rest.and(source.marker);
            if !marker.is_false() {
                let sent = source.send(requirement, marker);
                result.push(Sourced {
                    written: sent.written.filter(|_| !is_overridden),
                    ..sent
                });
            }
            rest = rest.and(source.marker.not());
        }
        if !rest.is_false() {
            result.push(Sourced {
                requirement: Requirement {
                    marker: rest,
                    ..requirement.clone()
                },
                index: None,
                written: None,
            });
        }
        result
    }

    /// The addresses of git repositories that the project itself gives, each with the package it is for.
    pub fn git_addresses(&self) -> BTreeMap<String, PackageName> {
        let of_sources = self
            .sources
            .iter()
            .filter_map(|source| match &source.place {
                Place::Address(address) => Some((address.as_str(), source.name)),
                Place::Index(_) => None,
            });
        let members = self.members.iter().flat_map(Member::requirements);
        let required = members.map(|(_, requirement)| requirement);
        let scoped = self
            .scopes
            .iter()
            .flat_map(|one| one.overrides.iter().chain(&one.constraints));
        let all = required
            .chain(&self.overrides)
            .chain(&self.constraints)
            .chain(scoped);
        let of_requirements = all.filter_map(|one| Some((one.url()?, one.name)));
        of_sources
            .chain(of_requirements)
            .filter(|(address, _)| RepositoryAddress::is_one(address))
            .map(|(address, name)| (address.to_owned(), name))
            .collect()
    }

    /// The packages to which the project gives an address wherever it requires them, or by a constraint or override that always holds.
    pub fn addressed(&self) -> BTreeSet<PackageName> {
        let mut addressed = BTreeSet::new();
        for member in &self.members {
            for (part, requirement) in member.requirements() {
                let sourced = self.sourced(requirement, part, member.as_parent());
                if sourced.iter().all(|one| one.requirement.url().is_some()) {
                    addressed.insert(requirement.name);
                }
            }
        }
        let others = self.overrides.iter().chain(&self.constraints);
        let others = others.filter(|one| one.url().is_some() && one.marker.is_true());
        addressed.extend(others.map(|one| one.name));
        addressed
    }

    /// Whether a path of the project is to be installed editable, where a source says so.
    pub fn is_editable(&self, path: &str) -> Option<bool> {
        let mut sources = self.sources.iter();
        let place = Place::Address(path.to_owned());
        sources.find(|source| source.place == place)?.editable
    }
}
