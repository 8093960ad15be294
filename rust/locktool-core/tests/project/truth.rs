//! What an answer for a project is, found by trying everything in one environment.
//!
//! The truth is written down a second time here, without markers as sets, forks or a solver: requirements are followed from
//! the members on, each marker is evaluated as text, and versions are tried one after the other.

use std::collections::{BTreeMap, BTreeSet};

use locktool_core::lock::LockedPackage;
use locktool_core::manifest::{Change, ConflictItem, Manifest, ManifestRecord, RequirementText};
use locktool_core::marker::{Marker, MarkerEnvironment};
use locktool_core::name::{ExtraName, GroupName, PackageName};
use locktool_core::requirement::Requirement;
use locktool_core::version::Version;

use super::World;

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
    let conflicts = record.settings.conflicts.iter().flatten();
    conflicts
        .into_iter()
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
            || description.requires_python.as_deref() == Some("<3.12")
                && self.environment.python_version == "3.12"
                && (world.is_strict || !may_use_an_older_python(&world.record))
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
            // The marker of an override takes the place of the requirement's own, which then says only whether the extra brings it.
            let applies = if self.is_overridden(requirement.name) {
                !requirement.marker.with_extras(extra.as_slice()).is_false()
            } else {
                requirement.marker.evaluate(&environment)
            };
            if applies {
                self.require(&requirement);
            }
        }
    }

    fn is_overridden(&self, name: PackageName) -> bool {
        let mut overrides = self.world.record.settings.overrides.iter().flatten();
        overrides.any(|change| {
            matches!(change, Change::Everywhere(text) if text.0.parse::<Requirement>().is_ok_and(|one| one.name == name))
        })
    }

    fn require(&mut self, requirement: &Requirement) {
        let record = &self.world.record;
        let excluded = Change::Everywhere(requirement.name);
        if record
            .settings
            .excludes
            .iter()
            .flatten()
            .any(|one| *one == excluded)
        {
            return;
        }
        let of_name = |changes: &Option<Vec<Change<RequirementText>>>| -> Vec<Requirement> {
            let parsed = changes.iter().flatten().map(|change| match change {
                Change::Everywhere(text) => text.0.parse::<Requirement>().expect("a requirement"),
                Change::Under { .. } => {
                    unreachable!("these projects change nothing under a parent")
                }
            });
            parsed
                .filter(|change| change.name == requirement.name)
                .collect()
        };
        let overrides = of_name(&record.settings.overrides);
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
                let constraints = of_name(&record.settings.constraints);
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

/// Whether a cap at Python 3.12 leaves the project some of its environments.
fn may_use_an_older_python(record: &ManifestRecord) -> bool {
    let manifest = Manifest::from_record(record).expect("a manifest");
    let older = Marker::parse("python_version < '3.12'").expect("a marker");
    !manifest.installable().is_disjoint(older)
}
