//! The cheapest way to the METADATA of a wheel on an index: a sidecar, else two or three ranges of the wheel, else the wheel as far as
//! needed (PEP 658, 714).

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::RANGE;
use sha2::{Digest, Sha256};
use url::Url;

use super::local::{MOST_RANGES, is_metadata, member_of_file};
use super::stream_reader::StreamReader;
use super::zip_ranges::{Extraction, FIRST_TAIL, LARGEST_MEMBER, Pieces, extract};
use super::zip_stream::{self, Streamed};
use crate::cache::to_hex;
use crate::index::transport::address::printable;
use crate::index::transport::download::Spool;
use crate::index::transport::error::{Failure, Problem, RequestError, expect_found, refused};
use crate::index::transport::file_problem::FileProblem;
use crate::index::transport::http::{
    Body, ContentRange, HttpResponse, Request, Transport, content_range,
};
use crate::index::transport::resume::{LARGEST_FILE, as_stored, open_whole};
use crate::index::warnings::Warnings;
use crate::metadata::Metadata;
use crate::name::PackageName;
use crate::source::{File, Sidecar, SourceError};

/// When no more than this of a whole wheel is left, it is read to its end, so that its hash can be checked.
const LITTLE: u64 = 256 << 10;

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
        Sidecar::Malformed(digest) => {
            warnings.add(format!(
                "{}.metadata is not taken: the index announces {digest}; read the wheel itself instead",
                printable(url)
            ));
            None
        }
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
    let response = match transport.get(&request).await {
        Ok(response) if response.status == StatusCode::OK => response,
        // Some stores answer "forbidden" for what they do not have.
        Ok(_) => return Ok(None),
        Err(error) if error.is_access_refused() => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    if let Sidecar::Present(Some((_, expected))) = &file.sidecar {
        let found = to_hex(&Sha256::digest(&response.body));
        if found != *expected {
            warnings.add(format!(
                "{} is not the file the index announces (SHA-256 {found}, announced {expected}); read the wheel \
                 itself instead",
                printable(&request.url)
            ));
            return Ok(None);
        }
    } else if Metadata::parse(&response.body).is_err() {
        if matches!(file.sidecar, Sidecar::Present(None)) {
            warnings.add(format!(
                "{} is no metadata, although the index announces it; read the wheel itself instead",
                printable(&request.url)
            ));
        }
        return Ok(None);
    }
    Ok(Some(response.body.to_vec()))
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
    let first = body.into_response(FIRST_TAIL * 2).await?;
    let Some(ContentRange {
        start: offset,
        total,
        ..
    }) = whole_range(&first)
    else {
        return Err(refused(url, FileProblem::UnknownRange).into());
    };
    let mut pieces = Pieces::new(total);
    pieces.add(offset, first.body);
    for _ in 0..MOST_RANGES {
        match extract(&pieces, &wanted) {
            Ok(Extraction::Member(text)) => return Ok(text),
            Ok(Extraction::Absent) => return Err(refused(url, FileProblem::NoMetadata).into()),
            Err(reason) => return Err(refused(url, FileProblem::Content(reason)).into()),
            Ok(Extraction::Needs(range)) => {
                let bytes = fetch_range(transport, url, range.clone()).await?;
                pieces.add(range.start, bytes);
            }
        }
    }
    Err(refused(url, FileProblem::EndlessDirectory).into())
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
        let error = RequestError::new(url, Problem::RangesEnded);
        return Err(Failure::Passing(error, None));
    }
    let response = body
        .into_response(length.saturating_mul(2).max(1024))
        .await?;
    match whole_range(&response) {
        Some(found) if found.start == range.start && response.body.len() as u64 >= length => {
            Ok(response.body)
        }
        _ => Err(refused(url, FileProblem::OtherRange).into()),
    }
}

/// The range of an answer whose body is as long as it says.
fn whole_range(response: &HttpResponse) -> Option<ContentRange> {
    let range = content_range(&response.headers)?;
    (range.end - range.start == response.body.len() as u64).then_some(range)
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
    let find = move |archive| zip_stream::find(archive, |name| is_metadata(name, package));
    let mut scanning = Some(StreamReader::start(find));
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
            Err(reason) => return Err(refused(url, FileProblem::Content(reason)).into()),
        }
    }
    let mut spooled = spool.finish(file.hash("sha256"))?;
    let found = member_of_file(&mut spooled, &|name| is_metadata(name, package))
        .map_err(|problem| refused(url, problem))?;
    found.ok_or_else(|| refused(url, FileProblem::NoMetadata).into())
}
