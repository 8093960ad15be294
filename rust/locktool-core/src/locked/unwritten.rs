//! What stands in a lock and is never written by locktool: keys outside of other tools' tables that no record has, and forms of
//! TOML 1.1.
//!
//! Installers may obey such a key, and a reader of TOML 1.0 refuses such a form, so the certificate names both. The keys are found in
//! one pass that keeps nothing: a lock of several megabytes is read by every check.

use rmp::Marker;
use rmp::decode::{read_array_len, read_map_len, read_str_from_slice};

use crate::document::Step;
use crate::document::toml::NewerForm;

/// How many keys are named; whoever reads so many needs no more.
const MOST_KEYS: usize = 100;

/// What a lock has that locktool does not write.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unwritten {
    pub keys: Vec<UnknownKey>,
    pub newer_form: Option<NewerForm>,
}

/// A key that no record has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownKey {
    /// `packages`, 3, `archive`, `subdirectory`
    pub steps: Vec<Step>,
    /// Counted from 1; `None` where only the values of the lock were read.
    pub line: Option<usize>,
}

/// A key path as messages write it: `packages[3].archive.subdirectory`, items counted from 0.
pub fn key_path(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        match step {
            Step::Index(index) => text.push_str(&["[", &index.to_string(), "]"].concat()),
            Step::Key(key) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(key);
            }
        }
    }
    text
}

/// What may stand under a key.
#[derive(Clone, Copy)]
enum Content {
    /// A value that is read as a whole.
    Value,
    Table(Keys),
    Tables(Keys),
    /// A table of tables, each of a tool: the keys of others are theirs.
    Tools(Keys),
}

type Keys = &'static [(&'static str, Content)];

const ROOT: Keys = &[
    ("lock-version", Content::Value),
    ("environments", Content::Value),
    ("requires-python", Content::Value),
    ("extras", Content::Value),
    ("dependency-groups", Content::Value),
    ("default-groups", Content::Value),
    ("created-by", Content::Value),
    // What the record of the inputs has beside its keys is compared with the inputs of today.
    ("tool", Content::Value),
    ("packages", Content::Tables(PACKAGE)),
];

const PACKAGE: Keys = &[
    ("name", Content::Value),
    ("version", Content::Value),
    ("marker", Content::Value),
    ("requires-python", Content::Value),
    ("dependencies", Content::Tables(DEPENDENCY)),
    ("vcs", Content::Table(REPOSITORY)),
    ("directory", Content::Table(DIRECTORY)),
    ("archive", Content::Table(ARCHIVE)),
    ("index", Content::Value),
    ("sdist", Content::Table(FILE)),
    ("wheels", Content::Tables(FILE)),
    ("tool", Content::Tools(TOOLS)),
];

const DEPENDENCY: Keys = &[("name", Content::Value), ("version", Content::Value)];

const REPOSITORY: Keys = &[
    ("type", Content::Value),
    ("url", Content::Value),
    ("requested-revision", Content::Value),
    ("commit-id", Content::Value),
    ("subdirectory", Content::Value),
];

const DIRECTORY: Keys = &[("path", Content::Value), ("editable", Content::Value)];

const ARCHIVE: Keys = &[
    ("upload-time", Content::Value),
    ("url", Content::Value),
    ("path", Content::Value),
    ("size", Content::Value),
    ("hashes", Content::Value),
];

const FILE: Keys = &[
    ("name", Content::Value),
    ("upload-time", Content::Value),
    ("url", Content::Value),
    ("path", Content::Value),
    ("size", Content::Value),
    ("hashes", Content::Value),
];

const TOOLS: Keys = &[("locktool", Content::Table(EVIDENCE))];

const EVIDENCE: Keys = &[("digest", Content::Value), ("requires", Content::Value)];

/// The keys of a lock, given as `MessagePack`, that no record has.
pub(super) fn unknown_keys(messagepack: &[u8]) -> Vec<UnknownKey> {
    let mut walk = Walk {
        rest: messagepack,
        found: Vec::new(),
    };
    // What is cut off was refused when the lock was decoded.
    let _ = walk.table((ROOT, false), &Place::Top);
    walk.found
}

/// The way to a value, kept on the stack.
enum Place<'p> {
    Top,
    Key(&'p Place<'p>, &'p str),
    Item(&'p Place<'p>, usize),
}

impl Place<'_> {
    fn steps(&self) -> Vec<Step> {
        let (parent, step) = match self {
            Self::Top => return Vec::new(),
            Self::Key(parent, key) => (parent, Step::from(*key)),
            Self::Item(parent, index) => (parent, Step::from(*index)),
        };
        let mut steps = parent.steps();
        steps.push(step);
        steps
    }
}

struct Walk<'a> {
    rest: &'a [u8],
    found: Vec<UnknownKey>,
}

impl Walk<'_> {
    /// A table, in which keys that are not known are free or not.
    fn table(&mut self, (keys, is_free): (Keys, bool), place: &Place<'_>) -> Option<()> {
        if !matches!(
            self.marker()?,
            Marker::FixMap(_) | Marker::Map16 | Marker::Map32
        ) {
            return self.skip();
        }
        let mut next = 0;
        for _ in 0..read_map_len(&mut self.rest).ok()? {
            let (key, rest) = read_str_from_slice(self.rest).ok()?;
            self.rest = rest;
            let here = Place::Key(place, key);
            // Keys mostly stand in the order in which they are written.
            let (before, after) = keys.split_at(next);
            let mut candidates = after.iter().chain(before).enumerate();
            if let Some((passed, (_, content))) = candidates.find(|(_, (known, _))| *known == key) {
                next = (next + passed + 1) % keys.len();
                self.content(*content, &here)?;
                continue;
            }
            if !is_free && self.found.len() < MOST_KEYS {
                self.found.push(UnknownKey {
                    steps: here.steps(),
                    line: None,
                });
            }
            self.skip()?;
        }
        Some(())
    }

    fn content(&mut self, content: Content, place: &Place<'_>) -> Option<()> {
        match content {
            Content::Value => self.skip(),
            Content::Table(keys) => self.table((keys, false), place),
            Content::Tools(keys) => self.table((keys, true), place),
            Content::Tables(keys) => self.tables(keys, place),
        }
    }

    fn tables(&mut self, keys: Keys, place: &Place<'_>) -> Option<()> {
        if !matches!(
            self.marker()?,
            Marker::FixArray(_) | Marker::Array16 | Marker::Array32
        ) {
            return self.skip();
        }
        for index in 0..read_array_len(&mut self.rest).ok()? as usize {
            self.table((keys, false), &Place::Item(place, index))?;
        }
        Some(())
    }

    fn marker(&self) -> Option<Marker> {
        self.rest.first().copied().map(Marker::from_u8)
    }

    /// Passes over one value with everything in it.
    fn skip(&mut self) -> Option<()> {
        // Nearly every value is a short text.
        if let Some(&byte @ 0xa0..=0xbf) = self.rest.first() {
            self.rest = self.rest.get(1 + usize::from(byte & 0x1f)..)?;
            return Some(());
        }
        let mut values: usize = 1;
        while values > 0 {
            values -= 1;
            match self.marker()? {
                Marker::FixMap(_) | Marker::Map16 | Marker::Map32 => {
                    values += 2 * read_map_len(&mut self.rest).ok()? as usize;
                }
                Marker::FixArray(_) | Marker::Array16 | Marker::Array32 => {
                    values += read_array_len(&mut self.rest).ok()? as usize;
                }
                marker => self.rest = self.rest.get(1 + length(marker, self.rest)?..)?,
            }
        }
        Some(())
    }
}

/// How many bytes follow the marker of a value that has no others in it.
fn length(marker: Marker, bytes: &[u8]) -> Option<usize> {
    let sized = |width: usize| {
        let size = bytes.get(1..=width)?;
        let size = size
            .iter()
            .fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        Some(width + size)
    };
    match marker {
        Marker::FixStr(size) => Some(size.into()),
        Marker::Str8 | Marker::Bin8 => sized(1),
        Marker::Str16 | Marker::Bin16 => sized(2),
        Marker::Str32 | Marker::Bin32 => sized(4),
        Marker::U8 | Marker::I8 => Some(1),
        Marker::U16 | Marker::I16 => Some(2),
        Marker::U32 | Marker::I32 | Marker::F32 => Some(4),
        Marker::U64 | Marker::I64 | Marker::F64 => Some(8),
        Marker::FixPos(_) | Marker::FixNeg(_) | Marker::True | Marker::False | Marker::Null => {
            Some(0)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{key_path, unknown_keys};
    use crate::document::toml::toml_to_messagepack;

    fn found(text: &str) -> Vec<String> {
        let messagepack = toml_to_messagepack(text.as_bytes()).expect("TOML");
        let keys = unknown_keys(&messagepack);
        keys.iter().map(|key| key_path(&key.steps)).collect()
    }

    #[test]
    fn keys_of_every_level_are_found() {
        let text = "flavour = [1, { a = 'b' }]\nlock-version = '1.0'\n[[packages]]\nname = 'a'\nattestation-identities = []\n\
            wheels = [{ url = 'u', size = 70000, hashes = { x = 'y' }, note = 1 }]\narchive.subdirectory = 'b'\n\
            tool.locktool = { digest = '0', more = 2.5 }\n";
        assert_eq!(
            found(text),
            [
                "flavour",
                "packages[0].attestation-identities",
                "packages[0].wheels[0].note",
                "packages[0].archive.subdirectory",
                "packages[0].tool.locktool.more",
            ]
        );
    }

    #[test]
    fn tables_of_other_tools_are_theirs() {
        let text = "[tool.other]\na = 1\n[[packages]]\nname = 'a'\n[packages.tool.other]\nb = { c = -1 }\n";
        assert_eq!(found(text), Vec::<String>::new());
    }
}
