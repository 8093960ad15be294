//! An index in memory, for examples and tests of the resolver: packages from short descriptions.
//!
//! Descriptions are trusted: text in them that is no version, specifier or requirement panics.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{File, Listing, PackageSource, Release, ReleaseMetadata, SourceError};
use crate::name::PackageName;
use crate::version::Version;

/// What an index has of each package: versions with their requirements.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    pub packages: BTreeMap<String, BTreeMap<String, Description>>,
    /// Wheels at addresses of their own.
    pub addresses: BTreeMap<String, Description>,
}

/// One version of a package.
#[derive(Clone, Debug, Default)]
pub struct Description {
    pub requires: Vec<String>,
    pub requires_python: Option<String>,
    pub yanked: bool,
    /// Days since 1970.
    pub uploaded: Option<i64>,
    /// There is a source distribution and no wheel.
    pub is_source: bool,
    /// Its metadata is not in the cache, and the run is offline.
    pub is_uncached: bool,
}

impl Registry {
    /// Adds a version.
    pub fn add(&mut self, name: &str, version: &str, requires: &[&str]) -> &mut Self {
        let description = Description {
            requires: requires.iter().map(ToString::to_string).collect(),
            ..Description::default()
        };
        self.packages
            .entry(name.to_owned())
            .or_default()
            .insert(version.to_owned(), description);
        self
    }

    /// Says which Python a version needs.
    pub fn needs_python(&mut self, name: &str, version: &str, specifiers: &str) -> &mut Self {
        if let Some(description) = self.packages.get_mut(name).and_then(|v| v.get_mut(version)) {
            description.requires_python = Some(specifiers.to_owned());
        }
        self
    }

    /// Says when a version was uploaded, in days since 1970.
    pub fn upload(&mut self, name: &str, version: &str, day: i64) -> &mut Self {
        if let Some(description) = self.packages.get_mut(name).and_then(|v| v.get_mut(version)) {
            description.uploaded = Some(day);
        }
        self
    }

    /// Takes a version back.
    pub fn yank(&mut self, name: &str, version: &str) -> &mut Self {
        if let Some(description) = self.packages.get_mut(name).and_then(|v| v.get_mut(version)) {
            description.yanked = true;
        }
        self
    }

    /// Puts a wheel at an address.
    pub fn serve(&mut self, address: &str, requires: &[&str]) -> &mut Self {
        let description = Description {
            requires: requires.iter().map(ToString::to_string).collect(),
            ..Description::default()
        };
        self.addresses.insert(address.to_owned(), description);
        self
    }

    fn ascending(&self, name: PackageName) -> Option<Vec<(Version, &Description)>> {
        let versions = self.packages.get(name.as_str())?;
        let mut ascending: Vec<(Version, &Description)> = versions
            .iter()
            .map(|(text, description)| (text.parse().expect("a version"), description))
            .collect();
        ascending.sort_by_key(|(version, _)| *version);
        Some(ascending)
    }
}

impl PackageSource for Registry {
    fn listing(&self, package: PackageName) -> Result<Arc<Listing>, SourceError> {
        let Some(versions) = self.ascending(package) else {
            return Err(SourceError::NotFound {
                package,
                places: "the registry".to_owned(),
            });
        };
        let mut releases = Vec::new();
        let mut files = Vec::new();
        for (position, (version, description)) in (0u32..).zip(&versions) {
            let stem = format!("{}-{version}", package.as_str().replace('-', "_"));
            let suffix = if description.is_source {
                ".tar.gz"
            } else {
                "-py3-none-any.whl"
            };
            let filename = format!("{stem}{suffix}");
            let url = format!("https://example.invalid/{filename}");
            let mut file = File::bare(filename, url);
            file.hashes = vec![("sha256".to_owned(), "0".repeat(64))];
            files.push(file);
            let requires_python = description.requires_python.as_deref();
            releases.push(Release {
                version: *version,
                requires_python: requires_python
                    .map(|text| Arc::new(text.parse().expect("specifiers"))),
                yanked: description.yanked,
                upload_time: description.uploaded.map(|day| day * 86_400_000),
                has_sdist: description.is_source,
                has_wheel: !description.is_source,
                files: position..position + 1,
            });
        }
        let index = Arc::from("https://example.invalid/simple/");
        Ok(Arc::new(Listing::new(package, index, releases, files)))
    }

    fn listing_on(&self, package: PackageName, _index: &str) -> Result<Arc<Listing>, SourceError> {
        self.listing(package)
    }

    fn metadata(
        &self,
        listing: &Arc<Listing>,
        release: usize,
    ) -> Result<Arc<ReleaseMetadata>, SourceError> {
        let versions = self.ascending(listing.package);
        let description = match self.addresses.get(&*listing.index) {
            Some(description) => description,
            None => versions.expect("a listed package")[release].1,
        };
        if description.is_uncached {
            return Err(SourceError::Offline {
                what: format!("the metadata of {}", listing.package),
            });
        }
        Ok(Arc::new(ReleaseMetadata {
            requires_dist: description
                .requires
                .iter()
                .map(|text| text.parse().expect("a requirement"))
                .collect(),
            ..ReleaseMetadata::default()
        }))
    }

    fn direct(&self, package: PackageName, url: &str) -> Result<Arc<Listing>, SourceError> {
        if !self.addresses.contains_key(url) {
            return Err(SourceError::Unusable {
                reason: format!("{url} is not in the registry"),
            });
        }
        let bare = url.split('#').next().expect("a first part");
        let filename = bare.rsplit('/').next().expect("a last segment");
        let mut file = File::bare(filename, bare);
        file.hashes = vec![("sha256".to_owned(), "0".repeat(64))];
        let version = filename.split('-').nth(1).expect("a wheel's name");
        let release = Release {
            version: version.parse().expect("a version"),
            requires_python: None,
            yanked: false,
            upload_time: None,
            has_sdist: false,
            has_wheel: true,
            files: 0..1,
        };
        Ok(Arc::new(Listing::new(
            package,
            url.into(),
            vec![release],
            vec![file],
        )))
    }

    fn prefetch_listing(&self, _: PackageName) {}

    fn prefetch_metadata(&self, _: &Arc<Listing>, _: usize) {}

    fn concurrency(&self) -> usize {
        0
    }
}
