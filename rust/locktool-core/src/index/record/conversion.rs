//! Between listings and the rows of the cache: how a page is kept, and how a record is read as a listing.

use std::borrow::Cow;
use std::sync::Arc;

use crate::cache::record::{MetadataRow, Outcome, ReleaseRow, Title, Validators};
use crate::cache::{PageWriter, RecordView};
use crate::index::page::file_rows::{file_row, files};
use crate::index::page::releases::Specifiers;
use crate::name::{ExtraName, PackageName};
use crate::requirement::Requirement;
use crate::source::{File, FileReader, Listing, Release, ReleaseMetadata};
use crate::version::{SpecifierSet, Version};

/// A record as the cache reads it.
pub type Record = RecordView;

/// A listing over a record; `None` if the record does not say what its columns promise.
pub fn listing(package: PackageName, index: Arc<str>, record: &Arc<Record>) -> Option<Listing> {
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
        let requires_python = head.requires_python.and_then(|text| specifiers.read(text));
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
        // Files that are lost are none here; the run that saw it starts over.
        files(self.0.files(release).unwrap_or_default())
    }
}

/// The files of a record of a page of links, which has one release; `None` where it is damaged.
pub fn files_of(record: &Record) -> Option<Vec<File>> {
    record.files(0).map(files)
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
    let mut page = PageWriter::new(&title);
    for (position, release) in listing.releases.iter().enumerate() {
        let files: Vec<_> = listing.files(position).iter().map(file_row).collect();
        page.push(&release_row(release), &files);
    }
    page.finish(validators)
}

/// A release without its files and metadata.
pub fn release_row(release: &Release) -> ReleaseRow<'static> {
    let requires_python = release.requires_python.as_ref();
    ReleaseRow {
        version: Cow::Owned(release.version.to_string()),
        yanked: release.yanked,
        has_sdist: release.has_sdist,
        has_wheel: release.has_wheel,
        upload_time: release.upload_time,
        requires_python: requires_python.map(|set| Cow::Owned(set.to_string())),
        ..ReleaseRow::default()
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
