//! What a lock records of its inputs: the table `[tool.locktool]`, in which everything that can change an answer has a key.
//!
//! Equal projects give equal records: lists whose order has no meaning are sorted, texts are canonical, paths are relative to the
//! lock with forward slashes, and indexes have no names.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::cutoff::Cutoff;
use super::settings::Settings;
use super::source::SourceRecord;
use crate::marker::Marker;
use crate::name::{ExtraName, GroupName, PackageName};
use crate::requirement::{Requirement, RequirementParseError, recorded_address};

/// The schema number of the table that this release writes and reads.
pub const SCHEMA: u32 = 2;

/// The table `[tool.locktool]` of a lock, as it stands in the file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct ManifestRecord {
    pub schema: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requires_python: Option<String>,
    /// What the project says.
    #[serde(flatten)]
    pub settings: Settings,
    /// The indexes that the project names, in the order in which they are asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub indexes: Vec<IndexRecord>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<SourceRecord>,
    /// What the command line of the run that made the lock said beside the project.
    #[serde(skip_serializing_if = "says_nothing")]
    pub command_line: Settings,
    /// Indexes that packages are from although nothing in the project sends them there: explicit ones that the machine or a command
    /// line names as well, and, where the project names a default index, those that only a command line names.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_indexes: Vec<String>,
    /// Directories that are required and no members.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trees: Vec<MemberRecord>,
    /// See [`ManifestRecord::digest_of_run`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    pub members: Vec<MemberRecord>,
    /// What no release that is known here writes.
    #[serde(flatten)]
    pub unknown: BTreeMap<String, serde_json::Value>,
}

/// What a record says that no file of the project does.
#[derive(Serialize)]
struct SaidByRun<'a> {
    command_line: &'a Settings,
    /// Of the project's spans.
    instants: Vec<&'a Cutoff>,
    /// Where no member says which Pythons it supports.
    assumed_python: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    other_indexes: &'a [String],
}

/// An index that the project names.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct IndexRecord {
    /// The address that entries record, without credentials and without a slash at its end.
    pub url: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub explicit: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub default: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub flat: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exclude_newer: Option<Cutoff>,
}

/// A project of the workspace, or a directory that is required, as it describes itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct MemberRecord {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<PackageName>,
    pub path: String,
    /// Only where something that is locked depends on it: see `keep_decisive_versions`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Whether it has a build system, and so is installed itself.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub package: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requires_python: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dependencies: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub extras: BTreeMap<ExtraName, Vec<String>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub groups: BTreeMap<GroupName, Vec<String>>,
    /// Of a tree: the packages that its own sources give to an index, by the addresses of the indexes.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub indexes: BTreeMap<PackageName, BTreeSet<String>>,
    /// What its build requires, where only a build knows its requirements.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build_requires: Option<Vec<String>>,
    /// Digests of what its build reads, where only a build knows its requirements: `{ "setup.py" = "0123456789abcdef" }`
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub build: BTreeMap<String, String>,
}

impl MemberRecord {
    /// What its metadata requires: requirements of extras carry their condition.
    ///
    /// # Errors
    /// When a text is not a requirement.
    pub fn published(&self) -> Result<Vec<Requirement>, RequirementParseError> {
        let plain = self.dependencies.iter().map(|text| text.parse());
        let mut published = plain.collect::<Result<Vec<Requirement>, _>>()?;
        for (extra, texts) in &self.extras {
            for text in texts {
                let requirement = text.parse::<Requirement>()?;
                published.push(Requirement {
                    marker: requirement.marker.and(Marker::extra(*extra)),
                    ..requirement
                });
            }
        }
        Ok(published)
    }
}

/// The first 16 hexadecimal digits of a SHA-256, which is how records and blocks write one.
pub fn short_digest(hash: Sha256) -> String {
    let digest = hash.finalize();
    let (first, _) = digest.split_first_chunk().expect("32 bytes");
    format!("{:016x}", u64::from_be_bytes(*first))
}

/// An index as records and sources name it: its address without credentials and without a slash at its end.
pub fn index_address(written: &str) -> String {
    recorded_address(written).trim_end_matches('/').to_owned()
}

fn says_nothing(settings: &Settings) -> bool {
    *settings == Settings::default()
}

impl ManifestRecord {
    /// The settings of the run: what the command line says, and what the project says beside it.
    pub fn effective(&self) -> Settings {
        self.command_line.clone().over(self.settings.clone())
    }

    /// Whether it rests on something that only a command line said.
    pub fn has_command_line(&self) -> bool {
        !says_nothing(&self.command_line) || !self.other_indexes.is_empty()
    }

    /// Takes over from an earlier record what the project leaves open: the instants that its spans gave, the indexes that a command
    /// line named, and the Pythons that were assumed where no member says which it supports.
    pub fn adopt(&mut self, recorded: &Self) {
        self.other_indexes.clone_from(&recorded.other_indexes);
        for (mine, theirs) in [
            (&mut self.settings, &recorded.settings),
            (&mut self.command_line, &recorded.command_line),
        ] {
            if let (Some(cutoff), Some(known)) = (&mut mine.exclude_newer, &theirs.exclude_newer) {
                cutoff.adopt(known);
            }
            let packages = mine.exclude_newer_package.iter_mut().flatten();
            for (name, cutoff) in packages {
                let known = theirs.exclude_newer_package.as_ref();
                if let Some(known) = known.and_then(|known| known.get(name)) {
                    cutoff.adopt(known);
                }
            }
        }
        for index in &mut self.indexes {
            let known = recorded.indexes.iter().find(|one| one.url == index.url);
            if let (Some(cutoff), Some(known)) = (
                &mut index.exclude_newer,
                known.and_then(|known| known.exclude_newer.as_ref()),
            ) {
                cutoff.adopt(known);
            }
        }
        if self.names_no_python() && recorded.names_no_python() {
            self.requires_python.clone_from(&recorded.requires_python);
        }
    }

    /// Digest of what the run itself added to the inputs: its command line and the indexes that it named, the instants of spans, the
    /// Pythons that it assumed. No file tells these again, so a slip in them would go unseen. `None` where there is none of them.
    pub fn digest_of_run(&self) -> Option<String> {
        let of_all = self.settings.exclude_newer.iter();
        let of_packages = self.settings.exclude_newer_package.iter().flatten();
        let of_indexes = self
            .indexes
            .iter()
            .filter_map(|index| index.exclude_newer.as_ref());
        let cutoffs = of_all
            .chain(of_packages.map(|(_, cutoff)| cutoff))
            .chain(of_indexes);
        let said = SaidByRun {
            command_line: &self.command_line,
            instants: cutoffs.filter(|cutoff| cutoff.is_span()).collect(),
            assumed_python: self
                .requires_python
                .as_deref()
                .filter(|_| self.names_no_python()),
            other_indexes: &self.other_indexes,
        };
        if says_nothing(said.command_line)
            && said.instants.is_empty()
            && said.assumed_python.is_none()
            && said.other_indexes.is_empty()
        {
            return None;
        }
        let text = serde_json::to_vec(&said).expect("a record is texts, numbers and lists");
        Some(short_digest(Sha256::new_with_prefix(text)))
    }

    /// Whether what the run added is as the run wrote it.
    pub fn is_as_run_wrote(&self) -> bool {
        self.digest == self.digest_of_run()
    }

    /// Gives spans that have no instant yet the one of now.
    pub fn fix_cutoffs(&mut self) {
        for settings in [&mut self.settings, &mut self.command_line] {
            settings.exclude_newer.iter_mut().for_each(Cutoff::fix);
            let packages = settings.exclude_newer_package.iter_mut().flatten();
            packages.for_each(|(_, cutoff)| cutoff.fix());
        }
        let indexes = self.indexes.iter_mut();
        indexes
            .filter_map(|index| index.exclude_newer.as_mut())
            .for_each(Cutoff::fix);
    }

    fn names_no_python(&self) -> bool {
        let mut members = self.members.iter();
        members.all(|member| member.requires_python.is_none())
    }
}
