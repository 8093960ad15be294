//! Distributions, the files of a release, as far as their names tell: wheels (binary distribution format) and
//! sdists (source distribution format).
//!
//! ```text
//! filename  text of a file name + the package it should belong to -> Wheel | Sdist, or why neither
//! tag       the compatibility tags of a wheel -> the marker under which it can be installed
//! platform  the platform part of a tag: what it means, which machine it is for
//! target    one Python version on one platform: which wheels fit, and its marker environment
//! ```

pub mod filename;
pub mod platform;
pub mod tag;
