//! Settings that are one of a few words.

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::setting::Setting;
use crate::document::{LocatedError, Table};

macro_rules! words {
    ($(#[doc = $doc:literal])+ $name:ident { $($(#[$attribute:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$attribute])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// The words, as they are written.
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            fn parse(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }

        impl Setting for $name {
            fn read(table: &Table<'_>, key: &str) -> Result<Self, LocatedError> {
                let word = table.string(key)?.unwrap_or_default();
                Self::parse(word).ok_or_else(|| table.unknown_value(key, word, Self::WORDS))
            }

            fn schema() -> Json {
                json!({ "enum": Self::WORDS })
            }

            fn says_nothing(&self) -> bool {
                *self == Self::default()
            }
        }
    };
}

words! {
    /// Which of the allowed versions is preferred.
    ResolutionMode {
        #[default]
        Highest = "highest",
        Lowest = "lowest",
        /// The lowest for what the project itself requires, the highest for the rest.
        LowestDirect = "lowest-direct",
    }
}

words! {
    /// When a pre-release may be chosen.
    PrereleaseMode {
        Disallow = "disallow",
        Allow = "allow",
        /// Where nothing else satisfies.
        IfNecessary = "if-necessary",
        /// Where a specifier names one.
        Explicit = "explicit",
        #[default]
        IfNecessaryOrExplicit = "if-necessary-or-explicit",
    }
}

words! {
    /// Whether a candidate that needs a newer Python than the project supports splits the environments.
    ForkStrategy {
        /// The newest version for each Python.
        #[default]
        RequiresPython = "requires-python",
        /// The newest version that serves every Python.
        Fewest = "fewest",
    }
}
