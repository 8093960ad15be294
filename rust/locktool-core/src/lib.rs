//! The map of the core. Data flows one way, from text to a lock:
//!
//! ```text
//! pyproject.toml -> project -> manifest -> resolver <-> solver
//!                    |           ^
//!                    |     PackageSource: cache <-> index
//!                    v           v
//!                 certify <- locked packages -> document (TOML)
//! ```
//!
//! Modules stand in layer order: each imports only from those above it.
#![forbid(unsafe_code)]

pub mod name;
pub mod solver;

pub mod version;

pub mod marker;

pub mod distribution;
pub mod requirement;

pub mod metadata;

pub mod cache;
pub mod manifest;
pub mod source;

pub mod locked;
pub mod project;

pub mod certify;
pub mod document;
pub mod index;
pub mod resolver;

pub mod pipeline;
