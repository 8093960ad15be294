//! The JSON form of a project page (PEP 691, 700, 714, 740, 792).

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use url::Url;

use super::announced::Announced;
use super::page_problem::PageProblem;
use super::project_page::{Link, LinkResolver, Page, Status, check_api_version, upload_time};
use crate::cache::record::{FileRow, SidecarRow};
use crate::index::transport::address::hide_credentials;

/// A text that is borrowed from the page, also inside an `Option` or a table.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

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
    #[serde(borrow, default)]
    hashes: Hashes<'a>,
    #[serde(borrow)]
    requires_python: Option<Text<'a>>,
    #[serde(borrow)]
    core_metadata: Option<CoreMetadata<'a>>,
    #[serde(borrow)]
    dist_info_metadata: Option<CoreMetadata<'a>>,
    #[serde(borrow)]
    yanked: Option<Yanked<'a>>,
    size: Option<u64>,
    #[serde(borrow)]
    upload_time: Option<Text<'a>>,
    #[serde(borrow)]
    provenance: Option<Text<'a>>,
}

/// Metadata that the index announces: whether there are any, or their digests.
enum CoreMetadata<'a> {
    Flag(bool),
    Hashes(Hashes<'a>),
}

impl<'de: 'a, 'a> Deserialize<'de> for CoreMetadata<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = CoreMetadata<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a truth value or a table of digests")
            }

            fn visit_bool<E: Error>(self, flag: bool) -> Result<CoreMetadata<'de>, E> {
                Ok(CoreMetadata::Flag(flag))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<CoreMetadata<'de>, A::Error> {
                HashTable.visit_map(map).map(CoreMetadata::Hashes)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// Digests by the names of their algorithms; of two with one name the last, as in any table.
#[derive(Default)]
struct Hashes<'a> {
    /// The only one, on nearly all pages.
    first: Option<Pair<'a>>,
    others: Vec<Pair<'a>>,
}

type Pair<'a> = (Cow<'a, str>, Cow<'a, str>);

impl<'a> Hashes<'a> {
    fn set(&mut self, pair: Pair<'a>) {
        let mut known = self.first.iter_mut().chain(&mut self.others);
        if let Some(known) = known.find(|known| known.0 == pair.0) {
            *known = pair;
        } else if self.first.is_none() {
            self.first = Some(pair);
        } else {
            self.others.push(pair);
        }
    }

    fn announced(self) -> Announced {
        Announced::new(self.first.into_iter().chain(self.others))
    }
}

struct HashTable;

impl<'de> Visitor<'de> for HashTable {
    type Value = Hashes<'de>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a table of digests")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Hashes<'de>, A::Error> {
        let mut hashes = Hashes::default();
        while let Some((Text(name), Text(digest))) = map.next_entry()? {
            hashes.set((name, digest));
        }
        Ok(hashes)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Hashes<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HashTable)
    }
}

/// Whether a file is yanked, and why.
struct Yanked<'a>(Option<Cow<'a, str>>);

impl<'de: 'a, 'a> Deserialize<'de> for Yanked<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Yanked<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a truth value or a reason")
            }

            fn visit_bool<E: Error>(self, flag: bool) -> Result<Yanked<'de>, E> {
                Ok(Yanked(flag.then_some(Cow::Borrowed(""))))
            }

            fn visit_borrowed_str<E: Error>(self, reason: &'de str) -> Result<Yanked<'de>, E> {
                Ok(Yanked(Some(Cow::Borrowed(reason))))
            }

            fn visit_str<E: Error>(self, reason: &str) -> Result<Yanked<'de>, E> {
                Ok(Yanked(Some(Cow::Owned(reason.to_owned()))))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// Reads a page; the error says what is wrong with it.
pub fn parse<'p>(body: &'p [u8], base: &Url) -> Result<Page<'p>, PageProblem> {
    let files = Files {
        base,
        links: LinkResolver::of(base.clone()),
        read: Vec::new(),
        warnings: Vec::new(),
    };
    // Checked once, not text by text.
    let body =
        std::str::from_utf8(body).map_err(|error| PageProblem::OtherJson(error.to_string()))?;
    let mut deserializer = serde_json::Deserializer::from_str(body);
    let read = Document { files }.deserialize(&mut deserializer);
    let (head, files) = read
        .and_then(|page| deserializer.end().map(|()| page))
        .map_err(|error| PageProblem::OtherJson(error.to_string()))?;
    let mut warnings: Vec<String> = check_api_version(&head.api_version)?.into_iter().collect();
    warnings.extend(files.warnings);
    let status = head.status.map_or_else(Status::default, |status| {
        let word = status.status.as_ref().map_or("", |Text(word)| word);
        let reason = status.reason.as_ref().map(|Text(reason)| &**reason);
        Status::parse(word, reason)
    });
    Ok(Page {
        name: head.name.map(|Text(name)| name.into_owned()),
        files: files.read,
        status,
        warnings,
    })
}

/// What a page says beside its files.
struct Head<'a> {
    api_version: Cow<'a, str>,
    name: Option<Text<'a>>,
    status: Option<ProjectStatus<'a>>,
}

/// Reads the table that a page is; its files as they come, since a page may have tens of thousands.
struct Document<'u, 'de> {
    files: Files<'u, 'de>,
}

impl<'de, 'u> DeserializeSeed<'de> for Document<'u, 'de> {
    type Value = (Head<'de>, Files<'u, 'de>);

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, 'u> Visitor<'de> for Document<'u, 'de> {
    type Value = (Head<'de>, Files<'u, 'de>);

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a project page")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut meta, mut name, mut status, mut has_files) =
            (None::<Meta<'de>>, None, None, false);
        while let Some(Text(key)) = map.next_key()? {
            match &*key {
                "meta" => meta = Some(map.next_value()?),
                "name" => name = map.next_value()?,
                "project-status" => status = map.next_value()?,
                "files" if has_files => return Err(A::Error::duplicate_field("files")),
                "files" => {
                    map.next_value_seed(&mut self.files)?;
                    has_files = true;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        let meta = meta.ok_or_else(|| A::Error::missing_field("meta"))?;
        if !has_files {
            return Err(A::Error::missing_field("files"));
        }
        let head = Head {
            api_version: meta.api_version,
            name,
            status,
        };
        Ok((head, self.files))
    }
}

/// Reads the list of files.
struct Files<'u, 'de> {
    base: &'u Url,
    links: LinkResolver,
    read: Vec<FileRow<'de>>,
    warnings: Vec<String>,
}

impl<'de> DeserializeSeed<'de> for &mut Files<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for &mut Files<'_, 'de> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of files")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(entry) = list.next_element::<Entry<'de>>()? {
            match file(entry, self.base, &mut self.links) {
                Ok(file) => self.read.push(file),
                Err(warning) => self.warnings.push(warning),
            }
        }
        Ok(())
    }
}

fn file<'de>(
    entry: Entry<'de>,
    base: &Url,
    links: &mut LinkResolver,
) -> Result<FileRow<'de>, String> {
    let link = match &entry.url {
        Cow::Borrowed(url) => links.resolve(url),
        Cow::Owned(url) => links.resolve(url).map(Link::into_owned),
    };
    let Some(link) = link else {
        return Err(format!(
            "leaves out {:?}: its address {:?} is not one",
            entry.filename,
            hide_credentials(&entry.url)
        ));
    };
    link.refuse_this_machine(base)?;
    let sidecar = match entry.core_metadata.or(entry.dist_info_metadata) {
        None => SidecarRow::Unknown,
        Some(CoreMetadata::Flag(false)) => SidecarRow::Absent,
        Some(CoreMetadata::Flag(true)) => SidecarRow::Present(Cow::Borrowed("")),
        Some(CoreMetadata::Hashes(pairs)) => pairs.announced().of_sidecar(),
    };
    let requires_python = entry.requires_python.map(|Text(text)| text);
    let announced = entry.hashes.announced().beside(link.announced);
    Ok(FileRow {
        filename: entry.filename,
        url: link.url,
        sha256: announced.sha256,
        other_hashes: announced.others_joined().into(),
        size: entry.size,
        upload_time: entry.upload_time.and_then(|Text(text)| upload_time(&text)),
        requires_python: requires_python.filter(|text| !text.chars().all(char::is_whitespace)),
        yanked: entry.yanked.and_then(|Yanked(reason)| reason),
        sidecar,
        provenance: entry.provenance.map(|Text(text)| text),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::page::file_rows::files;
    use crate::source::{File, Sidecar};

    const DIGEST: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    /// The files of a page, and its status.
    fn page(text: &str) -> Result<(Vec<File>, Status), PageProblem> {
        let base = Url::parse("https://h.example.invalid/simple/a/").expect("a valid address");
        let text = text.replace("DIGEST", DIGEST);
        parse(text.as_bytes(), &base).map(|page| (files(page.files), page.status))
    }

    #[test]
    fn every_field_is_read() {
        let (files, status) = page(
            r#"{"meta": {"api-version": "1.4", "_last-serial": 5}, "name": "a", "versions": ["1.0"],
                "project-status": {"status": "archived", "reason": "done"},
                "files": [{"filename": "a-1.0-py3-none-any.whl", "url": "../../f/a-1.0-py3-none-any.whl",
                  "hashes": {"sha256": "DIGEST"}, "requires-python": ">=3.8", "size": 12,
                  "upload-time": "2024-01-02T03:04:05.678901Z", "yanked": "broken",
                  "core-metadata": {"sha256": "DIGEST"}, "data-dist-info-metadata": false,
                  "provenance": "https://h.example.invalid/p"}]}"#,
        )
        .expect("a page");
        assert_eq!(status, Status::Archived("done".to_owned()));
        let file = &files[0];
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
        let (files, _) = page(
            r#"{"meta": {"api-version": "1.0"}, "name": "a",
                "files": [{"filename": "a-1.zip", "url": "a-1.zip", "hashes": {}, "yanked": false},
                  {"filename": "a-2.zip", "url": "a-2.zip", "hashes": {}, "core-metadata": false}]}"#,
        )
        .expect("a page");
        assert_eq!(
            files[0],
            File::bare("a-1.zip", "https://h.example.invalid/simple/a/a-1.zip")
        );
        assert_eq!(files[1].sidecar, Sidecar::Absent);
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
