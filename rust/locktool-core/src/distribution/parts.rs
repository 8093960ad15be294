//! Which environments each of several wheels is for, where what is installed depends on the wheel.
//!
//! The environments are parted as coarsely as the wheels allow: by system, within a system by machine, within a machine by the
//! wheel. What is left where they are parted is for no wheel:
//!
//! ```text
//! cp312-manylinux_x86_64  A     sys_platform == 'linux'   A
//! cp311-manylinux_x86_64  A  -> sys_platform == 'win32'   B
//! cp312-win_amd64         B     any other                 no wheel
//! ```

use std::collections::BTreeSet;

use crate::distribution::implied::{implied_marker, parse};
use crate::distribution::platform::PlatformTag;
use crate::distribution::tag::WheelTags;
use crate::marker::Marker;

/// A wheel in the order of precedence, with the number of the group that it belongs to.
#[derive(Clone, Copy, Debug)]
pub struct Grouped<'a> {
    pub tags: &'a WheelTags,
    pub group: usize,
}

/// The environments of each of some groups, and those of none; disjoint, and together everything.
#[derive(Clone, Debug)]
pub struct Parts {
    pub of_groups: Vec<Marker>,
    pub rest: Marker,
}

impl Parts {
    /// Parts the environments among `count` groups of wheels.
    pub fn of(wheels: &[Grouped<'_>], count: usize) -> Self {
        let mut parts = Self {
            of_groups: vec![Marker::FALSE; count],
            rest: Marker::FALSE,
        };
        parts.by_system(wheels);
        parts
    }

    fn give(&mut self, group: usize, environment: Marker) {
        self.of_groups[group] = self.of_groups[group].or(environment);
    }

    fn by_system(&mut self, wheels: &[Grouped<'_>]) {
        if let Some(group) = only_group(wheels) {
            self.give(group, Marker::TRUE);
            return;
        }
        let mut rest = Marker::TRUE;
        let pairs = wheels.iter().flat_map(|wheel| platforms_of(wheel.tags));
        let systems: BTreeSet<&str> = pairs.map(|(system, _)| system).collect();
        for system in systems {
            let environment = parse(system);
            rest = rest.difference(environment);
            let there = for_platform(wheels, |(name, _)| name == system);
            self.by_machine(system, environment, &there);
        }
        self.by_wheel(rest, &for_platform(wheels, |_| false));
    }

    fn by_machine(&mut self, system: &str, environment: Marker, wheels: &[Grouped<'_>]) {
        if let Some(group) = only_group(wheels) {
            self.give(group, environment);
            return;
        }
        let mut rest = environment;
        let pairs = wheels.iter().flat_map(|wheel| platforms_of(wheel.tags));
        let pairs: BTreeSet<(&str, &str)> = pairs.filter(|(name, _)| *name == system).collect();
        for pair in pairs {
            let (_, machine) = pair;
            let on_machine = environment.and(machine_marker(machine));
            rest = rest.difference(on_machine);
            self.by_wheel(on_machine, &for_platform(wheels, |other| other == pair));
        }
        self.by_wheel(rest, &for_platform(wheels, |_| false));
    }

    /// Installers take a wheel for a platform before a pure one, and one for a single Python before one that later ones take too.
    fn by_wheel(&mut self, environment: Marker, wheels: &[Grouped<'_>]) {
        if let Some(group) = only_group(wheels) {
            self.give(group, environment);
            return;
        }
        let mut ordered: Vec<&Grouped<'_>> = wheels.iter().collect();
        ordered.sort_by_key(|wheel| {
            let later = wheel.tags.interpreters().any(|one| one.or_later);
            (is_pure(wheel.tags), later)
        });
        let mut rest = environment;
        for wheel in ordered {
            let taken = implied_marker(wheel.tags).and(rest);
            self.give(wheel.group, taken);
            rest = rest.difference(taken);
        }
        self.rest = self.rest.or(rest);
    }
}

/// The systems, as markers, and machines that the wheel names, `("sys_platform == 'darwin'", "arm64")`; none for a pure one.
pub fn platforms_of(tags: &WheelTags) -> BTreeSet<(&str, &str)> {
    let conditions = tags.platform().filter_map(PlatformTag::parse);
    let conditions = conditions.filter_map(PlatformTag::condition);
    let pairs = conditions.flat_map(|condition| {
        let machines = condition.machines.into_iter();
        machines.map(move |machine| (condition.system, machine))
    });
    pairs.collect()
}

/// The environments of a system that a wheel names.
pub fn system_marker(system: &str) -> Marker {
    parse(system)
}

/// The environments of a machine that a wheel names.
pub fn machine_marker(machine: &str) -> Marker {
    parse(&format!("platform_machine == '{machine}'"))
}

fn is_pure(tags: &WheelTags) -> bool {
    tags.platform().any(|tag| tag == "any")
}

/// The wheels for one of the platforms, and pure ones.
fn for_platform<'a>(
    wheels: &[Grouped<'a>],
    is_meant: impl Fn((&str, &str)) -> bool,
) -> Vec<Grouped<'a>> {
    let is_there = |wheel: &&Grouped<'a>| {
        let mut platforms = platforms_of(wheel.tags).into_iter();
        is_pure(wheel.tags) || platforms.any(&is_meant)
    };
    wheels.iter().filter(is_there).copied().collect()
}

fn only_group(wheels: &[Grouped<'_>]) -> Option<usize> {
    let group = wheels.first()?.group;
    let is_only = wheels.iter().all(|wheel| wheel.group == group);
    is_only.then_some(group)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The environments of the second of two groups.
    fn second_part(wheels: &[(&str, usize)]) -> Marker {
        let read = |text: &str| {
            let tags: Vec<&str> = text.split('-').collect();
            WheelTags::parse(tags[0], tags[1], tags[2]).unwrap()
        };
        let tags: Vec<WheelTags> = wheels.iter().map(|(text, _)| read(text)).collect();
        let grouped: Vec<Grouped<'_>> = tags
            .iter()
            .zip(wheels)
            .map(|(tags, (_, group))| Grouped {
                tags,
                group: *group,
            })
            .collect();
        let parts = Parts::of(&grouped, 2);
        let [first, second] = parts.of_groups[..] else {
            panic!("two groups have two parts");
        };
        assert!(first.is_disjoint(second) && first.or(second).is_disjoint(parts.rest));
        assert!(first.or(second).or(parts.rest).is_true());
        second
    }

    fn marker(text: &str) -> Marker {
        Marker::parse(text).unwrap()
    }

    #[test]
    fn a_system_is_one_part_where_its_wheels_agree() {
        let found = second_part(&[
            ("cp312-cp312-manylinux_2_28_x86_64", 0),
            ("cp312-cp312-macosx_11_0_arm64", 0),
            ("cp312-cp312-win_amd64", 1),
            ("cp311-cp311-win_arm64", 1),
        ]);
        assert_eq!(found, marker("sys_platform == 'win32'"));
    }

    #[test]
    fn machines_are_told_apart_where_their_wheels_differ() {
        let found = second_part(&[
            ("cp312-cp312-macosx_11_0_arm64", 0),
            ("cp312-cp312-macosx_10_9_x86_64", 1),
        ]);
        assert_eq!(
            found,
            marker("sys_platform == 'darwin' and platform_machine == 'x86_64'")
        );
    }

    #[test]
    fn pythons_are_told_apart_where_their_wheels_differ() {
        let found = second_part(&[("py3-none-any", 0), ("py2-none-any", 1)]);
        assert_eq!(
            found,
            marker("python_version >= '2' and python_version < '3'")
        );
    }

    #[test]
    fn a_wheel_for_a_platform_is_taken_before_a_pure_one() {
        let found = second_part(&[("py3-none-any", 0), ("cp312-cp312-win_amd64", 1)]);
        assert_eq!(
            found,
            marker(
                "python_version == '3.12' and implementation_name == 'cpython' and sys_platform == 'win32' \
                 and platform_machine == 'AMD64'"
            )
        );
    }
}
