//! The normal text of a version, which parses back to the same version with the same release as written.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::parts::{LocalSegment, Parts, PreKind};
use super::{Version, decode, table};

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

/// Everything but the epoch and the local part.
fn write_public<N: fmt::Display>(
    output: &mut impl fmt::Write,
    release: &[N],
    pre: Option<(PreKind, &N)>,
    post: Option<&N>,
    dev: Option<&N>,
) -> fmt::Result {
    for (position, number) in release.iter().enumerate() {
        if position > 0 {
            output.write_char('.')?;
        }
        write!(output, "{number}")?;
    }
    if let Some((kind, number)) = pre {
        write!(output, "{}{number}", kind.as_str())?;
    }
    if let Some(post) = post {
        write!(output, ".post{post}")?;
    }
    if let Some(dev) = dev {
        write!(output, ".dev{dev}")?;
    }
    Ok(())
}

/// The normal text of these parts.
pub(super) fn text_of(parts: &Parts) -> String {
    let mut text = String::new();
    write_parts(&mut text, parts).expect("a String takes any text");
    text
}

fn write_parts(output: &mut impl fmt::Write, parts: &Parts) -> fmt::Result {
    if !parts.epoch.is_zero() {
        write!(output, "{}!", parts.epoch)?;
    }
    let pre = parts.pre.as_ref().map(|(kind, number)| (*kind, number));
    write_public(
        output,
        &parts.release,
        pre,
        parts.post.as_ref(),
        parts.dev.as_ref(),
    )?;
    if !parts.local.is_empty() {
        write!(output, "+{}", local_text(&parts.local))?;
    }
    Ok(())
}

impl Version {
    fn write(self, output: &mut impl fmt::Write) -> fmt::Result {
        if !self.is_inline() {
            return output.write_str(&table::entry(self.0).text);
        }
        let (release, tail) = decode::decode(self.0);
        let pre = tail.pre.as_ref().map(|(kind, number)| (*kind, number));
        write_public(output, &release, pre, tail.post.as_ref(), tail.dev.as_ref())
    }

    /// Whether the text is the normal one, without building it.
    pub(super) fn is_written(self, text: &str) -> bool {
        struct Rest<'a>(&'a str);
        impl fmt::Write for Rest<'_> {
            fn write_str(&mut self, written: &str) -> fmt::Result {
                self.0 = self.0.strip_prefix(written).ok_or(fmt::Error)?;
                Ok(())
            }
        }
        let mut rest = Rest(text);
        self.write(&mut rest).is_ok() && rest.0.is_empty()
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if formatter.width().is_some() || formatter.precision().is_some() {
            let mut text = String::new();
            self.write(&mut text)?;
            return formatter.pad(&text);
        }
        self.write(formatter)
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
