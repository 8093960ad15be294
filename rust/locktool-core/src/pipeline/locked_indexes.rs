//! The indexes that the packages of a lock come from, where neither the project nor the command line names them.
//!
//! The machine's index (the environment, pip's configuration) never moves a pin. Where it is another one than the lock's, what is
//! locked is asked of the lock's index, nothing moves, and a name that only the machine's index could serve is an error.

use std::collections::{BTreeMap, BTreeSet};

use crate::index::{ClientOptions, IndexLocation};
use crate::locked::{LockedDocument, LockedPackage};
use crate::manifest::{ManifestRecord, index_address};
use crate::name::PackageName;
use crate::resolver::Hint;
use crate::source::SourceError;

use super::Upgrade;

/// The packages of a lock that come from indexes which this run would not ask.
pub struct HeldIndexes {
    /// Name -> the address of its index, as recorded, and its locked versions.
    packages: BTreeMap<PackageName, (String, BTreeSet<String>)>,
    /// The machine's index, where no locked package comes from it.
    machine: Option<String>,
}

impl HeldIndexes {
    /// `None` where the run asks every index that the lock names, or where the lock names none.
    pub fn of(
        document: &LockedDocument,
        record: &ManifestRecord,
        options: &ClientOptions,
    ) -> Option<Self> {
        let machine: Vec<&IndexLocation> = options
            .indexes
            .iter()
            .filter(|index| index.of_machine)
            .collect();
        let default = machine.iter().find(|index| index.default)?;
        let asked: BTreeSet<String> = options.indexes.iter().map(IndexLocation::address).collect();
        let named = named_by_projects(document, record, options);
        let is_held = |address: &String| !asked.contains(address) && !named.contains(address);
        let mut packages: BTreeMap<PackageName, (String, BTreeSet<String>)> = BTreeMap::new();
        let mut serves_already = false;
        for package in &document.packages {
            let (Some(index), Ok(name)) = (&package.index, PackageName::parse(&package.name))
            else {
                continue;
            };
            let address = index_address(index);
            serves_already |= machine.iter().any(|one| one.address() == address);
            if is_held(&address) {
                let entry = packages.entry(name);
                let (_, versions) = entry.or_insert_with(|| (index.clone(), BTreeSet::new()));
                versions.extend(package.version.clone());
            }
        }
        let machine = (!serves_already).then(|| default.address());
        (!packages.is_empty()).then_some(Self { packages, machine })
    }

    /// Sends what is locked to the lock's indexes, and everything else away from the machine's.
    pub fn apply(&self, options: &mut ClientOptions) {
        let addresses: BTreeSet<&String> = self.packages.values().map(|(index, _)| index).collect();
        for url in addresses {
            options.indexes.push(IndexLocation {
                url: url.clone(),
                explicit: true,
                ..IndexLocation::default()
            });
        }
        for (name, (index, _)) in &self.packages {
            let address = index_address(index);
            options.assignments.entry(*name).or_insert(address);
        }
        if self.machine.is_some() {
            let recorded = self.packages.values().next();
            options.machine_closed_for = recorded.map(|(index, _)| index_address(index));
        }
    }

    /// Refuses to upgrade what is locked: newer versions would have to come from the machine's index.
    pub fn refuse(&self, upgrade: &Upgrade) -> Result<(), SourceError> {
        let moving = match upgrade {
            Upgrade::Nothing => None,
            Upgrade::Everything => self.packages.keys().next(),
            Upgrade::Packages(names) => self.packages.keys().find(|name| names.contains(name)),
        };
        moving.map_or(Ok(()), |name| Err(self.error(*name)))
    }

    /// What to know where there is no solution: the machine's index may have one.
    pub fn hint(&self) -> Option<Hint> {
        let machine = self.machine.as_ref()?;
        let (recorded, _) = self.packages.values().next()?;
        let recorded = index_address(recorded);
        Some(Hint::plain(format!(
            "the packages of the lock come from {recorded}, and {machine}, the index of this machine, is not asked: to use it, \
             name it in the project ([[tool.locktool.index]] with default = true), say that it is a mirror (mirror-of), or \
             pass --index-url"
        )))
    }

    /// Refuses an answer in which something that is locked has moved.
    pub fn check(&self, packages: &[LockedPackage]) -> Result<(), SourceError> {
        for package in packages {
            let Ok(name) = PackageName::parse(&package.name) else {
                continue;
            };
            if let (Some((_, versions)), Some(version)) =
                (self.packages.get(&name), &package.version)
                && !versions.contains(version)
            {
                return Err(self.error(name));
            }
        }
        Ok(())
    }

    fn error(&self, name: PackageName) -> SourceError {
        let (recorded, _) = &self.packages[&name];
        let machine = self.machine.clone();
        SourceError::OtherIndex {
            package: format!("another version of {name}"),
            machine: machine.unwrap_or_else(|| recorded.clone()),
            recorded: index_address(recorded),
        }
    }
}

/// The addresses that the project names today or named when the lock was written: what they serve follows from the inputs.
fn named_by_projects(
    document: &LockedDocument,
    record: &ManifestRecord,
    options: &ClientOptions,
) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    let recorded = document.inputs().into_iter();
    for inputs in recorded.chain([record]) {
        named.extend(inputs.indexes.iter().map(|index| index.url.clone()));
        let links = inputs.effective().find_links.unwrap_or_default().0;
        named.extend(links.iter().map(|link| place(link, options)));
    }
    named.extend(options.find_links.iter().map(|link| place(link, options)));
    named
}

/// A directory or page of links as entries record it.
fn place(link: &str, options: &ClientOptions) -> String {
    let url = crate::index::parse_address(link, &options.project_dir);
    index_address(url.as_ref().map_or(link, url::Url::as_str))
}
