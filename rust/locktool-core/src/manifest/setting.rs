//! What every type of setting can do, whatever it holds; which settings there are is declared in `settings`.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

use crate::document::{LocatedError, Table};

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
