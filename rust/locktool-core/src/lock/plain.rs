//! Decodes a lock in the layout of locks, in which nothing is wrong: nearly every one. The text is cut before entries into parts
//! that are TOML alone and together say what the whole says, so that two threads share them, and what one part takes of memory
//! serves the next.

use std::thread;

use super::unwritten::decode_with_unknown_keys;
use super::{LockedDocument, LockedPackage};
use crate::document::toml::PlainDocument;
use crate::manifest::{ManifestRecord, SCHEMA};

/// Bytes of a part: its values fit into the cache of a core. A lock of 1 MB is read in 0.6 of the time that parts of its own size
/// take.
const PART: usize = 1 << 15;

/// What begins an entry. In plain TOML such a line is nothing else: strings have one line, and no array holds a bare word.
const ENTRY: &str = "\n[[packages]]\n";

/// Decodes a lock; `None` where it is not plain, or something in it is to be named.
pub(super) fn decode_plain(content: &[u8]) -> Option<LockedDocument> {
    let text = str::from_utf8(content).ok()?;
    let document = decode_parts(&parts(text, PART)).or_else(|| decode_whole(text))?;
    let is_known = |inputs: &ManifestRecord| inputs.schema <= SCHEMA;
    document.inputs().is_none_or(is_known).then_some(document)
}

fn decode_whole(text: &str) -> Option<LockedDocument> {
    decode_with_unknown_keys(PlainDocument::parse(text)?.values()).ok()
}

/// Cuts a text before entries, into parts of at least `size` bytes. All but the first consist of entries alone, if they are plain.
fn parts(text: &str, size: usize) -> Vec<&str> {
    let mut parts = Vec::with_capacity(text.len() / size + 1);
    let mut rest = text;
    while let Some(enough) = rest.as_bytes().get(size..) {
        let Some(found) = memchr::memmem::find(enough, ENTRY.as_bytes()) else {
            break;
        };
        let (part, others) = rest.split_at(size + found + 1);
        parts.push(part);
        rest = others;
    }
    parts.push(rest);
    parts
}

/// Decodes the parts of a lock, the later half of them on another thread; `None` also where a key is unknown, whose place in the
/// whole a part does not know.
fn decode_parts(parts: &[&str]) -> Option<LockedDocument> {
    let (near, far) = parts.split_at(parts.len().div_ceil(2));
    let (head, near) = near.split_first()?;
    thread::scope(|scope| {
        let far = (!far.is_empty())
            .then(|| thread::Builder::new().spawn_scoped(scope, || decode_entries(far)));
        let mut document = decode_whole(head).filter(LockedDocument::is_as_written)?;
        document.packages.extend(decode_entries(near)?);
        if let Some(far) = far {
            document.packages.extend(far.ok()?.join().ok()??);
        }
        Some(document)
    })
}

/// Decodes parts that consist of entries alone.
fn decode_entries(parts: &[&str]) -> Option<Vec<LockedPackage>> {
    let mut entries = Vec::new();
    let mut values = None;
    for part in parts {
        let read = PlainDocument::read_after(values, part)?;
        let mut document = decode_with_unknown_keys(read.values()).ok()?;
        entries.append(&mut document.packages);
        if document != LockedDocument::default() {
            return None;
        }
        values = Some(read);
    }
    Some(entries)
}

#[cfg(test)]
mod tests {
    use super::{decode_parts, decode_whole, parts};

    const HEAD: &str =
        "lock-version = '1.0'\ncreated-by = 'x'\n[tool.locktool]\nschema = 1\n\n[tool.other]\n";
    const ENTRIES: [&str; 4] = [
        "[[packages]]\nname = 'a'\nversion = '1'\nwheels = [\n  { url = 'https://x/a.whl', hashes = { sha256 = '0' } },\n]\n",
        "[packages.tool.locktool]\ndigest = '1'\nrequires = ['b']\n\n",
        "[[packages]]\nname = 'b'\nversion = '2' # here\n",
        "[[packages]]\nname = 'c'\nmarker = \"os_name == 'nt'\"\n",
    ];

    #[test]
    fn parts_say_what_the_whole_says() {
        let text = [HEAD, &ENTRIES.concat()].concat();
        for size in 1..=text.len() {
            let parts = parts(&text, size);
            assert_eq!(parts.concat(), text);
            let document = decode_parts(&parts).expect("plain parts");
            assert_eq!(Some(document), decode_whole(&text), "{size}");
        }
    }

    #[test]
    fn what_a_part_cannot_know_is_left_to_the_whole() {
        let odd = [
            // A table that is opened twice, and one that only the head may have.
            "[tool.locktool]\nschema = 1\n",
            "[tool.mine]\nx = 1\n",
            "[extras]\nx = 1\n",
            // Unknown keys have a place in the whole.
            "[[packages]]\nname = 'd'\nunknown = 1\n",
            "[[packages]]\nname = 'd'\narchive = { name = 'd.zip', url = 'u', hashes = {} }\n",
            "[other]\nx = 1\n",
        ];
        for odd in odd {
            let text = [HEAD, &ENTRIES.concat(), odd, ENTRIES[2]].concat();
            let parts = parts(&text, 1);
            assert!(parts.len() > 3);
            assert_eq!(decode_parts(&parts), None, "{odd}");
        }
    }
}
