//! The JSON form of a project page (PEP 691, 700, 714, 740, 792).

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use url::Url;

use super::page_problem::PageProblem;
use super::project_page::{
    Announced, LinkResolver, Page, Status, Texts, check_api_version, upload_time,
};
use crate::index::transport::address::hide_credentials;
use crate::source::{File, Sidecar};

/// A text that is borrowed from the page, also inside an `Option` or a table.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    meta: Meta<'a>,
    #[serde(borrow)]
    name: Option<Text<'a>>,
    #[serde(borrow)]
    files: Vec<Entry<'a>>,
    #[serde(borrow, rename = "project-status")]
    status: Option<ProjectStatus<'a>>,
}

#[derive(Deserialize)]
struct Meta<'a> {
    #[serde(borrow, rename = "api-version")]
    api_version: Cow<'a, str>,
}

#[derive(Deserialize)]
struct ProjectStatus<'a> {
    #[serde(borrow)]
    status: Option<Text<'a>>,
    #[serde(borrow)]
    reason: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Entry<'a> {
    #[serde(borrow)]
    filename: Cow<'a, str>,
    #[serde(borrow)]
    url: Cow<'a, str>,
    #[serde(default)]
    hashes: Hashes,
    #[serde(borrow)]
    requires_python: Option<Text<'a>>,
    core_metadata: Option<CoreMetadata>,
    dist_info_metadata: Option<CoreMetadata>,
    yanked: Option<Yanked>,
    size: Option<u64>,
    #[serde(borrow)]
    upload_time: Option<Text<'a>>,
    provenance: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum CoreMetadata {
    Flag(bool),
    Hashes(Hashes),
}

/// Digests by the names of their algorithms; of two with one name the last, as in any table.
#[derive(Default)]
struct Hashes(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Hashes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Table;
        impl<'de> Visitor<'de> for Table {
            type Value = Hashes;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a table of digests")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Hashes, A::Error> {
                let mut pairs: Vec<(String, String)> = Vec::new();
                while let Some((name, digest)) = map.next_entry::<String, String>()? {
                    pairs.retain(|(known, _)| *known != name);
                    pairs.push((name, digest));
                }
                Ok(Hashes(pairs))
            }
        }
        deserializer.deserialize_map(Table)
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Yanked {
    Flag(bool),
    Reason(String),
}

/// Reads a page; the error says what is wrong with it.
pub fn parse(body: &[u8], base: &Url) -> Result<Page, PageProblem> {
    let document: Document<'_> =
        serde_json::from_slice(body).map_err(|error| PageProblem::OtherJson(error.to_string()))?;
    let warning = check_api_version(&document.meta.api_version)?;
    let mut page = Page {
        name: document.name.map(|Text(name)| name.into_owned()),
        warnings: warning.into_iter().collect(),
        ..Page::default()
    };
    if let Some(status) = document.status {
        let word = status.status.as_ref().map_or("", |Text(word)| word);
        let reason = status.reason.as_ref().map(|Text(reason)| &**reason);
        page.status = Status::parse(word, reason);
    }
    let (mut texts, mut links) = (Texts::default(), LinkResolver::of(base.clone()));
    page.files.reserve(document.files.len());
    for entry in document.files {
        match file(entry, base, (&mut texts, &mut links)) {
            Ok(file) => page.files.push(file),
            Err(warning) => page.warnings.push(warning),
        }
    }
    Ok(page)
}

fn file(
    entry: Entry<'_>,
    base: &Url,
    (texts, links): (&mut Texts, &mut LinkResolver),
) -> Result<File, String> {
    let Some(link) = links.resolve(&entry.url) else {
        return Err(format!(
            "leaves out {:?}: its address {:?} is not one",
            entry.filename,
            hide_credentials(&entry.url)
        ));
    };
    link.refuse_this_machine(base)?;
    let sidecar = match entry.core_metadata.or(entry.dist_info_metadata) {
        None => Sidecar::Unknown,
        Some(CoreMetadata::Flag(false)) => Sidecar::Absent,
        Some(CoreMetadata::Flag(true)) => Sidecar::Present(None),
        Some(CoreMetadata::Hashes(pairs)) => Announced::new(pairs.0).of_sidecar(),
    };
    let yanked = match &entry.yanked {
        None | Some(Yanked::Flag(false)) => None,
        Some(Yanked::Flag(true)) => Some(texts.share("")),
        Some(Yanked::Reason(reason)) => Some(texts.share(reason)),
    };
    let requires_python = entry.requires_python.map(|Text(text)| text);
    let requires_python = requires_python.filter(|text| !text.trim().is_empty());
    let announced = Announced::new(entry.hashes.0).beside(link.announced);
    Ok(File {
        filename: entry.filename.into_owned(),
        url: link.url,
        hashes: announced.hashes,
        malformed_digest: announced.malformed,
        size: entry.size,
        upload_time: entry.upload_time.and_then(|Text(text)| upload_time(&text)),
        requires_python: requires_python.map(|text| texts.share(&text)),
        yanked,
        sidecar,
        provenance: entry.provenance,
        links: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn page(text: &str) -> Result<Page, PageProblem> {
        let base = Url::parse("https://h.example.invalid/simple/a/").expect("a valid address");
        parse(text.replace("DIGEST", DIGEST).as_bytes(), &base)
    }

    #[test]
    fn every_field_is_read() {
        let page = page(
            r#"{"meta": {"api-version": "1.4", "_last-serial": 5}, "name": "a", "versions": ["1.0"],
                "project-status": {"status": "archived", "reason": "done"},
                "files": [{"filename": "a-1.0-py3-none-any.whl", "url": "../../f/a-1.0-py3-none-any.whl",
                  "hashes": {"sha256": "DIGEST"}, "requires-python": ">=3.8", "size": 12,
                  "upload-time": "2024-01-02T03:04:05.678901Z", "yanked": "broken",
                  "core-metadata": {"sha256": "DIGEST"}, "data-dist-info-metadata": false,
                  "provenance": "https://h.example.invalid/p"}]}"#,
        )
        .expect("a page");
        assert_eq!(page.status, Status::Archived("done".to_owned()));
        let file = &page.files[0];
        assert_eq!(
            file.url,
            "https://h.example.invalid/f/a-1.0-py3-none-any.whl"
        );
        assert_eq!(file.hash("sha256"), Some(DIGEST));
        assert_eq!(file.upload_time, Some(1_704_164_645_678));
        assert_eq!(
            (file.size, file.yanked.as_deref()),
            (Some(12), Some("broken"))
        );
        assert_eq!(file.requires_python.as_deref(), Some(">=3.8"));
        let expected = Some(("sha256".to_owned(), DIGEST.to_owned()));
        assert_eq!(file.sidecar, Sidecar::Present(expected));
        assert_eq!(
            file.provenance.as_deref(),
            Some("https://h.example.invalid/p")
        );
    }

    #[test]
    fn what_is_left_out_is_unknown() {
        let page = page(
            r#"{"meta": {"api-version": "1.0"}, "name": "a",
                "files": [{"filename": "a-1.zip", "url": "a-1.zip", "hashes": {}, "yanked": false},
                  {"filename": "a-2.zip", "url": "a-2.zip", "hashes": {}, "core-metadata": false}]}"#,
        )
        .expect("a page");
        assert_eq!(
            page.files[0],
            File::bare("a-1.zip", "https://h.example.invalid/simple/a/a-1.zip")
        );
        assert_eq!(page.files[1].sidecar, Sidecar::Absent);
    }

    #[test]
    fn other_json_is_refused_with_its_reason() {
        let problem = page("{}").expect_err("no page");
        assert!(problem.to_string().contains("meta"), "{problem}");
        assert!(page(r#"{"meta": {"api-version": "2.0"}, "files": []}"#).is_err());
        let deep = "[".repeat(100_000);
        assert!(page(&format!("{{\"files\": {deep}")).is_err());
        assert!(page(&format!("{{\"other\": {deep}")).is_err());
    }
}
