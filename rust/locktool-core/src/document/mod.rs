//! Documents: TOML text on one side, `MessagePack` bytes on the other; nothing else in the core knows both.
//!
//! ```text
//! toml    any TOML bytes -> MessagePack, or where and why not
//! plain   the part of TOML that locks are written in, in one pass
//! general everything else
//! encoder MessagePack, written piece by piece
//! node    MessagePack -> a borrowed tree
//! layout  tree -> the house layout of pylock.toml (PEP 751)
//! blocks  lock text -> where its header and each [[packages]] block stand
//! ```

mod blocks;
mod encoder;
mod general;
mod layout;
mod node;
mod plain;
pub mod toml;
mod toml_error;
