//! Which versions of members and required directories decide something, and so are inputs: those that a specifier or a change names.

use std::collections::{BTreeMap, BTreeSet};

use super::{Change, ManifestRecord, MemberRecord};
use crate::name::PackageName;
use crate::requirement::Requirement;

impl ManifestRecord {
    /// Leaves out the versions of members and directories that nothing asks for: no requirement of a member, of a directory or of a
    /// locked package names them with a specifier, and no change of requirements names them. `published` are the requirements of
    /// the locked packages.
    pub fn keep_decisive_versions<'a>(&mut self, published: impl Iterator<Item = &'a String>) {
        let described = self.members.iter().chain(&self.trees);
        let versioned = described.clone().filter(|one| one.version.is_some());
        let mut undecided: BTreeMap<&str, PackageName> = versioned
            .filter_map(|one| Some((one.name?.as_str(), one.name?)))
            .collect();
        if undecided.is_empty() {
            return;
        }
        let mut decisive = self.changed_names();
        let mut decide = |text: &String| {
            let named = name_in(text);
            if undecided.contains_key(named) && has_specifiers(text) {
                decisive.extend(undecided.remove(named));
            }
        };
        described.flat_map(requirements).for_each(&mut decide);
        published.for_each(decide);
        for one in self.members.iter_mut().chain(&mut self.trees) {
            if !one.name.is_some_and(|name| decisive.contains(&name)) {
                one.version = None;
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

/// The name at the start of a requirement in canonical form.
fn name_in(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    &text[..end.unwrap_or(text.len())]
}

fn has_specifiers(text: &str) -> bool {
    let requirement = text.parse::<Requirement>();
    requirement.is_ok_and(|requirement| !requirement.specifiers().is_empty())
}
