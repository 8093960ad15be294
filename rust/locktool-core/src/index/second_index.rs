//! Packages that an index of the run lists beside the one that they come from, as far as it was read anyway: an index that is one
//! page or directory is read whole for any package. Whoever owns a name there may be another than on the first.

use std::collections::BTreeMap;

use super::session::Session;
use crate::distribution::filename::DistributionFilename;
use crate::lock::LockedPackage;
use crate::name::PackageName;
use crate::source::File;

/// At most so many packages are named.
const NAMED_PACKAGES: usize = 5;

impl Session {
    /// A sentence for each two indexes that both list packages of a lock; nobody is asked for it.
    pub fn on_second_index(&self, packages: &[LockedPackage]) -> Vec<String> {
        let mut found: BTreeMap<(&str, &str), Vec<PackageName>> = BTreeMap::new();
        for package in packages {
            let (Some(index), Ok(name)) = (&package.index, PackageName::parse(&package.name))
            else {
                continue;
            };
            for other in self.read_indexes_of(name) {
                if other != index {
                    found.entry((index, other)).or_default().push(name);
                }
            }
        }
        let sentences = found.into_iter().map(|((index, other), mut names)| {
            names.dedup();
            sentence(&names, index, other)
        });
        sentences.collect()
    }

    /// The indexes that are one page or directory, were read, and list files of a package that no source gives to an index.
    fn read_indexes_of(&self, package: PackageName) -> Vec<&str> {
        if self.indexes.is_assigned(package) {
            return Vec::new();
        }
        let is_of = |file: &File| DistributionFilename::parse(&file.filename, package).is_ok();
        let positions = self.indexes.for_package(package, None).unwrap_or_default();
        let indexes = positions.into_iter().map(|at| self.indexes.get(at));
        let read = indexes.filter(|index| {
            let flat = index.flat.as_ref();
            let files = flat.and_then(|flat| flat.files.get()?.as_ref().ok());
            files.is_some_and(|files| files.named_for(package).iter().any(is_of))
        });
        read.map(|index| &*index.recorded).collect()
    }
}

fn sentence(packages: &[PackageName], index: &str, other: &str) -> String {
    let first = packages.iter().take(NAMED_PACKAGES);
    let mut shown = first
        .map(PackageName::as_str)
        .collect::<Vec<_>>()
        .join(", ");
    if packages.len() > NAMED_PACKAGES {
        let more = packages.len() - NAMED_PACKAGES;
        shown = format!("{shown} and {more} more");
    }
    let (come, are) = match packages {
        [_] => ("comes", "is"),
        _ => ("come", "are"),
    };
    format!(
        "{shown} {come} from {index} and {are} on {other} too; an index in [tool.locktool.sources] says which one is meant"
    )
}
