//! Which wheels of a release are read for what it requires: chosen by their names and what the index announces of them, the same
//! ones whatever the order of the page.
//!
//! The wheels that some environment of the run can install are asked in their order of precedence. Where the index announces the
//! digests of their metadata, one of each digest is read, so that wheels which say different things are seen at no cost where all
//! say the same. Otherwise one for each set of platforms is read where the wheels are on this machine. Where each costs a request,
//! the first wheel alone is read, unless what it requires depends on the platform: then what it says of other systems, or of other
//! machines of a system, is asked of the wheels for them.

use std::collections::{BTreeMap, BTreeSet};

use crate::distribution::compatible::CompatibleTags;
use crate::distribution::filename::DistributionFilename;
use crate::distribution::parts::{Grouped, Parts, machine_marker, platforms_of, system_marker};
use crate::distribution::precedence::Precedence;
use crate::distribution::tag::{WheelTags, is_unusable};
use crate::marker::Marker;
use crate::name::PackageName;
use crate::source::{File, ReleaseMetadata, Sidecar};

/// Where the wheels of a release announce more different digests than this, they count as not announced. It bounds the requests that
/// one release costs and was not measured: the mirror that was used (2026-11-26) announces no digests.
const MOST_DIGESTS: usize = 8;

/// The wheels of a release, the one that speaks first in front.
pub struct Wheels<'a> {
    in_order: Vec<Wheel<'a>>,
    /// How many of them, in front, say what the release requires; the others stand in where none of these can be read.
    usable: usize,
    groups: usize,
    grouping: Grouping,
}

/// Which wheels make a group.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Grouping {
    /// Those with metadata of one digest: any of them says what the others say.
    Digest,
    /// Those for the same systems and machines, all of them on this machine.
    Platforms,
    /// Those for the same systems and machines; reading one takes a request.
    DistantPlatforms,
}

struct Wheel<'a> {
    file: &'a File,
    tags: WheelTags,
    group: usize,
}

/// What the wheels of a group have in common.
#[derive(PartialEq, Eq)]
enum Common<'a> {
    Digest(Option<&'a str>),
    /// Systems and machines.
    Platforms(BTreeSet<(&'a str, &'a str)>),
}

impl<'a> Wheels<'a> {
    /// The wheels among the files of a release, for a run whose environments are `installable`; where they are one whose tags are
    /// known, those with its most preferred tag speak for the release.
    pub fn of(
        files: &'a [File],
        package: PackageName,
        (installable, compatible): (Marker, Option<&CompatibleTags>),
    ) -> Self {
        let mut ordered = Vec::new();
        for file in files.iter().filter(|file| file.is_wheel()) {
            let parsed = DistributionFilename::parse(&file.filename, package);
            let Ok(DistributionFilename::Wheel { build, tags, .. }) = parsed else {
                continue;
            };
            let place = match compatible {
                Some(compatible) => compatible.place(&tags).unwrap_or(usize::MAX),
                None => usize::from(is_unusable(&tags, installable)),
            };
            let rank = (file.yanked.is_some(), place);
            let precedence = Precedence::of(&file.filename, build.as_ref(), &tags);
            let wheel = Wheel {
                file,
                tags,
                group: 0,
            };
            ordered.push(((rank, precedence), wheel));
        }
        ordered.sort_by(|(left, _), (right, _)| left.cmp(right));
        let best = ordered.first().map(|((rank, _), _)| *rank);
        let usable = ordered.iter().filter(|((rank, _), _)| Some(*rank) == best);
        let usable = usable.count();
        let in_order = ordered.into_iter().map(|(_, wheel)| wheel).collect();
        let mut wheels = Self {
            in_order,
            usable,
            groups: 1,
            grouping: Grouping::Digest,
        };
        wheels.group();
        wheels
    }

    /// Whether the release has no wheel.
    pub fn is_empty(&self) -> bool {
        self.in_order.is_empty()
    }

    /// In the order in which they speak, whether they can be installed or not.
    pub fn in_order(&self) -> Vec<&'a File> {
        self.in_order.iter().map(|wheel| wheel.file).collect()
    }

    /// The groups of which a wheel is read, as far as that follows from what the first wheel says, or from nothing. Group 0 is that
    /// of the first wheel, and the first of all.
    pub fn groups(&self, first: Option<&ReleaseMetadata>) -> Vec<usize> {
        let all = (0..self.groups).collect();
        if self.groups == 1 || self.grouping != Grouping::DistantPlatforms {
            return all;
        }
        let Some(first) = first else { return vec![0] };
        let systems = self.systems();
        if systems.values().any(|machines| depends_on(first, machines)) {
            return all;
        }
        let systems: Vec<Marker> = systems.into_keys().map(system_marker).collect();
        if depends_on(first, &systems) {
            return self.one_for_each_system();
        }
        vec![0]
    }

    /// The wheels of a group, the one that is read in front.
    pub fn of_group(&self, group: usize) -> Vec<&'a File> {
        let wheels = self.usable().filter(|wheel| wheel.group == group);
        wheels.map(|wheel| wheel.file).collect()
    }

    /// The wheels of a group that say what its first one says.
    pub fn same_as_first(&self, group: usize) -> Vec<&'a File> {
        let mut wheels = self.of_group(group);
        if self.grouping != Grouping::Digest {
            wheels.truncate(1);
        }
        wheels
    }

    /// The environments of each of some groups.
    pub fn parts(&self, groups: &[usize]) -> Parts {
        let position = |wheel: &Wheel<'_>| groups.iter().position(|group| *group == wheel.group);
        let grouped = self.usable().filter_map(|wheel| {
            Some(Grouped {
                tags: &wheel.tags,
                group: position(wheel)?,
            })
        });
        let grouped: Vec<Grouped<'_>> = grouped.collect();
        Parts::of(&grouped, groups.len())
    }

    /// The systems that the wheels are for, each with its machines as markers.
    fn systems(&self) -> BTreeMap<&str, Vec<Marker>> {
        let pairs: BTreeSet<(&str, &str)> = self
            .usable()
            .flat_map(|wheel| platforms_of(&wheel.tags))
            .collect();
        let mut systems: BTreeMap<&str, Vec<Marker>> = BTreeMap::new();
        for (system, machine) in pairs {
            let machines = systems.entry(system).or_default();
            machines.push(system_marker(system).and(machine_marker(machine)));
        }
        systems
    }

    /// The group of the first wheel of all, and of the first wheel for each system.
    fn one_for_each_system(&self) -> Vec<usize> {
        let mut known = BTreeSet::new();
        let mut groups = vec![0];
        for wheel in self.usable() {
            let before = known.len();
            known.extend(
                platforms_of(&wheel.tags)
                    .into_iter()
                    .map(|(system, _)| system),
            );
            let is_new = known.len() > before;
            if is_new && !groups.contains(&wheel.group) {
                groups.push(wheel.group);
            }
        }
        groups.sort_unstable();
        groups
    }

    fn usable(&self) -> impl Iterator<Item = &Wheel<'a>> {
        self.in_order.iter().take(self.usable)
    }

    fn group(&mut self) {
        let by_digest = self.numbered(|wheel| Common::Digest(announced_digest(wheel.file)));
        let has_digest = |wheel: &Wheel<'_>| announced_digest(wheel.file).is_some();
        let is_announced = self.usable().all(has_digest);
        let is_local = self.usable().all(|wheel| wheel.file.is_local());
        let (grouping, (numbers, groups)) = if is_announced && by_digest.1 <= MOST_DIGESTS {
            (Grouping::Digest, by_digest)
        } else {
            let grouping = if is_local {
                Grouping::Platforms
            } else {
                Grouping::DistantPlatforms
            };
            let by_platforms = self.numbered(|wheel| Common::Platforms(platforms_of(&wheel.tags)));
            (grouping, by_platforms)
        };
        for (wheel, number) in self.in_order.iter_mut().zip(numbers) {
            wheel.group = number;
        }
        self.groups = groups;
        self.grouping = grouping;
    }

    /// The number of each usable wheel's group, and how many groups there are.
    fn numbered<'s>(&'s self, common: impl Fn(&'s Wheel<'a>) -> Common<'s>) -> (Vec<usize>, usize) {
        let mut known: Vec<Common<'s>> = Vec::new();
        let mut numbers = Vec::new();
        for wheel in self.usable() {
            let common = common(wheel);
            let place = known.iter().position(|other| *other == common);
            numbers.push(place.unwrap_or(known.len()));
            if place.is_none() {
                known.push(common);
            }
        }
        (numbers, known.len())
    }
}

/// The digest that the index announces of a wheel's metadata.
fn announced_digest(file: &File) -> Option<&str> {
    match &file.sidecar {
        Sidecar::Present(Some((_, digest))) => Some(digest),
        _ => None,
    }
}

/// Whether a requirement, extras aside, applies in some of the environments and not in others.
fn depends_on(metadata: &ReleaseMetadata, environments: &[Marker]) -> bool {
    metadata.requires_dist.iter().any(|requirement| {
        let marker = requirement.marker.with_extras(&[]);
        let mut applies = environments.iter().map(|one| !marker.is_disjoint(*one));
        let first = applies.next();
        applies.any(|one| Some(one) != first)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TAGS: [&str; 8] = [
        "py3-none-any",
        "py2-none-any",
        "cp313-cp313-manylinux_2_28_x86_64",
        "cp312-cp312-manylinux_2_28_x86_64",
        "cp312-cp312-manylinux_2_28_aarch64",
        "cp312-cp312-macosx_11_0_arm64",
        "cp312-cp312-win_amd64",
        "cp313-cp313t-win_amd64",
    ];

    fn wheel(tags: &str, sidecar: Sidecar) -> File {
        let filename = format!("a-1-{tags}.whl");
        let mut file = File::bare(
            filename.clone(),
            format!("https://h.example.invalid/{filename}"),
        );
        file.sidecar = sidecar;
        file
    }

    fn digest(text: &str) -> Sidecar {
        Sidecar::Present(Some(("sha256".to_owned(), text.to_owned())))
    }

    fn package() -> PackageName {
        PackageName::parse("a").unwrap()
    }

    /// Of each group the wheel that is read, and the environments that it stands for.
    fn read(files: &[File], installable: Marker) -> Vec<(String, Marker)> {
        let wheels = Wheels::of(files, package(), (installable, None));
        let groups = wheels.groups(None);
        let environments = wheels.parts(&groups).of_groups;
        let first = |group| wheels.of_group(group)[0].filename.clone();
        groups.into_iter().map(first).zip(environments).collect()
    }

    fn names(files: &[File], installable: &str) -> Vec<String> {
        let installable = Marker::parse(installable).unwrap();
        read(files, installable)
            .into_iter()
            .map(|(name, _)| name)
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn the_order_of_the_files_changes_nothing(
            sidecars in prop::collection::vec(prop_oneof![
                Just(Sidecar::Unknown),
                Just(Sidecar::Present(None)),
                "[a-c]".prop_map(|text| digest(&text)),
            ], 1..TAGS.len()),
            order in any::<[prop::sample::Index; 8]>(),
            installable in prop_oneof![
                Just(Marker::TRUE),
                Just(Marker::parse("python_version >= '3.13'").unwrap()),
                Just(Marker::parse("sys_platform == 'win32'").unwrap()),
            ],
        ) {
            let files: Vec<File> = TAGS.iter().zip(sidecars).map(|(tags, sidecar)| wheel(tags, sidecar)).collect();
            let mut shuffled = files.clone();
            for (at, other) in order.iter().enumerate().take(files.len()) {
                shuffled.swap(at, other.index(files.len()));
            }
            prop_assert_eq!(read(&files, installable), read(&shuffled, installable));
        }

        #[test]
        fn the_parts_are_disjoint_and_everything(sidecars in prop::collection::vec("[a-c]", 1..TAGS.len())) {
            let files: Vec<File> = TAGS.iter().zip(&sidecars).map(|(tags, text)| wheel(tags, digest(text))).collect();
            let wheels = Wheels::of(&files, package(), (Marker::TRUE, None));
            let parts = wheels.parts(&wheels.groups(None));
            let mut known = parts.rest;
            for environments in parts.of_groups {
                prop_assert!(known.is_disjoint(environments));
                known = known.or(environments);
            }
            prop_assert!(known.is_true());
        }
    }

    #[test]
    fn one_wheel_of_each_announced_digest_is_read() {
        let files = [
            wheel(TAGS[6], digest("b")),
            wheel(TAGS[3], digest("a")),
            wheel(TAGS[2], digest("a")),
        ];
        let read = names(&files, "python_version >= '3.12'");
        assert_eq!(
            read,
            [
                "a-1-cp313-cp313-manylinux_2_28_x86_64.whl",
                "a-1-cp312-cp312-win_amd64.whl"
            ]
        );
        assert_eq!(
            names(
                &files,
                "python_version == '3.12' and sys_platform == 'linux'"
            ),
            ["a-1-cp312-cp312-manylinux_2_28_x86_64.whl"]
        );
    }

    #[test]
    fn the_first_alone_is_read_where_no_digest_is_announced() {
        for sidecar in [Sidecar::Unknown, Sidecar::Present(None)] {
            let files = TAGS.map(|tags| wheel(tags, sidecar.clone()));
            assert_eq!(names(&files[2..], "python_version >= '3.12'").len(), 1);
        }
        let files = TAGS.map(|tags| wheel(tags, Sidecar::Unknown));
        let wheels = Wheels::of(&files[2..], package(), (Marker::TRUE, None));
        let stated = |text: &str| ReleaseMetadata {
            requires_dist: vec![text.parse().unwrap()],
            ..ReleaseMetadata::default()
        };
        let read = |text| wheels.groups(Some(&stated(text))).len();
        assert_eq!(read("b ; sys_platform == 'win32'"), 3);
        assert_eq!(read("b ; platform_machine == 'aarch64'"), 4);
        assert_eq!(read("b ; python_version < '3.13'"), 1);
        assert_eq!(read("b ; sys_platform == 'win32' and extra == 'x'"), 1);
        let local = TAGS.map(|tags| {
            let filename = format!("a-1-{tags}.whl");
            File::bare(filename.clone(), format!("file:///wheels/{filename}"))
        });
        assert_eq!(names(&local[2..], "python_version >= '3.12'").len(), 4);
    }

    #[test]
    fn a_wheel_that_cannot_be_installed_comes_last_and_is_not_read_beside_others() {
        let files = [wheel(TAGS[0], digest("a")), wheel(TAGS[1], digest("b"))];
        let wheels = Wheels::of(
            &files,
            package(),
            (Marker::parse("python_version >= '3.8'").unwrap(), None),
        );
        assert_eq!(wheels.groups(None), [0]);
        assert_eq!(wheels.in_order().len(), 2);
    }

    #[test]
    fn yanked_wheels_come_after_others() {
        let mut yanked = wheel(TAGS[0], digest("a"));
        yanked.yanked = Some("broken".into());
        let files = [yanked, wheel(TAGS[3], digest("b"))];
        assert_eq!(
            names(&files, "python_version >= '3.8'"),
            ["a-1-cp312-cp312-manylinux_2_28_x86_64.whl"]
        );
    }
}
