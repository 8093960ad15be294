//! Paths of a project: without links, without `..`, and relative to its root.

use std::path::{Component, Path, PathBuf};

use url::Url;

use crate::requirement::{Requirement, RequirementSource};

/// A directory without symbolic links and without `..`; one that does not exist is only made absolute.
pub fn resolved(directory: &Path) -> PathBuf {
    let absolute = std::path::absolute(directory).unwrap_or_else(|_| directory.to_owned());
    if cfg!(windows) {
        // The resolved form of Windows begins with `\\?\`, which no message should show.
        return absolute;
    }
    absolute.canonicalize().unwrap_or(absolute)
}

/// A path without `.` and `..`, as it is written: nothing on disk is looked at.
pub fn normalised(path: &Path) -> PathBuf {
    let mut result = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if result.file_name().is_some() => {
                result.pop();
            }
            part => result.push(part),
        }
    }
    result
}

/// A path relative to a directory, with forward slashes; `None` where no relative path leads there.
pub fn relative(path: &Path, base: &Path) -> Option<String> {
    let (path, base) = (normalised(path), normalised(base));
    let common = path
        .components()
        .zip(base.components())
        .take_while(|(one, other)| one == other)
        .count();
    // Two drives have nothing in common; two relative paths begin in the same directory.
    if common == 0 && (path.is_absolute() || base.is_absolute()) {
        return None;
    }
    let up = base.components().skip(common).map(|_| "..".to_owned());
    let down = path.components().skip(common);
    let down = down.map(|part| part.as_os_str().to_string_lossy().into_owned());
    let parts: Vec<String> = up.chain(down).collect();
    Some(if parts.is_empty() {
        ".".to_owned()
    } else {
        parts.join("/")
    })
}

/// A requirement as a build gives it, with the path from the root in the place of a `file:` address, which no other machine has.
pub fn with_relative_path(requirement: &Requirement, root: &Path) -> Requirement {
    let url = requirement.url().and_then(|text| Url::parse(text).ok());
    let path = url
        .filter(|url| url.scheme() == "file")
        .and_then(|url| url.to_file_path().ok());
    let path = path.and_then(|path| relative(&path, root));
    Requirement {
        source: path.map_or_else(|| requirement.source.clone(), RequirementSource::Url),
        ..requirement.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_paths_go_up_and_down() {
        let relative = |path: &str, base: &str| relative(Path::new(path), Path::new(base));
        assert_eq!(relative("/a/b", "/a/b").as_deref(), Some("."));
        assert_eq!(relative("/a/b/c", "/a/b").as_deref(), Some("c"));
        assert_eq!(relative("/a/x/../y", "/a/b").as_deref(), Some("../y"));
        assert_eq!(relative("c", "").as_deref(), Some("c"));
        assert_eq!(relative("../c", "").as_deref(), Some("../c"));
    }
}
