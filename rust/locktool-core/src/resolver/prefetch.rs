//! Asking the source ahead of need: the requests overlap, and nothing of it ever changes a resolution.
//!
//! ```text
//! walk     from the manifest along the first choices, before the search gets there, and from every version that it waits for
//! window   the next versions of a package whose versions keep being rejected, more of them each time
//! probes   several versions that are read one after the other, until one of them decides
//! ```
//! What a cache already has is read without asking ahead of it: a warm run asks for nothing that the run before did not need.

mod walk;
mod window;

use std::sync::Arc;

use crate::solver::Rank;
use crate::source::{Listing, PackageSource};

pub(super) use walk::{WalkQueue, while_walking_ahead};
pub(super) use window::{Tried, Windows};

/// Asks for the metadata of versions that are read in this order, unless that of the first is known.
pub(super) fn ask_ahead_of_probes(
    source: &dyn PackageSource,
    listing: &Arc<Listing>,
    probes: &[Rank],
) {
    let is_known = |rank: &Rank| source.is_known(listing, *rank as usize);
    if probes.first().is_none_or(is_known) {
        return;
    }
    for rank in probes {
        source.prefetch_metadata(listing, *rank as usize);
    }
}
