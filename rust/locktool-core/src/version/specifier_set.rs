//! Comma-joined specifiers: all must hold. Order and repetition do not count; what is written is kept.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::{Arc, OnceLock};

use rustc_hash::FxHashSet;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use smallvec::{SmallVec, smallvec};

use super::Version;
use super::lenient;
use super::parse::strip;
use super::range::VersionRange;
use super::specifier::{Operator, Specifier, SpecifierParseError};

/// A conjunction of specifiers, cheap to clone. Equality is that of the specifiers; [`SpecifierSet::to_range`] is the
/// set they stand for.
#[derive(Clone)]
pub struct SpecifierSet(Arc<Content>);

struct Content {
    /// As written.
    written: SmallVec<[Specifier; 4]>,
    /// Sorted by text, without repetitions; unused for less than two specifiers.
    canonical: OnceLock<Box<[Specifier]>>,
    range: OnceLock<VersionRange>,
}

impl SpecifierSet {
    /// The set that every version satisfies; its text is empty.
    pub fn any() -> Self {
        static ANY: OnceLock<SpecifierSet> = OnceLock::new();
        ANY.get_or_init(|| Self::build(SmallVec::new())).clone()
    }

    fn build(written: SmallVec<[Specifier; 4]>) -> Self {
        Self(Arc::new(Content {
            written,
            canonical: OnceLock::new(),
            range: OnceLock::new(),
        }))
    }

    fn canonical(&self) -> &[Specifier] {
        if self.0.written.len() < 2 {
            return &self.0.written;
        }
        self.0.canonical.get_or_init(|| {
            let mut specifiers = self.0.written.to_vec();
            specifiers.sort_by_cached_key(ToString::to_string);
            let mut seen = FxHashSet::default();
            specifiers.retain(|specifier| seen.insert(specifier.clone()));
            specifiers.into()
        })
    }

    /// Whether there is no specifier.
    pub fn is_any(&self) -> bool {
        self.0.written.is_empty()
    }

    /// The specifiers without repetitions, sorted by their text.
    pub fn iter(&self) -> std::slice::Iter<'_, Specifier> {
        self.canonical().iter()
    }

    /// The specifiers in the order they were written, repetitions kept.
    pub fn written(&self) -> &[Specifier] {
        &self.0.written
    }

    /// The number of specifiers, repetitions not counted.
    pub fn len(&self) -> usize {
        self.canonical().len()
    }

    pub fn is_empty(&self) -> bool {
        self.is_any()
    }

    /// What both sets admit.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        if self.is_any() || Arc::ptr_eq(&self.0, &other.0) {
            return other.clone();
        }
        if other.is_any() {
            return self.clone();
        }
        Self::build(
            self.0
                .written
                .iter()
                .chain(&other.0.written)
                .cloned()
                .collect(),
        )
    }

    /// Whether the version satisfies every specifier, whatever they say on pre-releases.
    pub fn contains(&self, version: Version) -> bool {
        self.0
            .written
            .iter()
            .all(|specifier| specifier.contains(version))
    }

    /// As [`SpecifierSet::contains`] for a candidate given as text, which `===` compares as it stands. Without any
    /// specifier every text is admitted.
    pub fn contains_text(&self, candidate: &str) -> bool {
        self.0
            .written
            .iter()
            .all(|specifier| specifier.contains_text(candidate))
    }

    /// Whether some specifier names a pre-release as acceptable.
    pub fn admits_prereleases(&self) -> bool {
        self.0.written.iter().any(Specifier::admits_prereleases)
    }

    /// Whether the version satisfies the set under a rule on pre-releases: `Some(false)` refuses them, `Some(true)` and `None`
    /// take them, since one version alone has no final alternative.
    pub fn contains_with(&self, version: Version, prereleases: Option<bool>) -> bool {
        (prereleases != Some(false) || !version.is_prerelease()) && self.contains(version)
    }

    /// The versions that satisfy the set, in the order given. `Some` of a rule takes or refuses pre-releases; `None` takes
    /// them if a specifier names one, or if no final version satisfies the set.
    pub fn filter(
        &self,
        versions: impl IntoIterator<Item = Version>,
        prereleases: Option<bool>,
    ) -> Vec<Version> {
        let mut matching: Vec<Version> = versions
            .into_iter()
            .filter(|&version| self.contains(version))
            .collect();
        let rule = prereleases.or(self.admits_prereleases().then_some(true));
        let is_final = |version: &Version| !version.is_prerelease();
        if rule == Some(false) || (rule.is_none() && matching.iter().any(is_final)) {
            matching.retain(is_final);
        }
        matching
    }

    /// The versions that satisfy the set, whatever it says on pre-releases.
    pub fn to_range(&self) -> VersionRange {
        self.range().clone()
    }

    /// As [`SpecifierSet::to_range`], computed once.
    pub fn range(&self) -> &VersionRange {
        self.0.range.get_or_init(|| {
            self.0
                .written
                .iter()
                .fold(VersionRange::full(), |range, specifier| {
                    range.intersection(&specifier.to_range())
                })
        })
    }

    /// Whether a specifier compares text, so that versions alone do not say what satisfies the set.
    pub fn has_arbitrary(&self) -> bool {
        self.0
            .written
            .iter()
            .any(|specifier| specifier.operator() == Operator::ArbitraryEqual)
    }

    /// Whether no version, and no text where a specifier compares text, satisfies the set.
    pub fn is_unsatisfiable(&self) -> bool {
        let arbitrary = |specifier: &&Specifier| specifier.operator() == Operator::ArbitraryEqual;
        match self.0.written.iter().find(arbitrary) {
            Some(specifier) => !self.contains_text(&specifier.version_text()),
            None => self.range().is_empty(),
        }
    }

    /// Reads also the malformed lists that old uploads carry; the second value says what was repaired.
    pub fn parse_lenient(input: &str) -> Result<(Self, Option<String>), SpecifierParseError> {
        lenient::parse(input)
    }
}

impl FromIterator<Specifier> for SpecifierSet {
    fn from_iter<I: IntoIterator<Item = Specifier>>(specifiers: I) -> Self {
        Self::build(specifiers.into_iter().collect())
    }
}

impl<'a> IntoIterator for &'a SpecifierSet {
    type Item = &'a Specifier;
    type IntoIter = std::slice::Iter<'a, Specifier>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl From<Specifier> for SpecifierSet {
    fn from(specifier: Specifier) -> Self {
        Self::build(smallvec![specifier])
    }
}

impl Default for SpecifierSet {
    fn default() -> Self {
        Self::any()
    }
}

impl FromStr for SpecifierSet {
    type Err = SpecifierParseError;

    fn from_str(input: &str) -> Result<Self, SpecifierParseError> {
        let mut specifiers = SmallVec::new();
        let mut start = 0;
        for piece in input.split(',') {
            if !strip(piece).is_empty() {
                specifiers.push(piece.parse().map_err(|error: SpecifierParseError| {
                    SpecifierParseError {
                        input: input.to_owned(),
                        position: start + error.position,
                        message: error.message,
                    }
                })?);
            }
            start += piece.len() + 1;
        }
        Ok(if specifiers.is_empty() {
            Self::any()
        } else {
            Self::build(specifiers)
        })
    }
}

impl fmt::Display for SpecifierSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, specifier) in self.iter().enumerate() {
            if position > 0 {
                formatter.write_str(",")?;
            }
            fmt::Display::fmt(specifier, formatter)?;
        }
        Ok(())
    }
}

impl fmt::Debug for SpecifierSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SpecifierSet({self})")
    }
}

impl PartialEq for SpecifierSet {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.canonical() == other.canonical()
    }
}

impl Eq for SpecifierSet {}

impl Hash for SpecifierSet {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.canonical().hash(state);
    }
}

impl Serialize for SpecifierSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SpecifierSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl de::Visitor<'_> for TextVisitor {
            type Value = SpecifierSet;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("version specifiers")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<SpecifierSet, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}
