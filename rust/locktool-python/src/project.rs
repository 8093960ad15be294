//! Projects at the border: a directory in, a frozen `Project` out; Python hands back the metadata that only a build knows.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use locktool_core::document::{Fact, LocatedError, Table, TomlFile, did_you_mean as hint};
use locktool_core::manifest::{Manifest, ManifestRecord, SettingTables, Settings};
use locktool_core::metadata::Metadata;
use locktool_core::project::{
    BuiltMetadata, EditedFiles, Project as CoreProject, ProjectMember, SourceTree as CoreTree,
    TreePlace, find_root as root_of, written_settings,
};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::certify::{encoded, invalid_manifest, read_manifest};
use crate::errors::locktool_error;
use crate::lock::LockFile;
use crate::options::IndexLocation;
use crate::settings::WrittenSetting;

/// The exception for something wrong in a project's files.
pub fn project_error(py: Python<'_>, error: &LocatedError) -> PyErr {
    let fields = PyDict::new(py);
    let filled = || -> PyResult<()> {
        let path = error.path.as_ref().map(|path| path.display().to_string());
        fields.set_item("path", path)?;
        fields.set_item("line", error.line)?;
        fields.set_item("column", error.column)?;
        for (name, fact) in &error.facts {
            match fact {
                Fact::Text(text) => fields.set_item(name, text)?,
                Fact::List(items) => fields.set_item(name, items)?,
            }
        }
        Ok(())
    };
    match filled() {
        Ok(()) => locktool_error(
            py,
            "ProjectError",
            error.code,
            &error.message,
            Some(&fields),
        ),
        Err(failure) => failure,
    }
}

/// One project of a workspace; requirements are canonical and sorted.
#[pyclass(frozen, get_all, module = "locktool._native")]
#[derive(Clone)]
pub struct Member {
    pub directory: String,
    pub path: String,
    pub name: Option<String>,
    pub version: Option<String>,
    pub package: bool,
    pub requires_python: Option<String>,
    pub dependencies: Vec<String>,
    pub extras: BTreeMap<String, Vec<String>>,
    pub groups: BTreeMap<String, Vec<String>>,
}

impl From<&ProjectMember> for Member {
    fn from(member: &ProjectMember) -> Self {
        let record = member.record();
        Self {
            directory: member.directory.display().to_string(),
            path: record.path,
            name: record.name.map(|name| name.to_string()),
            version: record.version,
            package: record.package,
            requires_python: record.requires_python,
            dependencies: record.dependencies,
            extras: record
                .extras
                .into_iter()
                .map(|(name, texts)| (name.to_string(), texts))
                .collect(),
            groups: record
                .groups
                .into_iter()
                .map(|(name, texts)| (name.to_string(), texts))
                .collect(),
        }
    }
}

#[pymethods]
impl Member {
    fn __repr__(&self) -> String {
        format!("<Member {}>", self.name.as_deref().unwrap_or(&self.path))
    }
}

/// A workspace: its members and everything of them that can change an answer.
#[pyclass(frozen, module = "locktool._native")]
pub struct Project {
    pub core: CoreProject,
    /// The record with its warnings, once something asked for it.
    record: OnceLock<Result<(ManifestRecord, Vec<String>), LocatedError>>,
}

impl From<CoreProject> for Project {
    fn from(core: CoreProject) -> Self {
        Self {
            core,
            record: OnceLock::new(),
        }
    }
}

impl Project {
    fn record(&self) -> Result<&(ManifestRecord, Vec<String>), &LocatedError> {
        self.record.get_or_init(|| self.core.record()).as_ref()
    }
}

#[pymethods]
impl Project {
    /// Reads the workspace that a directory belongs to. Raises `ProjectError`.
    #[staticmethod]
    #[pyo3(signature = (directory, *, locked=None, edited=None))]
    fn read(
        py: Python<'_>,
        directory: &str,
        locked: Option<&LockFile>,
        edited: Option<BTreeMap<PathBuf, String>>,
    ) -> PyResult<Self> {
        let recorded = locked.and_then(|lock| lock.core.document.inputs());
        let recorded = recorded.map_or(&[][..], |inputs| &inputs.members);
        let edited = EditedFiles::new(edited.unwrap_or_default());
        let read = py.detach(|| CoreProject::read_edited(Path::new(directory), recorded, &edited));
        read.map(Self::from)
            .map_err(|error| project_error(py, &error))
    }

    /// Reads the TOML block of a script (PEP 723). Raises `ProjectError`.
    #[staticmethod]
    #[pyo3(signature = (path, block, *, indent=0))]
    fn read_script(py: Python<'_>, path: &str, block: &str, indent: usize) -> PyResult<Self> {
        CoreProject::read_script(Path::new(path), block.to_owned(), indent)
            .map(Self::from)
            .map_err(|error| project_error(py, &error))
    }

    #[getter]
    fn root(&self) -> String {
        self.core.root.display().to_string()
    }

    #[getter]
    fn members(&self) -> Vec<Member> {
        self.core.members.iter().map(Member::from).collect()
    }

    #[getter]
    fn current(&self) -> Member {
        Member::from(&self.core.members[self.core.current])
    }

    #[getter]
    fn indexes(&self) -> Vec<IndexLocation> {
        self.core.indexes.iter().map(IndexLocation::from).collect()
    }

    #[getter]
    fn find_links(&self) -> Vec<String> {
        self.core.find_links.clone()
    }

    #[getter]
    fn warnings(&self) -> Vec<String> {
        let whole = self.record().map(|(_, warnings)| warnings);
        whole.unwrap_or(&self.core.warnings).clone()
    }

    #[getter]
    fn unbuilt(&self) -> Vec<String> {
        let members = self.core.unbuilt();
        members
            .map(|member| member.directory.display().to_string())
            .collect()
    }

    /// The project with the core metadata that a member's build system made. Raises `ProjectError`.
    fn with_metadata(&self, py: Python<'_>, directory: &str, metadata: &str) -> PyResult<Self> {
        let read = Metadata::parse(metadata.as_bytes());
        let metadata = read.map_err(|error| {
            let message =
                format!("{directory}: its build made metadata that cannot be read: {error}");
            project_error(
                py,
                &LocatedError::of_path("invalid-metadata", Path::new(directory), message),
            )
        })?;
        let mut core = self.core.clone();
        core.complete(
            Path::new(directory),
            &BuiltMetadata {
                name: Some(metadata.name),
                requires_python: metadata.requires_python.as_ref(),
                requires_dist: &metadata.requires_dist,
                provides_extras: &metadata.provides_extra,
            },
        );
        Ok(core.into())
    }

    /// Everything that can change an answer, in `MessagePack`. Raises `ProjectError`.
    fn manifest<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let (record, _) = self.record().map_err(|error| project_error(py, error))?;
        encoded(py, record)
    }

    /// What it says beside its members, as `manifest` says it. Raises `ProjectError`.
    fn rules<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let rules = self.core.rules();
        encoded(py, &rules.map_err(|error| project_error(py, &error))?)
    }

    /// The settings as the files write them. Raises `ProjectError`.
    fn written_settings(&self, py: Python<'_>) -> PyResult<Vec<WrittenSetting>> {
        let written = written_settings(&self.core.members);
        let written = written.map_err(|error| project_error(py, &error))?;
        Ok(written.into_iter().map(WrittenSetting::from).collect())
    }

    fn __repr__(&self) -> String {
        format!("<Project in {}>", self.core.root.display())
    }
}

/// What the pyproject.toml of a source tree says of its build, and its metadata where no build is needed.
#[pyclass(frozen, get_all, module = "locktool._native")]
pub struct SourceTree {
    pub has_build_system: bool,
    pub build_requires: Vec<String>,
    pub build_backend: Option<String>,
    pub backend_path: Option<Vec<String>>,
    pub name: Option<String>,
    pub metadata: Option<String>,
}

#[pymethods]
impl SourceTree {
    /// Reads a tree. Raises `ProjectError`; a tree without pyproject.toml is not an error.
    #[staticmethod]
    fn read(py: Python<'_>, directory: &str) -> PyResult<Self> {
        let directory = Path::new(directory);
        let tree = CoreTree::read(directory, TreePlace::beside(directory));
        let tree = tree.map_err(|error| project_error(py, &error))?;
        let metadata = tree.metadata();
        let build_requires = tree.written_requires();
        let system = tree.build_system;
        Ok(Self {
            has_build_system: system.is_some(),
            build_requires,
            build_backend: system.as_ref().and_then(|system| system.backend.clone()),
            backend_path: system.and_then(|system| system.backend_path),
            name: tree.written_name,
            metadata,
        })
    }

    fn __repr__(&self) -> String {
        format!("<SourceTree {}>", self.name.as_deref().unwrap_or(""))
    }
}

/// The directory of the root of the workspace that a directory belongs to, as Python writes names of files. Raises `ProjectError`.
#[pyfunction]
pub fn find_root(py: Python<'_>, directory: &str) -> PyResult<OsString> {
    root_of(Path::new(directory))
        .map(PathBuf::into_os_string)
        .map_err(|error| project_error(py, &error))
}

/// A manifest with what the command line says, a `MessagePack` table in the shape of `[tool.locktool]`.
///
/// Raises `ProjectError`.
#[pyfunction]
pub fn with_choices<'py>(
    py: Python<'py>,
    manifest: &[u8],
    choices: &[u8],
) -> PyResult<Bound<'py, PyBytes>> {
    let mut record = read_manifest(py, manifest)?;
    let file = TomlFile::of_command_line(choices)
        .map_err(|error| invalid_manifest(py, &error.to_string()))?;
    let table = Table::of(&file);
    let known: Vec<&str> = Settings::KEYS.iter().map(|key| key.name).collect();
    let read = table
        .refuse_unknown(&known)
        .and_then(|()| Settings::read(&SettingTables(vec![table])));
    let choices = read.map_err(|error| project_error(py, &error))?;
    // To choose what holds anyway is to choose nothing.
    record.command_line = choices.beyond(&record.settings);
    encoded(py, &record)
}

/// The addresses of git repositories that the project itself gives, each with the package it is for.
#[pyfunction]
pub fn git_addresses(py: Python<'_>, manifest: &[u8]) -> PyResult<BTreeMap<String, String>> {
    let record = read_manifest(py, manifest)?;
    let manifest = Manifest::from_record(&record);
    let manifest = manifest.map_err(|error| invalid_manifest(py, &error.to_string()))?;
    let addresses = manifest.git_addresses();
    Ok(addresses
        .into_iter()
        .map(|(address, name)| (address, name.to_string()))
        .collect())
}

/// `; did you mean '...'?`, or nothing where no choice is similar.
#[pyfunction]
pub fn did_you_mean(word: &str, choices: Vec<String>) -> String {
    hint(word, choices.iter().map(String::as_str))
}
