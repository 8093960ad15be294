//! Walking ahead: what the search will ask for is fetched before it asks.
//!
//! The walk follows the requirements from the manifest, at each package taking the version that would be chosen if nothing stood in
//! the way, and from every version that the search has to wait for. What it finds is not used for anything but to have the source
//! fetch it, so it never changes a resolution. Two threads read what the source knows; nobody waits for a single response, the
//! source says when one has come.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;

use super::super::coverage::Coverage;
use crate::manifest::Manifest;
use crate::marker::{Marker, Membership, Run, or_too_complex};
use crate::name::{ExtraName, PackageName};
use crate::requirement::{Requirement, RequirementSource};
use crate::solver::Rank;
use crate::source::{Arrivals, Listing, Notice, PackageSource};
use crate::version::SpecifierSet;

/// So many threads read beside the search.
const WALKERS: usize = 2;

/// A package to visit, as a requirement describes it.
struct Visit {
    name: PackageName,
    specifiers: SpecifierSet,
    extras: Vec<ExtraName>,
}

/// What is to be done next about a visit.
enum Step {
    AskForListing(Visit),
    ReadListing(Visit),
    /// Of a release, for these extras.
    ReadMetadata(Vec<ExtraName>, Arc<Listing>, usize),
}

#[derive(Default)]
struct Steps {
    /// By the number that stands for the step in the queue, until it is taken.
    all: Vec<Option<Step>>,
    /// The packages that were met, each with the extras that are required of it.
    seen: FxHashMap<PackageName, Vec<ExtraName>>,
}

impl Steps {
    fn add(&mut self, step: Step) -> usize {
        self.all.push(Some(step));
        self.all.len() - 1
    }
}

/// The steps that are to be done: the walkers take them, and the search adds the versions that the walk did not expect.
#[derive(Default)]
pub(in super::super) struct WalkQueue {
    steps: Mutex<Steps>,
    arrivals: Arc<Arrivals>,
}

impl WalkQueue {
    /// Asks for the metadata of a release and, once they are there, for what they require.
    pub fn follow(&self, source: &dyn PackageSource, listing: &Arc<Listing>, release: usize) {
        let extras = self.lock().seen.get(&listing.package).cloned();
        let step = Step::ReadMetadata(extras.unwrap_or_default(), Arc::clone(listing), release);
        source.notify_of_metadata(listing, release, self.notice(step));
    }

    fn lock(&self) -> MutexGuard<'_, Steps> {
        self.steps.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A notice at which a step is done.
    fn notice(&self, step: Step) -> Notice {
        Notice::new(&self.arrivals, self.lock().add(step))
    }
}

struct Walk<'run> {
    source: &'run dyn PackageSource,
    coverage: Coverage<'run>,
    universe: Marker,
    queue: &'run WalkQueue,
}

/// Does the work while walkers fetch ahead of it.
pub(in super::super) fn while_walking_ahead<T>(
    manifest: &Manifest,
    (source, queue): (&dyn PackageSource, &WalkQueue),
    universe: Marker,
    work: impl FnOnce() -> T,
) -> T {
    let walk = Walk {
        source,
        coverage: Coverage {
            manifest,
            tags: None,
        },
        universe,
        queue,
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
        for _ in 0..WALKERS.min(source.concurrency()) {
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
        let close = CloseWhenDropped(queue);
        let result = work();
        drop(close);
        result
    })
}

struct CloseWhenDropped<'a>(&'a WalkQueue);

impl Drop for CloseWhenDropped<'_> {
    fn drop(&mut self) {
        self.0.arrivals.close();
    }
}

impl Walk<'_> {
    fn enqueue(&self, requirement: &Requirement, marker: Marker) {
        let RequirementSource::Specifiers(specifiers) = &requirement.source else {
            return;
        };
        if marker.is_disjoint(self.universe) {
            return;
        }
        let mut steps = self.queue.lock();
        let is_first = !steps.seen.contains_key(&requirement.name);
        let seen = steps.seen.entry(requirement.name).or_default();
        let mut extras = requirement.extras.clone();
        extras.retain(|extra| !seen.contains(extra));
        seen.extend(&extras);
        if is_first || !extras.is_empty() {
            let number = steps.add(Step::AskForListing(Visit {
                name: requirement.name,
                specifiers: specifiers.clone(),
                extras,
            }));
            self.queue.arrivals.add(number);
        }
    }

    fn run(&self) {
        while let Some(number) = self.queue.arrivals.next() {
            let step = self.queue.lock().all.get_mut(number).and_then(Option::take);
            match step {
                Some(Step::AskForListing(visit)) => {
                    let name = visit.name;
                    let notice = self.queue.notice(Step::ReadListing(visit));
                    self.source.notify_of_listing(name, notice);
                }
                Some(Step::ReadListing(visit)) => self.read_listing(visit),
                Some(Step::ReadMetadata(extras, listing, release)) => {
                    self.read_metadata(&extras, &listing, release);
                }
                None => {}
            }
        }
    }

    fn read_listing(&self, visit: Visit) {
        let Ok(listing) = self.source.listing(visit.name) else {
            return;
        };
        let range = visit.specifiers.range();
        let is_hidden = |rank| self.coverage.is_hidden(visit.name, &listing, rank);
        let likely = |allow_prerelease: bool| {
            (0..listing.releases.len()).rev().find(|position| {
                let release = &listing.releases[*position];
                !release.yanked
                    && (allow_prerelease || !release.version.is_prerelease())
                    && range.contains(release.version)
                    && !Rank::try_from(*position).is_ok_and(is_hidden)
            })
        };
        let Some(position) = likely(false).or_else(|| likely(true)) else {
            return;
        };
        let step = Step::ReadMetadata(visit.extras, Arc::clone(&listing), position);
        let notice = self.queue.notice(step);
        self.source.notify_of_metadata(&listing, position, notice);
    }

    fn read_metadata(&self, extras: &[ExtraName], listing: &Arc<Listing>, release: usize) {
        let Ok(metadata) = self.source.metadata(listing, release) else {
            return;
        };
        for requirement in &metadata.requires_dist {
            self.enqueue(requirement, requirement.marker.with_extras(extras));
        }
    }
}
