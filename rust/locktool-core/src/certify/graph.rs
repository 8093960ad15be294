//! What is needed, and where: from the project outwards through the requirements that the entries of a lock record.
//!
//! Each requirement must be met, wherever it holds, by exactly one entry, from the place that its source gives.

use super::entries::{Entries, Findings};
use super::origin::{comes_from, is_same_index};
use super::{StaleReason, title};
use crate::manifest::{Manifest, Parent};
use crate::marker::{Marker, Membership};
use crate::name::ExtraName;
use crate::requirement::{Requirement, RequirementSource};
use crate::version::SpecifierSet;

/// Who requires something: an entry, or the project itself, which has none.
#[derive(Clone, Copy)]
struct Requirer {
    place: Option<usize>,
    parent: Parent,
}

/// Where a requirement of the project is to be from: the address that it or its source gives, or the index of its source. An
/// override that gives no address leaves both as they are. The requirement as written is there where its specifiers hold beside the
/// address.
#[derive(Clone, Copy, Default)]
struct Given<'s> {
    address: Option<&'s str>,
    index: Option<&'s str>,
    written: Option<&'s Requirement>,
}

struct Graph<'g, 'a> {
    manifest: &'g Manifest,
    universe: Marker,
    entries: &'g mut Entries<'a>,
    findings: &'g mut Findings,
}

/// Derives where each entry is needed and on what it depends, and finds every requirement that is not met.
pub(super) fn derive(entries: &mut Entries<'_>, manifest: &Manifest, findings: &mut Findings) {
    let mut graph = Graph {
        manifest,
        universe: manifest.universe(),
        entries,
        findings,
    };
    graph.walk();
}

impl Graph<'_, '_> {
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
                .and_then(|name| self.entries.by_name.get(&name)?.first().copied())
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
                        self.require_own(own, (None, requirement), universe, &mut changed);
                    }
                }
            }
            for (group, requirements) in &member.groups {
                let chosen = universe.and(Marker::in_groups(*group));
                let part = Some(Membership::Group(*group));
                for requirement in requirements {
                    self.require_own(own, (part, requirement), chosen, &mut changed);
                }
            }
        }
        while let Some(place) = changed.pop() {
            self.expand(place, &mut changed);
        }
    }

    fn expand(&mut self, place: usize, changed: &mut Vec<usize>) {
        let reach = self.entries.list[place].reach;
        let from = Requirer {
            place: Some(place),
            parent: self.entries.list[place].as_parent(),
        };
        let extras: Vec<(ExtraName, Marker)> = self.entries.list[place]
            .extras
            .iter()
            .map(|(extra, marker)| (*extra, *marker))
            .collect();
        if let Some(member) = self.entries.list[place].member {
            let extras = extras
                .into_iter()
                .map(|(extra, reach)| (Some(Membership::Extra(extra)), reach));
            for (part, reach) in std::iter::once((None, reach)).chain(extras) {
                for requirement in member.requirements_of(part) {
                    self.require_own(from, (part, requirement), reach, changed);
                }
            }
            return;
        }
        let requirements = std::mem::take(&mut self.entries.list[place].requirements);
        for requirement in &requirements {
            let plain = requirement.marker.with_extras(&[]);
            let applies = |extras: &[ExtraName]| {
                let manifest = self.manifest;
                manifest.applies(requirement, extras, from.parent)
            };
            let mut needed = applies(&[]).and(reach);
            for (extra, reach) in &extras {
                if requirement.marker.with_extras(&[*extra]) != plain {
                    needed = needed.or(applies(&[*extra]).and(*reach));
                }
            }
            self.require((from, Given::default()), requirement, needed, changed);
        }
        self.entries.list[place].requirements = requirements;
    }

    /// A requirement of the project itself, which may have a source, with the extra or group that it is written in.
    fn require_own(
        &mut self,
        from: Requirer,
        (part, requirement): (Option<Membership>, &Requirement),
        condition: Marker,
        changed: &mut Vec<usize>,
    ) {
        for sourced in self.manifest.sourced(requirement, part, from.parent) {
            let requirement = &sourced.requirement;
            let needed = requirement.marker.with_extras(&[]).and(condition);
            let given = Given {
                address: requirement.url(),
                index: sourced.index.as_deref(),
                written: sourced.written.as_ref(),
            };
            self.require((from, given), requirement, needed, changed);
        }
    }

    /// Where `needed` holds, the requirement must be met by exactly one entry, which is from the given place.
    fn require(
        &mut self,
        (from, given): (Requirer, Given<'_>),
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
                .entries
                .by_name
                .get(&effective.name)
                .cloned()
                .unwrap_or_default();
            let is_forked = places.len() > 1;
            for place in places {
                let part = if is_forked {
                    effective.marker.and(self.entries.list[place].stated)
                } else {
                    effective.marker
                };
                if part.is_false() {
                    continue;
                }
                unmet = unmet.and(part.not());
                self.check_pin(from, given.written.unwrap_or(&effective), place, part);
                self.check_origin((from, given), &effective, place);
                self.check_index(given.index, place);
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
            Some(text) if self.entries.by_name.contains_key(&name) => {
                format!("no entry of {name} meets `{wanted}` of {who} where {text}")
            }
            _ => format!("no entry meets `{wanted}`, which {who} requires"),
        };
        self.findings
            .touched("requirement-unmet", name.as_str(), message);
    }

    fn check_pin(&mut self, from: Requirer, requirement: &Requirement, place: usize, part: Marker) {
        let entry = &self.entries.list[place];
        let name = entry.name;
        let Some(version) = entry.known_version() else {
            return;
        };
        let wanted = |specifiers: &SpecifierSet| specifiers.contains(version);
        if let RequirementSource::Specifiers(specifiers) = &requirement.source
            && !wanted(specifiers)
        {
            let message = format!(
                "`{}` of {} does not admit {name} {version}",
                bare(requirement),
                self.requirer(from)
            );
            self.findings
                .touched("requirement-unmet", name.as_str(), message);
        }
        for constraint in self.manifest.constraints_on(name, from.parent) {
            if !constraint.marker.is_disjoint(part) && !wanted(constraint.specifiers()) {
                let message =
                    format!("the constraint `{constraint}` does not admit {name} {version}");
                let reason = StaleReason::touched("constraint-unmet", name.as_str(), message);
                self.findings.reasons.push(reason);
            }
        }
    }

    /// What is required by its address must be from there.
    fn check_origin(
        &mut self,
        (from, given): (Requirer, Given<'_>),
        requirement: &Requirement,
        place: usize,
    ) {
        let entry = &self.entries.list[place];
        // A member takes the place of what an override leaves of an address.
        let kept = given.address.filter(|_| entry.member.is_none());
        let (Some(address), Some(package)) = (requirement.url().or(kept), entry.package) else {
            return;
        };
        if comes_from(package, address) {
            self.entries.list[place].is_asked_by_address = true;
            return;
        }
        let message = format!(
            "{} is not from {address}, as {} requires",
            title(package),
            self.requirer(from)
        );
        self.findings
            .touched("origin-changed", requirement.name.as_str(), message);
    }

    /// What a source sends to an index must be from there, if it is from any.
    fn check_index(&mut self, index: Option<&str>, place: usize) {
        let package = self.entries.list[place].package;
        let locked = package.and_then(|package| Some((package, package.index.as_deref()?)));
        if let (Some(index), Some((package, locked))) = (index, locked)
            && !is_same_index(index, locked)
        {
            let title = title(package);
            let message = format!("{title} is from {locked}, and its source is {index}");
            self.findings.touched("index-changed", &title, message);
        }
    }

    fn requirer(&self, from: Requirer) -> String {
        match from.place {
            Some(place) => self.entries.list[place].name.to_string(),
            None => "the project".to_owned(),
        }
    }

    fn note_dependency(&mut self, from: Option<usize>, target: usize, is_forked: bool) {
        let Some(from) = from.filter(|from| *from != target) else {
            return;
        };
        if self.entries.list[target].package.is_none() {
            return;
        }
        let version = self.entries.list[target].version.filter(|_| is_forked);
        let name = self.entries.list[target].name;
        self.entries.list[from].dependencies.insert((name, version));
    }

    /// Widens where an entry, and extras of it, are needed.
    fn reach(
        &mut self,
        place: usize,
        needed: Marker,
        extras: &[ExtraName],
        changed: &mut Vec<usize>,
    ) {
        let entry = &mut self.entries.list[place];
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
}

/// The requirement without its marker, which the message tells apart.
fn bare(requirement: &Requirement) -> Requirement {
    Requirement {
        marker: Marker::TRUE,
        ..requirement.clone()
    }
}
