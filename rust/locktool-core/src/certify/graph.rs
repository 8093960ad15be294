//! Soundness: the markers and edges of a lock, derived again from the requirements it records.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::{FxHashMap, FxHashSet};

use super::edges::{Edge, edge_difference, parse_edge};
use super::origin::{comes_from, is_same_index};
use super::{StaleReason, block, title};
use crate::locked::{LockedDocument, LockedPackage};
use crate::manifest::{Manifest, Member, Parent, python_lower_bound};
use crate::marker::Marker;
use crate::name::{ExtraName, PackageName};
use crate::requirement::{Requirement, RequirementSource};
use crate::version::{SpecifierSet, Version};

/// One entry of the lock, or a member that has none because it is not installed.
struct Entry<'a> {
    name: PackageName,
    version: Option<Version>,
    /// The marker as the lock states it, within the environments of the lock.
    stated: Marker,
    /// The marker as written, in and outside of these environments.
    written: Marker,
    requirements: Vec<Requirement>,
    member: Option<&'a Member>,
    package: Option<&'a LockedPackage>,
    /// The environments that were found to need the entry, and each of its extras.
    reach: Marker,
    extras: BTreeMap<ExtraName, Marker>,
    dependencies: BTreeSet<Edge>,
    /// A requirement gives the address that the entry is from.
    is_asked_by_address: bool,
}

/// Who requires something: an entry, or the project itself, which has none.
#[derive(Clone, Copy)]
struct Requirer {
    place: Option<usize>,
    parent: Parent,
}

struct Graph<'a> {
    manifest: &'a Manifest,
    universe: Marker,
    entries: Vec<Entry<'a>>,
    by_name: FxHashMap<PackageName, Vec<usize>>,
    /// Entries that apply beside another of their name, which are judged no further.
    overlapping: FxHashSet<usize>,
    reasons: Vec<StaleReason>,
    /// The messages of the reasons, each once.
    reported: FxHashSet<String>,
}

/// More entries of a name than any project has forks: to tell so many apart takes longer than a check may.
const MOST_ENTRIES: usize = 1000;

/// Finds everything in the entries of a lock that does not follow from its recorded inputs.
pub(super) fn prove(document: &LockedDocument, manifest: &Manifest) -> Vec<StaleReason> {
    let mut graph = Graph {
        manifest,
        universe: manifest.universe(),
        entries: Vec::new(),
        by_name: FxHashMap::default(),
        overlapping: FxHashSet::default(),
        reasons: Vec::new(),
        reported: FxHashSet::default(),
    };
    for package in &document.packages {
        graph.add_entry(package);
    }
    graph.add_uninstalled_members();
    graph.check_disjoint();
    graph.walk();
    graph.compare();
    graph.reasons
}

impl Entry<'_> {
    fn as_parent(&self) -> Parent {
        self.member.map_or(
            Parent {
                name: Some(self.name),
                version: self.version,
            },
            Member::as_parent,
        )
    }
}

impl<'a> Graph<'a> {
    fn add_entry(&mut self, package: &'a LockedPackage) {
        let title = title(package);
        let Ok(name) = PackageName::parse(&package.name) else {
            return self.touched(
                "name-invalid",
                &title,
                format!("`{}` is not a package name", package.name),
            );
        };
        let version = match package
            .version
            .as_deref()
            .map(str::parse::<Version>)
            .transpose()
        {
            Ok(version) => version,
            Err(error) => return self.touched("version-invalid", &title, error.to_string()),
        };
        let stated = match package.marker.as_deref().map(Marker::parse).transpose() {
            Ok(marker) => marker.unwrap_or(Marker::TRUE),
            Err(error) => return self.touched("marker-invalid", &title, error.to_string()),
        };
        let mut requirements = Vec::new();
        for text in package.requires() {
            match text.parse() {
                Ok(requirement) => requirements.push(requirement),
                Err(error) => {
                    self.touched("requirement-invalid", &title, format!("{title}: {error}"));
                }
            }
        }
        let member = self
            .manifest
            .member(name)
            .filter(|_| package.directory.is_some());
        self.push(Entry {
            name,
            version,
            stated: stated.and(self.universe),
            written: stated,
            requirements,
            member,
            package: Some(package),
            reach: Marker::FALSE,
            extras: BTreeMap::new(),
            dependencies: BTreeSet::new(),
            is_asked_by_address: false,
        });
    }

    /// Members without a build system have no entry, yet what they require is required.
    fn add_uninstalled_members(&mut self) {
        let manifest = self.manifest;
        for member in &manifest.members {
            let Some(name) = member.name else { continue };
            if member.package && !self.by_name.contains_key(&name) {
                self.touched(
                    "entry-missing",
                    name.as_str(),
                    format!("the project's own package {name} has no entry"),
                );
            }
            if !self.by_name.contains_key(&name) {
                self.push(Entry {
                    name,
                    version: member.version,
                    stated: self.universe,
                    written: Marker::TRUE,
                    requirements: Vec::new(),
                    member: Some(member),
                    package: None,
                    reach: Marker::FALSE,
                    extras: BTreeMap::new(),
                    dependencies: BTreeSet::new(),
                    is_asked_by_address: false,
                });
            }
        }
    }

    fn push(&mut self, entry: Entry<'a>) {
        self.by_name
            .entry(entry.name)
            .or_default()
            .push(self.entries.len());
        self.entries.push(entry);
    }

    /// Two entries of a name may not apply together.
    fn check_disjoint(&mut self) {
        let mut names = Vec::new();
        for (name, places) in &mut self.by_name {
            let mut covered = Marker::FALSE;
            let known = self.overlapping.len();
            let number = places.len();
            let is_possible = number <= MOST_ENTRIES;
            places.retain(|place| {
                let stated = self.entries[*place].stated;
                let is_apart = covered.is_false() || is_possible && stated.is_disjoint(covered);
                if is_apart {
                    covered = covered.or(stated);
                } else {
                    self.overlapping.insert(*place);
                }
                is_apart
            });
            if self.overlapping.len() > known {
                names.push((*name, number));
            }
        }
        names.sort_unstable();
        for (name, number) in names {
            let message = if number > MOST_ENTRIES {
                format!(
                    "there are {number} entries of {name}, more than any project has environments"
                )
            } else {
                format!("two entries of {name} apply in the same environment")
            };
            self.touched("entries-overlap", name.as_str(), message);
        }
    }

    /// Derives where everything is needed, from the project outwards.
    fn walk(&mut self) {
        let manifest = self.manifest;
        let universe = self.universe;
        let mut changed = Vec::new();
        for member in &manifest.members {
            let own = Requirer {
                place: None,
                parent: member.as_parent(),
            };
            match member
                .name
                .and_then(|name| self.by_name.get(&name)?.first().copied())
            {
                Some(place) => {
                    let extras: Vec<ExtraName> = member.extras.keys().copied().collect();
                    self.reach(place, universe, &[], &mut changed);
                    for extra in extras {
                        let chosen = universe.and(Marker::in_extras(extra));
                        self.reach(place, chosen, &[extra], &mut changed);
                    }
                }
                None => {
                    for requirement in &member.dependencies {
                        self.require_own(own, requirement, universe, &mut changed);
                    }
                }
            }
            for (group, requirements) in &member.groups {
                let chosen = universe.and(Marker::in_groups(*group));
                for requirement in requirements {
                    self.require_own(own, requirement, chosen, &mut changed);
                }
            }
        }
        while let Some(place) = changed.pop() {
            self.expand(place, &mut changed);
        }
    }

    fn expand(&mut self, place: usize, changed: &mut Vec<usize>) {
        let reach = self.entries[place].reach;
        let from = Requirer {
            place: Some(place),
            parent: self.entries[place].as_parent(),
        };
        let extras: Vec<(ExtraName, Marker)> = self.entries[place]
            .extras
            .iter()
            .map(|(extra, marker)| (*extra, *marker))
            .collect();
        if let Some(member) = self.entries[place].member {
            for requirement in &member.dependencies {
                self.require_own(from, requirement, reach, changed);
            }
            for (extra, reach) in extras {
                for requirement in member.extras.get(&extra).into_iter().flatten() {
                    self.require_own(from, requirement, reach, changed);
                }
            }
            return;
        }
        let requirements = std::mem::take(&mut self.entries[place].requirements);
        for requirement in &requirements {
            let plain = requirement.marker.with_extras(&[]);
            let mut needed = plain.and(reach);
            for (extra, reach) in &extras {
                needed = needed.or(requirement.marker.with_extras(&[*extra]).and(*reach));
            }
            self.require((from, None), requirement, needed, changed);
        }
        self.entries[place].requirements = requirements;
    }

    /// A requirement of the project itself, which may have a source.
    fn require_own(
        &mut self,
        from: Requirer,
        requirement: &Requirement,
        condition: Marker,
        changed: &mut Vec<usize>,
    ) {
        for sourced in self.manifest.sourced(requirement, from.parent) {
            let requirement = &sourced.requirement;
            let needed = requirement.marker.with_extras(&[]).and(condition);
            self.require(
                (from, sourced.index.as_deref()),
                requirement,
                needed,
                changed,
            );
        }
    }

    /// Where `needed` holds, the requirement must be met by exactly one entry, which is from the index that a source gives.
    fn require(
        &mut self,
        (from, index): (Requirer, Option<&str>),
        requirement: &Requirement,
        needed: Marker,
        changed: &mut Vec<usize>,
    ) {
        if needed.is_false() {
            return;
        }
        let conditioned = Requirement {
            marker: needed,
            ..requirement.clone()
        };
        for effective in self.manifest.effective(&conditioned, from.parent) {
            let mut unmet = effective.marker;
            let places = self
                .by_name
                .get(&effective.name)
                .cloned()
                .unwrap_or_default();
            let is_forked = places.len() > 1;
            for place in places {
                let part = if is_forked {
                    effective.marker.and(self.entries[place].stated)
                } else {
                    effective.marker
                };
                if part.is_false() {
                    continue;
                }
                unmet = unmet.and(part.not());
                self.check_pin(from, &effective, place, part);
                self.check_origin(from, &effective, place);
                self.check_index(index, place);
                self.note_dependency(from.place, place, is_forked);
                self.reach(place, part, &[], changed);
                self.reach(place, part, &effective.extras, changed);
            }
            if !unmet.is_false() {
                self.report_unmet(from, &effective, unmet);
            }
        }
    }

    fn report_unmet(&mut self, from: Requirer, requirement: &Requirement, unmet: Marker) {
        let who = self.requirer(from);
        let name = requirement.name;
        let wanted = bare(requirement);
        let message = match unmet.to_text(self.universe) {
            Some(text) if self.by_name.contains_key(&name) => {
                format!("no entry of {name} meets `{wanted}` of {who} where {text}")
            }
            _ => format!("no entry meets `{wanted}`, which {who} requires"),
        };
        self.touched("requirement-unmet", name.as_str(), message);
    }

    fn check_pin(&mut self, from: Requirer, requirement: &Requirement, place: usize, part: Marker) {
        let entry = &self.entries[place];
        let name = entry.name;
        let Some(version) = entry.version else { return };
        if entry.member.is_some()
            && entry
                .package
                .is_some_and(|package| package.version.is_none())
        {
            return;
        }
        let wanted = |specifiers: &SpecifierSet| specifiers.contains(version);
        if let RequirementSource::Specifiers(specifiers) = &requirement.source
            && !wanted(specifiers)
        {
            let message = format!(
                "`{}` of {} does not admit {name} {version}",
                bare(requirement),
                self.requirer(from)
            );
            self.touched("requirement-unmet", name.as_str(), message);
        }
        for constraint in self.manifest.constraints_on(name, from.parent) {
            if !constraint.marker.is_disjoint(part) && !wanted(constraint.specifiers()) {
                let message =
                    format!("the constraint `{constraint}` does not admit {name} {version}");
                self.reasons.push(StaleReason::touched(
                    "constraint-unmet",
                    name.as_str(),
                    message,
                ));
            }
        }
    }

    /// What is required by its address must be from there.
    fn check_origin(&mut self, from: Requirer, requirement: &Requirement, place: usize) {
        let RequirementSource::Url(address) = &requirement.source else {
            return;
        };
        let Some(package) = self.entries[place].package else {
            return;
        };
        if comes_from(package, address) {
            self.entries[place].is_asked_by_address = true;
            return;
        }
        let message = format!(
            "{} is not from {address}, as {} requires",
            title(package),
            self.requirer(from)
        );
        self.touched("origin-changed", requirement.name.as_str(), message);
    }

    /// What a source sends to an index must be from there, if it is from any.
    fn check_index(&mut self, index: Option<&str>, place: usize) {
        let package = self.entries[place].package;
        let locked = package.and_then(|package| Some((package, package.index.as_deref()?)));
        if let (Some(index), Some((package, locked))) = (index, locked)
            && !is_same_index(index, locked)
        {
            let title = title(package);
            let message = format!("{title} is from {locked}, and its source is {index}");
            self.touched("index-changed", &title, message);
        }
    }

    /// What is from an address must be required by it, or constrained to it.
    fn has_origin(&self, entry: &Entry<'_>, package: &LockedPackage) -> bool {
        let is_direct =
            package.archive.is_some() || package.directory.is_some() || package.vcs.is_some();
        let is_constrained = || {
            self.manifest.constraints.iter().any(|constraint| {
                constraint.name == entry.name
                    && matches!(&constraint.source, RequirementSource::Url(address) if comes_from(package, address))
            })
        };
        !is_direct || entry.member.is_some() || entry.is_asked_by_address || is_constrained()
    }

    fn requirer(&self, from: Requirer) -> String {
        match from.place {
            Some(place) => self.entries[place].name.to_string(),
            None => "the project".to_owned(),
        }
    }

    fn note_dependency(&mut self, from: Option<usize>, target: usize, is_forked: bool) {
        let Some(from) = from.filter(|from| *from != target) else {
            return;
        };
        if self.entries[target].package.is_none() {
            return;
        }
        let version = self.entries[target].version.filter(|_| is_forked);
        let name = self.entries[target].name;
        self.entries[from].dependencies.insert((name, version));
    }

    /// Widens where an entry, and extras of it, are needed.
    fn reach(
        &mut self,
        place: usize,
        needed: Marker,
        extras: &[ExtraName],
        changed: &mut Vec<usize>,
    ) {
        let entry = &mut self.entries[place];
        let mut grew = false;
        let widened = entry.reach.or(needed);
        if widened != entry.reach {
            entry.reach = widened;
            grew = true;
        }
        for extra in extras {
            let known = entry.extras.entry(*extra).or_insert(Marker::FALSE);
            let widened = known.or(needed);
            if widened != *known {
                *known = widened;
                grew = true;
            }
        }
        if grew && !changed.contains(&place) {
            changed.push(place);
        }
    }

    /// Holds what was derived against what the lock states.
    fn compare(&mut self) {
        let mut reasons = std::mem::take(&mut self.reasons);
        let mut pythons: FxHashMap<&str, Marker> = FxHashMap::default();
        for (place, entry) in self.entries.iter().enumerate() {
            let Some(package) = entry.package else {
                continue;
            };
            if self.overlapping.contains(&place) {
                continue;
            }
            let title = title(package);
            if entry.reach.is_false() {
                let message = format!("nothing in the project requires {title}");
                reasons.push(StaleReason::touched("orphan", title, message));
                continue;
            }
            if !self.has_origin(entry, package) {
                let message =
                    format!("{title} is from an address that nothing in the project gives");
                reasons.push(StaleReason::touched(
                    "origin-changed",
                    title.clone(),
                    message,
                ));
            }
            let beyond = self.manifest.selected_in_conflict(entry.reach);
            if entry.reach != entry.stated || !beyond.implies(entry.written) {
                let derived = entry.reach.or(beyond).to_text(self.universe.or(beyond));
                let message = format!(
                    "the marker of {title} is {} and should be {}",
                    package
                        .marker
                        .as_deref()
                        .map_or("absent".to_owned(), |text| format!("`{text}`")),
                    derived.map_or("absent".to_owned(), |text| format!("`{text}`")),
                );
                reasons.push(StaleReason::touched(
                    "marker-changed",
                    title.clone(),
                    message,
                ));
            }
            let stated: BTreeSet<Edge> =
                package.dependencies.iter().filter_map(parse_edge).collect();
            if stated != entry.dependencies || stated.len() != package.dependencies.len() {
                let message = edge_difference(&title, &stated, &entry.dependencies);
                reasons.push(StaleReason::touched(
                    "dependencies-changed",
                    title.clone(),
                    message,
                ));
            }
            if let Some(unserved) = block::unserved(package, entry.reach, self.manifest) {
                let message = format!(
                    "{title} has no wheel where {}, which the project requires",
                    unserved.to_text(self.universe).unwrap_or_default()
                );
                reasons.push(StaleReason::touched(
                    "wheel-missing",
                    title.clone(),
                    message,
                ));
            }
            let supported = package.requires_python.as_deref().map(|text| {
                *pythons.entry(text).or_insert_with(|| {
                    text.parse::<SpecifierSet>()
                        .map_or(Marker::TRUE, |specifiers| python_lower_bound(&specifiers))
                })
            });
            let supported = supported.unwrap_or(Marker::TRUE);
            if !entry.stated.implies(supported) {
                let message = format!(
                    "{title} requires Python {} and is locked for older ones",
                    package.requires_python.as_deref().unwrap_or_default()
                );
                reasons.push(StaleReason::touched("python-unmet", title, message));
            }
        }
        self.reasons = reasons;
    }

    fn touched(&mut self, code: &'static str, subject: &str, message: String) {
        if self.reported.insert(message.clone()) {
            self.reasons
                .push(StaleReason::touched(code, subject, message));
        }
    }
}

/// The requirement without its marker, which the message tells apart.
fn bare(requirement: &Requirement) -> Requirement {
    Requirement {
        marker: Marker::TRUE,
        ..requirement.clone()
    }
}
