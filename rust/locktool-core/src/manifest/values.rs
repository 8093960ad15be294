//! Settings that are lists of texts, and one switch that is on unless it is set.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::setting::Setting;
use super::texts::{Text, list, marker_text, read, sorted};
use crate::document::{LocatedError, Node, Table, Value};
use crate::marker::Marker;
use crate::name::{GroupName, PackageName};
use crate::requirement::{Requirement, recorded_address};

/// A requirement in its canonical text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequirementText(pub String);

impl Text for RequirementText {
    fn read(text: &str) -> Result<Self, super::texts::Refusal> {
        Ok(Self(Requirement::read(text)?.to_string()))
    }
}

/// Markers in their canonical texts, sorted; none where one of them holds everywhere, since the list then says nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Markers(pub Vec<String>);

impl Setting for Markers {
    fn read(table: &Table<'_>, key: &str) -> Result<Self, LocatedError> {
        let markers = match table.get(key) {
            Some(Node {
                value: Value::String(single),
                ..
            }) => vec![read::<Marker>(table, single, &[key.into()])?],
            _ => list::<Marker>(table, key)?,
        };
        let texts = sorted(markers.into_iter().map(marker_text));
        let holds_everywhere = texts.iter().any(String::is_empty);
        Ok(Self(if holds_everywhere { Vec::new() } else { texts }))
    }

    fn schema() -> Json {
        json!({ "oneOf": [{ "type": "string" }, { "type": "array", "items": { "type": "string" } }] })
    }

    fn says_nothing(&self) -> bool {
        self.0.is_empty()
    }
}

/// Names of packages, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Names(pub Vec<PackageName>);

impl Names {
    /// Whether a package is among them.
    pub fn contains(&self, name: PackageName) -> bool {
        self.0.binary_search(&name).is_ok()
    }
}

impl Setting for Names {
    fn read(table: &Table<'_>, key: &str) -> Result<Self, LocatedError> {
        let mut names = list::<PackageName>(table, key)?;
        names.sort_unstable();
        names.dedup();
        Ok(Self(names))
    }

    fn schema() -> Json {
        json!({ "type": "array", "items": { "type": "string" } })
    }

    /// The command line adds to what the project says.
    fn over(self, under: Self) -> Self {
        let mut names = under.0;
        names.extend(self.0);
        names.sort_unstable();
        names.dedup();
        Self(names)
    }

    fn says_nothing(&self) -> bool {
        self.0.is_empty()
    }
}

/// Addresses and paths, in the order in which they are asked, without the credentials that may stand in them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Addresses(pub Vec<String>);

impl Setting for Addresses {
    fn read(table: &Table<'_>, key: &str) -> Result<Self, LocatedError> {
        let texts = table.strings(key)?.into_iter();
        Ok(Self(texts.map(recorded_address).collect()))
    }

    fn schema() -> Json {
        json!({ "type": "array", "items": { "type": "string" } })
    }

    fn says_nothing(&self) -> bool {
        self.0.is_empty()
    }
}

/// The groups that installers choose where nobody says which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum DefaultGroups {
    /// `["dev", "test"]`, sorted
    Named(Vec<GroupName>),
    /// `"all"`
    Every(AllGroups),
}

/// The word for every group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AllGroups {
    #[serde(rename = "all")]
    All,
}

impl Setting for DefaultGroups {
    fn read(table: &Table<'_>, key: &str) -> Result<Self, LocatedError> {
        if let Some(Node {
            value: Value::String(word),
            ..
        }) = table.get(key)
        {
            return match word.as_str() {
                "all" => Ok(Self::Every(AllGroups::All)),
                other => Err(table.unknown_value(key, other, &["all"])),
            };
        }
        let mut names = list::<GroupName>(table, key)?;
        names.sort_unstable();
        names.dedup();
        Ok(Self::Named(names))
    }

    fn schema() -> Json {
        json!({ "oneOf": [{ "const": "all" }, { "type": "array", "items": { "type": "string" } }] })
    }

    fn says_nothing(&self) -> bool {
        matches!(self, Self::Named(names) if names.is_empty())
    }
}

/// Whether picks that are needlessly old are looked at again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct QualityPass(pub bool);

impl Default for QualityPass {
    fn default() -> Self {
        Self(true)
    }
}

impl Setting for QualityPass {
    fn read(table: &Table<'_>, key: &str) -> Result<Self, LocatedError> {
        bool::read(table, key).map(Self)
    }

    fn schema() -> Json {
        bool::schema()
    }

    fn says_nothing(&self) -> bool {
        self.0
    }
}
