//! Normalised names.
