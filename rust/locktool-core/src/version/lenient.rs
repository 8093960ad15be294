//! Repairs of malformed specifier lists that old uploads carry: read on the resolver's path only, and reported.

use super::SpecifierSet;
use super::parse::strip;
use super::specifier::{Specifier, SpecifierParseError};

const SIGN_CHARACTERS: [char; 5] = ['=', '<', '>', '!', '~'];

/// Reads a list strictly, else after repairs; the second value says what was repaired.
pub(super) fn parse(input: &str) -> Result<(SpecifierSet, Option<String>), SpecifierParseError> {
    let strict_error = match input.parse() {
        Ok(set) => return Ok((set, None)),
        Err(error) => error,
    };
    let mut repairs = Vec::new();
    let cleaned = without_wrapping(input, &mut repairs);
    let mut specifiers = Vec::new();
    for piece in pieces(&cleaned, &mut repairs) {
        match repaired(&piece, &mut repairs) {
            Some(specifier) => specifiers.push(specifier),
            None => return Err(strict_error),
        }
    }
    repairs.dedup();
    Ok((specifiers.into_iter().collect(), Some(repairs.join("; "))))
}

/// Without quotes and the parentheses of the old metadata form.
fn without_wrapping(input: &str, repairs: &mut Vec<String>) -> String {
    let cleaned: String = input
        .chars()
        .filter(|character| !matches!(character, '"' | '\'' | '(' | ')'))
        .collect();
    if cleaned.len() != input.len() {
        repairs.push("removed stray quotes or parentheses".to_owned());
    }
    cleaned
}

/// The comma-separated pieces, split also where a comma is missing: `>=7.2<8`.
fn pieces(cleaned: &str, repairs: &mut Vec<String>) -> Vec<String> {
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
                repairs.push("added a missing comma".to_owned());
                start = position;
                in_version = false;
            }
        }
        pieces.push(strip(&piece[start..]).to_owned());
    }
    pieces
}

fn repaired(piece: &str, repairs: &mut Vec<String>) -> Option<Specifier> {
    if let Ok(specifier) = piece.parse() {
        return Some(specifier);
    }
    let version_start = piece.find(|character| !SIGN_CHARACTERS.contains(&character))?;
    let (sign, version) = (&piece[..version_start], strip(&piece[version_start..]));
    let (sign, operator_repair) = match sign {
        "" => ("==", Some("read a bare version as '=='")),
        "=" => ("==", Some("read '=' as '=='")),
        "=>" => (">=", Some("read '=>' as '>='")),
        "=<" => ("<=", Some("read '=<' as '<='")),
        "~" | "~>" => ("~=", Some("read '~' as '~='")),
        sign => (sign, None),
    };
    let (sign, version, version_repair) = with_version_repaired(sign, version);
    let specifier = format!("{sign}{version}").parse().ok()?;
    repairs.extend(
        operator_repair
            .into_iter()
            .chain(version_repair)
            .map(ToOwned::to_owned),
    );
    Some(specifier)
}

fn with_version_repaired<'a>(
    sign: &'a str,
    version: &str,
) -> (&'a str, String, Option<&'static str>) {
    let release = version.trim_end_matches(['*', '.']);
    if release.len() != version.len() {
        return match sign {
            "==" | "!=" => (sign, format!("{release}.*"), Some("read '*' as '.*'")),
            "~=" if !release.contains('.') => (
                "==",
                format!("{release}.*"),
                Some("read '~=' with a wildcard as '=='"),
            ),
            "~=" => (
                "~=",
                format!("{release}.0"),
                Some("dropped '.*' after '~='"),
            ),
            _ => (
                sign,
                release.to_owned(),
                Some("dropped '.*' after an ordering comparison"),
            ),
        };
    }
    if sign == "~=" && version.bytes().all(|byte| byte.is_ascii_digit()) {
        return (
            sign,
            format!("{version}.0"),
            Some("added '.0' to a '~=' with one number"),
        );
    }
    (sign, version.to_owned(), None)
}
