//! The world as a resolver sees it, over the simple API and the cache (PEP 503, 658, 691, 700, 714).
//!
//! ```text
//! client   one response for each question (single_flight), on two threads of its own; session: what they share
//!   registry           package -> listing: indexes, cache (record), page_request (transport, page), links
//!   release_metadata   release -> what it requires: wheels, joined, archive
//!   second_index       names that another index lists too, from what was read anyway
//!   direct             URL or path -> a listing of one release
//! ```
//! Questions that the cache answers are answered on the asking thread: a warm run opens no connection and starts
//! no thread.

mod archive;
mod builds;
mod client;
mod computed_digests;
mod conditional_request;
mod connections;
mod counts;
mod direct;
mod direct_tree;
mod index_location;
mod indexes;
mod joined;
mod links;
mod links_request;
mod mirror;
mod options;
mod page;
mod page_request;
mod programs;
mod record;
mod registry;
mod release_metadata;
mod sdist_metadata;
mod second_index;
mod session;
mod single_flight;
mod stated;
mod transport;
mod warnings;
mod wheels;

pub use client::Client;
pub use computed_digests::{ComputedDigest, FileToHash};
pub use index_location::{IndexLocation, PackagePin, RecordedIndexes};
pub use options::{BuildFailure, Built, Checkout, ClientOptions, MetadataBuilder, RefreshPolicy};
pub use stated::StatedBuilds;
pub use transport::address::{hide_credentials, parse_address};
pub use transport::credentials::Keyring;
pub use transport::download::FileToFetch;
