//! `in` with a field on the left is a substring test: which values of a field are substrings of
//! a literal? For interpreter versions these are finitely many, found by their shape; for names
//! the words of the literal stand for those that can matter.

use crate::marker::interpreter::{Build, Cut, Side};
use crate::version::Version;

/// Longest part of a number that is tried, so that a long literal costs linear time.
const LONGEST_NUMBER: usize = 4;
/// Longest local label that is tried.
const LONGEST_LABEL: usize = 32;
/// Most values that are taken from one literal.
const MOST_VALUES: usize = 4096;

/// The stretches of the `X.Y` that are substrings of the literal.
pub fn minor_versions(literal: &str) -> Vec<(Cut, Cut)> {
    let mut stretches: Vec<(Cut, Cut)> = Vec::new();
    for (major, rest) in numbers_ending_at_dots(literal) {
        for (minor, _) in number_prefixes(rest) {
            stretches.push((Cut::minor(major, minor), Cut::minor(major, minor + 1)));
        }
    }
    ordered(stretches)
}

/// The stretches of the `X.Y.Z` versions and pre-releases that are substrings of the literal.
pub fn interpreter_versions(literal: &str) -> Vec<(Cut, Cut)> {
    let mut stretches: Vec<(Cut, Cut)> = Vec::new();
    for (major, rest) in numbers_ending_at_dots(literal) {
        let Some((minor, rest)) = number_prefixes(rest).last() else {
            continue;
        };
        let Some(rest) = rest.strip_prefix('.') else {
            continue;
        };
        for (micro, rest) in number_prefixes(rest) {
            for suffix in suffixes(rest) {
                let text = format!("{major}.{minor}.{micro}{suffix}");
                let Ok(version) = text.parse::<Version>() else {
                    continue;
                };
                let point = Cut::of(version);
                let build = match point.build {
                    Build::Label(label, _) => Build::Label(label, Side::Above),
                    _ => Build::AfterVersion,
                };
                stretches.push((point, Cut { build, ..point }));
            }
        }
    }
    ordered(stretches)
}

/// What can follow a release: nothing, a pre-release, a local label, or both.
fn suffixes(text: &str) -> Vec<String> {
    let mut pre_releases = vec![(String::new(), text)];
    for stage in ["a", "b", "rc"] {
        let numbers = text
            .strip_prefix(stage)
            .into_iter()
            .flat_map(number_prefixes);
        pre_releases.extend(numbers.map(|(number, rest)| (format!("{stage}{number}"), rest)));
    }
    let mut found = Vec::new();
    for (pre_release, rest) in pre_releases {
        let label = rest.strip_prefix('+').unwrap_or("").bytes();
        let longest = label
            .take(LONGEST_LABEL)
            .take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'.')
            .count();
        found.extend((1..=longest).map(|length| format!("{pre_release}{}", &rest[..=length])));
        found.push(pre_release);
    }
    found
}

/// The words of a literal that lists values: `'linux darwin'`, `'linux,darwin'`.
pub fn words(literal: &str) -> Vec<&str> {
    let is_separator = |character: char| {
        matches!(
            character,
            ' ' | '\t' | ',' | ';' | '|' | '/' | ':' | '[' | ']'
        )
    };
    literal
        .split(is_separator)
        .take(MOST_VALUES)
        .chain([literal])
        .collect()
}

/// Every number that stands before a dot, from each digit it can start at, and what follows.
fn numbers_ending_at_dots(literal: &str) -> impl Iterator<Item = (u64, &str)> {
    let bytes = literal.as_bytes();
    let dots = (0..bytes.len()).filter(move |index| bytes[*index] == b'.');
    dots.flat_map(move |dot| {
        (1..=LONGEST_NUMBER.min(dot))
            .take_while(move |length| bytes[dot - length].is_ascii_digit())
            .filter(move |length| *length == 1 || bytes[dot - length] != b'0')
            .filter_map(move |length| {
                Some((
                    literal[dot - length..dot].parse().ok()?,
                    &literal[dot + 1..],
                ))
            })
    })
    .take(MOST_VALUES)
}

/// Every number that the text begins with, shortest first, and what follows each.
fn number_prefixes(text: &str) -> impl Iterator<Item = (u64, &str)> {
    let bytes = text.as_bytes();
    let digits = bytes
        .iter()
        .take(LONGEST_NUMBER)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let longest = if bytes.first() == Some(&b'0') {
        digits.min(1)
    } else {
        digits
    };
    (1..=longest).filter_map(move |length| Some((text[..length].parse().ok()?, &text[length..])))
}

fn ordered(mut stretches: Vec<(Cut, Cut)>) -> Vec<(Cut, Cut)> {
    stretches.sort_unstable();
    stretches.dedup();
    stretches
}
