//! The digests that an address announces in its fragment, `#sha512=…`, and whether a file has them.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use super::page::fragment_hashes;
use crate::cache::to_hex;

/// Algorithms with their digests: `("sha512", "…")`
pub type Digests = Vec<(String, String)>;

/// Reads a file for its digest and size.
type Hasher = fn(&Path) -> io::Result<(String, u64)>;

/// The digests of a fragment that are compared with the file: those of the algorithms that pip compares too.
pub fn announced(fragment: &str) -> Digests {
    let mut digests = fragment_hashes(fragment);
    digests.retain(|(algorithm, _)| hasher(algorithm).is_some());
    digests
}

/// Finds the first digest that a file with this SHA-256 does not have, as a sentence.
pub fn difference(
    path: &Path,
    sha256: &str,
    announced: &[(String, String)],
) -> io::Result<Option<String>> {
    for (algorithm, wanted) in announced {
        let found = match hasher(algorithm) {
            _ if algorithm == "sha256" => sha256.to_owned(),
            Some(hasher) => hasher(path)?.0,
            None => continue,
        };
        if found != *wanted {
            let sentence = format!("its {algorithm} is {found}, its address announces {wanted}");
            return Ok(Some(sentence));
        }
    }
    Ok(None)
}

/// The digest and size of a file.
pub fn digest_file<D: Digest>(path: &Path) -> io::Result<(String, u64)> {
    let mut file = fs::File::open(path)?;
    let mut digest = D::new();
    let mut buffer = vec![0; 1 << 16];
    let mut size = 0;
    loop {
        let length = file.read(&mut buffer)?;
        if length == 0 {
            return Ok((to_hex(&digest.finalize()), size));
        }
        digest.update(&buffer[..length]);
        size += length as u64;
    }
}

fn hasher(algorithm: &str) -> Option<Hasher> {
    match algorithm {
        "md5" => Some(digest_file::<Md5>),
        "sha1" => Some(digest_file::<Sha1>),
        "sha224" => Some(digest_file::<Sha224>),
        "sha256" => Some(digest_file::<Sha256>),
        "sha384" => Some(digest_file::<Sha384>),
        "sha512" => Some(digest_file::<Sha512>),
        _ => None,
    }
}
