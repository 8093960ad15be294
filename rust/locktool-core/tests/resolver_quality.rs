//! Which of several solutions is chosen: how conflicts change the course of a search, and which old picks are exchanged.

use locktool_core::lock::LockedPackage;
use locktool_core::manifest::{Manifest, ManifestRecord, MemberRecord, QualityPass, SCHEMA};
use locktool_core::name::{ExtraName, GroupName};
use locktool_core::resolver::{Preferences, Resolution, ResolveOptions, resolve};
use locktool_core::source::Progress;
use locktool_core::source::registry::Registry;

fn record(requirements: &[&str]) -> ManifestRecord {
    ManifestRecord {
        schema: SCHEMA,
        requires_python: Some(">=3.11".to_owned()),
        members: vec![MemberRecord {
            path: ".".to_owned(),
            dependencies: requirements.iter().map(ToString::to_string).collect(),
            ..MemberRecord::default()
        }],
        ..ManifestRecord::default()
    }
}

fn resolved(
    registry: &Registry,
    requirements: &[&str],
    quality_pass: bool,
    locked: &[LockedPackage],
) -> Resolution {
    let mut record = record(requirements);
    record.settings.quality_pass = Some(QualityPass(quality_pass));
    resolve(
        &Manifest::from_record(&record).expect("a manifest"),
        registry,
        &ResolveOptions::default(),
        &Preferences::from_locked(locked, |_| true),
        &Progress::default(),
    )
    .expect("an answer")
}

fn lines(resolution: &Resolution) -> Vec<String> {
    let packages = resolution.packages.iter();
    let line = |package: &LockedPackage| {
        let version = package.version.as_deref().unwrap_or("");
        format!("{} {version}", package.name)
    };
    packages.map(line).collect()
}

fn chosen(registry: &Registry, requirements: &[&str]) -> Vec<String> {
    lines(&resolved(registry, requirements, true, &[]))
}

/// Two packages of which each has, newest first, some versions that do not go with the newest of the other, through a third.
fn rivals(first: (&str, usize), second: (&str, usize)) -> Registry {
    let mut registry = Registry::default();
    registry.add("between", "1", &[]).add("between", "2", &[]);
    for ((name, newer), wants, older) in [
        (first, "between<2", ""),
        (second, "between>=2", "between<2"),
    ] {
        for number in 0..60 {
            let requires = if number + newer >= 60 { wants } else { older };
            let requires: &[&str] = if requires.is_empty() {
                &[]
            } else {
                &[requires]
            };
            registry.add(name, &format!("1.{number}"), requires);
        }
    }
    registry
}

#[test]
fn both_sides_of_a_conflict_step_back_in_turns() {
    // One side works again 50 versions ago, the other 12 versions ago.
    for (far, near) in [("alpha", "omega"), ("omega", "alpha")] {
        let registry = rivals((far, 50), (near, 12));
        let mut expected = vec![
            format!("{far} 1.59"),
            format!("{near} 1.47"),
            "between 1".to_owned(),
        ];
        expected.sort();
        assert_eq!(chosen(&registry, &[far, near]), expected);
    }
}

#[test]
fn versions_set_aside_are_tried_where_nothing_else_is_left() {
    let mut registry = Registry::default();
    registry
        .add("lib", "1", &[])
        .add("lib", "2", &[])
        .add("inner", "1.0", &[]);
    for number in 1..=20 {
        registry.add("inner", &format!("1.{number}"), &["lib<2"]);
    }
    for number in 0..40 {
        // All but the newest insist on what cannot be had.
        let requires = if number == 39 { "inner" } else { "inner>=1.1" };
        registry.add("tool", &format!("1.{number}"), &[requires]);
    }
    assert_eq!(
        chosen(&registry, &["lib>=2", "tool"]),
        ["inner 1.0", "lib 2", "tool 1.39"]
    );
}

#[test]
fn what_one_fork_learned_of_the_order_serves_the_next() {
    let mut registry = Registry::default();
    registry.add("split", "1", &[]).add("split", "2", &[]);
    for name in ["a", "b", "c"] {
        // The newest of one part goes with none of the other's.
        let (early, late, inner) = (
            format!("early-{name}"),
            format!("late-{name}"),
            format!("inner-{name}"),
        );
        let older = format!("{early}<2");
        registry
            .add(&early, "1", &[])
            .add(&early, "2", &[])
            .add(&late, "1", &[&inner]);
        for number in 0..40 {
            registry.add(&inner, &format!("1.{number}"), &[&older]);
        }
    }
    let parts = [
        "early-a", "early-b", "early-c", "late-a", "late-b", "late-c",
    ];
    let whole = resolved(&registry, &[&parts[..], &["split"]].concat(), true, &[]);
    let halves = [
        "split<2; sys_platform == 'win32'",
        "split>=2; sys_platform != 'win32'",
    ];
    let apart = resolved(&registry, &[&parts[..], &halves].concat(), true, &[]);
    assert_eq!(lines(&apart).len(), lines(&whole).len() + 1);
    assert!(
        apart.attempts < whole.attempts * 3 / 2,
        "{} tries, {} in one fork",
        apart.attempts,
        whole.attempts
    );
}

/// `binder` at its newest version keeps `bound` below 9; both have a release every so many days.
fn bond(binder: (&str, i64), bound: (&str, i64)) -> Registry {
    let mut registry = Registry::default();
    let below_nine = format!("{}<9", bound.0);
    for number in 1..=9 {
        let version = number.to_string();
        let requires: &[&str] = if number == 9 { &[&below_nine] } else { &[] };
        registry.add(binder.0, &version, requires);
        registry.upload(binder.0, &version, 10_000 + number * binder.1);
        registry.add(bound.0, &version, &[]);
        registry.upload(bound.0, &version, 10_000 + number * bound.1);
    }
    registry
}

/// Whichever of the two is named and decided first.
fn assert_chosen_in_either_order(days: (i64, i64), expected: (u32, u32)) {
    for (binder, bound) in [("alpha", "omega"), ("omega", "alpha")] {
        let registry = bond((binder, days.0), (bound, days.1));
        let mut expected = vec![
            format!("{binder} {}", expected.0),
            format!("{bound} {}", expected.1),
        ];
        expected.sort();
        assert_eq!(
            chosen(&registry, &[binder, bound]),
            expected,
            "{binder} binds {bound}"
        );
    }
}

#[test]
fn an_old_pick_is_exchanged_for_a_small_loss_elsewhere() {
    assert_chosen_in_either_order((10, 200), (8, 9));
}

#[test]
fn a_small_loss_is_not_exchanged_for_a_great_one() {
    assert_chosen_in_either_order((200, 100), (9, 8));
}

#[test]
fn where_uploads_are_not_dated_releases_count() {
    for (bond, expected) in [
        ("alpha<9", ["alpha 8", "omega 9"]),
        ("alpha<5", ["alpha 9", "omega 8"]),
    ] {
        let mut registry = Registry::default();
        for number in 1..=9 {
            let requires: &[&str] = if number == 9 { &[bond] } else { &[] };
            registry.add("omega", &number.to_string(), requires);
            registry.add("alpha", &number.to_string(), &[]);
        }
        assert_eq!(chosen(&registry, &["alpha", "omega"]), expected);
    }
}

#[test]
fn without_the_quality_pass_the_first_solution_stands() {
    let registry = bond(("omega", 10), ("alpha", 200));
    let first = resolved(&registry, &["alpha", "omega"], false, &[]);
    assert_eq!(lines(&first), ["alpha 8", "omega 9"]);
}

#[test]
fn what_a_lock_holds_is_not_exchanged() {
    let registry = bond(("omega", 10), ("alpha", 200));
    let locked = resolved(&registry, &["alpha", "omega"], false, &[]).packages;
    let again = resolved(&registry, &["alpha", "omega"], true, &locked);
    assert_eq!(lines(&again), ["alpha 8", "omega 9"]);
    // A package that the lock does not have is not exchanged for one that it has.
    let bound: Vec<LockedPackage> = locked
        .into_iter()
        .filter(|package| package.name == "omega")
        .collect();
    let again = resolved(&registry, &["alpha", "omega"], true, &bound);
    assert_eq!(lines(&again), ["alpha 8", "omega 9"]);
}

#[test]
fn nothing_is_built_to_exchange_a_pick() {
    let mut registry = bond(("omega", 10), ("alpha", 200));
    for (version, description) in registry.packages.get_mut("omega").expect("a package") {
        description.is_source = version != "9";
    }
    assert_eq!(
        chosen(&registry, &["alpha", "omega"]),
        ["alpha 8", "omega 9"]
    );
}

#[test]
fn what_an_offline_run_does_not_have_is_not_exchanged() {
    for away in ["omega", "alpha"] {
        let mut registry = bond(("omega", 10), ("alpha", 200));
        for (version, description) in registry.packages.get_mut(away).expect("a package") {
            let first = if away == "omega" { "9" } else { "8" };
            description.is_uncached = version != first;
        }
        assert_eq!(
            chosen(&registry, &["alpha", "omega"]),
            ["alpha 8", "omega 9"],
            "{away}"
        );
    }
}

#[test]
fn a_bound_of_the_project_is_not_exchanged() {
    let registry = bond(("alpha", 10), ("omega", 200));
    assert_eq!(
        chosen(&registry, &["alpha", "omega<9"]),
        ["alpha 9", "omega 8"]
    );
}

/// `alpha` at its newest version keeps `omega` below 9, and requires it in each version.
fn requirer_of_an_old_release() -> Registry {
    let mut registry = bond(("alpha", 10), ("omega", 200));
    for number in 1..9 {
        let description = registry.packages.get_mut("alpha").expect("a package");
        let description = description.get_mut(&number.to_string());
        description.expect("a version").requires = vec!["omega".to_owned()];
    }
    registry
}

#[test]
fn what_the_project_names_is_not_put_back_for_what_it_does_not_name() {
    let registry = requirer_of_an_old_release();
    assert_eq!(chosen(&registry, &["alpha"]), ["alpha 9", "omega 8"]);
}

#[test]
fn extras_and_groups_name_packages_as_dependencies_do() {
    let registry = bond(("omega", 10), ("alpha", 200));
    let mut record = record(&["alpha"]);
    let omega = vec!["omega".to_owned()];
    for is_group in [false, true] {
        record.members[0].extras.clear();
        if is_group {
            let name = GroupName::parse("dev").expect("a name");
            record.members[0].groups.insert(name, omega.clone());
        } else {
            let name = ExtraName::parse("more").expect("a name");
            record.members[0].extras.insert(name, omega.clone());
        }
        let manifest = Manifest::from_record(&record).expect("a manifest");
        let resolution = resolve(
            &manifest,
            &registry,
            &ResolveOptions::default(),
            &Preferences::default(),
            &Progress::default(),
        );
        assert_eq!(
            lines(&resolution.expect("an answer")),
            ["alpha 9", "omega 8"]
        );
    }
}

#[test]
fn no_prerelease_is_taken_for_a_newer_pick() {
    let mut registry = requirer_of_an_old_release();
    let versions = registry.packages.get_mut("alpha").expect("a package");
    versions.retain(|version, _| version == "9");
    for version in ["8rc1", "10"] {
        registry.add("alpha", version, &["omega"]);
    }
    registry.add("top", "1", &["alpha<10"]);
    assert_eq!(chosen(&registry, &["top"]), ["alpha 9", "omega 8", "top 1"]);
}

#[test]
fn a_bound_that_its_author_added_is_not_evaded() {
    let mut registry = requirer_of_an_old_release();
    registry.add("top", "1", &["alpha"]);
    assert_eq!(chosen(&registry, &["top"]), ["alpha 9", "omega 8", "top 1"]);
}

#[test]
fn a_bound_that_later_releases_dropped_is_avoided() {
    let mut registry = requirer_of_an_old_release();
    registry
        .add("alpha", "10", &["omega", "other<2"])
        .upload("alpha", "10", 10_100);
    registry.add("other", "1", &[]).add("other", "2", &[]);
    registry.add("top", "1", &["alpha", "other>=2"]);
    assert_eq!(
        chosen(&registry, &["top"]),
        ["alpha 8", "omega 9", "other 2", "top 1"]
    );
}
