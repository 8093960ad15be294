//! What a run leaves for the next: one record per package and index, in a directory that many processes share.
//!
//! `record` says what a record holds, `layout` and `columns` are its bytes, which `encode` writes and `front` and
//! `view` read; `store` replaces it whole or not at all, `prune` keeps the directory bounded. A damaged, older or
//! foreign record is a miss, never an error.

mod columns;
mod encode;
mod front;
mod layout;
mod prune;
pub mod record;
mod store;
mod view;

pub use encode::{encode, from_hex};
pub use prune::{CacheSummary, DEFAULT_MAXIMUM_BYTES, Pruned, clean, prune, summary, tidy};
pub use store::{Reading, Store, record_path};
pub use view::{RecordView, to_hex};
