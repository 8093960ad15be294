//! Distributions, the files of a release, as far as their names tell: wheels (binary distribution format) and
//! sdists (source distribution format).
//!
//! ```text
//! filename    text of a file name + the package it should belong to -> Wheel | Sdist, or why neither
//! hash        the algorithms by whose digests files are told apart
//! tag         the compatibility tags of a wheel, and what a pair of them asks of the interpreter
//! platform    the platform part of a tag: what it means, which machine it is for
//! implied     tags -> the marker under which the wheel may be installed
//! target      one Python version on one platform: which wheels fit, and its marker environment
//! precedence  wheels in the order in which they speak for their release
//! parts       wheels that say different things -> the environments of each
//!
//! facts             what an interpreter says of itself
//! platform_tags     facts -> the platform tags that it takes, in order
//! interpreter_tags  facts -> the wheel tags that it installs, in order
//! ```

pub mod facts;
pub mod filename;
pub mod hash;
mod implied;
pub mod interpreter_tags;
pub mod parts;
mod platform;
mod platform_tags;
pub mod precedence;
pub mod tag;
pub mod target;
