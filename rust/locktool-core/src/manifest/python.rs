//! The environments that a requires-python admits, as markers.

use crate::marker::Marker;
use crate::version::{Bound, Number, SpecifierSet, Version, VersionRange};

/// The environments whose interpreter a requires-python admits, as installers ask: an interpreter that is a pre-release counts
/// as the release it leads to.
pub fn python_supported(requires_python: &SpecifierSet) -> Marker {
    let range = requires_python.range();
    let admitted = range
        .segments()
        .fold(VersionRange::empty(), |known, segment| {
            let above = segment
                .lower
                .map_or_else(VersionRange::full, from_prereleases);
            let below = segment
                .upper
                .map_or_else(VersionRange::full, VersionRange::below);
            known.union(&above.intersection(&below))
        });
    Marker::from_python_range(&admitted)
}

/// The environments at or above the lowest Python that a requires-python admits.
///
/// Upper bounds are not read: they are guesses about Pythons that did not exist, and honouring them picks releases from before
/// their authors began to write them. One that leaves no Python 3 is no guess (`>=2.6,<3`), and neither is one that leaves
/// none of the environments that may install a lock.
pub fn python_lower_bound(requires_python: &SpecifierSet, installable: Marker) -> Marker {
    let range = requires_python.range();
    let python_3 = from_prereleases(Bound::Before(Version::from_release(&[3])));
    let whole = python_supported(requires_python);
    if range.intersection(&python_3).is_empty() || whole.is_disjoint(installable) {
        return whole;
    }
    match range.lower_bound() {
        Some(bound) => Marker::from_python_range(&from_prereleases(bound)),
        None => Marker::TRUE,
    }
}

/// Everything above a bound, with the pre-releases of the final release it stands before.
fn from_prereleases(bound: Bound) -> VersionRange {
    match bound {
        Bound::Before(version) if !version.is_prerelease() && !version.is_postrelease() => {
            let mut parts = version.parts();
            parts.dev = Some(Number::ZERO);
            VersionRange::above(Bound::Before(Version::from_parts(parts)))
        }
        _ => VersionRange::above(bound),
    }
}
