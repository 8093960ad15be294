//! What both forms of a project page have in common: links to files, times, the API version and the status
//! of the project (PEP 503, 629, 691, 700, 714, 740, 792).

use std::borrow::Cow;
use std::sync::Arc;

use memchr::{memchr, memrchr};
use rustc_hash::FxHashSet;
use url::Url;

use super::announced::Announced;
use super::page_problem::PageProblem;
use crate::cache::record::FileRow;
use crate::index::transport::address::without_credentials;

/// The newest minor version of the API, 1.x, that is understood.
const KNOWN_MINOR: u64 = 4;

/// A project page, or a page of links. Its files are the rows of the record that keeps it, and borrow from its text what they can.
#[derive(Debug, Default)]
pub struct Page<'p> {
    /// The name the page gives the project.
    pub name: Option<String>,
    /// Every link to a file, distribution or not.
    pub files: Vec<FileRow<'p>>,
    pub status: Status,
    pub warnings: Vec<String>,
}

/// The status of a project (PEP 792), with its reason.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Status {
    #[default]
    Active,
    Archived(String),
    Deprecated(String),
    /// No file may be installed.
    Quarantined(String),
}

impl Status {
    pub fn parse(status: &str, reason: Option<&str>) -> Self {
        let reason = reason.unwrap_or_default().trim().to_owned();
        match status.trim() {
            "archived" => Self::Archived(reason),
            "deprecated" => Self::Deprecated(reason),
            "quarantined" => Self::Quarantined(reason),
            _ => Self::Active,
        }
    }

    /// What people should hear of it; empty for an active project.
    pub fn notice(&self) -> String {
        let (word, reason) = match self {
            Self::Active => return String::new(),
            Self::Archived(reason) => ("archived: it gets no updates", reason),
            Self::Deprecated(reason) => ("deprecated by its owners", reason),
            Self::Quarantined(reason) => ("quarantined: the index says it may be harmful", reason),
        };
        if reason.is_empty() {
            word.to_owned()
        } else {
            format!("{word} ({reason})")
        }
    }
}

/// Checks an API version (PEP 629): another major version is an error, a later minor one a warning.
pub fn check_api_version(version: &str) -> Result<Option<String>, PageProblem> {
    let (major, minor) = version
        .trim()
        .split_once('.')
        .unwrap_or((version.trim(), "0"));
    match (major.parse::<u64>(), minor.parse::<u64>()) {
        (Ok(1), Ok(minor)) if minor > KNOWN_MINOR => Ok(Some(format!(
            "speaks version 1.{minor} of the simple API; what it says beyond 1.{KNOWN_MINOR} is ignored"
        ))),
        (Ok(1), Ok(_)) => Ok(None),
        (Ok(_), Ok(_)) => Err(PageProblem::OtherVersion(version.to_owned())),
        _ => Err(PageProblem::NoVersion(version.to_owned())),
    }
}

/// A link to a file, resolved: where it leads, and what its fragment announces.
pub struct Link<'h> {
    pub url: Cow<'h, str>,
    pub announced: Announced,
}

impl Link<'_> {
    /// The name of the file, the last part of the address.
    pub fn filename(&self) -> String {
        filename_of(&self.url).unwrap_or_default().into_owned()
    }

    /// The same without what it is borrowed from.
    pub fn into_owned(self) -> Link<'static> {
        Link {
            url: Cow::Owned(self.url.into_owned()),
            announced: self.announced,
        }
    }

    /// Refuses a file of this machine on a page of the network, where no index can know what is on this machine.
    pub fn refuse_this_machine(&self, page: &Url) -> Result<(), String> {
        if page.scheme() == "file" || !self.url.starts_with("file:") {
            return Ok(());
        }
        Err(format!(
            "leaves out {:?}: its address {:?} is on this machine, and the page is not",
            self.filename(),
            self.url
        ))
    }
}

/// Resolves a link against the address of its page; `None` for one that leads to no file.
pub fn resolve<'h>(base: &Url, href: &'h str) -> Option<Link<'h>> {
    LinkResolver::of(base.clone()).resolve(href)
}

/// The links of a page. Most lead into one directory, which is resolved once.
pub struct LinkResolver {
    base: Url,
    /// A directory as the page writes it, up to its last slash, and its address.
    directory: Option<(String, String)>,
}

impl LinkResolver {
    pub fn of(base: Url) -> Self {
        Self {
            base,
            directory: None,
        }
    }

    /// What the links are relative to, where the page itself says it; `false` where that is no address.
    pub fn rebase(&mut self, href: &str) -> bool {
        let joined = self.base.join(href).map(|joined| *self = Self::of(joined));
        joined.is_ok()
    }

    /// Where a link leads; `None` where that is no file.
    pub fn resolve<'h>(&mut self, href: &'h str) -> Option<Link<'h>> {
        let href = href.trim();
        let (address, fragment) = match memchr(b'#', href.as_bytes()) {
            Some(at) => (&href[..at], &href[at + 1..]),
            None => (href, ""),
        };
        let url = if is_plain(address) {
            Cow::Borrowed(address)
        } else {
            Cow::Owned(self.joined(address)?)
        };
        Some(Link {
            announced: Announced::in_fragment(fragment),
            url,
        })
    }

    fn joined(&mut self, address: &str) -> Option<String> {
        let join = |base: &Url, address: &str| Some(without_credentials(&base.join(address).ok()?));
        let slash = memrchr(b'/', address.as_bytes());
        let (directory, name) = address.split_at(slash.map_or(0, |slash| slash + 1));
        // Such a name is appended as it stands; a directory with a query has its slash in the wrong place.
        if !is_plain_name(name) || memchr(b'?', directory.as_bytes()).is_some() {
            let joined = String::from(join(&self.base, address)?);
            return filename_of(&joined).is_some().then_some(joined);
        }
        let known = self.directory.as_ref();
        if known.is_none_or(|(written, _)| written != directory) {
            let written = if directory.is_empty() { "." } else { directory };
            let resolved = join(&self.base, written)?;
            self.directory = Some((directory.to_owned(), resolved.into()));
        }
        let (_, resolved) = self.directory.as_ref()?;
        let mut joined = String::with_capacity(resolved.len() + name.len());
        joined.push_str(resolved);
        joined.push_str(name);
        Some(joined)
    }
}

/// The name of a file in which resolving would change nothing.
fn is_plain_name(name: &str) -> bool {
    let is_plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'+');
    name.bytes().all(is_plain) && name.bytes().any(|byte| byte != b'.')
}

/// An absolute address in which resolving would change nothing.
fn is_plain(address: &str) -> bool {
    let rest = address
        .strip_prefix("https://")
        .or_else(|| address.strip_prefix("http://"));
    let split = rest.and_then(|rest| Some(rest.split_at(memchr(b'/', rest.as_bytes())?)));
    split.is_some_and(|(host, path)| {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.+/".contains(&byte);
        host.bytes()
            .all(|byte| is_plain(byte) && !byte.is_ascii_uppercase())
            && path.bytes().all(is_plain)
            && path.as_bytes().windows(2).all(|pair| pair != b"/.")
    })
}

/// The last part of an address; `None` where it is not text.
fn filename_of(url: &str) -> Option<Cow<'_, str>> {
    let path = url.split_once('?').map_or(url, |(path, _)| path);
    let (_, last) = path.rsplit_once('/')?;
    percent_decode(last)
}

fn percent_decode(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if *first == b'%' {
            let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

/// An upload time in milliseconds since 1970; `None` for text that is not a time.
pub fn upload_time(text: &str) -> Option<i64> {
    let time: jiff::Timestamp = text.trim().parse().ok()?;
    Some(time.as_millisecond())
}

/// Shares equal texts of a page: a page of thousands of files has a handful of them.
#[derive(Default)]
pub struct Texts(FxHashSet<Arc<str>>);

impl Texts {
    pub fn share(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return known.clone();
        }
        let shared: Arc<str> = text.into();
        self.0.insert(shared.clone());
        shared
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(href: &str) -> Option<(String, String)> {
        let base = Url::parse("https://h.example.invalid/simple/a/").expect("a valid address");
        resolve(&base, href).map(|link| (link.url.to_string(), link.filename()))
    }

    #[test]
    fn a_directory_that_is_resolved_once_changes_no_address() {
        let base = "https://user:secret@h.example.invalid/simple/a/?token=x";
        let base = Url::parse(base).expect("a valid address");
        let mut links = LinkResolver::of(base.clone());
        for href in [
            "../../files/a-1.tar.gz",
            "../../files/a-2.tar.gz",
            "../../files/..",
            "../../files/.",
            "../../files/%2e%2e",
            "../../files/a b.whl",
            "../../files/a-3.whl?x=/b-1.whl",
            "/files/a-4.whl",
            "a-5.whl",
            "a-6.whl",
            "//o.example.invalid/a-7.whl",
            "https://o.example.invalid/x/a%2B8.whl",
            "https:a-9.whl",
            "file:///a-10.whl",
            "c:a-11.whl",
            "?a-12.whl",
            "",
        ] {
            let alone = base
                .join(href)
                .ok()
                .map(|url| String::from(without_credentials(&url)));
            let together = links.resolve(href).map(|link| link.url.into_owned());
            assert_eq!(together, alone.filter(|_| together.is_some()), "{href:?}");
        }
    }

    #[test]
    fn links_resolve_against_their_page() {
        let wanted = |url: &str, name: &str| Some((url.to_owned(), name.to_owned()));
        assert_eq!(
            url("../../files/a-1.tar.gz#sha256=00"),
            wanted("https://h.example.invalid/files/a-1.tar.gz", "a-1.tar.gz")
        );
        assert_eq!(
            url("https://user:secret@o.example.invalid/a-1%2B2.whl"),
            wanted("https://o.example.invalid/a-1%2B2.whl", "a-1+2.whl")
        );
        assert_eq!(
            url("//o.example.invalid/a-1.whl?x=1"),
            wanted("https://o.example.invalid/a-1.whl?x=1", "a-1.whl")
        );
        assert_eq!(url("mailto:x"), None);
    }

    #[test]
    fn an_encoded_separator_stays_in_the_file_name() {
        let found = url("https://h.example.invalid/x/..%2F..%2Fa-1.whl").expect("a link");
        assert_eq!(found.1, "../../a-1.whl");
    }

    #[test]
    fn api_versions_warn_on_minor_and_fail_on_major() {
        assert_eq!(check_api_version("1.0"), Ok(None));
        assert!(check_api_version("1.999").expect("a warning").is_some());
        assert!(check_api_version("2.0").is_err());
        assert!(check_api_version("soon").is_err());
    }
}
