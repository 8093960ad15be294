//! Specifier to set of versions, with the odd rules of PEP 440: which pre-releases, post-releases and local versions of
//! its own version an operator takes in.
//!
//! | specifier | from | to |
//! |---|---|---|
//! | `>=V` | before `V` | |
//! | `<=V` | | after the locals of `V` |
//! | `>V` | after the posts of `V` (final or pre-release), or after the locals of `V` (post or dev) | |
//! | `<V` | | before `V` (pre-release), or before `V.dev0` |
//! | `==V` | before `V` | after the locals of `V` |
//! | `==V+local` | before it | after it |
//! | `==X.Y.*` | before `X.Y.dev0` | before `X.(Y+1).dev0` |
//! | `~=X.Y.Z` | before it | before `X.(Y+1).dev0` |
//!
//! `!=` is the complement of `==`. `===` compares text, and text is more than a version: its set is the version whose
//! normal text it is, if there is one (`===1.0` has `1.0`; `===1.0-1` and `===foo` have none).

use super::Version;
use super::range::{Bound, VersionRange};
use super::specifier::{Operator, Specifier};

impl Specifier {
    /// The versions it admits, without the rule on pre-releases.
    pub fn to_range(&self) -> VersionRange {
        let version = self.version();
        match self.operator() {
            Operator::GreaterThanEqual => VersionRange::from_lower(version),
            Operator::LessThanEqual => VersionRange::below(Bound::after_locals(version)),
            Operator::GreaterThan => VersionRange::above(greater_than(version)),
            Operator::LessThan => VersionRange::below(less_than(version)),
            Operator::Equal => equal(version),
            Operator::NotEqual => equal(version).complement(),
            Operator::EqualPrefix => prefix(version),
            Operator::NotEqualPrefix => prefix(version).complement(),
            Operator::Compatible => {
                VersionRange::between(Bound::Before(version), compatible_end(version))
            }
            Operator::ArbitraryEqual => {
                if self.contains(version) {
                    VersionRange::singleton(version)
                } else {
                    VersionRange::empty()
                }
            }
        }
    }
}

fn equal(version: Version) -> VersionRange {
    if version.is_local() {
        VersionRange::singleton(version)
    } else {
        VersionRange::between(Bound::Before(version), Bound::after_locals(version))
    }
}

fn prefix(version: Version) -> VersionRange {
    VersionRange::between(
        Bound::Before(version.with_dev_zero()),
        Bound::Before(version.next_prefix()),
    )
}

fn compatible_end(version: Version) -> Bound {
    let mut parts = version.parts();
    parts.release.pop();
    Bound::Before(Version::from_parts(parts).next_prefix())
}

fn less_than(version: Version) -> Bound {
    Bound::Before(if version.is_prerelease() {
        version
    } else {
        version.with_dev_zero()
    })
}

fn greater_than(version: Version) -> Bound {
    if version.is_postrelease() || version.is_devrelease() {
        Bound::after_locals(version)
    } else {
        Bound::after_posts(version)
    }
}
