//! What every type of setting can do, whatever it holds; which settings there are is declared in `settings`.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

use std::collections::{BTreeMap, BTreeSet};

use super::texts::normalised_keys;
use crate::document::{LocatedError, Table};
use crate::name::PackageName;

/// Which locked versions no longer count, since the rules by which they were chosen are others today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outdated {
    /// Those of these packages; none where nothing has changed.
    Packages(BTreeSet<PackageName>),
    Every,
}

impl Outdated {
    pub const NOTHING: Self = Self::Packages(BTreeSet::new());

    /// What is outdated by one of two rules.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Packages(mut names), Self::Packages(more)) => {
                names.extend(more);
                Self::Packages(names)
            }
            _ => Self::Every,
        }
    }
}

/// A type of setting: how it is read from TOML, described, and laid over what the project says.
pub trait Setting: Clone + PartialEq + Serialize + DeserializeOwned {
    /// Reads what stands at a key that is written.
    fn read(table: &Table<'_>, key: &str) -> Result<Self, LocatedError>;

    /// The JSON Schema of what may be written.
    fn schema() -> Json;

    /// What holds where the command line gives `self` and the project gives `under`.
    #[must_use]
    fn over(self, _under: Self) -> Self {
        self
    }

    /// Whether it says what holds without it.
    fn says_nothing(&self) -> bool;

    /// Whether versions are chosen by it as by another.
    fn chooses_as(&self, other: &Self) -> bool {
        self == other
    }

    /// Which versions are outdated where this setting was `then` and is `now`.
    fn outdated(then: Option<&Self>, now: Option<&Self>) -> Outdated {
        let is_same = match (then, now) {
            (Some(then), Some(now)) => then.chooses_as(now),
            (Some(alone), None) | (None, Some(alone)) => alone.says_nothing(),
            (None, None) => true,
        };
        if is_same {
            Outdated::NOTHING
        } else {
            Outdated::Every
        }
    }
}

impl Setting for bool {
    fn read(table: &Table<'_>, key: &str) -> Result<Self, LocatedError> {
        Ok(table.boolean(key)?.unwrap_or_default())
    }

    fn schema() -> Json {
        json!({ "type": "boolean" })
    }

    fn says_nothing(&self) -> bool {
        !self
    }
}

/// A rule for each of some packages: what it says of one comes before what is said of all.
impl<Rule: Setting> Setting for BTreeMap<PackageName, Rule> {
    fn read(table: &Table<'_>, key: &str) -> Result<Self, LocatedError> {
        let rules = table.table(key)?;
        let names = normalised_keys::<PackageName>(&rules, "the packages")?.into_iter();
        names
            .map(|(name, written)| Ok((name, Rule::read(&rules, written)?)))
            .collect()
    }

    fn schema() -> Json {
        json!({ "type": "object", "additionalProperties": Rule::schema() })
    }

    fn over(self, under: Self) -> Self {
        under.into_iter().chain(self).collect()
    }

    fn says_nothing(&self) -> bool {
        self.is_empty()
    }

    fn outdated(then: Option<&Self>, now: Option<&Self>) -> Outdated {
        let rule = |rules: Option<&Self>, name: &PackageName| rules?.get(name).cloned();
        let names = then.into_iter().chain(now).flat_map(BTreeMap::keys);
        let differs = |name: &&PackageName| match (rule(then, name), rule(now, name)) {
            (Some(then), Some(now)) => !then.chooses_as(&now),
            _ => true,
        };
        Outdated::Packages(names.filter(differs).copied().collect())
    }
}
