//! Between listings and the records of the cache.

pub mod conversion;
pub mod listing_state;
