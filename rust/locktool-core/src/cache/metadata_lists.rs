//! The metadata of releases to columns of the body: a list for each file that was read, equal lists once.

use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;

use super::columns::{ColumnsWriter, as_number};
use super::layout::body;
use super::record::{MetadataRow, Outcome};
use super::template;

/// Appends metadata to a body that has the columns of a page.
pub(super) struct MetadataWriter<'c> {
    columns: &'c mut ColumnsWriter,
    lists: FxHashMap<Vec<u64>, u64>,
}

impl<'c> MetadataWriter<'c> {
    pub fn new(columns: &'c mut ColumnsWriter) -> Self {
        Self {
            columns,
            lists: FxHashMap::default(),
        }
    }

    /// Appends what is known of the next release: the number of its list plus one, or 0 for none.
    pub fn push(&mut self, version: &str, metadata: &[MetadataRow<'_>]) {
        let list = match metadata {
            [] => 0,
            [one] => self.metadata(one, version) + 1,
            several => {
                let mut items = vec![body::SEVERAL];
                for row in several {
                    items.push(self.metadata(row, version));
                }
                self.list(items) + 1
            }
        };
        self.columns.push(body::RELEASE_METADATA, list);
    }

    /// The number of a metadata list.
    fn metadata(&mut self, metadata: &MetadataRow<'_>, version: &str) -> u64 {
        let columns = &mut *self.columns;
        let name = template::of_filename(&metadata.file, version);
        let name = name.map(|part| columns.string(&part));
        let mut items = Vec::new();
        match &metadata.outcome {
            Outcome::Known {
                requires_python,
                extras,
                requires,
                build_requires,
            } => {
                items.push(body::KNOWN);
                items.extend(name);
                items.push(columns.optional(requires_python.as_deref()));
                items.push(as_number(extras.len()));
                let of_build = build_requires.as_ref();
                items.push(of_build.map_or(0, |texts| as_number(texts.len()) + 1));
                let of_build = of_build.into_iter().flatten();
                let texts = extras.iter().chain(of_build).chain(requires);
                items.extend(texts.map(|text| columns.string(text)));
            }
            Outcome::NeedsBuilding(reason) => {
                items.push(body::NEEDS_BUILDING);
                items.extend(name);
                items.push(columns.string(reason));
            }
        }
        self.list(items)
    }

    /// The number of a list; equal lists are one.
    fn list(&mut self, items: Vec<u64>) -> u64 {
        let columns = &mut *self.columns;
        let count = as_number(self.lists.len());
        match self.lists.entry(items) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(vacant) => {
                for item in vacant.key() {
                    columns.push(body::METADATA_ITEMS, *item);
                }
                let end = as_number(columns.rows(body::METADATA_ITEMS));
                columns.push(body::METADATA_ENDS, end);
                *vacant.insert(count)
            }
        }
    }
}
