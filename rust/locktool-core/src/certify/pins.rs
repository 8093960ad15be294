//! Pins that today's requirements rule out: of all that is stale, what a person has to know first.

use super::StaleReason;
use crate::lock::LockedDocument;
use crate::manifest::{Manifest, ManifestError, ManifestRecord};
use crate::name::PackageName;
use crate::requirement::Requirement;
use crate::version::Version;

/// Pins that today's own requirements rule out: the difference a user has to know of first.
pub(super) fn outside_of_bounds(
    document: &LockedDocument,
    recorded: &ManifestRecord,
    today: &ManifestRecord,
) -> Result<Vec<StaleReason>, ManifestError> {
    if recorded.members == today.members {
        return Ok(Vec::new());
    }
    let today = Manifest::from_record(today)?;
    let pins: Vec<(PackageName, Version)> = document
        .packages
        .iter()
        .filter_map(|package| {
            let version = package.version.as_deref()?.parse().ok()?;
            Some((PackageName::parse(&package.name).ok()?, version))
        })
        .collect();
    let universe = today.universe();
    let mut reasons = Vec::new();
    let required = today.members.iter().flat_map(|member| {
        let requirements = member.requirements();
        let parent = member.as_parent();
        let today = &today;
        requirements.flat_map(move |(_, requirement)| {
            let conditioned = Requirement {
                marker: today.applies(requirement, &[], parent),
                ..requirement.clone()
            };
            today.effective(&conditioned, parent)
        })
    });
    for requirement in required {
        let mut locked = pins
            .iter()
            .filter(|(name, _)| *name == requirement.name)
            .map(|(_, version)| *version)
            .peekable();
        if requirement.marker.is_disjoint(universe) {
            continue;
        }
        let Some(first) = locked.peek().copied() else {
            continue;
        };
        if !locked.any(|version| requirement.specifiers().contains(version)) {
            let message = format!(
                "`{requirement}` does not admit the locked {} {first}",
                requirement.name
            );
            reasons.push(StaleReason::inputs(
                "pin-outside-bounds",
                requirement.name.as_str(),
                message,
            ));
        }
    }
    reasons.dedup();
    Ok(reasons)
}
