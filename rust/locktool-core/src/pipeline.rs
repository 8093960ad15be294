//! Wires one run.
