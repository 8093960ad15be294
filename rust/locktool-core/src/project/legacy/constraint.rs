//! Poetry's version constraints as specifiers (PEP 440).
//!
//! ```text
//! ^1.2.3  >=1.2.3,<2.0.0      ~1.2.3  >=1.2.3,<1.3.0      1.2.3      ==1.2.3
//! ^0.2.3  >=0.2.3,<0.3.0      ~1.2    >=1.2,<1.3          1.2.*      ==1.2.*
//! ^0.0.3  >=0.0.3,<0.0.4      ~1      >=1,<2              *          every version
//! ^0.0    >=0.0,<0.1          >=1 <2  >=1,<2              ^1 || ^3   >=1,!=2.*,<4
//! ```

use crate::document::caret::quoted;
use crate::version::{Operator, Specifier, SpecifierSet, Version};

/// A gap of more minor or major numbers than this between alternatives is not written out.
const WIDEST_GAP: u64 = 100;

const OPERATORS: [&str; 10] = ["===", "~=", "==", "!=", "<=", ">=", "^", "~", "<", ">"];

/// One alternative: its specifiers, and its range where they are all that it says.
struct Alternative {
    specifiers: Vec<String>,
    range: Option<Range>,
}

/// `>=lower`, or `>=lower,<upper`
#[derive(Clone)]
struct Range {
    lower: End,
    upper: Option<End>,
}

#[derive(Clone)]
struct End {
    version: Version,
    /// As it is written.
    text: String,
}

/// The specifiers that say the same as a constraint, of a package or of Python; none for every version.
///
/// # Errors
/// Why there are none: the text is no constraint, or it has alternatives that no specifiers can say together.
pub fn specifiers_of(constraint: &str, of_python: bool) -> Result<String, String> {
    let alternatives = alternatives_of(constraint)?;
    if alternatives.iter().any(|one| one.specifiers.is_empty()) {
        return Ok(String::new());
    }
    let specifiers = match &alternatives[..] {
        [single] => single.specifiers.clone(),
        _ => joined(&alternatives, of_python).map_err(|reason| refusal(constraint, &reason))?,
    };
    Ok(specifiers.join(","))
}

/// The marker of a constraint on Python, as Poetry writes it: minor versions are compared as such, and the full version where a micro
/// version is written or the sign means the first micro version alone. None for every Python.
///
/// # Errors
/// When the text is no constraint.
pub fn python_marker(constraint: &str) -> Result<Option<String>, String> {
    let mut texts = Vec::new();
    for alternative in alternatives_of(constraint)? {
        let mut parts: Vec<String> = Vec::new();
        for specifier in &alternative.specifiers {
            let set: SpecifierSet = specifier.parse().map_err(|_| unknown(constraint))?;
            parts.extend(set.written().iter().map(of_python));
        }
        if parts.is_empty() {
            return Ok(None);
        }
        // The lower end before the upper.
        parts.sort_unstable_by(|one, other| other.cmp(one));
        texts.push(parts.join(" and "));
    }
    Ok(Some(texts.join(" or ")))
}

/// `python_version >= '3.11'`, `python_full_version > '3.11.0'`
fn of_python(specifier: &Specifier) -> String {
    let (operator, version) = (specifier.operator(), specifier.version_text());
    let precision = version.split('.').filter(|part| *part != "*").count();
    let is_wildcard = version.ends_with('*');
    let means_one = matches!(
        operator,
        Operator::GreaterThan | Operator::LessThanEqual | Operator::NotEqual
    );
    let (field, version) = if precision > 2 {
        ("python_full_version", version)
    } else if means_one && !is_wildcard {
        let padding = ".0".repeat(3 - precision);
        ("python_full_version", version + &padding)
    } else {
        ("python_version", version)
    };
    format!("{field} {} '{version}'", operator.as_str())
}

/// `^2.7 || ^3.6` or, as Poetry once wrote it, `^2.7 | ^3.6`.
fn alternatives_of(constraint: &str) -> Result<Vec<Alternative>, String> {
    let texts = constraint.split("||").flat_map(|text| text.split('|'));
    texts.map(alternative).collect()
}

fn alternative(text: &str) -> Result<Alternative, String> {
    let mut specifiers = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let operator = OPERATORS
            .into_iter()
            .chain(["="])
            .find(|operator| rest.starts_with(operator));
        let operator = operator.unwrap_or("");
        let behind = rest[operator.len()..].trim_start();
        let end = behind
            .find(|character: char| character.is_whitespace() || ",^~=!<>".contains(character));
        // An epoch has an exclamation mark in it.
        let end = match end {
            Some(at) if behind[at..].starts_with('!') && !behind[at..].starts_with("!=") => behind
                [at + 1..]
                .find(|character: char| character.is_whitespace() || ",^~=!<>".contains(character))
                .map_or(behind.len(), |further| at + 1 + further),
            Some(at) => at,
            None => behind.len(),
        };
        let version = &behind[..end];
        if version.is_empty() {
            return Err(unknown(text));
        }
        specifiers.extend(compared(operator, version).ok_or_else(|| unknown(text))?);
        rest = behind[end..].trim_start();
        rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
    }
    Ok(Alternative {
        range: range_of(&specifiers),
        specifiers,
    })
}

/// One comparison as specifiers; nothing where it is none.
fn compared(operator: &str, version: &str) -> Option<Vec<String>> {
    if version == "*" {
        return Some(Vec::new());
    }
    if let "^" | "~" = operator {
        let lower: Version = version.parse().ok()?;
        let upper = above(lower, operator == "^");
        return Some(vec![format!(">={version}"), format!("<{upper}")]);
    }
    let operator = if operator.is_empty() || operator == "=" {
        "=="
    } else {
        operator
    };
    let text = format!("{operator}{version}");
    text.parse::<SpecifierSet>().ok().map(|_| vec![text])
}

/// The first version that `^` or `~` no longer allows, with as many numbers as were written.
fn above(version: Version, caret: bool) -> String {
    let mut release = version.release().to_vec();
    let last = release.len() - 1;
    let place = if caret {
        // The first number that is not zero may not change; where all are, the last one.
        release
            .iter()
            .position(|number| *number > 0)
            .unwrap_or(last)
    } else {
        last.min(1)
    };
    release[place] = release[place].saturating_add(1);
    release[place + 1..].fill(0);
    let numbers: Vec<String> = release.iter().map(ToString::to_string).collect();
    let epoch = match version.epoch() {
        0 => String::new(),
        epoch => format!("{epoch}!"),
    };
    epoch + &numbers.join(".")
}

/// The range of `>=a`, or of `>=a,<b` in either order.
fn range_of(specifiers: &[String]) -> Option<Range> {
    let end = |mark: &str| {
        let mut found = specifiers.iter().filter_map(|one| one.strip_prefix(mark));
        let text = found.next()?.to_owned();
        let version = text.parse().ok()?;
        Some(End { version, text })
    };
    let (lower, upper) = (end(">=")?, end("<"));
    (specifiers.len() == 1 + usize::from(upper.is_some())).then_some(Range { lower, upper })
}

/// Alternatives as one range with what lies between them left out. Of Python, nothing was ever between 2.7 and 3.0.
fn joined(alternatives: &[Alternative], of_python: bool) -> Result<Vec<String>, String> {
    let ranges: Option<Vec<Range>> = alternatives.iter().map(|one| one.range.clone()).collect();
    let mut ranges = ranges.ok_or("its alternatives are not plain ranges")?;
    ranges.sort_by_key(|range| range.lower.version);
    let mut rest = ranges.into_iter();
    let Range { lower, mut upper } = rest.next().ok_or("it says nothing")?;
    let mut left_out = Vec::new();
    let (last_of_two, first_of_three) = (
        Version::from_release(&[2, 8]),
        Version::from_release(&[3, 0]),
    );
    for next in rest {
        let Some(until) = &upper else { break };
        let is_between = of_python && (last_of_two..first_of_three).contains(&until.version);
        let from = if is_between {
            first_of_three
        } else {
            until.version
        };
        if next.lower.version > from {
            let gap = gap(from, next.lower.version);
            left_out.extend(gap.ok_or_else(|| {
                format!(
                    "it leaves out what lies from {} to {}",
                    until.text, next.lower.text
                )
            })?);
        }
        upper = match next.upper {
            Some(end) if end.version < until.version => upper,
            end => end,
        };
    }
    let mut specifiers = vec![format!(">={}", lower.text)];
    specifiers.extend(left_out);
    specifiers.extend(upper.map(|upper| format!("<{}", upper.text)));
    Ok(specifiers)
}

/// What lies between two releases as specifiers that leave it out: `!=3.0.*` and `!=3.1.*` for what is between 3.0 and 3.2.
fn gap(from: Version, to: Version) -> Option<Vec<String>> {
    if from.epoch() != to.epoch() || from.is_prerelease() || to.is_prerelease() {
        return None;
    }
    let (from, to) = (from.release().to_vec(), to.release().to_vec());
    let number = |release: &[u64], place: usize| release.get(place).copied().unwrap_or(0);
    let longest = from.len().max(to.len());
    let place = (0..longest).find(|place| number(&from, *place) != number(&to, *place))?;
    let ends_there = |release: &[u64]| release.iter().skip(place + 1).all(|number| *number == 0);
    let (first, last) = (number(&from, place), number(&to, place));
    if !ends_there(&from) || !ends_there(&to) || last - first > WIDEST_GAP {
        return None;
    }
    let numbers = (0..place).map(|place| number(&from, place).to_string());
    let common: Vec<String> = numbers.collect();
    let specifier = |last: u64| {
        let numbers = common.iter().cloned().chain([last.to_string()]);
        format!("!={}.*", numbers.collect::<Vec<_>>().join("."))
    };
    Some((first..last).map(specifier).collect())
}

fn unknown(constraint: &str) -> String {
    refusal(constraint, "that is no version constraint of Poetry")
}

fn refusal(constraint: &str, reason: &str) -> String {
    format!(
        "{} cannot be written as specifiers: {reason}",
        quoted(constraint)
    )
}
