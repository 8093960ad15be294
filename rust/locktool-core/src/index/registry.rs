//! From a package to its listing: the indexes in their order, the first that has it; each from the cache while the
//! page is fresh, else asked; find-links files beside it.

use std::sync::Arc;

use super::session::Session;
use crate::index::page::find_links::read_local_page;
use crate::index::record::conversion::Record;
use crate::index::transport::http_cache::is_fresh;
use crate::name::PackageName;
use crate::source::{Listing, SourceError};

/// What is known of a package on one index.
pub enum Lookup {
    Listing(Arc<Listing>),
    /// The index does not have it.
    Absent,
    /// The index has to be asked; an outdated record may save the transfer.
    Unknown(Option<Arc<Record>>),
}

impl Session {
    /// The listing, if no server has to be asked; `None` if one has to be.
    pub fn known_listing(
        &self,
        package: PackageName,
        index: Option<&str>,
    ) -> Option<Result<Arc<Listing>, SourceError>> {
        if !self.links_are_known() {
            return None;
        }
        let search = || -> Result<Option<Arc<Listing>>, SourceError> {
            for position in self.indexes.for_package(package, index)? {
                match self.look_up(position, package)? {
                    Lookup::Listing(found) => {
                        return self.with_links((package, index), Some(found)).map(Some);
                    }
                    Lookup::Absent => {}
                    Lookup::Unknown(_) if self.offline => {
                        let what = format!("the page of {package}");
                        return Err(SourceError::Offline { what });
                    }
                    Lookup::Unknown(_) => return Ok(None),
                }
            }
            self.with_links((package, index), None).map(Some)
        };
        search().transpose()
    }

    /// The listing, asking whoever has to be asked.
    pub async fn fetch_listing(
        &self,
        package: PackageName,
        index: Option<&str>,
    ) -> Result<Arc<Listing>, SourceError> {
        self.load_links().await;
        for position in self.indexes.for_package(package, index)? {
            let found = match self.look_up(position, package)? {
                Lookup::Listing(found) => Some(found),
                Lookup::Absent => None,
                Lookup::Unknown(stale) => match &self.indexes.get(position).flat {
                    Some(flat) => self.ask_flat(position, flat, package).await?,
                    None => self.ask(position, package, stale).await?,
                },
            };
            if let Some(found) = found {
                return self.with_links((package, index), Some(found));
            }
        }
        self.with_links((package, index), None)
    }

    /// What the cache or a directory says.
    fn look_up(&self, position: usize, package: PackageName) -> Result<Lookup, SourceError> {
        let index = self.indexes.get(position);
        if let Some(flat) = &index.flat {
            return self.look_up_flat(position, flat, package);
        }
        if index.is_local() {
            let Some(files) = read_local_page(&index.page(package))? else {
                return Ok(Lookup::Absent);
            };
            let listing = self.listing_of_files(position, package, &files, (None, None));
            return Ok(Lookup::Listing(listing));
        }
        let Some(store) = &self.store else {
            return Ok(Lookup::Unknown(None));
        };
        let Some(record) = store.read(&index.cache_key, package.as_str()) else {
            return Ok(Lookup::Unknown(None));
        };
        let record = Arc::new(record);
        let usable =
            self.offline || is_fresh(record.validators(), self.started) && !self.refreshes(package);
        if !usable {
            return Ok(Lookup::Unknown(Some(record)));
        }
        index.counts.count_cached();
        if record.is_absent() {
            return Ok(Lookup::Absent);
        }
        let listing = self.listing_of_record(position, package, &record);
        Ok(listing.map_or(Lookup::Unknown(None), Lookup::Listing))
    }

    pub fn not_found(&self, package: PackageName, index: Option<&str>) -> SourceError {
        if index.is_none()
            && let Some(other) = self.indexes.other_index(package)
        {
            return other;
        }
        let asked = self.indexes.for_package(package, index).unwrap_or_default();
        let mut asked_at: Vec<String> = asked
            .iter()
            .map(|at| self.indexes.get(*at).recorded.to_string())
            .collect();
        asked_at.extend(self.links.each.iter().map(|links| links.url.to_string()));
        let asked = if asked_at.is_empty() {
            "any index: none is configured".to_owned()
        } else {
            asked_at.join(", ")
        };
        SourceError::NotFound {
            package,
            places: asked,
        }
    }
}
