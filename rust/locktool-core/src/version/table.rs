//! The table of versions that do not fit a word: append-only, shared by all threads, never freed. Reading an entry
//! takes no lock; a spelling (`1!1.0` and `1!1.0.0` are two) has one entry.

use std::sync::{LazyLock, Mutex};

use rustc_hash::FxHashMap;

use super::parts::Parts;
use super::word::{self, DISPLAY_BITS, INTERNED};

/// One interned spelling.
pub(super) struct Entry {
    pub(super) parts: Parts,
    /// The word that all spellings of an equal version share: an inline word without display bits, or that of the
    /// entry of the shortest spelling.
    pub(super) canonical: u64,
    /// The word of the version without its local part.
    pub(super) public: u64,
}

static ENTRIES: boxcar::Vec<Entry> = boxcar::Vec::new();
static INDEX: LazyLock<Mutex<FxHashMap<&'static Parts, u64>>> = LazyLock::new(Mutex::default);

/// The entry of an interned word.
pub(super) fn entry(word: u64) -> &'static Entry {
    let index = usize::try_from(word & !INTERNED).expect("an index was made from a usize");
    &ENTRIES[index]
}

/// The word of these parts: inline if they fit, else interned.
pub(super) fn word_of(parts: Parts) -> u64 {
    word::encode(&parts).unwrap_or_else(|| intern(parts))
}

fn intern(parts: Parts) -> u64 {
    let lock = || {
        INDEX
            .lock()
            .expect("no code panics while it holds the index of versions")
    };
    if let Some(&word) = lock().get(&parts) {
        return word;
    }
    let trimmed = parts.trimmed();
    let canonical = (trimmed != parts).then(|| word_of(trimmed));
    let public = (!parts.local.is_empty()).then(|| {
        word_of(Parts {
            local: Vec::new(),
            ..parts.clone()
        })
    });
    let mut index = lock();
    if let Some(&word) = index.get(&parts) {
        return word;
    }
    let position = ENTRIES.push_with(|position| {
        let own = INTERNED | position as u64;
        Entry {
            parts,
            canonical: canonical.unwrap_or(own),
            public: public.unwrap_or(own),
        }
    });
    let word = INTERNED | position as u64;
    index.insert(&ENTRIES[position].parts, word);
    word
}

/// A word that is the same for equal versions and differs for others.
#[inline]
pub(super) fn canonical(word: u64) -> u64 {
    if word & INTERNED == 0 {
        word >> DISPLAY_BITS << DISPLAY_BITS
    } else {
        entry(word).canonical
    }
}
