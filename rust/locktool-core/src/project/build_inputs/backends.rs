//! What each backend reads to know what a project requires: tables, files of its own, files that its tables name, and code.
//!
//! A version never decides what a project requires, unless code that runs in the build reads it; files that hold nothing but a
//! version, a description or the list of modules are therefore no inputs.

use std::collections::BTreeSet;
use std::path::Path;

use super::super::globs::matching;
use super::super::paths::{normalised, relative};
use super::collector::Collector;
use super::tables::{entries, get, only, texts};
use super::{requirements_file, scripts, setup_cfg};
use crate::document::{LocatedError, Node, Table, TomlFile};

/// A build backend; `Unknown` reads who knows what.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Backend {
    Setuptools,
    Hatch,
    Poetry,
    Pdm,
    Flit,
    Uv,
    Unknown,
}

/// Hooks of hatch that change no requirement.
const HARMLESS_HOOKS: [&str; 2] = ["fancy-pypi-readme", "vcs"];

impl Backend {
    /// The backend of `[build-system]`; setuptools where none is named. One that lies in the tree is unknown whatever its name.
    pub fn of(system: &Table<'_>) -> Result<Self, LocatedError> {
        if system.has("backend-path") {
            return Ok(Self::Unknown);
        }
        let backend = system.string("build-backend")?.unwrap_or("setuptools");
        Ok(match module_of(backend) {
            "setuptools" => Self::Setuptools,
            "hatchling" => Self::Hatch,
            "poetry" => Self::Poetry,
            "pdm" => Self::Pdm,
            "flit_core" | "flit_scm" => Self::Flit,
            "uv_build" => Self::Uv,
            _ => Self::Unknown,
        })
    }

    pub fn is_known(self) -> bool {
        self != Self::Unknown
    }

    /// Adds what the backend reads; for an unknown one what the known ones read.
    pub fn read(self, tool: &Table<'_>, inputs: &mut Collector<'_>) {
        let is = |backend: Self| self == backend || self == Self::Unknown;
        if is(Self::Setuptools) {
            setuptools(tool.get("setuptools"), inputs);
        }
        if is(Self::Hatch) {
            hatch(tool.get("hatch"), inputs);
        }
        if is(Self::Poetry) {
            let keys = ["name", "dependencies", "extras"];
            inputs.table("tool.poetry", only(tool.get("poetry"), &keys));
        }
        if is(Self::Pdm) {
            pdm(tool.get("pdm"), inputs);
        }
        if is(Self::Flit) {
            inputs.table("tool.flit", only(tool.get("flit"), &["metadata"]));
        }
    }

    /// Adds the code of a backend that lies in the tree: its module, and the folders of `backend-path` below the tree.
    pub fn read_own(system: &Table<'_>, inputs: &mut Collector<'_>) -> Result<(), LocatedError> {
        let backend = system.string("build-backend")?.unwrap_or("setuptools");
        let module = module_of(backend);
        for written in system.strings("backend-path")? {
            let folder = inputs.directory.join(written);
            // PEP 517: a build refuses it, and who knows how much there is to read.
            if !normalised(&folder).starts_with(normalised(inputs.directory)) {
                inputs.is_known = false;
                continue;
            }
            let is_root = inputs.directory.join("pyproject.toml").canonicalize().ok()
                == folder.join("pyproject.toml").canonicalize().ok();
            let folder = if is_root { folder.join(module) } else { folder };
            let found = matching(&folder, "**/*.py").unwrap_or_default();
            let mut code: Vec<String> = found
                .iter()
                .filter_map(|path| relative(path, inputs.directory))
                .collect();
            if is_root {
                code.push(format!("{module}.py"));
            }
            scripts::read(code, inputs);
        }
        Ok(())
    }
}

/// The first part of a backend: `setuptools` of `setuptools.build_meta:__legacy__`.
fn module_of(backend: &str) -> &str {
    backend.split(['.', ':']).next().unwrap_or(backend)
}

/// What setuptools reads beside pyproject.toml.
pub(super) fn setuptools_files(inputs: &mut Collector<'_>) {
    scripts::read(vec!["setup.py".to_owned()], inputs);
    setup_cfg::read(inputs);
}

fn setuptools(table: Option<&Node>, inputs: &mut Collector<'_>) {
    let dynamic = table.and_then(|table| get(table, "dynamic"));
    let keys = ["dependencies", "optional-dependencies", "requires-python"];
    inputs.table("tool.setuptools", only(dynamic, &keys));
    let decisive = keys.iter().filter_map(|key| get(dynamic?, key));
    let mut files = BTreeSet::new();
    decisive.for_each(|node| files_below(node, &mut files));
    for file in files {
        requirements_file::read(file, inputs);
    }
    if let Some(commands) = table.and_then(|table| get(table, "cmdclass")) {
        // The classes may lie in the tree, and change what is built.
        inputs.is_known &= entries(commands).next().is_none();
    }
    setuptools_files(inputs);
}

/// The files below a node: `{ file = "a.txt" }` or `{ file = ["a.txt", "b.txt"] }`, or the same for each extra.
fn files_below<'a>(node: &'a Node, files: &mut BTreeSet<&'a str>) {
    for (key, value) in entries(node) {
        if key == "file" {
            files.extend(texts(value));
        } else {
            files_below(value, files);
        }
    }
}

fn hatch(table: Option<&Node>, inputs: &mut Collector<'_>) {
    inputs.table("tool.hatch", only(table, &["metadata"]));
    let mut code = vec!["hatch_build.py".to_owned()];
    let metadata = table.and_then(|table| get(table, "metadata"));
    hooks_of(metadata, &mut code, inputs);
    if let Some(text) = inputs.text("hatch.toml") {
        // The file has the tables of [tool.hatch] at its top.
        match TomlFile::parse(Path::new("hatch.toml"), text, 0) {
            Ok(file) => {
                let metadata = Table::of(&file).get("metadata");
                inputs.table(
                    "hatch.toml",
                    metadata.and_then(|node| only(Some(node), &["hooks"])),
                );
                hooks_of(metadata, &mut code, inputs);
            }
            Err(_) => inputs.is_known = false,
        }
    }
    scripts::read(code, inputs);
}

/// The hooks of metadata: the files that they read, and the code of the project's own.
fn hooks_of(metadata: Option<&Node>, code: &mut Vec<String>, inputs: &mut Collector<'_>) {
    let Some(hooks) = metadata.and_then(|metadata| get(metadata, "hooks")) else {
        return;
    };
    for (name, hook) in entries(hooks) {
        match name {
            "custom" => {
                let path = get(hook, "path");
                code.extend(path.into_iter().flat_map(texts).map(str::to_owned));
            }
            "requirements_txt" => {
                let files: Vec<&str> = match get(hook, "files") {
                    Some(files) => texts(files).collect(),
                    None => vec!["requirements.txt"],
                };
                let extras = get(hook, "optional-dependencies");
                let extras = extras.into_iter().flat_map(entries);
                let extras = extras.flat_map(|(_, files)| texts(files));
                for file in files.into_iter().chain(extras) {
                    requirements_file::read(file, inputs);
                }
            }
            name => inputs.is_known &= HARMLESS_HOOKS.contains(&name),
        }
    }
}

fn pdm(table: Option<&Node>, inputs: &mut Collector<'_>) {
    let build = table.and_then(|table| get(table, "build"));
    let hook = build.and_then(|build| get(build, "custom-hook"));
    inputs.table("tool.pdm", only(build, &["custom-hook"]));
    let mut code: Vec<String> = hook
        .into_iter()
        .flat_map(texts)
        .map(str::to_owned)
        .collect();
    if code.is_empty() {
        code.push("pdm_build.py".to_owned());
    }
    scripts::read(code, inputs);
}
