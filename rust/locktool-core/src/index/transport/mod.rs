//! Connections: requests, their tries and their errors, credentials, and what of HTTP says how long a response holds.

pub mod address;
pub mod client_config;
pub mod credentials;
pub mod digests;
pub mod download;
pub mod error;
pub mod file_problem;
pub mod host_support;
pub mod http;
pub mod http_cache;
pub mod query;
pub mod resume;
pub mod retry;
