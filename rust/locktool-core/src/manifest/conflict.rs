//! Extras and groups that may not be chosen together.
//!
//! Installers choose extras and groups of a lock by name alone, so the same name of two members is one choice.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::setting::Setting;
use super::texts::optional;
use crate::document::{LocatedError, Table, Value};
use crate::marker::{Marker, Membership};
use crate::name::{ExtraName, GroupName, PackageName};

/// One side of a conflict: an extra or a group.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct ConflictItem {
    /// The member that was named with it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub member: Option<PackageName>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub extra: Option<ExtraName>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub group: Option<GroupName>,
}

impl ConflictItem {
    /// What is chosen by it, whichever member has it.
    pub fn membership(&self) -> Option<Membership> {
        let group = self.group.map(Membership::Group);
        self.extra.map(Membership::Extra).or(group)
    }

    /// One side, of every member.
    pub fn of(side: Membership) -> Self {
        let (extra, group) = match side {
            Membership::Extra(extra) => (Some(extra), None),
            Membership::Group(group) => (None, Some(group)),
        };
        Self {
            member: None,
            extra,
            group,
        }
    }

    /// Reads `{ extra = "x" }` or `{ group = "x" }`, each also with the member that has it, `package = "x"`.
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
            } => refuse("names neither an extra nor a group"),
            Self {
                extra: None,
                group: None,
                member: Some(member),
            } => refuse(&format!(
                "names a whole member ({member}), but a lock is for all members at once; name the extra or the group of it"
            )),
            item => Ok(item),
        }
    }
}

/// What may be chosen of a set of sides, each once, in the order of their names.
pub(super) fn memberships(sides: &[ConflictItem]) -> Vec<Membership> {
    let chosen: BTreeSet<Membership> = sides.iter().filter_map(ConflictItem::membership).collect();
    chosen.into_iter().collect()
}

/// Where the extras and groups that conflict are chosen.
pub struct ConflictMarkers {
    /// Each extra and group that conflicts with any other.
    items: Vec<(Membership, Marker)>,
    /// Where any of them is chosen.
    chosen: Marker,
    /// The combinations that conflict.
    pub forbidden: Marker,
}

impl ConflictMarkers {
    /// The markers of sets of which no two may be chosen together; `items` are those of all sets.
    pub(super) fn of(conflicts: &[Vec<Membership>], items: &[Membership]) -> Self {
        let mut forbidden = Marker::FALSE;
        for conflict in conflicts {
            let mut earlier = Marker::FALSE;
            for item in conflict {
                let chosen = item.marker();
                forbidden = forbidden.or(earlier.and(chosen));
                earlier = earlier.or(chosen);
            }
        }
        let items: Vec<(Membership, Marker)> =
            items.iter().map(|item| (*item, item.marker())).collect();
        let markers = items.iter().map(|(_, marker)| *marker);
        Self {
            chosen: markers.fold(Marker::FALSE, Marker::or),
            items,
            forbidden,
        }
    }

    /// Where, among the combinations that conflict, an entry that is needed under `needed` is selected too: wherever some of
    /// what is chosen needs it. So a combination whose parts need different versions selects two entries of a name, which every
    /// installer refuses.
    pub fn selected(&self, needed: Marker) -> Marker {
        let mut selected = needed.and(self.chosen);
        for (item, marker) in &self.items {
            let without = selected.assume(*item, false);
            selected = selected.or(without.and(*marker));
        }
        selected.and(self.forbidden)
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
            let conflict: Vec<ConflictItem> = conflict.into_iter().collect();
            if memberships(&conflict).len() < 2 {
                let reason = if conflict.len() < 2 {
                    "names fewer than two different sides, so nothing conflicts"
                } else {
                    "names one extra or group of several members, which installers choose together by its name; rename it in one"
                };
                let message = format!("{} {reason}", table.name_of(&steps));
                return Err(table.error("incomplete-conflict", &message, &steps));
            }
            sets.insert(conflict);
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
