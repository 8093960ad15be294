//! The packages of a run: each gets a number and a ranked list of versions, the same for every fork.
//!
//! A package with an extra is a package of its own that shares the ranks of the one it extends and requires it at exactly the
//! same rank. A package may come from the indexes, from a direct address or from the workspace; those are different
//! packages of one name, of which the forks choose at most one.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::manifest::Manifest;
use crate::name::{ExtraName, PackageName};
use crate::solver::{PackageId, Rank, RankSet};
use crate::source::{Listing, PackageSource, SourceError};
use crate::version::{Bound, SpecifierSet, Version, VersionRange};

/// The package everything starts from: the project with all its members.
pub(super) const ROOT: PackageId = PackageId(0);

/// Where a package comes from.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) enum Origin {
    Root,
    Index,
    /// The one index of this name, where a source of the project names it: `pytorch-cpu`
    Named(Arc<str>),
    /// A URL, or a path relative to the project.
    Direct(Arc<str>),
    /// The position among the members of the workspace.
    Member(usize),
}

impl Origin {
    /// Whether somebody published it, in contrast to the project and its members.
    pub fn is_published(&self) -> bool {
        matches!(self, Self::Index | Self::Named(_) | Self::Direct(_))
    }

    /// Whether an index has it, and so perhaps in several versions.
    pub fn is_on_an_index(&self) -> bool {
        matches!(self, Self::Index | Self::Named(_))
    }
}

/// What a package number stands for.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct PackageKey {
    pub name: Option<PackageName>,
    pub origin: Origin,
    pub extra: Option<ExtraName>,
}

/// The known versions of a package, ascending; a rank is a position in this list.
#[derive(Clone, Debug, Default)]
pub(super) struct Versions {
    pub listing: Option<Arc<Listing>>,
    pub ascending: Vec<Version>,
    /// The Pythons of releases whose listing does not say it, from their metadata.
    stated_python: FxHashMap<Rank, Arc<SpecifierSet>>,
    /// Why the package has no versions at all, if it has none.
    pub missing: Option<SourceError>,
}

impl Versions {
    /// The number of versions, the first rank that stands for none.
    pub fn count(&self) -> Rank {
        Rank::try_from(self.ascending.len()).unwrap_or(Rank::MAX)
    }

    /// The Pythons that a version is for: what its listing says, else its metadata, once they were read.
    pub fn requires_python(&self, rank: Rank) -> Option<&Arc<SpecifierSet>> {
        let release = self.listing.as_ref()?.releases.get(rank as usize)?;
        let stated = || self.stated_python.get(&rank);
        release.requires_python.as_ref().or_else(stated)
    }
}

#[derive(Debug)]
struct Entry {
    key: PackageKey,
    /// The package without the extra; itself if it has none.
    base: PackageId,
    /// The package with each of its extras.
    with_extras: Vec<PackageId>,
    versions: Option<Arc<Versions>>,
}

/// All packages that a run has met.
pub(super) struct Catalog<'run> {
    source: &'run dyn PackageSource,
    manifest: &'run Manifest,
    entries: Vec<Entry>,
    by_key: FxHashMap<PackageKey, PackageId>,
    lowered: FxHashMap<(PackageId, SpecifierSet), RankSet>,
}

impl<'run> Catalog<'run> {
    pub fn new(source: &'run dyn PackageSource, manifest: &'run Manifest) -> Self {
        let mut catalog = Self {
            source,
            manifest,
            entries: Vec::new(),
            by_key: FxHashMap::default(),
            lowered: FxHashMap::default(),
        };
        catalog.intern(PackageKey {
            name: None,
            origin: Origin::Root,
            extra: None,
        });
        catalog
    }

    pub fn manifest(&self) -> &'run Manifest {
        self.manifest
    }

    /// The number of a package, assigned on first use.
    pub fn intern(&mut self, key: PackageKey) -> PackageId {
        if let Some(id) = self.by_key.get(&key) {
            return *id;
        }
        let base = key.extra.is_some().then(|| {
            self.intern(PackageKey {
                extra: None,
                ..key.clone()
            })
        });
        let id = PackageId(u32::try_from(self.entries.len()).expect("fewer than 2^32 packages"));
        if let Some(base) = base {
            self.entries[base.index()].with_extras.push(id);
        }
        self.entries.push(Entry {
            key: key.clone(),
            base: base.unwrap_or(id),
            with_extras: Vec::new(),
            versions: None,
        });
        self.by_key.insert(key, id);
        id
    }

    pub fn key(&self, package: PackageId) -> &PackageKey {
        &self.entries[package.index()].key
    }

    /// The package without its extra.
    pub fn base(&self, package: PackageId) -> PackageId {
        self.entries[package.index()].base
    }

    /// The package with each of its extras that was met; none of a package with an extra.
    pub fn with_extras(&self, package: PackageId) -> &[PackageId] {
        &self.entries[package.index()].with_extras
    }

    /// The versions of a package, fetched on first use.
    ///
    /// # Errors
    /// What keeps the index from answering at all; a package the index does not know has no versions instead.
    pub fn versions(&mut self, package: PackageId) -> Result<Arc<Versions>, SourceError> {
        let base = self.base(package);
        if let Some(versions) = &self.entries[base.index()].versions {
            return Ok(Arc::clone(versions));
        }
        let key = self.entries[base.index()].key.clone();
        let versions = Arc::new(self.load(&key)?);
        self.entries[base.index()].versions = Some(Arc::clone(&versions));
        Ok(versions)
    }

    /// Keeps which Pythons the metadata of a version are for, where its listing does not say it. The versions that were handed out
    /// do not have it, and those of the catalog are others from here on.
    pub fn state_python(&mut self, base: PackageId, rank: Rank, stated: &Arc<SpecifierSet>) {
        if let Some(versions) = &mut self.entries[base.index()].versions
            && versions.requires_python(rank).is_none()
        {
            let stated = Arc::clone(stated);
            Arc::make_mut(versions).stated_python.insert(rank, stated);
        }
    }

    /// The versions of a package, if they were asked for.
    pub fn known_versions(&self, package: PackageId) -> Option<&Arc<Versions>> {
        self.entries[self.base(package).index()].versions.as_ref()
    }

    /// The listing of a package whose versions were asked for.
    pub fn known_listing(&self, package: PackageId) -> Option<&Listing> {
        self.known_versions(package)?.listing.as_deref()
    }

    fn load(&self, key: &PackageKey) -> Result<Versions, SourceError> {
        let listing = match (&key.origin, key.name) {
            (Origin::Index, Some(name)) => self.source.listing(name),
            (Origin::Named(index), Some(name)) => self.source.listing_on(name, index),
            (Origin::Direct(address), Some(name)) => self.source.direct(name, address),
            (Origin::Member(position), _) => {
                let version = self.manifest.members[*position].version;
                return Ok(Versions {
                    ascending: vec![version.unwrap_or_else(|| Version::from_release(&[0]))],
                    ..Versions::default()
                });
            }
            _ => {
                return Ok(Versions {
                    ascending: vec![Version::from_release(&[0])],
                    ..Versions::default()
                });
            }
        };
        match listing {
            Ok(listing) => Ok(Versions {
                ascending: listing
                    .releases
                    .iter()
                    .map(|release| release.version)
                    .collect(),
                listing: Some(listing),
                ..Versions::default()
            }),
            Err(missing @ (SourceError::NotFound { .. } | SourceError::Unusable { .. })) => {
                Ok(Versions {
                    missing: Some(missing),
                    ..Versions::default()
                })
            }
            Err(error) => Err(error),
        }
    }

    /// The ranks of a package's versions that a specifier set contains.
    ///
    /// A member or directory whose version only a build knows satisfies every specifier: what is there is what is meant.
    pub fn lower(
        &mut self,
        package: PackageId,
        specifiers: &SpecifierSet,
    ) -> Result<RankSet, SourceError> {
        let base = self.base(package);
        let key = &self.entries[base.index()].key;
        let unversioned = match key.origin {
            Origin::Root => true,
            Origin::Member(position) => self.manifest.members[position].version.is_none(),
            Origin::Direct(_) | Origin::Named(_) | Origin::Index => false,
        };
        if unversioned || specifiers.is_any() {
            return Ok(RankSet::full());
        }
        let is_direct = matches!(key.origin, Origin::Direct(_));
        if is_direct && self.versions(base)?.ascending == [Version::lowest()] {
            return Ok(RankSet::full());
        }
        let memo = (base, specifiers.clone());
        if let Some(set) = self.lowered.get(&memo) {
            return Ok(set.clone());
        }
        let versions = self.versions(base)?;
        let set = lower_to_ranks(&versions.ascending, specifiers);
        self.lowered.insert(memo, set.clone());
        Ok(set)
    }

    /// `celery 5.5.0`, or the name alone of what no index has or was not asked for.
    pub fn display_version(&self, package: PackageId, rank: Rank) -> String {
        let name = self.display(package);
        let is_on_an_index = self.key(package).origin.is_on_an_index();
        let listing = self.known_listing(package).filter(|_| is_on_an_index);
        let release = listing.and_then(|listing| listing.releases.get(rank as usize));
        release.map_or_else(
            || name.clone(),
            |release| format!("{name} {}", release.version),
        )
    }

    /// The package without its extra, the origin and everything else that names it for a person.
    pub fn display(&self, package: PackageId) -> String {
        let key = self.key(package);
        match (key.name, key.extra, &key.origin) {
            (Some(name), Some(extra), _) => format!("{name}[{extra}]"),
            (Some(name), None, _) => name.to_string(),
            (None, _, Origin::Member(position)) if self.manifest.members[*position].path != "." => {
                format!("the project in {}", self.manifest.members[*position].path)
            }
            (None, ..) => "your project".to_owned(),
        }
    }
}

/// Finds the contained versions by bisection of the ascending list; `===` compares text, one version after the other.
fn lower_to_ranks(versions: &[Version], specifiers: &SpecifierSet) -> RankSet {
    let count = Rank::try_from(versions.len()).unwrap_or(Rank::MAX);
    if specifiers.has_arbitrary() {
        let contained = (0..count).filter(|rank| specifiers.contains(versions[*rank as usize]));
        return RankSet::from_ascending(contained);
    }
    let position = |bound: Bound| {
        let below =
            versions.partition_point(|version| !VersionRange::above(bound).contains(*version));
        Rank::try_from(below).unwrap_or(Rank::MAX)
    };
    let intervals = specifiers.range().segments().map(|segment| {
        let start = segment.lower.map_or(0, position);
        // A set without an upper end holds versions that are not known as well; this keeps sets canonical.
        let end = segment.upper.map_or(Rank::MAX, position);
        RankSet::between(start, end)
    });
    intervals.fold(RankSet::empty(), |set, interval| set.union(&interval))
}
