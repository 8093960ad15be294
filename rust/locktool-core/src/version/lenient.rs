//! Repairs of malformed specifier lists that old uploads carry: read on the resolver's path only, and reported.

use super::parse::strip;
use super::specifier::{Specifier, SpecifierParseError};
use super::{SpecifierSet, Version};

const SIGN_CHARACTERS: [char; 5] = ['=', '<', '>', '!', '~'];

/// Reads a list strictly, else after repairs; the second value says what was repaired.
pub(super) fn parse(input: &str) -> Result<(SpecifierSet, Option<String>), SpecifierParseError> {
    let strict_error = match input.parse() {
        Ok(set) => return Ok((set, None)),
        Err(error) => error,
    };
    let mut repairs = Repairs::default();
    let cleaned = without_wrapping(input, &mut repairs);
    let mut specifiers = Vec::new();
    for piece in pieces(&cleaned, &mut repairs) {
        if matches!(piece.as_str(), "*" | "=*" | "==*" | ">=*") {
            repairs.note("dropped a wildcard without a version");
            continue;
        }
        match repaired(&piece, &mut repairs) {
            Some(specifier) => specifiers.push(specifier),
            None => return Err(strict_error),
        }
    }
    Ok((specifiers.into_iter().collect(), Some(repairs.0.join("; "))))
}

/// What was done, each thing once.
#[derive(Default)]
struct Repairs(Vec<&'static str>);

impl Repairs {
    fn note(&mut self, repair: &'static str) {
        if !self.0.contains(&repair) {
            self.0.push(repair);
        }
    }
}

/// Without quotes and the parentheses of the old metadata form.
fn without_wrapping(input: &str, repairs: &mut Repairs) -> String {
    let cleaned: String = input
        .chars()
        .filter(|character| !matches!(character, '"' | '\'' | '(' | ')'))
        .collect();
    if cleaned.len() != input.len() {
        repairs.note("removed stray quotes or parentheses");
    }
    cleaned
}

/// The comma-separated pieces, split also where a comma is missing: `>=7.2<8`.
fn pieces(cleaned: &str, repairs: &mut Repairs) -> Vec<String> {
    let mut pieces = Vec::new();
    for piece in cleaned
        .split([',', ';'])
        .map(strip)
        .filter(|piece| !piece.is_empty())
    {
        let mut start = 0;
        let mut in_version = false;
        for (position, character) in piece.char_indices() {
            if !SIGN_CHARACTERS.contains(&character) {
                in_version |= !character.is_whitespace();
            } else if in_version {
                pieces.push(strip(&piece[start..position]).to_owned());
                repairs.note("added a missing comma");
                start = position;
                in_version = false;
            }
        }
        pieces.push(strip(&piece[start..]).to_owned());
    }
    pieces
}

fn repaired(piece: &str, repairs: &mut Repairs) -> Option<Specifier> {
    if let Ok(specifier) = piece.parse() {
        return Some(specifier);
    }
    let version_start = piece.find(|character| !SIGN_CHARACTERS.contains(&character))?;
    let (written, version) = (&piece[..version_start], strip(&piece[version_start..]));
    let (sign, version) = match written {
        "" | "=" => ("==", version.to_owned()),
        "=>" => (">=", version.to_owned()),
        "=<" => ("<=", version.to_owned()),
        "~" | "~>" => ("~=", version.to_owned()),
        "!=~" => ("!=", format!("{version}.*")),
        _ => (written, version.to_owned()),
    };
    if sign != written {
        repairs.note("read an unknown comparison as the nearest known one");
    }
    with_version_repaired(sign, &version, repairs).parse().ok()
}

/// The version of `pytz>dev`, the lowest of any package.
const LOWEST: &str = "0.0.0.dev0";

fn with_version_repaired(sign: &str, version: &str, repairs: &mut Repairs) -> String {
    if version.eq_ignore_ascii_case("dev") {
        repairs.note("read a version that is only 'dev' as 0.0.0.dev0");
        return format!("{sign}{LOWEST}");
    }
    if let Some(kept) = without_zero_after_prerelease(version) {
        repairs.note("dropped a number after a pre-release");
        return format!("{sign}{kept}");
    }
    let release = version.trim_end_matches(['*', '.']);
    let is_wildcard = version.ends_with('*');
    if release.len() != version.len() {
        repairs.note(match sign {
            "==" | "!=" if is_wildcard => "wrote a wildcard as '.*'",
            _ if is_wildcard => "dropped a wildcard that the comparison does not allow",
            _ => "dropped a trailing dot",
        });
    }
    match sign {
        "==" | "!=" if is_wildcard => format!("{sign}{release}.*"),
        "~=" if is_wildcard && !release.contains('.') => format!("=={release}.*"),
        "~=" if is_wildcard => format!("~={release}.0"),
        "~=" if !release.contains('.') => {
            repairs.note("added '.0' to a '~=' with one number");
            format!("~={release}.0")
        }
        _ => format!("{sign}{release}"),
    }
}

/// `9.0.0a1` of `9.0.0a1.0`.
fn without_zero_after_prerelease(version: &str) -> Option<&str> {
    let kept = version.strip_suffix(".0")?;
    let parsed: Version = kept.parse().ok()?;
    let has_suffix = parsed.is_prerelease() || parsed.is_postrelease();
    (has_suffix && version.parse::<Version>().is_err()).then_some(kept)
}
