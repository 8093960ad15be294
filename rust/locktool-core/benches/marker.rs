//! How long markers take to parse, combine, evaluate and print.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use locktool_core::marker::{Expression, Marker, MarkerEnvironment};
use locktool_core::name::ExtraName;

/// Markers as packages publish them.
const MARKERS: [&str; 6] = [
    "python_version >= '3.8'",
    "python_version < '3.11' and extra == 'test'",
    "sys_platform == 'win32'",
    "platform_system == 'Linux' and platform_machine == 'x86_64'",
    "(python_version < '3.8' or platform_python_implementation == 'PyPy') and extra == 'dev'",
    "python_full_version >= '3.9.2' and sys_platform != 'win32' and 's3' in extras",
];

fn environment() -> MarkerEnvironment {
    let field = |text: &str| text.to_owned();
    MarkerEnvironment {
        implementation_name: field("cpython"),
        implementation_version: field("3.11.4"),
        os_name: field("posix"),
        platform_machine: field("x86_64"),
        platform_python_implementation: field("CPython"),
        platform_release: field("5.15.0-91-generic"),
        platform_system: field("Linux"),
        platform_version: field("#101-Ubuntu SMP"),
        python_full_version: field("3.11.4"),
        python_version: field("3.11"),
        sys_platform: field("linux"),
        ..MarkerEnvironment::default()
    }
}

/// All of the names but no two of them.
fn conflicts(count: usize) -> Marker {
    let name = |number: usize| ExtraName::parse(&format!("x{number:02}")).expect("a valid name");
    let members: Vec<Marker> = (0..count)
        .map(|number| Marker::in_extras(name(number)))
        .collect();
    let mut all = Marker::TRUE;
    for (position, left) in members.iter().enumerate() {
        for right in &members[position + 1..] {
            all = all.and(left.and(*right).not());
        }
    }
    all
}

fn benchmarks(criterion: &mut Criterion) {
    let environment = environment();
    let expressions = MARKERS.map(|text| Expression::parse(text).expect("a marker"));
    let markers = MARKERS.map(|text| Marker::parse(text).expect("a marker"));
    criterion.bench_function("parse six expressions", |bencher| {
        bencher.iter(|| MARKERS.map(|text| Expression::parse(black_box(text)).is_ok()));
    });
    criterion.bench_function("parse six markers", |bencher| {
        bencher.iter(|| MARKERS.map(|text| Marker::parse(black_box(text)).is_ok()));
    });
    criterion.bench_function("evaluate six expressions", |bencher| {
        bencher.iter(|| {
            expressions
                .each_ref()
                .map(|expression| expression.evaluate(black_box(&environment)))
        });
    });
    criterion.bench_function("evaluate six markers", |bencher| {
        bencher.iter(|| markers.map(|marker| marker.evaluate(black_box(&environment))));
    });
    criterion.bench_function("print six markers", |bencher| {
        bencher.iter(|| markers.map(|marker| black_box(marker).to_string()));
    });
    criterion.bench_function("build twenty conflicts", |bencher| {
        bencher.iter(|| conflicts(black_box(20)));
    });
    criterion.bench_function("print twenty conflicts", |bencher| {
        let marker = conflicts(20);
        bencher.iter(|| black_box(marker).to_string());
    });
}

criterion_group!(marker, benchmarks);
criterion_main!(marker);
