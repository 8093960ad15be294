//! The certificate against tampering: whatever is edited in a lock is noticed, and the finding names the block.

mod project;

use locktool_core::certify::certify;
use locktool_core::lock::{
    Hashes, LockedDependency, LockedDirectory, LockedDocument, LockedFile, LockedPackage,
};
use locktool_core::manifest::{
    Change, Cutoff, ForkStrategy, Manifest, ManifestRecord, PrereleaseMode, ResolutionMode,
};
use locktool_core::marker::Marker;
use project::{document, everywhere, lock, worlds};
use proptest::prelude::*;

/// A way to edit one block.
type BlockEdit = (&'static str, fn(&mut LockedPackage));

/// A way to edit what stands before the blocks, and a word that the finding must say.
type HeaderEdit = (&'static str, fn(&mut LockedDocument));

fn wheel(package: &mut LockedPackage, edit: impl Fn(&mut LockedFile)) {
    if let Some(file) = package.wheels.first_mut() {
        edit(file);
    }
}

fn evidence(package: &mut LockedPackage, edit: impl Fn(&mut String, &mut Vec<String>)) {
    let evidence = package
        .tool
        .as_mut()
        .and_then(|tool| tool.locktool.as_mut());
    if let Some(evidence) = evidence {
        edit(&mut evidence.digest, &mut evidence.requires);
    }
}

const FILE_EDITS: [BlockEdit; 14] = [
    ("hash", |package| {
        wheel(package, |file| {
            file.hashes.insert("sha256".to_owned(), "1".repeat(64));
        });
    }),
    ("hash added", |package| {
        wheel(package, |file| {
            file.hashes.insert("md5".to_owned(), "1".repeat(32));
        });
    }),
    ("hash removed", |package| {
        wheel(package, |file| file.hashes = Hashes::default());
    }),
    ("size", |package| {
        wheel(package, |file| file.size = Some(17));
    }),
    ("upload time", |package| {
        wheel(package, |file| {
            file.upload_time = Some("2026-01-01T00:00:00Z".to_owned());
        });
    }),
    ("host", |package| {
        wheel(package, |file| {
            file.url = file
                .url
                .as_ref()
                .map(|url| url.replace("example", "elsewhere"));
        });
    }),
    ("filename", |package| {
        wheel(package, |file| {
            file.name = Some("z-1-py3-none-any.whl".to_owned());
        });
    }),
    ("path", |package| {
        wheel(package, |file| file.path = Some("wheels/a.whl".to_owned()));
    }),
    ("wheel removed", |package| {
        package.wheels.pop();
    }),
    ("wheel twice", |package| {
        package.wheels.extend(package.wheels.first().cloned());
    }),
    ("wheel as sdist", |package| {
        package.sdist = package.wheels.pop();
    }),
    ("wheel as archive", |package| {
        package.archive = package.wheels.pop();
    }),
    ("index", |package| {
        package.index = Some("https://elsewhere.invalid/simple/".to_owned());
    }),
    ("index removed", |package| package.index = None),
];

const BLOCK_EDITS: [BlockEdit; 22] = [
    ("version", |package| package.version = Some("7".to_owned())),
    ("version written otherwise", |package| {
        package.version = package.version.as_ref().map(|text| format!("{text}.0"));
    }),
    ("version removed", |package| package.version = None),
    ("version broken", |package| {
        package.version = Some("one".to_owned());
    }),
    ("name", |package| package.name.push('z')),
    ("name not normalised", |package| {
        package.name = package.name.to_uppercase();
    }),
    ("name broken", |package| "-".clone_into(&mut package.name)),
    ("requires-python", |package| {
        package.requires_python = Some(">=3.9".to_owned());
    }),
    ("requires-python removed", |package| {
        package.requires_python = None;
    }),
    ("marker replaced", |package| {
        package.marker = Some("platform_machine == 'arm64'".to_owned());
    }),
    ("marker narrowed", |package| {
        package.marker = Some(match &package.marker {
            Some(text) => format!("({text}) and os_name == 'posix'"),
            None => "os_name == 'posix'".to_owned(),
        });
    }),
    ("marker removed", |package| package.marker = None),
    ("marker broken", |package| {
        package.marker = Some("sys_platform = 'linux'".to_owned());
    }),
    ("edge removed", |package| {
        package.dependencies.pop();
    }),
    ("edge added", |package| {
        package.dependencies.push(LockedDependency {
            name: "z".to_owned(),
            version: None,
        });
    }),
    ("edge twice", |package| {
        package
            .dependencies
            .extend(package.dependencies.first().cloned());
    }),
    ("edge version", |package| {
        if let Some(dependency) = package.dependencies.first_mut() {
            dependency.version = Some("7".to_owned());
        }
    }),
    ("requirement removed", |package| {
        evidence(package, |_, requires| {
            requires.pop();
        });
    }),
    ("requirement added", |package| {
        evidence(package, |_, requires| requires.push("z".to_owned()));
    }),
    ("digest", |package| {
        evidence(package, |digest, _| "0123456789abcdef".clone_into(digest));
    }),
    ("evidence removed", |package| package.tool = None),
    ("directory", |package| {
        package.directory = Some(LockedDirectory {
            path: "elsewhere".to_owned(),
            editable: Some(true),
        });
    }),
];

fn recorded(document: &mut LockedDocument, edit: impl Fn(&mut ManifestRecord)) {
    let record = document
        .tool
        .as_mut()
        .and_then(|tool| tool.locktool.as_mut());
    edit(&mut record.expect("a lock records its inputs").inputs);
}

const HEADER_EDITS: [HeaderEdit; 26] = [
    ("lock-version", |lock| {
        "7.0".clone_into(&mut lock.lock_version);
    }),
    ("extras", |lock| lock.extras.push("z".to_owned())),
    ("extras", |lock| {
        lock.extras.pop();
    }),
    ("dependency-groups", |lock| {
        lock.dependency_groups.push("z".to_owned());
    }),
    ("dependency-groups", |lock| {
        lock.dependency_groups.pop();
    }),
    ("requires-python", |lock| {
        lock.requires_python = Some(">=3.12".to_owned());
    }),
    ("requires-python", |lock| lock.requires_python = None),
    ("environments", |lock| {
        lock.environments.push("os_name == 'nt'".to_owned());
    }),
    ("lock", |lock| lock.tool = None),
    ("schema", |lock| recorded(lock, |record| record.schema += 1)),
    ("requires-python", |lock| {
        recorded(lock, |record| record.requires_python = None);
    }),
    ("environment", |lock| {
        recorded(lock, |record| {
            let environments = record.settings.environments.get_or_insert_default();
            environments.0.push("os_name == 'nt'".to_owned());
        });
    }),
    ("resolution", |lock| {
        recorded(lock, |record| {
            record.settings.resolution = Some(ResolutionMode::Lowest);
        });
    }),
    ("prerelease", |lock| {
        recorded(lock, |record| {
            record.settings.prerelease = Some(PrereleaseMode::Allow);
        });
    }),
    ("fork-strategy", |lock| {
        recorded(lock, |record| {
            record.settings.fork_strategy = Some(ForkStrategy::Fewest);
        });
    }),
    ("required-environments", |lock| {
        recorded(lock, |record| {
            let required = record
                .settings
                .required_environments
                .get_or_insert_default();
            required.0.push("os_name == 'nt'".to_owned());
        });
    }),
    ("exclude-newer", |lock| {
        recorded(lock, |record| {
            record.settings.exclude_newer = Some(Cutoff::At(0));
        });
    }),
    ("constraint", |lock| {
        recorded(lock, |record| {
            let added = everywhere(vec!["z<7".to_owned()]);
            record
                .settings
                .constraints
                .get_or_insert_default()
                .extend(added);
        });
    }),
    ("constraint", |lock| {
        recorded(lock, |record| {
            record.settings.constraints.as_mut().and_then(Vec::pop);
        });
    }),
    ("override", |lock| {
        recorded(lock, |record| {
            record.settings.overrides.as_mut().and_then(Vec::pop);
        });
    }),
    ("exclude", |lock| {
        recorded(lock, |record| {
            let excludes = record.settings.excludes.get_or_insert_default();
            excludes.push(Change::Everywhere("z".parse().expect("a name")));
        });
    }),
    ("conflict", |lock| {
        recorded(lock, |record| {
            record
                .settings
                .conflicts
                .get_or_insert_default()
                .push(Vec::new());
        });
    }),
    ("root", |lock| {
        recorded(lock, |record| {
            record.members[0].dependencies.push("z".to_owned());
        });
    }),
    ("root", |lock| {
        recorded(lock, |record| {
            record.members[0]
                .extras
                .remove(&"x".parse().expect("a name"));
        });
    }),
    ("root", |lock| {
        recorded(lock, |record| record.members[0].package ^= true);
    }),
    ("member", |lock| {
        recorded(lock, |record| {
            record.members.push(record.members[0].clone());
        });
    }),
];

/// Whether an edited marker still says the same wherever the lock applies.
fn means_the_same(before: &LockedPackage, after: &LockedPackage, record: &ManifestRecord) -> bool {
    let meaning = |package: &LockedPackage| {
        let text = package.marker.as_deref();
        let universe = Manifest::from_record(record)
            .expect("a manifest")
            .universe();
        Marker::parse(text.unwrap_or("python_version > '0'"))
            .ok()
            .map(|marker| marker.and(universe))
    };
    let unmarked = |package: &LockedPackage| LockedPackage {
        marker: None,
        ..package.clone()
    };
    unmarked(before) == unmarked(after) && meaning(before) == meaning(after)
}

/// What the certificate says of an edited lock: the findings, each as one text.
fn findings(document: &LockedDocument, record: &ManifestRecord) -> Vec<String> {
    match certify(document, record) {
        Ok(reasons) => reasons
            .iter()
            .map(|r| format!("{} {} {}", r.code, r.subject, r.message))
            .collect(),
        Err(error) => vec![error.to_string()],
    }
}

proptest! {
    #![proptest_config(project::cases(75))]

    #[test]
    fn every_edit_of_a_block_is_noticed(world in worlds(), seed in any::<usize>()) {
        let Ok(packages) = lock(&world.registry, &world.record) else { return Ok(()) };
        let sound = document(&world.record, packages);
        prop_assert_eq!(findings(&sound, &world.record), Vec::<String>::new());
        if sound.packages.is_empty() { return Ok(()) }
        let place = seed % sound.packages.len();
        let before = sound.packages[place].clone();
        for (what, edit) in FILE_EDITS.iter().chain(&BLOCK_EDITS) {
            let mut edited = sound.clone();
            edit(&mut edited.packages[place]);
            if means_the_same(&before, &edited.packages[place], &world.record) { continue }
            let found = findings(&edited, &world.record);
            prop_assert!(found.iter().any(|text| text.to_lowercase().contains(&before.name)), "{} of {:#?}: {:?}", what, before, found);
        }
    }

    #[test]
    fn a_block_deleted_doubled_or_moved_is_noticed(world in worlds(), seed in any::<usize>()) {
        let Ok(packages) = lock(&world.registry, &world.record) else { return Ok(()) };
        if packages.is_empty() { return Ok(()) }
        let sound = document(&world.record, packages);
        let place = seed % sound.packages.len();
        let name = sound.packages[place].name.clone();
        let mut deleted = sound.clone();
        deleted.packages.remove(place);
        let mut doubled = sound.clone();
        doubled.packages.insert(place, sound.packages[place].clone());
        let mut added = sound.clone();
        added.packages.push(LockedPackage { name: format!("{name}z"), ..sound.packages[place].clone() });
        for edited in [deleted, doubled, added] {
            let found = findings(&edited, &world.record);
            prop_assert!(found.iter().any(|text| text.contains(&name)), "{} {:?} {:#?}", name, found, edited.packages);
        }
    }

    #[test]
    fn every_edit_before_the_blocks_is_noticed(world in worlds()) {
        let Ok(packages) = lock(&world.registry, &world.record) else { return Ok(()) };
        let sound = document(&world.record, packages);
        for (word, edit) in HEADER_EDITS {
            let mut edited = sound.clone();
            edit(&mut edited);
            if edited == sound { continue }
            let found = findings(&edited, &world.record);
            prop_assert!(found.iter().any(|text| text.contains(word)), "{}: {:?}", word, found);
        }
    }
}
