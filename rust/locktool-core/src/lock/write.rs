//! Writes a lock: the text that stands in `pylock.toml`, as close to what stood there before as its content allows.

use super::LockedDocument;
use crate::document::toml::{keep_blocks, lock_to_toml};

/// The comment at the top of every lock.
const ABOUT: [&str; 2] = [
    "# Made by locktool from the project's own requirements: edit those, not this file.",
    "# `locktool lock` brings it up to date; `locktool check` proves that it is.",
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
    pub fn to_text(&self, previous: Option<&str>) -> String {
        let messagepack = self.to_messagepack();
        let body = lock_to_toml(&messagepack).expect("a lock is one table of TOML's types");
        let mut lines = ABOUT.to_vec();
        if self.rests_on_rewritten_requirements() {
            lines.extend(WITHOUT_DEPENDENCIES);
        }
        lines.extend(["", body.as_str()]);
        let text = lines.join("\n");
        let own_comments = [ABOUT, WITHOUT_DEPENDENCIES].concat();
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
