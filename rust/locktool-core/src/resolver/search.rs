//! The search for a solution in the environments of one fork: packages are decided one by one, and the solver backtracks.
//!
//! A requirement whose marker holds somewhere the requiring package is needed counts as if it held everywhere. Where that is too
//! strict the search ends with the marker to split at: when two requirements of one version lead to different picks, when a
//! candidate needs a newer Python than some environments have, and when a failure rests on markers that exclude each other.
//! Where a package turns out to be needed in more environments than was known when it was decided, the requirements that
//! then apply are added and the search goes on.

mod ahead;
mod budget;
mod completion;
mod conflict;
mod decision_queue;
mod upgrade;

use std::mem::replace;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::candidate::Choice;
use super::decision_order::DecisionOrder;
use super::dependency::Edge;
use super::error::ResolveError;
use super::explain::Failure;
use super::judgement::{CandidateQuery, RequirementSummary};
use super::package::{Catalog, ROOT, Versions};
use super::prefetch::Windows;
use super::requirement_graph::RequirementGraph;
use super::run::Run;
use super::solution::ForkSolution;
use super::split::{Dispute, Split, SplitDetector, diverging};
use super::trace;
use crate::marker::Marker;
use crate::solver::{Cause, Incompatibility, IncompatibilityId, PackageId, Rank, RankSet, Solver};

pub(super) use budget::Budget;
use decision_queue::DecisionQueue;

/// How a search ends.
pub(super) enum End {
    Solved(ForkSolution),
    Split(Split),
    /// The incompatibility that shows that there is no solution.
    Failed(IncompatibilityId),
    /// More attempts, or a staler version, than its budget has.
    BudgetSpent,
}

/// One search.
pub(super) struct Search<'a, 'run> {
    pub run: &'a mut Run<'run>,
    pub environment: Marker,
    pub solver: Solver,
    /// The packages that are to be decided.
    queue: DecisionQueue,
    pub requirements: RequirementGraph,
    /// Why versions were rejected, by the number in their cause.
    reasons: Vec<Arc<str>>,
    /// What is asked for ahead of the search.
    windows: Windows,
    /// The edges that the solver knows: version, and position among its edges.
    known_edges: FxHashSet<(PackageId, Rank, usize)>,
    /// The packages to upgrade that have come up.
    upgraded: FxHashSet<PackageId>,
    /// What a search for a better solution may give up for it.
    pub budget: Option<Budget>,
}

/// The state of a search to come back to. What was met of requirements and rejections is kept in any case.
pub(super) struct Snapshot {
    solver: Solver,
    order: DecisionOrder,
    known_edges: FxHashSet<(PackageId, Rank, usize)>,
    needed: FxHashMap<PackageId, Marker>,
}

impl<'a, 'run> Search<'a, 'run> {
    pub fn new(run: &'a mut Run<'run>, environment: Marker) -> Self {
        run.order.begin_fork();
        Self {
            run,
            environment,
            solver: Solver::new(ROOT),
            queue: DecisionQueue::default(),
            requirements: RequirementGraph::new(environment),
            reasons: Vec::new(),
            windows: Windows::default(),
            known_edges: FxHashSet::default(),
            upgraded: FxHashSet::default(),
            budget: None,
        }
    }

    /// Searches on, from a package about which something was learned, for at most so many attempts.
    pub fn run_from(
        &mut self,
        start: PackageId,
        most_attempts: Option<usize>,
    ) -> Result<End, ResolveError> {
        let end = self.run_to_end(start, most_attempts);
        self.withdraw_what_is_ahead();
        end
    }

    fn run_to_end(
        &mut self,
        start: PackageId,
        most_attempts: Option<usize>,
    ) -> Result<End, ResolveError> {
        let last_attempt = most_attempts.map(|most| self.run.attempts.saturating_add(most));
        let mut changed = start;
        loop {
            if self.run.progress.is_cancelled() {
                return Err(ResolveError::Cancelled);
            }
            let is_over = last_attempt.is_some_and(|last| self.run.attempts > last);
            if is_over || !self.run.progress.may_step() {
                return Ok(End::BudgetSpent);
            }
            let level = self.solver.level();
            if let Err(terminal) = self.solver.propagate(changed) {
                return Ok(End::Failed(terminal));
            }
            trace::backtracked(&self.run.catalog, &self.solver, level);
            let Some((package, allowed)) = self.next_decision() else {
                if let Some(end) = self.complete()? {
                    return Ok(end);
                }
                changed = ROOT;
                continue;
            };
            if self.puts_upgrade_first(package) {
                self.solver.restart();
                changed = ROOT;
                continue;
            }
            if let Some(end) = self.decide(package, &allowed)? {
                return Ok(end);
            }
            changed = package;
        }
    }

    /// Ends a fork that has no solution: with the split, if its proof rests on requirements that never apply together.
    ///
    /// # Errors
    /// The failure, if they do.
    pub fn fail(self, terminal: IncompatibilityId) -> Result<Split, Box<Failure>> {
        let environment = match self.split_detector().of_proof(terminal) {
            Ok(split) => {
                self.trace_split(split.marker, |_| {
                    "requirements that cannot all be met never apply together".to_owned()
                });
                return Ok(split);
            }
            Err(environment) => environment,
        };
        Err(Box::new(Failure {
            solver: self.solver,
            terminal,
            environment,
            reasons: self.reasons,
            premises: self.requirements.into_premises(),
        }))
    }

    /// The package to decide next, with the versions that it may have.
    fn next_decision(&mut self) -> Option<(PackageId, RankSet)> {
        self.queue
            .update(&mut self.solver, &self.run.catalog, &self.run.order);
        let package = self.queue.first()?;
        let undecided = self.solver.undecided_package(package)?;
        Some((package, undecided.allowed.clone()))
    }

    /// Decides a version of the package, unless the search ends there.
    fn decide(
        &mut self,
        package: PackageId,
        allowed: &RankSet,
    ) -> Result<Option<End>, ResolveError> {
        let _decide = trace::decide(&self.run.catalog, package);
        if self.run.catalog.base(package) != package {
            return self.decide_extra(package, allowed);
        }
        let versions = self.run.catalog.versions(package)?;
        match self.choose(package, allowed, &versions) {
            Choice::Split(marker) => {
                self.trace_split(marker, |catalog| {
                    format!("{} has another version there", catalog.display(package))
                });
                Ok(Some(End::Split(Split { marker, over: None })))
            }
            Choice::Nothing => {
                self.solver.add(Incompatibility::unusable(
                    package,
                    allowed.clone(),
                    Cause::NoVersions,
                ));
                Ok(None)
            }
            Choice::Version(rank) => {
                let budget = self.budget.as_ref();
                if budget.is_some_and(|budget| !budget.admits(package, rank, &versions)) {
                    return Ok(Some(End::BudgetSpent));
                }
                trace::chosen(&self.run.catalog, package, rank, allowed);
                self.ask_ahead(package, allowed, &versions, rank);
                if self.states_python(package, rank, &versions)? {
                    return Ok(None);
                }
                self.try_version(package, rank)
            }
        }
    }

    /// Whether the metadata of a version say which Pythons it is for and its listing did not, so that it has to be judged again.
    fn states_python(
        &mut self,
        package: PackageId,
        rank: Rank,
        judged: &Arc<Versions>,
    ) -> Result<bool, ResolveError> {
        let catalog = &mut self.run.catalog;
        // Metadata that cannot be used is told to the solver by whoever tries the version.
        let _ = self.run.provider.edges(catalog, package, rank)?;
        Ok(!Arc::ptr_eq(judged, &catalog.versions(package)?))
    }

    /// A package with an extra has the version of the package itself.
    fn decide_extra(
        &mut self,
        package: PackageId,
        allowed: &RankSet,
    ) -> Result<Option<End>, ResolveError> {
        let base = self.run.catalog.base(package);
        match self.solver.decision(base) {
            Some(rank) if allowed.contains(rank) => self.try_version(package, rank),
            _ => {
                self.solver.add(Incompatibility::dependency(
                    package,
                    allowed.clone(),
                    base,
                    allowed,
                ));
                Ok(None)
            }
        }
    }

    fn choose(&mut self, package: PackageId, allowed: &RankSet, versions: &Versions) -> Choice {
        let key = self.run.catalog.key(package);
        let (Some(name), true) = (key.name, key.origin.is_published()) else {
            return match allowed.ascending(versions.count()).next() {
                Some(rank) => Choice::Version(rank),
                None => Choice::Nothing,
            };
        };
        let summary = self.summary(package);
        let query = CandidateQuery {
            name,
            allowed,
            environment: self.environment,
            summary: &summary,
        };
        self.requirements.needed.insert(package, summary.needed);
        let Run {
            order, selector, ..
        } = &mut *self.run;
        if !order.is_stepping_back(package) {
            return selector.choose(&query, versions);
        }
        let considered = selector.considered(&query, versions).collect::<Vec<Rank>>();
        let limit = match order.step_back(package, &considered) {
            Some(rank) => RankSet::between(0, rank + 1),
            None => RankSet::full(),
        };
        let narrowed = CandidateQuery {
            allowed: &allowed.intersection(&limit),
            ..query
        };
        match selector.choose(&narrowed, versions) {
            // Stepping back says nothing of the versions that were set aside.
            Choice::Nothing => selector.choose(&query, versions),
            choice => choice,
        }
    }

    /// What the requirements in force say of a package, beside the versions.
    pub fn summary(&self, package: PackageId) -> RequirementSummary {
        self.requirements
            .summary(package, &self.solver, &self.run.catalog)
    }

    /// The versions of a package in a range that may take the place of a pick, the newest first, at most so many.
    pub fn usable(
        &mut self,
        package: PackageId,
        range: &RankSet,
        most: usize,
    ) -> Result<Vec<Rank>, ResolveError> {
        let Some(name) = self.run.catalog.key(package).name else {
            return Ok(Vec::new());
        };
        let versions = self.run.catalog.versions(package)?;
        let summary = self.summary(package);
        let allowed = range.intersection(&summary.project_allows);
        let query = CandidateQuery {
            name,
            allowed: &allowed,
            environment: self.environment,
            summary: &summary,
        };
        let usable = self.run.selector.usable(&query, &versions);
        Ok(usable.take(most).collect())
    }

    /// The requirements of a version, or `None` after telling the solver that they cannot be known.
    fn edges(
        &mut self,
        package: PackageId,
        rank: Rank,
    ) -> Result<Option<Arc<[Edge]>>, ResolveError> {
        let edges = self
            .run
            .provider
            .edges(&mut self.run.catalog, package, rank)?;
        match edges {
            Ok(edges) => Ok(Some(edges)),
            Err(reason) => {
                let number = u32::try_from(self.reasons.len()).unwrap_or(u32::MAX);
                self.reasons.push(reason);
                self.solver.add(Incompatibility::unusable(
                    package,
                    RankSet::singleton(rank),
                    Cause::Rejected(number),
                ));
                Ok(None)
            }
        }
    }

    fn try_version(&mut self, package: PackageId, rank: Rank) -> Result<Option<End>, ResolveError> {
        self.run.attempts += 1;
        let Some(edges) = self.edges(package, rank)? else {
            return Ok(None);
        };
        if package != self.run.catalog.base(package) {
            let needed = self.requirements.where_required(package, &self.solver);
            self.requirements.needed.insert(package, needed);
        }
        let needed = self.requirements.where_needed(package);
        let mut active: Vec<&Edge> = Vec::with_capacity(edges.len());
        let mut unknown: Vec<&Edge> = Vec::new();
        for (position, edge) in edges.iter().enumerate() {
            let key = (package, rank, position);
            let is_known = self.known_edges.contains(&key);
            let applies = is_known || !edge.marker.is_disjoint(needed);
            if !applies || self.run.leaves_out(edge.target) {
                continue;
            }
            active.push(edge);
            if !is_known {
                self.known_edges.insert(key);
                unknown.push(edge);
            }
        }
        if let Some((marker, over)) = diverging(self.run, self.environment, &active)? {
            return Ok(Some(self.split_over(over, (package, rank), marker)));
        }
        let targets: Vec<(PackageId, RankSet)> = active
            .iter()
            .map(|edge| (edge.target, edge.allowed.clone()))
            .collect();
        for edge in unknown {
            self.requirements.add(package, rank, edge);
        }
        if let Some(conflict) = self.solver.try_version(package, rank, &targets) {
            trace::turned_down(&self.run.catalog, &self.solver, (conflict, rank), &active);
            if let Some(marker) = self.split_detector().exclusive(conflict, &active) {
                return Ok(Some(self.split_over(
                    conflict.culprit,
                    (package, rank),
                    marker,
                )));
            }
            self.respond(conflict);
        }
        Ok(None)
    }

    /// The end of a search that splits over what a version requires of a package.
    fn split_over(&self, package: PackageId, by: (PackageId, Rank), marker: Marker) -> End {
        self.trace_split(marker, |catalog| {
            trace::required_there(catalog, by, package)
        });
        let required_by = by.0;
        let over = Some(Dispute {
            package,
            required_by,
        });
        End::Split(Split { marker, over })
    }

    fn trace_split(&self, marker: Marker, because: impl FnOnce(&Catalog<'_>) -> String) {
        let is_attempt = self.budget.is_some() || self.run.without.is_some();
        trace::split(&self.run.catalog, is_attempt, marker, because);
    }

    /// What finds splits in the state of this search.
    pub fn split_detector(&self) -> SplitDetector<'_> {
        SplitDetector {
            environment: self.environment,
            solver: &self.solver,
            requirements: &self.requirements,
            conflict_items: &self.run.conflict_items,
        }
    }

    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            solver: self.solver.clone(),
            order: self.run.order.clone(),
            known_edges: self.known_edges.clone(),
            needed: self.requirements.needed.clone(),
        }
    }

    /// Comes back to a state, and returns the one that it takes the place of.
    pub fn exchange(&mut self, snapshot: Snapshot) -> Snapshot {
        self.queue = DecisionQueue::default();
        Snapshot {
            solver: replace(&mut self.solver, snapshot.solver),
            order: replace(&mut self.run.order, snapshot.order),
            known_edges: replace(&mut self.known_edges, snapshot.known_edges),
            needed: replace(&mut self.requirements.needed, snapshot.needed),
        }
    }
}
