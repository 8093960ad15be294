//! What a split is not about: the packages that stay as they would be if nothing were split.
//!
//! Where requirements on one package split a run, each fork sees fewer requirements on the others as well, and could give them other
//! versions: adding a package that forks would move packages that have nothing to do with it. So where the forks differ in more than
//! the package that they were split over, their environments are solved without that package, and each fork takes the versions that
//! come of it where all that the fork requires is still met.
//!
//! What `a` requires on Windows decides about `b`, with `fork` as without it:
//!
//! ```
//! # use locktool_core::resolver::example::Example;
//! let mut example = Example::requiring(&["a", "b"]);
//! example.publish(1, "a 1", &["b<2 ; sys_platform == 'win32'"]);
//! example.publish(1, "b 1", &[]).publish(2, "b 2", &[]);
//! assert_eq!(example.locked(), ["a 1", "b 1"]);
//!
//! let fork = ["fork<2 ; sys_platform == 'linux'", "fork>=2 ; sys_platform != 'linux'"];
//! let mut example = Example::requiring(&["a", "b", fork[0], fork[1]]);
//! example.publish(1, "a 1", &["b<2 ; sys_platform == 'win32'"]);
//! example.publish(1, "b 1", &[]).publish(2, "b 2", &[]);
//! example.publish(1, "fork 1", &[]).publish(2, "fork 2", &[]);
//! assert_eq!(
//!     example.locked(),
//!     ["a 1", "b 1", "fork 1 ; sys_platform == 'linux'", "fork 2 ; sys_platform != 'linux'"]
//! );
//! ```
//!
//! A split between the Pythons of a release is none of these: its sides are solved on their own. To hold the newer Pythons to what the
//! older ones require would give old versions for nothing (of 14 real projects two locks differed, dbt's with a certifi of 2020;
//! 2026-11-27).

use std::collections::BTreeSet;
use std::mem::take;

use rustc_hash::FxHashMap;

use super::error::ResolveError;
use super::package::{Catalog, ROOT};
use super::run::Run;
use super::solution::ForkSolution;
use super::split::Dispute;
use crate::marker::Marker;
use crate::solver::{PackageId, Rank};

/// The packages that a split concerns.
pub(super) struct Concerned {
    /// Those on which requirements differ.
    pub disputed: BTreeSet<PackageId>,
    /// Those whose versions state such requirements: another version would not have led to the split.
    disputing: BTreeSet<PackageId>,
}

impl Concerned {
    pub fn by(disputes: &BTreeSet<Dispute>, catalog: &Catalog<'_>) -> Self {
        let packages = disputes.iter().map(|one| catalog.base(one.package));
        let stating = disputes.iter().map(|one| catalog.base(one.required_by));
        Self {
            disputed: packages.collect(),
            disputing: stating.collect(),
        }
    }

    fn contains(&self, package: PackageId) -> bool {
        self.disputed.contains(&package) || self.disputing.contains(&package)
    }
}

/// The solutions on both sides of a split.
pub(super) struct Sides {
    pub inside: Vec<ForkSolution>,
    pub outside: Vec<ForkSolution>,
}

impl Sides {
    pub fn into_solutions(self) -> Vec<ForkSolution> {
        self.inside.into_iter().chain(self.outside).collect()
    }

    /// The packages that have other versions on the one side than on the other, which no existing lock has; of those that the
    /// split does not concern. None where versions of other packages are sought.
    ///
    /// # Errors
    /// None but those of an index, which has answered before.
    pub fn moved(
        &self,
        concerned: &Concerned,
        run: &mut Run<'_>,
    ) -> Result<BTreeSet<PackageId>, ResolveError> {
        // Under `lowest-direct`, which requirements apply in a fork decides what is direct there.
        if run.selector.prefers_oldest_of_direct() {
            return Ok(BTreeSet::new());
        }
        let (inside, outside) = (versions(&self.inside), versions(&self.outside));
        let mut moved = BTreeSet::new();
        for (package, ranks) in &inside {
            let differs = outside.get(package).is_some_and(|others| ranks != others);
            if differs
                && !concerned.contains(run.catalog.base(*package))
                && !self.are_locked(*package, run)?
            {
                moved.insert(*package);
            }
        }
        let without = run.without.as_ref();
        if without.is_some_and(|without| without.sought.is_disjoint(&moved)) {
            moved.clear();
        }
        Ok(moved)
    }

    /// Whether an existing lock has all versions of a package.
    fn are_locked(&self, package: PackageId, run: &mut Run<'_>) -> Result<bool, ResolveError> {
        for solution in self.inside.iter().chain(&self.outside) {
            let mut picks = solution.chosen.iter();
            if let Some((_, rank, _)) = picks.find(|(other, _, _)| *other == package)
                && !run.is_locked((package, *rank), solution.environment)?
            {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Takes the versions that solutions without the split have where all that a fork requires is still met: those of the packages that
    /// moved, or of all.
    ///
    /// # Errors
    /// When the index does not answer.
    pub fn take_versions_of(
        &mut self,
        undivided: &[ForkSolution],
        (concerned, moved): (&Concerned, &BTreeSet<PackageId>),
        run: &mut Run<'_>,
    ) -> Result<(), ResolveError> {
        let over = concerned.disputed.first().copied().unwrap_or(ROOT);
        for side in [&mut self.inside, &mut self.outside] {
            let mut parts = Vec::with_capacity(side.len());
            for solution in take(side) {
                let before = solution.picks();
                let found = with_versions_of(solution, undivided, (concerned, moved), run)?;
                for (package, rank, _) in found.iter().flat_map(|part| &part.chosen) {
                    if before.get(package).is_some_and(|before| before != rank) {
                        run.undivided.insert((*package, *rank), over);
                    }
                }
                parts.extend(found);
            }
            *side = parts;
        }
        Ok(())
    }
}

/// The versions of each package on one side of a split.
fn versions(solutions: &[ForkSolution]) -> FxHashMap<PackageId, BTreeSet<Rank>> {
    let mut versions: FxHashMap<PackageId, BTreeSet<Rank>> = FxHashMap::default();
    for (package, rank, _) in solutions.iter().flat_map(|solution| &solution.chosen) {
        versions.entry(*package).or_default().insert(*rank);
    }
    versions
}

/// A solution of a fork in parts, each with the versions that one without the split has there.
fn with_versions_of(
    solution: ForkSolution,
    undivided: &[ForkSolution],
    (concerned, moved): (&Concerned, &BTreeSet<PackageId>),
    run: &mut Run<'_>,
) -> Result<Vec<ForkSolution>, ResolveError> {
    let elsewhere = only_versions(undivided);
    let mut parts = Vec::new();
    let own = solution.picks();
    let mut left = solution.environment;
    for other in undivided {
        let environment = left.and(other.environment);
        if environment.is_false() {
            continue;
        }
        // What is not needed there without the split has the version that it has elsewhere, as one solution for both would say.
        let mut versions = elsewhere.clone();
        versions.extend(other.picks());
        versions.retain(|package, _| !concerned.contains(run.catalog.base(*package)));
        let mut fewest = versions.clone();
        fewest.retain(|package, _| moved.contains(package) || !own.contains_key(package));
        let mut part = combined(&solution, &fewest, environment, run)?;
        if part.is_none() {
            part = combined(&solution, &versions, environment, run)?;
        }
        if let Some(part) = part {
            left = left.difference(part.environment);
            parts.push(part);
        }
    }
    if !left.is_false() {
        parts.push(solution.within(left));
    }
    Ok(parts)
}

/// The packages of which all solutions that have one have the same version.
fn only_versions(solutions: &[ForkSolution]) -> FxHashMap<PackageId, Rank> {
    let mut found: FxHashMap<PackageId, Option<Rank>> = FxHashMap::default();
    for (package, rank, _) in solutions.iter().flat_map(|solution| &solution.chosen) {
        let only = found.entry(*package).or_insert(Some(*rank));
        *only = only.filter(|only| only == rank);
    }
    let only = found.into_iter();
    only.filter_map(|(package, rank)| Some((package, rank?)))
        .collect()
}

/// The solution in some environments, with other versions of some packages; `None` where not all that is required is met then.
fn combined(
    solution: &ForkSolution,
    versions: &FxHashMap<PackageId, Rank>,
    environment: Marker,
    run: &mut Run<'_>,
) -> Result<Option<ForkSolution>, ResolveError> {
    let mut picks = versions.clone();
    for (package, rank, _) in &solution.chosen {
        if !versions.contains_key(package) || run.is_locked((*package, *rank), environment)? {
            picks.insert(*package, *rank);
        }
    }
    picks.insert(ROOT, 0);
    // A package with an extra has the version of the package itself.
    let of_base = |package: &PackageId| Some((*package, *picks.get(&run.catalog.base(*package))?));
    let picks: FxHashMap<PackageId, Rank> = picks.keys().filter_map(of_base).collect();
    let Some(needed) = needed(&picks, environment, run)? else {
        return Ok(None);
    };
    let mut chosen: Vec<(PackageId, Rank, Marker)> = needed
        .into_iter()
        .map(|(package, needed)| (package, picks[&package], needed))
        .collect();
    chosen.sort_unstable_by_key(|(package, _, _)| *package);
    let combined = ForkSolution {
        environment,
        chosen,
    };
    Ok(combined.serves(run)?.then_some(combined))
}

/// Where each of the picks is needed, from the root; `None` where a requirement is not met.
fn needed(
    picks: &FxHashMap<PackageId, Rank>,
    environment: Marker,
    run: &mut Run<'_>,
) -> Result<Option<FxHashMap<PackageId, Marker>>, ResolveError> {
    let mut needed = FxHashMap::from_iter([(ROOT, environment)]);
    let mut open = vec![ROOT];
    while let Some(package) = open.pop() {
        let from = needed[&package];
        let edges = run
            .provider
            .edges(&mut run.catalog, package, picks[&package])?;
        let Ok(edges) = edges else {
            return Ok(None);
        };
        for edge in edges.iter() {
            let there = from.and(edge.marker);
            if there.is_false() || run.leaves_out(edge.target) {
                continue;
            }
            let pick = picks.get(&edge.target);
            if !pick.is_some_and(|rank| edge.allowed.contains(*rank)) {
                return Ok(None);
            }
            let known = needed.entry(edge.target).or_insert(Marker::FALSE);
            let widened = known.or(there);
            if widened != *known {
                *known = widened;
                if !open.contains(&edge.target) {
                    open.push(edge.target);
                }
            }
        }
    }
    Ok(Some(needed))
}
