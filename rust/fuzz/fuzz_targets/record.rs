//! A cache record of any bytes is a miss or can be read to its end, also where its checksums are right.
#![no_main]

use libfuzzer_sys::fuzz_target;
use locktool_core::cache::record::SCHEMA;
use locktool_core::cache::{RecordView, encode};

fuzz_target!(|bytes: &[u8]| {
    read_to_the_end(bytes);
    let split = bytes.first().map_or(0, |first| usize::from(*first)) * bytes.len() / 256;
    let (body, group) = bytes.split_at(split);
    read_to_the_end(&framed(body, None));
    read_to_the_end(&framed(body, Some(group)));
});

fn read_to_the_end(bytes: &[u8]) {
    let Some(view) = RecordView::open(bytes) else {
        return;
    };
    for release in 0..view.release_count() {
        let _ = view.release(release);
        let _ = view.metadata(release);
    }
    let rows = view.rows().expect("a record in memory is whole");
    let again = encode(view.validators(), &rows);
    let copy = RecordView::open(again).expect("what is written is read");
    assert_eq!(copy.rows().expect("whole"), rows);
}

/// A record around a body, whose checksum is right: a mutated record seldom has that luck.
fn framed(body: &[u8], group: Option<&[u8]>) -> Vec<u8> {
    let parts = 5 + u8::from(group.is_some());
    let mut out = vec![0x90 | parts, u8::try_from(SCHEMA).expect("a small number")];
    for part in [&b"\x80"[..], body] {
        out.push(0xce);
        out.extend(checksum(part).to_be_bytes());
        out.extend(binary(part));
    }
    out.extend(group.map(binary).unwrap_or_default());
    out
}

fn binary(content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).expect("a short input");
    [&[0xc6][..], &length.to_be_bytes(), content].concat()
}

fn checksum(part: &[u8]) -> u32 {
    let mut sum = flate2::Crc::new();
    sum.update(part);
    sum.sum()
}
