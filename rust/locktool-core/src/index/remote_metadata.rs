//! The cheapest way to a release's metadata: a sidecar, else two or three ranges of a wheel, else the wheel as far as needed; for an
//! sdist its static PKG-INFO or pyproject.toml (PEP 643, 658, 714).

use std::io::{Read, Seek, SeekFrom};
use std::sync::Arc;

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::RANGE;
use sha2::{Digest, Sha256};
use url::Url;

use super::archive::{Extraction, FIRST_TAIL, LARGEST_MEMBER, Pieces, extract};
use super::download::{Spool, download};
use super::http::unreachable;
use super::http::{
    Answer, Body, ContentRange, Failure, Request, Transport, content_range, expect_found,
    printable, refused,
};
use super::resume::{LARGEST_FILE, as_stored, open_whole};
use super::scanning::Scanning;
use super::sdist::{self, SdistTexts};
use super::streamed_archive::{self, Streamed};
use super::warnings::Warnings;
use crate::cache::to_hex;
use crate::metadata::Metadata;
use crate::name::PackageName;
use crate::project::ProjectMember;
use crate::source::{File, ReleaseMetadata, Sidecar, SourceError, has_extension};
use crate::version::Version;

/// Questions to an archive until it counts as one that asks for ever.
const MOST_RANGES: usize = 8;
/// When no more than this of a whole wheel is left, it is read to its end, so that its hash can be checked.
const LITTLE: u64 = 256 << 10;

/// What a distribution has to be about.
#[derive(Clone, Copy, Debug)]
pub struct Expected {
    pub package: PackageName,
    pub version: Option<Version>,
}

/// What an sdist or source tree says without a build.
#[derive(Debug)]
pub enum SourceAnswer {
    Static {
        version: Version,
        metadata: ReleaseMetadata,
    },
    NeedsBuilding(String),
}

/// The text of a wheel's METADATA.
pub async fn wheel_metadata(
    transport: &Transport,
    warnings: &Warnings,
    url: &Url,
    file: &File,
    package: PackageName,
) -> Result<Vec<u8>, SourceError> {
    let text = match &file.sidecar {
        Sidecar::Present(_) => sidecar(transport, warnings, url, file).await?,
        Sidecar::Absent => None,
        Sidecar::Unknown => unannounced_sidecar(transport, warnings, url, file).await?,
    };
    if let Some(text) = text {
        return Ok(text);
    }
    let mut tries = transport.tries();
    loop {
        match wheel_ranges(transport, url, file, package).await {
            Ok(text) => return Ok(text),
            Err(failure) => tries.after(failure).await?,
        }
    }
}

/// The sidecar of a file of which the index says nothing: once a host lacks one, no other is asked of it.
async fn unannounced_sidecar(
    transport: &Transport,
    warnings: &Warnings,
    url: &Url,
    file: &File,
) -> Result<Option<Vec<u8>>, SourceError> {
    let host = transport.hosts.of(url);
    let mut known = host.unannounced_sidecars.lock().await;
    if *known == Some(true) {
        drop(known);
        let text = sidecar(transport, warnings, url, file).await?;
        if text.is_none() {
            *host.unannounced_sidecars.lock().await = Some(false);
        }
        return Ok(text);
    }
    if *known == Some(false) {
        return Ok(None);
    }
    let text = sidecar(transport, warnings, url, file).await?;
    *known = Some(text.is_some());
    Ok(text)
}

/// The sidecar, if it is there, its hash is right, and it is no web page that stands for what is missing.
async fn sidecar(
    transport: &Transport,
    warnings: &Warnings,
    url: &Url,
    file: &File,
) -> Result<Option<Vec<u8>>, SourceError> {
    let mut address = url.clone();
    address.set_path(&format!("{}.metadata", url.path()));
    let request = Request {
        url: address,
        headers: Vec::new(),
        limit: LARGEST_MEMBER,
    };
    let answer = match transport.get(&request).await {
        Ok(answer) if answer.status == StatusCode::OK => answer,
        // Some stores answer "forbidden" for what they do not have.
        Ok(_) | Err(SourceError::Unauthorized { .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    if let Sidecar::Present(Some((_, expected))) = &file.sidecar {
        let found = to_hex(&Sha256::digest(&answer.body));
        if found != *expected {
            warnings.add(format!(
                "{} is not the file the index announces (SHA-256 {found}, announced {expected}); read the wheel \
                 itself instead",
                printable(&request.url)
            ));
            return Ok(None);
        }
    } else if Metadata::parse(&answer.body).is_err() {
        if matches!(file.sidecar, Sidecar::Present(None)) {
            warnings.add(format!(
                "{} is no metadata, although the index announces it; read the wheel itself instead",
                printable(&request.url)
            ));
        }
        return Ok(None);
    }
    Ok(Some(answer.body.to_vec()))
}

/// Reads METADATA by ranges; where the host gives the whole file instead, from that.
async fn wheel_ranges(
    transport: &Transport,
    url: &Url,
    file: &File,
    package: PackageName,
) -> Result<Vec<u8>, Failure> {
    let wanted = |name: &str| is_metadata(name, package);
    let host = transport.hosts.of(url);
    if !host.may_send_ranges() {
        let body = open_whole(transport, url).await?;
        return member_of_whole(body, url, file, package).await;
    }
    let tail = match file.size {
        Some(size) => format!(
            "bytes={}-{}",
            size.saturating_sub(FIRST_TAIL),
            size.max(1) - 1
        ),
        None => format!("bytes=-{FIRST_TAIL}"),
    };
    let body = match transport.open(&range_request(url, tail)).await {
        Ok(body) if body.status() == StatusCode::RANGE_NOT_SATISFIABLE => {
            open_whole(transport, url).await?
        }
        Ok(body) => body,
        // Some servers and firewalls refuse the range, with 403 or 501, and not the file.
        Err(failure) if failure.is_refusal() => open_whole(transport, url).await?,
        Err(failure) => return Err(failure),
    };
    expect_found(url, body.status())?;
    if body.status() != StatusCode::PARTIAL_CONTENT {
        host.refuse_ranges();
        return member_of_whole(body, url, file, package).await;
    }
    let first = body.into_answer(FIRST_TAIL * 2).await?;
    let Some(ContentRange {
        start: offset,
        total,
        ..
    }) = whole_range(&first)
    else {
        return Err(refused(url, "its Content-Range cannot be read"));
    };
    let mut pieces = Pieces::new(total);
    pieces.add(offset, first.body);
    for _ in 0..MOST_RANGES {
        match extract(&pieces, &wanted) {
            Ok(Extraction::Member(text)) => return Ok(text),
            Ok(Extraction::Absent) => return present(None, url),
            Err(reason) => return Err(refused(url, &reason)),
            Ok(Extraction::Needs(range)) => {
                let bytes = fetch_range(transport, url, range.clone()).await?;
                pieces.add(range.start, bytes);
            }
        }
    }
    Err(refused(url, "its directory leads nowhere"))
}

fn present(found: Option<Vec<u8>>, url: &Url) -> Result<Vec<u8>, Failure> {
    found.ok_or_else(|| refused(url, "it has no METADATA of its package"))
}

fn range_request(url: &Url, range: String) -> Request {
    let mut headers = as_stored();
    headers.push((RANGE, range));
    Request {
        url: url.clone(),
        headers,
        limit: LARGEST_FILE,
    }
}

async fn fetch_range(
    transport: &Transport,
    url: &Url,
    range: std::ops::Range<u64>,
) -> Result<Bytes, Failure> {
    let length = range.end - range.start;
    let request = range_request(
        url,
        format!("bytes={}-{}", range.start, range.end.max(1) - 1),
    );
    let body = transport.open(&request).await?;
    if body.status() != StatusCode::PARTIAL_CONTENT {
        transport.hosts.of(url).refuse_ranges();
        let reason = "the server stopped answering ranges";
        return Err(Failure::Passing(unreachable(url, reason), None));
    }
    let answer = body.into_answer(length.saturating_mul(2).max(1024)).await?;
    match whole_range(&answer) {
        Some(found) if found.start == range.start && answer.body.len() as u64 >= length => {
            Ok(answer.body)
        }
        _ => Err(refused(
            url,
            "the server answered another range than was asked",
        )),
    }
}

/// The range of an answer whose body is as long as it says.
fn whole_range(answer: &Answer) -> Option<ContentRange> {
    let range = content_range(&answer.headers)?;
    (range.end - range.start == answer.body.len() as u64).then_some(range)
}

/// Takes METADATA out of a whole wheel as it comes, and leaves the rest of a large one. Of a wheel that came to its end
/// the hash is checked.
async fn member_of_whole(
    mut body: Body<'_>,
    url: &Url,
    file: &File,
    package: PackageName,
) -> Result<Vec<u8>, Failure> {
    let mut spool = Spool::new(url)?;
    let find = move |archive| streamed_archive::find(archive, |name| is_metadata(name, package));
    let mut scanning = Some(Scanning::start(find));
    while let Some(bytes) = body.chunk().await? {
        spool.write(&bytes)?;
        let Some(reader) = scanning.take() else {
            continue;
        };
        if reader.read(bytes).await {
            scanning = Some(reader);
            continue;
        }
        match reader.finish().await? {
            Ok(Streamed::Member(text)) if body.remaining().is_none_or(|rest| rest > LITTLE) => {
                return Ok(text);
            }
            Ok(_) => {}
            Err(reason) => return Err(refused(url, &reason)),
        }
    }
    let mut spooled = spool.finish(file.hash("sha256"))?;
    let found = member_of_file(&mut spooled, &|name| is_metadata(name, package))
        .map_err(|reason| refused(url, &reason))?;
    present(found, url)
}

/// Takes a member out of a zip archive on disk.
pub fn member_of_file(
    file: &mut std::fs::File,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Option<Vec<u8>>, String> {
    let on_disk = |error: std::io::Error| error.to_string();
    let mut pieces = Pieces::new(file.seek(SeekFrom::End(0)).map_err(on_disk)?);
    for _ in 0..MOST_RANGES {
        match extract(&pieces, wanted)? {
            Extraction::Member(text) => return Ok(Some(text)),
            Extraction::Absent => return Ok(None),
            Extraction::Needs(range) => {
                file.seek(SeekFrom::Start(range.start)).map_err(on_disk)?;
                let mut bytes = Vec::new();
                file.take(range.end - range.start)
                    .read_to_end(&mut bytes)
                    .map_err(on_disk)?;
                pieces.add(range.start, bytes.into());
            }
        }
    }
    Err("its directory leads nowhere".to_owned())
}

/// `name-1.0.dist-info/METADATA` of the package.
pub fn is_metadata(member: &str, package: PackageName) -> bool {
    let directory = member
        .strip_suffix("/METADATA")
        .and_then(|rest| rest.strip_suffix(".dist-info"));
    let name = directory
        .filter(|rest| !rest.contains('/'))
        .and_then(|rest| rest.rsplit_once('-'));
    name.is_some_and(|(name, _)| PackageName::parse(name) == Ok(package))
}

/// Reads METADATA and checks that it is about what the file name says.
pub fn read_metadata(
    text: &[u8],
    expected: Expected,
) -> Result<(Version, ReleaseMetadata), String> {
    let (version, metadata) = read_metadata_of_tree(text, expected)?;
    Ok((version, metadata.without_credentials()))
}

/// Reads what the build of a directory says, as it says it.
pub fn read_metadata_of_tree(
    text: &[u8],
    expected: Expected,
) -> Result<(Version, ReleaseMetadata), String> {
    let metadata = Metadata::parse(text).map_err(|error| error.to_string())?;
    check_identity(&metadata, expected)?;
    Ok((metadata.version, release_metadata(metadata)))
}

fn check_identity(metadata: &Metadata, expected: Expected) -> Result<(), String> {
    if metadata.name != expected.package {
        return Err(format!("its metadata is that of {}", metadata.name));
    }
    match expected.version {
        // A local label added by whoever rebuilt the wheel is not a contradiction.
        Some(version) if metadata.version != version && metadata.version != version.public() => {
            Err(format!(
                "its metadata is that of version {}",
                metadata.version
            ))
        }
        _ => Ok(()),
    }
}

fn release_metadata(metadata: Metadata) -> ReleaseMetadata {
    ReleaseMetadata {
        requires_dist: metadata.requires_dist,
        requires_python: metadata.requires_python.map(Arc::new),
        provides_extras: metadata.provides_extra,
        build_requires: None,
    }
}

/// What an sdist on an index says without a build.
pub async fn sdist_metadata(
    transport: &Transport,
    url: &Url,
    expected: Expected,
) -> Result<SourceAnswer, SourceError> {
    let texts = if has_extension(url.path(), "zip") {
        let mut archive = download(transport, url, None).await?;
        zip_texts(&mut archive).map_err(|reason| SourceError::Unusable {
            reason: format!("{} cannot be read: {reason}", printable(url)),
        })?
    } else {
        sdist::fetch(transport, url, says_enough).await?
    };
    read_sdist(&texts, expected).map_err(|reason| SourceError::Unusable {
        reason: format!("{} cannot be used: {reason}", printable(url)),
    })
}

/// The describing files of a zip sdist.
pub fn zip_texts(file: &mut std::fs::File) -> Result<SdistTexts, String> {
    let mut member =
        |name: &'static str| member_of_file(file, &|path| sdist::top_level(path) == Some(name));
    Ok(SdistTexts {
        pkg_info: member("PKG-INFO")?,
        pyproject: member("pyproject.toml")?,
    })
}

/// A static PKG-INFO is all that is needed; otherwise both files are.
pub fn says_enough(texts: &SdistTexts) -> bool {
    let is_static =
        |text: &Vec<u8>| Metadata::parse(text).is_ok_and(|metadata| metadata.sdist_is_static());
    match &texts.pkg_info {
        Some(text) => texts.pyproject.is_some() || is_static(text),
        None => false,
    }
}

/// Reads the describing files of an sdist.
pub fn read_sdist(texts: &SdistTexts, expected: Expected) -> Result<SourceAnswer, String> {
    let pkg_info = texts.pkg_info.as_deref().map(Metadata::parse).transpose();
    let pkg_info = pkg_info.map_err(|error| error.to_string())?;
    let mut known_version = expected.version;
    if let Some(metadata) = pkg_info {
        check_identity(&metadata, expected)?;
        known_version = Some(metadata.version);
        if metadata.sdist_is_static() {
            let version = metadata.version;
            return Ok(SourceAnswer::Static {
                version,
                metadata: release_metadata(metadata).without_credentials(),
            });
        }
    }
    let Some(pyproject) = texts.pyproject.as_deref() else {
        return Ok(SourceAnswer::NeedsBuilding(
            "it has no static metadata".to_owned(),
        ));
    };
    match ProjectMember::stated(pyproject) {
        Ok(project) if project.name != Some(expected.package) => {
            let name = project
                .name
                .as_ref()
                .map_or("no project", PackageName::as_str);
            Err(format!("its pyproject.toml is that of {name}"))
        }
        Ok(project) => match project.version.or(known_version) {
            Some(version) => Ok(SourceAnswer::Static {
                version,
                metadata: project.release_metadata(),
            }),
            None => Ok(SourceAnswer::NeedsBuilding(
                "its version is computed by its build".to_owned(),
            )),
        },
        Err(reason) => Ok(SourceAnswer::NeedsBuilding(reason)),
    }
}
