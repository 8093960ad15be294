//! The keys of `[tool.locktool]`: those of every member, and those of the root alone.

use crate::manifest::{Key, Settings};

/// The keys of `[tool.locktool]` that every member may have.
pub const OF_MEMBERS: [Key; 4] = [
    Key::recorded("dependency-groups", "The Pythons that each group is for."),
    Key::recorded(
        "package",
        "Whether the project is built and installed itself.",
    ),
    Key::recorded(
        "sources",
        "Where packages come from, if not from the indexes.",
    ),
    Key::recorded(
        "build-inputs",
        "Files that the build reads to know the requirements, as globs.",
    ),
];

/// The tables that only the root of a workspace has.
pub static TABLES_OF_ROOT: [Key; 2] = [
    Key::recorded("index", "An index that packages come from."),
    Key::recorded("workspace", "The projects that are locked together."),
];

/// The keys that only the root of a workspace has.
pub fn of_root() -> impl Iterator<Item = &'static Key> {
    Settings::KEYS.iter().chain(&TABLES_OF_ROOT)
}

/// The keys of `[project]` (the pyproject.toml specification).
pub const OF_PROJECT: [&str; 20] = [
    "authors",
    "classifiers",
    "dependencies",
    "description",
    "dynamic",
    "entry-points",
    "gui-scripts",
    "import-names",
    "import-namespaces",
    "keywords",
    "license",
    "license-files",
    "maintainers",
    "name",
    "optional-dependencies",
    "readme",
    "requires-python",
    "scripts",
    "urls",
    "version",
];
