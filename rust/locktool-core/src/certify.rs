//! Proof of a lock.
