//! Random projects over random registries, and what an answer for them is, found by trying everything in one environment.
//!
//! The truth is written down a second time here, without markers as sets, forks or a solver: requirements are followed from
//! the members on, each marker is evaluated as text, and versions are tried one after the other.

#![allow(dead_code, reason = "each test file uses a part")]

use std::collections::{BTreeMap, BTreeSet};

use locktool_core::locked::{DocumentTool, LockedDocument, LockedPackage};
use locktool_core::manifest::{ConflictItem, Manifest, ManifestRecord, MemberRecord, SCHEMA};
use locktool_core::marker::{Marker, MarkerEnvironment};
use locktool_core::name::{ExtraName, GroupName, PackageName};
use locktool_core::requirement::Requirement;
use locktool_core::resolver::{Preferences, ResolveError, ResolveOptions, resolve};
use locktool_core::source::Progress;
use locktool_core::version::Version;
use proptest::prelude::*;
use proptest::sample::select;

use crate::registry::{Description, Registry};

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
                    environments: environment.iter().map(ToString::to_string).collect(),
                    members,
                    conflicts,
                    constraints,
                    overrides,
                    excludes: excludes
                        .iter()
                        .map(|name| name.parse().expect("a name"))
                        .collect(),
                    ..ManifestRecord::default()
                },
            },
        )
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
                conflicts: PAIRS
                    .iter()
                    .map(|pair| pair.iter().map(item).collect())
                    .collect(),
                members: vec![member],
                ..ManifestRecord::default()
            },
        }
    })
}

/// The registry without the versions that a lock does not use, or without one of them.
pub fn without_unused(
    registry: &Registry,
    packages: &[LockedPackage],
    one: Option<usize>,
) -> Registry {
    let is_used = |name: &String, version: &String| {
        let entries = packages.iter().filter(|package| package.name == *name);
        entries
            .into_iter()
            .any(|package| package.version.as_ref() == Some(version))
    };
    let versions = registry.packages.iter().flat_map(|(name, versions)| {
        versions
            .keys()
            .map(move |version| (name.clone(), version.clone()))
    });
    let unused: Vec<(String, String)> = versions
        .filter(|(name, version)| !is_used(name, version))
        .collect();
    let mut smaller = registry.clone();
    for (place, (name, version)) in unused.iter().enumerate() {
        if one.is_none_or(|seed| seed % unused.len() == place)
            && let Some(versions) = smaller.packages.get_mut(name)
        {
            versions.remove(version);
        }
    }
    smaller.packages.retain(|_, versions| !versions.is_empty());
    smaller
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
        environments: record.environments.clone(),
        extras: sorted(extras.map(ToString::to_string)),
        dependency_groups: sorted(groups.map(ToString::to_string)),
        created_by: "locktool".to_owned(),
        tool: Some(DocumentTool {
            locktool: Some(record.clone()),
        }),
        packages,
    }
}

fn sorted(texts: impl Iterator<Item = String>) -> Vec<String> {
    texts.collect::<BTreeSet<_>>().into_iter().collect()
}

/// Every environment that the random markers can tell apart, with every choice of extras and groups; those that a
/// conflict forbids are the second list.
pub fn environments(record: &ManifestRecord) -> (Vec<MarkerEnvironment>, Vec<MarkerEnvironment>) {
    let extras: BTreeSet<ExtraName> = record
        .members
        .iter()
        .flat_map(|m| m.extras.keys().copied())
        .collect();
    let groups: BTreeSet<GroupName> = record
        .members
        .iter()
        .flat_map(|m| m.groups.keys().copied())
        .collect();
    let mut all = Vec::new();
    for (sys_platform, platform_system, os_name) in
        [("linux", "Linux", "posix"), ("win32", "Windows", "nt")]
    {
        for python in ["3.11", "3.12"] {
            for extras in subsets(&extras) {
                for dependency_groups in subsets(&groups) {
                    all.push(MarkerEnvironment {
                        implementation_name: "cpython".to_owned(),
                        implementation_version: format!("{python}.0"),
                        os_name: os_name.to_owned(),
                        platform_machine: "x86_64".to_owned(),
                        platform_python_implementation: "CPython".to_owned(),
                        platform_system: platform_system.to_owned(),
                        python_full_version: format!("{python}.0"),
                        python_version: python.to_owned(),
                        sys_platform: sys_platform.to_owned(),
                        extras: extras.clone(),
                        dependency_groups,
                        ..MarkerEnvironment::default()
                    });
                }
            }
        }
    }
    let manifest = Manifest::from_record(record).expect("a manifest");
    let supported = |environment: &MarkerEnvironment| {
        manifest
            .environments
            .iter()
            .all(|marker| marker.evaluate(environment))
            && (environment.python_version != "3.11"
                || record.requires_python.as_deref() != Some(">=3.12"))
    };
    all.into_iter()
        .filter(supported)
        .partition(|environment| !is_forbidden(record, environment))
}

fn subsets<Name: Copy>(names: &BTreeSet<Name>) -> Vec<Vec<Name>> {
    names.iter().fold(vec![Vec::new()], |known, name| {
        let with = known.iter().map(|subset| [&subset[..], &[*name]].concat());
        let with: Vec<_> = with.collect();
        known.into_iter().chain(with).collect()
    })
}

fn is_forbidden(record: &ManifestRecord, environment: &MarkerEnvironment) -> bool {
    let is_chosen = |item: &&ConflictItem| {
        item.extra
            .is_some_and(|extra| environment.extras.contains(&extra))
            || item
                .group
                .is_some_and(|group| environment.dependency_groups.contains(&group))
    };
    record
        .conflicts
        .iter()
        .any(|set| set.iter().filter(is_chosen).count() > 1)
}

/// A choice of versions, by name.
pub type Chosen = BTreeMap<String, String>;

/// What a choice of versions comes to in an environment.
pub struct Closure {
    /// Everything that is required, members left out.
    pub names: BTreeSet<String>,
    /// A requirement that the choice does not meet.
    pub broken: Option<String>,
}

struct Walk<'a> {
    world: &'a World,
    environment: &'a MarkerEnvironment,
    chosen: &'a Chosen,
    closure: Closure,
    seen: BTreeSet<(PackageName, Option<ExtraName>)>,
}

/// Follows all requirements from the members on.
pub fn closure(world: &World, environment: &MarkerEnvironment, chosen: &Chosen) -> Closure {
    let mut walk = Walk {
        world,
        environment,
        chosen,
        closure: Closure {
            names: BTreeSet::new(),
            broken: None,
        },
        seen: BTreeSet::new(),
    };
    for member in &world.record.members {
        let name = member.name.expect("members here have names");
        walk.visit(name, None);
        for extra in environment
            .extras
            .iter()
            .filter(|extra| member.extras.contains_key(extra))
        {
            walk.visit(name, Some(*extra));
        }
        for group in &environment.dependency_groups {
            walk.require_all(member.groups.get(group).map_or(&[], Vec::as_slice), None);
        }
    }
    walk.closure
}

impl Walk<'_> {
    fn visit(&mut self, name: PackageName, extra: Option<ExtraName>) {
        if !self.seen.insert((name, extra)) {
            return;
        }
        let world = self.world;
        if let Some(member) = world.record.members.iter().find(|m| m.name == Some(name)) {
            let requirements = match extra {
                None => &member.dependencies,
                Some(extra) => member.extras.get(&extra).unwrap_or(const { &Vec::new() }),
            };
            return self.require_all(requirements, None);
        }
        self.closure.names.insert(name.to_string());
        let Some(version) = self.chosen.get(name.as_str()) else {
            return;
        };
        let Some(description) = world
            .registry
            .packages
            .get(name.as_str())
            .and_then(|v| v.get(version))
        else {
            self.closure.broken = Some(format!("{name} {version} does not exist"));
            return;
        };
        if description.requires_python.as_deref() == Some(">=3.12")
            && self.environment.python_version == "3.11"
            || world.is_strict
                && description.requires_python.as_deref() == Some("<3.12")
                && self.environment.python_version == "3.12"
        {
            self.closure.broken = Some(format!("{name} {version} needs a newer Python"));
        }
        self.require_all(&description.requires, extra);
    }

    fn require_all(&mut self, texts: &[String], extra: Option<ExtraName>) {
        let environment = MarkerEnvironment {
            extra: extra.map(|extra| extra.to_string()),
            ..self.environment.clone()
        };
        for text in texts {
            let requirement: Requirement = text.parse().expect("a requirement");
            if requirement.marker.evaluate(&environment) {
                self.require(&requirement);
            }
        }
    }

    fn require(&mut self, requirement: &Requirement) {
        let record = &self.world.record;
        if record.excludes.contains(&requirement.name) {
            return;
        }
        let of_name = |texts: &[String]| -> Vec<Requirement> {
            let parsed = texts
                .iter()
                .map(|text| text.parse::<Requirement>().expect("a requirement"));
            parsed
                .filter(|change| change.name == requirement.name)
                .collect()
        };
        let overrides = of_name(&record.overrides);
        let wanted: Vec<Requirement> = if overrides.is_empty() {
            vec![requirement.clone()]
        } else {
            let applying = overrides
                .into_iter()
                .filter(|o| o.marker.evaluate(self.environment));
            applying.collect()
        };
        let is_member = record
            .members
            .iter()
            .any(|m| m.name == Some(requirement.name));
        for one in wanted {
            if let (false, Some(version)) = (is_member, self.chosen.get(one.name.as_str())) {
                let constraints = of_name(&record.constraints);
                let constraints = constraints
                    .iter()
                    .filter(|c| c.marker.evaluate(self.environment));
                let version: Version = version.parse().expect("a version");
                if let Some(bound) = constraints
                    .chain([&one])
                    .find(|r| !r.specifiers().contains(version))
                {
                    self.closure.broken = Some(format!("{bound} does not admit {version}"));
                }
            }
            self.visit(one.name, None);
            for extra in &requirement.extras {
                self.visit(one.name, Some(*extra));
            }
        }
    }
}

/// Tries versions until everything required is met.
pub fn brute_force(world: &World, environment: &MarkerEnvironment) -> bool {
    fn extend(world: &World, environment: &MarkerEnvironment, chosen: &Chosen) -> bool {
        let closure = closure(world, environment, chosen);
        if closure.broken.is_some() {
            return false;
        }
        let Some(open) = closure
            .names
            .iter()
            .find(|name| !chosen.contains_key(*name))
        else {
            return true;
        };
        let versions = world
            .registry
            .packages
            .get(open)
            .into_iter()
            .flat_map(|v| v.keys().rev());
        versions.into_iter().any(|version| {
            let mut chosen = chosen.clone();
            chosen.insert(open.clone(), version.clone());
            extend(world, environment, &chosen)
        })
    }
    extend(world, environment, &Chosen::new())
}

/// What a lock selects in an environment: versions by name, and the members; an error names what is selected twice.
pub fn selected(
    packages: &[LockedPackage],
    environment: &MarkerEnvironment,
) -> Result<(Chosen, Vec<String>), String> {
    let mut chosen = Chosen::new();
    let mut members = Vec::new();
    for package in packages {
        let marker = package
            .marker
            .as_deref()
            .map_or(Marker::TRUE, |text| Marker::parse(text).expect("a marker"));
        if !marker.evaluate(environment) {
            continue;
        }
        match &package.version {
            None => members.push(package.name.clone()),
            Some(version) => {
                if chosen
                    .insert(package.name.clone(), version.clone())
                    .is_some()
                {
                    return Err(package.name.clone());
                }
            }
        }
    }
    Ok((chosen, members))
}

/// What is wrong with a lock in one environment.
pub fn fault(
    world: &World,
    packages: &[LockedPackage],
    environment: &MarkerEnvironment,
) -> Option<String> {
    let (chosen, members) = match selected(packages, environment) {
        Ok(selected) => selected,
        Err(twice) => return Some(format!("{twice} is selected twice")),
    };
    let installed = world.record.members.iter().filter(|member| member.package);
    if members.len() != installed.count() {
        return Some(format!("the members are {members:?}"));
    }
    let closure = closure(world, environment, &chosen);
    if closure.broken.is_some() {
        return closure.broken;
    }
    let names: Vec<&String> = chosen.keys().collect();
    let needed: Vec<&String> = closure.names.iter().collect();
    (names != needed).then(|| format!("{names:?} are selected and {needed:?} needed"))
}
