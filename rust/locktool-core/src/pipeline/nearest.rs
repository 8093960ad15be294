//! The release next to one that cannot be built which states what it requires: a guess for whoever has to state it by hand.

use std::sync::Arc;

use super::RunError;
use crate::index::{Client, ClientOptions};
use crate::manifest::{Manifest, ManifestRecord};
use crate::name::PackageName;
use crate::requirement::Requirement;
use crate::source::{PackageSource, Progress};
use crate::version::Version;

/// So many releases are read at most, each a request.
const MOST_READ: usize = 3;

/// The nearest release of a package whose metadata needs no build, and what it requires. Of two that are as near the newer one.
///
/// # Errors
/// When the manifest is not well formed, or no index answers.
pub fn nearest_stated(
    record: &ManifestRecord,
    (package, version): (PackageName, Version),
    options: ClientOptions,
    progress: &Arc<Progress>,
) -> Result<Option<(Version, Vec<Requirement>)>, RunError> {
    let manifest = Manifest::from_record(record)?;
    let client = Client::new(options, Arc::clone(progress))?;
    let listing = client.listing(package)?;
    let cutoff = manifest.cutoff_of(package, &listing.index);
    let place = listing
        .releases
        .partition_point(|one| one.version < version);
    let others = listing.releases.iter().enumerate().filter(|(_, one)| {
        one.version != version
            && !one.yanked
            && cutoff.is_none_or(|cutoff| one.upload_time.is_some_and(|time| time < cutoff))
    });
    let mut nearest: Vec<usize> = others.map(|(number, _)| number).collect();
    nearest.sort_by_key(|number| (number.abs_diff(place), *number < place));
    let read = nearest.into_iter().take(MOST_READ).find_map(|number| {
        let metadata = client.metadata(&listing, number).ok()?;
        Some((
            listing.releases[number].version,
            metadata.requires_dist.clone(),
        ))
    });
    client.write_back();
    Ok(read)
}
