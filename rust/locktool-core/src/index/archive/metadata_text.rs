//! METADATA of a distribution, read and compared with what its file name says.

use std::sync::Arc;

use crate::metadata::Metadata;
use crate::name::PackageName;
use crate::source::ReleaseMetadata;
use crate::version::Version;

/// What a distribution has to be about.
#[derive(Clone, Copy, Debug)]
pub struct Expected {
    pub package: PackageName,
    pub version: Option<Version>,
}

/// Reads METADATA and checks that it is about what the file name says.
pub fn read_metadata(
    text: &[u8],
    expected: Expected,
) -> Result<(Version, ReleaseMetadata), String> {
    let (version, metadata) = read_metadata_of_tree(text, expected)?;
    Ok((version, metadata.without_credentials()))
}

/// Reads what the build of a directory says, as it says it.
pub fn read_metadata_of_tree(
    text: &[u8],
    expected: Expected,
) -> Result<(Version, ReleaseMetadata), String> {
    let metadata = Metadata::parse(text).map_err(|error| error.to_string())?;
    check_identity(&metadata, expected)?;
    Ok((metadata.version, release_metadata(metadata)))
}

pub fn check_identity(metadata: &Metadata, expected: Expected) -> Result<(), String> {
    if metadata.name != expected.package {
        return Err(format!("its metadata is that of {}", metadata.name));
    }
    match expected.version {
        // A local label added by whoever rebuilt the wheel is not a contradiction.
        Some(version) if metadata.version != version && metadata.version != version.public() => {
            Err(format!(
                "its metadata is that of version {}",
                metadata.version
            ))
        }
        _ => Ok(()),
    }
}

pub fn release_metadata(metadata: Metadata) -> ReleaseMetadata {
    ReleaseMetadata {
        requires_dist: metadata.requires_dist,
        requires_python: metadata.requires_python.map(Arc::new),
        provides_extras: metadata.provides_extra,
        build_requires: None,
    }
}
