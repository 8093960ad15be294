//! Solutions for combinations of items of conflicts, put together from the solutions with one item at a time.
//!
//! What an item changes about the solution without any is its difference: other versions, and packages of its own. A
//! combination has the solution without any, with the differences of its items. It holds where no two differences meet in
//! one package, where an existing lock says nothing else and where every requirement is met, which is followed from the root with
//! sets of environments: as many steps as there are requirements, however many combinations there are.
//!
//! Two pairs of extras conflict. Without any, `a` is 3; `old` takes `a 1`, `low` takes `b 1`, and a project with both is put together:
//!
//! ```
//! # use locktool_core::resolver::example::Example;
//! let mut example = Example::requiring(&["a", "b"]);
//! example.with_extra("new", &["a>=2"]).with_extra("old", &["a<2"]).with_conflict(&["new", "old"]);
//! example.with_extra("high", &["b>=2"]).with_extra("low", &["b<2"]).with_conflict(&["high", "low"]);
//! example.publish(1, "a 1", &[]).publish(2, "a 2", &[]).publish(3, "a 3", &[]);
//! example.publish(1, "b 1", &[]).publish(2, "b 2", &[]);
//! assert_eq!(example.installed(&[]), ["a 3", "b 2"]);
//! assert_eq!(example.installed(&["old"]), ["a 1", "b 2"]);
//! assert_eq!(example.installed(&["high"]), ["a 3", "b 2"]);
//! assert_eq!(example.installed(&["old", "low"]), ["a 1", "b 1"]);
//! ```

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::error::ResolveError;
use super::package::ROOT;
use super::run::Run;
use super::solution::ForkSolution;
use crate::marker::{Marker, Membership};
use crate::name::PackageName;
use crate::solver::{PackageId, Rank};

/// For each package its versions, each with the environments that have it; they are disjoint.
type Assignment = BTreeMap<PackageId, Vec<(Rank, Marker)>>;

pub(super) struct Composition {
    /// The combinations to put together.
    region: Marker,
    assigned: Assignment,
    /// Combinations in which something does not hold.
    broken: Marker,
}

impl Composition {
    /// Puts `region` together from solutions that cover the environments with at most one of the items.
    pub fn new(solutions: &[ForkSolution], items: &[Membership], region: Marker) -> Self {
        let mut lifting = Lifting {
            items,
            known: FxHashMap::default(),
        };
        let common = lifting.assignment(solutions, None);
        let mut composition = Self {
            region,
            assigned: Assignment::new(),
            broken: Marker::FALSE,
        };
        for item in items {
            let alone = lifting.assignment(solutions, Some(*item));
            composition.add_differences(&alone, &common, item.marker());
        }
        composition.add_common(&common);
        composition
    }

    fn add_differences(&mut self, alone: &Assignment, common: &Assignment, chosen: Marker) {
        for (package, versions) in alone {
            for (rank, marker) in versions {
                let same = common
                    .get(package)
                    .and_then(|versions| versions.iter().find(|(other, _)| other == rank))
                    .map_or(Marker::FALSE, |(_, marker)| *marker);
                let changed = self.region.and(chosen).and(*marker).difference(same);
                if changed.is_false() {
                    continue;
                }
                let known = self.assigned.entry(*package).or_default();
                for (_, elsewhere) in known.iter().filter(|(other, _)| other != rank) {
                    self.broken = self.broken.or(elsewhere.and(changed));
                }
                add(known, *rank, changed);
            }
        }
    }

    fn add_common(&mut self, common: &Assignment) {
        for (package, versions) in common {
            let known = self.assigned.entry(*package).or_default();
            let changed = known
                .iter()
                .fold(Marker::FALSE, |all, (_, marker)| all.or(*marker));
            for (rank, marker) in versions {
                let kept = self.region.and(*marker).difference(changed);
                if !kept.is_false() {
                    add(known, *rank, kept);
                }
            }
        }
    }

    /// The solution, and the combinations for which it is none.
    pub fn check(mut self, run: &mut Run<'_>) -> Result<(ForkSolution, Marker), ResolveError> {
        let reach = self.follow(run)?;
        let mut by_name: FxHashMap<PackageName, Vec<(PackageId, Marker)>> = FxHashMap::default();
        for ((package, rank), needed) in &reach {
            let versions = run.catalog.versions(*package)?;
            if let Some(bound) = versions.requires_python(*rank) {
                let supported = run.selector.judge.supported_python(bound);
                self.broken = self.broken.or(needed.difference(supported));
            }
            let base = run.catalog.base(*package);
            if let Some(name) = run.catalog.key(base).name {
                if let Some(version) = versions.ascending.get(*rank as usize) {
                    let otherwise = run.selector.locked_otherwise(name, *version);
                    self.broken = self.broken.or(needed.and(otherwise));
                }
                let namesakes = by_name.entry(name).or_default();
                let others = namesakes.iter().filter(|(other, _)| *other != base);
                for (_, elsewhere) in others {
                    self.broken = self.broken.or(needed.and(*elsewhere));
                }
                namesakes.push((base, *needed));
            }
        }
        let environment = self.region.difference(self.broken);
        let chosen = reach
            .into_iter()
            .map(|((package, rank), needed)| (package, rank, needed.and(environment)))
            .filter(|(_, _, needed)| !needed.is_false())
            .collect();
        let solution = ForkSolution {
            environment,
            chosen,
        };
        Ok((solution, self.region.and(self.broken)))
    }

    /// Where each version is needed: the least fixed point over the requirements from the root.
    fn follow(
        &mut self,
        run: &mut Run<'_>,
    ) -> Result<BTreeMap<(PackageId, Rank), Marker>, ResolveError> {
        let mut reach = BTreeMap::from([((ROOT, 0), self.region)]);
        let mut open = vec![(ROOT, 0)];
        while let Some((package, rank)) = open.pop() {
            let from = reach[&(package, rank)];
            let edges = run.provider.edges(&mut run.catalog, package, rank)?;
            for edge in edges.expect("a chosen version has edges").iter() {
                let mut unmet = from.and(edge.marker);
                if unmet.is_false() {
                    continue;
                }
                let versions = self.assigned.get(&edge.target);
                for (version, marker) in versions.into_iter().flatten() {
                    let there = unmet.and(*marker);
                    if there.is_false() || !edge.allowed.contains(*version) {
                        continue;
                    }
                    unmet = unmet.difference(there);
                    let target = (edge.target, *version);
                    let known = reach.entry(target).or_insert(Marker::FALSE);
                    let widened = known.or(there);
                    if widened != *known {
                        *known = widened;
                        if !open.contains(&target) {
                            open.push(target);
                        }
                    }
                }
                self.broken = self.broken.or(unmet);
            }
        }
        Ok(reach)
    }
}

fn add(versions: &mut Vec<(Rank, Marker)>, rank: Rank, marker: Marker) {
    match versions.iter_mut().find(|(other, _)| *other == rank) {
        Some((_, known)) => *known = known.or(marker),
        None => versions.push((rank, marker)),
    }
}

/// Takes the items out of markers: what holds with one of them, or none, is assumed of everything else.
struct Lifting<'a> {
    items: &'a [Membership],
    known: FxHashMap<(Option<Membership>, Marker), Marker>,
}

impl Lifting<'_> {
    /// What the solutions assign where this item, or none, is chosen, written without the items.
    fn assignment(&mut self, solutions: &[ForkSolution], chosen: Option<Membership>) -> Assignment {
        let region = self.items.iter().fold(Marker::TRUE, |region, item| {
            let marker = item.marker();
            region.and(if chosen == Some(*item) {
                marker
            } else {
                marker.not()
            })
        });
        let mut assignment = Assignment::new();
        for solution in solutions {
            if solution.environment.is_disjoint(region) {
                continue;
            }
            for (package, rank, needed) in &solution.chosen {
                let lifted = self.lift(*needed, chosen);
                if !lifted.is_false() {
                    add(assignment.entry(*package).or_default(), *rank, lifted);
                }
            }
        }
        assignment
    }

    fn lift(&mut self, marker: Marker, chosen: Option<Membership>) -> Marker {
        let items = self.items;
        *self.known.entry((chosen, marker)).or_insert_with(|| {
            items.iter().fold(marker, |marker, item| {
                marker.assume(*item, chosen == Some(*item))
            })
        })
    }
}
