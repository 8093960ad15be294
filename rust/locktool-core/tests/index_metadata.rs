//! The ways to a release's metadata: sidecars, ranges, whole wheels, sdists, and what a run leaves for the next.

mod index_server;

use std::io::{Cursor, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use index_server::{
    METADATA, Reply, Server, cached, client, metadata, name, options, ranged, requirements, sdist,
    sha256, wheel,
};
use locktool_core::index::{BuildFailure, Built, Checkout, Client, ClientOptions, MetadataBuilder};
use locktool_core::source::{PackageSource, Progress, SourceError};

const WHEEL: &str = "/f/a-1.0-py3-none-any.whl";

/// A page that lists the one wheel, with more fields.
fn page(more: &str) -> String {
    format!(
        r#"{{"meta": {{"api-version": "1.1"}}, "name": "a", "files": [
            {{"filename": "a-1.0-py3-none-any.whl", "url": "{WHEEL}", "hashes": {{}} {more}}}]}}"#
    )
}

/// Serves the page, the wheel by ranges or not, and perhaps a sidecar.
fn serve(more: &str, wheel: Vec<u8>, ranges: bool, sidecar: Option<&'static str>) -> Server {
    let page = page(more);
    Server::start(move |asked| match asked.path.as_str() {
        "/simple/a/" => Reply::json(&page).with("cache-control", "max-age=60"),
        WHEEL if ranges => ranged(asked, &wheel),
        WHEEL => Reply::ok("application/zip", wheel.clone()),
        _ => sidecar.map_or(Reply::status(404), |text| Reply::ok("text/plain", text)),
    })
}

#[test]
fn a_sidecar_is_enough() {
    let announced = format!(
        r#", "core-metadata": {{"sha256": "{}"}}"#,
        sha256(METADATA.as_bytes())
    );
    let server = serve(&announced, Vec::new(), true, Some(METADATA));
    let (found, warnings) = metadata(options(&server.simple()));
    assert_eq!(requirements(&found), ["b>=2"]);
    assert_eq!(
        server.paths(),
        ["/simple/a/".to_owned(), format!("{WHEEL}.metadata")]
    );
    assert!(warnings.is_empty(), "{warnings:?}");
}

#[test]
fn a_sidecar_with_another_hash_is_named_and_the_wheel_is_read() {
    let announced = format!(r#", "core-metadata": {{"sha256": "{}"}}"#, "0".repeat(64));
    let lie = "Metadata-Version: 2.1\nName: a\nVersion: 1.0\nRequires-Dist: evil\n\n";
    let server = serve(&announced, wheel(METADATA, 100_000), true, Some(lie));
    let (found, warnings) = metadata(options(&server.simple()));
    assert_eq!(requirements(&found), ["b>=2"]);
    assert!(
        warnings[0].contains("a-1.0-py3-none-any.whl.metadata"),
        "{warnings:?}"
    );
}

#[test]
fn ranges_read_little_of_a_large_wheel() {
    let server = serve(
        r#", "core-metadata": false"#,
        wheel(METADATA, 500_000),
        true,
        None,
    );
    let progress = Arc::default();
    let client = Client::new(options(&server.simple()), Arc::clone(&progress));
    let client = client.expect("a client");
    let listing = client.listing(name("a")).expect("a listing");
    let found = client.metadata(&listing, 0);
    assert_eq!(requirements(&found), ["b>=2"]);
    assert_eq!(server.paths(), ["/simple/a/", WHEEL]);
    assert!(progress.bytes.load(Ordering::Relaxed) < 40_000);
}

#[test]
fn a_server_without_ranges_gives_the_wheel_and_is_remembered() {
    let bytes = wheel(METADATA, 50_000);
    let hashed = format!(
        r#", "core-metadata": false, "hashes": {{"sha256": "{}"}}"#,
        sha256(&bytes)
    );
    let server = serve(&hashed.replace(r#""hashes""#, r#""x""#), bytes, false, None);
    let (found, _) = metadata(options(&server.simple()));
    assert_eq!(requirements(&found), ["b>=2"]);
    assert_eq!(server.paths(), ["/simple/a/", WHEEL]);
}

#[test]
fn a_whole_wheel_with_another_hash_is_unusable() {
    let page = page("").replace(
        r#""hashes": {}"#,
        &format!(r#""hashes": {{"sha256": "{}"}}"#, "0".repeat(64)),
    );
    let bytes = wheel(METADATA, 10);
    let server = Server::start(move |asked| match asked.path.as_str() {
        "/simple/a/" => Reply::json(&page),
        WHEEL => Reply::ok("application/zip", bytes.clone()),
        _ => Reply::status(404),
    });
    let (found, _) = metadata(options(&server.simple()));
    let error = found.expect_err("unusable");
    assert!(
        matches!(&error, SourceError::Unusable { .. }) && error.to_string().contains("SHA-256"),
        "{error}"
    );
}

#[test]
fn wrong_archives_and_wrong_metadata_are_unusable() {
    let other = METADATA.replace("Name: a", "Name: z");
    for bytes in [
        b"not a zip".to_vec(),
        Vec::new(),
        wheel(&other, 10),
        wheel("", 10),
    ] {
        let server = serve(r#", "core-metadata": false"#, bytes, true, None);
        let (found, _) = metadata(options(&server.simple()));
        assert!(
            matches!(found, Err(SourceError::Unusable { .. })),
            "{found:?}"
        );
    }
}

#[test]
fn what_was_learned_is_there_in_the_next_run() {
    let server = serve("", Vec::new(), true, Some(METADATA));
    let cache = tempfile::tempdir().expect("a directory");
    for _ in 0..2 {
        let (found, _) = metadata(cached(&server.simple(), cache.path()));
        assert_eq!(requirements(&found), ["b>=2"]);
    }
    assert_eq!(server.paths().len(), 2);
    let offline = ClientOptions {
        offline: true,
        ..cached(&server.simple(), cache.path())
    };
    assert_eq!(requirements(&metadata(offline).0), ["b>=2"]);
}

/// Serves one sdist.
fn serve_sdist(bytes: Vec<u8>) -> Server {
    Server::start(move |asked| match asked.path.as_str() {
        "/simple/a/" => {
            Reply::html("<title>Links for a</title><a href='a-1.0.tar.gz'>a-1.0.tar.gz</a>")
                .with("cache-control", "max-age=60")
        }
        "/simple/a/a-1.0.tar.gz" => Reply::ok("application/gzip", bytes.clone()),
        _ => Reply::status(404),
    })
}

#[test]
fn a_static_sdist_needs_no_build() {
    let info = METADATA.replace("2.1", "2.2");
    let server = serve_sdist(sdist(&[("a-1.0/PKG-INFO", &info)]));
    assert_eq!(
        requirements(&metadata(options(&server.simple())).0),
        ["b>=2"]
    );
    let project = "[project]\nname = 'a'\nversion = '1.0'\ndependencies = ['c']\n";
    let server = serve_sdist(sdist(&[
        ("a-1.0/PKG-INFO", METADATA),
        ("a-1.0/pyproject.toml", project),
    ]));
    assert_eq!(requirements(&metadata(options(&server.simple())).0), ["c"]);
}

struct Builder;

impl MetadataBuilder for Builder {
    fn build(&self, path: &Path) -> Result<Built, BuildFailure> {
        assert!(path.ends_with("a-1.0.tar.gz") && path.exists());
        Ok(Built {
            metadata: METADATA.to_owned(),
            build_requires: Some(vec!["c".to_owned()]),
        })
    }

    fn check_out(&self, _: locktool_core::name::PackageName, _: &str) -> Result<Checkout, String> {
        unreachable!("no repository is required")
    }
}

#[test]
fn a_dynamic_sdist_is_built_or_said_to_need_it() {
    let server = serve_sdist(sdist(&[
        ("a-1.0/PKG-INFO", METADATA),
        ("a-1.0/setup.py", ""),
    ]));
    let cache = tempfile::tempdir().expect("a directory");
    for _ in 0..2 {
        let (found, _) = metadata(cached(&server.simple(), cache.path()));
        let error = found.expect_err("needs building").to_string();
        assert!(error.contains("needs building"), "{error}");
    }
    assert_eq!(server.paths().len(), 2, "what needs building is remembered");
    let building = || ClientOptions {
        builder: Some(Arc::new(Builder)),
        ..cached(&server.simple(), cache.path())
    };
    for _ in 0..2 {
        let built = metadata(building()).0;
        assert_eq!(requirements(&built), ["b>=2"]);
        let built = built.expect("what the build said");
        assert_eq!(built.build_requires, Some(vec!["c".to_owned()]));
    }
    assert_eq!(server.paths().len(), 3, "what was built is remembered");
}

#[test]
fn direct_archives_are_hashed_and_checked() {
    let bytes = wheel(METADATA, 10);
    let digest = sha256(&bytes);
    let server = serve("", bytes, true, None);
    let url = format!("{}{WHEEL}", server.url);
    let client = client(options(&server.simple()));
    let listing = client
        .direct(name("a"), &format!("{url}#sha256={digest}"))
        .expect("a listing");
    assert_eq!(listing.releases[0].version.to_string(), "1.0");
    let file = &listing.files(0)[0];
    assert_eq!(
        (file.url.as_str(), file.hash("sha256")),
        (url.as_str(), Some(digest.as_str()))
    );
    assert_eq!(requirements(&client.metadata(&listing, 0)), ["b>=2"]);
    let wrong = format!("{url}#sha256={}", "0".repeat(64));
    assert!(
        client
            .direct(name("a"), &wrong)
            .expect_err("another file")
            .to_string()
            .contains("SHA-256")
    );
    let git = client.direct(name("a"), "git+https://h.example.invalid/a.git");
    assert!(git.expect_err("not supported").to_string().contains("git"));
}

#[test]
fn a_direct_archive_is_fetched_once() {
    let bytes = wheel(METADATA, 10);
    let digest = sha256(&bytes);
    let server = serve("", bytes, true, None);
    let cache = tempfile::tempdir().expect("a directory");
    let urls = [
        format!("{}{WHEEL}#sha256={digest}", server.url),
        format!("{}{WHEEL}", server.url),
    ];
    for url in [&urls[0], &urls[0], &urls[1]] {
        let client = client(cached(&server.simple(), cache.path()));
        let listing = client.direct(name("a"), url).expect("a listing");
        assert_eq!(listing.files(0)[0].hash("sha256"), Some(digest.as_str()));
        assert_eq!(requirements(&client.metadata(&listing, 0)), ["b>=2"]);
    }
    assert_eq!(server.paths().len(), 1);
}

#[test]
fn direct_directories_speak_through_their_project_table() {
    let directory = tempfile::tempdir().expect("a directory");
    let project = directory.path().join("lib");
    std::fs::create_dir(&project).expect("a directory");
    let table = "[project]\nname = 'a'\nversion = '3'\ndependencies = ['c']\n";
    std::fs::write(project.join("pyproject.toml"), table).expect("a file");
    let options = ClientOptions {
        project_dir: directory.path().to_owned(),
        ..options("unused")
    };
    let client = client(options);
    let listing = client.direct(name("a"), "./lib").expect("a listing");
    assert_eq!(listing.releases[0].version.to_string(), "3");
    assert_eq!(requirements(&client.metadata(&listing, 0)), ["c"]);
    assert!(client.direct(name("b"), "./lib").is_err());
    assert!(client.direct(name("a"), "./nowhere").is_err());
}

#[test]
fn without_ranges_a_wheel_is_left_when_its_metadata_is_whole() {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let plain =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let filler = vec![7; 20 << 20];
    for (member, content) in [
        ("a-1.0.dist-info/METADATA", METADATA.as_bytes()),
        ("a/data.bin", &filler[..]),
    ] {
        writer.start_file(member, plain).expect("a member");
        writer.write_all(content).expect("its content");
    }
    let wheel = writer.finish().expect("an archive").into_inner();
    let total = wheel.len() as u64;
    let server = serve(r#", "core-metadata": false"#, wheel, false, None);
    let progress = Arc::new(Progress::default());
    let client = Client::new(options(&server.simple()), progress.clone()).expect("a client");
    let listing = client.listing(name("a")).expect("a listing");
    assert_eq!(requirements(&client.metadata(&listing, 0)), ["b>=2"]);
    let received = progress.bytes.load(Ordering::Relaxed);
    assert!(received < total / 2, "{received} of {total}");
}
