//! Every change of one byte and every cut: a record is a miss or says that its files are lost, and where a writer was
//! wrong and the checksums are right it is a miss or can be read to its end, and is written and read as the same.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use locktool_core::cache::{MetadataUpdate, RecordView, encode};
use rmp::decode::{read_array_len, read_bin_len, read_int};
use rmp::encode::{write_array_len, write_bin, write_uint};

const GOLDEN: &[u8] = include_bytes!("../../../tests/data/cache_record.msgpack");

/// The schema, head, body and group of the golden record.
fn parts() -> (u64, [Vec<u8>; 3]) {
    let mut rest = GOLDEN;
    assert_eq!(read_array_len(&mut rest).expect("an array"), 6);
    let schema = read_int(&mut rest).expect("a number");
    let parts = [true, true, false].map(|has_checksum| {
        if has_checksum {
            let _: u64 = read_int(&mut rest).expect("a number");
        }
        let length = read_bin_len(&mut rest).expect("a length") as usize;
        let (part, behind) = rest.split_at(length);
        rest = behind;
        part.to_vec()
    });
    (schema, parts)
}

fn checksum(part: &[u8]) -> u64 {
    let mut sum = flate2::Crc::new();
    sum.update(part);
    u64::from(sum.sum())
}

/// A record of these parts; its checksums are right, the length and the checksum of the group included.
fn framed(schema: u64, [head, body, group]: [&[u8]; 3]) -> Vec<u8> {
    let mut group_field = Vec::new();
    write_bin(&mut group_field, group).expect("in memory");
    let body = with_group(body, &group_field);
    let mut out = Vec::new();
    write_array_len(&mut out, 6).expect("in memory");
    write_uint(&mut out, schema).expect("in memory");
    for part in [head, &body] {
        write_uint(&mut out, checksum(part)).expect("in memory");
        write_bin(&mut out, part).expect("in memory");
    }
    out.extend(group_field);
    out
}

/// The body, whose last two columns are the length and the checksum of the group.
fn with_group(body: &[u8], group_field: &[u8]) -> Vec<u8> {
    let mut columns = Vec::new();
    for number in [group_field.len() as u64, checksum(group_field)] {
        // A base of eight bytes and cells of none: one number, however many rows there are.
        write_bin(&mut columns, &[&[0x80], &number.to_le_bytes()[..]].concat()).expect("in memory");
    }
    // The golden record has two bytes of length and four of checksum, each behind two of `bin` and one of packing.
    [&body[..body.len() - 5 - 7], &columns].concat()
}

/// Reads all that a record says; whether it was a record.
fn read_to_the_end(bytes: Vec<u8>) -> bool {
    let Some(view) = RecordView::open(bytes) else {
        return false;
    };
    for release in 0..view.release_count() {
        let _ = (view.release(release), view.metadata(release));
    }
    let rows = view.rows().expect("a record in memory is whole");
    let copy = RecordView::open(encode(view.validators(), &rows)).expect("a record");
    assert_eq!(copy.rows().expect("whole"), rows);
    let rewritten = MetadataUpdate::of(&view).write().expect("whole");
    assert!(RecordView::open(rewritten).is_some());
    true
}

fn flipped(bit: usize) -> Vec<u8> {
    let mut bytes = GOLDEN.to_vec();
    bytes[bit / 8] ^= 1 << (bit % 8);
    bytes
}

#[test]
fn each_flipped_bit_and_each_cut_is_a_miss() {
    for at in 0..GOLDEN.len() {
        assert!(RecordView::open(&GOLDEN[..at]).is_none(), "cut at {at}");
    }
    for bit in 0..GOLDEN.len() * 8 {
        assert!(RecordView::open(flipped(bit)).is_none(), "bit {bit}");
    }
}

#[test]
fn a_damaged_record_on_disk_is_a_miss_or_is_told_when_its_files_are_asked_for() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("record");
    let (mut misses, mut told) = (0, 0);
    for at in 0..GOLDEN.len() {
        std::fs::write(&path, &GOLDEN[..at]).expect("a record");
        assert!(RecordView::open_file(&path, &Arc::default()).is_none());
        std::fs::write(&path, flipped(at * 8 + at % 8)).expect("a record");
        let lost = Arc::default();
        match RecordView::open_file(&path, &lost) {
            None => misses += 1,
            Some(view) => {
                assert_eq!(view.rows(), None);
                assert!(lost.load(Ordering::Relaxed));
                told += 1;
            }
        }
    }
    assert!(misses > 0 && told > 0, "{misses} misses, {told} told");
}

#[test]
fn what_is_framed_again_is_the_same_record() {
    let (schema, [head, body, group]) = parts();
    let again = RecordView::open(framed(schema, [&head, &body, &group])).expect("a record");
    let golden = RecordView::open(GOLDEN).expect("a record");
    assert_eq!(again.rows(), golden.rows());
}

#[test]
fn each_changed_byte_with_right_checksums_is_a_miss_or_can_be_read() {
    let (schema, parts) = parts();
    let mut read = 0;
    for part in 0..parts.len() {
        for at in 0..parts[part].len() {
            for change in [1, 2, 8, 0x10, 0x80, 0xff] {
                let mut changed = parts.clone();
                changed[part][at] ^= change;
                let [head, body, group] = &changed;
                read += usize::from(read_to_the_end(framed(schema, [head, body, group])));
            }
        }
    }
    assert!(read > 0);
}

#[test]
fn each_cut_with_right_checksums_is_a_miss_or_can_be_read() {
    let (schema, [head, body, group]) = parts();
    for at in 0..group.len() {
        read_to_the_end(framed(schema, [&head, &body, &group[..at]]));
    }
    for at in 12..body.len() {
        read_to_the_end(framed(schema, [&head, &body[..at], &group]));
    }
    for at in 0..head.len() {
        assert!(!read_to_the_end(framed(
            schema,
            [&head[..at], &body, &group]
        )));
    }
}
