//! A server on loopback that answers as each test orders and remembers what it was asked.
#![allow(dead_code, reason = "each test file uses its own part of the server")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Cursor, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use locktool_core::cache::to_hex;
use locktool_core::index::{Client, ClientOptions, IndexLocation};
use locktool_core::name::PackageName;
use locktool_core::source::{Listing, PackageSource, Progress, ReleaseMetadata, SourceError};
use sha2::{Digest, Sha256};

pub struct Asked {
    pub path: String,
    pub headers: BTreeMap<String, String>,
}

impl Asked {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

#[derive(Clone)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Close the connection after so many bytes of the body; before any byte for `Some(0)` with status 0.
    pub cut: Option<usize>,
}

impl Reply {
    pub fn ok(kind: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status: 200,
            headers: Vec::new(),
            body: body.into(),
            cut: None,
        }
        .with("content-type", kind)
    }

    pub fn json(body: &str) -> Self {
        Self::ok("application/vnd.pypi.simple.v1+json", body)
    }

    pub fn html(body: &str) -> Self {
        Self::ok("text/html; charset=utf-8", body)
    }

    pub fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            cut: None,
        }
    }

    /// The connection is closed without an answer.
    pub fn hang_up() -> Self {
        Self {
            cut: Some(0),
            ..Self::status(0)
        }
    }

    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn cut_after(mut self, bytes: usize) -> Self {
        self.cut = Some(bytes);
        self
    }
}

type Handler = dyn Fn(&Asked) -> Reply + Send + Sync;

pub struct Server {
    pub url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    pub fn start(handler: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let handler: Arc<Handler> = Arc::new(handler);
        let record = asked.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (handler, record) = (handler.clone(), record.clone());
                thread::spawn(move || answer(stream, &*handler, &record));
            }
        });
        Self { url, asked }
    }

    /// Serves fixed answers; 404 for everything else.
    pub fn of(pages: impl IntoIterator<Item = (&'static str, Reply)>) -> Self {
        let pages: BTreeMap<&str, Reply> = pages.into_iter().collect();
        Self::start(move |asked| {
            pages
                .get(asked.path.as_str())
                .cloned()
                .unwrap_or_else(|| Reply::status(404))
        })
    }

    pub fn simple(&self) -> String {
        format!("{}/simple", self.url)
    }

    pub fn paths(&self) -> Vec<String> {
        self.each(|asked| asked.path.clone())
    }

    pub fn each<T>(&self, read: impl FnMut(&Asked) -> T) -> Vec<T> {
        self.asked
            .lock()
            .expect("no panic")
            .iter()
            .map(read)
            .collect()
    }

    /// Forgets what was asked so far.
    pub fn forget(&self) {
        self.asked.lock().expect("no panic").clear();
    }
}

fn answer(stream: TcpStream, handler: &Handler, record: &Mutex<Vec<Asked>>) {
    let mut reader = BufReader::new(stream);
    let Some(asked) = read_request(&mut reader) else {
        return;
    };
    let reply = handler(&asked);
    record.lock().expect("no panic").push(asked);
    let mut stream = reader.into_inner();
    if reply.status == 0 {
        return;
    }
    let mut head = Vec::new();
    let _ = write!(head, "HTTP/1.1 {} x\r\nconnection: close\r\n", reply.status);
    if reply.status != 304 {
        let _ = write!(head, "content-length: {}\r\n", reply.body.len());
    }
    for (name, value) in &reply.headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    head.extend_from_slice(b"\r\n");
    let end = reply.cut.unwrap_or(reply.body.len()).min(reply.body.len());
    let _ = stream.write_all(&head);
    let _ = stream.write_all(&reply.body[..end]);
}

fn read_request(reader: &mut BufReader<TcpStream>) -> Option<Asked> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim_end();
        if line.is_empty() {
            return Some(Asked { path, headers });
        }
        if let Some((name, value)) = line.split_once(':') {
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
    }
}

pub fn options(index: &str) -> ClientOptions {
    ClientOptions {
        indexes: vec![IndexLocation {
            url: index.to_owned(),
            ..IndexLocation::default()
        }],
        timeout: Duration::from_secs(5),
        ..ClientOptions::default()
    }
}

pub fn cached(index: &str, cache: &Path) -> ClientOptions {
    ClientOptions {
        cache_dir: Some(cache.to_owned()),
        ..options(index)
    }
}

pub fn client(options: ClientOptions) -> Client {
    Client::new(options, Arc::new(Progress::default())).expect("a client")
}

pub fn name(text: &str) -> PackageName {
    PackageName::parse(text).expect("a package name")
}

/// The listing of `a` in a run of its own.
pub fn listing(options: ClientOptions) -> Result<Arc<Listing>, SourceError> {
    client(options).listing(name("a"))
}

/// The metadata of the first release of `a` in a run of its own, and the run's warnings.
pub fn metadata(
    options: ClientOptions,
) -> (Result<Arc<ReleaseMetadata>, SourceError>, Vec<String>) {
    let client = client(options);
    let listing = match client.listing(name("a")) {
        Ok(listing) => listing,
        Err(error) => return (Err(error), client.take_warnings()),
    };
    (client.metadata(&listing, 0), client.take_warnings())
}

pub fn requirements(metadata: &Result<Arc<ReleaseMetadata>, SourceError>) -> Vec<String> {
    let metadata = metadata.as_ref().expect("metadata");
    metadata
        .requires_dist
        .iter()
        .map(ToString::to_string)
        .collect()
}

pub const METADATA: &str = "Metadata-Version: 2.1\nName: a\nVersion: 1.0\nRequires-Dist: b>=2\n\n";

/// A wheel of `a` 1.0 with METADATA and some other content.
pub fn wheel(metadata: &str, filler: usize) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    let mut random = fastrand::Rng::with_seed(1);
    let noise: Vec<u8> = std::iter::repeat_with(|| random.u8(..))
        .take(filler)
        .collect();
    for (name, content) in [
        ("a/__init__.py", &noise[..]),
        ("a-1.0.dist-info/METADATA", metadata.as_bytes()),
    ] {
        writer.start_file(name, options).expect("a member");
        writer.write_all(content).expect("its content");
    }
    writer.finish().expect("an archive").into_inner()
}

/// A `.tar.gz` of the given members.
pub fn sdist(members: &[(&str, &str)]) -> Vec<u8> {
    let gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut builder = tar::Builder::new(gzip);
    for (path, content) in members {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        builder
            .append_data(&mut header, path, content.as_bytes())
            .expect("a member");
    }
    builder
        .into_inner()
        .expect("a tar")
        .finish()
        .expect("compressed")
}

pub fn sha256(bytes: &[u8]) -> String {
    to_hex(&Sha256::digest(bytes))
}

/// Answers a request for a file, honouring a range.
pub fn ranged(asked: &Asked, file: &[u8]) -> Reply {
    let Some(range) = asked
        .header("range")
        .and_then(|range| range.strip_prefix("bytes="))
    else {
        return Reply::ok("application/zip", file);
    };
    if file.is_empty() {
        return Reply::status(416);
    }
    let (start, end) = range.split_once('-').expect("a range");
    let last = file.len() - 1;
    let (start, end) = match (start.parse::<usize>(), end.parse::<usize>()) {
        (Ok(start), Ok(end)) => (start, end.min(last)),
        (Ok(start), Err(_)) => (start, last),
        (Err(_), Ok(length)) => (file.len().saturating_sub(length), last),
        _ => return Reply::status(416),
    };
    let mut reply = Reply::ok("application/zip", &file[start..=end]);
    reply.status = 206;
    reply.with(
        "content-range",
        &format!("bytes {start}-{end}/{}", file.len()),
    )
}
