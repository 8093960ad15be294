//! Hash algorithms of files: those that every Python has, how long their digests are, and which of them tell files apart alone.

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

#[cfg(test)]
mod tests {
    use super::is_strong_hash;

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
}
