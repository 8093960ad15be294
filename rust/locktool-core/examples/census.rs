//! Counts the shapes of the versions in a cache, and which of them a word does not hold: the figures in `version/word.rs`.
//! `cargo run --example census -- CACHE-DIR [--list]`, where `--list` prints the versions instead.

use std::collections::BTreeMap;
use std::path::Path;

use locktool_core::cache::RecordView;
use locktool_core::version::Version;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let Some(cache) = arguments.next() else {
        eprintln!("usage: census CACHE-DIR [--list]");
        return;
    };
    let lists = arguments.next().is_some_and(|option| option == "--list");
    let mut versions: Vec<Version> = Vec::new();
    let mut packages = 0;
    visit(Path::new(&cache), &mut |bytes| {
        let Some(record) = RecordView::open(bytes) else {
            return;
        };
        packages += 1;
        let texts = (0..record.release_count()).map(|release| record.release(release).version);
        versions.extend(texts.filter_map(|text| text.to_string().parse::<Version>().ok()));
    });
    if lists {
        for version in versions {
            println!("{version}");
        }
        return;
    }
    println!("{} versions of {packages} packages", versions.len());
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for version in &versions {
        *counts.entry(holding(*version).to_owned()).or_default() += 1;
        *counts.entry(shape(*version)).or_default() += 1;
    }
    for (what, count) in counts {
        println!("{count:8}  {what}");
    }
}

/// Hands the content of every file under a folder to `record`.
fn visit(folder: &Path, record: &mut impl FnMut(Vec<u8>)) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            visit(&path, record);
        } else if let Ok(bytes) = std::fs::read(&path) {
            record(bytes);
        }
    }
}

/// Where a version is kept, and why not in its word.
fn holding(version: Version) -> &'static str {
    if version.is_inline() {
        "kept: inline"
    } else if version.epoch() > 0 {
        "kept: interned, an epoch"
    } else if version.is_local() {
        "kept: interned, a local part"
    } else {
        "kept: interned, too long"
    }
}

/// `shape: 3 numbers, pre`
fn shape(version: Version) -> String {
    let numbers = version.release().len();
    let parts = [
        ("pre", version.pre().is_some()),
        ("post", version.post().is_some()),
        ("dev", version.dev().is_some()),
    ];
    let suffix: Vec<&str> = parts
        .iter()
        .filter_map(|(name, has)| has.then_some(*name))
        .collect();
    format!("shape: {numbers} numbers {}", suffix.join("+"))
}
