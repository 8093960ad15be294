//! Walking ahead: what the search will ask for is fetched before it asks.
//!
//! A few threads follow the requirements from the manifest, at each package taking the version that would be chosen if nothing
//! stood in the way. What they find is not used for anything but to have the source fetch it, so they never change a resolution.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashSet;

use crate::manifest::Manifest;
use crate::marker::{Marker, Membership, Run, or_too_complex};
use crate::name::{ExtraName, PackageName};
use crate::requirement::{Requirement, RequirementSource};
use crate::source::PackageSource;
use crate::version::SpecifierSet;

/// A package to visit, as a requirement describes it.
struct Visit {
    name: PackageName,
    specifiers: SpecifierSet,
    extras: Vec<ExtraName>,
}

#[derive(Default)]
struct Queue {
    visits: VecDeque<Visit>,
    seen: FxHashSet<(PackageName, Option<ExtraName>)>,
    closed: bool,
}

struct Walk<'run> {
    source: &'run dyn PackageSource,
    universe: Marker,
    queue: Mutex<Queue>,
    arrived: Condvar,
}

/// Does the work while walkers fetch ahead of it.
pub(super) fn while_walking_ahead<T>(
    manifest: &Manifest,
    source: &dyn PackageSource,
    universe: Marker,
    work: impl FnOnce() -> T,
) -> T {
    let walk = Walk {
        source,
        universe,
        queue: Mutex::default(),
        arrived: Condvar::new(),
    };
    for member in &manifest.members {
        for (part, requirement) in member.requirements() {
            let condition = part.map_or(Marker::TRUE, Membership::marker);
            if manifest.member(requirement.name).is_some() {
                continue;
            }
            // What has a source of its own is asked there; no other index needs to hear its name.
            for sourced in manifest.sourced(requirement, part, member.as_parent()) {
                let marker = sourced.requirement.marker.with_extras(&[]);
                if sourced.index.is_none() {
                    walk.enqueue(&sourced.requirement, marker.and(condition));
                }
            }
        }
    }
    let run = Run::of_this_thread();
    std::thread::scope(|scope| {
        // Threads that wait for the index; most of their time is spent waiting.
        for _ in 0..source.concurrency() {
            let spawned = std::thread::Builder::new()
                .stack_size(512 * 1024)
                .spawn_scoped(scope, || {
                    // The run itself meets what is too complex for a walker.
                    let _ = run.work(|| or_too_complex(|| walk.run()));
                });
            if spawned.is_err() {
                break;
            }
        }
        // Closed even if the work panics: the walkers would wait forever.
        let close = CloseWhenDropped(&walk);
        let result = work();
        drop(close);
        result
    })
}

struct CloseWhenDropped<'a, 'run>(&'a Walk<'run>);

impl Drop for CloseWhenDropped<'_, '_> {
    fn drop(&mut self) {
        self.0.lock().closed = true;
        self.0.arrived.notify_all();
    }
}

impl Walk<'_> {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn enqueue(&self, requirement: &Requirement, marker: Marker) {
        let RequirementSource::Specifiers(specifiers) = &requirement.source else {
            return;
        };
        if marker.is_disjoint(self.universe) {
            return;
        }
        let mut queue = self.lock();
        let plain = queue.seen.insert((requirement.name, None));
        let extras: Vec<ExtraName> = requirement
            .extras
            .iter()
            .copied()
            .filter(|extra| queue.seen.insert((requirement.name, Some(*extra))))
            .collect();
        if plain || !extras.is_empty() {
            queue.visits.push_back(Visit {
                name: requirement.name,
                specifiers: specifiers.clone(),
                extras,
            });
            self.arrived.notify_one();
        }
    }

    fn run(&self) {
        loop {
            let mut queue = self.lock();
            let visit = loop {
                if queue.closed {
                    return;
                }
                if let Some(visit) = queue.visits.pop_front() {
                    break visit;
                }
                queue = self
                    .arrived
                    .wait(queue)
                    .unwrap_or_else(PoisonError::into_inner);
            };
            drop(queue);
            self.visit(&visit);
        }
    }

    fn visit(&self, visit: &Visit) {
        let Ok(listing) = self.source.listing(visit.name) else {
            return;
        };
        let range = visit.specifiers.range();
        let likely = |allow_prerelease: bool| {
            listing.releases.iter().rposition(|release| {
                !release.yanked
                    && (allow_prerelease || !release.version.is_prerelease())
                    && range.contains(release.version)
            })
        };
        let Some(position) = likely(false).or_else(|| likely(true)) else {
            return;
        };
        let Ok(metadata) = self.source.metadata(&listing, position) else {
            return;
        };
        for requirement in &metadata.requires_dist {
            self.enqueue(requirement, requirement.marker.with_extras(&visit.extras));
        }
    }
}
