//! `MessagePack`, written piece by piece into memory, which does not fail.

use rmp::encode::{write_array_len, write_bool, write_f64, write_map_len, write_sint, write_str};

const TO_MEMORY: &str = "writing to a vector";

/// The document so far. A table is its length and then each key with its value, an array its length and then each value.
pub struct Encoder {
    pub bytes: Vec<u8>,
}

impl Encoder {
    /// With room for what a text of so many bytes becomes.
    pub fn for_text(text: &str) -> Self {
        Self {
            bytes: Vec::with_capacity(text.len()),
        }
    }

    pub fn text(&mut self, text: &str) {
        write_str(&mut self.bytes, text).expect(TO_MEMORY);
    }

    pub fn integer(&mut self, number: i64) {
        write_sint(&mut self.bytes, number).expect(TO_MEMORY);
    }

    pub fn float(&mut self, number: f64) {
        write_f64(&mut self.bytes, number).expect(TO_MEMORY);
    }

    pub fn boolean(&mut self, boolean: bool) {
        write_bool(&mut self.bytes, boolean).expect(TO_MEMORY);
    }

    pub fn array(&mut self, length: usize) {
        write_array_len(&mut self.bytes, in_memory(length)).expect(TO_MEMORY);
    }

    pub fn table(&mut self, length: usize) {
        write_map_len(&mut self.bytes, in_memory(length)).expect(TO_MEMORY);
    }
}

fn in_memory(length: usize) -> u32 {
    u32::try_from(length).expect("a document in memory has fewer than 2^32 entries")
}
