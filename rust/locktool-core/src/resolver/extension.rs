//! The solution with one item of a conflict, where the item only adds to the solution without any.
//!
//! What the item requires is added to the solution without any, version by version. Where nothing is turned down on the way, each
//! version is the one that a search would take, so no search is needed: with many items that is most of the work of a run. Whatever
//! else happens (a requirement that a chosen version does not meet, environments that have to be split, a version that is not the
//! newest, which an improvement could exchange, another version in the existing lock) is left to a search.
//!
//! ```
//! # use locktool_core::resolver::example::Example;
//! let mut example = Example::requiring(&["a"]);
//! example.with_extra("plus", &["b"]).with_extra("less", &["a<2"]).with_conflict(&["plus", "less"]);
//! example.publish(1, "a 1", &[]).publish(2, "a 2", &[]).publish(1, "b 1", &["a"]);
//! assert_eq!(example.installed(&[]), ["a 2"]);
//! assert_eq!(example.installed(&["plus"]), ["a 2", "b 1"]); // extended
//! assert_eq!(example.installed(&["less"]), ["a 1"]); // solved
//! ```

use std::sync::Arc;

use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use super::candidate::Choice;
use super::dependency::Edge;
use super::error::ResolveError;
use super::judgement::{CandidateQuery, RequirementSummary};
use super::package::ROOT;
use super::run::Run;
use super::solution::ForkSolution;
use super::split::diverging;
use super::trace;
use crate::marker::Marker;
use crate::solver::{PackageId, Rank, RankSet};

/// The solution of an environment in which more is required than in that of a solution; `None` where it takes a search.
///
/// # Errors
/// When the index does not answer.
pub(super) fn extended(
    run: &mut Run<'_>,
    base: &ForkSolution,
    environment: Marker,
) -> Result<Option<ForkSolution>, ResolveError> {
    // Which requirements are the project's own decides there; adding one changes what others get.
    if run.selector.prefers_oldest_of_direct() {
        return Ok(None);
    }
    let mut extension = Extension::new(base, environment);
    while extension.follow(run)? {
        let Some(package) = extension.waiting.pop() else {
            return extension.finished(run, base);
        };
        if !extension.add(run, package)? {
            break;
        }
    }
    Ok(None)
}

struct Extension {
    environment: Marker,
    /// Where the solution that is extended needs its packages.
    needed_before: FxHashMap<PackageId, Marker>,
    picks: FxHashMap<PackageId, Rank>,
    /// The packages that were added, in their order.
    added: Vec<PackageId>,
    needed: FxHashMap<PackageId, Marker>,
    /// The requirements that apply. They are asked of a few packages only, so that they are not kept by these.
    incoming: Vec<Incoming>,
    followed: FxHashSet<(PackageId, usize)>,
    /// The packages whose requirements are to be followed, since they are needed in more environments than before.
    changed: Vec<PackageId>,
    /// The packages that are required and have no version yet, the next one last.
    waiting: Vec<PackageId>,
    /// What was asked of each package that was added, when its version was chosen.
    chosen_for: FxHashMap<PackageId, (usize, Option<Marker>)>,
    /// The packages of the solution that is extended on which there are further requirements.
    touched: FxHashSet<PackageId>,
}

/// A requirement on a package: one of those of the package that states it.
#[derive(Clone)]
struct Incoming {
    /// The package, or the one that it is without its extra.
    on: PackageId,
    from: PackageId,
    edges: Arc<[Edge]>,
    position: usize,
}

impl Incoming {
    fn edge(&self) -> &Edge {
        &self.edges[self.position]
    }
}

impl Extension {
    fn new(base: &ForkSolution, environment: Marker) -> Self {
        let before = base.chosen.iter();
        let before = before.map(|(package, _, needed)| (*package, *needed));
        let mut extension = Self {
            environment,
            needed_before: before.chain([(ROOT, base.environment)]).collect(),
            picks: base.picks(),
            added: Vec::new(),
            needed: FxHashMap::from_iter([(ROOT, environment)]),
            incoming: Vec::with_capacity(3 * base.chosen.len()),
            followed: FxHashSet::with_capacity_and_hasher(3 * base.chosen.len(), FxBuildHasher),
            changed: vec![ROOT],
            waiting: Vec::new(),
            chosen_for: FxHashMap::default(),
            touched: FxHashSet::default(),
        };
        extension.picks.insert(ROOT, 0);
        extension
    }

    /// Follows the requirements of what is chosen; false where one is not met, or leads to different versions in different environments.
    fn follow(&mut self, run: &mut Run<'_>) -> Result<bool, ResolveError> {
        while let Some(package) = self.changed.pop() {
            let from = self.needed[&package];
            let rank = self.picks[&package];
            let Ok(edges) = run.provider.edges(&mut run.catalog, package, rank)? else {
                return Ok(false);
            };
            let active = edges.iter().filter(|edge| !edge.marker.is_disjoint(from));
            let active: Vec<&Edge> = active.collect();
            let is_solved = package != ROOT && self.needed_before.contains_key(&package);
            if !is_solved && diverging(run, self.environment, &active)?.is_some() {
                return Ok(false);
            }
            for (position, edge) in edges.iter().enumerate() {
                let applied = from.and(edge.marker);
                if !applied.is_false() && !self.require(package, (&edges, position), applied) {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// Adds a requirement that applies in some environments; false where the chosen version does not meet it.
    fn require(
        &mut self,
        package: PackageId,
        (edges, position): (&Arc<[Edge]>, usize),
        applied: Marker,
    ) -> bool {
        let edge = &edges[position];
        let target = edge.target;
        if self.followed.insert((package, position)) {
            let before = self.needed_before.get(&package);
            if before.is_none_or(|before| edge.marker.is_disjoint(*before)) {
                self.touched.insert(target);
            }
            self.incoming.push(Incoming {
                on: target,
                from: package,
                edges: Arc::clone(edges),
                position,
            });
        }
        let pick = self.picks.get(&target).copied();
        if pick.is_some_and(|rank| !edge.allowed.contains(rank)) {
            return false;
        }
        let known = self.needed.entry(target).or_insert(Marker::FALSE);
        let widened = known.or(applied);
        if widened != *known {
            *known = widened;
            let list = if pick.is_some() {
                &mut self.changed
            } else {
                &mut self.waiting
            };
            if !list.contains(&target) {
                list.push(target);
            }
        }
        true
    }

    /// Chooses a version of a package; false where a search has to.
    fn add(&mut self, run: &mut Run<'_>, package: PackageId) -> Result<bool, ResolveError> {
        let base = run.catalog.base(package);
        let rank = if base == package {
            self.selected(run, package)?
        } else if let Some(rank) = self.picks.get(&base) {
            // A package with an extra has the version of the package itself.
            self.allowed(package).contains(*rank).then_some(*rank)
        } else {
            self.wait_for_base(package, base);
            return Ok(true);
        };
        let Some(rank) = rank else {
            return Ok(false);
        };
        trace::chosen(&run.catalog, package, rank, &self.allowed(package));
        run.attempts += 1;
        self.chosen_for.insert(package, self.asked_of(package));
        self.picks.insert(package, rank);
        self.added.push(package);
        self.changed.push(package);
        Ok(true)
    }

    /// Puts a package before the same with an extra, whose requirements hold for it.
    fn wait_for_base(&mut self, package: PackageId, base: PackageId) {
        let of_extra = self.requirements_on(package).cloned();
        let of_extra: Vec<Incoming> = of_extra.map(|one| Incoming { on: base, ..one }).collect();
        self.incoming.extend(of_extra);
        let needed = self.needed[&package];
        let known = self.needed.entry(base).or_insert(Marker::FALSE);
        *known = known.or(needed);
        self.waiting.retain(|other| *other != base);
        self.waiting.extend([package, base]);
    }

    /// What a choice rests on: how many requirements there are on a package, and where it is needed. Both only grow.
    fn asked_of(&self, package: PackageId) -> (usize, Option<Marker>) {
        let requirements = self.requirements_on(package).count();
        (requirements, self.needed.get(&package).copied())
    }

    fn requirements_on(&self, package: PackageId) -> impl Iterator<Item = &Incoming> {
        self.incoming.iter().filter(move |one| one.on == package)
    }

    fn allowed(&self, package: PackageId) -> RankSet {
        let incoming = self.requirements_on(package);
        incoming.fold(RankSet::full(), |set, incoming| {
            set.intersection(&incoming.edge().allowed)
        })
    }

    /// The version that the requirements lead to, if it is one that no improvement could exchange and that no upgrade comes before.
    fn selected(
        &self,
        run: &mut Run<'_>,
        package: PackageId,
    ) -> Result<Option<Rank>, ResolveError> {
        let allowed = self.allowed(package);
        let key = run.catalog.key(package).clone();
        let versions = run.catalog.versions(package)?;
        let (Some(name), true) = (key.name, key.origin.is_published()) else {
            return Ok(allowed.ascending(versions.count()).next());
        };
        if run.selector.is_upgraded(name) {
            return Ok(None);
        }
        let summary = self.summary(run, package);
        let query = CandidateQuery {
            name,
            allowed: &allowed,
            environment: self.environment,
            summary: &summary,
        };
        let Choice::Version(rank) = run.selector.choose(&query, &versions) else {
            return Ok(None);
        };
        if !run.improves {
            return Ok(Some(rank));
        }
        let everything = CandidateQuery {
            allowed: &RankSet::full(),
            ..query
        };
        let newest = run.selector.considered(&everything, &versions).next();
        Ok(newest.is_none_or(|newest| newest <= rank).then_some(rank))
    }

    fn summary(&self, run: &Run<'_>, package: PackageId) -> RequirementSummary {
        let mut summary = RequirementSummary::of_environments(Marker::FALSE);
        for incoming in self.requirements_on(package) {
            let edge = incoming.edge();
            let applied = self.needed[&incoming.from].and(edge.marker);
            summary.needed = summary.needed.or(applied);
            if !run.catalog.key(incoming.from).origin.is_published() {
                summary.project_allows = summary.project_allows.intersection(&edge.allowed);
                summary.direct = summary.direct.or(applied);
            }
            summary.names_prerelease |= edge.names_prerelease;
            summary.pins_version |= edge.pins_version;
        }
        summary
    }

    /// The solution, if every version that was added or has further requirements is still the one that these lead to, and serves all
    /// environments that need it.
    fn finished(
        &self,
        run: &mut Run<'_>,
        base: &ForkSolution,
    ) -> Result<Option<ForkSolution>, ResolveError> {
        for package in self.added.iter().chain(&self.touched) {
            let is_base = run.catalog.base(*package) == *package;
            let is_as_chosen = self.chosen_for.get(package) == Some(&self.asked_of(*package));
            if is_base
                && !is_as_chosen
                && self.selected(run, *package)? != self.picks.get(package).copied()
            {
                return Ok(None);
            }
        }
        let packages = base.chosen.iter().map(|(package, _, _)| *package);
        let packages = packages.chain(self.added.iter().copied());
        let chosen: Vec<(PackageId, Rank, Marker)> = packages
            .filter_map(|package| {
                Some((package, self.picks[&package], *self.needed.get(&package)?))
            })
            .collect();
        for (package, rank, needed) in &chosen {
            let Some(name) = run.catalog.key(*package).name else {
                continue;
            };
            let version = run.catalog.versions(*package)?.ascending[*rank as usize];
            let locked = run.selector.locked_otherwise(name, version);
            if !locked.is_disjoint(*needed) {
                return Ok(None);
            }
        }
        let solution = ForkSolution {
            environment: self.environment,
            chosen,
        };
        Ok(solution.serves(run)?.then_some(solution))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::super::options::{Preferences, ResolveOptions};
    use super::super::{Run, resolution, solutions};
    use crate::manifest::{ConflictItem, Manifest, ManifestRecord, MemberRecord, SCHEMA, Settings};
    use crate::marker::{Marker, Membership};
    use crate::name::ExtraName;
    use crate::source::Progress;
    use crate::source::registry::Registry;

    const PACKAGES: usize = 7;
    const VERSIONS: usize = 3;
    const EXTRAS: usize = 3;
    const ENVIRONMENTS: [&str; 3] = [
        "sys_platform == 'win32' and python_version == '3.12'",
        "sys_platform == 'linux' and python_version == '3.12'",
        "sys_platform == 'linux' and python_version == '3.13'",
    ];
    const MARKERS: [&str; 3] = ["", "; sys_platform == 'win32'", "; python_version < '3.13'"];

    /// A package, how its version is bound, and under which marker.
    type Wanted = (usize, usize, usize, usize);

    /// Versions by the environment, the extra that is chosen, and the package.
    type Named = BTreeMap<(usize, Option<usize>, String), u32>;

    fn wanted() -> impl Strategy<Value = Wanted> {
        (0..PACKAGES, 0..4_usize, 1..=VERSIONS, 0..MARKERS.len())
    }

    fn text(&(package, operator, version, marker): &Wanted) -> String {
        let bound = match operator {
            0 | 1 => String::new(),
            2 => format!(">={version}"),
            _ => format!("<={version}"),
        };
        format!("p{package}{bound} {}", MARKERS[marker])
    }

    fn extra_name(number: usize) -> ExtraName {
        format!("x{number}").parse().expect("a name")
    }

    fn record(base: &[Wanted], extras: &[Vec<Wanted>]) -> ManifestRecord {
        let texts = |wanted: &[Wanted]| wanted.iter().map(text).collect();
        let conflict = (0..EXTRAS).map(|number| ConflictItem {
            member: None,
            extra: Some(extra_name(number)),
            group: None,
        });
        ManifestRecord {
            schema: SCHEMA,
            requires_python: Some(">=3.11".to_owned()),
            settings: Settings {
                conflicts: Some(vec![conflict.collect()]),
                ..Settings::default()
            },
            members: vec![MemberRecord {
                name: "project".parse().ok(),
                path: ".".to_owned(),
                dependencies: texts(base),
                extras: extras
                    .iter()
                    .enumerate()
                    .map(|(number, one)| (extra_name(number), texts(one)))
                    .collect(),
                ..MemberRecord::default()
            }],
            ..ManifestRecord::default()
        }
    }

    /// The versions of the packages that the project names, by each environment and the extra that is chosen; `None` where there is
    /// no solution.
    fn named(registry: &Registry, record: &ManifestRecord, extends: bool) -> Option<Named> {
        let manifest = Manifest::from_record(record).expect("a manifest");
        let (options, preferences) = (ResolveOptions::default(), Preferences::default());
        let (universe, progress) = (manifest.universe(), Progress::default());
        let options = (&options, &preferences);
        let mut run = Run::new(&manifest, registry, options, universe, &progress);
        run.extends = extends;
        let solutions = solutions(&mut run, universe).ok()?;
        let resolution = resolution::build(&mut run, &manifest, &solutions, universe).ok()?;
        let member = &manifest.members[0];
        let mut found = BTreeMap::new();
        for package in &resolution.packages {
            let marker = package.marker.as_deref().map_or(Marker::TRUE, |text| {
                Marker::parse(text).expect("the marker of a lock")
            });
            for chosen in (0..EXTRAS).map(Some).chain([None]) {
                let with_extra = (0..EXTRAS).fold(marker, |marker, number| {
                    let extra = Membership::Extra(extra_name(number));
                    marker.assume(extra, chosen == Some(number))
                });
                let extra = chosen.map(extra_name);
                let own = extra.and_then(|extra| member.extras.get(&extra));
                let mut requirements = member.dependencies.iter().chain(own.into_iter().flatten());
                let is_named = requirements.any(|one| one.name.as_str() == package.name);
                for (number, environment) in ENVIRONMENTS.iter().enumerate() {
                    let environment = Marker::parse(environment).expect("a marker");
                    if is_named && !with_extra.is_disjoint(environment) {
                        let version = package.version.as_ref().map(ToString::to_string);
                        let version = version.and_then(|text| text.parse().ok()).unwrap_or(0);
                        found.insert((number, chosen, package.name.clone()), version);
                    }
                }
            }
        }
        Some(found)
    }

    proptest! {
        #[test]
        fn an_extended_solution_has_nothing_older_of_what_is_named_than_a_search(
            releases in prop::collection::vec(prop::collection::vec(wanted(), 0..3), PACKAGES * VERSIONS),
            base in prop::collection::vec(wanted(), 1..3),
            extras in prop::collection::vec(prop::collection::vec(wanted(), 1..3), EXTRAS),
        ) {
            let mut registry = Registry::default();
            for (number, requires) in releases.iter().enumerate() {
                let (package, version) = (number / VERSIONS, number % VERSIONS + 1);
                // Nothing requires what comes before it, so that most sets have a solution.
                let requires = requires.iter().filter(|(target, ..)| *target > package);
                let requires: Vec<String> = requires.map(text).collect();
                let requires: Vec<&str> = requires.iter().map(String::as_str).collect();
                registry.add(&format!("p{package}"), &version.to_string(), &requires);
            }
            let record = record(&base, &extras);
            let (extended, searched) = (named(&registry, &record, true), named(&registry, &record, false));
            prop_assert_eq!(extended.is_some(), searched.is_some());
            let (extended, searched) = (extended.unwrap_or_default(), searched.unwrap_or_default());
            prop_assert!(extended.keys().eq(searched.keys()));
            for (place, version) in &searched {
                prop_assert!(extended[place] >= *version, "{:?} is {} and not {}", place, extended[place], version);
            }
        }
    }
}
