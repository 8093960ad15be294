//! Lists of changes: constraints, overrides and excludes, for all packages or in the requirements of one parent.
//!
//! ```toml
//! constraints = ["urllib3<3", { package = { name = "a", version = "1.0" }, dependencies = ["b<2"] }]
//! ```
//! Without `version` every version of the parent is meant.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::setting::Setting;
use super::texts::{Text, list, optional, read};
use crate::document::{LocatedError, Table, Value};
use crate::name::PackageName;
use crate::version::Version;

/// One item of such a list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Change<Item> {
    /// `"urllib3<3"`
    Everywhere(Item),
    /// `{ package = { name = "a" }, dependencies = ["b<2"] }`
    Under {
        package: ChangedParent,
        dependencies: Vec<Item>,
    },
}

/// The items that hold for all packages.
pub(super) fn everywhere<Item>(changes: &[Change<Item>]) -> impl Iterator<Item = &Item> {
    changes.iter().filter_map(|change| match change {
        Change::Everywhere(item) => Some(item),
        Change::Under { .. } => None,
    })
}

/// The items that hold under single parents.
pub(super) fn under<Item>(
    changes: &[Change<Item>],
) -> impl Iterator<Item = (&ChangedParent, &Vec<Item>)> {
    changes.iter().filter_map(|change| match change {
        Change::Everywhere(_) => None,
        Change::Under {
            package,
            dependencies,
        } => Some((package, dependencies)),
    })
}

/// The parent whose requirements change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChangedParent {
    pub name: PackageName,
    /// The one version that is meant; every version where it is not given.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<String>,
}

impl<Item> Setting for Vec<Change<Item>>
where
    Item: Text + Clone + Ord + Serialize + DeserializeOwned,
{
    fn read(table: &Table<'_>, key: &str) -> Result<Self, LocatedError> {
        let mut everywhere = BTreeSet::new();
        let mut under: BTreeMap<ChangedParent, BTreeSet<Item>> = BTreeMap::new();
        for (index, item) in table.items(key)?.iter().enumerate() {
            let steps = [key.into(), index.into()];
            match &item.value {
                Value::String(text) => {
                    everywhere.insert(read::<Item>(table, text, &steps)?);
                }
                Value::Table(_) => {
                    let entry = table.element(item, &steps)?;
                    let parent = read_parent(&entry)?;
                    let items = read_dependencies(&entry)?;
                    under.entry(parent).or_default().extend(items);
                }
                _ => {
                    let expected = "a string or a table with package and dependencies";
                    return Err(table.wrong_type(expected, item, &steps));
                }
            }
        }
        let everywhere = everywhere.into_iter().map(Change::Everywhere);
        let under = under.into_iter().map(|(package, items)| Change::Under {
            package,
            dependencies: items.into_iter().collect(),
        });
        Ok(everywhere.chain(under).collect())
    }

    fn schema() -> Json {
        let parent = json!({
            "type": "object",
            "properties": { "name": { "type": "string" }, "version": { "type": "string" } },
            "required": ["name"],
            "additionalProperties": false,
        });
        let change = json!({
            "type": "object",
            "properties": {
                "package": parent,
                "dependencies": { "type": "array", "items": { "type": "string" }, "minItems": 1 },
            },
            "required": ["package", "dependencies"],
            "additionalProperties": false,
        });
        json!({ "type": "array", "items": { "oneOf": [{ "type": "string" }, change] } })
    }

    fn says_nothing(&self) -> bool {
        self.is_empty()
    }
}

fn read_parent(entry: &Table<'_>) -> Result<ChangedParent, LocatedError> {
    entry.refuse_unknown(&["package", "dependencies"])?;
    let package = entry.table("package")?;
    package.refuse_unknown(&["name", "version"])?;
    let name = package.required_string("name", "it names the package whose requirements change")?;
    Ok(ChangedParent {
        name: read(&package, name, &["name".into()])?,
        version: optional::<Version>(&package, "version")?.map(|version| version.to_string()),
    })
}

fn read_dependencies<Item: Text>(entry: &Table<'_>) -> Result<Vec<Item>, LocatedError> {
    let items = list(entry, "dependencies")?;
    if !items.is_empty() {
        return Ok(items);
    }
    let name = entry.name_of(&["dependencies".into()]);
    let message = format!("{name} is missing: it lists what changes under the package");
    Err(entry
        .error("missing-key", &message, &["dependencies".into()])
        .with("key", name))
}
