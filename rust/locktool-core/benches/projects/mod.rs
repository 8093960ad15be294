//! Projects whose environments have to be solved apart, each with a registry of a few hundred packages in memory: what the benchmark
//! times and the test counts.

use locktool_core::manifest::{
    ConflictItem, Manifest, ManifestRecord, MemberRecord, SCHEMA, Settings,
};
use locktool_core::name::ExtraName;
use locktool_core::resolver::{Preferences, Resolution, ResolveOptions, resolve};
use locktool_core::source::Progress;
use locktool_core::source::registry::Registry;

/// Packages that every project needs.
const COMMON: usize = 150;
const VERSIONS: usize = 12;
/// Packages that only one extra needs, each requiring the one after it.
const OWN: usize = 6;

fn add(registry: &mut Registry, name: &str, version: usize, requires: &[String]) {
    let requires: Vec<&str> = requires.iter().map(String::as_str).collect();
    registry.add(name, &version.to_string(), &requires);
}

/// Common packages that require some of those after them, and per extra a chain of its own that ends in its demands.
fn registry(demands: &[Vec<String>]) -> Registry {
    let mut registry = Registry::default();
    for number in 0..COMMON {
        for version in 1..=VERSIONS {
            let mut requires = Vec::new();
            for step in [1, 2 + number % 5, 7 + number % 11] {
                if number + step < COMMON && version > step % 3 {
                    let bound = 1 + (version * (number % 3)) / 3;
                    requires.push(format!("common{:03}>={bound}", number + step));
                }
            }
            if number % 9 == 0 {
                requires.push("windows; sys_platform == 'win32'".to_owned());
            }
            add(
                &mut registry,
                &format!("common{number:03}"),
                version,
                &requires,
            );
        }
    }
    for version in 1..=VERSIONS {
        for name in ["windows", "shared"] {
            add(&mut registry, name, version, &[]);
        }
        for pair in 0..demands.len() {
            add(&mut registry, &format!("shared{pair}"), version, &[]);
        }
        for split in 0..4 {
            let name = format!("python{split}");
            add(&mut registry, &name, version, &[]);
            let bound = format!(">=3.{}", 8 + version);
            registry.needs_python(&name, &version.to_string(), &bound);
        }
    }
    // No two versions of these go together, but the oldest of one with any of the other.
    for version in 1..=VERSIONS {
        add(&mut registry, "between", version, &[]);
        add(&mut registry, "between", VERSIONS + version, &[]);
        let low = format!("between=={version}");
        let high = format!("between=={}", VERSIONS + version);
        let lows = if version == 1 { vec![] } else { vec![low] };
        add(&mut registry, "clashing", version, &lows);
        add(&mut registry, "clashed", version, &[high]);
    }
    for (extra, demands) in demands.iter().enumerate() {
        for number in 0..OWN {
            let common = format!("common{:03}", (extra * 7 + number * 13) % COMMON);
            let mut requires = vec![common];
            if number + 1 < OWN {
                requires.push(format!("own{extra}-{}", number + 1));
            } else {
                requires.extend(demands.iter().cloned());
            }
            for version in 1..=VERSIONS {
                add(
                    &mut registry,
                    &format!("own{extra}-{number}"),
                    version,
                    &requires,
                );
            }
        }
    }
    registry
}

/// A project with as many extras as there are demands, and the registry it is locked from.
pub struct Project {
    pub name: String,
    registry: Registry,
    manifest: Manifest,
}

impl Project {
    fn new(name: &str, demands: &[Vec<String>], conflicts: &[Vec<usize>]) -> Self {
        Self::with(name, demands, conflicts, &[])
    }

    fn with(name: &str, demands: &[Vec<String>], conflicts: &[Vec<usize>], more: &[&str]) -> Self {
        let extra = |number: usize| ExtraName::parse(&format!("x{number}")).expect("a name");
        let item = |number: usize| ConflictItem {
            member: None,
            extra: Some(extra(number)),
            group: None,
        };
        let more = more.iter().map(ToString::to_string);
        let dependencies = std::iter::once("common000".to_owned()).chain(more);
        let extras =
            (0..demands.len()).map(|number| (extra(number), vec![format!("own{number}-0")]));
        let record = ManifestRecord {
            schema: SCHEMA,
            requires_python: Some(">=3.9".to_owned()),
            settings: Settings {
                conflicts: Some(
                    conflicts
                        .iter()
                        .map(|set| set.iter().map(|number| item(*number)).collect())
                        .collect(),
                ),
                ..Settings::default()
            },
            members: vec![MemberRecord {
                path: ".".to_owned(),
                dependencies: dependencies.collect(),
                extras: extras.collect(),
                ..MemberRecord::default()
            }],
            ..ManifestRecord::default()
        };
        Self {
            name: name.to_owned(),
            registry: registry(demands),
            manifest: Manifest::from_record(&record).expect("a manifest"),
        }
    }

    /// Resolves the project.
    pub fn lock(&self) -> Resolution {
        resolve(
            &self.manifest,
            &self.registry,
            &ResolveOptions::default(),
            &Preferences::default(),
            &Progress::default(),
        )
        .expect("an answer")
    }
}

/// Every pair of the first extras, each a conflict of its own.
fn pairwise(count: usize) -> Vec<Vec<usize>> {
    (0..count)
        .flat_map(|one| (one + 1..count).map(move |other| vec![one, other]))
        .collect()
}

/// What extras demand of shared packages: `demand` of each extra by its number.
fn demands(count: usize, demand: impl Fn(usize) -> Option<String>) -> Vec<Vec<String>> {
    (0..count)
        .map(|extra| demand(extra).into_iter().collect())
        .collect()
}

/// So many pairs of extras that want different versions of a package of their own.
fn pairs(count: usize) -> Project {
    let demand = |extra: usize| {
        let side = if extra.is_multiple_of(2) { "<6" } else { ">=6" };
        Some(format!("shared{}{side}", extra / 2))
    };
    let conflicts: Vec<Vec<usize>> = (0..count)
        .map(|pair| vec![2 * pair, 2 * pair + 1])
        .collect();
    let name = format!("{count} independent pairs");
    Project::new(&name, &demands(2 * count, demand), &conflicts)
}

/// So many extras of which each two want different versions of one package.
fn apart(count: usize) -> Project {
    let demand = |extra: usize| Some(format!("shared=={}", 1 + extra % VERSIONS));
    let name = format!("{count} extras, all apart");
    Project::new(&name, &demands(count, demand), &pairwise(count))
}

/// Every project that is measured.
pub fn projects() -> Vec<Project> {
    let nothing = demands(15, |_| None);
    let pair = demands(15, |extra| match extra {
        0 => Some("shared<6".to_owned()),
        1 => Some("shared>=6".to_owned()),
        _ => None,
    });
    let mut projects = vec![
        Project::new("15 extras, nothing declared", &nothing, &[]),
        Project::new("15 extras, conflicts declared", &nothing, &pairwise(15)),
        Project::new("15 extras, two of them apart", &pair, &pairwise(15)),
        apart(8),
        apart(20),
    ];
    projects.extend([1, 2, 4, 6].map(pairs));
    let pythons = ["python0", "python1", "python2", "python3"];
    projects.push(Project::with(
        "four packages that follow Python",
        &nothing,
        &[],
        &pythons,
    ));
    let clash = [
        "clashed", "clashing", "python0", "python1", "python2", "python3",
    ];
    projects.push(Project::with(
        "the same, and a conflict in each of them",
        &nothing,
        &[],
        &clash,
    ));
    projects
}
