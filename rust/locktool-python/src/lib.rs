//! The extension module `locktool._native`: every name that crosses from Rust to Python is listed here.

#[pyo3::pymodule]
mod _native {}
