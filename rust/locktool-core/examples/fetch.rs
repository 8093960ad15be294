//! Asks an index for packages and says what it has of each and what the latest release requires:
//! `cargo run --example fetch -- INDEX-URL CACHE-DIR NAME...`

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use locktool_core::index::{Client, ClientOptions, IndexLocation};
use locktool_core::name::PackageName;
use locktool_core::source::{PackageSource, Progress};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(url), Some(cache)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: fetch INDEX-URL CACHE-DIR NAME...");
        return;
    };
    let options = ClientOptions {
        indexes: vec![IndexLocation {
            url,
            ..IndexLocation::default()
        }],
        cache_dir: Some(PathBuf::from(cache)),
        ..ClientOptions::default()
    };
    let progress = Arc::new(Progress::default());
    let started = Instant::now();
    let client = Client::new(options, progress.clone()).expect("a client");
    let names: Vec<PackageName> = arguments
        .map(|name| PackageName::parse(&name).expect("a package name"))
        .collect();
    for name in &names {
        client.prefetch_listing(*name);
    }
    for name in names {
        let listing = match client.listing(name) {
            Ok(listing) => listing,
            Err(error) => {
                println!("{name}: {error}");
                continue;
            }
        };
        let usable = |release: &usize| {
            let release = &listing.releases[*release];
            !release.yanked && !release.version.is_prerelease()
        };
        let Some(latest) = (0..listing.releases.len()).rev().find(usable) else {
            continue;
        };
        let release = &listing.releases[latest];
        print!(
            "{name}: {} releases, latest {}, ",
            listing.releases.len(),
            release.version
        );
        match client.metadata(&listing, latest) {
            Ok(metadata) => println!("{} requirements", metadata.requires_dist.len()),
            Err(error) => println!("{error}"),
        }
    }
    for warning in client.take_warnings() {
        println!("warning: {warning}");
    }
    let count = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
    println!(
        "{} requests, {} bytes, {:?}",
        count(&progress.requests),
        count(&progress.bytes),
        started.elapsed()
    );
}
