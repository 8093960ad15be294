//! Metadata that the project states in place of what packages publish, and the packages whose code may run to make metadata.

use std::sync::Arc;

use crate::manifest::{Names, Settings, StatedMetadata};
use crate::name::PackageName;
use crate::source::{Listing, ReleaseMetadata, SourceError};
use crate::version::Version;

/// What a project says of metadata and builds.
#[derive(Clone, Debug, Default)]
pub struct StatedBuilds {
    metadata: Vec<StatedMetadata>,
    /// All packages where it is `None`.
    allowed: Option<Names>,
}

impl StatedBuilds {
    pub fn of(settings: &Settings) -> Self {
        Self {
            metadata: settings.dependency_metadata.clone().unwrap_or_default(),
            allowed: settings
                .allow_build
                .clone()
                .filter(|names| !names.0.is_empty()),
        }
    }

    /// The metadata that is stated of a version of a package, or of the only one where the version is not known.
    pub fn metadata(
        &self,
        package: PackageName,
        version: Option<Version>,
    ) -> Option<Result<ReleaseMetadata, SourceError>> {
        let stated = StatedMetadata::of(&self.metadata, package, version)?;
        Some(read(stated).map_err(|reason| SourceError::Unusable { reason }))
    }

    /// That of a release of a listing.
    pub fn of_release(
        &self,
        listing: &Listing,
        release: usize,
    ) -> Option<Result<Arc<ReleaseMetadata>, SourceError>> {
        if self.metadata.is_empty() {
            return None;
        }
        let version = listing.releases[release].version;
        let metadata = self.metadata(listing.package, Some(version))?;
        Some(metadata.map(Arc::new))
    }

    /// The version and metadata that are stated of a source whose version may not be known.
    pub fn of_source(
        &self,
        package: PackageName,
        version: Option<Version>,
    ) -> Option<Result<(Version, ReleaseMetadata), SourceError>> {
        let stated = StatedMetadata::of(&self.metadata, package, version)?;
        let said = stated.version.as_deref().and_then(|text| text.parse().ok());
        let version = version.or(said)?;
        let metadata = read(stated).map_err(|reason| SourceError::Unusable { reason });
        Some(metadata.map(|metadata| (version, metadata)))
    }

    /// Refuses to build a package that is not among those whose code may run.
    pub fn refuse(&self, package: PackageName) -> Result<(), String> {
        match &self.allowed {
            Some(names) if !names.contains(package) => Err(format!(
                "its code would run, and allow-build does not name {package}; add it there, or state its metadata under \
                 dependency-metadata"
            )),
            _ => Ok(()),
        }
    }
}

fn read(stated: &StatedMetadata) -> Result<ReleaseMetadata, String> {
    Ok(ReleaseMetadata {
        requires_dist: stated.requirements()?,
        requires_python: stated.python()?.map(Arc::new),
        provides_extras: stated.provides_extra.clone(),
        build_requires: None,
    })
}
