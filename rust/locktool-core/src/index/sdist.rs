//! What an sdist says without a build: its PKG-INFO (PEP 643) and pyproject.toml, read from the stream of the
//! archive, which stops as soon as they are known.

use std::io::{self, BufReader, Read};

use bytes::Bytes;
use tokio::sync::mpsc;

use super::archive::LARGEST_MEMBER;
use super::http::{Failure, Request, Transport};
use crate::source::SourceError;

/// Sdists that inflate to more than this are not read to their end.
const LARGEST_SDIST: u64 = 2 << 30;
/// Pieces of a download that wait to be unpacked.
const WAITING_PIECES: usize = 16;

/// The files of an sdist that describe it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SdistTexts {
    pub pkg_info: Option<Vec<u8>>,
    pub pyproject: Option<Vec<u8>>,
}

/// Decides, from what is known so far, whether the rest of the archive can be left.
pub type Enough = fn(&SdistTexts) -> bool;

/// Reads the describing files of a `.tar.gz` (or of a plain tar that a server unpacked on the way).
pub fn scan(archive: impl Read, enough: Enough) -> Result<SdistTexts, String> {
    let mut buffered = BufReader::with_capacity(64 << 10, archive);
    let is_gzip = io::BufRead::fill_buf(&mut buffered)
        .map_err(|error| broken(&error))?
        .starts_with(&[0x1f, 0x8b]);
    if is_gzip {
        scan_tar(flate2::bufread::MultiGzDecoder::new(buffered), enough)
    } else {
        scan_tar(buffered, enough)
    }
}

fn scan_tar(tar: impl Read, enough: Enough) -> Result<SdistTexts, String> {
    let mut archive = tar::Archive::new(tar.take(LARGEST_SDIST));
    let mut texts = SdistTexts::default();
    for entry in archive.entries().map_err(|error| broken(&error))? {
        let mut entry = entry.map_err(|error| broken(&error))?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let Some(place) = texts.place(&path) else {
            continue;
        };
        if entry.size() > LARGEST_MEMBER {
            return Err(format!("its {path} is larger than 16 MiB"));
        }
        let mut content = Vec::new();
        entry
            .read_to_end(&mut content)
            .map_err(|error| broken(&error))?;
        *place = Some(content);
        if enough(&texts) {
            break;
        }
    }
    Ok(texts)
}

fn broken(error: &io::Error) -> String {
    format!("it is not a whole .tar.gz archive ({error})")
}

impl SdistTexts {
    /// Where the content of a member belongs: only those directly in the top directory count.
    fn place(&mut self, path: &str) -> Option<&mut Option<Vec<u8>>> {
        match top_level(path)? {
            "PKG-INFO" => Some(&mut self.pkg_info),
            "pyproject.toml" => Some(&mut self.pyproject),
            _ => None,
        }
    }
}

/// The name of a member that stands directly in the one top directory.
pub fn top_level(path: &str) -> Option<&str> {
    let path = path.strip_prefix("./").unwrap_or(path);
    let (_, name) = path.split_once('/')?;
    (!name.contains('/')).then_some(name)
}

/// Streams an sdist until its texts are enough.
pub async fn fetch(
    transport: &Transport,
    request: &Request,
    enough: Enough,
) -> Result<SdistTexts, SourceError> {
    let mut tries = transport.tries();
    loop {
        match fetch_once(transport, request, enough).await {
            Ok(texts) => return Ok(texts),
            Err(failure) => tries.after(failure).await?,
        }
    }
}

async fn fetch_once(
    transport: &Transport,
    request: &Request,
    enough: Enough,
) -> Result<SdistTexts, Failure> {
    let mut body = transport.open(request).await?;
    super::http::expect_found(&request.url, body.status())?;
    let (sender, receiver) = mpsc::channel(WAITING_PIECES);
    let reader = PieceReader {
        receiver,
        current: Bytes::new(),
    };
    let scanning = tokio::task::spawn_blocking(move || scan(reader, enough));
    let mut outcome = Ok(());
    loop {
        match body.chunk().await {
            // The reader has hung up: it has what it wants, or knows that it will not get it.
            Ok(Some(chunk)) => {
                if sender.send(chunk).await.is_err() {
                    break;
                }
            }
            Ok(None) => break,
            Err(failure) => {
                outcome = Err(failure);
                break;
            }
        }
    }
    drop(sender);
    let scanned = scanning.await.map_err(|_| SourceError::Cancelled)?;
    outcome?;
    scanned.map_err(|reason| {
        Failure::Final(SourceError::Unusable {
            reason: format!(
                "{} cannot be read: {reason}",
                super::http::printable(&request.url)
            ),
        })
    })
}

/// The pieces of a download as a reader, for the thread that unpacks them.
struct PieceReader {
    receiver: mpsc::Receiver<Bytes>,
    current: Bytes,
}

impl Read for PieceReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() {
            match self.receiver.blocking_recv() {
                Some(piece) => self.current = piece,
                None => return Ok(0),
            }
        }
        let length = self.current.len().min(buffer.len());
        buffer[..length].copy_from_slice(&self.current.split_to(length));
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn sdist(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut builder = tar::Builder::new(Vec::new());
        for (path, content) in members {
            let mut header = tar::Header::new_gnu();
            header.set_size(content.len() as u64);
            header.set_mode(0o644);
            header.set_cksum();
            builder
                .append_data(&mut header, path, *content)
                .expect("a member");
        }
        let tar = builder.into_inner().expect("an archive");
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(&tar).expect("compressed");
        gzip.finish().expect("compressed")
    }

    #[test]
    fn only_members_of_the_top_directory_count() {
        let bytes = sdist(&[
            ("a-1/sub/PKG-INFO", b"no"),
            ("a-1/PKG-INFO", b"yes"),
            ("PKG-INFO", b"no"),
            ("a-1/pyproject.toml", b"toml"),
        ]);
        let texts = scan(&bytes[..], |_| false).expect("an archive");
        assert_eq!(texts.pkg_info.as_deref(), Some(&b"yes"[..]));
        assert_eq!(texts.pyproject.as_deref(), Some(&b"toml"[..]));
    }

    #[test]
    fn reading_stops_when_there_is_enough() {
        let mut bytes = sdist(&[("a-1/PKG-INFO", b"yes")]);
        let texts = scan(&bytes[..], |texts| texts.pkg_info.is_some()).expect("an archive");
        assert!(texts.pkg_info.is_some());
        let half = bytes.len() / 2;
        bytes.truncate(half);
        assert!(scan(&bytes[..], |_| false).is_err());
    }

    #[test]
    fn a_tar_that_a_server_unpacked_is_read() {
        let mut plain = Vec::new();
        let bytes = sdist(&[("a-1/PKG-INFO", b"yes")]);
        flate2::read::GzDecoder::new(&bytes[..])
            .read_to_end(&mut plain)
            .expect("a tar");
        let texts = scan(&plain[..], |_| false).expect("an archive");
        assert_eq!(texts.pkg_info.as_deref(), Some(&b"yes"[..]));
    }
}
