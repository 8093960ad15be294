//! The HTML form of a project page (PEP 503, 592, 629, 658, 714, 792), and pages of links for `--find-links`.
//!
//! Read as browsers tokenize it, so odd quoting, relative addresses and script garbage read as they are meant.

use std::collections::BTreeMap;
use std::convert::Infallible;

use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};
use url::Url;

use super::announced::Announced;
use super::page_problem::PageProblem;
use super::project_page::{LinkResolver, Page, Status, check_api_version, upload_time};
use crate::cache::record::{FileRow, SidecarRow};

/// Reads a project page; the error says why the text is not one.
pub fn parse(body: &[u8], base: &Url) -> Result<Page<'static>, PageProblem> {
    let reader = read(body, base);
    if let Some(problem) = reader.refused {
        return Err(problem);
    }
    let looks_like_a_file = |file: &FileRow<'_>| {
        [
            ".whl", ".gz", ".zip", ".egg", ".bz2", ".tgz", ".exe", ".msi", ".rpm", ".xz",
        ]
        .iter()
        .any(|suffix| file.filename.ends_with(suffix))
    };
    if !reader.is_simple_page && !reader.page.files.iter().any(looks_like_a_file) {
        return Err(PageProblem::OtherHtml);
    }
    Ok(reader.page)
}

/// Reads the links of any page.
pub fn parse_links(body: &[u8], base: &Url) -> Page<'static> {
    read(body, base).page
}

fn read(body: &[u8], base: &Url) -> Reader {
    let mut reader = Reader::new(base);
    let mut emitter = CallbackEmitter::new(
        |event: CallbackEvent<'_>, _: Span<()>| -> Option<Infallible> {
            reader.event(&event);
            None
        },
    );
    emitter.naively_switch_states(true);
    // The callback keeps everything; the tokenizer itself yields nothing.
    Tokenizer::new_with_emitter(body, emitter).for_each(drop);
    reader.finish();
    reader
}

struct Reader {
    /// Where the page itself is, whatever a `<base>` says.
    address: Url,
    links: LinkResolver,
    has_base: bool,
    page: Page<'static>,
    tag: Tag,
    attribute: Vec<u8>,
    attributes: BTreeMap<&'static str, String>,
    text: Text,
    status: Option<String>,
    status_reason: Option<String>,
    is_simple_page: bool,
    refused: Option<PageProblem>,
}

#[derive(Clone, Copy, PartialEq)]
enum Tag {
    Anchor,
    Base,
    Meta,
    Other,
}

/// Whether the text that follows is a title or heading.
#[derive(Clone, Copy, PartialEq)]
enum Text {
    Heading,
    Other,
}

/// The attributes that mean something, on any of the tags.
const ATTRIBUTES: [&str; 11] = [
    "href",
    "name",
    "content",
    "data-requires-python",
    "data-yanked",
    "data-core-metadata",
    "data-dist-info-metadata",
    "data-upload-time",
    "data-size",
    "data-provenance",
    "rel",
];

impl Reader {
    fn new(base: &Url) -> Self {
        Self {
            address: base.clone(),
            links: LinkResolver::of(base.clone()),
            has_base: false,
            page: Page::default(),
            tag: Tag::Other,
            attribute: Vec::new(),
            attributes: BTreeMap::new(),
            text: Text::Other,
            status: None,
            status_reason: None,
            is_simple_page: false,
            refused: None,
        }
    }

    fn event(&mut self, event: &CallbackEvent<'_>) {
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.attributes.clear();
                self.tag = match *name {
                    b"a" => Tag::Anchor,
                    b"base" => Tag::Base,
                    b"meta" => Tag::Meta,
                    _ => Tag::Other,
                };
                self.text = match *name {
                    b"title" | b"h1" => Text::Heading,
                    _ => Text::Other,
                };
            }
            CallbackEvent::AttributeName { name } if self.tag != Tag::Other => {
                self.attribute.clear();
                self.attribute.extend_from_slice(name);
                // An attribute without a value, such as a bare data-yanked, has no value event.
                self.set("");
            }
            CallbackEvent::AttributeValue { value } if self.tag != Tag::Other => {
                self.set(&String::from_utf8_lossy(value));
            }
            CallbackEvent::CloseStartTag { .. } => match self.tag {
                Tag::Anchor => self.anchor(),
                Tag::Base => self.change_base(),
                Tag::Meta => self.meta(),
                Tag::Other => {}
            },
            CallbackEvent::String { value } if self.text == Text::Heading => {
                let said = String::from_utf8_lossy(value);
                self.is_simple_page |= said.trim_start().starts_with("Links for");
            }
            CallbackEvent::EndTag { .. } => self.text = Text::Other,
            _ => {}
        }
    }

    fn set(&mut self, value: &str) {
        let known = ATTRIBUTES
            .iter()
            .find(|known| known.as_bytes() == self.attribute);
        if let Some(name) = known {
            self.attributes.insert(name, value.to_owned());
        }
    }

    fn take(&mut self, name: &str) -> Option<String> {
        self.attributes.remove(name)
    }

    /// The first `<base href>` of a document counts.
    fn change_base(&mut self) {
        let Some(href) = self.take("href") else {
            return;
        };
        if !self.has_base {
            self.has_base = self.links.rebase(&href);
        }
    }

    fn meta(&mut self) {
        let (Some(name), Some(content)) = (self.take("name"), self.take("content")) else {
            return;
        };
        match name.as_str() {
            "pypi:repository-version" => {
                self.is_simple_page = true;
                match check_api_version(&content) {
                    Ok(warning) => self.page.warnings.extend(warning),
                    Err(problem) => self.refused = Some(problem),
                }
            }
            "pypi:project-status" => self.status = Some(content),
            "pypi:project-status-reason" => self.status_reason = Some(content),
            _ => {}
        }
    }

    fn anchor(&mut self) {
        let Some(href) = self.take("href") else {
            return;
        };
        let Some(link) = self.links.resolve(&href) else {
            return;
        };
        let filename = link.filename();
        if filename.is_empty() {
            return;
        }
        if let Err(warning) = link.refuse_this_machine(&self.address) {
            self.page.warnings.push(warning);
            return;
        }
        let other_spelling = self.take("data-dist-info-metadata");
        let core_metadata = self.take("data-core-metadata").or(other_spelling);
        let requires_python = self
            .take("data-requires-python")
            .filter(|text| !text.trim().is_empty());
        let yanked = self.take("data-yanked");
        let provenance = self.take("data-provenance").filter(|text| !text.is_empty());
        let link = link.into_owned();
        let file = FileRow {
            filename: filename.into(),
            url: link.url,
            sha256: link.announced.sha256,
            other_hashes: link.announced.others_joined().into(),
            size: self
                .take("data-size")
                .and_then(|text| text.trim().parse().ok()),
            upload_time: self
                .take("data-upload-time")
                .as_deref()
                .and_then(upload_time),
            requires_python: requires_python.map(Into::into),
            yanked: yanked.map(Into::into),
            sidecar: core_metadata.map_or(SidecarRow::Unknown, |text| sidecar(&text)),
            provenance: provenance.map(Into::into),
        };
        self.page.files.push(file);
    }

    fn finish(&mut self) {
        if let Some(status) = &self.status {
            self.page.status = Status::parse(status, self.status_reason.as_deref());
        }
    }
}

/// `true`, `sha256=…`, or anything else for "there is none".
fn sidecar(text: &str) -> SidecarRow<'static> {
    match text.trim().split_once('=') {
        None if text.trim() == "true" => SidecarRow::Present("".into()),
        None => SidecarRow::Absent,
        Some(pair) => Announced::new([pair]).of_sidecar(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::page::file_rows::files;
    use crate::source::Sidecar;

    const DIGEST: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn page(text: &str) -> Result<Page<'static>, PageProblem> {
        let base = Url::parse("https://h.example.invalid/simple/a/").expect("a valid address");
        parse(text.replace("DIGEST", DIGEST).as_bytes(), &base)
    }

    #[test]
    fn every_attribute_is_read() {
        let page = page(
            "<!DOCTYPE html><html><head><meta name='pypi:repository-version' content=1.1>\
             <meta name=pypi:project-status content=deprecated></head><body>\
             <A HREF=../../f/a-1.0-py3-none-any.whl#sha256=DIGEST data-requires-python='&gt;=3.8'\n\
              data-yanked data-core-metadata=\"sha256=DIGEST\" data-dist-info-metadata=false\
              data-upload-time=2024-01-02T03:04:05.678901Z data-size=12>x</A>",
        )
        .expect("a page");
        assert_eq!(page.status, Status::Deprecated(String::new()));
        let file = &files(page.files)[0];
        assert_eq!(
            file.url,
            "https://h.example.invalid/f/a-1.0-py3-none-any.whl"
        );
        assert_eq!(file.hash("sha256"), Some(DIGEST));
        assert_eq!(file.requires_python.as_deref(), Some(">=3.8"));
        assert_eq!((file.size, file.yanked.as_deref()), (Some(12), Some("")));
        let expected = Some(("sha256".to_owned(), DIGEST.to_owned()));
        assert_eq!(file.sidecar, Sidecar::Present(expected));
    }

    #[test]
    fn the_first_base_counts_and_scripts_hold_no_links() {
        let page = page(
            "<base href='/mirror/'><base href='/other/'><script>document.write(\"<a href='b-1.zip'>\")</script>\
             <!-- <a href='c-1.zip'> --><a href=a-1.zip>a</a><a>no</a><a href='#top'>top</a>",
        )
        .expect("a page");
        let urls: Vec<_> = page.files.iter().map(|file| &*file.url).collect();
        assert_eq!(urls, ["https://h.example.invalid/mirror/a-1.zip"]);
    }

    #[test]
    fn a_page_of_the_network_leads_to_no_file_of_this_machine() {
        let page = page(
            "<base href='file:///etc/'><a href=a-1.zip>a</a><a href='FILE:///etc/a-2.zip'>a</a>\
             <a href=https://h.example.invalid/a-3.zip>a</a>",
        )
        .expect("a page");
        let urls: Vec<_> = page.files.iter().map(|file| &*file.url).collect();
        assert_eq!(urls, ["https://h.example.invalid/a-3.zip"]);
        assert_eq!(page.warnings.len(), 2);
        let local = Url::parse("file:///links/").expect("a valid address");
        assert_eq!(parse_links(b"<a href=a-1.zip>a</a>", &local).files.len(), 1);
    }

    #[test]
    fn an_empty_project_page_is_one_and_a_login_page_is_not() {
        assert!(page("<html><title>Links for a</title><h1>Links for a</h1>").is_ok());
        assert!(page("<html><a href='/login'>Sign in</a>").is_err());
        assert!(page("\u{0}\u{1} not <<< html >").is_err());
        assert!(
            page("<meta name='pypi:repository-version' content='2.0'><a href=a-1.zip>").is_err()
        );
    }
}
