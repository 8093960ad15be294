//! Distributions: the members of archives that describe them, near and far.

pub mod local;
pub mod metadata_text;
pub mod project_table;
pub mod sdist;
pub mod stream_reader;
pub mod wheel_metadata;
pub mod zip_ranges;
pub mod zip_stream;
