//! File names of distributions: which version of the expected package a file holds, and for which environments.
//!
//! Follows the binary and the source distribution format specifications as `packaging.utils` reads them, and is
//! stricter where a name could do harm: no separators of paths, no control characters, no more than 255 bytes.

use memchr::memchr_iter;

use crate::distribution::tag::{TagSets, WheelTags};
use crate::name::PackageName;
use crate::version::Version;

/// File systems hold no longer name, so no installer could save such a file.
const LENGTH_LIMIT: usize = 255;

/// Endings of files that an index lists beside distributions or that installers dropped long ago.
const OTHER_FILES: [&str; 8] = [
    ".egg",
    ".exe",
    ".msi",
    ".rpm",
    ".deb",
    ".dmg",
    ".asc",
    ".metadata",
];

/// Archives that old sdists came in and the specification no longer allows.
const OTHER_ARCHIVES: [&str; 7] = [
    ".tar.bz2",
    ".tar.xz",
    ".tar.z",
    ".tgz",
    ".tbz",
    ".tar.lzma",
    ".tar",
];

/// A file of a release, read from its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DistributionFilename {
    /// `numpy-2.4.6-cp312-cp312-win_amd64.whl`
    Wheel {
        version: Version,
        /// `1build2` in `foo-1.0-1build2-py3-none-any.whl`.
        build: Option<BuildTag>,
        tags: WheelTags,
    },
    /// `numpy-2.4.6.tar.gz`
    Sdist {
        version: Version,
        extension: SdistExtension,
    },
}

/// The archive that a source distribution is packed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SdistExtension {
    /// `.tar.gz`, the one of the specification
    TarGz,
    /// `.zip`, allowed before PEP 625
    Zip,
}

/// A wheel's build tag: it orders rebuilds of one version, by number and then by the text after it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BuildTag {
    pub number: u64,
    pub text: Box<str>,
}

/// Why a file name does not name a distribution of the expected package.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{filename:?}: {reason}")]
pub struct InvalidFilename {
    pub filename: String,
    pub reason: InvalidReason,
}

impl InvalidFilename {
    /// Whether the file is simply not a distribution (an egg, an installer, a signature) and needs no mention.
    pub fn is_other_file(&self) -> bool {
        self.reason == InvalidReason::OtherFile
    }
}

/// What is wrong with a file name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidReason {
    /// `foo-1.0-py2.7.egg`
    #[error("not a wheel or a source distribution")]
    OtherFile,
    /// `foo-1.0.tar.bz2`
    #[error("source distributions come as .tar.gz or .zip, not as {extension}")]
    UnsupportedArchive { extension: &'static str },
    /// `../foo-1.0.tar.gz`
    #[error("a file name holds no path separator and no control character")]
    Path,
    /// a name of 300 bytes
    #[error("a file name has at most {LENGTH_LIMIT} bytes")]
    TooLong,
    /// `bar-1.0.tar.gz` among the files of `foo`
    #[error("the name is not that of {package}")]
    OtherPackage { package: PackageName },
    /// `foo-1.0-any.whl`
    #[error(
        "a wheel's name has the parts name, version, build (optional), Python, ABI and platform"
    )]
    Parts,
    /// `foo-one-py3-none-any.whl`
    #[error("{text:?} is not a version")]
    Version { text: String },
    /// `foo-1.0-x-py3-none-any.whl`
    #[error("a build tag starts with a number")]
    Build,
    /// `foo-1.0-py3-none-.whl`
    #[error("{text:?} is not a set of compatibility tags")]
    Tags { text: String },
}

impl DistributionFilename {
    /// Reads the name of a file that is listed for `package`.
    pub fn parse(filename: &str, package: PackageName) -> Result<Self, InvalidFilename> {
        let parts = parts(filename, package).map_err(|reason| InvalidFilename {
            filename: filename.to_owned(),
            reason,
        })?;
        Ok(match parts {
            Parts::Wheel(parts) => Self::Wheel {
                version: parts.version,
                build: parts.build.map(|(number, text)| BuildTag {
                    number,
                    text: text.into(),
                }),
                tags: parts.tags.into(),
            },
            Parts::Sdist { version, extension } => Self::Sdist { version, extension },
        })
    }

    /// The version of a file that is listed for `package`, where its name is that of a distribution: a page has thousands.
    pub fn version_of(filename: &str, package: PackageName) -> Result<Version, InvalidFilename> {
        match parts(filename, package) {
            Ok(Parts::Wheel(WheelParts { version, .. }) | Parts::Sdist { version, .. }) => {
                Ok(version)
            }
            Err(reason) => Err(InvalidFilename {
                filename: filename.to_owned(),
                reason,
            }),
        }
    }

    pub fn version(&self) -> Version {
        match self {
            Self::Wheel { version, .. } | Self::Sdist { version, .. } => *version,
        }
    }

    pub fn is_wheel(&self) -> bool {
        matches!(self, Self::Wheel { .. })
    }
}

/// The parts of a name that is one of the package, each as it is written where it takes memory to keep.
enum Parts<'n> {
    Wheel(WheelParts<'n>),
    Sdist {
        version: Version,
        extension: SdistExtension,
    },
}

struct WheelParts<'n> {
    version: Version,
    build: Option<(u64, &'n str)>,
    tags: TagSets<'n>,
}

fn parts(filename: &str, package: PackageName) -> Result<Parts<'_>, InvalidReason> {
    if filename.len() > LENGTH_LIMIT {
        return Err(InvalidReason::TooLong);
    }
    // A colon would name a drive or a second stream of a file on Windows. No early end: many bytes are compared at once.
    let is_refused = |byte: u8| byte.is_ascii_control() || matches!(byte, b'/' | b'\\' | b':');
    let bytes = filename.bytes();
    if bytes.fold(false, |found, byte| found | is_refused(byte))
        || !filename.is_ascii() && filename.contains(char::is_control)
    {
        return Err(InvalidReason::Path);
    }
    if let Some(stem) = filename.strip_suffix(".whl") {
        return wheel_parts(stem, package).map(Parts::Wheel);
    }
    if let Some(stem) = filename.strip_suffix(".tar.gz") {
        return sdist_parts(stem, package, SdistExtension::TarGz);
    }
    if let Some(stem) = filename.strip_suffix(".zip") {
        return sdist_parts(stem, package, SdistExtension::Zip);
    }
    let lower = filename.to_ascii_lowercase();
    if OTHER_FILES.iter().any(|ending| lower.ends_with(ending)) {
        return Err(InvalidReason::OtherFile);
    }
    match OTHER_ARCHIVES
        .into_iter()
        .find(|ending| lower.ends_with(ending))
    {
        Some(extension) => Err(InvalidReason::UnsupportedArchive { extension }),
        None => Err(InvalidReason::OtherFile),
    }
}

fn wheel_parts(stem: &str, package: PackageName) -> Result<WheelParts<'_>, InvalidReason> {
    let mut dashes = memchr_iter(b'-', stem.as_bytes());
    let mut rest = 0;
    let mut next = || {
        let dash = dashes.next()?;
        let part = &stem[rest..dash];
        rest = dash + 1;
        Some(part)
    };
    let parts = [next(), next(), next(), next(), next(), next()];
    let last = &stem[rest..];
    let (name, version, build, tags) = match parts {
        [Some(name), Some(version), Some(python), Some(abi), None, _] => {
            (name, version, None, [python, abi, last])
        }
        [
            Some(name),
            Some(version),
            build,
            Some(python),
            Some(abi),
            None,
        ] => (name, version, build, [python, abi, last]),
        _ => return Err(InvalidReason::Parts),
    };
    if name.contains("__") || !normalises_to(name, package) {
        return Err(InvalidReason::OtherPackage { package });
    }
    let version = parse_version(version)?;
    let build = build.map(parse_build).transpose()?;
    let tags = TagSets::new(tags).ok_or_else(|| InvalidReason::Tags {
        text: tags.join("-"),
    })?;
    Ok(WheelParts {
        version,
        build,
        tags,
    })
}

/// Splits where the package's name ends: old sdists have versions with a dash (`foo-1.0-1`, which is 1.0.post1).
fn sdist_parts(
    stem: &str,
    package: PackageName,
    extension: SdistExtension,
) -> Result<Parts<'_>, InvalidReason> {
    let splits = stem
        .match_indices('-')
        .map(|(dash, _)| (&stem[..dash], &stem[dash + 1..]));
    let mut misfit = InvalidReason::OtherPackage { package };
    for (name, version) in splits {
        if normalises_to(name, package) {
            match parse_version(version) {
                Ok(version) => return Ok(Parts::Sdist { version, extension }),
                Err(reason) => misfit = reason,
            }
        }
    }
    Err(misfit)
}

fn parse_version(text: &str) -> Result<Version, InvalidReason> {
    text.parse().map_err(|_| InvalidReason::Version {
        text: text.to_owned(),
    })
}

fn parse_build(text: &str) -> Result<(u64, &str), InvalidReason> {
    let end = text
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(text.len());
    let number = text[..end].parse().map_err(|_| InvalidReason::Build)?;
    Ok((number, &text[end..]))
}

/// Whether the text normalises to the name, without making a name of whatever an index lists.
fn normalises_to(text: &str, package: PackageName) -> bool {
    let mut expected = package.as_str().bytes();
    let mut after_separator = false;
    for byte in text.bytes() {
        let separator = matches!(byte, b'-' | b'_' | b'.');
        if separator && after_separator {
            continue;
        }
        after_separator = separator;
        let normal = if separator {
            b'-'
        } else {
            byte.to_ascii_lowercase()
        };
        if expected.next() != Some(normal) {
            return false;
        }
    }
    expected.next().is_none()
}
