//! Servers that fail, lie or break off: the right answer after retries, or one clear sentence.

mod index_server;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use index_server::{
    METADATA, Reply, Server, cached, client, listing, metadata, name, options, ranged,
    requirements, sdist, wheel,
};
use locktool_core::index::ClientOptions;
use locktool_core::source::{PackageSource, Progress, SourceError};

const PAGE: &str = r#"{"meta": {"api-version": "1.0"}, "name": "a",
    "files": [{"filename": "a-1.0-py3-none-any.whl", "url": "a-1.0-py3-none-any.whl", "hashes": {}}]}"#;

/// Answers with `fault` so often, then properly.
fn failing(times: usize, fault: Reply) -> Server {
    let count = AtomicUsize::new(0);
    Server::start(move |asked| {
        if count.fetch_add(1, Ordering::Relaxed) < times {
            return fault.clone();
        }
        if asked.path.ends_with(".metadata") {
            Reply::ok("text/plain", METADATA)
        } else {
            Reply::json(PAGE)
        }
    })
}

#[test]
fn passing_faults_are_tried_again() {
    let faults = [
        Reply::status(503),
        Reply::status(429).with("retry-after", "0"),
        Reply::hang_up(),
        Reply::json(PAGE).cut_after(40),
    ];
    for fault in faults {
        let server = failing(2, fault);
        let (found, _) = metadata(options(&server.simple()));
        assert_eq!(requirements(&found), ["b>=2"]);
        assert_eq!(server.paths().len(), 4);
    }
}

#[test]
fn lasting_faults_end_in_a_sentence_that_names_the_page() {
    for fault in [
        Reply::status(500),
        Reply::hang_up(),
        Reply::json(PAGE).cut_after(40),
    ] {
        let server = failing(usize::MAX, fault);
        let error = listing(ClientOptions {
            retries: 1,
            ..options(&server.simple())
        })
        .expect_err("down");
        assert!(
            matches!(&error, SourceError::Unreachable { .. }),
            "{error:?}"
        );
        assert!(error.to_string().contains("/simple/a/"), "{error}");
        assert_eq!(server.paths().len(), 2);
    }
}

#[test]
fn a_long_retry_after_is_not_waited_for() {
    let server = failing(usize::MAX, Reply::status(429).with("retry-after", "3600"));
    assert!(listing(options(&server.simple())).is_err());
    assert_eq!(server.paths().len(), 1);
}

#[test]
fn a_download_that_breaks_off_goes_on_where_it_stopped() {
    for tag in ["\"strong\"", "W/\"weak\""] {
        let bytes = wheel(METADATA, 50_000);
        let count = AtomicUsize::new(0);
        let server = Server::start(move |asked| {
            let reply = ranged(asked, &bytes).with("etag", tag);
            if count.fetch_add(1, Ordering::Relaxed) == 0 {
                reply.cut_after(20_000)
            } else {
                reply
            }
        });
        let client = client(options("unused"));
        let url = format!("{}/a-1.0-py3-none-any.whl", server.url);
        let listing = client.direct(name("a"), &url).expect("a listing");
        assert_eq!(requirements(&client.metadata(&listing, 0)), ["b>=2"]);
        let asked = server.each(|asked| {
            (
                asked.header("range").is_some(),
                asked.header("if-range").is_some(),
            )
        });
        let resumes = tag.starts_with('"');
        assert_eq!(asked, [(false, false), (resumes, resumes)]);
    }
}

#[test]
fn redirect_loops_end() {
    let server = Server::start(|asked| Reply::status(301).with("location", &asked.path));
    assert!(matches!(
        listing(options(&server.simple())),
        Err(SourceError::Unreachable { .. })
    ));
    assert!(server.paths().len() <= 12);
}

#[test]
fn pages_that_are_none_are_refused() {
    let other_name = PAGE.replace(r#""name": "a""#, r#""name": "z""#);
    let replies = [
        Reply::html("<html><script>var a = '<a href=\"a-1.0.tar.gz\">'</script>Sign in"),
        Reply::json("{\"meta\": {\"api-version\": \"9.0\"}, \"files\": []}"),
        Reply::json("[1, 2"),
        Reply::json(&"[".repeat(1_000_000)),
        Reply::ok("image/png", "x"),
        Reply::json(&other_name),
    ];
    for reply in replies {
        let server = Server::of([("/simple/a/", reply)]);
        let error = listing(options(&server.simple())).expect_err("no page");
        assert!(matches!(&error, SourceError::Invalid { .. }), "{error:?}");
        assert!(error.to_string().contains("/simple/a/"), "{error}");
    }
}

#[test]
fn files_with_tricks_in_their_names_are_left_out() {
    let page = r#"{"meta": {"api-version": "1.0"}, "name": "a", "files": [
        {"filename": "../../a-9.0.tar.gz", "url": "x/a-9.0.tar.gz", "hashes": {}},
        {"filename": "z-9.0-py3-none-any.whl", "url": "x/z-9.0-py3-none-any.whl", "hashes": {}},
        {"filename": "a-1.0.tar.gz", "url": "x/a-1.0.tar.gz", "hashes": {}}]}"#;
    let server = Server::of([("/simple/a/", Reply::json(page))]);
    let client = client(options(&server.simple()));
    let listing = client.listing(name("a")).expect("a listing");
    assert_eq!(listing.releases.len(), 1);
    assert_eq!(client.take_warnings().len(), 2);
}

#[test]
fn an_unreachable_index_is_named() {
    let error = listing(ClientOptions {
        retries: 0,
        ..options("http://127.0.0.1:1/simple")
    });
    let error = error.expect_err("nobody listens").to_string();
    assert!(error.contains("http://127.0.0.1:1/simple/a/"), "{error}");
}

#[test]
fn a_cancelled_run_stops_waiting() {
    let server = Server::start(|_| {
        std::thread::sleep(std::time::Duration::from_secs(3));
        Reply::status(404)
    });
    let progress = Arc::new(Progress::default());
    let client = locktool_core::index::Client::new(options(&server.simple()), progress.clone());
    let client = client.expect("a client");
    progress.cancelled.store(true, Ordering::Relaxed);
    assert_eq!(
        client.listing(name("a")).expect_err("cancelled"),
        SourceError::Cancelled
    );
}

#[test]
fn one_question_is_asked_once() {
    let server = Server::of([("/simple/a/", Reply::json(PAGE))]);
    let client = client(options(&server.simple()));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| client.listing(name("a")).expect("a listing"));
        }
    });
    client.prefetch_listing(name("a"));
    assert_eq!(server.paths().len(), 1);
}

#[test]
fn a_cache_that_cannot_be_written_is_one_warning() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let server = Server::of([
        ("/simple/a/", Reply::json(PAGE)),
        ("/simple/b/", Reply::status(404)),
    ]);
    let client = client(cached(&server.simple(), &file.path().join("cache")));
    assert_eq!(
        client.listing(name("a")).expect("a listing").releases.len(),
        1
    );
    assert!(client.listing(name("b")).is_err());
    let warnings = client.take_warnings();
    assert!(
        warnings.len() == 1 && warnings[0].contains("cache"),
        "{warnings:?}"
    );
}

#[test]
fn an_sdist_that_breaks_off_goes_on_where_it_stopped() {
    let filler: String = {
        let mut random = fastrand::Rng::with_seed(5);
        std::iter::repeat_with(|| random.alphanumeric())
            .take(200_000)
            .collect()
    };
    let info = "Metadata-Version: 2.2\nName: a\nVersion: 1.0\nRequires-Dist: b>=2\n";
    let bytes = sdist(&[("a-1.0/data.txt", &filler), ("a-1.0/PKG-INFO", info)]);
    let page = PAGE.replace("a-1.0-py3-none-any.whl", "a-1.0.tar.gz");
    for tag in ["\"strong\"", "W/\"weak\""] {
        let (bytes, page) = (bytes.clone(), page.clone());
        let count = AtomicUsize::new(0);
        let server = Server::start(move |asked| {
            if asked.path.ends_with("/simple/a/") {
                return Reply::json(&page);
            }
            let reply = ranged(asked, &bytes).with("etag", tag);
            if count.fetch_add(1, Ordering::Relaxed) < 2 {
                reply.cut_after(50_000)
            } else {
                reply
            }
        });
        let (found, warnings) = metadata(options(&server.simple()));
        assert_eq!(requirements(&found), ["b>=2"]);
        assert!(warnings.is_empty(), "{warnings:?}");
        let ranges = server.each(|asked| asked.header("range").map(str::to_owned));
        let resumed = [None, None, Some("bytes=50000-"), Some("bytes=100000-")];
        if tag.starts_with('"') {
            assert_eq!(ranges, resumed.map(|range| range.map(str::to_owned)));
        } else {
            assert_eq!(ranges, [None, None, None, None]);
        }
    }
}
