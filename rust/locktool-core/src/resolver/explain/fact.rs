//! The premises of a failed search as facts: who requires what, and what may not be used for which reason.
//!
//! Equal requirements of several versions are one fact. Facts stand in the order in which they are needed: from what the
//! project asks for to what it leads to.

use std::collections::{BTreeMap, BTreeSet};

use super::super::candidate::CandidateSelector;
use super::super::package::{Catalog, Origin, ROOT};
use super::blocked::Blocked;
use super::failure::{Failure, Premise};
use super::rule;
use super::wording::{
    describe, describe_own, files_text, groups_of, groups_text, requirement_text,
};
use crate::marker::Marker;
use crate::requirement::Requirement;
use crate::solver::{Cause, Incompatibility, PackageId, RankSet, Term};
use crate::version::Version;

/// More different requirements of one package on another than this are one fact.
const MOST_WORDINGS: usize = 2;

/// A longer reason is cut in its middle: a failed build ends with what went wrong.
const MOST_LINES_OF_REASON: usize = 6;

/// One sentence, and the packages it leads from and to.
pub(super) struct Fact {
    pub from: PackageId,
    pub to: Option<PackageId>,
    pub text: String,
}

/// All that a proof rests on.
pub(super) struct Premises {
    pub facts: Vec<Fact>,
    pub blocked: Vec<Blocked>,
    /// Requirements of the project itself that the proof uses.
    pub own: Vec<Own>,
}

/// A requirement of the project itself, from the part of it that asks to where it leads.
pub(super) struct Own {
    pub package: PackageId,
    pub target: PackageId,
    pub requirement: Requirement,
}

/// Versions of a package that publish the same requirement: `(package, target, text)`.
type Published = BTreeMap<(PackageId, PackageId), BTreeMap<String, (RankSet, RankSet)>>;

pub(super) fn collect(
    failure: &Failure,
    catalog: &mut Catalog<'_>,
    selector: &mut CandidateSelector<'_>,
    universe: Marker,
) -> Premises {
    let mut collection = Collection {
        failure,
        universe,
        facts: Vec::new(),
        published: BTreeMap::new(),
        rejected: BTreeMap::new(),
        blocked: BTreeMap::new(),
        own: Vec::new(),
    };
    for id in failure.leaves() {
        collection.take(catalog, failure.solver.incompatibility(id));
    }
    collection.finish(catalog, selector)
}

struct Collection<'a> {
    failure: &'a Failure,
    universe: Marker,
    facts: Vec<Fact>,
    published: Published,
    rejected: BTreeMap<(PackageId, String), RankSet>,
    blocked: BTreeMap<PackageId, RankSet>,
    own: Vec<Own>,
}

impl Collection<'_> {
    fn take(&mut self, catalog: &Catalog<'_>, incompatibility: &Incompatibility) {
        let Some((package, Term::Positive(versions))) = incompatibility.terms.first() else {
            return;
        };
        match &incompatibility.cause {
            Cause::Dependency => {
                let target = incompatibility.terms.get(1);
                self.take_dependency(catalog, *package, versions, target);
            }
            Cause::NoVersions if describe_own(catalog, *package).is_none() => {
                self.block(catalog.base(*package), versions);
            }
            Cause::Rejected(reason) => {
                let reason = self.failure.reasons.get(*reason as usize);
                let key = (
                    *package,
                    reason.map(ToString::to_string).unwrap_or_default(),
                );
                let known = self.rejected.entry(key).or_default();
                *known = known.union(versions);
            }
            Cause::Exclusion => {
                let name = catalog.display(catalog.base(*package));
                self.facts.push(Fact {
                    from: *package,
                    to: None,
                    text: format!("{name} can come from one place only"),
                });
            }
            Cause::NoVersions | Cause::Root | Cause::Derived(..) => {}
        }
    }

    fn block(&mut self, package: PackageId, versions: &RankSet) {
        let known = self.blocked.entry(package).or_default();
        *known = known.union(versions);
    }

    fn take_dependency(
        &mut self,
        catalog: &Catalog<'_>,
        package: PackageId,
        versions: &RankSet,
        target: Option<&(PackageId, Term)>,
    ) {
        let failure = self.failure;
        let agrees = |premise: &&Premise| {
            premise.package == package
                && versions.contains(premise.rank)
                && match target {
                    Some((target, Term::Negative(allowed))) => {
                        premise.target == *target && premise.allowed == *allowed
                    }
                    _ => premise.allowed.is_empty(),
                }
        };
        for premise in failure.premises.iter().filter(agrees) {
            let base = catalog.base(premise.target);
            if premise.allowed.is_empty() {
                self.block(base, &RankSet::empty());
            }
            if describe_own(catalog, package).is_some() {
                self.take_own(catalog, premise);
                continue;
            }
            let text = requirement_text(&premise.requirement);
            let wordings = self.published.entry((package, base)).or_default();
            let known = wordings.entry(text).or_default();
            known.0 = known.0.union(&RankSet::singleton(premise.rank));
            known.1 = known.1.union(&premise.allowed);
        }
    }

    /// A requirement that the project wrote itself.
    fn take_own(&mut self, catalog: &Catalog<'_>, premise: &Premise) {
        let target = catalog.base(premise.target);
        let is_known = |own: &Own| {
            own.package == premise.package
                && own.target == target
                && own.requirement == *premise.requirement
        };
        if !self.own.iter().any(is_known) {
            self.own.push(Own {
                package: premise.package,
                target,
                requirement: premise.requirement.as_ref().clone(),
            });
        }
    }

    fn finish(
        mut self,
        catalog: &mut Catalog<'_>,
        selector: &mut CandidateSelector<'_>,
    ) -> Premises {
        // Where versions of a package have facts, that there are no others goes without saying.
        let published = self.published.keys().map(|(package, _)| *package);
        let rejected = self.rejected.keys().map(|(package, _)| *package);
        let described: BTreeSet<PackageId> = published
            .chain(rejected)
            .map(|package| catalog.base(package))
            .collect();
        self.add_own(catalog);
        self.add_constraints(catalog);
        self.add_published(catalog);
        self.add_rejected(catalog);
        let blocked: Vec<Blocked> = std::mem::take(&mut self.blocked)
            .into_iter()
            .map(|(package, ranks)| Blocked::judge(self.failure, catalog, selector, package, ranks))
            .filter(|blocked| {
                !blocked.rejections.is_empty() || !described.contains(&blocked.package)
            })
            .collect();
        for one in &blocked {
            let sentences = one.sentences(self.failure, catalog, selector);
            self.facts.extend(sentences.into_iter().map(|text| Fact {
                from: one.package,
                to: None,
                text,
            }));
        }
        Premises {
            facts: ordered(catalog, self.facts),
            blocked,
            own: self.own,
        }
    }

    /// Versions that cannot be used. The reason stands there in full where it is the only one; versions that were tried on
    /// the way are one sentence, and the derivation has the reason of each.
    fn add_rejected(&mut self, catalog: &mut Catalog<'_>) {
        let mut by_package: BTreeMap<PackageId, Vec<(String, RankSet)>> = BTreeMap::new();
        for ((package, reason), versions) in std::mem::take(&mut self.rejected) {
            by_package
                .entry(package)
                .or_default()
                .push((reason, versions));
        }
        for (package, reasons) in by_package {
            let from = catalog.base(package);
            let all = reasons
                .iter()
                .fold(RankSet::empty(), |all, (_, versions)| all.union(versions));
            let who = describe(catalog, package, &all);
            let is_on_the_way = self
                .published
                .keys()
                .any(|(one, _)| catalog.base(*one) == from);
            let text = match &reasons[..] {
                [(reason, _)] if is_on_the_way => {
                    let first = reason.lines().next().unwrap_or_default();
                    format!("{who} cannot be used: {}", first.trim_end_matches(':'))
                }
                [(reason, _)] => format!("{who} cannot be used: {}", shortened(reason)),
                _ => {
                    format!("{who} cannot be used, each for a reason of its own (--json has them)")
                }
            };
            self.facts.push(Fact {
                from,
                to: None,
                text,
            });
        }
    }

    fn add_own(&mut self, catalog: &mut Catalog<'_>) {
        let mut texts = BTreeSet::new();
        for own in &self.own {
            let what = requirement_text(&own.requirement);
            let text = match requiring_part(catalog, own) {
                Some(who) if who.contains(" and ") => format!("{who} require {what}"),
                Some(who) => format!("{who} requires {what}"),
                None => format!("{what} is asked for"),
            };
            let text = match own.requirement.marker.to_text(self.universe) {
                Some(marker) => format!("{text} where {marker}"),
                None => text,
            };
            if texts.insert(text.clone()) {
                self.facts.push(Fact {
                    from: ROOT,
                    to: Some(own.target),
                    text,
                });
            }
        }
        let mut sourced: Vec<PackageId> = Vec::new();
        for own in &self.own {
            if own.requirement.url().is_none() && !sourced.contains(&own.target) {
                sourced.push(own.target);
            }
        }
        for target in sourced {
            self.facts.extend(source_fact(catalog, target));
        }
    }

    /// Constraints and overrides stand beside the requirements that they change.
    fn add_constraints(&mut self, catalog: &Catalog<'_>) {
        let own = self.own.iter().map(|own| (own.package, own.target));
        let asked: BTreeSet<(PackageId, PackageId)> =
            own.chain(self.published.keys().copied()).collect();
        let targets: BTreeSet<PackageId> = asked.iter().map(|(_, target)| *target).collect();
        let rules = rule::of_all(catalog, &targets).into_iter();
        let rules = rules.chain(rule::under_parents(catalog, &asked));
        self.facts.extend(rules.map(|(from, text)| Fact {
            from,
            to: None,
            text,
        }));
    }

    fn add_published(&mut self, catalog: &mut Catalog<'_>) {
        for ((package, target), wordings) in std::mem::take(&mut self.published) {
            let from = catalog.base(package);
            let mut add = |text| {
                self.facts.push(Fact {
                    from,
                    to: Some(target),
                    text,
                });
            };
            if wordings.len() <= MOST_WORDINGS {
                for (text, (versions, _)) in wordings {
                    let who = describe(catalog, package, &versions);
                    add(format!("{who} requires {text}"));
                }
                continue;
            }
            let (versions, allowed) = wordings.values().fold(
                (RankSet::empty(), RankSet::empty()),
                |(versions, allowed), (more, wider)| (versions.union(more), allowed.union(wider)),
            );
            let who = describe(catalog, package, &versions);
            let what = if allowed.is_empty() {
                catalog.display(target)
            } else {
                describe(catalog, target, &span(&allowed))
            };
            add(format!("{who} requires {what}, each in its own range"));
        }
    }
}

/// From which address a source takes a package, and the version that is there.
fn source_fact(catalog: &mut Catalog<'_>, package: PackageId) -> Option<Fact> {
    let Origin::Direct(address) = catalog.key(package).origin.clone() else {
        return None;
    };
    let name = catalog.display(package);
    let versions = catalog.versions(package).ok()?;
    let found = versions.ascending.first();
    let found = found.filter(|version| **version != Version::lowest());
    let has = found.map(|version| format!(", which has version {version}"));
    let text = format!(
        "the source of {name} is {address}{}",
        has.unwrap_or_default()
    );
    Some(Fact {
        from: package,
        to: None,
        text,
    })
}

/// A reason of many lines, such as the output of a build: its first and its last lines.
fn shortened(reason: &str) -> String {
    let lines: Vec<&str> = reason.lines().collect();
    if lines.len() <= MOST_LINES_OF_REASON {
        return reason.to_owned();
    }
    let last = &lines[lines.len() - (MOST_LINES_OF_REASON - 2)..];
    format!("{}\n  ...\n{}", lines[0], last.join("\n"))
}

/// Who wrote a requirement; nobody, if a run asks for it beside the project.
pub(super) fn requiring_part(catalog: &Catalog<'_>, own: &Own) -> Option<String> {
    let manifest = catalog.manifest();
    if let Some(files) = files_text(manifest, &own.requirement) {
        return Some(files);
    }
    match catalog.key(own.package).origin {
        Origin::Root => {
            let (member, groups) = groups_of(manifest, &own.requirement)?;
            Some(groups_text(member, &groups))
        }
        Origin::Member(position) if manifest.members[position].path.is_empty() => None,
        _ => describe_own(catalog, own.package),
    }
}

/// Everything from the first to the last of a set.
fn span(ranks: &RankSet) -> RankSet {
    match (ranks.intervals().first(), ranks.intervals().last()) {
        (Some((start, _)), Some((_, end))) => RankSet::between(*start, *end),
        _ => RankSet::empty(),
    }
}

/// From what the project asks for to what follows from it: first those of its requirements that lead somewhere.
fn ordered(catalog: &Catalog<'_>, facts: Vec<Fact>) -> Vec<Fact> {
    let leads_on: BTreeSet<PackageId> = facts
        .iter()
        .filter(|fact| fact.from != ROOT)
        .map(|fact| catalog.base(fact.from))
        .collect();
    let mut positions: Vec<usize> = Vec::with_capacity(facts.len());
    let own = |leading: bool| {
        let leads_on = &leads_on;
        facts.iter().enumerate().filter(move |(_, fact)| {
            fact.from == ROOT && fact.to.is_some_and(|to| leads_on.contains(&to)) == leading
        })
    };
    for (position, fact) in own(true) {
        follow(&facts, position, fact, &mut positions);
    }
    positions.extend(own(false).map(|(position, _)| position));
    positions.extend(
        (0..facts.len())
            .filter(|position| !positions.contains(position))
            .collect::<Vec<_>>(),
    );
    let mut slots: Vec<Option<Fact>> = facts.into_iter().map(Some).collect();
    positions
        .into_iter()
        .filter_map(|position| slots[position].take())
        .collect()
}

/// A fact and, depth first, those that it leads to.
fn follow(facts: &[Fact], position: usize, fact: &Fact, positions: &mut Vec<usize>) {
    if positions.contains(&position) {
        return;
    }
    positions.push(position);
    let Some(to) = fact.to else { return };
    for (next, following) in facts.iter().enumerate() {
        if following.from == to {
            follow(facts, next, following, positions);
        }
    }
}
