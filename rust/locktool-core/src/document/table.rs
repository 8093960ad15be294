//! Typed reading of one table of a TOML file: each getter gives the type it names, or says what is wrong and where.
//!
//! An absent key reads as nothing, never as an error; what must be there is asked for with [`Table::required_string`].

use super::caret::quoted;
use super::file::{Step, TomlFile, name_of};
use super::located::LocatedError;
use super::nearest::did_you_mean;
use super::tree::{Entries, Node, Value};

/// A table within a file, or the absence of one, which reads as an empty table.
#[derive(Clone, Debug)]
pub struct Table<'a> {
    file: &'a TomlFile,
    steps: Vec<Step>,
    entries: Option<&'a Entries>,
}

impl<'a> Table<'a> {
    /// The document itself.
    pub fn of(file: &'a TomlFile) -> Self {
        Self {
            file,
            steps: Vec::new(),
            entries: Some(&file.values),
        }
    }

    /// The file that the table stands in.
    pub fn file(&self) -> &'a TomlFile {
        self.file
    }

    /// Whether the key is written.
    pub fn has(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Whether the table itself is written.
    pub fn is_written(&self) -> bool {
        self.entries.is_some()
    }

    /// The keys as written, in the order of the file.
    pub fn keys(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let entries = self.entries.map_or(&[][..], |entries| &entries.0);
        entries.iter().map(|entry| entry.key.as_str())
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&'a Node> {
        self.entries.and_then(|entries| entries.get(key))
    }

    /// The steps from the document to something in this table.
    fn at(&self, steps: &[Step]) -> Vec<Step> {
        self.steps.iter().chain(steps).cloned().collect()
    }

    /// An error at something in this table.
    pub fn error(&self, code: &'static str, message: &str, steps: &[Step]) -> LocatedError {
        self.file.error(code, message, &self.at(steps))
    }

    /// The line, counted from 1, of something in this table.
    pub fn line(&self, steps: &[Step]) -> Option<usize> {
        self.file.line(&self.at(steps))
    }

    /// Something in this table as people write it: `tool.locktool.conflicts[2]`
    pub fn name_of(&self, steps: &[Step]) -> String {
        name_of(self.file, &self.at(steps))
    }

    /// The error for a value of another type than the format asks for.
    pub fn wrong_type(&self, expected: &str, found: &Node, steps: &[Step]) -> LocatedError {
        let name = self.name_of(steps);
        let (kind, shown) = (found.value.kind(), found.value.shown());
        self.error(
            "wrong-type",
            &format!("{name} must be {expected}, but it is {kind}{shown}"),
            steps,
        )
        .with("key", name)
    }

    /// A string.
    pub fn string(&self, key: &str) -> Result<Option<&'a str>, LocatedError> {
        self.get(key)
            .map(|node| match &node.value {
                Value::String(text) => Ok(text.as_str()),
                _ => Err(self.wrong_type("a string", node, &[key.into()])),
            })
            .transpose()
    }

    /// A string that the format requires; `reason` says what to do where it is absent.
    pub fn required_string(&self, key: &str, reason: &str) -> Result<&'a str, LocatedError> {
        self.string(key)?.ok_or_else(|| {
            let name = self.name_of(&[key.into()]);
            self.error(
                "missing-key",
                &format!("{name} is missing: {reason}"),
                &[key.into()],
            )
            .with("key", name)
        })
    }

    /// `true` or `false`.
    pub fn boolean(&self, key: &str) -> Result<Option<bool>, LocatedError> {
        self.get(key)
            .map(|node| match node.value {
                Value::Boolean(boolean) => Ok(boolean),
                _ => Err(self.wrong_type("true or false", node, &[key.into()])),
            })
            .transpose()
    }

    /// An array of strings; empty where the key is absent.
    pub fn strings(&self, key: &str) -> Result<Vec<&'a str>, LocatedError> {
        let Some(node) = self.get(key) else {
            return Ok(Vec::new());
        };
        let Value::Array(items) = &node.value else {
            return Err(self.wrong_type("an array of strings", node, &[key.into()]));
        };
        let text = |(index, item): (usize, &'a Node)| match &item.value {
            Value::String(text) => Ok(text.as_str()),
            _ => Err(self.wrong_type("a string", item, &[key.into(), index.into()])),
        };
        items.iter().enumerate().map(text).collect()
    }

    /// An array whose elements the caller checks; empty where the key is absent.
    pub fn items(&self, key: &str) -> Result<&'a [Node], LocatedError> {
        match self.get(key) {
            None => Ok(&[]),
            Some(Node {
                value: Value::Array(items),
                ..
            }) => Ok(items),
            Some(node) => Err(self.wrong_type("an array", node, &[key.into()])),
        }
    }

    /// A table.
    pub fn table(&self, key: &str) -> Result<Self, LocatedError> {
        let entries = match self.get(key) {
            None => None,
            Some(Node {
                value: Value::Table(entries),
                ..
            }) => Some(entries),
            Some(node) => return Err(self.wrong_type("a table", node, &[key.into()])),
        };
        Ok(Self {
            file: self.file,
            steps: self.at(&[key.into()]),
            entries,
        })
    }

    /// An array of tables; a single table counts as an array of one.
    pub fn tables(&self, key: &str) -> Result<Vec<Self>, LocatedError> {
        if let Some(Node {
            value: Value::Table(_),
            ..
        }) = self.get(key)
        {
            return Ok(vec![self.table(key)?]);
        }
        let items = self.items(key)?.iter().enumerate();
        items
            .map(|(index, item)| self.element(item, &[key.into(), index.into()]))
            .collect()
    }

    /// One element of an array, as a table.
    pub fn element(&self, item: &'a Node, steps: &[Step]) -> Result<Self, LocatedError> {
        match &item.value {
            Value::Table(entries) => Ok(Self {
                file: self.file,
                steps: self.at(steps),
                entries: Some(entries),
            }),
            _ => Err(self.wrong_type("a table", item, steps)),
        }
    }

    /// The error for a word that is none of those a key can be.
    pub fn unknown_value(&self, key: &str, value: &str, words: &[&str]) -> LocatedError {
        let name = self.name_of(&[key.into()]);
        let message = format!(
            "{name} is {}; it can be {}{}",
            quoted(value),
            words.join(", "),
            did_you_mean(value, words.iter().copied())
        );
        self.error("unknown-value", &message, &[key.into()])
            .with("key", name)
    }

    /// Refuses keys that are not read, so that a misspelt one cannot pass for a setting.
    pub fn refuse_unknown(&self, known: &[&str]) -> Result<(), LocatedError> {
        match self.keys().find(|key| !known.contains(key)) {
            None => Ok(()),
            Some(key) => {
                let name = self.name_of(&[key.into()]);
                let hint = did_you_mean(key, known.iter().copied());
                let message = format!("{name} is not a key that locktool knows{hint}");
                Err(self
                    .error("unknown-key", &message, &[key.into()])
                    .with("key", name))
            }
        }
    }
}
