//! The solver against two oracles on small random registries: exhaustive search, and the `pubgrub` crate.

use std::collections::BTreeMap;

use locktool_core::solver::{Cause, Incompatibility, PackageId, Rank, RankSet, Solver};
use proptest::prelude::*;
use pubgrub::{OfflineDependencyProvider, Ranges};

/// For each package its versions, each with the packages it requires and the ranks it allows them.
type Registry = Vec<Vec<Vec<(usize, Vec<Rank>)>>>;

/// Package 0 is the root with one version.
fn registries() -> impl Strategy<Value = Registry> {
    let packages = 6usize;
    let dependency = (1..packages, proptest::collection::btree_set(0u32..4, 0..4))
        .prop_map(|(target, ranks)| (target, ranks.into_iter().collect::<Vec<_>>()));
    let version = proptest::collection::vec(dependency, 0..4);
    (
        version.clone(),
        proptest::collection::vec(proptest::collection::vec(version, 0..5), packages - 1),
    )
        .prop_map(|(root, rest)| std::iter::once(vec![root]).chain(rest).collect())
}

/// Solves with restarts sprinkled in, which must not matter.
fn solve(registry: &Registry, restart_every: usize) -> Option<BTreeMap<usize, Rank>> {
    let mut solver = Solver::new(PackageId(0));
    let mut next = PackageId(0);
    for step in 1.. {
        solver.propagate(next).ok()?;
        if step % restart_every == 0 && step < 60 {
            solver.restart();
        }
        let Some((package, allowed)) = solver.undecided().next() else {
            break;
        };
        let versions = &registry[package.index()];
        let known = Rank::try_from(versions.len()).unwrap();
        let Some(rank) = allowed.descending(known).next() else {
            let allowed = allowed.clone();
            solver.add(Incompatibility::unusable(
                package,
                allowed,
                Cause::NoVersions,
            ));
            next = package;
            continue;
        };
        let targets: Vec<_> = versions[rank as usize]
            .iter()
            .map(|(target, ranks)| {
                let id = PackageId(u32::try_from(*target).unwrap());
                (id, RankSet::from_ascending(ranks.iter().copied()))
            })
            .collect();
        solver.try_version(package, rank, &targets);
        next = package;
    }
    Some(
        solver
            .decisions()
            .map(|(package, rank)| (package.index(), rank))
            .collect(),
    )
}

fn is_valid(registry: &Registry, chosen: &BTreeMap<usize, Rank>) -> bool {
    chosen.get(&0) == Some(&0)
        && chosen.iter().all(|(package, rank)| {
            registry[*package][*rank as usize]
                .iter()
                .all(|(target, allowed)| {
                    chosen
                        .get(target)
                        .is_some_and(|rank| allowed.contains(rank))
                })
        })
}

/// Tries every combination of versions, absent included.
fn brute_force(registry: &Registry) -> bool {
    fn extend(registry: &Registry, package: usize, chosen: &mut BTreeMap<usize, Rank>) -> bool {
        if package == registry.len() {
            return is_valid(registry, chosen);
        }
        if package > 0 && extend(registry, package + 1, chosen) {
            return true;
        }
        for rank in 0..Rank::try_from(registry[package].len()).unwrap() {
            chosen.insert(package, rank);
            if extend(registry, package + 1, chosen) {
                return true;
            }
            chosen.remove(&package);
        }
        false
    }
    extend(registry, 0, &mut BTreeMap::new())
}

fn requires_itself(registry: &Registry) -> bool {
    registry.iter().enumerate().any(|(package, versions)| {
        versions
            .iter()
            .flatten()
            .any(|(target, _)| *target == package)
    })
}

fn pubgrub_finds_one(registry: &Registry) -> bool {
    let mut provider = OfflineDependencyProvider::<u32, Ranges<u32>>::new();
    for (package, versions) in (0u32..).zip(registry) {
        for (rank, requirements) in (0u32..).zip(versions) {
            let mut targets: BTreeMap<u32, Ranges<u32>> = BTreeMap::new();
            for (target, ranks) in requirements {
                let allowed = ranks.iter().fold(Ranges::empty(), |set, rank| {
                    set.union(&Ranges::singleton(*rank))
                });
                targets
                    .entry(u32::try_from(*target).unwrap())
                    .and_modify(|known| *known = known.intersection(&allowed))
                    .or_insert(allowed);
            }
            provider.add_dependencies(package, rank, targets);
        }
    }
    pubgrub::resolve(&provider, 0, 0u32).is_ok()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_solution_is_found_exactly_when_there_is_one(registry in registries(), restart_every in 3usize..50) {
        let found = solve(&registry, restart_every);
        prop_assert_eq!(found.is_some(), brute_force(&registry));
        // The crate lets a version require another version of its own package.
        if !requires_itself(&registry) {
            prop_assert_eq!(found.is_some(), pubgrub_finds_one(&registry));
        }
        if let Some(chosen) = found {
            prop_assert!(is_valid(&registry, &chosen), "{:?}", chosen);
        }
    }
}
