//! Equality, order and hash of versions: integers where both are inline, the full key of PEP 440 elsewhere.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

use super::parts::Parts;
use super::word::{DISPLAY_BITS, INTERNED};
use super::{Version, decode, table};

/// Where a version stands among those without epoch and local part, to keep beside it: comparing two places is
/// comparing two integers, without the table of interned versions.
#[derive(Copy, Clone)]
pub struct Place(u64);

impl Place {
    /// Of a version that only its parts can place.
    const UNKNOWN: u64 = u64::MAX;

    /// The order of the two versions where the places tell it.
    #[inline]
    pub fn order(self, other: Self) -> Option<Ordering> {
        let (left, right) = (self.0, other.0);
        let tells = left != right && left != Self::UNKNOWN && right != Self::UNKNOWN;
        tells.then(|| left.cmp(&right))
    }
}

impl Version {
    pub fn place(self) -> Place {
        Place(table::place(self.0).unwrap_or(Place::UNKNOWN))
    }
}

impl PartialEq for Version {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        if (self.0 | other.0) & INTERNED == 0 {
            self.0 >> DISPLAY_BITS == other.0 >> DISPLAY_BITS
        } else {
            table::canonical(self.0) == table::canonical(other.0)
        }
    }
}

impl Eq for Version {}

impl Hash for Version {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(table::canonical(self.0));
    }
}

impl Ord for Version {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        if (self.0 | other.0) & INTERNED == 0 {
            (self.0 >> DISPLAY_BITS).cmp(&(other.0 >> DISPLAY_BITS))
        } else {
            compare_interned(self.0, other.0)
        }
    }
}

impl PartialOrd for Version {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cold]
fn compare_interned(left: u64, right: u64) -> Ordering {
    // What stands in the table is most often a local version, whose public part decides.
    if let Some(order) = Version(left).place().order(Version(right).place()) {
        return order;
    }
    let (left, right) = (table::canonical(left), table::canonical(right));
    if left == right {
        return Ordering::Equal;
    }
    parts(left).compare(&parts(right))
}

/// The parts of a version, borrowed where they are in the table.
pub(super) fn parts(word: u64) -> Cow<'static, Parts> {
    if word & INTERNED == 0 {
        Cow::Owned(decode::decode_parts(word))
    } else {
        Cow::Borrowed(&table::entry(word).parts)
    }
}
