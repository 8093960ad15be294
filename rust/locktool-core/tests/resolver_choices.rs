//! What the resolver chooses among versions and places: one small index and one expectation each.

mod project;

use locktool_core::certify::certify;
use locktool_core::manifest::{
    ForkStrategy, Manifest, ManifestRecord, MemberRecord, PrereleaseMode, ResolutionMode, SCHEMA,
    SourceRecord,
};
use locktool_core::resolver::{Preferences, ResolveOptions, resolve};
use locktool_core::source::Progress;
use locktool_core::source::registry::Registry;
use project::{document, lock, lock_again};

const WHEEL: &str = "https://example.invalid/files/a-9-py3-none-any.whl";
const OTHER_WHEEL: &str = "https://example.invalid/other/a-9-py3-none-any.whl";

fn record(requirements: &[&str]) -> ManifestRecord {
    ManifestRecord {
        schema: SCHEMA,
        requires_python: Some(">=3.11".to_owned()),
        members: vec![MemberRecord {
            name: Some("root".parse().expect("a name")),
            path: ".".to_owned(),
            dependencies: requirements.iter().map(ToString::to_string).collect(),
            ..MemberRecord::default()
        }],
        ..ManifestRecord::default()
    }
}

/// `name version; marker` of each entry. The lock must prove itself and be its own answer.
fn locked(registry: &Registry, record: &ManifestRecord) -> Result<Vec<String>, String> {
    let packages = lock(registry, record).map_err(|error| error.to_string())?;
    let reasons = certify(&document(record, packages.clone()), record).expect("a manifest");
    assert_eq!(reasons, vec![], "{packages:#?}");
    let again = lock_again(registry, record, &packages).expect("a lock");
    assert_eq!(again, packages);
    Ok(lines(&packages))
}

fn lines(packages: &[locktool_core::lock::LockedPackage]) -> Vec<String> {
    packages
        .iter()
        .map(|package| {
            let version = package.version.as_deref().unwrap_or("");
            match &package.marker {
                Some(marker) => format!("{} {version}; {marker}", package.name),
                None => format!("{} {version}", package.name),
            }
        })
        .collect()
}

fn numbered(name: &str, versions: &[&str]) -> Registry {
    let mut registry = Registry::default();
    for version in versions {
        registry.add(name, version, &[]);
    }
    registry
}

#[test]
fn an_address_and_the_index_are_not_mixed() {
    let mut registry = numbered("a", &["1"]);
    registry.serve(WHEEL, &[]);
    registry
        .add("c", "1", &[])
        .add("c", "2", &[&format!("a @ {WHEEL}")]);
    let found = locked(&registry, &record(&["a", "c"]));
    assert_eq!(found.unwrap(), ["a 1", "c 1"]);
    let found = locked(&registry, &record(&["a", "c>=2"])).unwrap_err();
    assert!(found.contains("a can come from one place only"), "{found}");
}

#[test]
fn two_addresses_of_a_name_are_not_mixed() {
    let mut registry = Registry::default();
    registry.serve(WHEEL, &[]).serve(OTHER_WHEEL, &[]);
    registry.add("b", "1", &[&format!("a @ {WHEEL}")]);
    registry
        .add("c", "1", &[])
        .add("c", "2", &[&format!("a @ {OTHER_WHEEL}")]);
    let found = locked(&registry, &record(&["b", "c"]));
    assert_eq!(found.unwrap(), ["a 9", "b 1", "c 1"]);
}

#[test]
fn places_of_a_name_may_differ_where_markers_do() {
    let mut registry = numbered("a", &["1"]);
    registry.serve(WHEEL, &[]);
    registry.add(
        "c",
        "1",
        &[&format!("a @ {WHEEL} ; sys_platform == 'linux'")],
    );
    let found = locked(&registry, &record(&["a; sys_platform != 'linux'", "c"]));
    assert_eq!(
        found.unwrap(),
        [
            "a 1; sys_platform != 'linux'",
            "a 9; sys_platform == 'linux'",
            "c 1"
        ]
    );
}

#[test]
fn an_address_of_the_project_counts_for_those_who_ask_by_name() {
    let mut registry = numbered("a", &["1", "2"]);
    registry.serve(WHEEL, &[]);
    registry.add("b", "1", &["a>=2"]);
    let url = format!("a @ {WHEEL} ; sys_platform == 'linux'");
    let found = locked(&registry, &record(&[&url, "b"]));
    assert_eq!(
        found.unwrap(),
        [
            "a 2; sys_platform != 'linux'",
            "a 9; sys_platform == 'linux'",
            "b 1"
        ]
    );
}

#[test]
fn an_address_for_an_extra_counts_only_with_it() {
    let mut registry = numbered("a", &["1"]);
    registry.serve(WHEEL, &[]);
    let mut record = record(&["a"]);
    let extra = ("x".parse().expect("a name"), vec![format!("a @ {WHEEL}")]);
    record.members[0].extras.insert(extra.0, extra.1);
    let found = locked(&registry, &record);
    assert_eq!(
        found.unwrap(),
        ["a 1; 'x' not in extras", "a 9; 'x' in extras"]
    );
}

#[test]
fn a_block_of_another_place_is_noticed() {
    let mut registry = numbered("a", &["9"]);
    registry.serve(WHEEL, &[]).serve(OTHER_WHEEL, &[]);
    let of_index = record(&["a"]);
    let of_address = record(&[&format!("a @ {WHEEL}#sha256=00")]);
    let of_other = record(&[&format!("a @ {OTHER_WHEEL}")]);
    registry.serve(&format!("{WHEEL}#sha256=00"), &[]);
    let records = [of_index, of_address, of_other];
    for here in &records {
        for there in &records {
            let packages = lock(&registry, there).unwrap();
            let reasons = certify(&document(here, packages), here).unwrap();
            assert_eq!(
                reasons.is_empty(),
                here == there,
                "{here:?} {there:?} {reasons:?}"
            );
        }
    }
}

#[test]
fn the_path_of_a_member_is_the_member() {
    let mut record = record(&["lib"]);
    record.members.push(MemberRecord {
        name: Some("lib".parse().expect("a name")),
        path: "lib".to_owned(),
        package: true,
        ..MemberRecord::default()
    });
    record.sources.push(SourceRecord {
        name: "lib".to_owned(),
        path: Some("lib".to_owned()),
        ..SourceRecord::default()
    });
    assert_eq!(locked(&Registry::default(), &record).unwrap(), ["lib "]);
}

#[test]
fn a_prerelease_is_taken_where_nothing_else_exists() {
    let registry = numbered("a", &["1a1", "1a2"]);
    assert_eq!(locked(&registry, &record(&["a"])).unwrap(), ["a 1a2"]);
}

#[test]
fn a_prerelease_is_taken_where_no_other_version_satisfies() {
    let registry = numbered("a", &["1", "2rc1"]);
    assert_eq!(locked(&registry, &record(&["a"])).unwrap(), ["a 1"]);
    assert_eq!(locked(&registry, &record(&["a>1"])).unwrap(), ["a 2rc1"]);
}

#[test]
fn a_prerelease_is_taken_where_requirements_together_leave_no_other() {
    let mut registry = numbered("a", &["1", "2rc1"]);
    registry.add("b", "1", &["a!=1"]);
    let found = locked(&registry, &record(&["a", "b"]));
    assert_eq!(found.unwrap(), ["a 2rc1", "b 1"]);
}

#[test]
fn a_specifier_that_names_a_prerelease_permits_it_and_prefers_finals() {
    let mut registry = numbered("a", &["1", "2rc1", "2rc2"]);
    registry.add("b", "1", &["a>=2rc1"]);
    assert_eq!(locked(&registry, &record(&["a>=1a0"])).unwrap(), ["a 1"]);
    assert_eq!(
        locked(&registry, &record(&["a==2rc1"])).unwrap(),
        ["a 2rc1"]
    );
    assert_eq!(
        locked(&registry, &record(&["a", "b"])).unwrap(),
        ["a 2rc2", "b 1"]
    );
}

#[test]
fn a_prerelease_is_taken_where_final_releases_need_another_python() {
    let mut registry = numbered("a", &["1a1", "2"]);
    registry.needs_python("a", "2", ">=3.12");
    assert_eq!(
        locked(&registry, &record(&["a"])).unwrap(),
        [
            "a 1a1; python_version < '3.12'",
            "a 2; python_version >= '3.12'"
        ]
    );
}

#[test]
fn a_locked_prerelease_moves_when_the_mode_forbids_it() {
    let registry = numbered("a", &["1", "2rc1"]);
    let mut record = record(&["a"]);
    record.settings.prerelease = Some(PrereleaseMode::Allow);
    let before = lock(&registry, &record).unwrap();
    assert_eq!(lines(&before), ["a 2rc1"]);
    record.settings.prerelease = Some(PrereleaseMode::Disallow);
    assert_eq!(
        lines(&lock_again(&registry, &record, &before).unwrap()),
        ["a 1"]
    );
}

#[test]
fn a_lock_whose_entries_overlap_is_mended() {
    let registry = numbered("a", &["1", "2"]);
    let record = record(&["a"]);
    let good = lock(&registry, &record).unwrap();
    let mut older = good[0].clone();
    older.version = Some("1".to_owned());
    let whole = [good[0].clone(), older.clone()];
    assert_eq!(lock_again(&registry, &record, &whole).unwrap(), good);
    older.marker = Some("sys_platform == 'linux'".to_owned());
    let mended = lock_again(&registry, &record, &[older, good[0].clone()]).unwrap();
    assert_eq!(
        lines(&mended),
        [
            "a 1; sys_platform == 'linux'",
            "a 2; sys_platform != 'linux'"
        ]
    );
}

#[test]
fn groups_share_a_version_wherever_one_serves_all() {
    let mut registry = Registry::default();
    let mut record = record(&[]);
    let groups = &mut record.members[0].groups;
    for number in 0..12 {
        let name = format!("p{number}");
        registry.add(&name, "1", &[]).add(&name, "2", &[]);
        let group = |letter| format!("{letter}{number}").parse().expect("a name");
        groups.insert(group("g"), vec![format!("{name}<2")]);
        groups.insert(group("h"), vec![name]);
    }
    let found = locked(&registry, &record).unwrap();
    assert_eq!(found.len(), 12);
    assert_eq!(
        found[0],
        "p0 1; 'g0' in dependency_groups or 'h0' in dependency_groups"
    );
}

#[test]
fn prereleases_follow_the_mode() {
    let registry = numbered("a", &["1", "2rc1"]);
    let only = numbered("a", &["2rc1"]);
    let with = |mode, registry: &Registry, requirement: &str| {
        let mut record = record(&[requirement]);
        record.settings.prerelease = Some(mode);
        locked(registry, &record).unwrap_or_default()
    };
    assert_eq!(with(PrereleaseMode::Allow, &registry, "a"), ["a 2rc1"]);
    assert_eq!(
        with(PrereleaseMode::Explicit, &registry, "a>1a0,!=1"),
        ["a 2rc1"]
    );
    assert_eq!(
        with(PrereleaseMode::IfNecessary, &registry, "a>=1a0"),
        ["a 1"]
    );
    assert_eq!(with(PrereleaseMode::IfNecessary, &only, "a"), ["a 2rc1"]);
    assert!(with(PrereleaseMode::Explicit, &only, "a").is_empty());
    assert!(with(PrereleaseMode::Disallow, &only, "a>=1a0").is_empty());
}

#[test]
fn a_yanked_version_is_taken_for_an_exact_pin_alone() {
    let mut registry = numbered("a", &["1", "2", "3"]);
    registry.yank("a", "3");
    assert_eq!(locked(&registry, &record(&["a"])).unwrap(), ["a 2"]);
    assert!(locked(&registry, &record(&["a>=3"])).is_err());
    assert_eq!(locked(&registry, &record(&["a==3"])).unwrap(), ["a 3"]);
}

#[test]
fn a_yanked_version_is_not_taken_for_a_pin_of_a_series() {
    let mut registry = numbered("a", &["1.0", "1.1"]);
    registry.yank("a", "1.1");
    assert_eq!(locked(&registry, &record(&["a==1.*"])).unwrap(), ["a 1.0"]);
}

#[test]
fn a_yanked_version_stays_where_the_lock_has_it() {
    let mut registry = numbered("a", &["1", "2"]);
    let record = record(&["a"]);
    let before = lock(&registry, &record).unwrap();
    registry.yank("a", "2");
    let after = lock_again(&registry, &record, &before).unwrap();
    assert_eq!(after, before);
}

#[test]
fn a_pin_of_another_place_does_not_admit_a_yanked_version() {
    let mut registry = numbered("a", &["1", "2"]);
    registry.yank("a", "2");
    let found = locked(
        &registry,
        &record(&[
            "a==2; sys_platform == 'linux'",
            "a; sys_platform != 'linux'",
        ]),
    );
    assert_eq!(
        found.unwrap(),
        [
            "a 1; sys_platform != 'linux'",
            "a 2; sys_platform == 'linux'"
        ]
    );
}

#[test]
fn the_lowest_versions_are_taken_when_asked_for() {
    let mut registry = numbered("b", &["1", "2", "3"]);
    registry.add("a", "1", &["b>=2"]).add("a", "2", &["b>=2"]);
    let mut record = record(&["a"]);
    record.settings.resolution = Some(ResolutionMode::Lowest);
    assert_eq!(locked(&registry, &record).unwrap(), ["a 1", "b 2"]);
    record.settings.resolution = Some(ResolutionMode::LowestDirect);
    assert_eq!(locked(&registry, &record).unwrap(), ["a 1", "b 3"]);
}

#[test]
fn what_a_group_requires_is_direct() {
    let mut registry = numbered("b", &["1", "2"]);
    registry.add("a", "1", &["b"]).add("a", "2", &["b"]);
    let mut record = record(&[]);
    record.settings.resolution = Some(ResolutionMode::LowestDirect);
    let group = "g".parse().expect("a name");
    record.members[0].groups.insert(group, vec!["a".to_owned()]);
    assert_eq!(
        locked(&registry, &record).unwrap(),
        [
            "a 1; 'g' in dependency_groups",
            "b 2; 'g' in dependency_groups"
        ]
    );
}

#[test]
fn the_fewest_strategy_takes_one_version_for_all_pythons() {
    let mut registry = numbered("a", &["1", "2"]);
    registry.needs_python("a", "2", ">=3.12");
    let mut record = record(&["a"]);
    record.settings.fork_strategy = Some(ForkStrategy::Fewest);
    assert_eq!(locked(&registry, &record).unwrap(), ["a 1"]);
    let mut only = numbered("a", &["2"]);
    only.needs_python("a", "2", ">=3.12");
    assert!(locked(&only, &record).is_err());
    record.requires_python = Some(">=3.12".to_owned());
    assert_eq!(locked(&only, &record).unwrap(), ["a 2"]);
}

#[test]
fn the_upgrade_of_one_package_moves_it_and_what_it_forces() {
    let mut registry = numbered("c", &["1"]);
    registry
        .add("a", "1", &["b"])
        .add("b", "1", &["c"])
        .add("d", "1", &[]);
    let record = record(&["a", "d"]);
    let before = lock(&registry, &record).unwrap();
    registry
        .add("a", "2", &["b>=2"])
        .add("b", "2", &["c"])
        .add("c", "2", &[])
        .add("d", "2", &[]);
    let kept = Preferences::from_locked(&before, |name| name.as_str() != "a");
    let manifest = Manifest::from_record(&record).unwrap();
    let options = ResolveOptions::default();
    let after = resolve(&manifest, &registry, &options, &kept, &Progress::default()).unwrap();
    assert_eq!(lines(&after.packages), ["a 2", "b 2", "c 1", "d 1"]);
}

#[test]
fn a_step_back_is_made_good_as_far_as_it_can_be() {
    // As a scanner that takes nearly any version of its tools, whose newest want a library that the project pins below.
    let mut registry = numbered("library", &["1", "2"]);
    for version in 1..=40 {
        let wants = if version > 10 {
            "library>=2"
        } else {
            "library"
        };
        registry.add("tools", &version.to_string(), &[wants]);
    }
    for version in 1..=30 {
        let wants = if version > 23 { "tools>=11" } else { "tools" };
        registry.add("scanner", &version.to_string(), &[wants]);
    }
    let found = locked(&registry, &record(&["library==1", "scanner"]));
    assert_eq!(found.unwrap(), ["library 1", "scanner 23", "tools 10"]);
}
