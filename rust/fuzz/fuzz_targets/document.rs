//! Documents of any bytes are read or refused, in TOML and in MessagePack, and both readers of TOML agree.
#![no_main]

use libfuzzer_sys::fuzz_target;
use locktool_core::document::toml::{
    PlainDocument, any_to_messagepack, lock_blocks, lock_to_toml, toml_to_messagepack,
};

fuzz_target!(|bytes: &[u8]| {
    let _ = lock_to_toml(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = lock_blocks(text);
        if let Some(document) = PlainDocument::parse(text) {
            assert_eq!(any_to_messagepack(text), Ok(document.to_messagepack()));
        }
    }
    if let Ok(document) = toml_to_messagepack(bytes) {
        let _ = lock_to_toml(&document);
    }
});
