//! Versions that the requirements allow and that cannot be chosen: pre-releases, yanked ones, those for another Python or
//! platform, those behind the cutoff, or simply none.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::candidate::CandidateSelector;
use super::super::judgement::{CandidateQuery, Judgement, Rejection, RequirementSummary};
use super::super::package::{Catalog, Versions};
use super::failure::{Failure, Premise};
use super::wording::describe;
use crate::distribution::filename::DistributionFilename;
use crate::distribution::tag::{implied_marker, platform_marker};
use crate::manifest::python_supported;
use crate::solver::{PackageId, Rank, RankSet};
use crate::version::SpecifierSet;

/// So many tags of wheels are named.
const MOST_TAGS: usize = 3;

/// Versions that the requirements allow and that may not be used, or none at all.
pub(super) struct Blocked {
    pub package: PackageId,
    pub ranks: RankSet,
    pub rejections: Vec<(Rejection, RankSet)>,
}

impl Blocked {
    /// What speaks against each version of a set that the requirements would allow.
    pub fn judge(
        failure: &Failure,
        catalog: &mut Catalog<'_>,
        selector: &mut CandidateSelector<'_>,
        package: PackageId,
        ranks: RankSet,
    ) -> Self {
        let mut rejections: Vec<(Rejection, RankSet)> = Vec::new();
        let name = catalog.key(package).name;
        if let (Some(name), Ok(versions)) = (name, catalog.versions(package)) {
            let asked = |premise: &&Premise| catalog.base(premise.target) == package;
            let asking = || failure.premises.iter().filter(asked);
            let summary = RequirementSummary {
                names_prerelease: asking()
                    .any(|premise| premise.requirement.specifiers().admits_prereleases()),
                ..RequirementSummary::of_environments(failure.environment)
            };
            let query = CandidateQuery {
                name,
                allowed: &ranks,
                environment: failure.environment,
                summary: &summary,
            };
            for rank in ranks.ascending(versions.count()) {
                let Some(rejection) = rejection(selector, &query, &versions, rank) else {
                    continue;
                };
                let known = rejections.iter_mut().find(|(known, _)| *known == rejection);
                match known {
                    Some((_, ranks)) => *ranks = ranks.union(&RankSet::singleton(rank)),
                    None => rejections.push((rejection, RankSet::singleton(rank))),
                }
            }
        }
        Self {
            package,
            ranks,
            rejections,
        }
    }

    /// The same in sentences; one that says that there is nothing, where no version is left to speak of.
    pub fn sentences(
        &self,
        failure: &Failure,
        catalog: &mut Catalog<'_>,
        selector: &CandidateSelector<'_>,
    ) -> Vec<String> {
        let mut texts = Vec::new();
        let environment = environment_text(failure, catalog, selector);
        let mut pythons: Vec<(&SpecifierSet, RankSet)> = Vec::new();
        for (rejection, ranks) in &self.rejections {
            let who = describe(catalog, self.package, ranks);
            texts.push(match rejection {
                Rejection::Prerelease => format!("{who} is a pre-release"),
                Rejection::Yanked => match yank_reason(catalog, self.package, ranks) {
                    Some(reason) => format!("{who} was yanked ({reason})"),
                    None => format!("{who} was yanked"),
                },
                Rejection::Cutoff if lack_upload_times(catalog, self.package, ranks) => {
                    format!("{who} has no upload time, which exclude-newer needs")
                }
                Rejection::Cutoff => format!("{who} is newer than exclude-newer allows"),
                Rejection::Files => {
                    let environment = environment.as_deref().unwrap_or("where it is needed");
                    let mut reasons = hiding_rules(catalog, selector, self.package, ranks);
                    reasons.extend(other_wheels(
                        (failure, selector),
                        catalog,
                        self.package,
                        ranks,
                    ));
                    let reasons = match &reasons[..] {
                        [] => String::new(),
                        reasons => format!(" ({})", reasons.join(", ")),
                    };
                    format!("{who} has no file that can be used {environment}{reasons}")
                }
                Rejection::Python(specifiers) => {
                    pythons.push((specifiers, ranks.clone()));
                    continue;
                }
            });
        }
        texts.extend(python_fact(catalog, self.package, &pythons));
        let exists = catalog
            .versions(self.package)
            .is_ok_and(|versions| versions.count() > 0);
        if texts.is_empty() && exists && !self.ranks.is_empty() {
            let who = describe(catalog, self.package, &self.ranks);
            texts.push(format!("there is no {who}"));
        }
        texts
    }
}

/// What speaks against a version; that it needs another Python than some environments have is a reason as well.
fn rejection(
    selector: &mut CandidateSelector<'_>,
    query: &CandidateQuery<'_>,
    versions: &Versions,
    rank: Rank,
) -> Option<Rejection> {
    match selector.judge.judge(query, versions, rank) {
        Judgement::Usable => None,
        Judgement::Rejected(rejection) => Some(rejection),
        Judgement::Split(marker) => {
            let specifiers = versions.requires_python(rank)?;
            let is_why = selector.judge.supported_python(specifiers) == marker;
            is_why.then(|| Rejection::Python(Arc::clone(specifiers)))
        }
    }
}

/// Where there is no solution: the one environment of the run, or those of the fork.
fn environment_text(
    failure: &Failure,
    catalog: &Catalog<'_>,
    selector: &CandidateSelector<'_>,
) -> Option<String> {
    if let Some(target) = selector.target() {
        return Some(format!(
            "by Python {} on {} {}",
            target.python_full_version, target.sys_platform, target.platform_machine
        ));
    }
    let region = failure.environment.without_memberships();
    let supported = python_supported(&catalog.manifest().requires_python);
    let text = region.to_text(supported)?;
    Some(format!("where {text}"))
}

/// The rules of the run that leave files of these versions out: `no-build leaves out source distributions`.
fn hiding_rules(
    catalog: &mut Catalog<'_>,
    selector: &CandidateSelector<'_>,
    package: PackageId,
    ranks: &RankSet,
) -> Vec<String> {
    let (Some(name), Ok(versions)) = (catalog.key(package).name, catalog.versions(package)) else {
        return Vec::new();
    };
    let Some(listing) = &versions.listing else {
        return Vec::new();
    };
    let manifest = catalog.manifest();
    let files: Vec<_> = ranks
        .ascending(versions.count())
        .flat_map(|rank| listing.files(rank as usize))
        .collect();
    let mut rules = Vec::new();
    if !manifest.may_build(name) && files.iter().any(|file| !file.is_wheel()) {
        rules.push("no-build leaves out source distributions".to_owned());
    }
    if !manifest.may_use_wheels(name) && files.iter().any(|file| file.is_wheel()) {
        rules.push("no-binary leaves out wheels".to_owned());
    }
    let cutoff = selector.judge.coverage().cutoff(name, listing);
    let is_late = |cutoff: i64| {
        let late = |uploaded: Option<i64>| uploaded.is_none_or(|uploaded| uploaded >= cutoff);
        files.iter().any(|file| late(file.upload_time))
    };
    if cutoff.is_some_and(is_late) {
        rules.push("exclude-newer leaves out later files".to_owned());
    }
    rules
}

/// What the wheels of these versions are for instead: `its wheels are for another Python: cp39`. The nearest miss is told: wheels for
/// the machine with another C library or a newer system, then those for another Python, then those for other platforms.
fn other_wheels(
    (failure, selector): (&Failure, &CandidateSelector<'_>),
    catalog: &mut Catalog<'_>,
    package: PackageId,
    ranks: &RankSet,
) -> Option<String> {
    let name = catalog.key(package).name?;
    let versions = catalog.versions(package).ok()?;
    let listing = versions.listing.as_ref()?;
    let ranks = ranks.ascending(versions.count());
    let files = ranks.flat_map(|rank| listing.files(rank as usize));
    let compatible = selector.judge.coverage().tags;
    let (mut systems, mut pythons, mut platforms) =
        (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for file in files {
        let Ok(DistributionFilename::Wheel { tags, .. }) =
            DistributionFilename::parse(&file.filename, name)
        else {
            continue;
        };
        if platform_marker(&tags).is_disjoint(failure.environment) {
            platforms.extend(tags.platform().map(str::to_owned));
        } else if implied_marker(&tags).is_disjoint(failure.environment) {
            pythons.extend(tags.python().map(str::to_owned));
        } else if compatible.is_some_and(|compatible| !compatible.has_platform_of(&tags)) {
            systems.extend(tags.platform().map(str::to_owned));
        } else if compatible.is_some() {
            pythons.extend(tags.python().map(str::to_owned));
        }
    }
    let kinds = [
        ("C library or system", systems),
        ("Python", pythons),
        ("platform", platforms),
    ];
    let (what, tags) = kinds.into_iter().find(|(_, tags)| !tags.is_empty())?;
    let more = match tags.len().saturating_sub(MOST_TAGS) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let tags: Vec<String> = tags.into_iter().take(MOST_TAGS).collect();
    let tags = tags.join(", ");
    Some(format!("its wheels are for another {what}: {tags}{more}"))
}

/// Why the one version of a set was yanked, if its author said so.
fn yank_reason(catalog: &mut Catalog<'_>, package: PackageId, ranks: &RankSet) -> Option<String> {
    let rank = ranks.as_singleton()?;
    let versions = catalog.versions(package).ok()?;
    let files = versions.listing.as_ref()?.files(rank as usize);
    let reason = files.iter().find_map(|file| file.yanked.clone())?;
    (!reason.is_empty()).then(|| reason.to_string())
}

/// Whether no file of some versions has an upload time, so that a cutoff says nothing of their age.
pub(super) fn lack_upload_times(
    catalog: &mut Catalog<'_>,
    package: PackageId,
    ranks: &RankSet,
) -> bool {
    let Ok(versions) = catalog.versions(package) else {
        return false;
    };
    let Some(listing) = &versions.listing else {
        return false;
    };
    let mut releases = ranks.ascending(versions.count());
    releases.all(|rank| listing.releases[rank as usize].upload_time.is_none())
}

/// Which Python the versions need; one sentence where they differ.
fn python_fact(
    catalog: &mut Catalog<'_>,
    package: PackageId,
    pythons: &[(&SpecifierSet, RankSet)],
) -> Option<String> {
    let (specifiers, _) = pythons.first()?;
    let all = pythons
        .iter()
        .fold(RankSet::empty(), |all, (_, ranks)| all.union(ranks));
    let who = describe(catalog, package, &all);
    let or_more = if pythons.len() > 1 { " or newer" } else { "" };
    Some(format!("{who} needs Python {specifiers}{or_more}"))
}
