//! Entries of a lock at the border: those that an environment installs, and from what.

use std::collections::HashMap;
use std::sync::Arc;

use locktool_core::distribution::compatible::CompatibleTags;
use locktool_core::lock::{
    LockFile as CoreFile, LockedFile, LockedPackage, LockedSource, Selected, Unselectable,
};
use locktool_core::name::{ExtraName, GroupName};
use pyo3::prelude::*;
use pyo3::types::IntoPyDict;

use crate::errors::{MARKER, locktool_error};
use crate::values::{environment_of_fields, undefined_comparison};

/// An entry of a lock, and what an environment installs it from.
#[pyclass(frozen, module = "locktool._native")]
pub struct SelectedEntry {
    lock: Arc<CoreFile>,
    selected: Selected,
}

impl SelectedEntry {
    fn package(&self) -> &LockedPackage {
        &self.lock.document.packages[self.selected.place]
    }

    /// The file that is installed.
    fn file(&self) -> Option<&LockedFile> {
        let package = self.package();
        match self.selected.source? {
            LockedSource::Wheel(place) => package.wheels.get(place),
            LockedSource::Sdist => package.sdist.as_ref(),
            LockedSource::Archive => package.archive.as_ref(),
            LockedSource::Repository | LockedSource::Directory => None,
        }
    }
}

#[pymethods]
impl SelectedEntry {
    /// Its place among the entries of the lock.
    #[getter]
    fn place(&self) -> usize {
        self.selected.place
    }

    #[getter]
    fn name(&self) -> &str {
        &self.package().name
    }

    #[getter]
    fn version(&self) -> Option<&str> {
        self.package().version.as_deref()
    }

    /// The key of the entry that it is installed from; None where that is not known.
    #[getter]
    fn source(&self) -> Option<&'static str> {
        Some(match self.selected.source? {
            LockedSource::Repository => "vcs",
            LockedSource::Directory => "directory",
            LockedSource::Archive => "archive",
            LockedSource::Wheel(_) => "wheels",
            LockedSource::Sdist => "sdist",
        })
    }

    /// The place of the wheel that it is installed from among those of the entry.
    #[getter]
    fn wheel(&self) -> Option<usize> {
        match self.selected.source? {
            LockedSource::Wheel(place) => Some(place),
            _ => None,
        }
    }

    /// The path of its file or directory, from the lock.
    #[getter]
    fn path(&self) -> Option<&str> {
        if self.selected.source == Some(LockedSource::Directory) {
            return Some(&self.package().directory.as_ref()?.path);
        }
        self.file()?.path.as_deref()
    }

    /// The address of its file.
    #[getter]
    fn url(&self) -> Option<&str> {
        self.file()?.url.as_deref()
    }

    /// The SHA-256 of its file.
    #[getter]
    fn sha256(&self) -> Option<&str> {
        self.file()?.hashes.sha256()
    }

    /// The address of its repository, the commit, and where its tree lies in it.
    #[getter]
    fn commit(&self) -> Option<(&str, &str, Option<&str>)> {
        let repository = self.package().vcs.as_ref()?;
        let inner = repository.subdirectory.as_deref();
        Some((&repository.url, &repository.commit_id, inner))
    }

    /// The hashes of all files of the entry.
    #[getter]
    fn hashes(&self) -> Vec<(&str, &str)> {
        let package = self.package();
        let others = package.sdist.iter().chain(&package.archive);
        let files = package.wheels.iter().chain(others);
        files.flat_map(|file| file.hashes.iter()).collect()
    }

    fn __repr__(&self) -> String {
        format!("<SelectedEntry {}>", self.package().name)
    }
}

/// What an environment installs of a lock; see `LockFile.select`.
pub fn select(
    py: Python<'_>,
    lock: &Arc<CoreFile>,
    fields: &HashMap<String, String>,
    tags: &[String],
    [extras, groups]: [&[String]; 2],
) -> PyResult<Vec<SelectedEntry>> {
    let mut environment = environment_of_fields(fields);
    let extra = |name: &String| ExtraName::parse(name).ok();
    environment.extras = extras.iter().filter_map(extra).collect();
    let group = |name: &String| GroupName::parse(name).ok();
    environment.dependency_groups = groups.iter().filter_map(group).collect();
    let tags = known(tags);
    let selected = py.detach(|| lock.document.select(&environment, tags.as_ref()));
    let entry = |selected| SelectedEntry {
        lock: Arc::clone(lock),
        selected,
    };
    let selected = selected.map_err(|reason| refusal(py, &reason))?;
    Ok(selected.into_iter().map(entry).collect())
}

/// All entries of a lock, with what an environment with these tags installs them from; see `LockFile.entries`.
pub fn entries(
    py: Python<'_>,
    lock: &Arc<CoreFile>,
    tags: &[String],
) -> PyResult<Vec<SelectedEntry>> {
    let tags = known(tags);
    let packages = lock.document.packages.iter().enumerate();
    let entry = |(place, package): (usize, &LockedPackage)| {
        let source = package.source(tags.as_ref());
        let source = source.map_err(|reason| refusal(py, &reason))?;
        Ok(SelectedEntry {
            lock: Arc::clone(lock),
            selected: Selected { place, source },
        })
    };
    packages.map(entry).collect()
}

/// Tags, which are not known where there are none.
fn known(tags: &[String]) -> Option<CompatibleTags> {
    (!tags.is_empty()).then(|| CompatibleTags::new(tags))
}

fn refusal(py: Python<'_>, reason: &Unselectable) -> PyErr {
    let (code, message, package) = match reason {
        Unselectable::Refused {
            code,
            message,
            package,
        } => (*code, message, package),
        Unselectable::Marker(error) => {
            return MARKER.refuse_at(py, &error.input, error.position, &error.message);
        }
        Unselectable::Comparison(error) => {
            return undefined_comparison(py, &error.comparison, &error.value);
        }
    };
    let fields = package.iter().map(|name| ("package", name));
    match fields.into_py_dict(py) {
        Ok(fields) => locktool_error(py, "LockError", code, message, Some(&fields)),
        Err(failure) => failure,
    }
}
