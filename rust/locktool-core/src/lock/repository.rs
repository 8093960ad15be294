//! A source tree in a repository: the address as requirements write it, and the entry `packages.vcs` of a lock.

use serde::{Deserialize, Serialize};

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
    /// Takes `git+https://host/owner/name@v1.0#subdirectory=python` apart; `None` where it names no git repository.
    pub fn parse(address: &str, commit: &str) -> Option<Self> {
        let (place, fragment) = address.split_once('#').unwrap_or((address, ""));
        let place = place.strip_prefix("git+")?;
        let path = place.find("://").map_or(0, |at| at + 3);
        let path = path + place[path..].find('/').unwrap_or(0);
        let (url, revision) = match place[path..].rfind('@') {
            Some(at) => (&place[..path + at], Some(&place[path + at + 1..])),
            None => (place, None),
        };
        let subdirectory = fragment
            .split('&')
            .find_map(|part| part.strip_prefix("subdirectory="));
        Some(Self {
            kind: "git".to_owned(),
            url: url.to_owned(),
            requested_revision: revision.map(str::to_owned),
            commit_id: commit.to_owned(),
            subdirectory: subdirectory.map(str::to_owned),
        })
    }

    /// Whether the address names this repository, revision and folder.
    pub fn is_at(&self, address: &str) -> bool {
        Self::parse(address, &self.commit_id).as_ref() == Some(self)
    }
}

#[cfg(test)]
mod tests {
    use super::LockedRepository;

    #[test]
    fn an_address_comes_apart_into_place_revision_and_folder() {
        let parts = |address| {
            let found = LockedRepository::parse(address, "c0ffee").expect("an address of git");
            (found.url, found.requested_revision, found.subdirectory)
        };
        let owned = |text: &str| Some(text.to_owned());
        assert_eq!(
            parts("git+https://host.invalid/a.git@v1#egg=a&subdirectory=python"),
            (
                "https://host.invalid/a.git".to_owned(),
                owned("v1"),
                owned("python")
            )
        );
        assert_eq!(
            parts("git+ssh://git@host.invalid/a.git"),
            ("ssh://git@host.invalid/a.git".to_owned(), None, None)
        );
        assert_eq!(
            parts("git+file:///a@refs/heads/main"),
            ("file:///a".to_owned(), owned("refs/heads/main"), None)
        );
        assert_eq!(
            LockedRepository::parse("https://host.invalid/a.whl", ""),
            None
        );
    }
}
