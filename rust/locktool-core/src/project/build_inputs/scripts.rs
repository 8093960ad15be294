//! Python code that runs in a build: its files, the files of the tree that it names or imports, and whether it may read others.
//!
//! The code is not understood. Every text between two quotes that names a file of the tree is taken for one that is read, with or
//! without the directories that the code names. What it reads under a computed name, from the environment or from another process
//! makes the inputs unknown.

mod calls;

use std::collections::{BTreeSet, VecDeque};
use std::path::PathBuf;

use super::collector::Collector;
use super::requirements_file;

/// Code that imports more modules of its tree than this imports the project itself, which changes with every edit.
const MOST_MODULES: usize = 16;

/// Words of code that reads what has no name in it.
const OPAQUE_WORDS: [&str; 19] = [
    "__import__",
    "environ",
    "exec_module",
    "getenv",
    "glob",
    "iglob",
    "import_module",
    "iterdir",
    "listdir",
    "pbr",
    "popen",
    "Popen",
    "rglob",
    "scandir",
    "subprocess",
    "urlopen",
    "urlretrieve",
    "uname",
    "walk",
];

/// Words of code that runs the files that it names.
const RUNNING_WORDS: [&str; 3] = ["exec", "run_path", "execfile"];

/// Words of code that reads the version of the project.
const VERSION_WORDS: [&str; 4] = ["version", "VERSION", "get_version", "__version__"];

/// Files that are read for descriptions, never for requirements.
const DESCRIPTIONS: [&str; 9] = [
    "AUTHORS",
    "CHANGELOG",
    "CHANGES",
    "COPYING",
    "HISTORY",
    "LICENCE",
    "LICENSE",
    "NEWS",
    "README",
];

/// Adds scripts, and what they name and import.
pub(super) fn read(names: Vec<String>, inputs: &mut Collector<'_>) {
    let mut scripts = Scripts {
        seen: BTreeSet::new(),
        waiting: names.into(),
        fragments: BTreeSet::new(),
        directories: BTreeSet::from([String::new()]),
        inputs,
    };
    let limit = scripts.waiting.len() + MOST_MODULES;
    while let Some(name) = scripts.waiting.pop_front() {
        if scripts.seen.len() >= limit {
            scripts.inputs.is_known = false;
            return;
        }
        if scripts.seen.insert(name.clone()) {
            scripts.script(&name);
        }
    }
}

struct Scripts<'a, 'b> {
    seen: BTreeSet<String>,
    waiting: VecDeque<String>,
    /// Every text between two quotes.
    fragments: BTreeSet<String>,
    /// The directories that the texts name, from the tree; the tree itself is the empty one.
    directories: BTreeSet<String>,
    inputs: &'a mut Collector<'b>,
}

impl Scripts<'_, '_> {
    fn script(&mut self, name: &str) {
        let Some(text) = self.inputs.file(name) else {
            return;
        };
        let code = without_comments(&text);
        let is_word = |words: &[&str]| words_of(&code).any(|word| words.contains(&word));
        self.inputs.is_known &= !is_word(&OPAQUE_WORDS) && !calls::reads_computed_names(&code);
        self.inputs.reads_version |= is_word(&VERSION_WORDS);
        let fragments = text.lines().flat_map(|line| line.split(['"', '\'']));
        let fragments = fragments.filter(|text| !matches!(*text, "" | "." | ".." | "/" | "./"));
        self.fragments.extend(fragments.map(str::to_owned));
        let runs_files = is_word(&RUNNING_WORDS);
        for file in self.named() {
            if runs_files && has_extension(&file, "py") {
                self.waiting.push_back(file);
            } else if let Some(text) = self.inputs.file(&file) {
                let is_list = has_extension(&file, "txt") || has_extension(&file, "in");
                let further = requirements_file::named_in(&text, &file);
                for further in further.iter().filter(|_| is_list) {
                    requirements_file::read(further, self.inputs);
                }
            }
        }
        for module in code.lines().flat_map(imported) {
            self.import(&module, name);
        }
    }

    /// The files that the texts name, from the tree and from the directories that they name.
    fn named(&mut self) -> Vec<String> {
        let mut files = BTreeSet::new();
        let mut waiting: Vec<String> = self.directories.iter().cloned().collect();
        let known = waiting
            .iter()
            .map(|name| self.inputs.directory.join(name).canonicalize());
        let mut seen: BTreeSet<PathBuf> = known.filter_map(Result::ok).collect();
        while let Some(directory) = waiting.pop() {
            let here = self.inputs.directory.join(&directory);
            let entries = std::fs::read_dir(&here).into_iter().flatten().flatten();
            let entries: BTreeSet<String> = entries
                .map(|entry| entry.file_name().to_string_lossy().into_owned())
                .collect();
            let fragments = self.fragments.iter().map(|text| match &*directory {
                "" => text,
                // What is put behind a directory begins with a slash: `HERE + "/listed.txt"`
                _ => text.trim_start_matches('/'),
            });
            let is_there = |text: &&str| {
                entries.contains(*text) || (text.contains('/') && here.join(text).exists())
            };
            for text in fragments.filter(is_there) {
                let path = if directory.is_empty() {
                    text.to_owned()
                } else {
                    format!("{directory}/{text}")
                };
                let Some(name) = self.inputs.name_of(&path) else {
                    continue;
                };
                let place = here.join(text);
                if place.is_dir() {
                    // A link to a directory around it leads to no other file, however often it is followed.
                    let is_other = place.canonicalize().is_ok_and(|real| seen.insert(real));
                    if !name.starts_with("..") && is_other {
                        self.directories.insert(name.clone());
                        waiting.push(name);
                    }
                } else if !is_description(&name) {
                    files.insert(name);
                }
            }
        }
        files.into_iter().collect()
    }

    /// Puts the modules of the tree that an import reads on the list: `a.b` reads `a/__init__.py` and `a/b.py`.
    fn import(&mut self, module: &str, importer: &str) {
        let folder = importer.rsplit_once('/').map_or("", |(folder, _)| folder);
        let dots = module.len() - module.trim_start_matches('.').len();
        let bases: Vec<String> = match dots {
            0 => self
                .directories
                .iter()
                .cloned()
                .chain([folder.to_owned()])
                .collect(),
            dots => {
                let mut parts: Vec<&str> = folder.split('/').collect();
                parts.truncate((parts.len() + 1).saturating_sub(dots));
                vec![parts.join("/")]
            }
        };
        for base in bases {
            let mut path = base;
            for part in module.trim_start_matches('.').split('.') {
                path = if path.is_empty() {
                    part.to_owned()
                } else {
                    format!("{path}/{part}")
                };
                let files = [format!("{path}.py"), format!("{path}/__init__.py")];
                let files = files
                    .into_iter()
                    .filter(|file| self.inputs.directory.join(file).is_file());
                self.waiting.extend(files);
            }
        }
    }
}

/// Code without the lines that are nothing but comments.
fn without_comments(text: &str) -> String {
    let lines = text
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'));
    lines.collect::<Vec<_>>().join("\n")
}

fn words_of(code: &str) -> impl Iterator<Item = &str> {
    code.split(|character: char| !character.is_alphanumeric() && character != '_')
}

fn has_extension(file: &str, extension: &str) -> bool {
    file.rsplit_once('.')
        .is_some_and(|(_, found)| found.eq_ignore_ascii_case(extension))
}

fn is_description(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    DESCRIPTIONS.contains(&file.split('.').next().unwrap_or(file))
}

/// The modules that a line imports: `from a.b import c` may read `a.b` and `a.b.c`.
fn imported(line: &str) -> Vec<String> {
    let line = line.trim_start();
    let names = |text: &str| -> Vec<String> {
        let items = text.trim_matches(['(', ')', ' ']).split(',');
        let first = items.filter_map(|item| item.split_whitespace().next());
        first.map(str::to_owned).collect()
    };
    if let Some(rest) = line.strip_prefix("import ") {
        return names(rest);
    }
    let Some((module, items)) = line
        .strip_prefix("from ")
        .and_then(|rest| rest.split_once(" import"))
    else {
        return Vec::new();
    };
    let module = module.trim();
    let separator = if module.ends_with('.') { "" } else { "." };
    let items = names(items)
        .into_iter()
        .map(|item| format!("{module}{separator}{item}"));
    items
        .chain([module.to_owned()])
        .filter(|module| !module.ends_with('.'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_name_modules_and_what_may_be_one() {
        assert_eq!(imported("  import a.b, c as d"), ["a.b", "c"]);
        assert_eq!(imported("from a import (b, c as d)"), ["a.b", "a.c", "a"]);
        assert_eq!(imported("from . import b"), [".b"]);
        assert_eq!(imported("from_a = 1"), Vec::<String>::new());
    }
}
