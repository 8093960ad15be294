//! What opening every record of a cache costs, and how much of the files it reads.
//!
//! `cargo run --release --example open_records -- CACHE_DIR`: opened as a run does, head and body with every version
//! parsed; then with the files of one release each; then whole. Bytes are those of read(2), counted by Linux.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use locktool_core::cache::RecordView;
use locktool_core::version::Version;

const REPEATS: usize = 7;

fn main() {
    let directory = std::env::args().nth(1).expect("a cache directory");
    let mut paths = Vec::new();
    collect(Path::new(&directory), &mut paths);
    let lengths: Vec<u64> = paths
        .iter()
        .map(|path| std::fs::metadata(path).map_or(0, |found| found.len()))
        .collect();
    let pages: u64 = lengths.iter().map(|length| length.div_ceil(4096)).sum();
    let total: u64 = lengths.iter().sum();
    println!("{} records, {total} bytes, {pages} pages", paths.len());
    report("opened", &paths, |path| open(path).is_some());
    report("opened, files of one release", &paths, |path| {
        open(path).is_some_and(|view| {
            let last = view.release_count().checked_sub(1);
            last.is_none_or(|last| view.files(last).is_some())
        })
    });
    report("read whole", &paths, |path| {
        let view = std::fs::read(path).ok().and_then(RecordView::open);
        view.is_some_and(|view| versions(&view) == view.release_count())
    });
}

fn collect(directory: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            collect(&path, paths);
        } else if name.starts_with("package-") {
            paths.push(path);
        }
    }
}

fn open(path: &Path) -> Option<RecordView> {
    let view = RecordView::open_file(path, &Arc::default())?;
    (versions(&view) == view.release_count()).then_some(view)
}

fn versions(view: &RecordView) -> usize {
    (0..view.release_count())
        .filter(|release| view.release(*release).version.parse::<Version>().is_ok())
        .count()
}

/// Prints the best of some rounds, so that what else the machine does counts least, and the bytes of one.
fn report(what: &str, paths: &[PathBuf], visit: impl Fn(&Path) -> bool) {
    let (mut best, mut bytes) = (f64::INFINITY, 0);
    for _ in 0..REPEATS {
        let (started, before) = (Instant::now(), bytes_read());
        let opened = paths.iter().filter(|path| visit(path)).count();
        assert_eq!(opened, paths.len(), "every record is whole");
        best = best.min(started.elapsed().as_secs_f64());
        bytes = bytes_read() - before;
    }
    println!("{what}: {:.1} ms, {bytes} bytes read", best * 1000.0);
}

fn bytes_read() -> u64 {
    let counters = std::fs::read_to_string("/proc/self/io").unwrap_or_default();
    let line = counters
        .lines()
        .find_map(|line| line.strip_prefix("rchar: "));
    line.and_then(|number| number.parse().ok()).unwrap_or(0)
}
