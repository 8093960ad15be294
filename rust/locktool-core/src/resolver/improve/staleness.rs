//! How far picks are behind what could be used: the measure by which one solution is better than another.
//!
//! Losses are added up over packages, so that what nobody picks weighs nothing: without an unused newest version every
//! solution loses the same amount.

use std::ops::{Add, Sub};

use super::package::Versions;
use crate::solver::{Rank, RankSet};

/// Behind by less than this a pick is not old.
const OLD: i64 = 90;

/// What a release counts for where the index does not say when files were uploaded.
const DAYS_OF_A_RELEASE: i64 = 30;

const MILLISECONDS_OF_A_DAY: i64 = 86_400_000;

/// Days first, then releases: `{days: 400, releases: 2}`.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) struct Loss {
    days: i64,
    releases: i64,
}

impl Loss {
    /// What picking one version loses against another, the newest; nothing if it is not older. Only releases within the set count.
    pub fn between(versions: &Versions, within: &RankSet, pick: Rank, newest: Rank) -> Self {
        if pick >= newest {
            return Self::default();
        }
        let skipped = RankSet::between(pick + 1, newest + 1).intersection(within);
        let releases = i64::try_from(skipped.ascending(versions.count()).count()).unwrap_or(0);
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

    /// Whether a pick with this loss is worth a look for a better one.
    pub fn is_old(self) -> bool {
        self.days >= OLD
    }
}

impl Add for Loss {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            days: self.days + other.days,
            releases: self.releases + other.releases,
        }
    }
}

impl Sub for Loss {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            days: self.days - other.days,
            releases: self.releases - other.releases,
        }
    }
}
