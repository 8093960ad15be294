//! The work of the resolver, counted: forks, attempts, nodes of marker diagrams and allocations. They grow only where a person raises
//! a limit in `tests/data/work_limits.toml`.
//!
//! One test makes all runs, one after the other: nodes are shared by the whole process, so each run counts those that it adds.

#[path = "../benches/projects/mod.rs"]
mod projects;

use std::alloc::{GlobalAlloc, Layout, System};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use locktool_core::marker::node_count;

use projects::projects;

/// The share of a limit that a run may do more, and must not do less.
const MORE: f64 = 1.02;
const LESS: f64 = 0.9;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

/// The allocator of the system, which counts what it is asked for.
struct Counting;

// SAFETY: every call goes to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of the system's allocator.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

type Counts = BTreeMap<String, u64>;

fn counts_of_runs() -> BTreeMap<String, Counts> {
    let mut found = BTreeMap::new();
    for project in projects() {
        let (nodes, allocations) = (node_count(), ALLOCATIONS.load(Ordering::Relaxed));
        let resolution = project.lock();
        let allocations = ALLOCATIONS.load(Ordering::Relaxed) - allocations;
        let counts = [
            ("forks", resolution.forks as u64),
            ("attempts", resolution.attempts as u64),
            ("nodes", u64::from(node_count() - nodes)),
            ("allocations", allocations),
        ];
        let counts = counts.map(|(name, count)| (name.to_owned(), count));
        found.insert(project.name.clone(), Counts::from(counts));
    }
    found
}

#[test]
fn no_run_does_more_than_its_limits() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/data/work_limits.toml"
    );
    let text = std::fs::read_to_string(path).expect("the limits");
    let document: BTreeMap<String, toml::Value> = toml::from_str(&text).expect("TOML");
    let limits: BTreeMap<String, Counts> = document["resolver"].clone().try_into().expect("counts");
    let found = counts_of_runs();
    let written = found.iter().map(|(name, counts)| {
        let counts = counts.iter().map(|(key, count)| format!("{key} = {count}"));
        format!(
            "[resolver.\"{name}\"]\n{}\n",
            counts.collect::<Vec<_>>().join("\n")
        )
    });
    let written = written.collect::<Vec<_>>().join("\n");
    for (name, counts) in &found {
        let limits = limits
            .get(name)
            .unwrap_or_else(|| panic!("{name} has no limits; found:\n{written}"));
        for (key, count) in counts {
            #[allow(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
            let (count, limit) = (*count as f64, limits[key] as f64);
            assert!(
                count <= limit * MORE,
                "{name} does more than its limits allow; found:\n{written}"
            );
            assert!(
                count >= limit * LESS,
                "{name} does less than its limits: lower them; found:\n{written}"
            );
        }
    }
}
