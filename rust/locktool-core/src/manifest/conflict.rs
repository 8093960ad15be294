//! Extras, groups and members that may not be chosen together.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::setting::Setting;
use super::texts::optional;
use crate::document::{LocatedError, Table, Value};
use crate::marker::{Marker, Membership};
use crate::name::{ExtraName, GroupName, PackageName};

/// One side of a conflict: an extra or a group, of one member or of all; or a whole member.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ConflictItem {
    /// The member that has it; any member where it is not given.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub member: Option<PackageName>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub extra: Option<ExtraName>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub group: Option<GroupName>,
}

impl ConflictItem {
    /// The condition that the item is chosen.
    pub fn marker(&self) -> Marker {
        self.membership().map_or(Marker::FALSE, Membership::marker)
    }

    pub(super) fn membership(&self) -> Option<Membership> {
        let group = self.group.map(Membership::Group);
        self.extra.map(Membership::Extra).or(group)
    }

    /// Reads `{ extra = "x" }`, `{ group = "x" }` or `{ package = "x" }`, the last also beside one of the others.
    fn read(entry: &Table<'_>) -> Result<Self, LocatedError> {
        entry.refuse_unknown(&["extra", "group", "package", "member"])?;
        let item = Self {
            extra: optional(entry, "extra")?,
            group: optional(entry, "group")?,
            member: match optional(entry, "member")? {
                Some(member) => Some(member),
                None => optional(entry, "package")?,
            },
        };
        let refuse = |what: &str| {
            let message = format!("{} {what}", entry.name_of(&[]));
            Err(entry.error("incomplete-conflict", &message, &[]))
        };
        match item {
            Self {
                extra: Some(_),
                group: Some(_),
                ..
            } => refuse("names an extra and a group; write two entries"),
            Self {
                member: None,
                extra: None,
                group: None,
            } => refuse("names neither an extra nor a group nor a member"),
            item => Ok(item),
        }
    }
}

impl Setting for Vec<Vec<ConflictItem>> {
    fn read(table: &Table<'_>, key: &str) -> Result<Self, LocatedError> {
        let mut sets = BTreeSet::new();
        for (index, item) in table.items(key)?.iter().enumerate() {
            let steps = [key.into(), index.into()];
            let Value::Array(sides) = &item.value else {
                let expected = "an array of { extra = ... } and { group = ... }";
                return Err(table.wrong_type(expected, item, &steps));
            };
            let mut conflict = BTreeSet::new();
            for (number, side) in sides.iter().enumerate() {
                let steps = [key.into(), index.into(), number.into()];
                conflict.insert(ConflictItem::read(&table.element(side, &steps)?)?);
            }
            if conflict.len() < 2 {
                let message = format!(
                    "{} names fewer than two different sides, so nothing conflicts",
                    table.name_of(&steps)
                );
                return Err(table.error("incomplete-conflict", &message, &steps));
            }
            sets.insert(conflict.into_iter().collect::<Vec<_>>());
        }
        Ok(sets.into_iter().collect())
    }

    fn schema() -> Json {
        let text = json!({ "type": "string" });
        let side = json!({
            "type": "object",
            "properties": { "extra": text, "group": text, "package": text, "member": text },
            "additionalProperties": false,
        });
        json!({ "type": "array", "items": { "type": "array", "items": side, "minItems": 2 } })
    }

    fn says_nothing(&self) -> bool {
        self.is_empty()
    }
}
