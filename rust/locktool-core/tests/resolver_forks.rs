//! What forks cost and how they are put together: independent conflicts add up, and what is not solved itself still holds.

mod project;

use locktool_core::manifest::{
    ConflictItem, Manifest, ManifestRecord, MemberRecord, SCHEMA, Settings,
};
use locktool_core::marker::MarkerEnvironment;
use locktool_core::name::ExtraName;
use locktool_core::resolver::{Preferences, Resolution, ResolveOptions, resolve};
use locktool_core::source::Progress;
use locktool_core::source::registry::Registry;
use project::truth::selected;
use project::{World, lock, worlds_of_pairs};
use proptest::prelude::*;

fn extra(number: usize) -> ExtraName {
    ExtraName::parse(&format!("x{number:02}")).expect("a name")
}

/// A project whose extras demand something each, and say which of them conflict.
fn record(
    dependencies: &[&str],
    demands: &[Vec<&str>],
    conflicts: &[Vec<usize>],
) -> ManifestRecord {
    let item = |number: &usize| ConflictItem {
        member: None,
        extra: Some(extra(*number)),
        group: None,
    };
    let texts = |texts: &[&str]| texts.iter().map(ToString::to_string).collect();
    let extras = demands.iter().enumerate();
    ManifestRecord {
        schema: SCHEMA,
        requires_python: Some(">=3.11".to_owned()),
        settings: Settings {
            conflicts: Some(
                conflicts
                    .iter()
                    .map(|set| set.iter().map(item).collect())
                    .collect(),
            ),
            ..Settings::default()
        },
        members: vec![MemberRecord {
            path: ".".to_owned(),
            dependencies: texts(dependencies),
            extras: extras
                .map(|(number, demands)| (extra(number), texts(demands)))
                .collect(),
            ..MemberRecord::default()
        }],
        ..ManifestRecord::default()
    }
}

fn resolved(registry: &Registry, record: &ManifestRecord) -> Resolution {
    resolve(
        &Manifest::from_record(record).expect("a manifest"),
        registry,
        &ResolveOptions::default(),
        &Preferences::default(),
        &Progress::default(),
    )
    .expect("an answer")
}

fn choice(extras: &[usize]) -> MarkerEnvironment {
    MarkerEnvironment {
        python_full_version: "3.12.0".to_owned(),
        python_version: "3.12".to_owned(),
        sys_platform: "linux".to_owned(),
        os_name: "posix".to_owned(),
        platform_system: "Linux".to_owned(),
        extras: extras.iter().map(|number| extra(*number)).collect(),
        ..MarkerEnvironment::default()
    }
}

/// What is chosen with some extras, each as `name version`.
fn chosen(resolution: &Resolution, extras: &[usize]) -> Vec<String> {
    let (chosen, _) = selected(&resolution.packages, &choice(extras)).expect("one entry a name");
    let texts = chosen
        .iter()
        .map(|(name, version)| format!("{name} {version}"));
    texts.collect()
}

/// Packages of four versions each, which require nothing.
fn plain(names: &[&str]) -> Registry {
    let mut registry = Registry::default();
    for name in names {
        for version in ["1", "2", "3", "4"] {
            registry.add(name, version, &[]);
        }
    }
    registry
}

/// Pairs of extras that conflict, each about a package of its own.
fn pairs(count: usize) -> Resolution {
    let names: Vec<String> = (0..count).map(|pair| format!("package{pair:02}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let wishes: Vec<String> = names
        .iter()
        .flat_map(|name| [format!("{name}<2"), format!("{name}>=3")])
        .collect();
    let demands: Vec<Vec<&str>> = wishes.iter().map(|wish| vec![wish.as_str()]).collect();
    let conflicts: Vec<Vec<usize>> = (0..count)
        .map(|pair| vec![2 * pair, 2 * pair + 1])
        .collect();
    let registry = plain(&[&["base"], &names[..]].concat());
    resolved(&registry, &record(&["base"], &demands, &conflicts))
}

#[test]
fn independent_conflicts_add_up_instead_of_multiplying() {
    for count in [2, 4, 16] {
        let resolution = pairs(count);
        // One without any side, one for each side alone, one for all combinations.
        assert_eq!(resolution.forks, 2 * count + 2, "{count}");
        let of_two = [chosen(&resolution, &[0, 3]), chosen(&resolution, &[1, 2])];
        assert_eq!(of_two[0], ["base 4", "package00 1", "package01 4"]);
        assert_eq!(of_two[1], ["base 4", "package00 4", "package01 1"]);
        let of_all: Vec<usize> = (0..count).map(|pair| 2 * pair).collect();
        let all = chosen(&resolution, &of_all);
        assert!(all[1..].iter().all(|text| text.ends_with(" 1")), "{all:?}");
        assert_eq!(all.len(), count + 1);
    }
    assert!(pairs(16).attempts < 40 * pairs(4).attempts);
}

#[test]
fn a_conflict_moves_nothing_where_none_of_its_sides_is_chosen() {
    let demands = [vec!["one<2"], vec!["one>=3"], vec!["two<2"], vec!["two>=3"]];
    let record = record(&["one", "two"], &demands, &[vec![0, 1], vec![2, 3]]);
    let resolution = resolved(&plain(&["one", "two"]), &record);
    assert_eq!(chosen(&resolution, &[]), ["one 4", "two 4"]);
    assert_eq!(chosen(&resolution, &[2]), ["one 4", "two 1"]);
    assert_eq!(chosen(&resolution, &[1]), ["one 4", "two 4"]);
    assert_eq!(chosen(&resolution, &[0, 2]), ["one 1", "two 1"]);
}

#[test]
fn many_extras_of_which_each_two_conflict_take_one_fork_each() {
    let names: Vec<String> = (1..=20).map(|number| format!("shared=={number}")).collect();
    let demands: Vec<Vec<&str>> = names.iter().map(|wish| vec![wish.as_str()]).collect();
    let conflicts: Vec<Vec<usize>> = (0..20)
        .flat_map(|one| (one + 1..20).map(move |other| vec![one, other]))
        .collect();
    let mut registry = Registry::default();
    for version in 1..=20 {
        registry.add("shared", &version.to_string(), &[]);
    }
    let resolution = resolved(&registry, &record(&[], &demands, &conflicts));
    // One more has none of them.
    assert_eq!(resolution.forks, 21);
    assert_eq!(chosen(&resolution, &[6]), ["shared 7"]);
    assert!(selected(&resolution.packages, &choice(&[6, 7])).is_err());
}

#[test]
fn an_extra_takes_no_older_version_for_the_sake_of_one_it_excludes() {
    let mut registry = plain(&["shared"]);
    registry.add("one", "1", &["shared<3"]);
    registry.add("two", "1", &[]);
    registry.add("two", "2", &["shared>=3"]);
    let demands = [vec!["one"], vec!["two"]];
    let resolution = resolved(&registry, &record(&[], &demands, &[vec![0, 1]]));
    assert_eq!(chosen(&resolution, &[0]), ["one 1", "shared 2"]);
    assert_eq!(chosen(&resolution, &[1]), ["shared 4", "two 2"]);
    // Extras that may be chosen together agree where they can.
    let resolution = resolved(&registry, &record(&[], &demands, &[]));
    assert_eq!(chosen(&resolution, &[0, 1]), ["one 1", "shared 2", "two 1"]);
}

#[test]
fn differences_that_meet_in_a_package_are_solved_together() {
    let registry = plain(&["base", "one", "two"]);
    let demands = [
        vec!["one<2", "base<2"],
        vec!["one>=2"],
        vec!["two<2", "base<3"],
        vec!["two>=2"],
    ];
    let record = record(&["base"], &demands, &[vec![0, 1], vec![2, 3]]);
    let resolution = resolved(&registry, &record);
    assert_eq!(chosen(&resolution, &[0, 3]), ["base 1", "one 1", "two 4"]);
    assert_eq!(chosen(&resolution, &[1, 2]), ["base 2", "one 4", "two 1"]);
    assert_eq!(chosen(&resolution, &[0, 2]), ["base 1", "one 1", "two 1"]);
    assert_eq!(chosen(&resolution, &[1, 3]), ["base 4", "one 4", "two 4"]);
}

#[test]
fn a_difference_that_breaks_another_is_solved_with_it() {
    // What the first pair changes about `base` is not what the second needs of it.
    let mut registry = plain(&["one", "two", "base"]);
    registry.add("link", "1", &["base"]);
    registry.add("link", "2", &["base>=3"]);
    let demands = [
        vec!["one<2", "base<3"],
        vec!["one>=2"],
        vec!["two<2", "link"],
        vec!["two>=2"],
    ];
    let record = record(&["base"], &demands, &[vec![0, 1], vec![2, 3]]);
    let resolution = resolved(&registry, &record);
    let both = chosen(&resolution, &[0, 2]);
    assert_eq!(both, ["base 2", "link 1", "one 1", "two 1"]);
    let second = chosen(&resolution, &[2]);
    assert_eq!(second, ["base 4", "link 2", "two 1"]);
}

proptest! {
    #![proptest_config(project::cases(75))]

    #[test]
    fn combinations_that_are_put_together_hold(world in worlds_of_pairs()) {
        project::assert_locks_exactly(&world)?;
    }

    #[test]
    fn the_order_of_conflicts_does_not_matter(world in worlds_of_pairs()) {
        let mut turned = world.clone();
        let conflicts = turned.record.settings.conflicts.get_or_insert_default();
        conflicts.reverse();
        for conflict in conflicts {
            conflict.reverse();
        }
        let of = |world: &World| lock(&world.registry, &world.record).ok();
        prop_assert_eq!(of(&world), of(&turned));
    }
}
