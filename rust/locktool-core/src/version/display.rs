//! The normal text of a version, which parses back to the same version with the same release as written.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::Version;
use super::parts::{LocalSegment, Parts};

/// `cu121.1`: the pieces of a local part joined by dots.
pub(super) fn local_text(local: &[LocalSegment]) -> String {
    let pieces: Vec<String> = local.iter().map(ToString::to_string).collect();
    pieces.join(".")
}

impl fmt::Display for LocalSegment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => formatter.write_str(text),
            Self::Number(number) => fmt::Display::fmt(number, formatter),
        }
    }
}

impl fmt::Display for Parts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.epoch.is_zero() {
            write!(formatter, "{}!", self.epoch)?;
        }
        for (position, number) in self.release.iter().enumerate() {
            if position > 0 {
                formatter.write_str(".")?;
            }
            fmt::Display::fmt(number, formatter)?;
        }
        if let Some((kind, number)) = &self.pre {
            write!(formatter, "{}{number}", kind.as_str())?;
        }
        if let Some(post) = &self.post {
            write!(formatter, ".post{post}")?;
        }
        if let Some(dev) = &self.dev {
            write!(formatter, ".dev{dev}")?;
        }
        if !self.local.is_empty() {
            write!(formatter, "+{}", local_text(&self.local))?;
        }
        Ok(())
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if formatter.width().is_some() || formatter.precision().is_some() {
            return formatter.pad(&self.parts().to_string());
        }
        fmt::Display::fmt(&self.parts(), formatter)
    }
}

impl fmt::Debug for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Version({self})")
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl de::Visitor<'_> for TextVisitor {
            type Value = Version;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a version")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Version, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}
