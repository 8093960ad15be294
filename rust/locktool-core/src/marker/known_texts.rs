//! What was made of texts that were read before: the metadata of a few hundred packages repeat a few dozen markers,
//! `extra == 'test'` and `python_version < '3.11'` among them, and their wheels a few hundred sets of tags.

use std::convert::Infallible;
use std::sync::{PoisonError, RwLock};

use rustc_hash::{FxBuildHasher, FxHashMap};

/// All are forgotten at this number: texts come from anywhere, and a process may live long.
const MOST_TEXTS: usize = 1 << 14;

/// Values by the texts that they were made of, shared by threads.
pub struct KnownTexts<T>(RwLock<FxHashMap<Box<str>, T>>);

impl<T: Copy> KnownTexts<T> {
    pub const fn new() -> Self {
        Self(RwLock::new(FxHashMap::with_hasher(FxBuildHasher)))
    }

    /// What a text stands for: known, or read.
    ///
    /// # Errors
    /// Those of `read`, which are not remembered.
    pub fn known_or_read<E>(
        &self,
        text: &str,
        read: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = known.get(text) {
            return Ok(*value);
        }
        drop(known);
        let value = read()?;
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_TEXTS {
            known.clear();
        }
        known.insert(text.into(), value);
        Ok(value)
    }

    /// The same where nothing can go wrong.
    pub fn known_or_made(&self, text: &str, make: impl FnOnce() -> T) -> T {
        let Ok(value) = self.known_or_read(text, || Ok::<T, Infallible>(make()));
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_is_not_read_again_and_what_could_not_be_is() {
        static LENGTHS: KnownTexts<usize> = KnownTexts::new();
        assert_eq!(LENGTHS.known_or_read("ab", || Err(1)), Err(1));
        assert_eq!(LENGTHS.known_or_read("ab", || Ok::<_, u8>(2)), Ok(2));
        assert_eq!(LENGTHS.known_or_read("ab", || Err(1)), Ok(2));
    }

    #[test]
    fn a_text_too_many_forgets_the_others() {
        static TEXTS: KnownTexts<usize> = KnownTexts::new();
        for number in 0..=MOST_TEXTS {
            assert_eq!(TEXTS.known_or_made(&number.to_string(), || number), number);
        }
        assert_eq!(TEXTS.0.read().expect("no panic").len(), 1);
    }
}
