//! How far picks are behind what could be used: the measure by which one solution is better than another.
//!
//! Staleness is added up over packages, so that what no solution can have weighs nothing.

use std::ops::{Add, Sub};

use super::package::Versions;
use crate::solver::Rank;

/// Behind by fewer days than this a pick is not worth a search. 45 and 180 change no lock of 25 projects (2026-11-26, the corpus of
/// `improve`).
const LEAST_DAYS: i64 = 90;

/// What a release counts for where the index does not say when files were uploaded.
const DAYS_OF_A_RELEASE: i64 = 30;

const MILLISECONDS_OF_A_DAY: i64 = 86_400_000;

/// Days first, then releases: `{days: 400, releases: 2}`.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Staleness {
    days: i64,
    releases: i64,
}

impl Staleness {
    /// How far one version is behind another; nothing if it is not older.
    pub fn between(versions: &Versions, pick: Rank, newest: Rank) -> Self {
        if pick >= newest {
            return Self::default();
        }
        let releases = i64::from(newest - pick);
        let uploaded = |rank: Rank| {
            let listing = versions.listing.as_ref()?;
            listing.releases[rank as usize].upload_time
        };
        let days = match (uploaded(pick), uploaded(newest)) {
            (Some(pick), Some(newest)) => ((newest - pick) / MILLISECONDS_OF_A_DAY).max(0),
            _ => releases * DAYS_OF_A_RELEASE,
        };
        Self { days, releases }
    }

    pub fn is_none(self) -> bool {
        self == Self::default()
    }

    /// Whether a pick so far behind is worth a search for a better one.
    pub fn is_worth_a_search(self) -> bool {
        self.days >= LEAST_DAYS
    }
}

impl Add for Staleness {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            days: self.days + other.days,
            releases: self.releases + other.releases,
        }
    }
}

impl Sub for Staleness {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            days: self.days - other.days,
            releases: self.releases - other.releases,
        }
    }
}
