//! The map of the core. Data flows one way, from text to a lock:
//!
//! ```text
//! lock:   pyproject.toml (+ members) -> project -> manifest -> resolver <-> solver
//!                                                                 |  ^ source: cache <-> index
//!                                           lock   <- resolution -+
//! check:  pyproject.toml -> project --+
//!         pylock.toml -> lock --------+-> certify => proof, or the reasons against it
//! ```
//!
//! Modules stand in layer order: each imports only from those above it. TOML is the business of `document` alone.
#![forbid(unsafe_code)]

pub mod document;
pub mod name;
pub mod solver;
pub mod trace;

pub mod version;

pub mod marker;

pub mod distribution;
pub mod requirement;

pub mod metadata;

pub mod cache;
pub mod manifest;
pub mod source;

pub mod lock;
pub mod project;

pub mod certify;
pub mod index;
pub mod resolver;

pub mod pipeline;
