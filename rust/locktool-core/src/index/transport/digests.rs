//! The digests of a file: computed in one pass while it is read, and compared with those that its address or its index announces.

use std::fmt;
use std::fs;
use std::io::{self, Read};
use std::path::Path;

use md5::Md5;
use sha1::Sha1;
use sha2::digest::DynDigest;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use crate::cache::to_hex;
use crate::distribution::hash::{MalformedDigest, is_digest};

/// Algorithms with their digests: `("sha512", "…")`
pub type Digests = Vec<(String, String)>;

/// The digests of a fragment, `sha256=…&egg=a`, that are compared with the file: those of the algorithms that pip compares too.
///
/// # Errors
/// When what stands for a digest is none.
pub fn announced(fragment: &str) -> Result<Digests, MalformedDigest> {
    let mut digests = Digests::new();
    for (name, digest) in fragment.split('&').filter_map(|part| part.split_once('=')) {
        let (algorithm, digest) = (name.to_ascii_lowercase(), digest.to_ascii_lowercase());
        if hasher(&algorithm).is_none() {
            continue;
        }
        if is_digest(&algorithm, &digest) == Some(false) {
            return Err(MalformedDigest::new(&algorithm, &digest));
        }
        digests.push((algorithm, digest));
    }
    digests.sort();
    digests.dedup();
    Ok(digests)
}

/// Computes the SHA-256 of a file, and the digests that are announced of it.
pub struct Hashing<'a> {
    sha256: Sha256,
    others: Vec<Compared<'a>>,
    announced_sha256: Vec<&'a str>,
    size: u64,
}

/// A digest that a file must have.
struct Compared<'a> {
    algorithm: &'a str,
    announced: &'a str,
    hasher: Box<dyn DynDigest + Send>,
}

/// What was computed.
pub struct Hashed {
    pub sha256: String,
    pub size: u64,
    /// The first announced digest that the file does not have.
    pub mismatch: Option<DigestMismatch>,
}

/// A file has another digest than its index or its address announces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DigestMismatch {
    pub algorithm: String,
    pub found: String,
    pub announced: String,
}

impl fmt::Display for DigestMismatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            algorithm,
            found,
            announced,
        } = self;
        let algorithm = if algorithm == "sha256" {
            "SHA-256"
        } else {
            algorithm
        };
        write!(
            formatter,
            "its {algorithm} is {found}, and {announced} is announced"
        )
    }
}

impl<'a> Hashing<'a> {
    pub fn new(announced: &'a [(String, String)]) -> Self {
        let others = announced.iter().filter_map(|(algorithm, announced)| {
            Some(Compared {
                algorithm,
                announced,
                hasher: hasher(algorithm).filter(|_| algorithm != "sha256")?,
            })
        });
        let sha256 = announced.iter().filter(|(name, _)| name == "sha256");
        Self {
            sha256: Sha256::new(),
            others: others.collect(),
            announced_sha256: sha256.map(|(_, digest)| digest.as_str()).collect(),
            size: 0,
        }
    }

    pub fn update(&mut self, bytes: &[u8]) {
        Digest::update(&mut self.sha256, bytes);
        for other in &mut self.others {
            other.hasher.update(bytes);
        }
        self.size += bytes.len() as u64;
    }

    pub fn finish(self) -> Hashed {
        let sha256 = to_hex(&self.sha256.finalize());
        let of_sha256 = self.announced_sha256.iter();
        let of_sha256 = of_sha256.map(|announced| ("sha256", sha256.clone(), *announced));
        let of_others = self.others.into_iter().map(|one| {
            let found = to_hex(&one.hasher.finalize());
            (one.algorithm, found, one.announced)
        });
        let mut compared = of_sha256.chain(of_others);
        let mismatch = compared
            .find(|(_, found, announced)| found != announced)
            .map(|(algorithm, found, announced)| DigestMismatch {
                algorithm: algorithm.to_owned(),
                found,
                announced: announced.to_owned(),
            });
        Hashed {
            size: self.size,
            mismatch,
            sha256,
        }
    }
}

/// Hashes a file of this machine.
pub fn hash_file(path: &Path, announced: &[(String, String)]) -> io::Result<Hashed> {
    let mut file = fs::File::open(path)?;
    let mut hashing = Hashing::new(announced);
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hashing.finish()),
            length => hashing.update(&buffer[..length]),
        }
    }
}

fn hasher(algorithm: &str) -> Option<Box<dyn DynDigest + Send>> {
    Some(match algorithm {
        "md5" => Box::new(Md5::default()),
        "sha1" => Box::new(Sha1::default()),
        "sha224" => Box::new(Sha224::default()),
        "sha256" => Box::new(Sha256::default()),
        "sha384" => Box::new(Sha384::default()),
        "sha512" => Box::new(Sha512::default()),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fragment_announces_digests_beside_other_things() {
        let md5 = "D41D8CD98F00B204E9800998ECF8427E";
        let found = announced(&format!("egg=a&md5={md5}&blake2b=00")).expect("digests");
        assert_eq!(found, [("md5".to_owned(), md5.to_ascii_lowercase())]);
    }

    #[test]
    fn what_is_no_digest_is_refused() {
        for malformed in ["sha256=00", "md5=", "SHA1=xyz", "sha512=zz"] {
            let reason = announced(malformed).expect_err("no digest").to_string();
            assert!(reason.contains("hexadecimal digits"), "{reason}");
        }
    }

    #[test]
    fn the_first_difference_is_said() {
        let empty = |text: &str| {
            let announced = announced(text).expect("digests");
            let mismatch = Hashing::new(&announced).finish().mismatch;
            mismatch.map(|mismatch| mismatch.to_string())
        };
        assert_eq!(empty("md5=d41d8cd98f00b204e9800998ecf8427e"), None);
        let difference = empty(&format!("sha256={}", "0".repeat(64))).expect("another digest");
        assert!(
            difference.starts_with("its SHA-256 is e3b0c442"),
            "{difference}"
        );
    }
}
