//! What a run leaves for the next: one record per package and index, in a directory that many processes share.
//!
//! `record` says what a record holds, `encode` and `view` are its bytes, `store` reads and writes it whole or not
//! at all, `prune` keeps the directory bounded. A damaged, older or foreign record is a miss, never an error.

mod encode;
mod prune;
pub mod record;
mod store;
mod view;

pub use encode::{encode, from_hex, with_validators};
pub use prune::{CacheSummary, DEFAULT_MAXIMUM_BYTES, Pruned, clean, prune, summary, tidy};
pub use store::{Store, record_path};
pub use view::{RecordView, to_hex};
