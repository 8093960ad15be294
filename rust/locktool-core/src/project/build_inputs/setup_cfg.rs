//! setup.cfg as setuptools reads it: the sections that can decide requirements, without comments and other tools' sections.

use std::collections::{BTreeMap, BTreeSet};

use super::collector::Collector;
use super::requirements_file;
use super::tables::requirement;
use crate::project::ini;

const NAME: &str = "setup.cfg";

/// Options that say which files a distribution holds, and nothing of what it requires.
const OF_FILES: [&str; 10] = [
    "data_files",
    "include_package_data",
    "namespace_packages",
    "package_dir",
    "packages",
    "platforms",
    "py_modules",
    "scripts",
    "tests_require",
    "zip_safe",
];

/// Sections below `options` of the same kind.
const SECTIONS_OF_FILES: [&str; 6] = [
    "options.data_files",
    "options.entry_points",
    "options.exclude_package_data",
    "options.package_data",
    "options.packages.find",
    "options.packages.find_namespace",
];

/// The values of a file: `(section, key) -> lines`.
type Values = BTreeMap<(String, String), BTreeSet<String>>;

/// Adds setup.cfg and the requirements files that it names.
pub(super) fn read(inputs: &mut Collector<'_>) {
    let Some(text) = inputs.text(NAME) else {
        return;
    };
    let mut values = values_of(&text);
    values.retain(|(section, key), _| decides(section, key));
    for lines in values.values() {
        named(lines).for_each(|file| requirements_file::read(file, inputs));
    }
    if values.is_empty() {
        return;
    }
    for lines in values.values_mut() {
        *lines = lines.iter().map(|line| requirement(line)).collect();
    }
    inputs.meaning(NAME, &format!("{values:?}"));
}

/// The lines of each value, whose order has no meaning here.
fn values_of(text: &str) -> Values {
    let values = ini::parse(text).into_iter();
    values
        .map(|(key, lines)| {
            (
                key,
                lines.into_iter().filter(|line| !line.is_empty()).collect(),
            )
        })
        .collect()
}

/// Whether a value can decide what a distribution requires. Of `[metadata]` only the name does: its version is an input of nobody.
fn decides(section: &str, key: &str) -> bool {
    match section {
        "metadata" => matches!(key, "name" | "requires_dist"),
        "options" => !OF_FILES.contains(&key),
        _ => section.starts_with("options.") && !SECTIONS_OF_FILES.contains(&section),
    }
}

/// The files of a value `file: one.txt, two.txt`, which may go on in further lines.
fn named(lines: &BTreeSet<String>) -> impl Iterator<Item = &str> {
    let is_named = lines.iter().any(|line| line.starts_with("file:"));
    let lines = lines.iter().filter(move |_| is_named);
    let names = lines.flat_map(|line| line.strip_prefix("file:").unwrap_or(line).split(','));
    names.map(str::trim).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_go_on_in_further_lines() {
        let text = "[options]\ninstall_requires = file:\n  a.txt,\n  # none\n  b.txt, c.txt\n[flake8]\nx = 1\n";
        let values = values_of(text);
        let lines = &values[&("options".to_owned(), "install_requires".to_owned())];
        let mut found: Vec<&str> = named(lines).collect();
        found.sort_unstable();
        assert_eq!(found, ["a.txt", "b.txt", "c.txt"]);
    }
}
