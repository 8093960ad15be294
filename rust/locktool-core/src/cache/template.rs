//! Texts of a file in which its version, its name and its path digest are left out, so that those of many files are one.
//!
//! ```text
//! flask-3.1.0-py3-none-any.whl                          flask-V-py3-none and -any.whl
//! https://h.example/ab/cd/<60 digits>/<file name>       https://h.example/DN
//! https://h.example/flask/3.1.0/<file name>/provenance  https://h.example/flask/V/N/provenance
//! ```
//! V, N and D are the characters 1, 2 and 3, which no address has; a text that does has the character 0 before each of
//! the four.

use std::borrow::Cow;

use memchr::memchr_iter;

use super::hex::{from_hex, push_hex};

const LITERAL: char = '\0';
const VERSION: char = '\u{1}';
const FILENAME: char = '\u{2}';
const PATH_DIGEST: char = '\u{3}';

/// More than a writer ever leaves out of a text: what expands to more is damaged, and could grow without bound.
const MOST_LEFT_OUT: usize = 4;
/// The length of `ab/cd/<60 digits>/`, the way large indexes spread files over directories.
pub(super) const DIGEST_PATH: usize = 67;

/// What a template of a file leaves out.
#[derive(Clone, Copy, Default)]
pub(super) struct LeftOut<'a> {
    pub version: &'a str,
    pub filename: &'a str,
    pub path_digest: [u8; 32],
}

/// The two templates of a file name: the second has what follows the last `-`, most often platforms or a suffix.
pub(super) fn of_filename<'f>(filename: &'f str, version: &str) -> [Cow<'f, str>; 2] {
    let (start, ending) = filename.split_at(filename.rfind('-').unwrap_or(0));
    let follows = |rest: &str| rest.is_empty() || rest.starts_with(['-', '.']);
    [start, ending].map(|part| without_version(part, version, b'-', follows))
}

/// The template of an address, and the path digest that it leaves out.
pub(super) fn of_address(url: &str, filename: &str, version: &str) -> (String, Option<[u8; 32]>) {
    let Some(directory) = url
        .strip_suffix(filename)
        .filter(|directory| directory.ends_with('/'))
    else {
        return (without_segment(url, version).into_owned(), None);
    };
    let (prefix, digest) = match split_digest(directory) {
        Some((prefix, digest)) => (prefix, Some(digest)),
        None => (directory, None),
    };
    let mut template = without_segment(prefix, version).into_owned();
    if digest.is_some() {
        template.push(PATH_DIGEST);
    }
    template.push(FILENAME);
    (template, digest)
}

/// The template of another text about a file.
pub(super) fn of_text(text: &str, filename: &str, version: &str) -> String {
    match text.split_once(filename) {
        Some((before, after)) if !filename.is_empty() => {
            let mut template = without_segment(before, version).into_owned();
            template.push(FILENAME);
            push_literally(&mut template, after);
            template
        }
        _ => without_segment(text, version).into_owned(),
    }
}

/// Appends the text that a template stands for; `None` for one that nobody writes.
pub(super) fn expand(out: &mut String, template: &str, left_out: &LeftOut<'_>) -> Option<()> {
    let is_special = |byte: &u8| *byte <= PATH_DIGEST as u8;
    let (mut rest, mut count) = (template, 0);
    while let Some(at) = rest.as_bytes().iter().position(is_special) {
        out.push_str(&rest[..at]);
        let special = char::from(rest.as_bytes()[at]);
        rest = &rest[at + 1..];
        if special == LITERAL {
            let next = rest.chars().next()?;
            out.push(next);
            rest = &rest[next.len_utf8()..];
            continue;
        }
        count += 1;
        match special {
            _ if count > MOST_LEFT_OUT => return None,
            VERSION => out.push_str(left_out.version),
            FILENAME => out.push_str(left_out.filename),
            _ => {
                let (first, rest) = left_out.path_digest.split_at(1);
                let (second, rest) = rest.split_at(1);
                for part in [first, second, rest] {
                    push_hex(out, part);
                    out.push('/');
                }
            }
        }
    }
    out.push_str(rest);
    Some(())
}

/// A template of a text in which the version is a path segment.
fn without_segment<'t>(text: &'t str, version: &str) -> Cow<'t, str> {
    without_version(text, version, b'/', |rest| rest.starts_with('/'))
}

/// Leaves out the first occurrence of a version that stands between this character and what may follow.
fn without_version<'t>(
    text: &'t str,
    version: &str,
    before: u8,
    may_follow: impl Fn(&str) -> bool,
) -> Cow<'t, str> {
    let starts = memchr_iter(before, text.as_bytes()).map(|at| at + 1);
    let mut starts = starts.filter(|_| !version.is_empty());
    let is_there = |at: &usize| text[*at..].strip_prefix(version).is_some_and(&may_follow);
    match starts.find(is_there) {
        None if is_literal(text) => Cow::Borrowed(text),
        found => {
            let (kept, rest) = text.split_at(found.unwrap_or(text.len()));
            let mut template = String::with_capacity(text.len() + 1);
            push_literally(&mut template, kept);
            if found.is_some() {
                template.push(VERSION);
                push_literally(&mut template, &rest[version.len()..]);
            }
            Cow::Owned(template)
        }
    }
}

/// Whether a text is its own template.
fn is_literal(text: &str) -> bool {
    // The least of all, without an early end: many bytes are compared at once.
    let least = text.bytes().min();
    least.is_none_or(|least| least > PATH_DIGEST as u8)
}

fn push_literally(template: &mut String, text: &str) {
    if is_literal(text) {
        template.push_str(text);
        return;
    }
    for character in text.chars() {
        if character <= PATH_DIGEST {
            template.push(LITERAL);
        }
        template.push(character);
    }
}

/// Splits a directory into what stands before its digest path, and the digest.
fn split_digest(directory: &str) -> Option<(&str, [u8; 32])> {
    let at = directory.len().checked_sub(DIGEST_PATH)?;
    let tail = directory.get(at..)?;
    let separated = |position: usize| tail.as_bytes()[position] == b'/';
    if !(separated(2) && separated(5) && separated(66)) {
        return None;
    }
    let digits = [&tail[..2], &tail[3..5], &tail[6..66]].concat();
    Some((&directory[..at], from_hex(&digits)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{LeftOut, expand, of_address, of_filename, of_text};

    fn expanded(template: &str, left_out: &LeftOut<'_>) -> String {
        let mut text = String::new();
        expand(&mut text, template, left_out).expect("a template");
        text
    }

    proptest! {
        #[test]
        fn expanding_gives_the_text_back(
            text in "[/1.\u{0}-\u{4}ü-]{0,12}", filename in "[/1.\u{0}-\u{4}ü-]{0,3}", version in "[1.\u{0}-\u{4}]{0,2}",
        ) {
            let mut left_out = LeftOut { version: &version, filename: &filename, ..LeftOut::default() };
            prop_assert_eq!(expanded(&of_text(&text, &filename, &version), &left_out), text.clone());
            let [start, ending] = of_filename(&text, &version);
            prop_assert_eq!(expanded(&start, &left_out) + &expanded(&ending, &left_out), text.clone());
            let address = format!("{text}/{filename}");
            let (template, digest) = of_address(&address, &filename, &version);
            left_out.path_digest = digest.unwrap_or_default();
            prop_assert_eq!(expanded(&template, &left_out), address);
        }
    }

    #[test]
    fn files_of_all_versions_share_their_templates() {
        let wheel = of_filename("flask-3.1.0-py3-none-any.whl", "3.1.0");
        assert_eq!(wheel, ["flask-\u{1}-py3-none", "-any.whl"]);
        let source = of_filename("my-flask-3.1.0.tar.gz", "3.1.0");
        assert_eq!(source, ["my-flask", "-\u{1}.tar.gz"]);
        let digest = [0xab; 32];
        let digits = "ab".repeat(30);
        let address = format!("https://h.example.invalid/ab/ab/{digits}/a.whl");
        let found = of_address(&address, "a.whl", "1");
        assert_eq!(
            found,
            ("https://h.example.invalid/\u{3}\u{2}".into(), Some(digest))
        );
        let provenance = of_text("https://h.example.invalid/a/1/a-1.whl/p", "a-1.whl", "1");
        assert_eq!(provenance, "https://h.example.invalid/a/\u{1}/\u{2}/p");
    }

    #[test]
    fn a_template_that_nobody_writes_is_refused() {
        let mut out = String::new();
        assert_eq!(expand(&mut out, "\0", &LeftOut::default()), None);
        let many = "\u{1}".repeat(5);
        assert_eq!(expand(&mut out, &many, &LeftOut::default()), None);
    }
}
