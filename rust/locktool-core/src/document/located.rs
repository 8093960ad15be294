//! What is wrong in a file that a person wrote: one message, and the file, line and column it is about.

use std::ops::Range;
use std::path::{Path, PathBuf};

/// An error in a file, complete for people in `message`, and in parts for programs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct LocatedError {
    /// A short word for tools: `unknown-key`
    pub code: &'static str,
    /// Begins with the location: `pyproject.toml:3:1: ...`
    pub message: String,
    /// The file; `None` for what no file says.
    pub path: Option<PathBuf>,
    /// Counted from 1.
    pub line: Option<usize>,
    /// The character in the line, counted from 1.
    pub column: Option<usize>,
    /// Further facts by name: `("key", "tool.locktool.resolution")`
    pub facts: Vec<(&'static str, Fact)>,
}

/// A fact about an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    Text(String),
    List(Vec<String>),
}

impl LocatedError {
    /// An error about a whole file or directory.
    pub fn of_path(code: &'static str, path: &Path, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            path: Some(path.to_owned()),
            line: None,
            column: None,
            facts: Vec::new(),
        }
    }

    /// Adds a fact.
    #[must_use]
    pub fn with(mut self, name: &'static str, text: impl Into<String>) -> Self {
        self.facts.push((name, Fact::Text(text.into())));
        self
    }

    /// Adds a fact that is a list.
    #[must_use]
    pub fn with_list(mut self, name: &'static str, items: Vec<String>) -> Self {
        self.facts.push((name, Fact::List(items)));
        self
    }
}

/// Writes `file:line:column`, the file relative to the working directory where it lies below it.
pub fn location(path: &Path, line: Option<usize>, column: Option<usize>) -> String {
    let below = std::env::current_dir()
        .ok()
        .and_then(|directory| path.strip_prefix(directory).ok().map(Path::to_owned));
    let mut text = match &below {
        Some(relative) if relative.as_os_str().is_empty() => ".".to_owned(),
        Some(relative) => relative.display().to_string(),
        None => path.display().to_string(),
    };
    for number in [line, column].into_iter().flatten() {
        text.push(':');
        text.push_str(&number.to_string());
    }
    text
}

/// Why a file could not be read or written, without the number that the system gives it.
pub fn reason_of(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.find(" (os error") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

/// Puts asterisks over the credentials of every address in a text, keeping its length for carets: user and password (RFC 3986,
/// section 3.2.1), also where the scheme is missing, and the query.
pub fn hide_credentials(text: &str) -> String {
    let covered: Vec<Range<usize>> = in_urls(text).chain(in_words(text)).collect();
    let hide = |(at, character)| {
        if covered.iter().any(|range| range.contains(&at)) {
            '*'
        } else {
            character
        }
    };
    text.char_indices().map(hide).collect()
}

/// Where credentials stand after a scheme.
fn in_urls(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices("://").flat_map(|(at, scheme)| {
        let start = at + scheme.len();
        let rest = &text[start..];
        let ends = |character: char| character == '/' || character.is_whitespace();
        let authority = &rest[..rest.find(ends).unwrap_or(rest.len())];
        let userinfo = authority.rfind('@').unwrap_or(0);
        let word = &rest[..rest[userinfo..]
            .find(ends_a_word)
            .map_or(rest.len(), |end| userinfo + end)];
        let query = word[userinfo..].find('?').map(|mark| userinfo + mark + 1);
        let query = query.map(|first| start + first..start + word.len());
        std::iter::once(start..start + userinfo).chain(query)
    })
}

/// Where credentials stand in words without a scheme: `user:password@host/simple`
fn in_words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut start = 0;
    text.split_inclusive(ends_a_word).filter_map(move |word| {
        let at = start;
        start += word.len();
        let userinfo = &word[..word.rfind('@')?];
        let is_one = userinfo.contains(':') && !userinfo.contains('/');
        is_one.then(|| at..at + userinfo.len())
    })
}

fn ends_a_word(character: char) -> bool {
    character.is_whitespace() || matches!(character, '"' | '\'' | '`')
}

#[cfg(test)]
mod tests {
    use super::hide_credentials;

    #[test]
    fn credentials_are_covered_and_the_rest_stays() {
        let hidden = hide_credentials("x @ https://ann:secret@host/a and ssh://git@host/b@v1");
        assert_eq!(
            hidden,
            "x @ https://**********@host/a and ssh://***@host/b@v1"
        );
        assert_eq!(hide_credentials("https://host/a@v1"), "https://host/a@v1");
        assert_eq!(hide_credentials("https://a:b@c@host"), "https://*****@host");
        assert_eq!(
            hide_credentials("'https://host/a?token=x' and 'ann:secret@host/a'"),
            "'https://host/a?*******' and '**********@host/a'"
        );
        assert_eq!(hide_credentials("https://a:b@host?ö"), "https://***@host?*");
        assert_eq!(
            hide_credentials("git@host:a/b, 10:30 @ c"),
            "git@host:a/b, 10:30 @ c"
        );
    }
}
