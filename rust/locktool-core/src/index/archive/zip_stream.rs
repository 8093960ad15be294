//! One member out of a zip archive that arrives from its start, for servers without ranges: by the local headers, which
//! come before the directory (APPNOTE.TXT, 4.3.7 and 4.3.9).

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::DeflateDecoder;

use super::zip_ranges::{LARGEST_MEMBER, extra_field, u16_at, u32_at, u64_at};

const LOCAL_HEADER: [u8; 4] = *b"PK\x03\x04";
const DESCRIPTOR: [u8; 4] = *b"PK\x07\x08";

/// What the stream says.
#[derive(Debug, PartialEq, Eq)]
pub enum Streamed {
    Member(Vec<u8>),
    /// Only the directory at the end of the archive can say.
    Unclear,
}

struct Header {
    name: String,
    method: u16,
    crc: u32,
    compressed: u64,
    size: u64,
    /// Checksum and sizes stand behind the data.
    described: bool,
    encrypted: bool,
}

/// Reads up to the end of the member whose name `wanted` accepts; the error says what is wrong with that member.
pub fn find(archive: impl Read, wanted: impl Fn(&str) -> bool) -> Result<Streamed, String> {
    let mut archive = BufReader::with_capacity(64 << 10, archive);
    loop {
        // Whatever breaks off or cannot be told is left to the directory.
        let Ok(Some(header)) = read_header(&mut archive) else {
            return Ok(Streamed::Unclear);
        };
        if wanted(&header.name) {
            return read_member(&mut archive, &header);
        }
        if skip(&mut archive, &header).is_err() {
            return Ok(Streamed::Unclear);
        }
    }
}

/// The next local header; `None` where something else follows.
fn read_header(archive: &mut impl BufRead) -> io::Result<Option<Header>> {
    let mut fixed = [0; 30];
    archive.read_exact(&mut fixed[..4])?;
    if fixed[..4] != LOCAL_HEADER {
        return Ok(None);
    }
    archive.read_exact(&mut fixed[4..])?;
    let mut name = vec![0; usize::from(u16_at(&fixed, 26))];
    archive.read_exact(&mut name)?;
    let mut extra = vec![0; usize::from(u16_at(&fixed, 28))];
    archive.read_exact(&mut extra)?;
    let flags = u16_at(&fixed, 6);
    let mut header = Header {
        name: String::from_utf8_lossy(&name).into_owned(),
        method: u16_at(&fixed, 8),
        crc: u32_at(&fixed, 14),
        compressed: u64::from(u32_at(&fixed, 18)),
        size: u64::from(u32_at(&fixed, 22)),
        described: flags & 8 != 0,
        encrypted: flags & 1 != 0,
    };
    let mut wide = extra_field(&extra, 1).unwrap_or_default();
    for field in [&mut header.size, &mut header.compressed] {
        if *field == u64::from(u32::MAX)
            && let Some(value) = wide.get(..8)
        {
            *field = u64_at(value, 0);
            wide = &wide[8..];
        }
    }
    Ok(Some(header))
}

fn unclear() -> io::Error {
    io::Error::from(io::ErrorKind::InvalidData)
}

fn skip(archive: &mut impl BufRead, header: &Header) -> io::Result<()> {
    if !header.described {
        let skipped = io::copy(&mut archive.take(header.compressed), &mut io::sink())?;
        return if skipped == header.compressed {
            Ok(())
        } else {
            Err(unclear())
        };
    }
    if header.method != 8 || header.encrypted {
        return Err(unclear());
    }
    let mut decoder = DeflateDecoder::new(&mut *archive);
    io::copy(&mut decoder, &mut io::sink())?;
    let (compressed, size) = (decoder.total_in(), decoder.total_out());
    read_descriptor(archive, compressed, size).map(drop)
}

/// The checksum behind the data, whose sizes are four or eight bytes wide.
fn read_descriptor(archive: &mut impl BufRead, compressed: u64, size: u64) -> io::Result<u32> {
    let mut word = [0; 4];
    archive.read_exact(&mut word)?;
    if word == DESCRIPTOR {
        archive.read_exact(&mut word)?;
    }
    let mut sizes = [0; 16];
    archive.read_exact(&mut sizes[..8])?;
    let narrow = (u64::from(u32_at(&sizes, 0)), u64::from(u32_at(&sizes, 4)));
    if narrow != (compressed, size) {
        archive.read_exact(&mut sizes[8..])?;
        if (u64_at(&sizes, 0), u64_at(&sizes, 8)) != (compressed, size) {
            return Err(unclear());
        }
    }
    Ok(u32::from_le_bytes(word))
}

fn read_member(archive: &mut impl BufRead, header: &Header) -> Result<Streamed, String> {
    let mut text = Vec::new();
    let read = match header.method {
        _ if header.encrypted => return Ok(Streamed::Unclear),
        0 if !header.described => archive
            .take(header.compressed.min(LARGEST_MEMBER + 1))
            .read_to_end(&mut text)
            .map(|_| header.compressed),
        8 => {
            let mut decoder = DeflateDecoder::new(&mut *archive);
            let inflated = decoder
                .by_ref()
                .take(LARGEST_MEMBER + 1)
                .read_to_end(&mut text);
            inflated.map(|_| decoder.total_in())
        }
        _ => return Ok(Streamed::Unclear),
    };
    if text.len() as u64 > LARGEST_MEMBER {
        return Err("its metadata is larger than 16 MiB".to_owned());
    }
    let Ok(compressed) = read else {
        return Ok(Streamed::Unclear);
    };
    let size = text.len() as u64;
    let expected = if header.described {
        read_descriptor(archive, compressed, size).ok()
    } else {
        (size == header.size).then_some(header.crc)
    };
    let mut crc = flate2::Crc::new();
    crc.update(&text);
    if expected == Some(crc.sum()) {
        Ok(Streamed::Member(text))
    } else {
        Ok(Streamed::Unclear)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::write::SimpleFileOptions;

    use super::super::zip_ranges::tests::archive;
    use super::*;

    /// As a program writes that cannot go back to its headers.
    fn described(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new_stream(Vec::new());
        for (name, content) in members {
            let options = SimpleFileOptions::default();
            writer.start_file(*name, options).expect("a member");
            writer.write_all(content).expect("its content");
        }
        writer.finish().expect("an archive").into_inner()
    }

    fn metadata(name: &str) -> bool {
        name == "a-1.dist-info/METADATA"
    }

    const MEMBERS: [(&str, &[u8]); 3] = [
        ("a/b.py", b"PK\x03\x04 and more of it"),
        ("a-1.dist-info/METADATA", b"Name: a\n"),
        ("a/c.py", b"later"),
    ];

    #[test]
    fn a_member_is_found_in_any_layout_and_nothing_behind_it_is_read() {
        for bytes in [
            archive(&MEMBERS, false),
            archive(&MEMBERS, true),
            described(&MEMBERS),
        ] {
            let end = bytes.len() - 150;
            let found = find(&bytes[..end], metadata);
            assert_eq!(found, Ok(Streamed::Member(b"Name: a\n".to_vec())));
        }
    }

    #[test]
    fn an_archive_cut_or_flipped_anywhere_ends_in_the_member_or_unclear() {
        for bytes in [archive(&MEMBERS, false), described(&MEMBERS)] {
            for cut in 0..bytes.len() {
                assert!(find(&bytes[..cut], metadata).is_ok(), "cut at {cut}");
                let mut flipped = bytes.clone();
                flipped[cut] ^= 0x10;
                if let Ok(Streamed::Member(member)) = find(&flipped[..], metadata) {
                    assert_eq!(member, b"Name: a\n", "flipped at {cut}");
                }
            }
        }
    }

    #[test]
    fn a_bomb_is_refused_before_it_is_whole() {
        let length = usize::try_from(LARGEST_MEMBER + 1).expect("it fits");
        let bytes = described(&[("a-1.dist-info/METADATA", &vec![0; length])]);
        assert!(
            find(&bytes[..], metadata)
                .expect_err("refused")
                .contains("16 MiB")
        );
    }
}
