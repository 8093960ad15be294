//! Inputs of a run.
