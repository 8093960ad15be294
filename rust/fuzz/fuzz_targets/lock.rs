//! Any bytes are a lock or are refused; a lock that is written again reads the same. The bytes are tried by themselves and as an
//! edit of a lock.
#![no_main]

use std::path::Path;

use arbitrary::{Arbitrary, Unstructured};
use libfuzzer_sys::fuzz_target;
use locktool_core::document::toml::lock_to_toml;
use locktool_core::lock::{LockFile, LockedDocument, Unwritten};
use locktool_fuzz::Splice;

fuzz_target!(|bytes: &[u8]| {
    read(bytes);
    if let Ok(splice) = Splice::arbitrary_take_rest(Unstructured::new(bytes)) {
        read(&splice.edited());
    }
});

fn read(bytes: &[u8]) {
    let Some(document) = lock_of(bytes) else {
        return;
    };
    let messagepack = rmp_serde::to_vec_named(&document).expect("a lock is values");
    let unknown = document.inputs().map(|inputs| &inputs.unknown);
    // Values of other writers may be none of TOML's: a NaN among them is null once it is read.
    let text = match lock_to_toml(&messagepack) {
        Err(_) if unknown.is_some_and(|unknown| !unknown.is_empty()) => return,
        text => text.expect("a lock can be written"),
    };
    let again = lock_of(text.as_bytes()).expect("what is written is read");
    assert_eq!(again, document, "{text}");
}

/// The lock without what only its text has.
fn lock_of(bytes: &[u8]) -> Option<LockedDocument> {
    let lock = LockFile::parse(bytes.to_vec(), Path::new("pylock.toml")).ok()?;
    Some(LockedDocument {
        unwritten: Unwritten::default(),
        ..lock.document
    })
}
