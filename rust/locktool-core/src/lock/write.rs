//! Writes a lock: the text that stands in `pylock.toml`, as close to what stood there before as its content allows.
//!
//! An entry does not depend on the others, so they are written in parts: what one part takes of memory serves the next.

use serde::Serialize;

use super::{DocumentTool, LockFile, LockedDocument, LockedPackage};
use crate::document::toml::{keep_blocks, lock_to_toml};

/// What a lock was made from, which its first lines say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MadeFrom {
    /// A project, which `check` compares it with.
    Project,
    /// Requirements files, which nothing compares it with.
    Files,
}

/// The comment at the top of a project's lock.
const ABOUT: [&str; 2] = [
    "# Made by locktool from the project's own requirements: edit those, not this file.",
    "# `locktool lock` brings it up to date; `locktool check` proves that it is.",
];

/// The comment at the top of a lock that was compiled.
const ABOUT_COMPILED: [&str; 2] = [
    "# Made by `locktool compile`: edit what it was made from, not this file, and compile again.",
    "# `locktool check DIRECTORY` proves that it is sound, not that it is up to date.",
];

/// What follows it where published requirements are replaced or dropped: only the lock knows then what belongs together.
const WITHOUT_DEPENDENCIES: [&str; 2] = [
    "# It rests on overrides or excludes, so an installer must not resolve it again:",
    "# `pip install --no-deps -r pylock.toml`.",
];

/// So many entries are a part.
const PART: usize = 8;

/// A lock with some of its entries, in the order of the keys of the file.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
struct Part<'a> {
    lock_version: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    environments: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    requires_python: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    extras: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    dependency_groups: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    default_groups: &'a [String],
    created_by: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tool: Option<&'a DocumentTool>,
    packages: &'a [LockedPackage],
}

/// Entries alone.
#[derive(Serialize)]
struct Entries<'a> {
    packages: &'a [LockedPackage],
}

/// The text of a lock while it is written.
struct Writer {
    text: String,
    messagepack: Vec<u8>,
}

impl Writer {
    fn append(&mut self, part: &impl Serialize) {
        self.messagepack.clear();
        write_messagepack(&mut self.messagepack, part);
        let toml = lock_to_toml(&self.messagepack).expect("a lock is one table of TOML's types");
        self.text.push_str(&toml);
    }
}

fn write_messagepack(bytes: &mut Vec<u8>, value: &impl Serialize) {
    rmp_serde::encode::write_named(bytes, value)
        .expect("a lock is texts, numbers, lists and tables");
}

impl LockedDocument {
    /// The lock as `MessagePack`, with the keys of the file.
    pub fn to_messagepack(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        write_messagepack(&mut bytes, &self.with_entries(&self.packages));
        bytes
    }

    fn with_entries<'a>(&'a self, packages: &'a [LockedPackage]) -> Part<'a> {
        Part {
            lock_version: &self.lock_version,
            environments: &self.environments,
            requires_python: self.requires_python.as_deref(),
            extras: &self.extras,
            dependency_groups: &self.dependency_groups,
            default_groups: &self.default_groups,
            created_by: &self.created_by,
            tool: self.tool.as_ref(),
            packages,
        }
    }

    /// The text of the lock. Blocks of `previous` that say the same keep their bytes, others their comments.
    pub fn to_text(&self, previous: Option<&LockFile>, made_from: MadeFrom) -> String {
        let text = self.fresh_text(made_from);
        match previous.and_then(|previous| Some((previous, previous.text.as_deref()?))) {
            // What stands as it was written has nothing to keep: neither comments nor a layout of its own.
            Some((previous, before)) if text != before && !previous.document.is_written(before) => {
                let own_comments = [ABOUT, ABOUT_COMPILED, WITHOUT_DEPENDENCIES].concat();
                keep_blocks(text, &self.to_messagepack(), before, &own_comments)
            }
            _ => text,
        }
    }

    /// Whether a text is the one that is written for this lock where no other one stands.
    fn is_written(&self, text: &str) -> bool {
        let made_from = if text.starts_with(ABOUT_COMPILED[0]) {
            MadeFrom::Files
        } else {
            MadeFrom::Project
        };
        text == self.fresh_text(made_from)
    }

    fn fresh_text(&self, made_from: MadeFrom) -> String {
        let mut lines = match made_from {
            MadeFrom::Project => ABOUT.to_vec(),
            MadeFrom::Files => ABOUT_COMPILED.to_vec(),
        };
        if self.rests_on_rewritten_requirements() {
            lines.extend(WITHOUT_DEPENDENCIES);
        }
        lines.extend(["", ""]);
        let mut writer = Writer {
            text: lines.join("\n"),
            messagepack: Vec::new(),
        };
        let (first, others) = self.packages.split_at(self.packages.len().min(PART));
        writer.append(&self.with_entries(first));
        for packages in others.chunks(PART) {
            writer.text.push('\n');
            writer.append(&Entries { packages });
        }
        writer.text
    }

    fn rests_on_rewritten_requirements(&self) -> bool {
        self.inputs().is_some_and(|inputs| {
            let settings = inputs.effective();
            settings
                .overrides
                .is_some_and(|changes| !changes.is_empty())
                || settings.excludes.is_some_and(|changes| !changes.is_empty())
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const LOCK: &str = r#"
lock-version = "1.0"
requires-python = ">=3.11"
created-by = "locktool"

[[packages]]
name = "a"
version = "1.0"
dependencies = [{ name = "b" }, { name = "c" }]
wheels = [
  { url = "https://example.invalid/a-1.0-py3-none-any.whl", upload-time = 2026-01-02T03:04:05Z, hashes = { sha256 = "00" } },
]

[[packages]]
name = "b"
version = "2.0"
marker = "sys_platform == 'win32'"
index = "https://example.invalid/simple/"
sdist = { url = "https://example.invalid/b-2.0.tar.gz", size = 3, hashes = { sha256 = "01" } }

[[packages]]
name = "c"
directory = { path = "c", editable = true }

[tool.locktool]
schema = 2
"#;

    fn written(document: &LockedDocument) -> LockFile {
        let text = document.to_text(None, MadeFrom::Project);
        LockFile::parse(text.into_bytes(), Path::new("pylock.toml")).expect("it was written")
    }

    /// Each lock that has one package less, or one of another version, than the one above.
    fn variants(document: &LockedDocument) -> Vec<LockedDocument> {
        let mut variants = vec![document.clone()];
        for place in 0..document.packages.len() {
            let mut shorter = document.clone();
            shorter.packages.remove(place);
            let mut moved = document.clone();
            moved.packages[place].version = Some("9".to_owned());
            variants.extend([shorter, moved]);
        }
        variants
    }

    #[test]
    fn over_a_lock_as_it_was_written_the_text_is_the_fresh_one() {
        let first = LockFile::parse(LOCK.as_bytes().to_vec(), Path::new("pylock.toml"))
            .expect("it is a lock");
        let documents = variants(&first.document);
        for before in &documents {
            let previous = written(before);
            let text = previous.text.as_deref().expect("it was read from a text");
            assert!(previous.document.is_written(text));
            for after in &documents {
                let messagepack = after.to_messagepack();
                let fresh = after.to_text(None, MadeFrom::Project);
                assert_eq!(
                    keep_blocks(fresh.clone(), &messagepack, text, &ABOUT),
                    fresh
                );
                assert_eq!(after.to_text(Some(&previous), MadeFrom::Project), fresh);
            }
        }
    }

    #[test]
    fn parts_say_what_the_whole_says() {
        let first = LockFile::parse(LOCK.as_bytes().to_vec(), Path::new("pylock.toml"))
            .expect("it is a lock");
        let mut document = first.document;
        let packages = document.packages.clone();
        for count in 0..3 * PART {
            document.packages = packages.iter().cycle().take(count).cloned().collect();
            let whole = lock_to_toml(&document.to_messagepack()).expect("a lock");
            let text = document.to_text(None, MadeFrom::Project);
            assert_eq!(text, format!("{}\n\n{whole}", ABOUT.join("\n")));
        }
    }

    #[test]
    fn a_comment_makes_a_text_one_that_was_edited() {
        let first = LockFile::parse(LOCK.as_bytes().to_vec(), Path::new("pylock.toml"))
            .expect("it is a lock");
        let mut previous = written(&first.document);
        let text = previous.text.take().expect("it was read from a text");
        let text = text.replace(
            "name = \"b\"\nversion",
            "name = \"b\"  # because of a\nversion",
        );
        assert!(!previous.document.is_written(&text));
        previous.text = Some(text);
        let mut after = first.document;
        after.packages[1].version = Some("3.0".to_owned());
        let kept = after.to_text(Some(&previous), MadeFrom::Project);
        assert!(kept.contains("# because of a"), "{kept}");
    }
}
