//! Files of a page as the rows of a record, and as the resolver sees them.

use std::borrow::Cow;

use super::announced::Announced;
use super::project_page::Texts;
use crate::cache::record::{FileRow, SidecarRow};
use crate::cache::{from_hex, to_hex};
use crate::source::{File, Sidecar};

/// Rows as files.
pub fn files(rows: Vec<FileRow<'_>>) -> Vec<File> {
    let mut texts = Texts::default();
    rows.into_iter().map(|row| file(row, &mut texts)).collect()
}

fn file(row: FileRow<'_>, texts: &mut Texts) -> File {
    let announced = Announced::in_fragment(&row.other_hashes);
    let mut hashes = announced.others;
    if let Some(digest) = &row.sha256 {
        hashes.push(("sha256".to_owned(), to_hex(digest)));
        hashes.sort();
    }
    File {
        filename: row.filename.into_owned(),
        url: row.url.into_owned(),
        hashes,
        malformed_digest: announced.malformed,
        size: row.size,
        upload_time: row.upload_time,
        requires_python: row.requires_python.as_deref().map(|text| texts.share(text)),
        yanked: row.yanked.as_deref().map(|text| texts.share(text)),
        sidecar: sidecar(&row.sidecar),
        provenance: row.provenance.map(Cow::into_owned),
        links: None,
    }
}

fn sidecar(row: &SidecarRow<'_>) -> Sidecar {
    let sha256 = |digest: &[u8; 32]| Some(("sha256".to_owned(), to_hex(digest)));
    match row {
        SidecarRow::Unknown => Sidecar::Unknown,
        SidecarRow::Absent => Sidecar::Absent,
        SidecarRow::Sha256(digest) => Sidecar::Present(sha256(digest)),
        SidecarRow::Present(announced) => {
            let announced = Announced::in_fragment(announced);
            match announced.malformed {
                Some(malformed) => Sidecar::Malformed(malformed),
                None => Sidecar::Present(announced.sha256.as_ref().and_then(sha256)),
            }
        }
    }
}

/// A file as the row of a record.
pub fn file_row(file: &File) -> FileRow<'_> {
    let others = file.hashes.iter().filter(|(name, _)| name != "sha256");
    let announced = Announced {
        sha256: file.hash("sha256").and_then(from_hex),
        others: others.cloned().collect(),
        malformed: file.malformed_digest.clone(),
    };
    let sidecar = match &file.sidecar {
        Sidecar::Unknown => SidecarRow::Unknown,
        Sidecar::Absent => SidecarRow::Absent,
        Sidecar::Malformed(digest) => SidecarRow::Present(digest.pair().into()),
        Sidecar::Present(hash) => {
            let sha256 = hash.as_ref().and_then(|(_, digest)| from_hex(digest));
            sha256.map_or(SidecarRow::Present("".into()), SidecarRow::Sha256)
        }
    };
    FileRow {
        filename: Cow::Borrowed(&file.filename),
        url: Cow::Borrowed(&file.url),
        sha256: announced.sha256,
        other_hashes: announced.others_joined().into(),
        size: file.size,
        upload_time: file.upload_time,
        requires_python: file.requires_python.as_deref().map(Cow::Borrowed),
        yanked: file.yanked.as_deref().map(Cow::Borrowed),
        sidecar,
        provenance: file.provenance.as_deref().map(Cow::Borrowed),
    }
}
