//! Between listings and the rows of the cache: how a page is kept, and how a record is read as a listing.

use std::borrow::Cow;
use std::sync::Arc;

use crate::cache::record::{
    FileRow, MetadataRow, Outcome, ReleaseRow, SidecarRow, Title, Validators,
};
use crate::cache::{RecordView, from_hex, to_hex};
use crate::index::page::project_page::{Announced, Texts};
use crate::index::page::releases::Specifiers;
use crate::name::{ExtraName, PackageName};
use crate::requirement::Requirement;
use crate::source::{File, FileReader, Listing, Release, ReleaseMetadata, Sidecar};
use crate::version::{SpecifierSet, Version};

/// A record as the cache reads it.
pub type Record = RecordView;

/// A listing over a record; `None` if the record does not say what its columns promise.
pub fn listing(package: PackageName, index: Arc<str>, record: &Arc<Record>) -> Option<Listing> {
    let mut texts = Texts::default();
    let mut specifiers = Specifiers::default();
    let mut previous: Option<Version> = None;
    let mut releases = Vec::with_capacity(record.release_count());
    for position in 0..record.release_count() {
        let head = record.release(position);
        let version: Version = head.version.parse().ok()?;
        if previous.is_some_and(|previous| previous >= version) {
            return None;
        }
        previous = Some(version);
        let requires_python = head
            .requires_python
            .and_then(|text| specifiers.read(&texts.share(text)));
        releases.push(Release {
            version,
            requires_python,
            yanked: head.yanked,
            upload_time: head.upload_time,
            has_sdist: head.has_sdist,
            has_wheel: head.has_wheel,
            files: head.files,
        });
    }
    Some(listing_over(package, index, releases, record))
}

struct RecordFiles(Arc<Record>);

impl FileReader for RecordFiles {
    fn read_files(&self, release: usize) -> Vec<File> {
        let mut texts = Texts::default();
        // Files that are lost are none here; the run that saw it starts over.
        let rows = self.0.files(release).unwrap_or_default();
        rows.into_iter().map(|row| file(row, &mut texts)).collect()
    }
}

/// The files of a record of a page of links, which has one release; `None` where it is damaged.
pub fn files_of(record: &Record) -> Option<Vec<File>> {
    let mut texts = Texts::default();
    let rows = record.files(0)?;
    Some(rows.into_iter().map(|row| file(row, &mut texts)).collect())
}

fn file(row: FileRow<'_>, texts: &mut Texts) -> File {
    let announced = Announced::in_fragment(&row.other_hashes);
    let mut hashes = announced.hashes;
    if let Some(digest) = &row.sha256 {
        hashes.push(("sha256".to_owned(), to_hex(digest)));
        hashes.sort();
    }
    let sidecar = match &row.sidecar {
        SidecarRow::Unknown => Sidecar::Unknown,
        SidecarRow::Absent => Sidecar::Absent,
        SidecarRow::Present(hash) => Announced::in_fragment(hash).of_sidecar(),
    };
    File {
        filename: row.filename.into_owned(),
        url: row.url.into_owned(),
        hashes,
        malformed_digest: announced.malformed,
        size: row.size,
        upload_time: row.upload_time,
        requires_python: row.requires_python.as_deref().map(|text| texts.share(text)),
        yanked: row.yanked.as_deref().map(|text| texts.share(text)),
        sidecar,
        provenance: row.provenance.map(Cow::into_owned),
        links: None,
    }
}

/// A listing over a record that was just made of its releases and files.
pub fn listing_over(
    package: PackageName,
    index: Arc<str>,
    releases: Vec<Release>,
    record: &Arc<Record>,
) -> Listing {
    Listing::on_demand(
        package,
        index,
        releases,
        Box::new(RecordFiles(record.clone())),
    )
}

/// What a listing has as a record, without metadata.
pub fn record_of(listing: &Listing, key: &str, validators: Validators) -> Record {
    let title = Title {
        package: listing.package.as_str(),
        index: key,
        absent: false,
        notice: "",
    };
    let releases = listing.releases.iter().enumerate();
    let rows = releases.map(|(position, release)| release_row(release, listing.files(position)));
    Record::of_page(validators, &title, rows)
}

/// A release without metadata.
pub fn release_row<'a>(release: &Release, files: &'a [File]) -> ReleaseRow<'a> {
    let requires_python = release.requires_python.as_ref();
    ReleaseRow {
        version: Cow::Owned(release.version.to_string()),
        yanked: release.yanked,
        has_sdist: release.has_sdist,
        has_wheel: release.has_wheel,
        upload_time: release.upload_time,
        requires_python: requires_python.map(|set| Cow::Owned(set.to_string())),
        files: files.iter().map(file_row).collect(),
        metadata: Vec::new(),
    }
}

/// A file as the row of a record.
pub fn file_row(file: &File) -> FileRow<'_> {
    let others = file.hashes.iter().filter(|(name, _)| name != "sha256");
    // What is no digest is read as none again, so that a run from the cache refuses the file too.
    let others: Vec<String> = others
        .map(|(name, digest)| format!("{name}={digest}"))
        .chain(file.malformed_digest.iter().map(|digest| digest.pair()))
        .collect();
    let sidecar = match &file.sidecar {
        Sidecar::Unknown => SidecarRow::Unknown,
        Sidecar::Absent => SidecarRow::Absent,
        Sidecar::Present(None) => SidecarRow::Present(Cow::Borrowed("")),
        Sidecar::Present(Some((name, digest))) => {
            SidecarRow::Present(Cow::Owned(format!("{name}={digest}")))
        }
        Sidecar::Malformed(digest) => SidecarRow::Present(Cow::Owned(digest.pair())),
    };
    FileRow {
        filename: Cow::Borrowed(&file.filename),
        url: Cow::Borrowed(&file.url),
        sha256: file.hash("sha256").and_then(from_hex),
        other_hashes: Cow::Owned(others.join("&")),
        size: file.size,
        upload_time: file.upload_time,
        requires_python: file.requires_python.as_deref().map(Cow::Borrowed),
        yanked: file.yanked.as_deref().map(Cow::Borrowed),
        sidecar,
        provenance: file.provenance.as_deref().map(Cow::Borrowed),
    }
}

/// What was learned of a release.
#[derive(Clone, Debug)]
pub struct Learned {
    /// The file that said it.
    pub filename: String,
    pub outcome: LearnedMetadata,
}

/// The metadata, or why only a build would tell.
#[derive(Clone, Debug)]
pub enum LearnedMetadata {
    Known(Arc<ReleaseMetadata>),
    NeedsBuilding(String),
}

/// What was learned, as the row of a release.
pub fn metadata_row(learned: &Learned) -> MetadataRow<'_> {
    let outcome = match &learned.outcome {
        LearnedMetadata::NeedsBuilding(reason) => Outcome::NeedsBuilding(Cow::Borrowed(reason)),
        LearnedMetadata::Known(metadata) => Outcome::Known {
            requires_python: metadata
                .requires_python
                .as_ref()
                .map(|set| Cow::Owned(set.to_string())),
            extras: metadata
                .provides_extras
                .iter()
                .map(|name| Cow::Borrowed(name.as_str()))
                .collect(),
            requires: metadata
                .requires_dist
                .iter()
                .map(|wish| Cow::Owned(wish.to_string()))
                .collect(),
            build_requires: metadata.build_requires.as_ref().map(|texts| {
                let texts = texts.iter().map(|text| Cow::Borrowed(text.as_str()));
                texts.collect()
            }),
        },
    };
    MetadataRow {
        file: Cow::Borrowed(&learned.filename),
        outcome,
    }
}

/// What a row says; `None` if its text is not what this program writes.
pub fn learned(row: MetadataRow<'_>) -> Option<Learned> {
    let outcome = match row.outcome {
        Outcome::NeedsBuilding(reason) => LearnedMetadata::NeedsBuilding(reason.into_owned()),
        Outcome::Known {
            requires_python,
            extras,
            requires,
            build_requires,
        } => {
            let extras: Result<_, _> = extras.iter().map(|text| ExtraName::parse(text)).collect();
            let requires: Result<_, _> = requires
                .iter()
                .map(|text| text.parse::<Requirement>())
                .collect();
            let requires_python: Option<SpecifierSet> = requires_python
                .as_ref()
                .map(|text| text.parse())
                .transpose()
                .ok()?;
            LearnedMetadata::Known(Arc::new(ReleaseMetadata {
                requires_dist: requires.ok()?,
                requires_python: requires_python.map(Arc::new),
                provides_extras: extras.ok()?,
                build_requires: build_requires
                    .map(|texts| texts.into_iter().map(Cow::into_owned).collect()),
            }))
        }
    };
    Some(Learned {
        filename: row.file.into_owned(),
        outcome,
    })
}
