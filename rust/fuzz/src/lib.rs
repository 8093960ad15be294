//! A small lock of every kind of entry, and edits of it: most bytes are no lock at all, so the targets that need one start here.

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use locktool_core::document::toml::toml_to_messagepack;
use locktool_core::lock::decode;
use serde_json::{Map, Value as Json};

/// The lock, as `locktool lock` wrote it: forks, extras that conflict, groups, members, a tree, a repository, an archive, indexes
/// and every kind of setting.
pub const LOCK: &str = include_str!("small-lock.toml");

/// Nesting that an edit may reach; TOML readers refuse more.
const DEEPEST: usize = 32;

static DOCUMENT: LazyLock<Json> =
    LazyLock::new(|| decode(&toml_to_messagepack(LOCK.as_bytes()).expect("TOML")).expect("values"));

/// Bytes of the lock that are replaced.
#[derive(Arbitrary, Debug)]
pub struct Splice<'a> {
    offset: u16,
    removed: u8,
    inserted: &'a [u8],
}

impl Splice<'_> {
    /// The lock after the edit.
    pub fn edited(&self) -> Vec<u8> {
        let (before, rest) = LOCK
            .as_bytes()
            .split_at(usize::from(self.offset) % LOCK.len());
        let after = &rest[usize::from(self.removed).min(rest.len())..];
        [before, self.inserted, after].concat()
    }
}

/// A change of one value of the lock, which is found by its number.
#[derive(Arbitrary, Debug)]
pub struct Edit<'a> {
    place: u16,
    change: Change<'a>,
}

#[derive(Arbitrary, Debug)]
enum Change<'a> {
    Remove,
    /// The value stands there twice, if it is an item of a list.
    Repeat,
    /// The value of another place.
    Copy(u16),
    Exchange(u16),
    Text(&'a str),
    /// Some bytes of a text.
    Part {
        offset: u8,
        removed: u8,
        inserted: &'a str,
    },
    Number(i64),
    Flag(bool),
    /// A key and the value of another place.
    Key(&'a str, u16),
}

/// The lock after some edits, as values.
pub fn edited(edits: &[Edit<'_>]) -> Json {
    let mut document = DOCUMENT.clone();
    for edit in edits {
        edit.apply(&mut document);
    }
    document
}

impl Edit<'_> {
    fn apply(&self, document: &mut Json) {
        let places = places_of(document);
        let place = |number: u16| &places[usize::from(number) % places.len()];
        let here = place(self.place);
        let copy = |from: u16| document.pointer(place(from)).cloned().unwrap_or_default();
        match &self.change {
            Change::Remove => remove(document, here),
            Change::Repeat => repeat(document, here),
            Change::Copy(from) => put(document, here, copy(*from)),
            Change::Exchange(other) => {
                let (mine, theirs) = (copy(self.place), copy(*other));
                let there = place(*other);
                // A value that is within the other would be within itself.
                if !here.starts_with(there.as_str()) && !there.starts_with(here.as_str()) {
                    put(document, here, theirs);
                    put(document, there, mine);
                }
            }
            Change::Text(text) => put(document, here, (*text).into()),
            Change::Part {
                offset,
                removed,
                inserted,
            } => {
                if let Some(Json::String(text)) = document.pointer_mut(here) {
                    *text = replaced(text, (*offset).into(), (*removed).into(), inserted);
                }
            }
            Change::Number(number) => put(document, here, (*number).into()),
            Change::Flag(flag) => put(document, here, (*flag).into()),
            Change::Key(key, from) => {
                let value = copy(*from);
                if let Some(Json::Object(table)) = document.pointer_mut(here) {
                    table.insert((*key).to_owned(), value);
                }
            }
        }
    }
}

/// The JSON pointers of all values, the document itself left out.
fn places_of(document: &Json) -> Vec<String> {
    let mut places = Vec::new();
    let mut open = vec![(String::new(), document)];
    while let Some((place, value)) = open.pop() {
        let below = |key: &str| format!("{place}/{}", key.replace('~', "~0").replace('/', "~1"));
        if place.matches('/').count() < DEEPEST {
            match value {
                Json::Object(table) => {
                    open.extend(table.iter().map(|(key, value)| (below(key), value)));
                }
                Json::Array(items) => {
                    let items = items.iter().enumerate();
                    open.extend(items.map(|(index, item)| (below(&index.to_string()), item)));
                }
                _ => {}
            }
        }
        if !place.is_empty() {
            places.push(place);
        }
    }
    if places.is_empty() {
        places.push(String::new());
    }
    places
}

fn put(document: &mut Json, place: &str, value: Json) {
    if let Some(found) = document.pointer_mut(place) {
        *found = value;
    }
}

fn remove(document: &mut Json, place: &str) {
    let Some((parent, last)) = place.rsplit_once('/') else {
        *document = Json::Object(Map::new());
        return;
    };
    let key = last.replace("~1", "/").replace("~0", "~");
    match document.pointer_mut(parent) {
        Some(Json::Object(table)) => {
            table.remove(&key);
        }
        Some(Json::Array(items)) => {
            if let Ok(index) = key.parse::<usize>() {
                items.remove(index);
            }
        }
        _ => {}
    }
}

fn repeat(document: &mut Json, place: &str) {
    let Some((parent, last)) = place.rsplit_once('/') else {
        return;
    };
    if let (Some(Json::Array(items)), Ok(index)) =
        (document.pointer_mut(parent), last.parse::<usize>())
    {
        items.push(items[index].clone());
    }
}

/// A text with some of its characters replaced.
fn replaced(text: &str, offset: usize, removed: usize, inserted: &str) -> String {
    let count = text.chars().count();
    let offset = offset % (count + 1);
    let before = text.chars().take(offset);
    let after = text.chars().skip(offset + removed);
    before.chain(inserted.chars()).chain(after).collect()
}
