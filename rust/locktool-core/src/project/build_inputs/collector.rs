//! The digests of a tree's build inputs while they are collected.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::super::paths::{normalised, relative};
use super::super::workspace::FILE_NAME;
use super::tables;
use crate::document::{Table, TomlFile, read_regular_file};
use crate::manifest::short_digest;

pub(super) struct Collector<'a> {
    pub directory: &'a Path,
    pub digests: BTreeMap<String, String>,
    /// Whether everything that the build reads is among the digests.
    pub is_known: bool,
    /// Whether code that runs in the build reads the version of the project.
    pub reads_version: bool,
}

impl<'a> Collector<'a> {
    pub fn new(directory: &'a Path) -> Self {
        Self {
            directory,
            digests: BTreeMap::new(),
            is_known: true,
            reads_version: false,
        }
    }

    /// Adds the digest of a table, where there is one.
    pub fn table(&mut self, name: &str, kept: Option<Json>) {
        if let Some(kept) = kept {
            self.meaning(name, &kept.to_string());
        }
    }

    /// Adds the digest of what an input means.
    pub fn meaning(&mut self, name: &str, meaning: &str) {
        let digest = short_digest(Sha256::new_with_prefix(meaning.as_bytes()));
        self.digests.entry(name.to_owned()).or_insert(digest);
    }

    /// Adds the digest of a file as it is; says what is in it. pyproject.toml counts by what it means.
    pub fn file(&mut self, written: &str) -> Option<String> {
        let name = self.name_of(written)?;
        let text = self.text(&name)?;
        if name == FILE_NAME
            && let Ok(file) = TomlFile::parse(Path::new(FILE_NAME), text.clone(), 0)
        {
            let whole = tables::whole(&Table::of(&Arc::new(file)));
            self.meaning(&name, &whole.to_string());
        } else {
            self.meaning(&name, &text);
        }
        Some(text)
    }

    /// The text of a file in the tree, with newlines as Unix has them.
    pub fn text(&self, name: &str) -> Option<String> {
        let bytes = read_regular_file(&self.directory.join(name)).ok()?;
        Some(String::from_utf8_lossy(&bytes).replace("\r\n", "\n"))
    }

    /// The name of a file from its tree. A lock names no path of the machine, so that an absolute path to elsewhere makes the
    /// inputs unknown.
    pub fn name_of(&mut self, written: &str) -> Option<String> {
        let path = normalised(Path::new(written));
        let base = normalised(self.directory);
        if path.is_absolute() && !path.starts_with(&base) {
            self.is_known &= !path.is_file();
            return None;
        }
        relative(&base.join(path), &base).filter(|name| name != ".")
    }
}
