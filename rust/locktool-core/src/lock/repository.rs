//! The entry `packages.vcs` of a lock: a source tree in a repository.

use serde::{Deserialize, Serialize};

use crate::requirement::RepositoryAddress;

/// `packages.vcs`: a repository, what was asked for, and the commit that it was.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct LockedRepository {
    /// `git`
    #[serde(rename = "type")]
    pub kind: String,
    pub url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requested_revision: Option<String>,
    pub commit_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subdirectory: Option<String>,
}

impl LockedRepository {
    /// The entry for a commit of `git+https://host/owner/name@v1.0#subdirectory=python`; `None` where it names no git repository.
    pub fn parse(address: &str, commit: &str) -> Option<Self> {
        let address = RepositoryAddress::parse(address)?;
        Some(Self {
            kind: "git".to_owned(),
            url: address.url,
            requested_revision: address.revision,
            commit_id: commit.to_owned(),
            subdirectory: address.subdirectory,
        })
    }

    /// Whether the address names this repository, revision and folder.
    pub fn is_at(&self, address: &str) -> bool {
        Self::parse(address, &self.commit_id).as_ref() == Some(self)
    }
}
