//! How much more a run costs when its environments have to be solved apart.
//!
//! Before the time of each project its forks and attempts are printed: they are counted, so they are the same on every machine and
//! under every load.

mod projects;

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use locktool_core::resolver::Resolution;

use projects::projects;

fn benchmarks(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("forks");
    group.sample_size(10);
    for project in projects() {
        let mut counted = false;
        group.bench_function(&project.name, |bencher| {
            if !std::mem::replace(&mut counted, true) {
                let Resolution {
                    forks, attempts, ..
                } = project.lock();
                println!("{}: {forks} forks, {attempts} attempts", project.name);
            }
            bencher.iter(|| black_box(&project).lock());
        });
    }
    group.finish();
}

criterion_group!(benches, benchmarks);
criterion_main!(benches);
