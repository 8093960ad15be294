//! The table of versions that do not fit a word: append-only, shared by all threads, never freed. Reading an entry
//! takes no lock; a spelling (`1!1.0` and `1!1.0.0` are two) has one entry, found by its normal text.

use std::sync::{LazyLock, PoisonError, RwLock};

use rustc_hash::FxHashMap;

use super::display;
use super::parts::Parts;
use super::word::{self, DISPLAY_BITS, INTERNED};

/// One interned spelling.
pub(super) struct Entry {
    pub(super) parts: Parts,
    /// The normal text of the parts.
    pub(super) text: Box<str>,
    /// The word that all spellings of an equal version share: an inline word without display bits, or that of the
    /// entry of the shortest spelling.
    pub(super) canonical: u64,
    /// The word of the version without its local part.
    pub(super) public: u64,
    /// Versions of different places are in the order of these; see `place_of`.
    pub(super) place: Option<u64>,
}

static ENTRIES: boxcar::Vec<Entry> = boxcar::Vec::new();
static INDEX: LazyLock<RwLock<FxHashMap<&'static str, u64>>> = LazyLock::new(RwLock::default);

/// The entry of an interned word.
pub(super) fn entry(word: u64) -> &'static Entry {
    let index = usize::try_from(word & !INTERNED).expect("an index was made from a usize");
    &ENTRIES[index]
}

/// The word of an interned version with this normal text, if it was met before.
pub(super) fn find(text: &str) -> Option<u64> {
    // An insertion is the last thing a writer does, so that the index is whole also after a panic.
    let index = INDEX.read().unwrap_or_else(PoisonError::into_inner);
    index.get(text).copied()
}

/// The word of these parts: inline if they fit, else interned.
pub(super) fn word_of(parts: &Parts) -> u64 {
    word::encode(parts).unwrap_or_else(|| intern(parts))
}

fn intern(parts: &Parts) -> u64 {
    let text = display::text_of(parts).into_boxed_str();
    if let Some(word) = find(&text) {
        return word;
    }
    let trimmed = parts.trimmed();
    let canonical = (trimmed != *parts).then(|| word_of(&trimmed));
    let public = (!parts.local.is_empty()).then(|| {
        word_of(&Parts {
            local: Vec::new(),
            ..parts.clone()
        })
    });
    let mut index = INDEX.write().unwrap_or_else(PoisonError::into_inner);
    if let Some(&word) = index.get(&*text) {
        return word;
    }
    let position = ENTRIES.push_with(|position| {
        let own = INTERNED | position as u64;
        let public = public.unwrap_or(own);
        Entry {
            parts: parts.clone(),
            text,
            canonical: canonical.unwrap_or(own),
            public,
            place: place_of(parts, public),
        }
    });
    let word = INTERNED | position as u64;
    index.insert(&ENTRIES[position].text, word);
    word
}

/// A word that is the same for equal versions and differs for others.
#[inline]
pub(super) fn canonical(word: u64) -> u64 {
    if word & INTERNED == 0 {
        canonical_of_inline(word)
    } else {
        entry(word).canonical
    }
}

/// See [`Entry::place`]; an inline version stands at its own.
#[inline]
pub(super) fn place(word: u64) -> Option<u64> {
    if word & INTERNED == 0 {
        Some(canonical_of_inline(word))
    } else {
        entry(word).place
    }
}

/// The place of an interned version: that of its public part where this is inline, above all of these with an epoch, and
/// none where only the parts can tell.
fn place_of(parts: &Parts, public: u64) -> Option<u64> {
    if public & INTERNED == 0 {
        return Some(canonical_of_inline(public));
    }
    let epoch = parts.epoch.saturating();
    // The largest word is left for versions without a place.
    (epoch > 0).then(|| INTERNED | epoch.min(INTERNED - 2))
}

fn canonical_of_inline(word: u64) -> u64 {
    word >> DISPLAY_BITS << DISPLAY_BITS
}
