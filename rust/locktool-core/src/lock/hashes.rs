//! The hashes of a file, by algorithm. Nearly every file has a SHA-256 alone, and a lock has thousands of files: that one needs
//! no map.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

const SHA256: &str = "sha256";

/// Digests as they are written, by the names of their algorithms: `{ sha256 = "9f86…" }`
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hashes {
    sha256: Option<String>,
    others: BTreeMap<String, String>,
}

impl Hashes {
    /// All of them, in the order of the algorithms' names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let others = self.others.iter();
        let others = others.map(|(algorithm, digest)| (algorithm.as_str(), digest.as_str()));
        let before = others
            .clone()
            .take_while(|(algorithm, _)| *algorithm < SHA256);
        let after = others.skip_while(|(algorithm, _)| *algorithm < SHA256);
        before
            .chain(self.sha256().map(|digest| (SHA256, digest)))
            .chain(after)
    }

    /// The names of the algorithms, in order.
    pub fn algorithms(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(algorithm, _)| algorithm)
    }

    /// The SHA-256, where it is known.
    pub fn sha256(&self) -> Option<&str> {
        self.sha256.as_deref()
    }

    /// The digest of an algorithm.
    pub fn get(&self, algorithm: &str) -> Option<&str> {
        if algorithm == SHA256 {
            return self.sha256();
        }
        self.others.get(algorithm).map(String::as_str)
    }

    /// Adds a digest, or replaces that of the same algorithm.
    pub fn insert(&mut self, algorithm: String, digest: String) {
        if algorithm == SHA256 {
            self.sha256 = Some(digest);
        } else {
            self.others.insert(algorithm, digest);
        }
    }

    /// The same without the SHA-256.
    #[must_use]
    pub fn without_sha256(&self) -> Self {
        Self {
            sha256: None,
            others: self.others.clone(),
        }
    }

    /// Keeps the SHA-256 alone.
    pub fn keep_sha256(&mut self) {
        self.others.clear();
    }
}

impl<'a> FromIterator<&'a (String, String)> for Hashes {
    fn from_iter<I: IntoIterator<Item = &'a (String, String)>>(pairs: I) -> Self {
        let mut hashes = Self::default();
        for (algorithm, digest) in pairs {
            if algorithm == SHA256 {
                hashes.sha256 = Some(digest.clone());
            } else {
                hashes.others.insert(algorithm.clone(), digest.clone());
            }
        }
        hashes
    }
}

impl Serialize for Hashes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Hashes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HashesVisitor)
    }
}

struct HashesVisitor;

impl<'de> Visitor<'de> for HashesVisitor {
    type Value = Hashes;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a map")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Hashes, A::Error> {
        let mut hashes = Hashes::default();
        while let Some(algorithm) = map.next_key::<Algorithm>()? {
            let digest = map.next_value()?;
            match algorithm.0 {
                None => hashes.sha256 = Some(digest),
                Some(other) => hashes.insert(other, digest),
            }
        }
        Ok(hashes)
    }
}

/// The name of an algorithm; `None` for SHA-256.
struct Algorithm(Option<String>);

impl<'de> Deserialize<'de> for Algorithm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(AlgorithmVisitor)
    }
}

struct AlgorithmVisitor;

impl Visitor<'_> for AlgorithmVisitor {
    type Value = Algorithm;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a string")
    }

    fn visit_str<E>(self, name: &str) -> Result<Algorithm, E> {
        Ok(Algorithm((name != SHA256).then(|| name.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use super::Hashes;

    fn hashes(pairs: &[(&str, &str)]) -> Hashes {
        let owned = |(name, digest): &(&str, &str)| ((*name).to_owned(), (*digest).to_owned());
        let pairs: Vec<(String, String)> = pairs.iter().map(owned).collect();
        pairs.iter().collect()
    }

    #[test]
    fn hashes_stand_in_the_order_of_their_names() {
        let found = hashes(&[("sha512", "c"), ("sha256", "b"), ("md5", "a")]);
        let pairs: Vec<_> = found.iter().collect();
        assert_eq!(pairs, [("md5", "a"), ("sha256", "b"), ("sha512", "c")]);
        let text = r#"{"md5":"a","sha256":"b","sha512":"c"}"#;
        assert_eq!(serde_json::to_string(&found).expect("JSON"), text);
        assert_eq!(serde_json::from_str::<Hashes>(text).expect("hashes"), found);
    }

    #[test]
    fn the_sha256_is_told_from_the_others() {
        let mut found = hashes(&[("sha256", "b"), ("blake2b", "a")]);
        assert_eq!(found.sha256(), Some("b"));
        assert_eq!(found.without_sha256(), hashes(&[("blake2b", "a")]));
        found.keep_sha256();
        assert_eq!(found, hashes(&[("sha256", "b")]));
    }

    #[test]
    fn what_is_no_text_is_no_digest() {
        assert!(serde_json::from_str::<Hashes>(r#"{"sha256": 1}"#).is_err());
        assert!(serde_json::from_str::<Hashes>("[]").is_err());
    }
}
