//! What a run is asked beside its manifest: `IndexLocation`, a frozen class, and the table of options.

use std::collections::BTreeMap;
use std::sync::Arc;

use locktool_core::index::{IndexLocation as CoreLocation, Keyring, hide_credentials};
use locktool_core::marker::MarkerEnvironment;
use locktool_core::project::ProjectIndex;
use pyo3::exceptions::PyUnicodeEncodeError;
use pyo3::prelude::*;
use pythonize::depythonize;
use serde::Deserialize;

use crate::certify::invalid_manifest;

/// One package index: where it is, when it is asked, and how to sign in.
#[pyclass(frozen, eq, from_py_object, module = "locktool._native")]
#[derive(Clone, PartialEq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own that a project states or not"
)]
pub struct IndexLocation {
    #[pyo3(get)]
    pub url: String,
    #[pyo3(get)]
    pub name: Option<String>,
    #[pyo3(get)]
    pub explicit: bool,
    #[pyo3(get)]
    pub default: bool,
    #[pyo3(get)]
    pub username: Option<String>,
    #[pyo3(get)]
    pub password: Option<String>,
    #[pyo3(get)]
    pub cache_control: Option<String>,
    #[pyo3(get)]
    pub mirror_of: Option<String>,
    #[pyo3(get)]
    pub flat: bool,
    #[pyo3(get)]
    pub of_machine: bool,
    keyring: Option<PythonKeyring>,
}

#[pymethods]
impl IndexLocation {
    #[new]
    #[pyo3(signature = (
        url, *, name=None, explicit=false, default=false, username=None, password=None, cache_control=None,
        mirror_of=None, flat=false, of_machine=false
    ))]
    #[expect(
        clippy::too_many_arguments,
        clippy::fn_params_excessive_bools,
        reason = "keyword-only in Python, one for each fact of an index"
    )]
    fn new(
        url: String,
        name: Option<String>,
        explicit: bool,
        default: bool,
        username: Option<String>,
        password: Option<String>,
        cache_control: Option<String>,
        mirror_of: Option<String>,
        flat: bool,
        of_machine: bool,
    ) -> Self {
        Self {
            url,
            name,
            explicit,
            default,
            username,
            password,
            cache_control,
            mirror_of,
            flat,
            of_machine,
            keyring: None,
        }
    }

    /// The same index with these credentials.
    fn with_credentials(&self, username: Option<String>, password: Option<String>) -> Self {
        Self {
            username,
            password,
            ..self.clone()
        }
    }

    /// The same index, with what knows the password of its user: `ask(service, user)`.
    fn with_keyring(&self, ask: Py<PyAny>) -> Self {
        Self {
            keyring: Some(PythonKeyring(Arc::new(ask))),
            ..self.clone()
        }
    }

    fn __repr__(&self) -> String {
        let name = self
            .name
            .as_ref()
            .map(|name| format!(", name={name:?}"))
            .unwrap_or_default();
        let secret = if self.password.is_some() {
            ", password='…'"
        } else {
            ""
        };
        format!(
            "IndexLocation({:?}{name}{secret})",
            hide_credentials(&self.url)
        )
    }
}

impl IndexLocation {
    /// What knows the password of its user.
    pub fn keyring(&self) -> Option<Arc<dyn Keyring>> {
        let keyring = self.keyring.clone()?;
        Some(Arc::new(keyring))
    }

    /// As the core takes it.
    pub fn to_core(&self) -> CoreLocation {
        CoreLocation {
            url: self.url.clone(),
            explicit: self.explicit,
            default: self.default,
            username: self.username.clone(),
            password: self.password.clone(),
            cache_control: self.cache_control.clone(),
            mirror_of: self.mirror_of.clone(),
            flat: self.flat,
            of_machine: self.of_machine,
        }
    }
}

impl From<&ProjectIndex> for IndexLocation {
    fn from(index: &ProjectIndex) -> Self {
        Self {
            url: index.url.clone(),
            name: index.name.clone(),
            explicit: index.explicit,
            default: index.default,
            username: index.username.clone(),
            password: index.password.clone(),
            cache_control: index.cache_control.clone(),
            mirror_of: index.mirror_of.clone(),
            flat: index.flat,
            of_machine: false,
            keyring: None,
        }
    }
}

/// A callable of Python that asks the keyring program, from whatever thread needs a password first.
#[derive(Clone)]
struct PythonKeyring(Arc<Py<PyAny>>);

impl PartialEq for PythonKeyring {
    /// How a password is asked for is no property of an index.
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Keyring for PythonKeyring {
    fn password(&self, service: &str, user: &str) -> Option<String> {
        Python::attach(|py| {
            let answer = self.0.call1(py, (service, user)).ok()?;
            answer.extract(py).ok()
        })
    }
}

/// Everything, nothing, or these packages: the value of `refresh` and `upgrade`.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub enum Selection {
    Every(bool),
    Packages(Vec<String>),
}

impl Default for Selection {
    fn default() -> Self {
        Self::Every(false)
    }
}

/// The options of one run that are not inputs of the lock, as a table of Python; see `resolve` in `_native.pyi`.
#[derive(Clone, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
#[expect(clippy::struct_excessive_bools, reason = "each is a choice of its own")]
pub struct ResolveOptions {
    pub find_links: Vec<String>,
    pub cache_dir: Option<String>,
    pub offline: bool,
    pub refresh: Selection,
    pub upgrade: Selection,
    pub project_dir: String,
    /// The one environment to resolve for.
    pub environment: Option<MarkerEnvironment>,
    /// The wheel tags that the one environment of the result installs; empty where they are not known.
    pub tags: Vec<String>,
    /// The upper bounds of the packages' requires-python count too.
    pub reads_upper_python: bool,
    pub timeout_seconds: f64,
    pub retries: u32,
    pub proxy: Option<String>,
    pub certificate_bundle: Option<String>,
    /// Repositories on this machine, by the address that requirements give: the tree and its commit.
    pub checkouts: BTreeMap<String, (String, String)>,
    /// Requirements beside the manifest's, to see what follows from them.
    pub require: Vec<String>,
    /// Constraints of this run alone.
    pub limit: Vec<String>,
    /// Requirements, constraints and overrides with the requirements file that each stands in.
    pub files: Vec<(String, String)>,
    /// Packages are pinned and what they require is not looked at.
    pub without_dependencies: bool,
    /// The hashes of the files that may be used of a package: `["sha256", "ab..."]`.
    pub hashes: BTreeMap<String, Vec<(String, String)>>,
    /// The command line names indexes or find-links.
    pub other_places: bool,
}

impl Default for ResolveOptions {
    fn default() -> Self {
        Self {
            find_links: Vec::new(),
            cache_dir: None,
            offline: false,
            refresh: Selection::default(),
            upgrade: Selection::default(),
            project_dir: ".".to_owned(),
            environment: None,
            tags: Vec::new(),
            reads_upper_python: false,
            timeout_seconds: 30.0,
            retries: 3,
            proxy: None,
            certificate_bundle: None,
            checkouts: BTreeMap::new(),
            require: Vec::new(),
            limit: Vec::new(),
            files: Vec::new(),
            without_dependencies: false,
            hashes: BTreeMap::new(),
            other_places: false,
        }
    }
}

impl ResolveOptions {
    /// Reads the table of options. Raises `ProjectError`, and `UnicodeEncodeError` for a path that is not UTF-8.
    pub fn read(table: &Bound<'_, PyAny>) -> PyResult<Self> {
        let py = table.py();
        depythonize(table).map_err(|reason| {
            let message = format!("the options are not well formed: {reason}");
            let error = PyErr::from(reason);
            if error.is_instance_of::<PyUnicodeEncodeError>(py) {
                return error;
            }
            invalid_manifest(py, &message)
        })
    }
}
