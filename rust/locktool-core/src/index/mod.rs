//! The world as a resolver sees it, over the simple API and the cache (PEP 503, 658, 691, 700, 714).
//!
//! ```text
//! client   one response for each question (single_flight), on two threads of its own
//!   pages              package -> listing: location, cache, http + revalidate, simple_json / simple_html, flat, flat_index
//!   release_metadata   release -> what it requires: wheels, joined, remote_metadata, download, archive, sdist
//!   direct             URL or path -> a listing of one release
//! ```
//! Questions that the cache answers are answered on the asking thread: a warm run opens no connection and starts
//! no thread.

mod archive;
mod builds;
mod client;
mod computed_digests;
mod connections;
mod credentials;
mod digests;
mod direct;
mod download;
mod flat;
mod flat_index;
mod host_support;
mod http;
mod joined;
mod known;
mod listing;
mod location;
mod options;
mod page;
mod pages;
mod query;
mod release_metadata;
mod remote_metadata;
mod resume;
mod revalidate;
mod rows;
mod scanning;
mod sdist;
mod session;
mod simple_html;
mod simple_json;
mod single_flight;
mod stated;
mod streamed_archive;
mod warnings;
mod wheels;

pub use client::Client;
pub use computed_digests::{ComputedDigest, FileToHash};
pub use credentials::Keyring;
pub use download::FileToFetch;
pub use location::{IndexLocation, PackagePin, RecordedIndexes, hide_credentials, parse_address};
pub use options::{BuildFailure, Built, Checkout, ClientOptions, MetadataBuilder, RefreshPolicy};
pub use stated::StatedBuilds;
