//! A source whose releases require nothing: for a run that pins what is asked for and not what follows from it.

use std::sync::Arc;

use crate::name::PackageName;
use crate::source::{Listing, Notice, PackageSource, ReleaseMetadata, SourceError};

/// Another source, with empty lists of requirements.
pub(super) struct WithoutDependencies<'source>(pub &'source dyn PackageSource);

impl PackageSource for WithoutDependencies<'_> {
    fn listing(&self, package: PackageName) -> Result<Arc<Listing>, SourceError> {
        self.0.listing(package)
    }

    fn listing_on(&self, package: PackageName, index: &str) -> Result<Arc<Listing>, SourceError> {
        self.0.listing_on(package, index)
    }

    fn metadata(
        &self,
        listing: &Arc<Listing>,
        release: usize,
    ) -> Result<Arc<ReleaseMetadata>, SourceError> {
        let metadata = self.0.metadata(listing, release)?;
        Ok(Arc::new(ReleaseMetadata {
            requires_dist: Vec::new(),
            requires_python: metadata.requires_python.clone(),
            provides_extras: metadata.provides_extras.clone(),
            build_requires: metadata.build_requires.clone(),
        }))
    }

    fn direct(&self, package: PackageName, url: &str) -> Result<Arc<Listing>, SourceError> {
        self.0.direct(package, url)
    }

    fn prefetch_listing(&self, package: PackageName) {
        self.0.prefetch_listing(package);
    }

    fn prefetch_metadata(&self, listing: &Arc<Listing>, release: usize) {
        self.0.prefetch_metadata(listing, release);
    }

    fn withdraw_metadata(&self, listing: &Arc<Listing>, release: usize) {
        self.0.withdraw_metadata(listing, release);
    }

    fn is_known(&self, listing: &Arc<Listing>, release: usize) -> bool {
        self.0.is_known(listing, release)
    }

    fn notify_of_listing(&self, package: PackageName, notice: Notice) {
        self.0.notify_of_listing(package, notice);
    }

    fn notify_of_metadata(&self, listing: &Arc<Listing>, release: usize, notice: Notice) {
        self.0.notify_of_metadata(listing, release, notice);
    }

    fn concurrency(&self) -> usize {
        self.0.concurrency()
    }
}
