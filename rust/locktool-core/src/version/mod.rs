//! Versions, specifiers and sets of versions as the version specifiers specification (PEP 440) defines them, with the
//! `packaging` library as the referee where its text leaves a choice.
//!
//! ```text
//! text -> parse -> Version -> order
//!                    |
//! text -> specifier (one comparison) -> specifier_set -> lower -> range (set algebra) -> raise -> specifiers
//! ```

mod decode;
mod display;
mod lenient;
mod lower;
mod number;
mod order;
mod parse;
mod parts;
mod raise;
mod range;
mod specifier;
mod specifier_set;
mod table;
mod word;

use smallvec::{SmallVec, smallvec};

pub use number::Number;
pub use order::Place;
pub use parse::VersionParseError;
pub(crate) use parse::is_python_space;
pub use parts::{LocalSegment, Parts, PreKind};
pub use range::{Bound, Segment, VersionRange};
pub use specifier::{Operator, Specifier, SpecifierParseError};
pub use specifier_set::SpecifierSet;

use decode::Tail;
use word::INTERNED;

/// A version of PEP 440 in one copied word.
///
/// Guarantees: equality, order and hash are those of the specification (`1.0 == 1.0.0`), while the text keeps the
/// release as written (`1.0.0` prints as `1.0.0`) and the rest in its normal form (`1.0-RC1` prints as `1.0rc1`).
/// Versions that are not inline live as long as the process.
#[derive(Copy, Clone)]
pub struct Version(u64);

impl Version {
    /// `0.dev0`, below which there is no version.
    pub fn lowest() -> Self {
        Self::from_parts(Parts {
            dev: Some(Number::ZERO),
            ..Parts::default()
        })
    }

    /// The version of these components; an empty release reads as `0`.
    pub fn from_parts(mut parts: Parts) -> Self {
        if parts.release.is_empty() {
            parts.release.push(Number::ZERO);
        }
        Self(table::word_of(&parts))
    }

    /// A final version: `[3, 11]` is `3.11`; an empty slice reads as `0`.
    pub fn from_release(release: &[u64]) -> Self {
        let release = release.iter().copied().map(Number::Small).collect();
        Self::from_parts(Parts {
            release,
            ..Parts::default()
        })
    }

    /// All components, exact.
    pub fn parts(self) -> Parts {
        self.interned()
            .cloned()
            .unwrap_or_else(|| decode::decode_parts(self.0))
    }

    /// The epoch; a number beyond a word reads as `u64::MAX` here and exactly in [`Version::parts`].
    pub fn epoch(self) -> u64 {
        self.interned().map_or(0, |parts| parts.epoch.saturating())
    }

    /// The release as written, with the same limit as [`Version::epoch`].
    pub fn release(self) -> SmallVec<[u64; 4]> {
        match self.interned() {
            Some(parts) => parts.release.iter().map(Number::saturating).collect(),
            None => decode::decode_release(self.0),
        }
    }

    /// Letter and number of the pre-release, with the same limit as [`Version::epoch`].
    pub fn pre(self) -> Option<(PreKind, u64)> {
        self.tail().pre
    }

    /// The number of the post-release, with the same limit as [`Version::epoch`].
    pub fn post(self) -> Option<u64> {
        self.tail().post
    }

    /// The number of the development release, with the same limit as [`Version::epoch`].
    pub fn dev(self) -> Option<u64> {
        self.tail().dev
    }

    /// The local part in its normal form: `cu121.1` of `1.0+CU121-01`.
    pub fn local(self) -> Option<String> {
        let local = &self.interned()?.local;
        (!local.is_empty()).then(|| display::local_text(local))
    }

    /// Whether installers pass it over unless asked: it has a pre-release or a development part.
    pub fn is_prerelease(self) -> bool {
        let tail = self.tail();
        tail.pre.is_some() || tail.dev.is_some()
    }

    pub fn is_postrelease(self) -> bool {
        self.tail().post.is_some()
    }

    pub fn is_devrelease(self) -> bool {
        self.tail().dev.is_some()
    }

    pub fn is_local(self) -> bool {
        self.interned().is_some_and(|parts| !parts.local.is_empty())
    }

    /// The version without its local part.
    #[must_use]
    pub fn public(self) -> Self {
        if self.is_inline() {
            self
        } else {
            Self(table::entry(self.0).public)
        }
    }

    /// Epoch and release only: `1!2.0` of `1!2.0rc1.post1`.
    #[must_use]
    pub fn base(self) -> Self {
        Self::from_parts(self.parts().base())
    }

    /// Whether the version is held in the word itself.
    pub fn is_inline(self) -> bool {
        self.0 & INTERNED == 0
    }

    fn interned(self) -> Option<&'static Parts> {
        (!self.is_inline()).then(|| &table::entry(self.0).parts)
    }

    fn tail(self) -> Tail {
        match self.interned() {
            Some(parts) => Tail {
                pre: parts
                    .pre
                    .as_ref()
                    .map(|(kind, number)| (*kind, number.saturating())),
                post: parts.post.as_ref().map(Number::saturating),
                dev: parts.dev.as_ref().map(Number::saturating),
            },
            None => decode::decode_tail(self.0),
        }
    }

    fn with_dev_zero(self) -> Self {
        Self::from_parts(Parts {
            dev: Some(Number::ZERO),
            local: Vec::new(),
            ..self.parts()
        })
    }

    /// The first version of the next release with the same prefix: `1.3.dev0` after `1.2`.
    fn next_prefix(self) -> Self {
        let mut parts = self.parts().base();
        let last = parts.release.last_mut().expect("a release is never empty");
        *last = last.successor();
        Self::from_parts(Parts {
            dev: Some(Number::ZERO),
            ..parts
        })
    }

    /// The least version above this one and its locals, which always exists:
    /// `1.0.dev1` has `1.0.dev2`, `1.0.post1` has `1.0.post2.dev0`, `1.0` and `1.0a1` have their `.post0.dev0`.
    fn after_locals(self) -> Self {
        let mut parts = Parts {
            local: Vec::new(),
            ..self.parts()
        };
        if let Some(dev) = &mut parts.dev {
            *dev = dev.successor();
        } else {
            parts.post = Some(parts.post.as_ref().map_or(Number::ZERO, Number::successor));
            parts.dev = Some(Number::ZERO);
        }
        Self::from_parts(parts)
    }

    /// Whether epoch, release and pre-release are those of `other`, whatever follows them.
    fn is_same_pre(self, other: Self) -> bool {
        if self.is_inline() && other.is_inline() {
            return decode::stem(self.0) == decode::stem(other.0);
        }
        order::parts(self.0).pre == order::parts(other.0).pre && self.is_same_release(other)
    }

    /// Whether epoch and release are those of the other, zeros at the end not counted.
    fn is_same_release(self, other: Self) -> bool {
        if self.is_inline() && other.is_inline() {
            return decode::release_code(self.0) == decode::release_code(other.0);
        }
        let (left, right) = (order::parts(self.0), order::parts(other.0));
        left.epoch == right.epoch && left.trimmed_release() == right.trimmed_release()
    }

    /// Whether the epoch is that of `other`, and the release, padded with zeros, starts with that of the other but for so many
    /// of its last numbers.
    fn starts_with(self, other: Self, dropped: usize) -> bool {
        if self.is_inline() && other.is_inline() {
            return decode::release_starts_with(self.0, other.0, dropped);
        }
        let (own, prefix) = (order::parts(self.0), order::parts(other.0));
        let length = prefix.release.len() - dropped;
        let padded = own.release.iter().chain(std::iter::repeat(&Number::ZERO));
        own.epoch == prefix.epoch
            && prefix.release[..length]
                .iter()
                .zip(padded)
                .all(|(left, right)| left == right)
    }
}

impl Default for Version {
    /// `0`
    fn default() -> Self {
        Self::from_parts(Parts {
            release: smallvec![Number::ZERO],
            ..Parts::default()
        })
    }
}
