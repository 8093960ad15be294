//! setup.cfg's declarative metadata (setuptools), where no code can change it: there is no setup.py, or one that only calls `setup()`.
//!
//! `file:` values are read where setuptools itself reads requirements from them; whatever else is computed is left to a build.

use std::path::Path;

use super::{Stated, backend, stated_version};
use crate::document::{LocatedError, Table};
use crate::name::{ExtraName, PackageName};
use crate::project::build_inputs::BUILT_FIELDS;
use crate::project::groups::sort;
use crate::project::ini::{self, Values, without_comment};
use crate::project::paths::{normalised, relative};
use crate::requirement::Requirement;
use crate::version::Version;

const FILE_NAME: &str = "setup.cfg";

/// What a setup.py may consist of that leaves everything to setup.cfg.
const PLAIN_LINES: [&str; 6] = [
    "import setuptools",
    "from setuptools import setup",
    "setup()",
    "setuptools.setup()",
    "if __name__ == \"__main__\":",
    "if __name__ == '__main__':",
];

/// Reads the metadata, where setuptools builds the project and nothing of it is computed.
///
/// # Errors
/// When `[build-system]` is wrong.
pub(super) fn read(document: &Table<'_>, directory: &Path) -> Result<Option<Stated>, LocatedError> {
    if !matches!(backend(document)?, None | Some("setuptools")) || !is_plain(directory) {
        return Ok(None);
    }
    let Ok(text) = std::fs::read_to_string(directory.join(FILE_NAME)) else {
        return Ok(None);
    };
    Ok(of_values(&ini::parse(&text), directory))
}

/// Whether no setup.py adds to what setup.cfg says.
fn is_plain(directory: &Path) -> bool {
    let path = directory.join("setup.py");
    if !path.exists() {
        return true;
    }
    let Ok(text) = std::fs::read_to_string(path) else {
        return false;
    };
    let mut lines = text.lines().map(|line| without_comment(line).trim());
    lines.all(|line| line.is_empty() || PLAIN_LINES.contains(&line) || is_docstring(line))
}

fn is_docstring(line: &str) -> bool {
    let text = line
        .strip_prefix("\"\"\"")
        .and_then(|rest| rest.strip_suffix("\"\"\""));
    text.is_some_and(|text| !text.contains(['"', '\\']))
}

fn of_values(values: &Values, directory: &Path) -> Option<Stated> {
    let value = |section: &str, key: &str| values.get(&(section.to_owned(), key.to_owned()));
    let name = value("metadata", "name").and_then(|lines| single(lines));
    // Without a name it is no project: the file may be there for other tools.
    let name = PackageName::parse(name?).ok()?;
    let version = value("metadata", "version").and_then(|lines| single(lines));
    let requires_python = match value("options", "python_requires") {
        Some(lines) => Some(single(lines)?.parse().ok()?),
        None => None,
    };
    let mut stated = Stated {
        name: Some(name),
        version: version.and_then(|text| version_of(text, directory)),
        requires_python,
        dependencies: match value("options", "install_requires") {
            Some(lines) => requirements(lines, directory)?,
            None => Vec::new(),
        },
        package: Some(true),
        fields: BUILT_FIELDS.to_vec(),
        ..Stated::default()
    };
    for ((section, key), lines) in values {
        if section == "options.extras_require" {
            let extra = ExtraName::parse(key).ok()?;
            stated.extras.insert(extra, requirements(lines, directory)?);
        }
    }
    Some(stated)
}

/// The version as it is written, in a module (`attr: demo.__version__`) or in a file (`file: VERSION`).
fn version_of(text: &str, directory: &Path) -> Option<Version> {
    if let Some(path) = text.strip_prefix("attr:") {
        let (module, attribute) = path.trim().rsplit_once('.')?;
        return stated_version(module, attribute, directory);
    }
    if let Some(name) = text.strip_prefix("file:") {
        let lines = lines_of_files(&[name.to_owned()], directory)?;
        return single(&lines)?.trim().parse().ok();
    }
    text.parse().ok()
}

/// A value of one line.
fn single(lines: &[String]) -> Option<&str> {
    let mut written = lines.iter().filter(|line| !line.is_empty());
    let first = written.next()?;
    written.next().is_none().then_some(first.as_str())
}

/// The requirements of a value; `None` where they cannot be told without setuptools.
fn requirements(lines: &[String], directory: &Path) -> Option<Vec<Requirement>> {
    let mut texts: Vec<String> = lines
        .iter()
        .filter(|line| !line.is_empty())
        .cloned()
        .collect();
    let is_named = texts.first().is_some_and(|line| line.starts_with("file:"));
    if is_named {
        texts = lines_of_files(&texts, directory)?;
    } else if let [line] = lines {
        // A value of one line is a list with semicolons, in which a marker would be an element.
        texts = line.split(';').map(|text| text.trim().to_owned()).collect();
        texts.retain(|text| !text.is_empty());
    }
    let read: Result<Vec<Requirement>, _> = texts.iter().map(|text| text.parse()).collect();
    let mut requirements = read.ok()?;
    sort(&mut requirements);
    Some(requirements)
}

/// The lines of the files of `file: one.txt, two.txt`, which may go on below; `None` where one is not there or outside.
fn lines_of_files(lines: &[String], directory: &Path) -> Option<Vec<String>> {
    let base = normalised(directory);
    let names = lines
        .iter()
        .flat_map(|line| line.strip_prefix("file:").unwrap_or(line).split(','));
    let mut found = Vec::new();
    for name in names.map(str::trim).filter(|name| !name.is_empty()) {
        let path = normalised(&base.join(name));
        if relative(&path, &base)?.starts_with("..") {
            return None;
        }
        let text = std::fs::read_to_string(path).ok()?;
        let lines = text.lines().map(|line| without_comment(line).to_owned());
        found.extend(lines.filter(|line| !line.is_empty()));
    }
    Some(found)
}
