//! What a page announces of the bytes of a file or of its metadata: digests, as records keep them.

use crate::cache::from_hex;
use crate::cache::record::SidecarRow;
use crate::distribution::hash::{MalformedDigest, is_digest};

/// Digests in their canonical form, one of each algorithm, those of algorithms with a fixed length only.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Announced {
    pub sha256: Option<[u8; 32]>,
    /// Of other algorithms: `(algorithm, lower-case hex)`, sorted.
    pub others: Vec<(String, String)>,
    /// What stands for a digest and is none; such a file is refused.
    pub malformed: Option<Box<MalformedDigest>>,
}

impl Announced {
    pub fn new<A: AsRef<str>, D: AsRef<str>>(pairs: impl IntoIterator<Item = (A, D)>) -> Self {
        let mut announced = Self::default();
        for (algorithm, digest) in pairs {
            announced.add(algorithm.as_ref(), digest.as_ref());
        }
        announced.order();
        announced
    }

    /// Reads `sha256=…`, several joined by `&`, beside other things.
    pub fn in_fragment(fragment: &str) -> Self {
        if fragment.is_empty() {
            return Self::default();
        }
        Self::new(fragment.split('&').filter_map(|pair| pair.split_once('=')))
    }

    /// The same with what is announced in another place, which counts where this one says nothing.
    #[must_use]
    pub fn beside(mut self, other: Self) -> Self {
        self.sha256 = least(self.sha256, other.sha256);
        if !other.others.is_empty() {
            self.others.extend(other.others);
            self.order();
        }
        self.malformed = least(self.malformed, other.malformed);
        self
    }

    /// All but the SHA-256 as a record keeps them: `md5=…&sha512=…`. What is no digest is read as none again, so that a run from
    /// the cache refuses the file too.
    pub fn others_joined(&self) -> String {
        if self.others.is_empty() && self.malformed.is_none() {
            return String::new();
        }
        let others = self.others.iter();
        let others = others.map(|(name, digest)| format!("{name}={digest}"));
        let malformed = self.malformed.iter().map(|digest| digest.pair());
        others.chain(malformed).collect::<Vec<_>>().join("&")
    }

    /// The same as what is announced of the `.metadata` of a wheel, which is compared with its SHA-256 alone.
    pub fn of_sidecar(self) -> SidecarRow<'static> {
        match (self.malformed, self.sha256) {
            (Some(malformed), _) => SidecarRow::Present(malformed.pair().into()),
            (None, Some(sha256)) => SidecarRow::Sha256(sha256),
            (None, None) => SidecarRow::Present("".into()),
        }
    }

    fn add(&mut self, algorithm: &str, digest: &str) {
        // Nearly all: neither has to be written in lower case.
        if algorithm == "sha256"
            && let Some(sha256) = from_hex(digest)
        {
            self.sha256 = least(self.sha256, Some(sha256));
            return;
        }
        let (algorithm, digest) = (algorithm.to_ascii_lowercase(), digest.to_ascii_lowercase());
        match is_digest(&algorithm, &digest) {
            None => {}
            Some(false) => {
                let malformed = Box::new(MalformedDigest::new(&algorithm, &digest));
                self.malformed = least(self.malformed.take(), Some(malformed));
            }
            Some(true) if algorithm == "sha256" => {
                self.sha256 = least(self.sha256, from_hex(&digest));
            }
            Some(true) => self.others.push((algorithm, digest)),
        }
    }

    fn order(&mut self) {
        self.others.sort();
        self.others.dedup_by(|later, earlier| later.0 == earlier.0);
    }
}

/// One of two, whatever their order on the page.
fn least<T: Ord>(one: Option<T>, other: Option<T>) -> Option<T> {
    one.into_iter().chain(other).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fragments_hold_hashes_and_other_things() {
        let (sha256, md5) = ("A".repeat(64), "B".repeat(32));
        let fragment = format!("egg=a&sha256={sha256}&crc=zz&MD5={md5}&subdirectory=x");
        let found = Announced::in_fragment(&fragment);
        assert_eq!(found.sha256, Some([0xaa; 32]));
        assert_eq!(found.others_joined(), format!("md5={}", "b".repeat(32)));
        assert_eq!(found.malformed, None);
    }

    #[test]
    fn what_is_no_digest_is_found_beside_one_that_is() {
        let digest = "a".repeat(64);
        let (fragment, hashes) = (format!("sha256={digest}"), "sha256=zz".to_owned());
        for (one, other) in [(&fragment, &hashes), (&hashes, &fragment)] {
            let found = Announced::in_fragment(one).beside(Announced::in_fragment(other));
            assert_eq!(found.sha256, Some([0xaa; 32]));
            let malformed = MalformedDigest::new("sha256", "zz");
            assert_eq!(found.malformed.as_deref(), Some(&malformed));
            assert_eq!(
                Announced::in_fragment(&found.others_joined()).malformed,
                found.malformed
            );
        }
    }
}
