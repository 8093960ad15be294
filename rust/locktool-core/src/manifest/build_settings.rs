//! Settings about builds: metadata that stands in place of a build, what builds require, and whose code may run.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::setting::Setting;
use super::texts::{list, optional, read};
use super::values::RequirementText;
use crate::document::{LocatedError, Table, Value};
use crate::name::{ExtraName, PackageName};
use crate::requirement::Requirement;
use crate::version::{SpecifierSet, Version};

/// Requirements in their canonical texts, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequirementTexts(pub Vec<RequirementText>);

impl Setting for RequirementTexts {
    fn read(table: &Table<'_>, key: &str) -> Result<Self, LocatedError> {
        let mut texts = BTreeSet::new();
        for (index, item) in table.items(key)?.iter().enumerate() {
            let steps = [key.into(), index.into()];
            let Value::String(text) = &item.value else {
                return Err(table.wrong_type("a requirement", item, &steps));
            };
            texts.insert(read(table, text, &steps)?);
        }
        Ok(Self(texts.into_iter().collect()))
    }

    fn schema() -> Json {
        json!({ "type": "array", "items": { "type": "string" } })
    }

    fn says_nothing(&self) -> bool {
        self.0.is_empty()
    }
}

/// What the build of a package requires beside what it says, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExtraRequirements(pub Vec<ExtraRequirement>);

/// One requirement of a build.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ExtraRequirement {
    /// `torch>=2`
    Plain(RequirementText),
    /// `{ requirement = "torch", match-runtime = true }`: in the version that is locked, which a build of metadata cannot know.
    Matched(MatchedRequirement),
}

/// A requirement in the version that is locked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct MatchedRequirement {
    pub requirement: RequirementText,
    /// Always true.
    pub match_runtime: bool,
}

impl ExtraRequirements {
    /// Those that metadata can be built with.
    pub fn plain(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|one| match one {
            ExtraRequirement::Plain(text) => Some(text.0.as_str()),
            ExtraRequirement::Matched(_) => None,
        })
    }

    /// Those that want the version that is locked.
    pub fn matched(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|one| match one {
            ExtraRequirement::Plain(_) => None,
            ExtraRequirement::Matched(matched) => Some(matched.requirement.0.as_str()),
        })
    }
}

impl ExtraRequirement {
    /// Reads `{ requirement = "torch", match-runtime = true }`.
    fn read_table(entry: &Table<'_>) -> Result<Self, LocatedError> {
        entry.refuse_unknown(&["requirement", "match-runtime"])?;
        let text = entry.required_string("requirement", "what the build requires")?;
        let requirement = read(entry, text, &["requirement".into()])?;
        let match_runtime = entry.boolean("match-runtime")? == Some(true);
        Ok(if match_runtime {
            Self::Matched(MatchedRequirement {
                requirement,
                match_runtime,
            })
        } else {
            Self::Plain(requirement)
        })
    }
}

impl Setting for ExtraRequirements {
    fn read(table: &Table<'_>, key: &str) -> Result<Self, LocatedError> {
        let mut requirements = BTreeSet::new();
        for (index, item) in table.items(key)?.iter().enumerate() {
            let steps = [key.into(), index.into()];
            requirements.insert(match &item.value {
                Value::String(text) => ExtraRequirement::Plain(read(table, text, &steps)?),
                Value::Table(_) => ExtraRequirement::read_table(&table.element(item, &steps)?)?,
                _ => return Err(table.wrong_type("a requirement", item, &steps)),
            });
        }
        Ok(Self(requirements.into_iter().collect()))
    }

    fn schema() -> Json {
        json!({ "type": "array", "items": { "type": ["string", "object"] } })
    }

    fn says_nothing(&self) -> bool {
        self.0.is_empty()
    }
}

/// What a package requires, said by the project in place of its own metadata.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct StatedMetadata {
    pub name: PackageName,
    /// The one version that is meant; every version where it is not given.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub version: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub requires_dist: Vec<RequirementText>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub requires_python: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub provides_extra: Vec<ExtraName>,
}

impl StatedMetadata {
    /// The metadata that is stated of a version of a package: what is said of that version comes before what is said of all.
    ///
    /// Of a package whose version is not known, what is said of any.
    pub fn of(stated: &[Self], name: PackageName, version: Option<Version>) -> Option<&Self> {
        let parsed = |one: &Self| {
            one.version
                .as_deref()
                .and_then(|text| text.parse::<Version>().ok())
        };
        let mut of_package = stated.iter().filter(|one| one.name == name);
        let mut of_version = of_package
            .clone()
            .filter(|one| version.is_none() || parsed(one) == version);
        of_version
            .find(|one| one.version.is_some())
            .or_else(|| of_package.find(|one| one.version.is_none()))
    }

    /// What it says the package requires.
    ///
    /// # Errors
    /// When a record that was edited by hand holds what is no requirement.
    pub fn requirements(&self) -> Result<Vec<Requirement>, String> {
        let read = |text: &RequirementText| {
            let parsed = text.0.parse::<Requirement>();
            parsed.map_err(|error| format!("the metadata that is stated of {}: {error}", self.name))
        };
        self.requires_dist.iter().map(read).collect()
    }

    /// The Pythons that it says the package supports.
    ///
    /// # Errors
    /// When a record that was edited by hand holds what is no specifier.
    pub fn python(&self) -> Result<Option<SpecifierSet>, String> {
        let parsed = self
            .requires_python
            .as_deref()
            .map(str::parse::<SpecifierSet>);
        parsed
            .transpose()
            .map_err(|error| format!("the metadata that is stated of {}: {error}", self.name))
    }

    const KEYS: [&'static str; 6] = [
        "name",
        "version",
        "requires-dist",
        "requires-python",
        "provides-extra",
        "provides-extras",
    ];

    fn read(entry: &Table<'_>) -> Result<Self, LocatedError> {
        entry.refuse_unknown(&Self::KEYS)?;
        let extras = ["provides-extra", "provides-extras"];
        let extras = extras.into_iter().find(|key| entry.has(key));
        Ok(Self {
            name: read(
                entry,
                entry.required_string("name", "the package that it is of")?,
                &["name".into()],
            )?,
            version: optional::<Version>(entry, "version")?.map(|version| version.to_string()),
            requires_dist: in_order(list(entry, "requires-dist")?),
            requires_python: optional::<SpecifierSet>(entry, "requires-python")?
                .map(|python| python.to_string()),
            provides_extra: match extras {
                Some(key) => in_order(list(entry, key)?),
                None => Vec::new(),
            },
        })
    }
}

impl Setting for Vec<StatedMetadata> {
    fn read(table: &Table<'_>, key: &str) -> Result<Self, LocatedError> {
        let mut stated: BTreeSet<StatedMetadata> = BTreeSet::new();
        for (index, item) in table.items(key)?.iter().enumerate() {
            let steps = [key.into(), index.into()];
            let entry = table.element(item, &steps)?;
            let metadata = StatedMetadata::read(&entry)?;
            let is_same = |known: &&StatedMetadata| {
                known.name == metadata.name && known.version == metadata.version
            };
            if stated.iter().any(|known| is_same(&known)) {
                let message = format!(
                    "{} states the metadata of one version twice",
                    entry.name_of(&[])
                );
                return Err(entry.error("duplicate-name", &message, &[]));
            }
            stated.insert(metadata);
        }
        Ok(stated.into_iter().collect())
    }

    fn schema() -> Json {
        let texts = json!({ "type": "array", "items": { "type": "string" } });
        let text = json!({ "type": "string" });
        json!({ "type": "array", "items": {
            "type": "object",
            "required": ["name"],
            "additionalProperties": false,
            "properties": {
                "name": text, "version": text, "requires-dist": texts, "requires-python": text, "provides-extra": texts,
            },
        } })
    }

    fn says_nothing(&self) -> bool {
        self.is_empty()
    }
}

fn in_order<T: Ord>(values: Vec<T>) -> Vec<T> {
    let values: BTreeSet<T> = values.into_iter().collect();
    values.into_iter().collect()
}
