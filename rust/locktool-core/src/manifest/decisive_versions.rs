//! Which versions of required directories decide something, and so are inputs: those that a specifier or a change names.

use std::collections::BTreeSet;

use super::{Change, ManifestRecord, MemberRecord};
use crate::name::PackageName;
use crate::requirement::Requirement;

impl ManifestRecord {
    /// Leaves out the versions of directories that nothing asks for: no requirement of a member, of a directory or of a locked
    /// package names them with a specifier, and no change of requirements names them. `published` are the requirements of the
    /// locked packages.
    pub fn keep_decisive_versions<'a>(&mut self, published: impl Iterator<Item = &'a String>) {
        let versioned = self.trees.iter().filter(|tree| tree.version.is_some());
        let names: BTreeSet<PackageName> = versioned.filter_map(|tree| tree.name).collect();
        if names.is_empty() {
            return;
        }
        let mut decisive = self.changed_names();
        let described = self.members.iter().chain(&self.trees);
        for text in described.flat_map(requirements) {
            decisive.extend(names.iter().filter(|name| names_version(text, **name)));
        }
        for text in published {
            decisive.extend(names.iter().filter(|name| names_version(text, **name)));
        }
        for tree in &mut self.trees {
            if !tree.name.is_some_and(|name| decisive.contains(&name)) {
                tree.version = None;
            }
        }
    }

    /// The packages that constraints, overrides and excludes name.
    fn changed_names(&self) -> BTreeSet<PackageName> {
        let settings = self.effective();
        let mut names = BTreeSet::new();
        for change in settings.excludes.iter().flatten() {
            if let Change::Under { package, .. } = change {
                names.insert(package.name);
            }
        }
        let lists = [&settings.constraints, &settings.overrides];
        for change in lists.into_iter().flatten().flatten() {
            let items = match change {
                Change::Everywhere(item) => std::slice::from_ref(item),
                Change::Under {
                    package,
                    dependencies,
                } => {
                    names.insert(package.name);
                    dependencies
                }
            };
            let requirements = items
                .iter()
                .filter_map(|item| item.0.parse::<Requirement>().ok());
            names.extend(requirements.map(|requirement| requirement.name));
        }
        names
    }
}

fn requirements(member: &MemberRecord) -> impl Iterator<Item = &String> {
    let extras = member.extras.values().flatten();
    let groups = member.groups.values().flatten();
    member.dependencies.iter().chain(extras).chain(groups)
}

/// Whether a requirement is one of a package with a specifier; most are told apart by their first letters.
fn names_version(text: &str, name: PackageName) -> bool {
    text.starts_with(name.as_str())
        && text.parse::<Requirement>().is_ok_and(|requirement| {
            requirement.name == name && !requirement.specifiers().is_empty()
        })
}
