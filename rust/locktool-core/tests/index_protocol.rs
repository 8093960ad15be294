//! The simple API as servers speak it: both forms of a page, redirects, compression, caching, several indexes.

mod index_server;

use std::io::Write;

use index_server::{Reply, Server, cached, client, listing, name, options};
use locktool_core::index::{ClientOptions, IndexLocation, RefreshPolicy};
use locktool_core::manifest::index_address;
use locktool_core::source::{PackageSource, Sidecar, SourceError};

const PAGE: &str = r#"{"meta": {"api-version": "1.1"}, "name": "a", "files": [
    {"filename": "a-1.0-py3-none-any.whl", "url": "/f/a-1.0-py3-none-any.whl", "hashes": {}, "size": 5,
     "requires-python": ">=3.8", "upload-time": "2024-01-02T03:04:05Z", "core-metadata": true},
    {"filename": "a-1.0.tar.gz", "url": "/f/a-1.0.tar.gz", "hashes": {}, "yanked": "bad",
     "upload-time": "2024-01-01T00:00:00Z"},
    {"filename": "a-0.9.tar.gz", "url": "/f/a-0.9.tar.gz", "hashes": {}, "yanked": true}]}"#;

#[test]
fn a_json_page_becomes_releases_in_order() {
    let server = Server::of([("/simple/a/", Reply::json(PAGE))]);
    let listing = listing(options(&server.simple())).expect("a listing");
    let versions: Vec<_> = listing
        .releases
        .iter()
        .map(|one| one.version.to_string())
        .collect();
    assert_eq!(versions, ["0.9", "1.0"]);
    assert_eq!(&*listing.index, server.simple());
    let (old, latest) = (&listing.releases[0], &listing.releases[1]);
    assert!(old.yanked && old.has_sdist && !old.has_wheel);
    assert!(!latest.yanked && latest.has_sdist && latest.has_wheel);
    assert_eq!(latest.upload_time, Some(1_704_067_200_000));
    assert_eq!(
        latest
            .requires_python
            .as_ref()
            .expect("a bound")
            .to_string(),
        ">=3.8"
    );
    let wheel = &listing.files(1)[0];
    assert_eq!(
        wheel.url,
        format!("{}/f/a-1.0-py3-none-any.whl", server.url)
    );
    assert_eq!(wheel.sidecar, Sidecar::Present(None));
    let accept = server.each(|asked| asked.header("accept").map(str::to_owned));
    assert!(
        accept[0]
            .as_ref()
            .is_some_and(|accept| accept.contains("v1+json"))
    );
}

#[test]
fn an_html_page_says_the_same() {
    let page = "<a href='/f/a-1.0-py3-none-any.whl' data-requires-python='&gt;=3.8' data-core-metadata=true>x</a>\
                <a href='/f/a-1.0.tar.gz' data-yanked='bad'>x</a><a href='/f/a-0.9.tar.gz' data-yanked>x</a>";
    let html = Server::of([("/simple/a/", Reply::html(page))]);
    let json = Server::of([("/simple/a/", Reply::json(PAGE))]);
    let (one, two) = (
        listing(options(&html.simple())),
        listing(options(&json.simple())),
    );
    let (one, two) = (one.expect("a listing"), two.expect("a listing"));
    for release in 0..2 {
        let names = |listing: &locktool_core::source::Listing| -> Vec<_> {
            let files = listing.files(release).iter();
            files
                .map(|file| {
                    (
                        file.filename.clone(),
                        file.yanked.clone(),
                        file.sidecar.clone(),
                    )
                })
                .collect()
        };
        assert_eq!(names(&one), names(&two));
    }
}

#[test]
fn a_gzip_page_is_read_and_a_broken_one_is_an_error() {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(PAGE.as_bytes()).expect("compressed");
    let packed = gzip.finish().expect("compressed");
    let reply = |body: &[u8]| {
        Reply::ok("application/vnd.pypi.simple.v1+json", body).with("content-encoding", "gzip")
    };
    let whole = Server::of([("/simple/a/", reply(&packed))]);
    assert_eq!(
        listing(options(&whole.simple()))
            .expect("a listing")
            .releases
            .len(),
        2
    );
    let half = Server::of([("/simple/a/", reply(&packed[..packed.len() / 2]))]);
    let fast = ClientOptions {
        retries: 0,
        ..options(&half.simple())
    };
    assert!(matches!(
        listing(fast),
        Err(SourceError::Unreachable { .. })
    ));
}

#[test]
fn a_fresh_page_is_not_asked_for_again() {
    let server = Server::of([(
        "/simple/a/",
        Reply::json(PAGE).with("cache-control", "max-age=60"),
    )]);
    let cache = tempfile::tempdir().expect("a directory");
    for _ in 0..2 {
        let listing = listing(cached(&server.simple(), cache.path())).expect("a listing");
        assert_eq!(listing.releases.len(), 2);
        assert_eq!(listing.files(1)[0].size, Some(5));
        assert_eq!(listing.files(1)[1].yanked.as_deref(), Some("bad"));
    }
    assert_eq!(server.paths().len(), 1);
    let refresh = ClientOptions {
        refresh: RefreshPolicy::All,
        ..cached(&server.simple(), cache.path())
    };
    listing(refresh).expect("a listing");
    assert_eq!(server.paths().len(), 2);
}

#[test]
fn a_stale_page_is_revalidated_and_304_keeps_it() {
    let server = Server::start(|asked| {
        let headers = |reply: Reply| {
            reply
                .with("etag", "\"one\"")
                .with("cache-control", "max-age=0")
        };
        if asked.header("if-none-match") == Some("\"one\"") {
            headers(Reply::status(304))
        } else {
            headers(Reply::json(PAGE))
        }
    });
    let cache = tempfile::tempdir().expect("a directory");
    for _ in 0..3 {
        let listing = listing(cached(&server.simple(), cache.path())).expect("a listing");
        assert_eq!(listing.releases.len(), 2);
    }
    let conditional = server.each(|asked| asked.header("if-none-match").is_some());
    assert_eq!(conditional, [false, true, true]);
}

#[test]
fn offline_takes_what_is_there_and_says_what_is_not() {
    let server = Server::of([(
        "/simple/a/",
        Reply::json(PAGE).with("cache-control", "max-age=0"),
    )]);
    let cache = tempfile::tempdir().expect("a directory");
    listing(cached(&server.simple(), cache.path())).expect("a listing");
    let client = client(ClientOptions {
        offline: true,
        ..cached(&server.simple(), cache.path())
    });
    assert_eq!(
        client.listing(name("a")).expect("a listing").releases.len(),
        2
    );
    let error = client.listing(name("b")).expect_err("not there");
    assert!(error.to_string().contains("--offline"), "{error}");
    assert_eq!(server.paths().len(), 1);
}

#[test]
fn the_first_index_that_has_a_package_serves_it() {
    let empty = Server::of([]);
    let full = Server::of([("/simple/a/", Reply::json(PAGE))]);
    let cache = tempfile::tempdir().expect("a directory");
    let both = || ClientOptions {
        indexes: [&empty, &full]
            .map(|server| IndexLocation {
                url: server.simple(),
                ..IndexLocation::default()
            })
            .to_vec(),
        ..cached("unused", cache.path())
    };
    for _ in 0..2 {
        assert_eq!(&*listing(both()).expect("a listing").index, full.simple());
    }
    assert_eq!((empty.paths().len(), full.paths().len()), (1, 1));
    let error = client(both()).listing(name("b")).expect_err("nowhere");
    assert!(matches!(&error, SourceError::NotFound { .. }), "{error}");
    assert!(error.to_string().contains(&full.simple()), "{error}");
}

#[test]
fn explicit_indexes_serve_what_is_assigned_to_them() {
    let special = Server::of([
        ("/simple/a/", Reply::json(PAGE)),
        ("/simple/b/", Reply::status(404)),
    ]);
    let location = IndexLocation {
        explicit: true,
        url: special.simple(),
        ..IndexLocation::default()
    };
    let mut options = ClientOptions {
        indexes: vec![location],
        ..options("unused")
    };
    assert!(matches!(
        listing(options.clone()),
        Err(SourceError::NotFound { .. })
    ));
    let address = index_address(&special.simple());
    options.assignments.insert(name("a"), address);
    assert_eq!(
        listing(options.clone()).expect("a listing").releases.len(),
        2
    );
    options.assignments.insert(name("a"), "missing".to_owned());
    assert!(
        listing(options)
            .expect_err("no such index")
            .to_string()
            .contains("missing")
    );
}

#[test]
fn redirects_keep_credentials_on_their_host() {
    let other = Server::of([("/simple/a/", Reply::json(PAGE))]);
    let target = format!("{}/simple/a/", other.url);
    let first = Server::start(move |_| Reply::status(302).with("location", &target));
    let with_password = first.simple().replace("http://", "http://ann:secret@");
    let listing = listing(options(&with_password)).expect("a listing");
    assert_eq!(&*listing.index, first.simple());
    assert!(first.each(|asked| asked.header("authorization").is_some())[0]);
    assert!(!other.each(|asked| asked.header("authorization").is_some())[0]);
}

#[test]
fn refused_access_says_so_without_the_password() {
    let server = Server::start(|_| Reply::status(401));
    let with_password = server.simple().replace("http://", "http://ann:secret@");
    let error = listing(options(&with_password)).expect_err("refused");
    assert!(matches!(&error, SourceError::Unauthorized { .. }));
    assert!(!format!("{error} {error:?}").contains("secret"));
}

#[test]
fn the_status_of_a_project_is_said_and_quarantine_has_no_files() {
    let page = |status: &str| {
        let status =
            format!(r#""project-status": {{"status": "{status}", "reason": "why"}}, "files""#);
        PAGE.replace(r#""files""#, &status)
    };
    for (status, releases) in [("archived", 2), ("quarantined", 0)] {
        let server = Server::of([("/simple/a/", Reply::json(&page(status)))]);
        let client = client(options(&server.simple()));
        assert_eq!(
            client.listing(name("a")).expect("a listing").releases.len(),
            releases
        );
        let warnings = client.take_warnings();
        assert!(
            warnings
                .iter()
                .any(|said| said.contains(status) && said.contains("why")),
            "{warnings:?}"
        );
    }
}

#[test]
fn find_links_stand_beside_the_index() {
    let server = Server::of([("/simple/a/", Reply::json(PAGE))]);
    let directory = tempfile::tempdir().expect("a directory");
    for file in ["a-2.0-py3-none-any.whl", "a-1.0.tar.gz", "other-1.0.tar.gz"] {
        std::fs::write(directory.path().join(file), "x").expect("a file");
    }
    let find_links = vec![directory.path().to_string_lossy().into_owned()];
    let listing = listing(ClientOptions {
        find_links,
        ..options(&server.simple())
    })
    .expect("a listing");
    let versions: Vec<_> = listing
        .releases
        .iter()
        .map(|one| one.version.to_string())
        .collect();
    assert_eq!(versions, ["0.9", "1.0", "2.0"]);
    assert!(
        listing
            .files(1)
            .iter()
            .all(|file| file.url.starts_with("http:"))
    );
    let local = &listing.files(2)[0];
    assert!(
        local.url.starts_with("file:") && local.hash("sha256").is_some() && local.size == Some(1)
    );
}
