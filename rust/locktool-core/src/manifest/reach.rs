//! Where extras of members are asked for: where they are chosen, and where another part of the project names them.
//!
//! `all = ["demo[web,db]"]` brings two extras with it, a group or another member may do so too.

use rustc_hash::FxHashMap;

use super::Manifest;
use crate::marker::{Marker, Membership};
use crate::name::ExtraName;

/// Where the requirements of each extra hold, by the place of its member.
#[derive(Debug, Default)]
pub struct ExtraReach(FxHashMap<(usize, ExtraName), Marker>);

impl ExtraReach {
    /// Where what a member requires in one of its parts holds, its own marker aside.
    pub fn of(&self, member: usize, part: Option<Membership>) -> Marker {
        match part {
            None => Marker::TRUE,
            Some(Membership::Extra(extra)) => {
                let known = self.0.get(&(member, extra)).copied();
                known.unwrap_or_else(|| Marker::in_extras(extra))
            }
            Some(group @ Membership::Group(_)) => group.marker(),
        }
    }

    /// Widens where an extra is asked for; says whether that is news.
    fn widen(&mut self, extra: (usize, ExtraName), marker: Marker) -> bool {
        let known = self.of(extra.0, Some(Membership::Extra(extra.1)));
        let widened = known.or(marker);
        self.0.insert(extra, widened);
        widened != known
    }
}

impl Manifest {
    /// Where every extra of every member is asked for by the project itself: the least fixed point over its references to members.
    pub fn extra_reach(&self) -> ExtraReach {
        let mut reach = ExtraReach::default();
        let mut open: Vec<(usize, Option<Membership>)> = Vec::new();
        for (place, member) in self.members.iter().enumerate() {
            open.extend(member.parts().map(|part| (place, part)));
        }
        while let Some((place, part)) = open.pop() {
            let condition = reach.of(place, part);
            for requirement in self.members[place].requirements_of(part) {
                let mut members = self.members.iter();
                let Some(target) = members.position(|one| one.name == Some(requirement.name))
                else {
                    continue;
                };
                let marker = requirement.marker.with_extras(&[]).and(condition);
                for extra in &requirement.extras {
                    let is_news = reach.widen((target, *extra), marker);
                    let next = (target, Some(Membership::Extra(*extra)));
                    if is_news && !open.contains(&next) {
                        open.push(next);
                    }
                }
            }
        }
        reach
    }
}
