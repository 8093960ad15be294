//! `[dependency-groups]`: each group with the groups that it includes expanded (PEP 735).
//!
//! A group for certain Pythons (`[tool.locktool.dependency-groups]`, `requires-python`) puts that condition on its requirements,
//! and through includes on those of every group that it is part of.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashSet;

use super::tables::{is_own, table_with};
use crate::document::caret::quoted;
use crate::document::{LocatedError, Node, Table, Value, did_you_mean};
use crate::manifest::texts::{list, normalised_keys, optional, read};
use crate::marker::Marker;
use crate::name::GroupName;
use crate::requirement::Requirement;
use crate::version::SpecifierSet;

/// The requirements of each group.
pub type Groups = BTreeMap<GroupName, Vec<Requirement>>;

/// What each group has from groups that it includes, however many includes away: the requirements, each with the group that writes it.
pub type Included = BTreeMap<GroupName, Vec<(GroupName, Requirement)>>;

/// The group that uv's older `dev-dependencies` belong to.
const DEVELOPMENT: &str = "dev";

/// Reads every group of a file.
///
/// # Errors
/// For unknown includes, circles, two spellings of one name, and whatever is no requirement, at its line.
pub fn read_groups(document: &Table<'_>) -> Result<(Groups, Included), LocatedError> {
    let table = document.table("dependency-groups")?;
    let written = normalised_keys::<GroupName>(&table, "the dependency groups")?;
    let mut expansion = Expansion {
        conditions: read_conditions(document, &written)?,
        table,
        written,
        expanded: Included::new(),
        started: BTreeSet::new(),
        open: Vec::new(),
    };
    expansion.expand_all()?;
    let (mut groups, mut included) = (Groups::new(), expansion.expanded);
    for (name, requirements) in &mut included {
        let mut all: Vec<Requirement> = requirements.iter().map(|(_, one)| one.clone()).collect();
        sort(&mut all);
        groups.insert(*name, all);
        requirements.retain(|(written, _)| written != name);
    }
    included.retain(|_, requirements| !requirements.is_empty());
    let uv = document.table("tool")?.table("uv")?;
    if uv.has("dev-dependencies") {
        let development = GroupName::parse(DEVELOPMENT).expect("a name");
        let group = groups.entry(development).or_default();
        group.extend(list::<Requirement>(&uv, "dev-dependencies")?);
        sort(group);
    }
    Ok((groups, included))
}

/// Sorts requirements by their texts, each once: their order has no meaning.
pub fn sort(requirements: &mut Vec<Requirement>) {
    requirements.sort_by_cached_key(ToString::to_string);
    requirements.dedup();
}

fn read_conditions(
    document: &Table<'_>,
    groups: &BTreeMap<GroupName, &str>,
) -> Result<BTreeMap<GroupName, Marker>, LocatedError> {
    let mut conditions = BTreeMap::new();
    let Some(tool) = table_with(document, "dependency-groups")? else {
        return Ok(conditions);
    };
    let table = tool.table("dependency-groups")?;
    for (name, key) in normalised_keys::<GroupName>(&table, "the dependency groups")? {
        let group = table.table(key)?;
        if !groups.contains_key(&name) {
            let hint = did_you_mean(name.as_str(), groups.keys().map(GroupName::as_str));
            let steps = [key.into()];
            let message = format!(
                "{}: {} is not a dependency group{hint}",
                table.name_of(&steps),
                quoted(key)
            );
            return Err(table.error("unknown-group", &message, &steps));
        }
        if is_own(&table) {
            group.refuse_unknown(&["requires-python"])?;
        }
        if let Some(specifiers) = optional::<SpecifierSet>(&group, "requires-python")? {
            conditions.insert(name, Marker::from_python_range(specifiers.range()));
        }
    }
    Ok(conditions)
}

/// Expands includes depth first, each group once, without recursion: chains of includes are as long as a file makes them.
struct Expansion<'a> {
    table: Table<'a>,
    written: BTreeMap<GroupName, &'a str>,
    conditions: BTreeMap<GroupName, Marker>,
    /// What every group has that is read to its end, its own requirements too.
    expanded: Included,
    started: BTreeSet<GroupName>,
    /// The group that is being expanded, below the groups that include it.
    open: Vec<OpenGroup>,
}

/// A group of which only the items before `next` are read.
struct OpenGroup {
    name: GroupName,
    next: usize,
    requirements: Vec<(GroupName, Requirement)>,
}

impl OpenGroup {
    fn new(name: GroupName) -> Self {
        Self {
            name,
            next: 0,
            requirements: Vec::new(),
        }
    }
}

impl<'a> Expansion<'a> {
    fn expand_all(&mut self) -> Result<(), LocatedError> {
        let names: Vec<GroupName> = self.written.keys().copied().collect();
        for name in names {
            if !self.expanded.contains_key(&name) {
                self.open.push(OpenGroup::new(name));
            }
            while let Some(group) = self.open.pop() {
                self.go_on(group)?;
            }
        }
        Ok(())
    }

    /// Reads a group to its end, or up to an include that has to be expanded first.
    fn go_on(&mut self, mut group: OpenGroup) -> Result<(), LocatedError> {
        self.started.insert(group.name);
        let key = self.written[&group.name];
        let items = self.table.items(key)?;
        while let Some(item) = items.get(group.next) {
            if let Value::String(text) = &item.value {
                let steps = [key.into(), group.next.into()];
                let requirement = read::<Requirement>(&self.table, text, &steps)?;
                group.requirements.push((group.name, requirement));
            } else {
                let included = self.included(item, &group)?;
                let Some(requirements) = self.expanded.get(&included) else {
                    self.open.extend([group, OpenGroup::new(included)]);
                    return Ok(());
                };
                group.requirements.extend_from_slice(requirements);
            }
            group.next += 1;
        }
        let OpenGroup {
            name,
            mut requirements,
            ..
        } = group;
        if let Some(condition) = self.conditions.get(&name) {
            for (_, requirement) in &mut requirements {
                requirement.marker = requirement.marker.and(*condition);
            }
        }
        let mut seen = FxHashSet::default();
        requirements.retain(|(written, one)| seen.insert((*written, one.to_string())));
        self.expanded.insert(name, requirements);
        Ok(())
    }

    /// Reads `{include-group = "..."}` and makes sure that following it ends.
    fn included(&self, item: &'a Node, group: &OpenGroup) -> Result<GroupName, LocatedError> {
        let (key, index) = (self.written[&group.name], group.next);
        let steps = [key.into(), index.into()];
        let table = &self.table;
        let text = match &item.value {
            Value::Table(entries) if entries.0.len() == 1 => entries.get("include-group"),
            _ => None,
        };
        let Some(text) = text else {
            let expected = "a requirement string or { include-group = \"...\" }";
            return Err(table.wrong_type(expected, item, &steps));
        };
        let Value::String(written) = &text.value else {
            let steps = [key.into(), index.into(), "include-group".into()];
            return Err(table.wrong_type("the name of a group", text, &steps));
        };
        let name: GroupName = read(table, written, &steps)?;
        if !self.written.contains_key(&name) {
            let hint = did_you_mean(name.as_str(), self.written.keys().map(GroupName::as_str));
            let message = format!(
                "dependency group {} includes {}, which is not a group of this file{hint}",
                quoted(key),
                quoted(written)
            );
            return Err(table
                .error("unknown-group", &message, &steps)
                .with("group", name.as_str()));
        }
        if self.started.contains(&name) && !self.expanded.contains_key(&name) {
            let open = self.open.iter().chain([group]).map(|open| open.name);
            let circle = open.skip_while(|open| *open != name).chain([name]);
            let circle: Vec<String> = circle.map(|name| name.to_string()).collect();
            let message = format!(
                "dependency groups include each other in a circle: {}; remove one include-group",
                circle.join(" -> ")
            );
            return Err(table
                .error("group-cycle", &message, &steps)
                .with_list("cycle", circle));
        }
        Ok(name)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::document::TomlFile;

    fn groups(text: String) -> Groups {
        let file = TomlFile::parse(Path::new("pyproject.toml"), text, 0).expect("TOML");
        read_groups(&Table::of(&file)).expect("groups").0
    }

    #[test]
    fn a_group_has_the_requirements_of_long_chains_of_includes() {
        let chain = (0..5000).map(|number| {
            let next = number + 1;
            format!("g{number} = [{{ include-group = 'g{next}' }}]\n")
        });
        let chain: String = chain.collect();
        let groups = groups(format!("[dependency-groups]\n{chain}g5000 = ['last']\n"));
        let first = GroupName::parse("g0").expect("a name");
        assert_eq!(groups[&first].len(), 1);
    }
}
