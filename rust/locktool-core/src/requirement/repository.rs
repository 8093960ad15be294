//! Addresses of git repositories, the one grammar of them: `git+https://host/owner/name@v1.0#subdirectory=python`.
//!
//! What follows the last `@` of the path is the revision. Revision and subdirectory are read with their percent escapes decoded, once, and
//! written with what would end them escaped.

use std::fmt;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};

const PREFIX: &str = "git+";

/// What would end a subdirectory, or be read as an escape.
const IN_FRAGMENT: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'#').add(b'&');
/// What would end a revision, or be read as an escape.
const IN_REVISION: &AsciiSet = &CONTROLS.add(b' ').add(b'%').add(b'#').add(b'@').add(b'?');

/// An address of a git repository, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RepositoryAddress {
    /// What git is given: `https://host/owner/name`
    pub url: String,
    /// A commit, tag or branch; what the repository is at where it is `None`.
    pub revision: Option<String>,
    /// A path in the repository, with forward slashes: `python`
    pub subdirectory: Option<String>,
}

impl RepositoryAddress {
    /// Whether a text is the address of a git repository.
    pub fn is_one(address: &str) -> bool {
        address.starts_with(PREFIX)
    }

    /// Takes an address apart; `None` where it names no git repository.
    pub fn parse(address: &str) -> Option<Self> {
        let (place, fragment) = address.split_once('#').unwrap_or((address, ""));
        let place = place.strip_prefix(PREFIX)?;
        let path = place.find("://").map_or(0, |at| at + 3);
        let path = path + place[path..].find('/').unwrap_or(0);
        let (url, revision) = match place[path..].rfind('@') {
            Some(at) => (&place[..path + at], Some(&place[path + at + 1..])),
            None => (place, None),
        };
        let mut parts = fragment.split('&');
        let subdirectory = parts.find_map(|part| part.strip_prefix("subdirectory="));
        Some(Self {
            url: url.to_owned(),
            revision: revision.filter(|text| !text.is_empty()).map(decoded),
            subdirectory: subdirectory.filter(|text| !text.is_empty()).map(decoded),
        })
    }
}

impl fmt::Display for RepositoryAddress {
    /// As a requirement writes it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{PREFIX}{}", self.url)?;
        if let Some(revision) = &self.revision {
            write!(formatter, "@{}", utf8_percent_encode(revision, IN_REVISION))?;
        }
        if let Some(folder) = &self.subdirectory {
            let folder = utf8_percent_encode(folder, IN_FRAGMENT);
            write!(formatter, "#subdirectory={folder}")?;
        }
        Ok(())
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::RepositoryAddress;

    fn parts(address: &str) -> (String, Option<String>, Option<String>) {
        let found = RepositoryAddress::parse(address).expect("an address of git");
        (found.url, found.revision, found.subdirectory)
    }

    #[test]
    fn an_address_comes_apart_into_place_revision_and_folder() {
        assert_eq!(
            parts("git+https://host.invalid/a.git@v1#egg=a&subdirectory=python"),
            (
                "https://host.invalid/a.git".to_owned(),
                Some("v1".to_owned()),
                Some("python".to_owned())
            )
        );
        assert_eq!(
            parts("git+ssh://git@host.invalid/a.git"),
            ("ssh://git@host.invalid/a.git".to_owned(), None, None)
        );
        assert_eq!(
            parts("git+file:///a@refs/heads/main"),
            (
                "file:///a".to_owned(),
                Some("refs/heads/main".to_owned()),
                None
            )
        );
        assert_eq!(RepositoryAddress::parse("https://host.invalid/a.whl"), None);
    }

    #[test]
    fn escapes_are_decoded_once_and_a_plus_is_a_plus() {
        let folder = |address: &str| parts(address).2;
        assert_eq!(
            folder("git+file:///a#subdirectory=p%20one"),
            Some("p one".to_owned())
        );
        assert_eq!(
            folder("git+file:///a#subdirectory=p%2520one"),
            Some("p%20one".to_owned())
        );
        assert_eq!(
            folder("git+file:///a#subdirectory=c++"),
            Some("c++".to_owned())
        );
        assert_eq!(folder("git+file:///a#subdirectory="), None);
        assert_eq!(parts("git+file:///a@b%401").1, Some("b@1".to_owned()));
    }

    #[test]
    fn write_then_read_is_identity() {
        for (revision, folder) in [
            (None, None),
            (Some("refs/tags/pkg@1.0"), Some("c++")),
            (Some("50%"), Some("p one/a&b#c%20")),
        ] {
            let address = RepositoryAddress {
                url: "https://host.invalid/a b".replace(' ', "%20"),
                revision: revision.map(str::to_owned),
                subdirectory: folder.map(str::to_owned),
            };
            assert_eq!(
                RepositoryAddress::parse(&address.to_string()),
                Some(address)
            );
        }
    }
}
