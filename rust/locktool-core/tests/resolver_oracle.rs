//! The universal resolver against exhaustive search on small random registries, environment by environment.

mod project;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use locktool_core::certify::certify;
use locktool_core::lock::{DocumentTool, LockRecord, LockedDocument, LockedPackage};
use locktool_core::manifest::{Manifest, ManifestRecord, MemberRecord, QualityPass, SCHEMA};
use locktool_core::marker::{Marker, MarkerEnvironment};
use locktool_core::name::PackageName;
use locktool_core::requirement::Requirement;
use locktool_core::resolver::{Preferences, ResolveError, ResolveOptions, resolve};
use locktool_core::source::registry::{Description, Registry};
use locktool_core::source::{Listing, PackageSource, Progress, ReleaseMetadata, SourceError};
use locktool_core::version::Version;
use proptest::prelude::*;

const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];
const VERSIONS: [&str; 6] = ["1", "2", "3", "4", "5", "6"];
const MARKERS: [&str; 7] = [
    "",
    "",
    "",
    "; sys_platform == 'linux'",
    "; sys_platform != 'linux'",
    "; python_version < '3.12'",
    "; python_version >= '3.12'",
];
const SPECIFIERS: [&str; 12] = [
    "", "", "", ">=2", "<2", "<3", "<5", ">=4", "==1", "==3", "==6", "!=5",
];

fn requirements() -> impl Strategy<Value = Vec<String>> {
    let one = (0..NAMES.len(), 0..SPECIFIERS.len(), 0..MARKERS.len()).prop_map(
        |(name, specifier, marker)| {
            format!(
                "{}{}{}",
                NAMES[name], SPECIFIERS[specifier], MARKERS[marker]
            )
        },
    );
    proptest::collection::vec(one, 0..4)
}

fn registries() -> impl Strategy<Value = Registry> {
    let uploaded = proptest::option::of(20_000..21_000_i64);
    let description = (requirements(), uploaded).prop_map(|(requires, uploaded)| Description {
        requires,
        uploaded,
        ..Description::default()
    });
    let versions = proptest::collection::btree_map(
        proptest::sample::select(&VERSIONS).prop_map(str::to_owned),
        description,
        0..=VERSIONS.len(),
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

fn record(requirements: &[String]) -> ManifestRecord {
    ManifestRecord {
        schema: SCHEMA,
        requires_python: Some(">=3.11".to_owned()),
        members: vec![MemberRecord {
            path: ".".to_owned(),
            dependencies: requirements.to_vec(),
            ..MemberRecord::default()
        }],
        ..ManifestRecord::default()
    }
}

fn lock(
    registry: &dyn PackageSource,
    record: &ManifestRecord,
) -> Result<Vec<LockedPackage>, ResolveError> {
    let manifest = Manifest::from_record(record).expect("a manifest");
    let resolution = resolve(
        &manifest,
        registry,
        &ResolveOptions::default(),
        &Preferences::default(),
        &Progress::default(),
    )?;
    Ok(resolution.packages)
}

fn environments() -> Vec<MarkerEnvironment> {
    let mut environments = Vec::new();
    for (sys_platform, platform_system, os_name) in
        [("linux", "Linux", "posix"), ("win32", "Windows", "nt")]
    {
        for python in ["3.11", "3.12"] {
            environments.push(MarkerEnvironment {
                implementation_name: "cpython".to_owned(),
                implementation_version: format!("{python}.0"),
                os_name: os_name.to_owned(),
                platform_machine: "x86_64".to_owned(),
                platform_python_implementation: "CPython".to_owned(),
                platform_release: String::new(),
                platform_system: platform_system.to_owned(),
                platform_version: String::new(),
                python_full_version: format!("{python}.0"),
                python_version: python.to_owned(),
                sys_platform: sys_platform.to_owned(),
                ..MarkerEnvironment::default()
            });
        }
    }
    environments
}

/// The requirements of a set of texts that hold in an environment.
fn active(texts: &[String], environment: &MarkerEnvironment) -> Vec<Requirement> {
    texts
        .iter()
        .map(|text| text.parse::<Requirement>().expect("a requirement"))
        .filter(|requirement| requirement.marker.evaluate(environment))
        .collect()
}

/// The requirements of the roots and of chosen versions that hold in an environment.
fn wishes(
    registry: &Registry,
    roots: &[String],
    chosen: &BTreeMap<String, String>,
    environment: &MarkerEnvironment,
) -> Vec<Requirement> {
    let of_packages = chosen.iter().flat_map(|(name, version)| {
        active(&registry.packages[name][version].requires, environment)
    });
    active(roots, environment)
        .into_iter()
        .chain(of_packages)
        .collect()
}

fn admits(requirement: &Requirement, version: &str) -> bool {
    let version: Version = version.parse().expect("a version");
    requirement.specifiers().contains(version)
}

fn is_met(
    registry: &Registry,
    roots: &[String],
    chosen: &BTreeMap<String, String>,
    environment: &MarkerEnvironment,
) -> bool {
    wishes(registry, roots, chosen, environment)
        .iter()
        .all(|requirement| {
            let version = chosen.get(requirement.name.as_str());
            version.is_some_and(|version| admits(requirement, version))
        })
}

/// Tries every choice of versions that requirements lead to in one environment.
fn brute_force(registry: &Registry, roots: &[String], environment: &MarkerEnvironment) -> bool {
    fn extend(
        registry: &Registry,
        roots: &[String],
        environment: &MarkerEnvironment,
        chosen: &mut BTreeMap<String, String>,
    ) -> bool {
        let wishes = wishes(registry, roots, chosen, environment);
        let unmet = wishes.iter().find(|requirement| {
            let version = chosen.get(requirement.name.as_str());
            version.is_none_or(|version| !admits(requirement, version))
        });
        let Some(requirement) = unmet else {
            return true;
        };
        let name = requirement.name.as_str();
        if chosen.contains_key(name) {
            return false;
        }
        let versions = registry
            .packages
            .get(name)
            .into_iter()
            .flat_map(|v| v.keys());
        for version in versions.filter(|version| admits(requirement, version)) {
            chosen.insert(name.to_owned(), version.clone());
            if extend(registry, roots, environment, chosen) {
                return true;
            }
        }
        chosen.remove(name);
        false
    }
    extend(registry, roots, environment, &mut BTreeMap::new())
}

/// What a lock selects in an environment; `None` if a name is selected twice.
fn selected(
    packages: &[LockedPackage],
    environment: &MarkerEnvironment,
) -> Option<BTreeMap<String, String>> {
    let mut chosen = BTreeMap::new();
    for package in packages {
        let marker = package
            .marker
            .as_deref()
            .map_or(Marker::TRUE, |text| Marker::parse(text).expect("a marker"));
        if marker.evaluate(environment) {
            let version = package.version.clone().expect("a version");
            if chosen.insert(package.name.clone(), version).is_some() {
                return None;
            }
        }
    }
    Some(chosen)
}

fn document(record: ManifestRecord, packages: Vec<LockedPackage>) -> LockedDocument {
    LockedDocument {
        lock_version: "1.0".to_owned(),
        requires_python: record.requires_python.clone(),
        created_by: "locktool".to_owned(),
        tool: Some(DocumentTool {
            locktool: Some(LockRecord::from(ManifestRecord {
                digest: record.digest_of_run(),
                ..record
            })),
        }),
        packages,
        ..LockedDocument::default()
    }
}

/// A registry of which nothing is known before it is asked, so that the resolver asks ahead as it does of an index.
struct Distant<'a> {
    registry: &'a Registry,
    asked: AtomicUsize,
}

impl PackageSource for Distant<'_> {
    fn listing(&self, package: PackageName) -> Result<Arc<Listing>, SourceError> {
        self.registry.listing(package)
    }

    fn listing_on(&self, package: PackageName, index: &str) -> Result<Arc<Listing>, SourceError> {
        self.registry.listing_on(package, index)
    }

    fn metadata(
        &self,
        listing: &Arc<Listing>,
        release: usize,
    ) -> Result<Arc<ReleaseMetadata>, SourceError> {
        self.registry.metadata(listing, release)
    }

    fn direct(&self, package: PackageName, url: &str) -> Result<Arc<Listing>, SourceError> {
        self.registry.direct(package, url)
    }

    fn prefetch_listing(&self, _: PackageName) {}

    fn prefetch_metadata(&self, listing: &Arc<Listing>, release: usize) {
        assert!(release < listing.releases.len());
        self.asked.fetch_add(1, Ordering::Relaxed);
    }

    fn is_known(&self, _: &Arc<Listing>, _: usize) -> bool {
        false
    }

    fn concurrency(&self) -> usize {
        4
    }
}

proptest! {
    #![proptest_config(project::cases(500))]

    #[test]
    fn a_lock_is_found_exactly_when_every_environment_has_an_answer(registry in registries(), roots in requirements()) {
        let environments = environments();
        let expected = environments.iter().all(|e| brute_force(&registry, &roots, e));
        let found = lock(&registry, &record(&roots));
        prop_assert_eq!(found.is_ok(), expected, "{:?}", found);
        let Ok(packages) = found else { return Ok(()) };
        for environment in &environments {
            let chosen = selected(&packages, environment);
            prop_assert!(chosen.is_some(), "two entries of a name in {:?}: {:?}", environment, packages);
            prop_assert!(is_met(&registry, &roots, &chosen.unwrap(), environment), "{:?} {:?}", environment, packages);
        }
    }

    #[test]
    fn asking_ahead_changes_nothing(registry in registries(), roots in requirements()) {
        let record = record(&roots);
        let distant = Distant { registry: &registry, asked: AtomicUsize::new(0) };
        let (near, far) = (lock(&registry, &record), lock(&distant, &record));
        prop_assert_eq!(near.map_err(|error| error.to_string()), far.map_err(|error| error.to_string()));
    }

    #[test]
    fn every_lock_certifies(registry in registries(), roots in requirements()) {
        let record = record(&roots);
        if let Ok(packages) = lock(&registry, &record) {
            let reasons = certify(&document(record.clone(), packages.clone()), &record).unwrap();
            prop_assert_eq!(&reasons, &vec![], "{:#?}", packages);
        }
    }

    #[test]
    fn the_order_of_requirements_does_not_matter(registry in registries(), roots in requirements(), seed in any::<usize>()) {
        let mut shuffled = roots.clone();
        shuffled.reverse();
        if !shuffled.is_empty() {
            let middle = seed % shuffled.len();
            shuffled.rotate_left(middle);
        }
        prop_assert_eq!(lock(&registry, &record(&roots)).ok(), lock(&registry, &record(&shuffled)).ok());
    }

    #[test]
    fn what_the_project_names_is_never_improved_away(registry in registries()) {
        let mut record = record(&["a".to_owned()]);
        let Ok(improved) = lock(&registry, &record) else { return Ok(()) };
        record.settings.quality_pass = Some(QualityPass(false));
        let plain = lock(&registry, &record).expect("an answer");
        for environment in environments() {
            let [improved, plain] = [&improved, &plain].map(|packages| selected(packages, &environment).expect("one of each"));
            prop_assert!(improved["a"] >= plain["a"], "{} for {}", improved["a"], plain["a"]);
        }
    }

    #[test]
    fn locking_again_keeps_everything(registry in registries(), roots in requirements()) {
        let record = record(&roots);
        let manifest = Manifest::from_record(&record).unwrap();
        if let Ok(packages) = lock(&registry, &record) {
            let preferences = Preferences::from_locked(&packages, |_| true);
            let again = resolve(&manifest, &registry, &ResolveOptions::default(), &preferences, &Progress::default());
            prop_assert_eq!(again.map(|resolution| resolution.packages).ok(), Some(packages));
        }
    }
}

#[test]
fn the_next_versions_are_asked_for_where_those_before_were_rejected() {
    let mut registry = Registry::default();
    registry.add("b", "1", &[]).add("b", "2", &[]);
    for minor in 0..20 {
        let bound = if minor == 0 { "b==2" } else { "b==1" };
        registry.add("a", &format!("1.{minor}"), &[bound]);
    }
    let distant = Distant {
        registry: &registry,
        asked: AtomicUsize::new(0),
    };
    let record = record(&["a".to_owned(), "b==2".to_owned()]);
    let far = lock(&distant, &record).expect("a resolution");
    assert_eq!(far, lock(&registry, &record).expect("a resolution"));
    assert!(distant.asked.load(Ordering::Relaxed) >= 10);
}

#[test]
fn an_indirect_conflict_does_not_walk_back_to_the_past() {
    let mut registry = Registry::default();
    registry.add("a", "1.0.0", &[]).add("a", "2.0.0", &[]);
    registry.add("b", "1.0.0", &["b-inner"]);
    registry.add("too-old", "1.0.0", &[]);
    registry.add("b-inner", "1.0.0", &["too-old"]);
    for micro in 0..10 {
        registry.add("b-inner", &format!("2.0.{micro}"), &["a==1.0.0"]);
    }
    let packages = lock(&registry, &record(&["a".to_owned(), "b".to_owned()])).unwrap();
    let versions: Vec<String> = packages
        .iter()
        .map(|package| {
            format!(
                "{} {}",
                package.name,
                package.version.as_deref().unwrap_or("")
            )
        })
        .collect();
    assert_eq!(versions, ["a 1.0.0", "b 1.0.0", "b-inner 2.0.9"]);
}

#[test]
fn a_newer_python_gets_the_newer_version() {
    let mut registry = Registry::default();
    registry.add("a", "1", &[]).add("a", "2", &[]);
    registry.needs_python("a", "2", ">=3.12");
    let packages = lock(&registry, &record(&["a".to_owned()])).unwrap();
    let entries: Vec<_> = packages
        .iter()
        .map(|package| (package.version.as_deref(), package.marker.as_deref()))
        .collect();
    assert_eq!(
        entries,
        [
            (Some("1"), Some("python_version < '3.12'")),
            (Some("2"), Some("python_version >= '3.12'"))
        ]
    );
}
