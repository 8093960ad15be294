//! Documents: TOML text on one side, `MessagePack` bytes or typed values on the other; nothing else in the core knows TOML.
//!
//! ```text
//! tree    TOML text -> values that know where they stand
//! file    a file of the project, read once, and the location of each of its values
//! table   typed reading of one of its tables
//! located what is wrong in a file, and where
//! regular_file reads a file, and refuses what is none
//! caret, nearest, newer_toml: parts of such messages
//!
//! toml    any TOML bytes -> MessagePack, or where and why not
//! plain   the part of TOML that locks are written in, in one pass
//! plain_values  decodes it into any type
//! general everything else
//! encoder MessagePack, written piece by piece
//! node    MessagePack -> a borrowed tree
//! layout  tree -> the house layout of pylock.toml (PEP 751)
//! blocks  lock text -> where its header and each [[packages]] block stand
//! kept_blocks  a lock's new text and its old one -> the new one with unchanged blocks as they were
//! comments  moves the comments of a block onto its rewritten form
//! conflict  the conflict markers of git, and one side of them
//! ```

mod blocks;
pub mod caret;
mod comments;
mod conflict;
mod encoder;
mod file;
mod general;
mod kept_blocks;
mod layout;
mod located;
mod nearest;
mod newer_toml;
mod node;
mod plain;
mod plain_values;
mod regular_file;
mod table;
pub mod toml;
mod toml_error;
mod tree;

pub use file::{Step, TomlFile};
pub use located::{Fact, LocatedError, hide_credentials, location, reason_of};
pub use nearest::{did_you_mean, nearest};
pub use regular_file::{read_document_file, read_regular_file};
pub use table::Table;
pub use tree::{Entries, Entry, Node, Value, parse};
