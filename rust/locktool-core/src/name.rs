//! Package, extra and group names: validated and normalised as the names specification of the packaging
//! standards says (lower case, each run of `-`, `_` and `.` is one `-`), interned once and never freed, so that
//! a name is a copied pointer, equality is a comparison of addresses and order is that of the text.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::{LazyLock, RwLock};

use rustc_hash::FxHashSet;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Why a text is not a name, and at which byte of it that shows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Invalid name: {input:?}: {message}")]
pub struct InvalidName {
    pub input: String,
    /// Byte offset into `input`.
    pub position: usize,
    pub message: &'static str,
}

/// A name as it is compared: the text lives as long as the process.
#[derive(Copy, Clone)]
struct Interned(&'static str);

static NAMES: LazyLock<RwLock<FxHashSet<&'static str>>> = LazyLock::new(RwLock::default);

impl Interned {
    fn parse(input: &str) -> Result<Self, InvalidName> {
        let refuse = |position, message| InvalidName {
            input: input.to_owned(),
            position,
            message,
        };
        let bytes = input.as_bytes();
        let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else {
            return Err(refuse(0, "a name has at least one letter or digit"));
        };
        let separator = |byte: u8| matches!(byte, b'-' | b'_' | b'.');
        if let Some(position) = bytes
            .iter()
            .position(|&byte| !byte.is_ascii_alphanumeric() && !separator(byte))
        {
            return Err(refuse(
                position,
                "a name holds only ASCII letters, digits, '-', '_' and '.'",
            ));
        }
        if separator(*first) {
            return Err(refuse(0, "a name starts with a letter or digit"));
        }
        if separator(*last) {
            return Err(refuse(
                bytes.len() - 1,
                "a name ends with a letter or digit",
            ));
        }
        let is_normal = bytes
            .iter()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if is_normal && !input.contains("--") {
            return Ok(Self::intern(input));
        }
        let mut normalised = String::with_capacity(input.len());
        for &byte in bytes {
            if !separator(byte) {
                normalised.push(char::from(byte.to_ascii_lowercase()));
            } else if !normalised.ends_with('-') {
                normalised.push('-');
            }
        }
        Ok(Self::intern(&normalised))
    }

    fn intern(normalised: &str) -> Self {
        let known = |names: &FxHashSet<&'static str>| names.get(normalised).copied();
        let poisoned = "no code panics while it holds the table of names";
        if let Some(text) = known(&NAMES.read().expect(poisoned)) {
            return Self(text);
        }
        let mut names = NAMES.write().expect(poisoned);
        if let Some(text) = known(&names) {
            return Self(text);
        }
        let text: &'static str = Box::leak(normalised.into());
        names.insert(text);
        Self(text)
    }
}

macro_rules! name_type {
    ($(#[$documentation:meta])* $name:ident) => {
        $(#[$documentation])*
        #[derive(Copy, Clone)]
        pub struct $name(Interned);

        impl $name {
            /// Validates and normalises: `Foo_.Bar` becomes `foo-bar`.
            pub fn parse(input: &str) -> Result<Self, InvalidName> {
                Interned::parse(input).map(Self)
            }

            /// The normalised text.
            pub fn as_str(&self) -> &'static str {
                self.0.0
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &Self) -> bool {
                std::ptr::eq(self.0.0, other.0.0)
            }
        }

        impl Eq for $name {}

        impl Hash for $name {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.0.0.as_ptr().hash(state);
            }
        }

        impl Ord for $name {
            fn cmp(&self, other: &Self) -> Ordering {
                if self == other { Ordering::Equal } else { self.0.0.cmp(other.0.0) }
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                Some(self.cmp(other))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.pad(self.0.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, "{}({:?})", stringify!($name), self.0.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidName;

            fn from_str(input: &str) -> Result<Self, InvalidName> {
                Self::parse(input)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.0.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct TextVisitor;
                impl de::Visitor<'_> for TextVisitor {
                    type Value = $name;

                    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                        formatter.write_str("a name")
                    }

                    fn visit_str<E: de::Error>(self, text: &str) -> Result<$name, E> {
                        $name::parse(text).map_err(E::custom)
                    }
                }
                deserializer.deserialize_str(TextVisitor)
            }
        }
    };
}

name_type! {
    /// The name of a package: `PackageName::parse("Zope.Interface")` reads `zope-interface`.
    PackageName
}
name_type! {
    /// The name of an extra, normalised like a package name.
    ExtraName
}
name_type! {
    /// The name of a dependency group, normalised like a package name.
    GroupName
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_are_one_pointer() {
        let name = PackageName::parse("zope-interface").unwrap();
        for spelling in ["Zope.Interface", "zope__interface", "ZOPE-._-interface"] {
            assert_eq!(PackageName::parse(spelling).unwrap(), name, "{spelling}");
        }
        assert_eq!(name.as_str(), "zope-interface");
    }

    #[test]
    fn a_bad_name_says_where() {
        for (input, position) in [
            ("", 0),
            ("-a", 0),
            ("a-", 1),
            ("a b", 1),
            ("naïve", 2),
            ("a\n", 1),
        ] {
            assert_eq!(
                PackageName::parse(input).unwrap_err().position,
                position,
                "{input:?}"
            );
        }
    }

    #[test]
    fn order_is_that_of_the_text() {
        let name = |text| ExtraName::parse(text).unwrap();
        assert!(name("b") > name("a") && name("a-b") < name("a0"));
    }
}
