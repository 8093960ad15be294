//! Random projects over random registries, how they are locked, and the law that their locks obey.

#![allow(dead_code, reason = "each test file uses a part")]

pub mod truth;

use std::collections::BTreeSet;

use locktool_core::certify::certify;
use locktool_core::lock::{DocumentTool, LockRecord, LockedDocument, LockedPackage};
use locktool_core::manifest::{
    Change, ConflictItem, Manifest, ManifestRecord, Markers, MemberRecord, RequirementText, SCHEMA,
    Settings,
};
use locktool_core::resolver::{Preferences, ResolveError, ResolveOptions, resolve};
use locktool_core::source::Progress;
use proptest::prelude::*;
use proptest::sample::select;

use locktool_core::source::registry::{Description, Registry};
use truth::{brute_force, environments, fault};

const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];
const VERSIONS: [&str; 6] = ["1", "2", "3", "4", "5", "6"];
const MARKERS: [&str; 7] = [
    "",
    "",
    "",
    "sys_platform == 'linux'",
    "sys_platform != 'linux'",
    "python_version < '3.12'",
    "python_version >= '3.12'",
];
const SPECIFIERS: [&str; 15] = [
    "", "", "", "", "", ">=2", "<3", "<5", ">=4", "!=2", "<2", "==3", "==6", "!=6", ">=5",
];
const EXTRAS: [&str; 6] = ["", "", "", "[x]", "[y]", "[x,absent]"];

/// So many cases, unless `PROPTEST_CASES` says otherwise.
pub fn cases(count: u32) -> ProptestConfig {
    let said = std::env::var_os("PROPTEST_CASES").is_some();
    let config = ProptestConfig::default();
    ProptestConfig {
        cases: if said { config.cases } else { count },
        failure_persistence: None,
        ..config
    }
}

/// A project and the index it is locked from.
#[derive(Clone, Debug)]
pub struct World {
    pub registry: Registry,
    pub record: ManifestRecord,
    /// Whether upper bounds on Python count, as they do for one environment.
    pub is_strict: bool,
}

fn join(name: &str, extras: &str, specifiers: &str, markers: &[&str]) -> String {
    let markers: Vec<&str> = markers
        .iter()
        .copied()
        .filter(|text| !text.is_empty())
        .collect();
    let separator = if markers.is_empty() { "" } else { "; " };
    format!(
        "{name}{extras}{specifiers}{separator}{}",
        markers.join(" and ")
    )
}

/// What a package of the index publishes: some of it for its own extras only.
fn published() -> impl Strategy<Value = Vec<String>> {
    let own = select(&["", "", "", "extra == 'x'", "extra == 'y'"][..]);
    let one = (
        select(&NAMES),
        select(&EXTRAS),
        select(&SPECIFIERS),
        select(&MARKERS),
        own,
    )
        .prop_map(|(name, extras, specifiers, marker, own)| {
            join(name, extras, specifiers, &[marker, own])
        });
    proptest::collection::vec(one, 0..3)
}

/// What a member of the workspace requires, other members among it.
fn wished(size: std::ops::Range<usize>) -> impl Strategy<Value = Vec<String>> {
    let of_index = (
        select(&NAMES),
        select(&EXTRAS),
        select(&SPECIFIERS),
        select(&MARKERS),
    )
        .prop_map(|(name, extras, specifiers, marker)| join(name, extras, specifiers, &[marker]));
    let of_members = (
        select(&["root", "lib"][..]),
        select(&EXTRAS),
        select(&MARKERS),
    )
        .prop_map(|(name, extras, marker)| join(name, extras, "", &[marker]));
    proptest::collection::vec(prop_oneof![6 => of_index, 1 => of_members], size)
}

fn registries() -> impl Strategy<Value = Registry> {
    let python = select(&[None, None, None, None, Some(">=3.12"), Some("<3.12")][..]);
    let uploaded = proptest::option::of(20_000..21_000_i64);
    let description =
        (published(), python, uploaded).prop_map(|(requires, python, uploaded)| Description {
            requires,
            requires_python: python.map(str::to_owned),
            uploaded,
            ..Description::default()
        });
    let versions = proptest::collection::btree_map(
        select(&VERSIONS).prop_map(str::to_owned),
        description,
        2..=VERSIONS.len(),
    );
    proptest::collection::vec(versions, NAMES.len()).prop_map(|packages| Registry {
        packages: NAMES
            .iter()
            .map(ToString::to_string)
            .zip(packages)
            .filter(|(_, versions)| !versions.is_empty())
            .collect(),
        ..Registry::default()
    })
}

fn members() -> impl Strategy<Value = Vec<MemberRecord>> {
    let table = || {
        (
            proptest::option::of(wished(0..3)),
            proptest::option::of(wished(0..3)),
        )
    };
    let member = |name: &'static str, path: &'static str| {
        (any::<bool>(), wished(0..4), table(), table()).prop_map(
            move |(package, dependencies, extras, groups)| MemberRecord {
                name: Some(name.parse().expect("a name")),
                path: path.to_owned(),
                package,
                dependencies,
                extras: named("x", extras.0).chain(named("y", extras.1)).collect(),
                groups: named("g", groups.0).chain(named("h", groups.1)).collect(),
                ..MemberRecord::default()
            },
        )
    };
    (
        member("root", "."),
        proptest::option::weighted(0.4, member("lib", "lib")),
    )
        .prop_map(|(root, lib)| std::iter::once(root).chain(lib).collect())
}

fn named<Name: std::str::FromStr>(
    name: &str,
    requirements: Option<Vec<String>>,
) -> impl Iterator<Item = (Name, Vec<String>)> {
    let name = name.parse().ok();
    name.zip(requirements).into_iter()
}

fn conflicts() -> impl Strategy<Value = Vec<Vec<ConflictItem>>> {
    let extra = |name: &str| ConflictItem {
        member: None,
        extra: Some(name.parse().expect("a name")),
        group: None,
    };
    let group = |name: &str| ConflictItem {
        member: None,
        extra: None,
        group: Some(name.parse().expect("a name")),
    };
    select(vec![
        vec![],
        vec![],
        vec![vec![extra("x"), extra("y")]],
        vec![vec![extra("x"), group("g")]],
        vec![vec![extra("x"), extra("y"), group("h")]],
        vec![vec![extra("x"), extra("y")], vec![group("g"), group("h")]],
    ])
}

/// Requirements that change those of others: constraints, or overrides.
fn changes() -> impl Strategy<Value = Vec<String>> {
    let one = (select(&NAMES), select(&SPECIFIERS[5..]), select(&MARKERS))
        .prop_map(|(name, specifiers, marker)| join(name, "", specifiers, &[marker]));
    proptest::collection::vec(one, 0..2)
}

/// Random projects with all that a manifest can say.
pub fn worlds() -> impl Strategy<Value = World> {
    let excludes = select(&[None, None, None, Some("e")][..]);
    (
        registries(),
        members(),
        conflicts(),
        (
            changes(),
            changes(),
            select(&[">=3.11", ">=3.11", ">=3.12"][..]),
        ),
        excludes,
        select(&[None, None, Some("sys_platform == 'linux'")][..]),
    )
        .prop_map(
            |(
                registry,
                members,
                conflicts,
                (constraints, overrides, python),
                excludes,
                environment,
            )| World {
                registry,
                is_strict: false,
                record: ManifestRecord {
                    schema: SCHEMA,
                    requires_python: Some(python.to_owned()),
                    settings: Settings {
                        environments: Some(Markers(
                            environment.iter().map(ToString::to_string).collect(),
                        )),
                        conflicts: Some(conflicts),
                        constraints: Some(everywhere(constraints)),
                        overrides: Some(everywhere(overrides)),
                        excludes: Some(
                            excludes
                                .iter()
                                .map(|name| Change::Everywhere(name.parse().expect("a name")))
                                .collect(),
                        ),
                        ..Settings::default()
                    }
                    .without_defaults(),
                    members,
                    ..ManifestRecord::default()
                },
            },
        )
}

/// Requirements that hold whoever requires their packages.
pub fn everywhere(texts: Vec<String>) -> Vec<Change<RequirementText>> {
    let texts = texts.into_iter().map(RequirementText);
    texts.map(Change::Everywhere).collect()
}

/// Random projects with three pairs of extras that conflict, and wishes of them that often do.
pub fn worlds_of_pairs() -> impl Strategy<Value = World> {
    const PAIRS: [[&str; 2]; 3] = [["p", "q"], ["r", "s"], ["t", "u"]];
    let wish = (select(&NAMES), select(&SPECIFIERS[5..]), select(&MARKERS))
        .prop_map(|(name, specifiers, marker)| join(name, "", specifiers, &[marker]));
    let wishes = proptest::collection::vec(proptest::collection::vec(wish, 1..3), 6);
    (registries(), wished(0..3), wishes).prop_map(|(registry, dependencies, wishes)| {
        let names = PAIRS.iter().flatten().copied();
        let item = |name: &&str| ConflictItem {
            member: None,
            extra: Some(name.parse().expect("a name")),
            group: None,
        };
        let member = MemberRecord {
            name: Some("root".parse().expect("a name")),
            path: ".".to_owned(),
            dependencies,
            extras: names
                .zip(wishes)
                .map(|(name, wishes)| (name.parse().expect("a name"), wishes))
                .collect(),
            ..MemberRecord::default()
        };
        World {
            registry,
            is_strict: false,
            record: ManifestRecord {
                schema: SCHEMA,
                requires_python: Some(">=3.11".to_owned()),
                settings: Settings {
                    conflicts: Some(
                        PAIRS
                            .iter()
                            .map(|pair| pair.iter().map(item).collect())
                            .collect(),
                    ),
                    ..Settings::default()
                },
                members: vec![member],
                ..ManifestRecord::default()
            },
        }
    })
}

/// Locks a project, keeping what was locked before.
pub fn lock_again(
    registry: &Registry,
    record: &ManifestRecord,
    locked: &[LockedPackage],
) -> Result<Vec<LockedPackage>, ResolveError> {
    let manifest = Manifest::from_record(record).expect("a manifest");
    let resolution = resolve(
        &manifest,
        registry,
        &ResolveOptions::default(),
        &Preferences::from_locked(locked, |_| true),
        &Progress::default(),
    )?;
    Ok(resolution.packages)
}

/// Locks a project for the first time.
pub fn lock(
    registry: &Registry,
    record: &ManifestRecord,
) -> Result<Vec<LockedPackage>, ResolveError> {
    lock_again(registry, record, &[])
}

/// The lock with these packages.
pub fn document(record: &ManifestRecord, packages: Vec<LockedPackage>) -> LockedDocument {
    let extras = record.members.iter().flat_map(|m| m.extras.keys());
    let groups = record.members.iter().flat_map(|m| m.groups.keys());
    LockedDocument {
        lock_version: "1.0".to_owned(),
        requires_python: record.requires_python.clone(),
        environments: record.effective().environments.unwrap_or_default().0,
        extras: sorted(extras.map(ToString::to_string)),
        dependency_groups: sorted(groups.map(ToString::to_string)),
        default_groups: Vec::new(),
        created_by: "locktool".to_owned(),
        tool: Some(DocumentTool {
            locktool: Some(LockRecord::from(ManifestRecord {
                digest: record.digest_of_run(),
                ..record.clone()
            })),
        }),
        packages,
        ..LockedDocument::default()
    }
}

fn sorted(texts: impl Iterator<Item = String>) -> Vec<String> {
    texts.collect::<BTreeSet<_>>().into_iter().collect()
}

/// A lock is found exactly when every choice has an answer; it serves each of them, proves itself and is its own answer.
pub fn assert_locks_exactly(world: &World) -> Result<(), TestCaseError> {
    let (environments, _) = environments(&world.record);
    let expected = environments.iter().find(|e| !brute_force(world, e));
    let found = lock(&world.registry, &world.record);
    prop_assert_eq!(
        found.is_ok(),
        expected.is_none(),
        "{:?} {:?}",
        found,
        expected
    );
    let Ok(packages) = found else { return Ok(()) };
    for environment in &environments {
        let fault = fault(world, &packages, environment);
        prop_assert!(
            fault.is_none(),
            "{:?} in {:?} of {:#?}",
            fault,
            environment,
            packages
        );
    }
    let reasons = certify(&document(&world.record, packages.clone()), &world.record).unwrap();
    prop_assert_eq!(&reasons, &vec![], "{:#?}", packages);
    let again = lock_again(&world.registry, &world.record, &packages);
    prop_assert_eq!(again.ok(), Some(packages));
    Ok(())
}
