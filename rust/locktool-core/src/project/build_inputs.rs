//! What the build of a source tree reads to know its requirements, as digests: a build is repeated only where one has changed.
//!
//! ```text
//! build-system, project, tool.*    the parsed tables, without the keys that are nothing but descriptions
//! setup.py, setup.cfg, ...         files, with newlines as Unix has them
//! ```
//! Files are those that a backend is known to read, those that `file:` directives, dynamic tables and setup scripts name, uv's
//! `cache-keys`, and the globs of `build-inputs`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

use super::globs::matching;
use super::paths::relative;
use crate::document::{Entries, LocatedError, Node, Table, Value};
use crate::manifest::short_digest;

/// The backends whose inputs are known, each with its table under `[tool]`.
const BACKENDS: [(&str, &str); 7] = [
    ("setuptools", "setuptools"),
    ("hatchling", "hatch"),
    ("poetry", "poetry"),
    ("pdm", "pdm"),
    ("flit_core", "flit"),
    ("flit_scm", "flit"),
    ("uv_build", "uv"),
];

/// Files that builds read wherever they are there.
const FILES: [&str; 4] = ["setup.py", "setup.cfg", "hatch_build.py", "pdm_build.py"];

/// Scripts that run in a build; a text in them that names a file of the tree is taken for one that is read.
const SCRIPTS: [&str; 3] = ["setup.py", "hatch_build.py", "pdm_build.py"];

/// Keys that describe a project and never decide what it requires.
const DESCRIPTIONS: [&str; 21] = [
    "authors",
    "classifiers",
    "description",
    "documentation",
    "entry-points",
    "gui-scripts",
    "homepage",
    "import-names",
    "import-namespaces",
    "keywords",
    "license",
    "license-files",
    "maintainers",
    "packages",
    "plugins",
    "readme",
    "repository",
    "scripts",
    "source",
    "urls",
    "version",
];

/// The digests of what a build reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BuildInputs {
    digests: BTreeMap<String, String>,
    /// Whether everything that the backend reads is known.
    is_known: bool,
}

impl BuildInputs {
    /// Reads what the build of a tree reads; `document` is its pyproject.toml.
    ///
    /// # Errors
    /// When `build-inputs` is not an array of globs.
    pub fn read(directory: &Path, document: &Table<'_>) -> Result<Self, LocatedError> {
        let system = document.table("build-system")?;
        let backend = system.string("build-backend")?.unwrap_or("setuptools");
        let known = BACKENDS
            .iter()
            .find(|(name, _)| backend.split(['.', ':']).next() == Some(name));
        let mut inputs = Self {
            digests: BTreeMap::new(),
            is_known: known.is_some(),
        };
        let tool = document.table("tool")?;
        inputs.table("build-system", document.get("build-system"), &[]);
        inputs.table("project", document.get("project"), &DESCRIPTIONS);
        if let Some((_, table)) = known
            && *table != "uv"
        {
            inputs.table(&format!("tool.{table}"), tool.get(table), &DESCRIPTIONS);
        }
        let mut files: BTreeSet<String> = FILES.iter().map(ToString::to_string).collect();
        named_in_tables(tool.get("setuptools"), &["dynamic"], &mut files);
        named_in_tables(tool.get("hatch"), &["metadata"], &mut files);
        named_in_tables(tool.get("pdm"), &["version", "build"], &mut files);
        named_in_scripts(directory, &mut files);
        for path in system.strings("backend-path")? {
            let module = backend.split(['.', ':']).next().unwrap_or(backend);
            files.insert(format!("{}/{module}.py", path.trim_end_matches('/')));
        }
        for (table, key) in [("locktool", "build-inputs"), ("uv", "cache-keys")] {
            let table = tool.table(table)?;
            // Who says what the build reads knows it.
            inputs.is_known |= table.has(key);
            files.extend(globbed(directory, &table, key)?);
        }
        for file in files {
            inputs.file(directory, &file);
        }
        Ok(inputs)
    }

    /// Reads what the build of a tree without pyproject.toml reads.
    pub fn of_legacy(directory: &Path) -> Self {
        let mut inputs = Self {
            digests: BTreeMap::new(),
            is_known: true,
        };
        let mut files: BTreeSet<String> = FILES.iter().map(ToString::to_string).collect();
        named_in_scripts(directory, &mut files);
        for file in files {
            inputs.file(directory, &file);
        }
        inputs
    }

    /// The first 16 hexadecimal digits of a SHA-256 for each input.
    pub fn digests(&self) -> &BTreeMap<String, String> {
        &self.digests
    }

    /// Whether equal digests mean that a build would say the same.
    pub fn is_known(&self) -> bool {
        self.is_known
    }

    fn table(&mut self, name: &str, node: Option<&Node>, left_out: &[&str]) {
        if let Some(Node {
            value: Value::Table(entries),
            ..
        }) = node
        {
            let kept = as_json(entries, left_out).to_string();
            self.digests
                .insert(name.to_owned(), digest(kept.as_bytes()));
        }
    }

    fn file(&mut self, directory: &Path, name: &str) {
        if let Ok(bytes) = std::fs::read(directory.join(name)) {
            let text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
            self.digests
                .insert(name.to_owned(), digest(text.as_bytes()));
        }
    }
}

fn digest(bytes: &[u8]) -> String {
    short_digest(Sha256::new_with_prefix(bytes))
}

/// A table with sorted keys, so that equal tables are equal texts.
fn as_json(entries: &Entries, left_out: &[&str]) -> Json {
    let kept = entries.0.iter();
    let kept = kept.filter(|entry| !left_out.contains(&entry.key.as_str()));
    let kept: BTreeMap<&str, Json> = kept
        .map(|entry| (entry.key.as_str(), value_as_json(&entry.node.value)))
        .collect();
    let kept: Map<String, Json> = kept
        .into_iter()
        .map(|(key, value)| (key.to_owned(), value))
        .collect();
    Json::Object(kept)
}

fn value_as_json(value: &Value) -> Json {
    match value {
        Value::String(text) | Value::Datetime(text) => Json::from(text.as_str()),
        Value::Integer(number) => Json::from(*number),
        Value::Float(number) => Json::from(*number),
        Value::Boolean(boolean) => Json::from(*boolean),
        Value::Array(items) => items
            .iter()
            .map(|item| value_as_json(&item.value))
            .collect(),
        Value::Table(entries) => as_json(entries, &[]),
    }
}

/// The files that `file`, `files` and `path` keys below some keys of a table name.
fn named_in_tables(node: Option<&Node>, keys: &[&str], files: &mut BTreeSet<String>) {
    if let Some(Node {
        value: Value::Table(entries),
        ..
    }) = node
    {
        let named = keys.iter().filter_map(|key| entries.get(key));
        named.for_each(|node| named_below(node, files));
    }
}

fn named_below(node: &Node, files: &mut BTreeSet<String>) {
    match &node.value {
        Value::Table(entries) => {
            for entry in &entries.0 {
                if matches!(entry.key.as_str(), "file" | "files" | "path" | "filename") {
                    files.extend(texts(&entry.node).map(str::to_owned));
                } else {
                    named_below(&entry.node, files);
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| named_below(item, files)),
        _ => {}
    }
}

fn texts(node: &Node) -> impl Iterator<Item = &str> {
    let items = match &node.value {
        Value::Array(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    items.iter().filter_map(|item| match &item.value {
        Value::String(text) => Some(text.as_str()),
        _ => None,
    })
}

/// The files that setup.cfg names with `file:`, and those that quoted texts in setup scripts name.
fn named_in_scripts(directory: &Path, files: &mut BTreeSet<String>) {
    if let Ok(text) = std::fs::read_to_string(directory.join("setup.cfg")) {
        for line in text.lines() {
            let named = line.split_once("file:").map_or("", |(_, names)| names);
            files.extend(named.split(',').map(|name| name.trim().to_owned()));
        }
    }
    for script in SCRIPTS {
        let Ok(text) = std::fs::read_to_string(directory.join(script)) else {
            continue;
        };
        for line in text.lines() {
            let quoted = line.split(['"', '\'']).skip(1).step_by(2);
            let is_file = |name: &&str| !name.is_empty() && directory.join(name).is_file();
            files.extend(quoted.filter(is_file).map(str::to_owned));
        }
    }
    files.remove("");
}

/// The files that the globs of a key match; uv writes a glob also as `{ file = "..." }`.
fn globbed(directory: &Path, table: &Table<'_>, key: &str) -> Result<Vec<String>, LocatedError> {
    let mut found = Vec::new();
    for (index, item) in table.items(key)?.iter().enumerate() {
        let steps = [key.into(), index.into()];
        let pattern = match &item.value {
            Value::String(text) => text,
            Value::Table(entries) if key == "cache-keys" => {
                match entries.get("file").map(|node| &node.value) {
                    Some(Value::String(text)) => text,
                    _ => continue,
                }
            }
            _ => return Err(table.wrong_type("a glob", item, &steps)),
        };
        let paths = matching(directory, pattern).map_err(|reason| {
            let message = format!("{}: {reason}", table.name_of(&steps));
            table.error("invalid-pattern", &message, &steps)
        })?;
        let files = paths.iter().filter(|path| path.is_file());
        found.extend(files.filter_map(|path| relative(path, directory)));
    }
    Ok(found)
}
