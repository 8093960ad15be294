//! Names that have an address or an index of their own, and where that applies: a name is from one place, whoever requires it.
//!
//! The project gives addresses by its requirements, sources, overrides and constraints. What has an address gives further ones in turn:
//! a directory or a repository says where its own requirements come from.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::package::Origin;
use crate::manifest::{Manifest, Parent, Sourced};
use crate::marker::Marker;
use crate::name::PackageName;
use crate::requirement::{Requirement, RequirementSource};
use crate::source::PackageSource;

/// A name and the address that it has.
type Addressed = (PackageName, Arc<str>);

/// The names with a place of their own.
pub(super) struct Elsewhere {
    places: BTreeMap<PackageName, Vec<(Origin, Marker)>>,
}

impl Elsewhere {
    /// Gathers the places that the project gives, and those that what it gives addresses for gives.
    pub fn of(source: &dyn PackageSource, manifest: &Manifest, universe: Marker) -> Self {
        let mut gathering = Gathering {
            source,
            manifest,
            universe,
            places: BTreeMap::new(),
        };
        gathering.note_project();
        gathering.note_trees();
        Self {
            places: gathering.places,
        }
    }

    /// The places of a name, each where it applies.
    pub fn of_name(&self, name: PackageName) -> impl Iterator<Item = &(Origin, Marker)> {
        self.places.get(&name).into_iter().flatten()
    }
}

struct Gathering<'run> {
    source: &'run dyn PackageSource,
    manifest: &'run Manifest,
    universe: Marker,
    places: BTreeMap<PackageName, Vec<(Origin, Marker)>>,
}

impl Gathering<'_> {
    fn note_project(&mut self) {
        let manifest = self.manifest;
        let reach = manifest.extra_reach();
        for (place, member) in manifest.members.iter().enumerate() {
            for (part, requirement) in member.requirements() {
                let parent = member.as_parent();
                for sourced in manifest.sourced(requirement, part, parent) {
                    self.note(&sourced, reach.of(place, part), parent);
                }
            }
        }
        for requirement in manifest.overrides.iter().chain(&manifest.constraints) {
            self.note(&plain(requirement.clone()), Marker::TRUE, Parent::default());
        }
    }

    fn note(&mut self, sourced: &Sourced, condition: Marker, parent: Parent) {
        let requirement = &sourced.requirement;
        let origin = match (&requirement.source, &sourced.index) {
            (RequirementSource::Url(address), _) => Origin::Direct(address.as_str().into()),
            (_, Some(index)) => Origin::Named(Arc::clone(index)),
            _ => return,
        };
        let conditioned = Requirement {
            marker: requirement.marker.with_extras(&[]).and(condition),
            ..requirement.clone()
        };
        let effective = self.manifest.effective(&conditioned, parent).into_iter();
        let effective = effective.map(|one| one.marker).reduce(Marker::or);
        // What is excluded here may be required elsewhere, and is from the same place there.
        let marker = effective.unwrap_or(conditioned.marker);
        let places = self.places.entry(requirement.name).or_default();
        match places.iter_mut().find(|(known, _)| *known == origin) {
            Some((_, known)) => *known = known.or(marker),
            None => places.push((origin, marker)),
        }
    }

    /// Notes what trees give until nothing is left to read. What cannot be read is told when it is required.
    fn note_trees(&mut self) {
        let mut read: BTreeMap<Addressed, Marker> = BTreeMap::new();
        loop {
            let unread = self
                .addressed()
                .into_iter()
                .find(|(place, marker)| read.get(place) != Some(marker));
            let Some((place, marker)) = unread else {
                return;
            };
            read.insert(place.clone(), marker);
            self.note_tree(place, marker);
        }
    }

    fn addressed(&self) -> Vec<(Addressed, Marker)> {
        let mut found = Vec::new();
        for (name, places) in &self.places {
            for (origin, marker) in places {
                if let Origin::Direct(address) = origin {
                    found.push(((*name, Arc::clone(address)), *marker));
                }
            }
        }
        found
    }

    fn note_tree(&mut self, (name, address): Addressed, condition: Marker) {
        let mut members = self.manifest.members.iter();
        let is_member = members.any(|one| one.name == Some(name) && one.path == *address);
        if is_member || condition.is_disjoint(self.universe) {
            return;
        }
        let Ok(listing) = self.source.direct(name, &address) else {
            return;
        };
        let Ok(metadata) = self.source.metadata(&listing, 0) else {
            return;
        };
        let parent = Parent {
            name: Some(name),
            version: listing.releases.first().map(|release| release.version),
        };
        let addressed = metadata.requires_dist.iter();
        for requirement in addressed.filter(|one| one.url().is_some()) {
            let marker = requirement.marker.with_extras(&metadata.provides_extras);
            let requirement = Requirement {
                marker,
                ..requirement.clone()
            };
            self.note(&plain(requirement), condition, parent);
        }
    }
}

fn plain(requirement: Requirement) -> Sourced {
    Sourced {
        requirement,
        index: None,
        written: None,
    }
}
