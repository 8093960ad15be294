//! A version taken apart, in the terms of PEP 440: what a parser fills, what the interned form keeps and what the
//! order compares when a word does not suffice.

use std::cmp::Ordering;

use smallvec::{SmallVec, smallvec};

use super::number::Number;

/// The letter of a pre-release; `alpha`, `beta`, `c`, `pre` and `preview` are spellings of these.
#[derive(Debug, Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PreKind {
    /// `1.0a1`
    Alpha,
    /// `1.0b1`
    Beta,
    /// `1.0rc1`
    ReleaseCandidate,
}

impl PreKind {
    /// The normal spelling: `a`, `b` or `rc`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Alpha => "a",
            Self::Beta => "b",
            Self::ReleaseCandidate => "rc",
        }
    }
}

/// One dot-separated piece of a local version; any text sorts before any number.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LocalSegment {
    /// `cu121` of `1.0+cu121.1`, in lower case.
    Text(Box<str>),
    /// `1` of `1.0+cu121.1`
    Number(Number),
}

/// The components of a version as written: `release` keeps trailing zeros, and is never empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Parts {
    pub epoch: Number,
    pub release: SmallVec<[Number; 4]>,
    pub pre: Option<(PreKind, Number)>,
    pub post: Option<Number>,
    pub dev: Option<Number>,
    /// Empty where the version has no local part.
    pub local: Vec<LocalSegment>,
}

impl Default for Parts {
    fn default() -> Self {
        Self {
            epoch: Number::ZERO,
            release: smallvec![Number::ZERO],
            pre: None,
            post: None,
            dev: None,
            local: Vec::new(),
        }
    }
}

impl Parts {
    /// The release without trailing zeros: empty for `0.0`.
    pub(super) fn trimmed_release(&self) -> &[Number] {
        let zeros = self
            .release
            .iter()
            .rev()
            .take_while(|number| number.is_zero())
            .count();
        &self.release[..self.release.len() - zeros]
    }

    /// The same version in its shortest writing: `1.0.0` becomes `1`.
    pub(super) fn trimmed(&self) -> Self {
        let kept = self.trimmed_release().len().max(1);
        Self {
            release: self.release[..kept].iter().cloned().collect(),
            ..self.clone()
        }
    }

    /// Epoch and release only.
    pub(super) fn base(&self) -> Self {
        Self {
            epoch: self.epoch.clone(),
            release: self.release.clone(),
            ..Self::default()
        }
    }

    /// The order of PEP 440:
    ///
    /// ```text
    /// V.dev0 < V.dev1 < Va0.dev0 < Va0 < Va0.post0.dev0 < Va0.post0 < Vb0 < Vrc0
    ///        < V < V+text < V+0 < V.post0.dev0 < V.post0 < V.0.1.dev0
    /// ```
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        let pre_rank = |parts: &Self| match parts.pre {
            Some((kind, _)) => kind as u8 + 1,
            None if parts.post.is_none() && parts.dev.is_some() => 0,
            None => 4,
        };
        self.epoch
            .cmp(&other.epoch)
            .then_with(|| self.trimmed_release().cmp(other.trimmed_release()))
            .then_with(|| pre_rank(self).cmp(&pre_rank(other)))
            .then_with(|| self.pre.cmp(&other.pre))
            .then_with(|| self.post.cmp(&other.post))
            .then_with(|| match (&self.dev, &other.dev) {
                (Some(left), Some(right)) => left.cmp(right),
                (left, right) => right.is_some().cmp(&left.is_some()),
            })
            .then_with(|| self.local.cmp(&other.local))
    }
}
