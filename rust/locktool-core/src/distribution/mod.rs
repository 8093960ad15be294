//! Distributions, the files of a release, as far as their names tell: wheels (binary distribution format) and
//! sdists (source distribution format).
//!
//! ```text
//! filename    text of a file name + the package it should belong to -> Wheel | Sdist, or why neither
//! hash        the algorithms by whose digests files are told apart
//! tag         the compatibility tags of a wheel, and what a pair of them asks of the interpreter
//! platform    the platform part of a tag: what it means, which machine it is for
//! implied     tags -> the marker under which the wheel may be installed
//! precedence  wheels in the order in which they speak for their release
//! parts       wheels that say different things -> the environments of each
//!
//! facts             what an interpreter says of itself
//! python_name       the name of a Python that need not be there: `3.13t`, `pypy3.11`
//! platform_name     the names of a platform: `linux`, `x86_64-manylinux2014`, `macos-14`
//! target            facts and these names -> the facts of another Python, or on another platform
//! platform_tags     facts -> the platform tags that it takes, in order
//! interpreter_tags  facts -> the wheel tags that it installs, in order
//! compatible        these tags, and whether a wheel has one of them
//! ```

pub mod compatible;
pub mod facts;
pub mod filename;
pub mod hash;
mod implied;
pub mod interpreter_tags;
pub mod parts;
mod platform;
pub mod platform_name;
mod platform_tags;
pub mod precedence;
pub mod python_name;
pub mod tag;
pub mod target;
