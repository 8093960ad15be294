//! Where packages are looked for: the indexes of a run in their order, and which of them serve which package.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashMap;
use url::Url;

use super::counts::PageCounts;
use super::index_location::{IndexLocation, RecordedIndexes};
use super::mirror::Mirror;
use crate::index::page::flat_index::FlatIndex;
use crate::index::transport::address::{
    absolute, is_relative_path, parse_address, printable, relative_to, without_credentials,
};
use crate::index::transport::credentials::Credentials;
use crate::index::transport::query::{FileQueries, Query};
use crate::name::PackageName;
use crate::source::SourceError;

/// An index, ready to be asked.
#[derive(Debug)]
pub struct Index {
    /// Has neither credentials nor a query; ends in a slash unless the index is flat.
    pub url: Url,
    query: Query,
    /// What locks record, as it is written in the settings.
    pub recorded: Arc<str>,
    /// The same as sources name it; see [`index_address`].
    pub address: String,
    pub explicit: bool,
    pub cache_control: Option<String>,
    /// Under what the cache keeps its pages.
    pub cache_key: String,
    /// The machine names it, not the project.
    pub of_machine: bool,
    /// For an index that is one page or directory of links.
    pub flat: Option<FlatIndex>,
    pub counts: PageCounts,
    mirror: Option<Mirror>,
    /// The directory of the project, for an index that is written as a path from there: files of it are recorded in the same way.
    base: Option<PathBuf>,
}

impl Index {
    fn parse(location: &IndexLocation, project_dir: &Path) -> Result<Self, SourceError> {
        let mut url = parse_address(&location.url, project_dir)?;
        if !url.path().ends_with('/') && !location.flat {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        let mut url = without_credentials(&url);
        let query = Query::take(&mut url);
        let mirror = match &location.mirror_of {
            Some(text) => Some(Mirror::between(&url, text)?),
            None => None,
        };
        let written = location.mirror_of.as_deref().unwrap_or(&location.url);
        let recorded = Url::parse(written).map_or_else(
            |_| written.to_owned(),
            |parsed| {
                let shown = printable(&parsed);
                if shown == parsed.as_str() {
                    written.to_owned()
                } else {
                    shown
                }
            },
        );
        let sent = query.fingerprint();
        Ok(Self {
            of_machine: location.of_machine,
            base: is_relative_path(&location.url).then(|| absolute(project_dir)),
            cache_key: match &mirror {
                Some(mirror) => format!("{url}{sent} for {}", mirror.there),
                None => format!("{url}{sent}"),
            },
            recorded: recorded.into(),
            address: location.address(),
            explicit: location.explicit,
            cache_control: location.cache_control.clone(),
            flat: location.flat.then(FlatIndex::default),
            counts: PageCounts::default(),
            mirror,
            query,
            url,
        })
    }

    /// The address of a package's page, as it is sent.
    pub fn page(&self, package: PackageName) -> Url {
        let mut url = self.url.clone();
        url.set_path(&format!("{}{package}/", self.url.path()));
        self.query.added_to(url)
    }

    /// The address of a flat index, as it is sent.
    pub fn flat_page(&self) -> Url {
        self.query.added_to(self.url.clone())
    }

    /// The page that lists a package, as people may see it.
    pub fn shown_page(&self, package: PackageName) -> String {
        match self.flat {
            Some(_) => printable(&self.url),
            None => printable(&self.page(package)),
        }
    }

    /// Under what the cache keeps the page of a flat index.
    pub fn links_key(&self) -> String {
        format!("links {}", self.cache_key)
    }

    /// Whether the index is a directory of this machine.
    pub fn is_local(&self) -> bool {
        self.url.scheme() == "file"
    }

    /// The address that is recorded for one found on the page.
    pub fn recorded_url<'u>(&self, found: Cow<'u, str>) -> Cow<'u, str> {
        if let Some(base) = &self.base {
            return relative_to(base, found.into_owned()).into();
        }
        match &self.mirror {
            Some(mirror) => match found.strip_prefix(&mirror.here) {
                Some(rest) => format!("{}{rest}", mirror.there).into(),
                None => found,
            },
            None => found,
        }
    }

    /// The address to fetch for one that is recorded.
    pub fn fetched_url(&self, recorded: &str, queries: &FileQueries) -> Result<Url, SourceError> {
        let text = match &self.mirror {
            Some(mirror) => match recorded.strip_prefix(&mirror.there) {
                Some(rest) => format!("{}{rest}", mirror.here),
                None => recorded.to_owned(),
            },
            None => recorded.to_owned(),
        };
        let url = Url::parse(&text).map_err(|error| SourceError::Unusable {
            reason: format!("the index lists {recorded:?}, which is not an address ({error})"),
        })?;
        Ok(queries.added_to(url))
    }
}

/// The indexes of a run.
#[derive(Debug, Default)]
pub struct Indexes {
    ordered: Vec<Index>,
    assignments: FxHashMap<PackageName, String>,
    recorded: RecordedIndexes,
}

impl Indexes {
    /// Orders the indexes: as given, those marked as default last.
    pub fn new(
        locations: &[IndexLocation],
        (assignments, recorded): (FxHashMap<PackageName, String>, RecordedIndexes),
        project_dir: &Path,
        credentials: &mut Credentials,
    ) -> Result<Self, SourceError> {
        let mut ordered: Vec<&IndexLocation> = locations.iter().collect();
        ordered.sort_by_key(|location| location.default);
        let mut indexes = Vec::with_capacity(ordered.len());
        for location in ordered {
            let url = parse_address(&location.url, project_dir)?;
            credentials.add(
                &url,
                location.username.as_deref(),
                location.password.as_deref(),
            );
            let index = Index::parse(location, project_dir)?;
            refuse_same_record(&index, &indexes)?;
            indexes.push(index);
        }
        Ok(Self {
            ordered: indexes,
            assignments,
            recorded,
        })
    }

    /// What was asked of each index, in a sentence; none of those that nothing was asked of.
    pub fn counts(&self) -> Vec<String> {
        let of_index = |index: &Index| {
            let counts = index.counts.sentence()?;
            Some(format!("pages of {}: {counts}", index.recorded))
        };
        self.ordered.iter().filter_map(of_index).collect()
    }

    pub fn get(&self, position: usize) -> &Index {
        &self.ordered[position]
    }

    /// Whether a source of the project gives a package to one index, whoever requires it.
    pub fn is_assigned(&self, package: PackageName) -> bool {
        self.assignments.contains_key(&package)
    }

    /// The positions of the indexes that serve a package, in the order they are asked.
    ///
    /// With the address of an index, as [`index_address`] gives it, it is that one alone.
    pub fn for_package(
        &self,
        package: PackageName,
        address: Option<&str>,
    ) -> Result<Vec<usize>, SourceError> {
        let assigned = self.assignments.get(&package).map(String::as_str);
        let Some(name) = address.or(assigned) else {
            let all = self.ordered.iter().enumerate();
            return Ok(all
                .filter(|(_, index)| self.may_serve(index, package))
                .map(|(at, _)| at)
                .collect());
        };
        let is_meant = |index: &Index| index.address == name;
        match self.ordered.iter().position(is_meant) {
            Some(position) => Ok(vec![position]),
            None => Err(SourceError::Invalid {
                url: name.to_owned(),
                reason: format!(
                    "{package} comes from this index, which the project no longer names: add it under [[tool.locktool.index]]"
                ),
            }),
        }
    }

    /// Whether an index that no source assigns to a package may serve it.
    fn may_serve(&self, index: &Index, package: PackageName) -> bool {
        match self.recorded.pins.get(&package) {
            Some(pin) if pin.address == index.address => true,
            _ if index.explicit => false,
            Some(_) if index.of_machine => false,
            Some(pin) => pin.moves || !self.recorded.unchanged.contains(&index.address),
            None => {
                !index.of_machine
                    || self.recorded.addresses.is_empty()
                    || self.recorded.addresses.contains(&index.address)
            }
        }
    }

    /// The address to fetch for one that is recorded, of an index or of links.
    pub fn fetched_url(
        &self,
        address: &str,
        recorded: &str,
        queries: &FileQueries,
    ) -> Result<Url, SourceError> {
        let mut indexes = self.ordered.iter();
        match indexes.find(|index| *index.recorded == *address) {
            Some(index) => index.fetched_url(recorded, queries),
            None => Ok(queries.added_to(parse_address(recorded, Path::new(""))?)),
        }
    }

    /// Why a package that no index has may not come from one of the machine's that was not asked.
    pub fn other_index(&self, package: PackageName) -> Option<SourceError> {
        if self.is_assigned(package) {
            return None;
        }
        let mut indexes = self.ordered.iter();
        let unasked = indexes
            .find(|index| index.of_machine && !index.explicit && !self.may_serve(index, package))?;
        Some(SourceError::OtherIndex {
            package: package.to_string(),
            machine: unasked.address.clone(),
            recorded: self.recorded.address_for(package)?.clone(),
        })
    }
}

/// Refuses an index that a lock could not tell from another one of the run.
fn refuse_same_record(index: &Index, others: &[Index]) -> Result<(), SourceError> {
    let is_other = |other: &Index| other.address == index.address && other.query != index.query;
    if others.iter().any(is_other) {
        return Err(SourceError::Invalid {
            url: index.address.clone(),
            reason: "two indexes differ in their queries alone, which a lock does not record, since they may hold tokens".to_owned(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn indexes(locations: &[IndexLocation], assigned: &[(&str, &str)]) -> Indexes {
        let assignments = assigned
            .iter()
            .map(|(package, index)| {
                (
                    PackageName::parse(package).expect("a name"),
                    (*index).to_owned(),
                )
            })
            .collect();
        Indexes::new(
            locations,
            (assignments, RecordedIndexes::default()),
            Path::new("/project"),
            &mut Credentials::default(),
        )
        .expect("indexes")
    }

    fn location(url: &str) -> IndexLocation {
        IndexLocation {
            url: url.to_owned(),
            ..IndexLocation::default()
        }
    }

    #[test]
    fn the_default_comes_last_and_explicit_ones_only_when_assigned() {
        let base = IndexLocation {
            default: true,
            ..location("https://a.example.invalid/simple")
        };
        let special = IndexLocation {
            explicit: true,
            ..location("https://b.example.invalid/")
        };
        let extra = location("https://c.example.invalid/simple/");
        let indexes = indexes(
            &[base, special, extra],
            &[("torch", "https://b.example.invalid")],
        );
        let names = |package: &str| -> Vec<String> {
            let package = PackageName::parse(package).expect("a name");
            let found = indexes.for_package(package, None).expect("indexes");
            found
                .iter()
                .map(|at| indexes.get(*at).address.clone())
                .collect()
        };
        assert_eq!(
            names("flask"),
            [
                "https://c.example.invalid/simple",
                "https://a.example.invalid/simple"
            ]
        );
        assert_eq!(names("torch"), ["https://b.example.invalid"]);
    }

    #[test]
    fn credentials_are_in_no_address() {
        let indexes = indexes(
            &[location("https://ann:secret@a.example.invalid/simple")],
            &[],
        );
        assert!(!format!("{indexes:?}").contains("secret"));
        assert_eq!(
            &*indexes.get(0).recorded,
            "https://a.example.invalid/simple"
        );
    }

    #[test]
    fn a_query_is_asked_with_and_recorded_nowhere() {
        let tokens = indexes(
            &[location("https://a.example.invalid/simple?token=sesame")],
            &[],
        );
        let index = tokens.get(0);
        assert!(!format!("{tokens:?}").contains("sesame"));
        assert!(!index.cache_key.contains("sesame"));
        assert_eq!(&*index.recorded, "https://a.example.invalid/simple");
        assert_eq!(index.address, "https://a.example.invalid/simple");
        let package = PackageName::parse("b").expect("a name");
        assert_eq!(
            index.page(package).as_str(),
            "https://a.example.invalid/simple/b/?token=sesame"
        );
    }

    #[test]
    fn indexes_that_differ_in_their_queries_alone_are_refused() {
        let locations = ["a", "b"].map(|name| {
            location(&format!(
                "https://a.example.invalid/simple?repository={name}"
            ))
        });
        let none = (FxHashMap::default(), RecordedIndexes::default());
        let refused = Indexes::new(
            &locations,
            none,
            Path::new("/project"),
            &mut Credentials::default(),
        );
        let message = refused.expect_err("an error").to_string();
        assert!(message.contains("queries"), "{message}");
        assert!(!message.contains("repository"), "{message}");
    }

    #[test]
    fn a_mirror_is_fetched_and_the_mirrored_index_is_recorded() {
        let location = IndexLocation {
            mirror_of: Some("https://a.example.invalid/simple".to_owned()),
            ..location("http://127.0.0.1:8000/proxy/simple/")
        };
        let indexes = indexes(&[location], &[]);
        let index = indexes.get(0);
        let found = "http://127.0.0.1:8000/proxy/files/x-1.whl";
        let recorded = index.recorded_url(found.into());
        assert_eq!(recorded, "https://a.example.invalid/files/x-1.whl");
        assert_eq!(
            index
                .fetched_url(&recorded, &FileQueries::default())
                .expect("an address")
                .as_str(),
            found
        );
        let elsewhere = "https://f.example.invalid/x-1.whl";
        assert_eq!(index.recorded_url(elsewhere.into()), elsewhere);
        assert_eq!(&*index.recorded, "https://a.example.invalid/simple");
    }
}
