//! From published requirements to edges of the search: what a version requires, under which condition, in which ranks.
//!
//! Overrides, excludes, constraints, sources and workspace members are applied here and nowhere else.

use std::collections::BTreeMap;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::elsewhere::Elsewhere;
use super::error::ResolveError;
use super::failed_builds::{FailedBuilds, Failure};
use super::package::{Catalog, Origin, PackageKey};
use crate::manifest::{Manifest, Member, Parent};
use crate::marker::{Marker, MarkerEnvironment, Membership};
use crate::name::{ExtraName, PackageName};
use crate::requirement::{RepositoryAddress, Requirement, RequirementSource};
use crate::solver::{PackageId, Rank, RankSet};
use crate::source::{PackageSource, ReleaseMetadata, SourceError};
use crate::version::{Operator, SpecifierSet};

/// One requirement of one version, ready for the solver.
#[derive(Clone, Debug)]
pub(super) struct Edge {
    pub target: PackageId,
    pub allowed: RankSet,
    /// When the requirement applies; extras of the requiring package are resolved out of it.
    pub marker: Marker,
    /// A specifier names a pre-release, which admits them.
    pub names_prerelease: bool,
    /// The project pins one version, by a requirement, an override or a constraint of its own, which admits a yanked one.
    pub pins_version: bool,
    /// The requirement as it was published, to render it for people.
    pub requirement: Option<Arc<Requirement>>,
}

/// A requirement of a parent on its way to edges.
struct ParentRequirement<'a> {
    requirement: &'a Requirement,
    /// Stands in for the requirement's own.
    marker: Marker,
    parent: Parent,
    /// The project itself requires it.
    is_project: bool,
    /// A package of an index requires it.
    is_published: bool,
    /// The index that a source of the project names.
    index: Option<&'a Arc<str>>,
    /// The requirement whose specifiers hold beside the address of its source.
    written: Option<&'a Requirement>,
}

/// A requirement in a part of the environments, where the same constraints hold.
struct Part {
    specifiers: SpecifierSet,
    marker: Marker,
    /// The project pins one version there.
    pins_version: bool,
}

/// What is required of a version: its edges, or the reason why they cannot be known.
pub(super) type Edges = Result<Arc<[Edge]>, Arc<str>>;

/// Reads requirements into edges and remembers them for all forks.
pub(super) struct DependencyProvider<'run> {
    source: &'run dyn PackageSource,
    manifest: &'run Manifest,
    known: FxHashMap<(PackageId, Rank), Edges>,
    /// Why versions cannot be used, of those that were looked at.
    unusable: FxHashMap<(PackageId, Rank), Arc<str>>,
    failed_builds: FailedBuilds,
    metadata: FxHashMap<(PackageId, Rank), Arc<ReleaseMetadata>>,
    elsewhere: Elsewhere,
    /// The repositories that the project itself names.
    repositories: BTreeMap<String, PackageName>,
    /// What lies outside of it is never stated for.
    universe: Marker,
    /// The one environment of a run that is not universal.
    target: Option<&'run MarkerEnvironment>,
}

impl<'run> DependencyProvider<'run> {
    pub fn new(
        source: &'run dyn PackageSource,
        manifest: &'run Manifest,
        target: Option<&'run MarkerEnvironment>,
        universe: Marker,
    ) -> Self {
        Self {
            elsewhere: Elsewhere::of(source, manifest, universe),
            repositories: manifest.git_addresses(),
            source,
            manifest,
            universe,
            target,
            known: FxHashMap::default(),
            unusable: FxHashMap::default(),
            failed_builds: FailedBuilds::default(),
            metadata: FxHashMap::default(),
        }
    }

    /// The published metadata of a version that was read before.
    pub fn metadata(&self, package: PackageId, rank: Rank) -> Option<&Arc<ReleaseMetadata>> {
        self.metadata.get(&(package, rank))
    }

    /// Whether the published metadata of a version were read before.
    pub fn has_metadata(&self, package: PackageId, rank: Rank) -> bool {
        self.metadata.contains_key(&(package, rank))
    }

    /// What is required of a version that was looked at before.
    pub fn known_edges(&self, package: PackageId, rank: Rank) -> Option<&Edges> {
        self.known.get(&(package, rank))
    }

    /// The builds that failed.
    pub fn failed_builds(&self) -> &FailedBuilds {
        &self.failed_builds
    }

    /// The versions that were looked at and cannot be used, each with the reason.
    pub fn unusable(&self) -> impl Iterator<Item = (PackageId, Rank, &Arc<str>)> {
        let unusable = self.unusable.iter();
        unusable.map(|((package, rank), reason)| (*package, *rank, reason))
    }

    /// What a version requires.
    ///
    /// # Errors
    /// What keeps the index from responding at all. That metadata cannot be used is a result: the inner error.
    pub fn edges(
        &mut self,
        catalog: &mut Catalog<'_>,
        package: PackageId,
        rank: Rank,
    ) -> Result<Edges, ResolveError> {
        if let Some(edges) = self.known.get(&(package, rank)) {
            return Ok(edges.clone());
        }
        let base = catalog.base(package);
        if let Some(reason) = self.failed_builds.above(base, rank) {
            return Ok(Err(Arc::clone(reason)));
        }
        let edges = match self.expand(catalog, package, rank) {
            Ok(edges) => Ok(edges.into()),
            Err(ResolveError::Source(SourceError::BuildFailed {
                package,
                version,
                reason,
                suggestion,
            })) => {
                let failure = Failure {
                    package,
                    version,
                    reason: reason.into(),
                    suggestion,
                };
                self.failed_build(catalog, (base, rank), failure)
            }
            Err(ResolveError::Source(SourceError::Unusable { reason })) => {
                let reason: Arc<str> = reason.into();
                self.unusable.insert((base, rank), Arc::clone(&reason));
                Err(reason)
            }
            Err(error) => return Err(error),
        };
        self.known.insert((package, rank), edges.clone());
        Ok(edges)
    }

    /// What is required of a version whose build failed: nothing where it is the first of its package that is looked at, so that
    /// the failure decides about no other package.
    fn failed_build(
        &mut self,
        catalog: &Catalog<'_>,
        (base, rank): (PackageId, Rank),
        failure: Failure,
    ) -> Edges {
        let reason = Arc::clone(&failure.reason);
        self.failed_builds.add(base, rank, failure);
        let is_other =
            |(known, other): &(PackageId, Rank)| *other != rank && catalog.base(*known) == base;
        if self.known.keys().any(is_other) {
            return Err(reason);
        }
        Ok(Arc::default())
    }

    fn expand(
        &mut self,
        catalog: &mut Catalog<'_>,
        package: PackageId,
        rank: Rank,
    ) -> Result<Vec<Edge>, ResolveError> {
        let key = catalog.key(package).clone();
        let mut edges = Vec::new();
        match key.origin {
            Origin::Root => self.expand_root(catalog, &mut edges)?,
            Origin::Member(position) => {
                let manifest = self.manifest;
                let member = &manifest.members[position];
                let part = key.extra.map(Membership::Extra);
                for requirement in member.requirements_of(part) {
                    self.add_own(catalog, (member, part), requirement, &mut edges)?;
                }
            }
            Origin::Index | Origin::Named(_) | Origin::Direct(_) => {
                let base = catalog.base(package);
                let metadata = self.load_metadata(catalog, base, rank)?;
                self.announce(&metadata.requires_dist, key.extra);
                let parent = Parent {
                    name: key.name,
                    version: Some(catalog.versions(base)?.ascending[rank as usize]),
                };
                for requirement in &metadata.requires_dist {
                    let extras = key.extra.as_slice();
                    let plain = requirement.marker.with_extras(&[]);
                    if !extras.is_empty() && requirement.marker.with_extras(extras) == plain {
                        continue;
                    }
                    let stated = ParentRequirement {
                        requirement,
                        marker: self.manifest.applies(requirement, extras, parent),
                        parent,
                        is_project: false,
                        is_published: key.origin.is_on_an_index(),
                        index: None,
                        written: None,
                    };
                    self.add(catalog, &stated, &mut edges)?;
                }
            }
        }
        if key.extra.is_some() {
            edges.push(Edge {
                target: catalog.base(package),
                allowed: RankSet::singleton(rank),
                marker: Marker::TRUE,
                names_prerelease: false,
                pins_version: false,
                requirement: None,
            });
        }
        Ok(edges)
    }

    /// The root requires every member with all its extras, and all groups, each under its condition.
    fn expand_root(
        &mut self,
        catalog: &mut Catalog<'_>,
        edges: &mut Vec<Edge>,
    ) -> Result<(), ResolveError> {
        let manifest = self.manifest;
        for (position, member) in manifest.members.iter().enumerate() {
            let extras = member.extras.keys().map(|extra| Some(*extra));
            for extra in std::iter::once(None).chain(extras) {
                let target = catalog.intern(PackageKey {
                    name: member.name,
                    origin: Origin::Member(position),
                    extra,
                });
                edges.push(Edge {
                    target,
                    allowed: RankSet::full(),
                    marker: extra.map_or(Marker::TRUE, Marker::in_extras),
                    names_prerelease: false,
                    pins_version: false,
                    requirement: None,
                });
            }
            for (group, requirements) in &member.groups {
                for requirement in requirements {
                    let part = Some(Membership::Group(*group));
                    self.add_own(catalog, (member, part), requirement, edges)?;
                }
            }
        }
        Ok(())
    }

    /// Adds a requirement of the project itself, which may have a source. An extra is a package of its own; a group is a condition.
    fn add_own(
        &mut self,
        catalog: &mut Catalog<'_>,
        (member, part): (&Member, Option<Membership>),
        requirement: &Requirement,
        edges: &mut Vec<Edge>,
    ) -> Result<(), ResolveError> {
        let parent = member.as_parent();
        let condition = match part {
            Some(group @ Membership::Group(_)) => group.marker(),
            Some(Membership::Extra(_)) | None => Marker::TRUE,
        };
        for sourced in self.manifest.sourced(requirement, part, parent) {
            let stated = ParentRequirement {
                requirement: &sourced.requirement,
                marker: sourced.requirement.marker.with_extras(&[]).and(condition),
                parent,
                is_project: true,
                is_published: false,
                index: sourced.index.as_ref(),
                written: sourced.written.as_ref(),
            };
            self.add(catalog, &stated, edges)?;
        }
        Ok(())
    }

    /// Adds what one requirement of a parent comes to.
    fn add(
        &mut self,
        catalog: &mut Catalog<'_>,
        stated: &ParentRequirement<'_>,
        edges: &mut Vec<Edge>,
    ) -> Result<(), ResolveError> {
        let (requirement, parent) = (stated.requirement, stated.parent);
        let conditioned = Requirement {
            marker: stated.marker,
            ..requirement.clone()
        };
        for mut effective in self.manifest.effective(&conditioned, parent) {
            if !self.applies(effective.marker) {
                continue;
            }
            if self.target.is_some() {
                // The one environment has answered the marker, for good.
                effective.marker = Marker::TRUE;
            }
            self.refuse_foreign_repository(stated, &effective)?;
            let published = Arc::new(stated.written.unwrap_or(requirement).clone());
            let specifiers = match stated.written {
                Some(written) => effective.specifiers().and(written.specifiers()),
                None => effective.specifiers().clone(),
            };
            let is_project =
                stated.is_project || self.manifest.is_overridden(effective.name, parent);
            for (origin, marker) in self.origins(&effective, stated.index) {
                let part = Part {
                    pins_version: is_project && pins_one_version(&specifiers),
                    specifiers: specifiers.clone(),
                    marker,
                };
                for part in self.constrained(effective.name, part, parent) {
                    let extras = effective.extras.iter().map(|extra| Some(*extra));
                    for extra in std::iter::once(None).chain(extras) {
                        edges.push(edge(
                            catalog,
                            (effective.name, origin.clone(), extra),
                            &part,
                            &published,
                        )?);
                    }
                }
            }
        }
        Ok(())
    }

    /// Refuses a repository that a package of an index names and the project does not: who publishes a package does not say what this
    /// machine fetches and builds.
    fn refuse_foreign_repository(
        &self,
        stated: &ParentRequirement<'_>,
        effective: &Requirement,
    ) -> Result<(), ResolveError> {
        let address = effective.url().filter(|url| RepositoryAddress::is_one(url));
        let Some(address) = address.filter(|_| stated.is_published) else {
            return Ok(());
        };
        if self.repositories.contains_key(address) {
            return Ok(());
        }
        let name = effective.name;
        let reason = format!(
            "it requires {name} from {address}, and only repositories that the project or a directory of it names are fetched; add \
             `{name} @ {address}` to the project's own dependencies"
        );
        Err(SourceError::Unusable { reason }.into())
    }

    /// Lets the source fetch everything that will be stated for, before waiting for the first of it.
    fn announce(&self, requirements: &[Requirement], extra: Option<ExtraName>) {
        for requirement in requirements {
            let marker = requirement.marker.with_extras(extra.as_slice());
            if self.applies(marker)
                && matches!(requirement.source, RequirementSource::Specifiers(_))
            {
                self.source.prefetch_listing(requirement.name);
            }
        }
    }

    fn applies(&self, marker: Marker) -> bool {
        match self.target {
            Some(environment) => marker.evaluate(environment),
            None => !marker.is_disjoint(self.universe),
        }
    }

    /// Where a requirement leads: its own address, a member of that name, the addresses that the project gives for the name,
    /// and the indexes for what is left.
    fn origins(
        &self,
        requirement: &Requirement,
        index: Option<&Arc<str>>,
    ) -> Vec<(Origin, Marker)> {
        let member = self
            .manifest
            .members
            .iter()
            .position(|member| member.name == Some(requirement.name));
        if let RequirementSource::Url(address) = &requirement.source
            && member.is_none_or(|position| self.manifest.members[position].path != **address)
        {
            return vec![(Origin::Direct(address.as_str().into()), requirement.marker)];
        }
        if let Some(position) = member {
            return vec![(Origin::Member(position), requirement.marker)];
        }
        if let Some(index) = index {
            return vec![(Origin::Named(Arc::clone(index)), requirement.marker)];
        }
        let mut rest = requirement.marker;
        let mut origins = Vec::new();
        for (origin, applies) in self.elsewhere.of_name(requirement.name) {
            let marker = rest.and(*applies);
            if !marker.is_false() {
                origins.push((origin.clone(), marker));
                rest = rest.and(applies.not());
            }
        }
        if !rest.is_false() {
            origins.push((Origin::Index, rest));
        }
        origins
    }

    /// The specifiers on a package with the project's constraints added where they apply.
    fn constrained(&self, name: PackageName, part: Part, parent: Parent) -> Vec<Part> {
        let mut parts = vec![part];
        for constraint in self.manifest.constraints_on(name, parent) {
            parts = parts
                .into_iter()
                .flat_map(|part| {
                    let within = Part {
                        specifiers: part.specifiers.and(constraint.specifiers()),
                        marker: part.marker.and(constraint.marker),
                        pins_version: part.pins_version
                            || pins_one_version(constraint.specifiers()),
                    };
                    let without = Part {
                        marker: part.marker.and(constraint.marker.not()),
                        ..part
                    };
                    [within, without]
                })
                .filter(|part| !part.marker.is_false())
                .collect();
        }
        parts
    }

    fn load_metadata(
        &mut self,
        catalog: &mut Catalog<'_>,
        base: PackageId,
        rank: Rank,
    ) -> Result<Arc<ReleaseMetadata>, ResolveError> {
        if let Some(metadata) = self.metadata.get(&(base, rank)) {
            return Ok(Arc::clone(metadata));
        }
        let versions = catalog.versions(base)?;
        let listing = versions
            .listing
            .as_ref()
            .expect("a package with ranks to choose has a listing");
        let metadata = self.source.metadata(listing, rank as usize)?;
        if let Some(stated) = &metadata.requires_python {
            catalog.state_python(base, rank, stated);
        }
        self.metadata.insert((base, rank), Arc::clone(&metadata));
        Ok(metadata)
    }
}

/// The edge to a package, or to it with an extra.
fn edge(
    catalog: &mut Catalog<'_>,
    (name, origin, extra): (PackageName, Origin, Option<ExtraName>),
    part: &Part,
    published: &Arc<Requirement>,
) -> Result<Edge, ResolveError> {
    let target = catalog.intern(PackageKey {
        name: Some(name),
        origin,
        extra,
    });
    let allowed = catalog.lower(target, &part.specifiers)?;
    Ok(Edge {
        target,
        allowed,
        marker: part.marker,
        names_prerelease: part.specifiers.admits_prereleases(),
        pins_version: part.pins_version,
        requirement: Some(Arc::clone(published)),
    })
}

/// Whether the specifiers name the one version they mean, which admits it even when it was yanked.
fn pins_one_version(specifiers: &SpecifierSet) -> bool {
    specifiers
        .iter()
        .any(|one| matches!(one.operator(), Operator::Equal | Operator::ArbitraryEqual))
}
