//! One run, wired: manifest and existing lock in, locked packages out.
//!
//! A lock that still proves itself against the manifest is its own answer: nothing is asked of any index. Otherwise the index
//! client answers the resolver, and the versions of the lock are preferred where they still serve. A failure comes with
//! changes of the project that were tried and help.

mod builds;
mod check;
mod hashes;
mod locked_indexes;
mod nearest;
mod preferences;
mod suggest;
mod without_dependencies;

use std::path::Path;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::cache::Reading;
use crate::certify::{certify, indexes_of_run};
use crate::distribution::compatible::{CompatibleTags, is_compatible};
use crate::distribution::filename::DistributionFilename;
use crate::document::{LocatedError, read_regular_file};
use crate::index::{Client, ClientOptions, RefreshPolicy, StatedBuilds};
use crate::lock::{LockedDocument, LockedFile, LockedPackage};
use crate::manifest::{Manifest, ManifestError, ManifestRecord, MemberRecord, PrereleaseMode};
use crate::marker::{NODES_OF_A_RESOLUTION, TooComplex, within_budget};
use crate::name::PackageName;
use crate::project::{TreeToday, read_again, tree_directory};
use crate::requirement::Requirement;
use crate::resolver::{Explanation, Hint, Preferences, ResolveError, ResolveOptions, resolve};
use crate::source::{PackageSource, Progress, Release, SourceError, has_extension};
use crate::version::Version;
pub use builds::with_builds;
pub use check::{CheckError, CheckOutcome, check, check_lock, check_script};
use check::{LocalFile, has_its_hashes, local_files};
use locked_indexes::LockedIndexes;
pub use nearest::nearest_stated;
use preferences::preferences;
use suggest::with_suggestions;
use without_dependencies::WithoutDependencies;

/// Which locked versions may move although they still serve.
#[derive(Clone, Debug, Default)]
pub enum Upgrade {
    #[default]
    Nothing,
    Everything,
    Packages(FxHashSet<PackageName>),
}

impl Upgrade {
    /// Whether a package may move.
    fn moves(&self, name: PackageName) -> bool {
        match self {
            Self::Nothing => false,
            Self::Everything => true,
            Self::Packages(names) => names.contains(&name),
        }
    }
}

/// What concerns a run and not the answer's inputs.
#[derive(Default)]
pub struct RunOptions {
    pub client: ClientOptions,
    pub resolve: ResolveOptions,
    pub upgrade: Upgrade,
    /// The command line names indexes or find-links: an existing lock is resolved again, whatever it says.
    pub other_places: bool,
    /// Requirements beside those of the project, to see what follows from them.
    pub require: Vec<Requirement>,
    /// Constraints of this run alone, which no lock records.
    pub limit: Vec<Requirement>,
    /// The requirements files that requirements stand in, for messages.
    pub files: Vec<(Requirement, String)>,
    /// Packages are pinned and what they require is not looked at.
    pub without_dependencies: bool,
    /// The files that may be used of a package are those with one of these hashes: `[("sha256", "ab...")]`.
    pub hashes: FxHashMap<PackageName, Vec<(String, String)>>,
}

/// The answer of a run.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// `None` where the existing lock is the answer.
    pub lock: Option<LockedDocument>,
    /// Sentences for people, in the order in which they came up.
    pub warnings: Vec<String>,
    /// How many sets of environments were solved apart; none if the existing lock was the answer.
    pub forks: usize,
}

/// Why a run has no answer.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RunError {
    #[error("{0}")]
    Manifest(#[from] ManifestError),
    #[error("{0}")]
    Resolve(#[from] ResolveError),
    #[error("{0}")]
    TooComplex(#[from] TooComplex),
    /// A directory that the lock records cannot be read.
    #[error("{0}")]
    Project(#[from] LocatedError),
}

impl From<SourceError> for RunError {
    fn from(error: SourceError) -> Self {
        Self::Resolve(error.into())
    }
}

/// Runs to the end, or until the progress says that it was cancelled.
///
/// # Errors
/// When the manifest is not well formed, an index does not answer, or there is no solution.
pub fn run(
    record: &ManifestRecord,
    locked: Option<&LockedDocument>,
    options: RunOptions,
    progress: &Arc<Progress>,
) -> Result<Answer, RunError> {
    within_budget(NODES_OF_A_RESOLUTION, || {
        run_to_the_end(record, locked, options, progress)
    })?
}

fn run_to_the_end(
    record: &ManifestRecord,
    locked: Option<&LockedDocument>,
    options: RunOptions,
    progress: &Arc<Progress>,
) -> Result<Answer, RunError> {
    let mut record = record.clone();
    if let Some(document) = locked
        && is_up_to_date(document, &mut record, &options)?
    {
        return Ok(Answer::default());
    }
    record.fix_cutoffs();
    let mut manifest = Manifest::from_record(&record)?;
    manifest.ask_for(&options.require);
    manifest.limits = options.limit;
    manifest.files = options.files;
    let preferences = locked.map_or_else(Preferences::default, |document| {
        preferences(document, &record, &options.upgrade)
    });
    let mut asked = options.client;
    asked.installable = options.resolve.installable(&manifest);
    asked.stated = StatedBuilds::of(&manifest.settings);
    asked.addressed = manifest.addressed();
    asked.tags.clone_from(&options.resolve.tags);
    let locked_indexes = locked
        .and_then(|document| LockedIndexes::of(document, &record, (&asked, &options.upgrade)));
    if let Some(indexes) = &locked_indexes {
        indexes.refuse()?;
        indexes.apply(&mut asked);
    }
    if let Some(inputs) = locked.and_then(LockedDocument::inputs) {
        asked.recorded_trees.clone_from(&inputs.trees);
    }
    let places = AskedPlaces::new(&asked);
    progress.set_step("resolving");
    loop {
        let client = Client::new(asked.clone(), Arc::clone(progress))?;
        let resolve_one = |manifest: &Manifest| {
            let source: &dyn PackageSource = &client;
            let without_dependencies = WithoutDependencies(source);
            let source = if options.without_dependencies {
                &without_dependencies
            } else {
                source
            };
            resolve(manifest, source, &options.resolve, &preferences, progress)
        };
        let resolved = resolve_one(&manifest);
        if client.has_lost_files() && asked.reading == Reading::OnDemand {
            asked.reading = Reading::Whole;
            continue;
        }
        let resolved = match resolved {
            Err(ResolveError::Impossible(mut explanation)) => {
                client.spare_source_distributions();
                let hints = hints_of_the_run(&explanation, &places).into_iter();
                let hints = hints.chain(locked_indexes.as_ref().and_then(LockedIndexes::hint));
                Arc::make_mut(&mut explanation).hints.extend(hints);
                let resolve = |changed: &Manifest| Ok(resolve_one(changed)?.packages);
                let suggested = with_suggestions(&explanation, &manifest, progress, resolve);
                Err(suggested.map_or_else(|error| error, ResolveError::Impossible))
            }
            other => other,
        };
        client.trace_counts();
        // What could not be written is one of the warnings.
        client.write_back();
        let mut warnings = client.take_warnings();
        let resolution = resolved.map_err(|error| with_hints(error, &warnings))?;
        let mut packages = resolution.packages;
        warnings.extend(resolution.warnings);
        warnings.extend(client.disagreements(&packages));
        warnings.extend(client.on_second_index(&packages));
        if let Some(indexes) = &locked_indexes {
            indexes.check(&packages)?;
        }
        let known = locked.filter(|_| matches!(asked.refresh, RefreshPolicy::None));
        warnings.extend(hashes::complete(&mut packages, &client, known)?);
        hashes::confine(&mut packages, &options.hashes);
        record.trees = trees_of(&packages, &record, client.trees());
        record.keep_decisive_versions(packages.iter().flat_map(LockedPackage::requires));
        record.other_indexes = indexes_of_run(packages.iter(), &record);
        record.digest = record.digest_of_run();
        return Ok(Answer {
            lock: Some(LockedDocument::new(record, packages)),
            warnings,
            forks: resolution.forks,
        });
    }
}

/// What a run asks that can keep versions from it.
struct AskedPlaces {
    /// More than one index is asked, and the first that has a package serves it.
    several: bool,
    offline: bool,
}

impl AskedPlaces {
    fn new(options: &ClientOptions) -> Self {
        let general = options.indexes.iter().filter(|one| !one.explicit);
        Self {
            several: general.count() > 1,
            offline: options.offline,
        }
    }
}

/// What may be elsewhere, of packages of which no version fits.
fn hints_of_the_run(explanation: &Explanation, asked: &AskedPlaces) -> Vec<Hint> {
    let mut hints = Vec::new();
    for (name, index) in &explanation.missing {
        if let (Some(index), true) = (index, asked.several) {
            hints.push(Hint::plain(format!(
                "{name} is taken from {index} alone, the first index that has it; assign it to another one under [tool.locktool.sources]"
            )));
        }
        if asked.offline {
            hints.push(Hint::plain(format!(
                "--offline knows of {name} what the cache holds; the index may have more"
            )));
        }
    }
    hints
}

/// A failure without an answer to stand beside: what people should have heard may be why there is none.
fn with_hints(error: ResolveError, warnings: &[String]) -> ResolveError {
    match error {
        ResolveError::Impossible(mut explanation) => {
            let warnings = warnings.iter().cloned().map(Hint::plain);
            Arc::make_mut(&mut explanation).hints.splice(0..0, warnings);
            ResolveError::Impossible(explanation)
        }
        other => other,
    }
}

/// Whether an existing lock is the answer of a run. The record takes over what the lock recorded and the project leaves open, also
/// where it is not.
fn is_up_to_date(
    document: &LockedDocument,
    record: &mut ManifestRecord,
    options: &RunOptions,
) -> Result<bool, RunError> {
    if !matches!(options.upgrade, Upgrade::Nothing) {
        return Ok(false);
    }
    let root = &options.client.project_dir;
    let is_known = adopt(record, document, root)?;
    let tags = options.resolve.tags.as_deref();
    let serves = |package| tags.is_none_or(|tags| is_installable(package, tags));
    Ok(is_known
        && may_keep(options)
        && document.packages.iter().all(serves)
        && holds(document, record, root))
}

/// Takes over from a lock what its project leaves open, and reads the directories that it records again. Says whether all of them
/// are known: where nobody knows what a build reads, it has to be asked again.
fn adopt(
    record: &mut ManifestRecord,
    document: &LockedDocument,
    root: &Path,
) -> Result<bool, RunError> {
    let Some(recorded) = document.inputs() else {
        return Ok(true);
    };
    let mut is_known = true;
    if recorded.is_as_run_wrote() {
        record.adopt(recorded);
    }
    for tree in &recorded.trees {
        match read_again(root, tree)? {
            TreeToday::Is(today) => record.trees.push(*today),
            TreeToday::Unverified(_) => is_known = false,
            TreeToday::Absent => {}
        }
    }
    Ok(is_known)
}

/// Whether a lock proves itself, and the files on disk that it names are those that it was written with.
fn holds(document: &LockedDocument, record: &ManifestRecord, root: &Path) -> bool {
    let is_as_written = |local: LocalFile<'_>| {
        read_regular_file(&tree_directory(root, local.place)).map_or(!local.is_required, |bytes| {
            has_its_hashes(local.file, &bytes)
        })
    };
    let mut decisive = record.clone();
    decisive.keep_decisive_versions(document.packages.iter().flat_map(LockedPackage::requires));
    local_files(document).all(is_as_written)
        && certify(document, &decisive).is_ok_and(|reasons| reasons.is_empty())
}

/// The directories that the answer rests on; members are recorded as such.
fn trees_of(
    packages: &[LockedPackage],
    record: &ManifestRecord,
    read: Vec<MemberRecord>,
) -> Vec<MemberRecord> {
    let locked = |tree: &MemberRecord| {
        let is_tree = |package: &LockedPackage| {
            package.directory.as_ref().map(|directory| &directory.path) == Some(&tree.path)
        };
        let is_member = record.members.iter().any(|member| member.path == tree.path);
        !is_member && packages.iter().any(is_tree)
    };
    read.into_iter().filter(locked).collect()
}

/// Whether an existing lock that proves itself may be the answer.
fn may_keep(options: &RunOptions) -> bool {
    !options.other_places
        && matches!(options.client.refresh, RefreshPolicy::None)
        && options.resolve.target.is_none()
        && options.require.is_empty()
        && options.limit.is_empty()
        && options.hashes.is_empty()
        && !options.without_dependencies
}

/// Whether an interpreter can install an entry: a wheel that it takes, or what is built on it.
fn is_installable(package: &LockedPackage, compatible: &CompatibleTags) -> bool {
    let Ok(name) = PackageName::parse(&package.name) else {
        return false;
    };
    let takes = |file: &LockedFile| match DistributionFilename::parse(file.filename(), name) {
        Ok(DistributionFilename::Wheel { tags, .. }) => is_compatible(&tags, compatible),
        Ok(DistributionFilename::Sdist { .. }) | Err(_) => !has_extension(file.filename(), "whl"),
    };
    let is_built = package.wheels.is_empty() || package.sdist.is_some();
    package.archive.as_ref().is_none_or(takes) && (is_built || package.wheels.iter().any(takes))
}

/// The version that a person means by the latest one: the newest that is there under the cutoff and was not yanked, a final
/// release if there is one and pre-releases are not as welcome.
///
/// # Errors
/// When the manifest is not well formed, or no index answers.
pub fn latest_version(
    record: &ManifestRecord,
    package: PackageName,
    options: ClientOptions,
    progress: &Arc<Progress>,
) -> Result<Option<Version>, RunError> {
    let manifest = Manifest::from_record(record)?;
    let client = Client::new(options, Arc::clone(progress))?;
    let listing = client.listing(package)?;
    client.write_back();
    let cutoff = manifest.cutoff_of(package, &listing.index);
    let is_there = |release: &&Release| {
        !release.yanked
            && cutoff.is_none_or(|cutoff| release.upload_time.is_some_and(|time| time < cutoff))
    };
    let newest_first = || listing.releases.iter().rev().filter(is_there);
    let is_final = |release: &&Release| !release.version.is_prerelease();
    let newest = newest_first().next();
    let found = match manifest.prerelease_of(package) {
        PrereleaseMode::Allow => newest,
        _ => newest_first().find(is_final).or(newest),
    };
    Ok(found.map(|release| release.version))
}
