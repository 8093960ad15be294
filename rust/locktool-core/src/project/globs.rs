//! The files and directories that a glob names: workspace members and what builds read.
//!
//! `*`, `?` and `[...]` stand for parts of one name, `**` for any number of directories. None of them stands for a hidden name
//! (an environment, a cache), and `**` does not follow symbolic links, which may lead in a circle.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use glob::Pattern;

use super::paths::normalised;

/// One part of a glob, between slashes.
enum Part<'a> {
    /// `packages`
    Name(&'a str),
    /// `lib-*`
    Pattern(Pattern),
    /// `**`
    Directories,
}

/// The paths that a glob names from a directory.
///
/// # Errors
/// Says what is wrong with the glob.
pub fn matching(base: &Path, glob: &str) -> Result<BTreeSet<PathBuf>, String> {
    let written = glob.split(std::path::is_separator);
    let mut parts = Vec::new();
    for part in written.filter(|part| !["", "."].contains(part)) {
        match part {
            "**" if matches!(parts.last(), Some(Part::Directories)) => {}
            "**" => parts.push(Part::Directories),
            part if part.contains(['*', '?', '[']) => {
                let pattern = Pattern::new(part).map_err(|error| error.msg.to_owned())?;
                parts.push(Part::Pattern(pattern));
            }
            part => parts.push(Part::Name(part)),
        }
    }
    let mut found = BTreeSet::new();
    walk(base, &parts, &mut found);
    Ok(found)
}

fn walk(directory: &Path, parts: &[Part<'_>], found: &mut BTreeSet<PathBuf>) {
    let Some((part, rest)) = parts.split_first() else {
        found.insert(normalised(directory));
        return;
    };
    match part {
        Part::Name(name) => {
            let path = directory.join(name);
            if path.exists() {
                walk(&path, rest, found);
            }
        }
        Part::Pattern(pattern) => {
            for (name, _) in visible(directory) {
                if pattern.matches(&name.to_string_lossy()) {
                    walk(&directory.join(name), rest, found);
                }
            }
        }
        Part::Directories => {
            walk(directory, rest, found);
            for (name, is_directory) in visible(directory) {
                if is_directory {
                    walk(&directory.join(name), parts, found);
                }
            }
        }
    }
}

/// The names in a directory that are not hidden, and whether each is a directory itself and no link to one.
fn visible(directory: &Path) -> Vec<(OsString, bool)> {
    let entries = std::fs::read_dir(directory).into_iter().flatten().flatten();
    let named = entries.map(|entry| {
        let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
        (entry.file_name(), is_directory)
    });
    let is_visible = |(name, _): &(OsString, bool)| !name.as_encoded_bytes().starts_with(b".");
    named.filter(is_visible).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn wildcards_pass_over_hidden_names_and_links_to_parents() {
        let base = std::env::temp_dir().join(format!("locktool-globs-{}", std::process::id()));
        for directory in ["a/m", "b/c/m", ".venv/m"] {
            fs::create_dir_all(base.join(directory)).expect("a directory");
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(&base, base.join("a/loop")).expect("a link");
        let found = |glob: &str| matching(&base, glob).map(Vec::from_iter);
        let paths = |names: &[&str]| Ok(names.iter().map(|name| base.join(name)).collect());
        assert_eq!(found("**/m"), paths(&["a/m", "b/c/m"]));
        assert_eq!(found("./a/../b/*/m"), paths(&["b/c/m"]));
        assert_eq!(found(".venv/*"), paths(&[".venv/m"]));
        assert!(found("a**").is_err());
        fs::remove_dir_all(&base).expect("the directory");
    }
}
