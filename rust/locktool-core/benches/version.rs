//! What a resolution does most with versions: compare, parse, ask a specifier, cut sets.
//!
//! `cargo bench -p locktool-core --bench version`

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use locktool_core::version::{Specifier, SpecifierSet, Version};

fn version(text: &str) -> Version {
    text.parse().expect("the text is a version")
}

fn versions(criterion: &mut Criterion) {
    let (left, right) = (version("1.26.4"), version("1.26.10"));
    criterion.bench_function("compare two inline versions", |bencher| {
        bencher.iter(|| black_box(left) < black_box(right));
    });
    let (local, other_local) = (version("2.1.0+cu121"), version("2.1.0+cu118"));
    criterion.bench_function("compare two interned versions", |bencher| {
        bencher.iter(|| black_box(local) < black_box(other_local));
    });
    for text in ["1.26.4", "2024.10.1", "2.17.0.dev20240101", "2.1.0+cu121"] {
        criterion.bench_function(&format!("parse {text}"), |bencher| {
            bencher.iter(|| black_box(text).parse::<Version>());
        });
    }
    criterion.bench_function("parse and order 2.17.0.dev20240101", |bencher| {
        bencher.iter(|| version(black_box("2.17.0.dev20240101")) < black_box(right));
    });
}

fn specifiers(criterion: &mut Criterion) {
    let candidate = version("1.26.4");
    for text in [">=1.0", "<2", "~=1.20", "!=1.26.*"] {
        criterion.bench_function(&format!("parse {text}"), |bencher| {
            bencher.iter(|| black_box(text).parse::<Specifier>());
        });
        let specifier: Specifier = text.parse().expect("the text is a specifier");
        criterion.bench_function(&format!("1.26.4 in {text}"), |bencher| {
            bencher.iter(|| black_box(&specifier).contains(black_box(candidate)));
        });
    }
}

fn ranges(criterion: &mut Criterion) {
    let set = |text: &str| {
        text.parse::<SpecifierSet>()
            .expect("the text is a specifier set")
    };
    let (wide, narrow) = (set(">=1.20,<2,!=1.25.1"), set(">1.0,<1.26"));
    criterion.bench_function("and of two specifier sets", |bencher| {
        bencher.iter(|| black_box(&wide).and(black_box(&narrow)));
    });
    let (left, right) = (wide.to_range(), narrow.to_range());
    criterion.bench_function("intersection of two ranges", |bencher| {
        bencher.iter(|| black_box(&left).intersection(black_box(&right)));
    });
    criterion.bench_function("disjointness of two ranges", |bencher| {
        bencher.iter(|| black_box(&left).is_disjoint(black_box(&right)));
    });
}

criterion_group!(benches, versions, specifiers, ranges);
criterion_main!(benches);
