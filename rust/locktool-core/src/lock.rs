//! What a lock says: the keys of `pylock.toml` (PEP 751) that locktool writes and the certificate reads.
//!
//! Field order is key order in the file. The resolver builds these records, `document` turns them into text and back, and the
//! certificate proves them. Keys of other writers are not read here.

mod build_requirements;
mod hashes;
mod header;
mod misfit;
mod plain;
mod read;
mod repository;
mod select;
mod unwritten;
mod write;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::Url;

use crate::manifest::{ManifestRecord, short_digest};

pub use build_requirements::{BuildRequirements, LockRecord};
pub use hashes::Hashes;
pub use header::{Header, LOCK_VERSION};
pub use misfit::Misfit;
pub use read::{DecodeError, LOCK_NAME, LockError, LockFile, decode};
pub use repository::LockedRepository;
pub use select::{LockedSource, Selected, Unselectable};
pub use unwritten::{UnknownKey, Unwritten, key_path};
pub use write::MadeFrom;

/// A whole lock; `write` says how it is written.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct LockedDocument {
    pub lock_version: String,
    pub environments: Vec<String>,
    pub requires_python: Option<String>,
    pub extras: Vec<String>,
    pub dependency_groups: Vec<String>,
    pub default_groups: Vec<String>,
    pub created_by: String,
    pub tool: Option<DocumentTool>,
    pub packages: Vec<LockedPackage>,
    #[serde(skip)]
    pub unwritten: Unwritten,
}

impl LockedDocument {
    /// The inputs that locktool recorded; `None` in a lock of another tool.
    pub fn inputs(&self) -> Option<&ManifestRecord> {
        Some(&self.record()?.inputs)
    }

    /// What locktool recorded; `None` in a lock of another tool.
    pub fn record(&self) -> Option<&LockRecord> {
        self.tool.as_ref()?.locktool.as_ref()
    }

    /// Whether the lock has nothing that locktool does not write.
    fn is_as_written(&self) -> bool {
        self.unwritten == Unwritten::default()
    }
}

/// The `[tool]` table of a lock.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DocumentTool {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locktool: Option<LockRecord>,
}

/// One `[[packages]]` entry.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct LockedPackage {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marker: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requires_python: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dependencies: Vec<LockedDependency>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vcs: Option<LockedRepository>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub directory: Option<LockedDirectory>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archive: Option<LockedFile>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub index: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sdist: Option<LockedFile>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub wheels: Vec<LockedFile>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool: Option<PackageTool>,
}

/// An edge to another entry; the version is given where the name has several entries.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct LockedDependency {
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// A source tree, by its path from the lock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LockedDirectory {
    pub path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub editable: Option<bool>,
}

/// The path by which a lock names a directory that a requirement gives as a path or as a `file:` address.
pub fn directory_path(address: &str) -> String {
    let url = Url::parse(address)
        .ok()
        .filter(|url| url.scheme() == "file");
    let path = url.and_then(|url| url.to_file_path().ok());
    path.map_or_else(
        || address.to_owned(),
        |path| path.to_string_lossy().into_owned(),
    )
}

/// A file, by URL or by its path from the lock.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct LockedFile {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// RFC 3339, in UTC.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upload_time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    pub hashes: Hashes,
}

impl LockedFile {
    /// The file's name: the one recorded, else the last segment of its address.
    pub fn filename(&self) -> &str {
        if let Some(name) = &self.name {
            return name;
        }
        let address = self.url.as_deref().or(self.path.as_deref()).unwrap_or("");
        let end = memchr::memchr2(b'#', b'?', address.as_bytes()).unwrap_or(address.len());
        let start = memchr::memrchr(b'/', &address.as_bytes()[..end]).map_or(0, |slash| slash + 1);
        &address[start..end]
    }
}

/// The `[packages.tool]` table of an entry.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PackageTool {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locktool: Option<PackageEvidence>,
}

/// What lets anyone prove an entry again, offline.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct PackageEvidence {
    /// Digest of everything in the block that the index said; see [`LockedPackage::digest`].
    pub digest: String,
    /// The package's own published requirements that matter in this lock.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub requires: Vec<String>,
    /// What its build requires, where a build had to make its metadata.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build_requires: Option<Vec<String>>,
}

impl LockedPackage {
    /// The requirements the entry records.
    pub fn requires(&self) -> &[String] {
        self.evidence().map_or(&[], |evidence| &evidence.requires)
    }

    /// What the build required that made its metadata; `None` where nothing was built.
    pub fn build_requires(&self) -> Option<&[String]> {
        self.evidence()?.build_requires.as_deref()
    }

    /// The entry's evidence, where it has any.
    pub fn evidence(&self) -> Option<&PackageEvidence> {
        self.tool.as_ref()?.locktool.as_ref()
    }

    /// The first 16 hexadecimal digits of a SHA-256 over the block's name, version, requires-python, requirements, build
    /// requirements, index and files. Markers and edges are left out: they follow from other blocks and are derived again.
    ///
    /// Every part goes in with its key and its length, so that nothing can move from one key to another.
    pub fn digest(&self) -> String {
        let mut digester = Digester(Sha256::new());
        digester.text("name", &self.name);
        digester.optional("version", self.version.as_deref());
        digester.optional("requires-python", self.requires_python.as_deref());
        for requirement in self.requires() {
            digester.text("requires", requirement);
        }
        if let Some(build_requires) = self.build_requires() {
            digester.texts("build-requires", build_requires);
        }
        digester.optional("index", self.index.as_deref());
        if let Some(repository) = &self.vcs {
            digester.text("vcs", &repository.kind);
            digester.text("url", &repository.url);
            digester.optional(
                "requested-revision",
                repository.requested_revision.as_deref(),
            );
            digester.text("commit-id", &repository.commit_id);
            digester.optional("subdirectory", repository.subdirectory.as_deref());
        }
        if let Some(directory) = &self.directory {
            digester.text("directory", &directory.path);
            digester.optional(
                "editable",
                (directory.editable == Some(true)).then_some("true"),
            );
        }
        self.archive
            .iter()
            .for_each(|file| digester.file("archive", file));
        self.sdist
            .iter()
            .for_each(|file| digester.file("sdist", file));
        self.wheels
            .iter()
            .for_each(|file| digester.file("wheels", file));
        short_digest(digester.0)
    }
}

/// Feeds the parts of a block to a hash.
struct Digester(Sha256);

impl Digester {
    fn text(&mut self, key: &str, value: &str) {
        for part in [key, value] {
            self.0.update((part.len() as u64).to_le_bytes());
            self.0.update(part.as_bytes());
        }
    }

    /// A list, which is there also where it is empty.
    fn texts(&mut self, key: &str, values: &[String]) {
        self.text(key, &values.len().to_string());
        for value in values {
            self.text(key, value);
        }
    }

    fn optional(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(key, value);
        }
    }

    fn file(&mut self, kind: &str, file: &LockedFile) {
        self.text(kind, file.filename());
        self.optional("url", file.url.as_deref());
        self.optional("path", file.path.as_deref());
        self.optional("upload-time", file.upload_time.as_deref());
        self.optional("size", file.size.map(|size| size.to_string()).as_deref());
        for (algorithm, digest) in file.hashes.iter() {
            self.text(algorithm, digest);
        }
    }
}
