//! What a lock says.
