//! Hash algorithms of files: those that every Python has, how long their digests are, which of them tell files apart alone, and what
//! stands for a digest and is none.

use std::fmt;

/// The hexadecimal digits of a digest, for the algorithms that `hashlib` guarantees and that have one length.
pub fn hash_length(algorithm: &str) -> Option<usize> {
    match algorithm {
        "md5" => Some(32),
        "sha1" => Some(40),
        "sha224" | "sha3_224" => Some(56),
        "sha256" | "sha3_256" | "blake2s" => Some(64),
        "sha384" | "sha3_384" => Some(96),
        "sha512" | "sha3_512" | "blake2b" => Some(128),
        _ => None,
    }
}

/// Whether an algorithm is at least as strong as SHA-256, which PEP 751 recommends, so that a file needs no other hash. Those with
/// shorter digests are not: two files of one MD5 or SHA-1 can be made.
pub fn is_strong_hash(algorithm: &str) -> bool {
    hash_length(algorithm).is_some_and(|length| length >= 64)
}

/// Whether a text is a digest of an algorithm; `None` where the algorithm is not known.
pub fn is_digest(algorithm: &str, digest: &str) -> Option<bool> {
    let length = hash_length(algorithm)?;
    Some(digest.len() == length && digest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// What stands for a digest of a known algorithm and is none: `sha256=zz`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MalformedDigest {
    algorithm: String,
    text: String,
}

impl MalformedDigest {
    /// Longer texts are cut for people; no digest is as long as what is left, with its ellipsis.
    const LONGEST: usize = 140;

    /// Keeps of the text what can be shown and recorded: whatever is neither a letter nor a digit becomes a question mark, which is in
    /// no digest.
    pub fn new(algorithm: &str, text: &str) -> Self {
        let shown = |letter: char| {
            if letter.is_ascii_alphanumeric() {
                letter
            } else {
                '?'
            }
        };
        let mut kept: String = text.chars().take(Self::LONGEST).map(shown).collect();
        if text.chars().nth(Self::LONGEST).is_some() {
            kept.push('…');
        }
        Self {
            algorithm: algorithm.to_owned(),
            text: kept,
        }
    }

    /// As a fragment has it: `sha256=zz`.
    pub fn pair(&self) -> String {
        format!("{}={}", self.algorithm, self.text)
    }
}

impl fmt::Display for MalformedDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { algorithm, text } = self;
        let length = hash_length(algorithm).unwrap_or_default();
        write!(
            formatter,
            "{algorithm}={text}, and a {algorithm} has {length} hexadecimal digits"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_unknown_digests_are_weak() {
        for strong in [
            "sha256", "sha384", "sha512", "sha3_256", "blake2b", "blake2s",
        ] {
            assert!(is_strong_hash(strong), "{strong}");
        }
        for weak in ["md5", "sha1", "sha224", "sha3_224", "crc32", "", "SHA256"] {
            assert!(!is_strong_hash(weak), "{weak}");
        }
    }

    #[test]
    fn what_was_no_digest_is_none_as_it_is_recorded() {
        let digits = "0".repeat(200);
        for text in ["", "zz", "0&md5=1", "\u{e9}", &digits, &digits[..63]] {
            let malformed = MalformedDigest::new("sha256", text);
            let pair = malformed.pair();
            let (algorithm, kept) = pair.split_once('=').expect("a pair");
            assert_eq!(is_digest(algorithm, kept), Some(false), "{text}");
            assert_eq!(MalformedDigest::new(algorithm, kept), malformed, "{text}");
            assert!(!kept.contains('&'), "{text}");
        }
    }
}
