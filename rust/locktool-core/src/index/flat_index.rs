//! An index that is one page or directory of links (`format = "flat"`): read once a run, then asked by file name.

use std::sync::{Arc, OnceLock};

use super::flat::{FlatFiles, read_local_links};
use super::page::Page;
use super::pages::Held;
use super::session::Session;
use crate::name::PackageName;
use crate::source::{File, Listing, SourceError};

/// The files of a flat index, once they are read.
#[derive(Debug, Default)]
pub struct FlatPlace {
    files: OnceLock<Result<FlatFiles, SourceError>>,
    /// Whoever reads it, while the others wait.
    turn: tokio::sync::Mutex<()>,
}

impl Session {
    /// What a flat index has of a package, if it was read or is on this machine.
    pub fn look_flat(
        &self,
        position: usize,
        flat: &FlatPlace,
        package: PackageName,
    ) -> Result<Held, SourceError> {
        let place = self.places.get(position);
        if place.is_local() {
            flat.files
                .get_or_init(|| read_local_links(&place.url).map(|files| gathered(&files)));
        }
        let Some(read) = flat.files.get() else {
            return Ok(Held::Unknown(None));
        };
        let files = read.as_ref().map_err(Clone::clone)?.of(package)?;
        if files.is_empty() {
            return Ok(Held::Absent);
        }
        let page = Page {
            files,
            ..Page::default()
        };
        let listing = self.listing_of(position, package, page, None);
        Ok(Held::Listing(listing))
    }

    /// What a flat index has of a package, reading it where nobody did.
    pub async fn ask_flat(
        &self,
        position: usize,
        flat: &FlatPlace,
        package: PackageName,
    ) -> Result<Option<Arc<Listing>>, SourceError> {
        let turn = flat.turn.lock().await;
        if flat.files.get().is_none() {
            let fetched = self
                .fetch_links(&self.places.get(position).flat_page())
                .await;
            let _ = flat.files.set(fetched.map(|files| gathered(&files)));
        }
        drop(turn);
        match self.look_flat(position, flat, package)? {
            Held::Listing(listing) => Ok(Some(listing)),
            Held::Absent | Held::Unknown(_) => Ok(None),
        }
    }
}

fn gathered(files: &[File]) -> FlatFiles {
    let mut flat = FlatFiles::default();
    for file in files {
        flat.add(file);
    }
    flat
}
