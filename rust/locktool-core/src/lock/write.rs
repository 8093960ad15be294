//! Writes a lock: the text that stands in `pylock.toml`, as close to what stood there before as its content allows.

use super::LockedDocument;
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

impl LockedDocument {
    /// The lock as `MessagePack`, with the keys of the file.
    pub fn to_messagepack(&self) -> Vec<u8> {
        rmp_serde::to_vec_named(self).expect("a lock is texts, numbers, lists and tables")
    }

    /// The text of the lock. Blocks of `previous` that say the same keep their bytes, others their comments.
    pub fn to_text(&self, previous: Option<&str>, made_from: MadeFrom) -> String {
        let messagepack = self.to_messagepack();
        let body = lock_to_toml(&messagepack).expect("a lock is one table of TOML's types");
        let mut lines = match made_from {
            MadeFrom::Project => ABOUT.to_vec(),
            MadeFrom::Files => ABOUT_COMPILED.to_vec(),
        };
        if self.rests_on_rewritten_requirements() {
            lines.extend(WITHOUT_DEPENDENCIES);
        }
        lines.extend(["", body.as_str()]);
        let text = lines.join("\n");
        let own_comments = [ABOUT, ABOUT_COMPILED, WITHOUT_DEPENDENCIES].concat();
        match previous {
            Some(previous) => keep_blocks(text, &messagepack, previous, &own_comments),
            None => text,
        }
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
