//! Sets of versions: the answer of a specifier, closed under union, intersection and complement.
//!
//! A set is the list of places in the order of all versions where membership changes. Of places with no version
//! between them only one has a representation, so sets with the same versions are equal values.

use std::cmp::Ordering;
use std::fmt;

use smallvec::{SmallVec, smallvec};

use super::{Number, Parts, Version};

/// A place between versions.
///
/// ```text
///   V.dev0 ... Va1 ... V       V+local    V.post0.dev0 ... V.post9      V.0.1.dev0
/// ^                  ^   ^              ^                           ^
/// Before(V.dev0)     |   After(V)       Before(V.post0.dev0)        AfterPosts(V)
///                    Before(V)          (after the locals of V)
/// ```
#[derive(Debug, Copy, Clone, PartialEq, Eq, Hash)]
pub enum Bound {
    /// `>=1.0` starts before `1.0`; `<1.0` ends before `1.0.dev0`.
    Before(Version),
    /// The set of just `1.0+cu121` ends after it.
    After(Version),
    /// `>1.0` starts after all post-releases of `1.0`; only final versions stand here.
    AfterPosts(Version),
}

impl Bound {
    /// After a version and all its local versions.
    pub fn after_locals(version: Version) -> Self {
        Self::Before(version.after_locals())
    }

    /// After all post-releases of a final version or a pre-release.
    ///
    /// Nothing lies between those of `1.0a1` and `1.0a2.dev0`; those of `1.0` have no version next to them.
    pub fn after_posts(version: Version) -> Self {
        let parts = version.parts();
        match parts.pre {
            Some((kind, number)) => Self::Before(Version::from_parts(Parts {
                pre: Some((kind, number.successor())),
                post: None,
                dev: Some(Number::ZERO),
                local: Vec::new(),
                ..parts
            })),
            None => Self::AfterPosts(version.base()),
        }
    }

    /// The version the place is named by.
    pub fn version(self) -> Version {
        match self {
            Self::Before(version) | Self::After(version) | Self::AfterPosts(version) => version,
        }
    }

    fn is_below(self, version: Version) -> bool {
        match self {
            Self::Before(bound) => bound <= version,
            Self::After(bound) => bound < version,
            Self::AfterPosts(bound) => bound < version && !version.is_same_pre(bound),
        }
    }
}

impl Ord for Bound {
    fn cmp(&self, other: &Self) -> Ordering {
        let (left, right) = (self.version(), other.version());
        let is_after_posts = |bound: &Self| matches!(bound, Self::AfterPosts(_));
        match (is_after_posts(self), is_after_posts(other)) {
            (true, false) if left <= right && right.is_same_pre(left) => Ordering::Greater,
            (false, true) if right <= left && left.is_same_pre(right) => Ordering::Less,
            _ => {
                let is_after = |bound: &Self| matches!(bound, Self::After(_));
                left.cmp(&right)
                    .then_with(|| is_after(self).cmp(&is_after(other)))
            }
        }
    }
}

impl PartialOrd for Bound {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// An unbroken run of versions; `None` is the open end of the order.
#[derive(Debug, Copy, Clone, PartialEq, Eq, Hash)]
pub struct Segment {
    pub lower: Option<Bound>,
    pub upper: Option<Bound>,
}

/// A set of versions; equal values exactly for equal sets.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct VersionRange {
    /// Whether the least version belongs to the set.
    starts_inside: bool,
    /// Ascending places where membership flips.
    flips: SmallVec<[Bound; 2]>,
}

impl VersionRange {
    pub fn empty() -> Self {
        Self {
            starts_inside: false,
            flips: SmallVec::new(),
        }
    }

    pub fn full() -> Self {
        Self {
            starts_inside: true,
            flips: SmallVec::new(),
        }
    }

    /// Just this version; its local versions are others.
    pub fn singleton(version: Version) -> Self {
        Self::between(Bound::Before(version), Bound::After(version))
    }

    /// `>=version`
    pub fn from_lower(version: Version) -> Self {
        Self::above(Bound::Before(version))
    }

    /// All versions above a place.
    pub fn above(bound: Bound) -> Self {
        let bound = match bound {
            Bound::AfterPosts(version) => Bound::after_posts(version),
            _ => bound,
        };
        if bound == Bound::Before(Version::lowest()) {
            return Self::full();
        }
        Self {
            starts_inside: false,
            flips: smallvec![bound],
        }
    }

    /// All versions below a place.
    pub fn below(bound: Bound) -> Self {
        Self::above(bound).complement()
    }

    /// The versions from one place to another; empty if they are not in ascending order.
    pub fn between(lower: Bound, upper: Bound) -> Self {
        Self::above(lower).intersection(&Self::below(upper))
    }

    pub fn is_empty(&self) -> bool {
        !self.starts_inside && self.flips.is_empty()
    }

    pub fn is_full(&self) -> bool {
        self.starts_inside && self.flips.is_empty()
    }

    pub fn contains(&self, version: Version) -> bool {
        let passed = if self.flips.len() <= 4 {
            self.flips
                .iter()
                .take_while(|bound| bound.is_below(version))
                .count()
        } else {
            self.flips.partition_point(|bound| bound.is_below(version))
        };
        self.starts_inside ^ (passed % 2 == 1)
    }

    #[must_use]
    pub fn complement(&self) -> Self {
        Self {
            starts_inside: !self.starts_inside,
            flips: self.flips.clone(),
        }
    }

    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.combine(other, |left, right| left || right)
    }

    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.combine(other, |left, right| left && right)
    }

    /// The versions of this set that are not in the other.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        self.combine(other, |left, right| left && !right)
    }

    pub fn is_subset(&self, other: &Self) -> bool {
        self.never(other, |left, right| left && !right)
    }

    pub fn is_disjoint(&self, other: &Self) -> bool {
        self.never(other, |left, right| left && right)
    }

    /// The runs of the set, ascending.
    pub fn segments(&self) -> impl Iterator<Item = Segment> + '_ {
        let open = self.starts_inside.then_some(None).into_iter();
        let mut places = open.chain(self.flips.iter().copied().map(Some));
        std::iter::from_fn(move || {
            let lower = places.next()?;
            Some(Segment {
                lower,
                upper: places.next().flatten(),
            })
        })
    }

    /// Where the set starts: `None` if it is empty or holds the least version.
    pub fn lower_bound(&self) -> Option<Bound> {
        if self.starts_inside {
            None
        } else {
            self.flips.first().copied()
        }
    }

    /// Where the set ends: `None` if it is empty or has no end.
    pub fn upper_bound(&self) -> Option<Bound> {
        let is_open = self.starts_inside ^ (self.flips.len() % 2 == 1);
        if is_open {
            None
        } else {
            self.flips.last().copied()
        }
    }

    fn combine(&self, other: &Self, holds: impl Fn(bool, bool) -> bool) -> Self {
        let starts_inside = holds(self.starts_inside, other.starts_inside);
        let mut result = Self {
            starts_inside,
            flips: SmallVec::new(),
        };
        let mut inside = starts_inside;
        for (bound, left, right) in self.merged(other) {
            if holds(left, right) != inside {
                inside = !inside;
                result.flips.push(bound);
            }
        }
        result
    }

    fn never(&self, other: &Self, holds: impl Fn(bool, bool) -> bool) -> bool {
        !holds(self.starts_inside, other.starts_inside)
            && !self
                .merged(other)
                .any(|(_, left, right)| holds(left, right))
    }

    /// Every place where either set flips, with the membership in both above it.
    fn merged(&self, other: &Self) -> impl Iterator<Item = (Bound, bool, bool)> {
        let (mut lefts, mut rights) = (
            self.flips.iter().copied().peekable(),
            other.flips.iter().copied().peekable(),
        );
        let (mut left, mut right) = (self.starts_inside, other.starts_inside);
        std::iter::from_fn(move || {
            let order = match (lefts.peek(), rights.peek()) {
                (Some(next_left), Some(next_right)) => next_left.cmp(next_right),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => return None,
            };
            let from_left = if order.is_le() { lefts.next() } else { None };
            let from_right = if order.is_ge() { rights.next() } else { None };
            left ^= from_left.is_some();
            right ^= from_right.is_some();
            from_left.or(from_right).map(|bound| (bound, left, right))
        })
    }
}

impl fmt::Display for VersionRange {
    /// For people and tests: `[1.0, 2.0.dev0) | (3.0 and its posts, ...)`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return formatter.write_str("nothing");
        }
        for (position, Segment { lower, upper }) in self.segments().enumerate() {
            if position > 0 {
                formatter.write_str(" | ")?;
            }
            match lower {
                None => formatter.write_str("(...")?,
                Some(Bound::Before(version)) => write!(formatter, "[{version}")?,
                Some(Bound::After(version)) => write!(formatter, "({version}")?,
                Some(Bound::AfterPosts(version)) => write!(formatter, "({version} and its posts")?,
            }
            match upper {
                None => formatter.write_str(", ...)")?,
                Some(Bound::Before(version)) => write!(formatter, ", {version})")?,
                Some(Bound::After(version)) => write!(formatter, ", {version}]")?,
                Some(Bound::AfterPosts(version)) => {
                    write!(formatter, ", {version} and its posts]")?;
                }
            }
        }
        Ok(())
    }
}
