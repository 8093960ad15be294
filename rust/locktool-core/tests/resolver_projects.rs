//! The universal resolver on random projects with extras, groups, members, conflicts and changes to requirements, held
//! against exhaustive search in every environment and for every choice of extras and groups.

mod project;

use locktool_core::manifest::{Manifest, ResolutionMode};
use locktool_core::marker::MarkerEnvironment;
use locktool_core::resolver::{Preferences, ResolveOptions, resolve};
use locktool_core::source::Progress;
use project::truth::{brute_force, environments, fault, selected};
use project::{World, lock, lock_again, worlds};
use proptest::prelude::*;
use proptest::sample::select;

const MODES: [ResolutionMode; 3] = [
    ResolutionMode::Highest,
    ResolutionMode::Lowest,
    ResolutionMode::LowestDirect,
];

/// The choices of extras and groups within another, on the same machine.
fn is_within(part: &MarkerEnvironment, whole: &MarkerEnvironment) -> bool {
    let machine = |environment: &MarkerEnvironment| MarkerEnvironment {
        extras: Vec::new(),
        dependency_groups: Vec::new(),
        ..environment.clone()
    };
    machine(part) == machine(whole)
        && part.extras.iter().all(|extra| whole.extras.contains(extra))
        && part
            .dependency_groups
            .iter()
            .all(|group| whole.dependency_groups.contains(group))
}

/// Whether a choice is as large as it can be within another that is forbidden.
fn is_largest(
    part: &MarkerEnvironment,
    whole: &MarkerEnvironment,
    allowed: &[MarkerEnvironment],
) -> bool {
    is_within(part, whole)
        && !allowed
            .iter()
            .any(|other| other != part && is_within(part, other) && is_within(other, whole))
}

proptest! {
    #![proptest_config(project::cases(200))]

    #[test]
    fn a_lock_is_found_exactly_when_every_choice_has_an_answer(world in worlds()) {
        project::assert_locks_exactly(&world)?;
    }

    #[test]
    fn a_forbidden_choice_selects_all_that_its_parts_do(world in worlds().prop_filter("conflicts", |world| world.record.settings.conflicts.is_some())) {
        let Ok(packages) = lock(&world.registry, &world.record) else { return Ok(()) };
        let (allowed, forbidden) = environments(&world.record);
        for choice in &forbidden {
            let entries = selected(&packages, choice);
            for part in allowed.iter().filter(|part| is_largest(part, choice, &allowed)) {
                let (within, _) = selected(&packages, part).unwrap();
                let Ok((entries, _)) = &entries else { continue };
                prop_assert!(within.iter().all(|(name, version)| entries.get(name) == Some(version)), "{:?} {:?} {:#?}", choice, part, packages);
            }
        }
    }

    #[test]
    fn the_order_in_which_a_project_is_written_does_not_matter(world in worlds()) {
        let mut turned = world.record.clone();
        turned.members.reverse();
        turned.settings.constraints.iter_mut().for_each(|changes| changes.reverse());
        turned.settings.overrides.iter_mut().for_each(|changes| changes.reverse());
        turned.settings.conflicts.iter_mut().for_each(|conflicts| conflicts.reverse());
        for member in &mut turned.members {
            member.dependencies.reverse();
            let extras = member.extras.values_mut();
            extras.chain(member.groups.values_mut()).for_each(|requirements| requirements.reverse());
        }
        for conflict in turned.settings.conflicts.iter_mut().flatten() {
            conflict.reverse();
        }
        let (found, other) = (lock(&world.registry, &world.record), lock(&world.registry, &turned));
        prop_assert_eq!(found.ok(), other.ok());
    }

    #[test]
    fn an_existing_lock_outlives_versions_that_come_and_go(world in worlds(), name in 0..8_usize, version in 1..7_u8) {
        let mut smaller = world.registry.clone();
        let versions = smaller.packages.values_mut().nth(name).expect("eight packages");
        versions.remove(&version.to_string());
        if let Ok(packages) = lock(&smaller, &world.record) {
            let after = lock_again(&world.registry, &world.record, &packages);
            prop_assert_eq!(after.ok(), Some(packages), "published");
        }
        let Ok(packages) = lock(&world.registry, &world.record) else { return Ok(()) };
        if let Ok(after) = lock_again(&smaller, &world.record, &packages) {
            let is_used = after.iter().zip(&packages).any(|(one, other)| one != other);
            let name = world.registry.packages.keys().nth(name).expect("eight packages");
            let was_used = packages.iter().any(|p| p.name == *name && p.version == Some(version.to_string()));
            prop_assert!(was_used || (!is_used && after.len() == packages.len()), "withdrawn {:#?} {:#?}", packages, after);
        }
    }

    #[test]
    fn the_lock_of_another_project_does_no_harm(before in worlds(), world in worlds(), mode in select(&MODES[..])) {
        let mut world = world;
        world.record.settings.resolution = Some(mode);
        let stale = lock(&before.registry, &before.record).unwrap_or_default();
        let fresh = lock(&world.registry, &world.record);
        let found = lock_again(&world.registry, &world.record, &stale);
        prop_assert_eq!(found.is_ok(), fresh.is_ok());
        let Ok(packages) = found else { return Ok(()) };
        let (environments, _) = environments(&world.record);
        for environment in &environments {
            let fault = fault(&world, &packages, environment);
            prop_assert!(fault.is_none(), "{:?} in {:?} of {:#?}", fault, environment, packages);
        }
        let again = lock_again(&world.registry, &world.record, &packages);
        prop_assert_eq!(again.ok(), Some(packages));
    }

    #[test]
    fn one_environment_is_resolved_for_itself(world in worlds()) {
        let mut world = World { is_strict: true, ..world };
        for member in &mut world.record.members {
            member.extras.clear();
            member.groups.clear();
        }
        let manifest = Manifest::from_record(&world.record).unwrap();
        for environment in environments(&world.record).0 {
            let options = ResolveOptions { target: Some(environment.clone()), ..ResolveOptions::default() };
            let found = resolve(&manifest, &world.registry, &options, &Preferences::default(), &Progress::default());
            prop_assert_eq!(found.is_ok(), brute_force(&world, &environment), "{:?} {:?}", environment, found);
            if let Ok(resolution) = found {
                prop_assert_eq!(resolution.forks, 1);
                let fault = fault(&world, &resolution.packages, &environment);
                prop_assert!(fault.is_none(), "{:?} in {:?} of {:#?}", fault, environment, resolution.packages);
            }
        }
    }
}
