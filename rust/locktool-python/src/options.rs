//! What a run is asked for beside its manifest: `IndexLocation` and `ResolveOptions`, frozen and keyword-only.

use std::collections::BTreeMap;

use locktool_core::index::{IndexLocation as CoreLocation, hide_credentials};
use pyo3::prelude::*;

/// One package index: where it is, when it is asked, and how to sign in.
#[pyclass(frozen, get_all, eq, from_py_object, module = "locktool._native")]
#[derive(Clone, PartialEq)]
pub struct IndexLocation {
    pub url: String,
    pub name: Option<String>,
    pub explicit: bool,
    pub default: bool,
    pub username: Option<String>,
    pub password: Option<String>,
    pub cache_control: Option<String>,
    pub mirror_of: Option<String>,
    pub flat: bool,
}

#[pymethods]
impl IndexLocation {
    #[new]
    #[pyo3(signature = (
        url, *, name=None, explicit=false, default=false, username=None, password=None, cache_control=None,
        mirror_of=None, flat=false
    ))]
    #[expect(
        clippy::too_many_arguments,
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
    /// As the core takes it.
    pub fn to_core(&self) -> CoreLocation {
        CoreLocation {
            name: self.name.clone(),
            url: self.url.clone(),
            explicit: self.explicit,
            default: self.default,
            username: self.username.clone(),
            password: self.password.clone(),
            cache_control: self.cache_control.clone(),
            mirror_of: self.mirror_of.clone(),
            flat: self.flat,
        }
    }
}

/// Everything, nothing, or these packages: the value of `refresh` and `upgrade`.
#[derive(Clone, PartialEq, FromPyObject, IntoPyObject)]
pub enum Selection {
    Every(bool),
    Packages(Vec<String>),
}

/// The options of one `resolve` call that are not inputs of the lock: addresses, cache, freshness, target.
///
/// `checkouts` are repositories on this machine, by the address that requirements give: `(path, commit)`.
/// `python_version` and `python_platform` narrow the run to one environment; without them it is universal. `require` are
/// requirements beside the manifest's, to see what follows from them.
#[pyclass(frozen, get_all, eq, from_py_object, module = "locktool._native")]
#[derive(Clone, PartialEq)]
pub struct ResolveOptions {
    pub indexes: Vec<IndexLocation>,
    pub find_links: Vec<String>,
    pub cache_dir: Option<String>,
    pub offline: bool,
    pub refresh: Selection,
    pub upgrade: Selection,
    pub project_dir: String,
    pub python_version: Option<String>,
    pub python_platform: Option<String>,
    pub no_build: Vec<String>,
    pub no_binary: Vec<String>,
    pub timeout_seconds: f64,
    pub retries: u32,
    pub quality_pass: bool,
    pub proxy: Option<String>,
    pub certificate_bundle: Option<String>,
    pub checkouts: BTreeMap<String, (String, String)>,
    pub require: Vec<String>,
}

#[pymethods]
impl ResolveOptions {
    #[new]
    #[pyo3(signature = (
        *, indexes=Vec::new(), find_links=Vec::new(), cache_dir=None, offline=false, refresh=Selection::Every(false),
        upgrade=Selection::Every(false), project_dir=String::from("."), python_version=None, python_platform=None,
        no_build=Vec::new(), no_binary=Vec::new(), timeout_seconds=30.0, retries=3, quality_pass=true,
        proxy=None, certificate_bundle=None,
        checkouts=BTreeMap::new(), require=Vec::new()
    ))]
    #[expect(
        clippy::too_many_arguments,
        reason = "keyword-only in Python, one for each option of a run"
    )]
    fn new(
        indexes: Vec<IndexLocation>,
        find_links: Vec<String>,
        cache_dir: Option<String>,
        offline: bool,
        refresh: Selection,
        upgrade: Selection,
        project_dir: String,
        python_version: Option<String>,
        python_platform: Option<String>,
        no_build: Vec<String>,
        no_binary: Vec<String>,
        timeout_seconds: f64,
        retries: u32,
        quality_pass: bool,
        proxy: Option<String>,
        certificate_bundle: Option<String>,
        checkouts: BTreeMap<String, (String, String)>,
        require: Vec<String>,
    ) -> Self {
        Self {
            indexes,
            find_links,
            cache_dir,
            offline,
            refresh,
            upgrade,
            project_dir,
            python_version,
            python_platform,
            no_build,
            no_binary,
            timeout_seconds,
            retries,
            quality_pass,
            proxy,
            certificate_bundle,
            checkouts,
            require,
        }
    }

    /// The same options with repositories on this machine, by the address that requirements give: `(path, commit)`.
    fn with_checkouts(&self, checkouts: BTreeMap<String, (String, String)>) -> Self {
        Self {
            checkouts,
            ..self.clone()
        }
    }

    fn __repr__(&self) -> String {
        let urls = self
            .indexes
            .iter()
            .map(|index| hide_credentials(&index.url));
        let indexes: Vec<String> = urls.collect();
        format!(
            "ResolveOptions(indexes={indexes:?}, offline={}, project_dir={:?})",
            self.offline, self.project_dir
        )
    }
}
