//! What a run leaves for the next: one record per package and index, in a directory that many processes share.
//!
//! `record` says what a record holds. Its bytes are `columns` in the order of `layout`, of `numbers` in few bytes and of
//! each `template` once; `encode` writes them, `front` and `view` read them, `group` does both for files. `rewrite` adds
//! metadata (`metadata_lists`) to a record whose files stay as they are. A run goes on with a page that it fetched as it
//! does with one of the cache: encoded. `store` replaces a record whole or not at all, `prune` keeps the directory
//! bounded. A damaged, older or foreign record is a miss, never an error.

mod columns;
mod encode;
mod front;
mod group;
mod hex;
mod layout;
mod metadata_lists;
mod numbers;
mod prune;
pub mod record;
mod rewrite;
mod store;
mod template;
mod view;

pub use encode::{PageWriter, encode};
pub use hex::{from_hex, to_hex};
pub use prune::{CacheSummary, DEFAULT_MAXIMUM_BYTES, Pruned, clean, prune, summary, tidy};
pub use rewrite::MetadataUpdate;
pub use store::{Reading, Store, record_path};
pub use view::RecordView;
