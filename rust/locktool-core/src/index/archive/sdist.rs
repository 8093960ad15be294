//! What an sdist says without a build: its PKG-INFO (PEP 643) and pyproject.toml, read from the stream of the
//! archive, which stops as soon as they are known.

use std::fs::File;
use std::io::{self, BufReader, Read};

use url::Url;

use super::stream_reader::StreamReader;
use super::zip_ranges::LARGEST_MEMBER;
use crate::index::transport::download::{Spool, download};
use crate::index::transport::error::{RequestError, refused};
use crate::index::transport::file_problem::FileProblem;
use crate::index::transport::http::Transport;
use crate::index::transport::resume::{Piece, Resumable};
use crate::source::SourceError;

/// Sdists that inflate to more than this are not read to their end.
const LARGEST_SDIST: u64 = 2 << 30;

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

/// An sdist of which as much has arrived as was read of it.
pub struct Arriving<'t> {
    transport: &'t Transport,
    url: Url,
    source: Resumable<'t>,
    /// What has arrived; `None` where it could not be written.
    spool: Option<Spool>,
    is_whole: bool,
}

/// Streams an sdist until its texts are enough; a stream that breaks off goes on where it stopped. What has arrived is kept, so
/// that a build needs the rest alone.
pub async fn fetch<'t>(
    transport: &'t Transport,
    url: &Url,
    enough: Enough,
) -> Result<(SdistTexts, Arriving<'t>), SourceError> {
    let mut arriving = Arriving {
        transport,
        url: url.clone(),
        source: Resumable::new(transport, url),
        spool: Spool::new(url).ok(),
        is_whole: false,
    };
    let start = || StreamReader::start(move |archive| scan(archive, enough));
    let mut scanning = start();
    while let Some(piece) = arriving.next().await? {
        match piece {
            Piece::Bytes(bytes) => {
                if !scanning.read(bytes).await {
                    break;
                }
            }
            Piece::End => {}
            Piece::Restart => scanning = start(),
        }
    }
    let scanned = scanning.finish().await?;
    let texts = scanned.map_err(|reason| refused(url, FileProblem::Content(reason)))?;
    Ok((texts, arriving))
}

impl Arriving<'_> {
    /// The next piece, which is kept; `None` after the last one.
    async fn next(&mut self) -> Result<Option<Piece>, RequestError> {
        if self.is_whole {
            return Ok(None);
        }
        let piece = self.source.next().await?;
        match &piece {
            Piece::Bytes(bytes) => {
                let written = self.spool.as_mut().map(|spool| spool.write(bytes));
                if written.is_some_and(|written| written.is_err()) {
                    self.spool = None;
                }
            }
            Piece::Restart => self.spool = Spool::new(&self.url).ok(),
            Piece::End => self.is_whole = true,
        }
        Ok(Some(piece))
    }

    /// The whole file, once the rest of it is there, if its hash is the expected one.
    pub async fn whole(mut self, sha256: Option<&str>) -> Result<File, RequestError> {
        while self.spool.is_some() && self.next().await?.is_some() {}
        match self.spool {
            Some(spool) => spool.finish(sha256),
            None => download(self.transport, &self.url, sha256).await,
        }
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
