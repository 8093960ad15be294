//! A directory of the project, or of a repository, as a listing of one release: its pyproject.toml says what it requires, or its build.

use std::path::Path;
use std::sync::Arc;

use url::Url;

use super::session::Session;
use super::single_flight::guard;
use crate::index::archive::local::{local_path, unreadable};
use crate::index::archive::metadata_text::Expected;
use crate::index::transport::error::unusable;
use crate::lock::directory_path;
use crate::manifest::MemberRecord;
use crate::manifest::texts::refuse_credentials;
use crate::name::PackageName;
use crate::project::{BuiltMetadata, SourceTree, TreePlace};
use crate::requirement::{RepositoryAddress, Requirement};
use crate::source::{File, Listing, ReleaseMetadata, SourceError};
use crate::version::{SpecifierParseError, Version};

impl Session {
    /// Reads a directory: from its pyproject.toml, from the lock where its build reads what it read then, or by a build.
    pub async fn read_directory(
        &self,
        package: PackageName,
        (text, url): (&str, &Url),
        hashes: Vec<(String, String)>,
    ) -> Result<Arc<Listing>, SourceError> {
        let path = &local_path(url).map_err(|error| unreadable(url, &error))?;
        let place = match RepositoryAddress::parse(text) {
            Some(address) => TreePlace::in_repository(path, address),
            None => TreePlace::beside(&self.project_dir),
        };
        let tree =
            SourceTree::read(path, place.clone()).map_err(|error| unusable(error.message))?;
        let member = tree.member.as_ref();
        if let Some(name) = member.and_then(|member| member.name)
            && name != package
        {
            return Err(unusable(format!(
                "{} is the project {name}, not {package}",
                path.display()
            )));
        }
        if tree.build_system.is_none() && member.is_none() && !path.join("setup.py").exists() {
            let reason = format!("{} has neither pyproject.toml nor setup.py", path.display());
            return Err(unusable(reason));
        }
        let recorded_path = &directory_path(text);
        let recorded = self.programs.recorded_trees.iter().find(|known| {
            known.path == *recorded_path
                && tree.build.is_known()
                && known.build == *tree.build.digests()
        });
        // A directory is locked without a version, so that a computed one need not be known.
        let stated = member.and_then(|member| member.version);
        let version = stated.unwrap_or(Version::lowest());
        let static_record = tree
            .record(recorded_path)
            .map_err(|error| unusable(error.message))?;
        let (built, metadata, record) = if let Some(record) = static_record {
            (version, metadata_of(&record).map_err(unusable)?, record)
        } else if let Some(record) = recorded {
            let metadata = metadata_of(record).map_err(unusable)?;
            let record = MemberRecord {
                version: stated.map(|version| version.to_string()),
                ..record.clone()
            };
            (version, metadata, record)
        } else {
            self.build_directory(package, (recorded_path, path), place)
                .await?
        };
        self.refuse_unassigned(package, &record)?;
        let metadata = ReleaseMetadata {
            build_requires: self.build_requires_of(package, &tree)?,
            ..metadata
        };
        // A commit, which has a hash, keeps the version that was built. A directory may have another one tomorrow, which no check of a
        // lock would see: such a version decides nothing here either.
        let version = if hashes.is_empty() { version } else { built };
        guard(&self.programs.trees).insert(text.to_owned(), record);
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default();
        let mut file = File::bare(name, url.as_str());
        file.hashes = hashes;
        Ok(self.one_release(package, (url, None), version, file, metadata))
    }

    /// Asks the build of a directory for what it alone knows.
    async fn build_directory(
        &self,
        package: PackageName,
        (text, path): (&str, &Path),
        place: TreePlace,
    ) -> Result<(Version, ReleaseMetadata, MemberRecord), SourceError> {
        let expected = Expected {
            package,
            version: None,
        };
        let (version, metadata) = self.build_tree(path.to_owned(), expected).await?;
        let urls = metadata.requires_dist.iter().filter_map(Requirement::url);
        if let Some(refusal) = urls.map(refuse_credentials).find_map(Result::err) {
            return Err(unusable(format!("{}: {}", path.display(), refusal.message)));
        }
        let built = BuiltMetadata {
            name: Some(package),
            requires_python: metadata.requires_python.as_deref(),
            requires_dist: &metadata.requires_dist,
            provides_extras: &metadata.provides_extras,
        };
        // A build may write what it reads the next time.
        let read = SourceTree::read(path, place);
        let record = read.and_then(|tree| tree.record_built(text, &built));
        let record = record.map_err(|error| unusable(error.message))?;
        // What pyproject.toml states holds whatever the build leaves out, now and when it is read from the lock.
        let metadata = metadata_of(&record).map_err(unusable)?;
        Ok((version, metadata, record))
    }

    /// What the build of a tree requires, where its metadata is from a build, be it an earlier one.
    fn build_requires_of(
        &self,
        package: PackageName,
        tree: &SourceTree,
    ) -> Result<Option<Vec<String>>, SourceError> {
        let is_static = tree.member.as_ref().is_some_and(|member| !member.unbuilt);
        if is_static || self.programs.stated.of_source(package, None).is_some() {
            return Ok(None);
        }
        let requires = tree.build_requires(&self.project_dir);
        requires.map(Some).map_err(|error| unusable(error.message))
    }

    /// Refuses a tree whose own sources give a package to an index that the project does not give it: another index would serve it.
    pub fn refuse_unassigned(
        &self,
        package: PackageName,
        record: &MemberRecord,
    ) -> Result<(), SourceError> {
        let mut given = record.indexes.iter();
        let Some((name, urls)) = given.find(|(name, _)| !self.indexes.is_assigned(**name)) else {
            return Ok(());
        };
        let urls: Vec<&str> = urls.iter().map(String::as_str).collect();
        Err(unusable(format!(
            "{package} takes {name} from the index {}, by a source of its own: name the index under [[tool.locktool.index]] and give it \
             {name} under [tool.locktool.sources], here in the project",
            urls.join(" or ")
        )))
    }
}

/// A recorded tree as a release that says what it requires.
pub fn metadata_of(record: &MemberRecord) -> Result<ReleaseMetadata, String> {
    let requires_dist = record.published().map_err(|error| error.to_string())?;
    let python = record.requires_python.as_deref();
    let python = python.map(|text| text.parse().map(Arc::new)).transpose();
    Ok(ReleaseMetadata {
        requires_dist,
        requires_python: python.map_err(|error: SpecifierParseError| error.to_string())?,
        provides_extras: record.extras.keys().copied().collect(),
        build_requires: None,
    })
}
