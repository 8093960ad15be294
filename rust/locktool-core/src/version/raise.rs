//! Set of versions to specifiers: the way back from `lower`, where PEP 440 has a spelling.
//!
//! A spelling that names no pre-release is preferred, because naming one makes installers accept pre-releases.

use super::range::{Bound, Segment, VersionRange};
use super::specifier::{Operator, Specifier};
use super::{Number, Parts, SpecifierSet, Version};

impl VersionRange {
    /// One specifier set for each segment, ascending; `None` if a segment has no spelling, such as one that ends at a
    /// local version. The full set is the one empty specifier set.
    pub fn to_specifiers(&self) -> Option<Vec<SpecifierSet>> {
        self.segments()
            .map(|segment| Some(spell(segment)?.into_iter().collect()))
            .collect()
    }

    /// A single specifier set for the whole range, the gaps spelled with `!=`; `None` if the range is empty, or an end or a
    /// gap of it has no spelling.
    pub fn to_specifier_set(&self) -> Option<SpecifierSet> {
        let segments: Vec<Segment> = self.segments().collect();
        let (first, last) = (segments.first()?, segments.last()?);
        let mut specifiers = spell(Segment {
            lower: first.lower,
            upper: last.upper,
        })?;
        for pair in segments.windows(2) {
            let gap = spell(Segment {
                lower: pair[0].upper,
                upper: pair[1].lower,
            })?;
            let [gap] = gap.as_slice() else { return None };
            specifiers.push(match gap.operator() {
                Operator::Equal => specifier(Operator::NotEqual, gap.version())?,
                Operator::EqualPrefix => specifier(Operator::NotEqualPrefix, gap.version())?,
                _ => return None,
            });
        }
        Some(specifiers.into_iter().collect())
    }
}

fn specifier(operator: Operator, version: Version) -> Option<Specifier> {
    Specifier::new(operator, version).ok()
}

fn spell(segment: Segment) -> Option<Vec<Specifier>> {
    if let Segment {
        lower: Some(lower),
        upper: Some(upper),
    } = segment
        && let Some(equal) = spell_equal(lower, upper)
    {
        return Some(vec![equal]);
    }
    let mut specifiers = match segment.lower {
        None => Vec::new(),
        Some(Bound::Before(version)) => spell_from(version)?,
        Some(Bound::AfterPosts(version)) => vec![specifier(Operator::GreaterThan, version)?],
        Some(Bound::After(_)) => return None,
    };
    match segment.upper {
        None => {}
        Some(Bound::Before(version)) => specifiers.extend(spell_until(version)?),
        Some(Bound::After(_) | Bound::AfterPosts(_)) => return None,
    }
    Some(specifiers)
}

/// `==V`, `==V+local` or `==V.*`.
fn spell_equal(lower: Bound, upper: Bound) -> Option<Specifier> {
    match (lower, upper) {
        (Bound::Before(from), Bound::After(to)) if from == to && from.is_local() => {
            specifier(Operator::Equal, from)
        }
        (Bound::Before(from), Bound::Before(_))
            if !from.is_local() && Bound::after_locals(from) == upper =>
        {
            specifier(Operator::Equal, from)
        }
        (Bound::Before(from), Bound::Before(to)) => {
            let prefix = previous_prefix(to)?;
            (prefix.with_dev_zero() == from).then(|| specifier(Operator::EqualPrefix, prefix))?
        }
        _ => None,
    }
}

/// The final version `X` of `X.dev0`.
fn final_of_dev_zero(version: Version) -> Option<Version> {
    let parts = version.parts();
    let is_plain = parts.pre.is_none() && parts.post.is_none() && parts.local.is_empty();
    (is_plain && parts.dev == Some(Number::ZERO)).then(|| version.base())
}

/// The prefix whose next is the given one: `1.2` for `1.3.dev0`.
fn previous_prefix(next: Version) -> Option<Version> {
    let parts = final_of_dev_zero(next)?.parts();
    let mut release = parts.trimmed().release;
    let last = release.last_mut()?;
    *last = Number::Small(last.as_u64()?.checked_sub(1)?);
    Some(Version::from_parts(Parts { release, ..parts }))
}

/// `>=V` and what else starts before `V`.
fn spell_from(version: Version) -> Option<Vec<Specifier>> {
    if let Some(prefix) = previous_prefix(version) {
        return Some(vec![
            specifier(Operator::GreaterThanEqual, prefix)?,
            specifier(Operator::NotEqualPrefix, prefix)?,
        ]);
    }
    if let Some(before) = before_post(version)
        && !before.is_prerelease()
    {
        return Some(if before.is_postrelease() {
            vec![specifier(Operator::GreaterThan, before)?]
        } else {
            vec![
                specifier(Operator::GreaterThanEqual, before)?,
                specifier(Operator::NotEqual, before)?,
            ]
        });
    }
    Some(vec![specifier(Operator::GreaterThanEqual, version)?])
}

/// `<V` and what else ends before `V`.
fn spell_until(version: Version) -> Option<Vec<Specifier>> {
    if version.is_local() {
        return None;
    }
    if !version.is_prerelease() {
        return Some(vec![
            specifier(Operator::LessThanEqual, version)?,
            specifier(Operator::NotEqual, version)?,
        ]);
    }
    if let Some(base) = final_of_dev_zero(version) {
        return Some(vec![specifier(Operator::LessThan, base)?]);
    }
    if let Some(before) = before_post(version) {
        return Some(vec![specifier(Operator::LessThanEqual, before)?]);
    }
    Some(vec![specifier(Operator::LessThan, version)?])
}

/// The version whose locals end before `V.postN.dev0`: `V` or `V.post(N-1)`.
fn before_post(version: Version) -> Option<Version> {
    let mut parts = version.parts();
    if parts.dev != Some(Number::ZERO) || !parts.local.is_empty() {
        return None;
    }
    let post = parts.post.as_ref()?.as_u64()?;
    parts.dev = None;
    parts.post = post.checked_sub(1).map(Number::Small);
    Some(Version::from_parts(parts))
}
