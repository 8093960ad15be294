//! Core metadata.
