//! Where packages are looked for: the indexes of a run in their order, and which of them serve which package.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustc_hash::FxHashMap;
use url::Url;

use super::credentials::Credentials;
use super::flat_index::FlatPlace;
use super::http::{printable, without_credentials};
use super::query::{FileQueries, Query};
use crate::manifest::index_address;
use crate::name::PackageName;
use crate::project::relative;
use crate::source::SourceError;

/// An index as the settings give it.
#[derive(Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own that a project states or not"
)]
pub struct IndexLocation {
    /// The address of the simple API, or of a directory laid out like it (`file://`).
    pub url: String,
    /// Serves only the packages assigned to it.
    pub explicit: bool,
    /// Asked after all others.
    pub default: bool,
    pub username: Option<String>,
    pub password: Option<String>,
    /// Takes the place of the server's Cache-Control, such as `max-age=3600`.
    pub cache_control: Option<String>,
    /// The address that is recorded where this machine asks a mirror.
    pub mirror_of: Option<String>,
    /// The address is one page or directory of links to files.
    pub flat: bool,
    /// The machine names it (the environment, pip's configuration), not the project.
    pub of_machine: bool,
}

impl IndexLocation {
    /// The address by which a lock knows the index.
    pub fn address(&self) -> String {
        index_address(self.mirror_of.as_deref().unwrap_or(&self.url))
    }
}

/// The indexes that a lock records and that neither the project nor the command line names.
#[derive(Clone, Debug, Default)]
pub struct RecordedIndexes {
    /// The packages that come from them.
    pub pins: FxHashMap<PackageName, PackagePin>,
    /// Of the machine's indexes only these serve other names; all do where none is given.
    pub addresses: BTreeSet<String>,
    /// The project's indexes that were asked when the lock was written and did not have what is pinned.
    pub unchanged: BTreeSet<String>,
}

/// The one index that a locked package comes from.
#[derive(Clone, Debug)]
pub struct PackagePin {
    pub address: String,
    /// The run may choose another version, so the project's indexes are asked for it as well.
    pub moves: bool,
}

impl RecordedIndexes {
    /// Whether an index that no source assigns to a package may serve it.
    fn may_serve(&self, place: &Place, package: PackageName) -> bool {
        match self.pins.get(&package) {
            Some(pin) if pin.address == place.address => true,
            _ if place.explicit => false,
            Some(_) if place.of_machine => false,
            Some(pin) => pin.moves || !self.unchanged.contains(&place.address),
            None => {
                !place.of_machine
                    || self.addresses.is_empty()
                    || self.addresses.contains(&place.address)
            }
        }
    }

    /// The address that keeps the machine's other indexes from serving a package.
    fn address_for(&self, package: PackageName) -> Option<&String> {
        let pin = self.pins.get(&package).map(|pin| &pin.address);
        pin.or_else(|| self.addresses.first())
    }
}

/// An index, ready to be asked.
#[derive(Debug)]
pub struct Place {
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
    pub flat: Option<FlatPlace>,
    mirror: Option<Mirror>,
    /// The directory of the project, for an index that is written as a path from there: files of it are recorded in the same way.
    base: Option<PathBuf>,
}

/// How addresses on a mirror and on the mirrored index correspond.
#[derive(Debug)]
struct Mirror {
    here: String,
    there: String,
}

impl Place {
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
            flat: location.flat.then(FlatPlace::default),
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

    /// Whether the index is a directory of this machine.
    pub fn is_local(&self) -> bool {
        self.url.scheme() == "file"
    }

    /// The address that is recorded for one found on the page.
    pub fn recorded_url(&self, found: String) -> String {
        if let Some(base) = &self.base {
            return relative_to(base, found);
        }
        match &self.mirror {
            Some(mirror) => match found.strip_prefix(&mirror.here) {
                Some(rest) => format!("{}{rest}", mirror.there),
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

impl Mirror {
    /// What two index addresses have in common at their end (`/simple/`) is below the roots that correspond.
    fn between(here: &Url, there: &str) -> Result<Self, SourceError> {
        let mut other = Url::parse(there).map_err(|error| SourceError::Invalid {
            url: hide_credentials(there),
            reason: format!("mirror-of is not an address ({error})"),
        })?;
        if !other.path().ends_with('/') {
            let path = format!("{}/", other.path());
            other.set_path(&path);
        }
        let mut other = without_credentials(&other);
        other.set_query(None);
        let (mut here, mut there) = (here.as_str(), other.as_str());
        loop {
            let last = |text: &str| text.trim_end_matches('/').rfind('/').map(|at| at + 1);
            let (Some(one), Some(two)) = (last(here), last(there)) else {
                break;
            };
            // The host itself is never cut off: "https://" is what remains then.
            if here[one..] != there[two..]
                || here[..one].ends_with("//")
                || there[..two].ends_with("//")
            {
                break;
            }
            (here, there) = (&here[..one], &there[..two]);
        }
        Ok(Self {
            here: here.to_owned(),
            there: there.to_owned(),
        })
    }
}

/// Whether an address is a path from the directory of the project, which holds on every machine.
pub fn is_relative_path(text: &str) -> bool {
    let is_url = text.contains("://") || text.starts_with("file:");
    !is_url && !text.starts_with('~') && !Path::new(text).is_absolute()
}

/// How a lock records a directory or page of links.
pub fn recorded_links(written: &str, url: &Url, project_dir: &Path) -> String {
    let url = printable(url);
    if is_relative_path(written) {
        relative_to(&absolute(project_dir), url)
    } else {
        url
    }
}

/// The path of a local file from a directory, with forward slashes; other addresses stay.
pub fn relative_to(directory: &Path, address: String) -> String {
    let url = Url::parse(&address).ok();
    let path = url
        .filter(|url| url.scheme() == "file")
        .and_then(|url| url.to_file_path().ok());
    path.and_then(|path| relative(&path, directory))
        .unwrap_or(address)
}

pub fn absolute(directory: &Path) -> PathBuf {
    std::path::absolute(directory).unwrap_or_else(|_| directory.to_owned())
}

/// Reads an address or a path; relative paths are below the project.
pub fn parse_address(text: &str, project_dir: &Path) -> Result<Url, SourceError> {
    let looks_like_a_path = !text.contains("://") && !text.starts_with("file:");
    let parsed = if looks_like_a_path {
        let path: PathBuf = std::path::absolute(project_dir.join(text)).unwrap_or_default();
        Url::from_file_path(path).map_err(|()| "it is neither an address nor a path".to_owned())
    } else {
        Url::parse(text).map_err(|error| error.to_string())
    };
    match parsed {
        Ok(url) if matches!(url.scheme(), "http" | "https" | "file") => Ok(url),
        Ok(url) => Err(SourceError::Invalid {
            url: printable(&url),
            reason: format!(
                "addresses that start with {}: are not supported",
                url.scheme()
            ),
        }),
        Err(reason) => Err(SourceError::Invalid {
            url: hide_credentials(text),
            reason,
        }),
    }
}

/// Text that may be an address, without what stands before an `@` and without a query.
pub fn hide_credentials(text: &str) -> String {
    let (address, query) = text.split_once('?').unwrap_or((text, ""));
    if query.contains('@') {
        // Either may be part of a password.
        return "…".to_owned();
    }
    address
        .rsplit_once('@')
        .map_or_else(|| address.to_owned(), |(_, rest)| format!("…@{rest}"))
}

/// The indexes of a run.
#[derive(Debug, Default)]
pub struct Places {
    ordered: Vec<Place>,
    assignments: FxHashMap<PackageName, String>,
    recorded: RecordedIndexes,
}

impl Places {
    /// Orders the indexes: as given, those marked as default last.
    pub fn new(
        locations: &[IndexLocation],
        (assignments, recorded): (FxHashMap<PackageName, String>, RecordedIndexes),
        project_dir: &Path,
        credentials: &mut Credentials,
    ) -> Result<Self, SourceError> {
        let mut ordered: Vec<&IndexLocation> = locations.iter().collect();
        ordered.sort_by_key(|location| location.default);
        let mut places = Vec::with_capacity(ordered.len());
        for location in ordered {
            let url = parse_address(&location.url, project_dir)?;
            credentials.add(
                &url,
                location.username.as_deref(),
                location.password.as_deref(),
            );
            let place = Place::parse(location, project_dir)?;
            refuse_same_record(&place, &places)?;
            places.push(place);
        }
        Ok(Self {
            ordered: places,
            assignments,
            recorded,
        })
    }

    pub fn get(&self, position: usize) -> &Place {
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
        index: Option<&str>,
    ) -> Result<Vec<usize>, SourceError> {
        let assigned = self.assignments.get(&package).map(String::as_str);
        let Some(name) = index.or(assigned) else {
            let all = self.ordered.iter().enumerate();
            return Ok(all
                .filter(|(_, place)| self.recorded.may_serve(place, package))
                .map(|(at, _)| at)
                .collect());
        };
        let is_meant = |place: &Place| place.address == name;
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

    /// The address to fetch for one that is recorded, of an index or of links.
    pub fn fetched_url(
        &self,
        index: &str,
        recorded: &str,
        queries: &FileQueries,
    ) -> Result<Url, SourceError> {
        let mut places = self.ordered.iter();
        match places.find(|place| *place.recorded == *index) {
            Some(place) => place.fetched_url(recorded, queries),
            None => Ok(queries.added_to(parse_address(recorded, Path::new(""))?)),
        }
    }

    /// Why a package that no index has may not come from one of the machine's that was not asked.
    pub fn other_index(&self, package: PackageName) -> Option<SourceError> {
        if self.is_assigned(package) {
            return None;
        }
        let mut places = self.ordered.iter();
        let unasked = places.find(|place| {
            place.of_machine && !place.explicit && !self.recorded.may_serve(place, package)
        })?;
        Some(SourceError::OtherIndex {
            package: package.to_string(),
            machine: unasked.address.clone(),
            recorded: self.recorded.address_for(package)?.clone(),
        })
    }
}

/// Refuses an index that a lock could not tell from another one of the run.
fn refuse_same_record(place: &Place, others: &[Place]) -> Result<(), SourceError> {
    let is_other = |other: &Place| other.address == place.address && other.query != place.query;
    if others.iter().any(is_other) {
        return Err(SourceError::Invalid {
            url: place.address.clone(),
            reason: "two indexes differ in their queries alone, which a lock does not record, since they may hold tokens".to_owned(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(locations: &[IndexLocation], assigned: &[(&str, &str)]) -> Places {
        let assignments = assigned
            .iter()
            .map(|(package, index)| {
                (
                    PackageName::parse(package).expect("a name"),
                    (*index).to_owned(),
                )
            })
            .collect();
        Places::new(
            locations,
            (assignments, RecordedIndexes::default()),
            Path::new("/project"),
            &mut Credentials::default(),
        )
        .expect("places")
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
        let places = places(
            &[base, special, extra],
            &[("torch", "https://b.example.invalid")],
        );
        let names = |package: &str| -> Vec<String> {
            let package = PackageName::parse(package).expect("a name");
            let found = places.for_package(package, None).expect("places");
            found
                .iter()
                .map(|at| places.get(*at).address.clone())
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
        let places = places(
            &[location("https://ann:secret@a.example.invalid/simple")],
            &[],
        );
        assert!(!format!("{places:?}").contains("secret"));
        assert_eq!(&*places.get(0).recorded, "https://a.example.invalid/simple");
    }

    #[test]
    fn a_query_is_asked_with_and_recorded_nowhere() {
        let tokens = places(
            &[location("https://a.example.invalid/simple?token=sesame")],
            &[],
        );
        let place = tokens.get(0);
        assert!(!format!("{tokens:?}").contains("sesame"));
        assert!(!place.cache_key.contains("sesame"));
        assert_eq!(&*place.recorded, "https://a.example.invalid/simple");
        assert_eq!(place.address, "https://a.example.invalid/simple");
        let package = PackageName::parse("b").expect("a name");
        assert_eq!(
            place.page(package).as_str(),
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
        let refused = Places::new(
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
    fn hidden_is_whatever_may_be_a_password() {
        assert_eq!(hide_credentials("ann:secret@host/simple"), "…@host/simple");
        assert_eq!(hide_credentials("https://host/a?token=x"), "https://host/a");
        assert_eq!(hide_credentials("https://ann:se?cret@host/a"), "…");
    }

    #[test]
    fn a_mirror_is_fetched_and_the_mirrored_index_is_recorded() {
        let location = IndexLocation {
            mirror_of: Some("https://a.example.invalid/simple".to_owned()),
            ..location("http://127.0.0.1:8000/proxy/simple/")
        };
        let places = places(&[location], &[]);
        let place = places.get(0);
        let found = "http://127.0.0.1:8000/proxy/files/x-1.whl".to_owned();
        let recorded = place.recorded_url(found.clone());
        assert_eq!(recorded, "https://a.example.invalid/files/x-1.whl");
        assert_eq!(
            place
                .fetched_url(&recorded, &FileQueries::default())
                .expect("an address")
                .as_str(),
            found
        );
        let elsewhere = "https://f.example.invalid/x-1.whl";
        assert_eq!(place.recorded_url(elsewhere.to_owned()), elsewhere);
        assert_eq!(&*place.recorded, "https://a.example.invalid/simple");
    }
}
