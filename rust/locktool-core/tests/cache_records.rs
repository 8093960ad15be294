//! The cache's laws: what is written is read back, what is damaged is a miss, what is old goes first.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use locktool_core::cache::record::{
    FileRow, MetadataRow, Outcome, ReleaseRow, Rows, SidecarRow, Title, Validators,
};
use locktool_core::cache::{
    MetadataUpdate, PageWriter, Reading, RecordView, Store, clean, encode, prune, record_path,
    summary, tidy, to_hex,
};
use proptest::prelude::*;

fn text() -> impl Strategy<Value = Cow<'static, str>> {
    "[a-z=<>. ü]{0,12}".prop_map(Cow::Owned)
}

fn optional() -> impl Strategy<Value = Option<Cow<'static, str>>> {
    proptest::option::of(text())
}

fn url(filename: &str) -> BoxedStrategy<String> {
    let [below_digest, plain, below_version] = [(); 3].map(|()| filename.to_owned());
    prop_oneof![
        "[0-9a-f]{60}".prop_map(move |rest| {
            format!("https://f.example.invalid/packages/ab/cd/{rest}/{below_digest}")
        }),
        Just(format!("https://f.example.invalid/{plain}")),
        "[0-9]".prop_map(move |version| {
            format!("https://f.example.invalid/{version}/{below_version}")
        }),
        Just("https://f.example.invalid/x?y\0\u{1}".to_owned()),
    ]
    .boxed()
}

fn file() -> impl Strategy<Value = FileRow<'static>> {
    let sidecar = prop_oneof![
        Just(SidecarRow::Unknown),
        Just(SidecarRow::Absent),
        text().prop_map(SidecarRow::Present),
        any::<[u8; 32]>().prop_map(SidecarRow::Sha256),
    ];
    let numbers = (
        any::<Option<[u8; 32]>>(),
        any::<Option<u64>>(),
        any::<Option<i64>>(),
    );
    let texts = (text(), optional(), optional(), optional());
    (
        "[a-z]{1,8}-[0-9](-[a-z\u{0}-\u{3}]{1,3}){0,2}",
        numbers,
        texts,
        sidecar,
    )
        .prop_flat_map(|(filename, numbers, texts, sidecar)| {
            url(&filename).prop_map(move |url| FileRow {
                filename: filename.clone().into(),
                url: url.into(),
                sha256: numbers.0,
                other_hashes: texts.0.clone(),
                size: numbers.1,
                upload_time: numbers.2,
                requires_python: texts.1.clone(),
                yanked: texts.2.clone(),
                sidecar: sidecar.clone(),
                provenance: texts.3.clone(),
            })
        })
}

fn outcome() -> impl Strategy<Value = Outcome<'static>> {
    let lists = (
        optional(),
        prop::collection::vec(text(), 0..3),
        prop::collection::vec(text(), 0..4),
        prop::option::of(prop::collection::vec(text(), 0..3)),
    );
    prop_oneof![
        lists.prop_map(|(requires_python, extras, requires, build_requires)| {
            Outcome::Known {
                requires_python,
                extras,
                requires,
                build_requires,
            }
        }),
        text().prop_map(Outcome::NeedsBuilding),
    ]
}

fn release() -> impl Strategy<Value = ReleaseRow<'static>> {
    let version = prop_oneof![text(), "[0-9]".prop_map(Cow::Owned)];
    let heads = (
        version,
        any::<[bool; 3]>(),
        any::<Option<i64>>(),
        optional(),
    );
    (
        heads,
        prop::collection::vec(file(), 0..4),
        prop::collection::vec(outcome(), 0..3),
    )
        .prop_map(
            |((version, flags, upload_time, requires_python), files, outcomes)| {
                let read = files.iter().map(|file| file.filename.clone());
                let metadata = read.zip(outcomes);
                let metadata = metadata.map(|(file, outcome)| MetadataRow { file, outcome });
                ReleaseRow {
                    version,
                    yanked: flags[0],
                    has_sdist: flags[1],
                    has_wheel: flags[2],
                    upload_time,
                    requires_python,
                    metadata: metadata.collect(),
                    files,
                }
            },
        )
}

fn rows() -> impl Strategy<Value = Rows<'static>> {
    (
        any::<bool>(),
        text(),
        prop::collection::vec(release(), 0..5),
    )
        .prop_map(|(absent, notice, releases)| Rows {
            package: "a".into(),
            index: "https://h.example.invalid/simple/".into(),
            absent,
            notice,
            releases,
        })
}

fn validators() -> Validators {
    Validators {
        etag: Some("\"e\"".to_owned()),
        last_modified: None,
        fetched: -5,
        fresh_until: 1 << 40,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn write_then_read_is_identity(rows in rows()) {
        let bytes = encode(&validators(), &rows);
        let view = RecordView::open(bytes).expect("a record");
        prop_assert_eq!(view.validators(), &validators());
        prop_assert_eq!(view.rows(), Some(rows));
    }

    #[test]
    fn a_cut_record_is_a_miss(rows in rows(), at in any::<prop::sample::Index>()) {
        let bytes = encode(&validators(), &rows);
        prop_assert!(RecordView::open(&bytes[..at.index(bytes.len())]).is_none());
    }

    #[test]
    fn a_record_with_a_flipped_bit_is_a_miss(rows in rows(), at in any::<prop::sample::Index>(), bit in 0..8) {
        let mut bytes = encode(&validators(), &rows);
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        prop_assert!(RecordView::open(bytes).is_none());
    }

    #[test]
    fn any_bytes_are_a_miss(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(RecordView::open(bytes).is_none());
    }

    #[test]
    fn other_validators_leave_the_body(rows in rows()) {
        let earlier = RecordView::open(encode(&Validators::default(), &rows)).expect("a record");
        prop_assert_eq!(earlier.renewed(&validators()), Some(encode(&validators(), &rows)));
    }

    #[test]
    fn metadata_that_is_added_to_a_page_is_written_as_if_it_had_come_with_it(rows in rows()) {
        let whole = encode(&validators(), &rows);
        let written = RecordView::open(&whole).expect("a record");
        prop_assert_eq!(MetadataUpdate::of(&written).write(), Some(whole.clone()));
        let page = page_of(&rows);
        let mut update = MetadataUpdate::of(&page);
        for (position, release) in rows.releases.iter().enumerate() {
            for metadata in &release.metadata {
                update.learn(position, metadata.clone());
            }
        }
        prop_assert_eq!(update.write(), Some(whole));
    }
}

fn one_release(sha256: u8, metadata: Option<Outcome<'static>>) -> Rows<'static> {
    let file = FileRow {
        filename: "a-1.whl".into(),
        url: "https://h.example.invalid/a-1.whl".into(),
        sha256: Some([sha256; 32]),
        ..FileRow::default()
    };
    let metadata = metadata.map(|outcome| MetadataRow {
        file: "a-1.whl".into(),
        outcome,
    });
    let release = ReleaseRow {
        version: "1".into(),
        files: vec![file],
        metadata: metadata.into_iter().collect(),
        ..ReleaseRow::default()
    };
    Rows {
        package: "a".into(),
        index: "i".into(),
        releases: vec![release],
        ..Rows::default()
    }
}

fn known() -> Outcome<'static> {
    Outcome::Known {
        requires_python: None,
        extras: Vec::new(),
        requires: vec!["b".into()],
        build_requires: None,
    }
}

/// The page of some rows, without their metadata.
fn page_of(rows: &Rows<'static>) -> RecordView {
    let title = Title {
        package: &rows.package,
        index: &rows.index,
        absent: rows.absent,
        notice: &rows.notice,
    };
    let mut page = PageWriter::new(&title);
    for release in &rows.releases {
        page.push(release, &release.files);
    }
    page.finish(validators())
}

/// The metadata of the one release of a record after it adopted that of an earlier one.
fn adopted(record: &Rows<'static>, earlier: &Rows<'static>) -> Vec<MetadataRow<'static>> {
    let [record, earlier] = [record, earlier].map(|rows| encode(&validators(), rows));
    let [record, earlier] =
        [record, earlier].map(|bytes| RecordView::open(bytes).expect("a record"));
    let mut update = MetadataUpdate::of(&record);
    update.adopt(&earlier);
    let written = RecordView::open(update.write().expect("bytes")).expect("a record");
    let metadata = written.metadata(0).expect("metadata").into_iter();
    let owned = metadata.map(|row| MetadataRow {
        file: row.file.into_owned().into(),
        outcome: match row.outcome {
            Outcome::Known { .. } => known(),
            Outcome::NeedsBuilding(reason) => Outcome::NeedsBuilding(reason.into_owned().into()),
        },
    });
    owned.collect()
}

#[test]
fn metadata_holds_for_the_same_file_only() {
    let earlier = one_release(1, Some(known()));
    let same = one_release(1, None);
    assert_eq!(adopted(&same, &earlier), earlier.releases[0].metadata);
    let replaced = one_release(2, None);
    assert_eq!(adopted(&replaced, &earlier), []);
    let unbuilt = one_release(1, Some(Outcome::NeedsBuilding("x".into())));
    assert_eq!(adopted(&unbuilt, &earlier), earlier.releases[0].metadata);
    assert_eq!(adopted(&earlier, &unbuilt), earlier.releases[0].metadata);
}

#[test]
fn what_each_file_says_is_kept_beside_the_others() {
    let second = MetadataRow {
        file: "a-1-other.whl".into(),
        outcome: known(),
    };
    let mut earlier = one_release(1, Some(known()));
    let mut other = earlier.releases[0].files[0].clone();
    other.filename = second.file.clone();
    earlier.releases[0].files.push(other.clone());
    earlier.releases[0].metadata.push(second);
    let mut same = one_release(1, Some(known()));
    same.releases[0].files.push(other);
    assert_eq!(adopted(&same, &earlier), earlier.releases[0].metadata);
}

#[test]
fn metadata_of_a_file_that_is_not_listed_is_not_taken() {
    let page = page_of(&one_release(1, None));
    let mut update = MetadataUpdate::of(&page);
    update.learn(
        0,
        MetadataRow {
            file: "a-1-other.whl".into(),
            outcome: known(),
        },
    );
    let written = RecordView::open(update.write().expect("bytes")).expect("a record");
    assert_eq!(written.rows(), Some(one_release(1, None)));
}

fn write(store: &Store, package: &'static str) {
    let rows = Rows {
        package: package.into(),
        ..one_release(1, None)
    };
    store.update("i", package, |_| {
        Some(encode(&Validators::default(), &rows))
    });
}

/// The rows of `tests/data/cache_record.msgpack`, which the schema in Python reads and writes too.
fn golden_rows() -> Rows<'static> {
    let mut digest = [0; 32];
    (0..32).zip(&mut digest).for_each(|(at, byte)| *byte = at);
    let digits = to_hex(&digest);
    let source = FileRow {
        filename: "a_package-1.0.tar.gz".into(),
        url: "https://files.example.invalid/a_package-1.0.tar.gz?raw".into(),
        yanked: Some("broken".into()),
        other_hashes: "md5=00112233445566778899aabbccddeeff".into(),
        ..FileRow::default()
    };
    let wheel = "a_package-2.0-py3-none-any.whl";
    let file = FileRow {
        filename: wheel.into(),
        url: format!(
            "https://files.example.invalid/packages/00/01/{}/{wheel}",
            &digits[4..]
        )
        .into(),
        sha256: Some(digest),
        size: Some(123_456),
        upload_time: Some(1_700_000_000_123),
        requires_python: Some(">=3.9".into()),
        sidecar: SidecarRow::Sha256(digest),
        provenance: Some(format!("https://index.example.invalid/2.0/{wheel}/provenance").into()),
        ..FileRow::default()
    };
    let other = "a_package-2.0-cp312-cp312-win_amd64.whl";
    let other_file = FileRow {
        filename: other.into(),
        url: format!("https://files.example.invalid/2.0/{other}").into(),
        ..FileRow::default()
    };
    let unbuilt = ReleaseRow {
        version: "1.0".into(),
        yanked: true,
        has_sdist: true,
        upload_time: Some(1_600_000_000_000),
        metadata: vec![MetadataRow {
            file: source.filename.clone(),
            outcome: Outcome::NeedsBuilding("its dependencies are dynamic".into()),
        }],
        files: vec![source],
        ..ReleaseRow::default()
    };
    let known = ReleaseRow {
        version: "2.0".into(),
        has_wheel: true,
        requires_python: Some(">=3.9".into()),
        metadata: vec![
            MetadataRow {
                file: wheel.into(),
                outcome: Outcome::Known {
                    requires_python: Some(">=3.9".into()),
                    extras: vec!["extra".into()],
                    requires: vec!["b>=1".into(), "c; extra == 'extra'".into()],
                    build_requires: None,
                },
            },
            MetadataRow {
                file: other.into(),
                outcome: Outcome::Known {
                    requires_python: None,
                    extras: Vec::new(),
                    requires: vec!["b>=1".into()],
                    build_requires: Some(vec!["setuptools>=61".into()]),
                },
            },
        ],
        files: vec![file, other_file],
        ..ReleaseRow::default()
    };
    Rows {
        package: "a-package".into(),
        index: "https://index.example.invalid/simple/".into(),
        absent: false,
        notice: "archived: it gets no updates".into(),
        releases: vec![unbuilt, known],
    }
}

#[test]
fn the_golden_record_is_what_is_written_and_read() {
    let validators = Validators {
        etag: Some("\"an etag\"".to_owned()),
        last_modified: None,
        fetched: 1_764_000_000,
        fresh_until: 1_764_000_600,
    };
    let golden = include_bytes!("../../../tests/data/cache_record.msgpack");
    assert_eq!(encode(&validators, &golden_rows()), golden);
    let view = RecordView::open(golden).expect("a record");
    assert_eq!(view.validators(), &validators);
    assert_eq!(view.rows(), Some(golden_rows()));
}

/// So many releases that their files make several groups.
fn many_releases() -> Rows<'static> {
    let releases = (0..200).map(|number| {
        let mut release = one_release(1, Some(known())).releases.remove(0);
        release.version = format!("1.{number:03}").into();
        release.files[0].size = Some(number);
        release
    });
    Rows {
        releases: releases.collect(),
        ..one_release(1, None)
    }
}

/// A record on disk, and whether files of it were lost, after these bytes took its place while it was open.
fn files_after(earlier: &Rows<'_>, place: impl FnOnce(&Path)) -> (Option<Vec<u64>>, bool) {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("record");
    std::fs::write(&path, encode(&validators(), earlier)).expect("a record");
    let lost = Arc::default();
    let view = RecordView::open_file(&path, &lost).expect("a record");
    place(&path);
    let sizes = (0..view.release_count()).map(|release| view.files(release)?.first()?.size);
    (sizes.collect(), lost.load(Ordering::Relaxed))
}

#[test]
fn files_are_found_in_a_record_that_was_renewed_while_it_was_open() {
    let earlier = many_releases();
    let sizes: Vec<u64> = (0..200).collect();
    let unchanged = files_after(&earlier, |_| {});
    assert_eq!(unchanged, (Some(sizes.clone()), false));
    let renewed = files_after(&earlier, |path| {
        let longer = Validators {
            etag: Some("a longer one".to_owned()),
            ..validators()
        };
        std::fs::write(path, encode(&longer, &earlier)).expect("a record");
    });
    assert_eq!(renewed, (Some(sizes), false));
}

#[test]
fn files_that_are_gone_are_told() {
    let earlier = many_releases();
    let removed = files_after(&earlier, |path| {
        std::fs::remove_file(path).expect("removed");
    });
    assert_eq!(removed, (None, true));
    let replaced = files_after(&earlier, |path| {
        std::fs::write(path, encode(&validators(), &one_release(1, None))).expect("a record");
    });
    assert_eq!(replaced, (None, true));
}

#[test]
fn a_record_in_the_wrong_place_is_a_miss() {
    let directory = tempfile::tempdir().expect("a directory");
    let store = Store::open(directory.path(), Reading::OnDemand);
    write(&store, "a");
    assert!(store.read("i", "a").is_some());
    let (here, there) = (
        record_path(directory.path(), "i", "a"),
        record_path(directory.path(), "i", "b"),
    );
    std::fs::rename(here, there).expect("a move");
    assert!(store.read("i", "b").is_none());
}

#[test]
fn writers_of_many_threads_leave_whole_records() {
    let directory = tempfile::tempdir().expect("a directory");
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let store = Store::open(directory.path(), Reading::OnDemand);
                for _ in 0..25 {
                    write(&store, "a");
                    assert!(store.read("i", "a").is_some());
                }
            });
        }
    });
    assert_eq!(summary(directory.path()).expect("a summary").records, 1);
}

#[test]
fn a_run_tidies_a_cache_that_was_not_tidied_for_a_day() {
    let directory = tempfile::tempdir().expect("a directory");
    let store = Store::open(directory.path(), Reading::OnDemand);
    write(&store, "a");
    let record = record_path(directory.path(), "i", "a");
    let left = record.with_file_name(".writing-x");
    let leave_and_tidy = || {
        std::fs::write(&left, "half").expect("a leftover");
        tidy(directory.path()).expect("tidied");
        !left.exists()
    };
    assert!(leave_and_tidy());
    assert!(!leave_and_tidy(), "it was tidied a moment ago");
    let shard = record.parent().expect("a directory");
    let stamp = shard.parent().expect("a directory").join("last-tidied");
    let stamp = std::fs::File::options().write(true).open(stamp);
    let yesterday = std::time::SystemTime::now() - std::time::Duration::from_hours(25);
    stamp
        .and_then(|stamp| stamp.set_modified(yesterday))
        .expect("a time");
    assert!(leave_and_tidy());
    assert!(record.exists());
}

#[test]
fn a_record_of_an_earlier_schema_is_a_miss_and_is_swept() {
    let directory = tempfile::tempdir().expect("a directory");
    let store = Store::open(directory.path(), Reading::OnDemand);
    for package in ["earlier", "later", "own"] {
        write(&store, package);
    }
    let path = |package| record_path(directory.path(), "i", package);
    for (package, step) in [("earlier", -1), ("later", 1)] {
        let mut bytes = std::fs::read(path(package)).expect("a record");
        // The number of the schema stands alone in the second byte.
        bytes[1] = bytes[1].wrapping_add_signed(step);
        std::fs::write(path(package), bytes).expect("a record");
        assert!(store.read("i", package).is_none());
    }
    let total = summary(directory.path()).expect("a summary");
    assert_eq!((total.records, total.leftovers), (2, 1));
    tidy(directory.path()).expect("tidied");
    // What a later program wrote is for that one to keep.
    assert!(!path("earlier").exists() && path("later").exists() && path("own").exists());
}

#[test]
fn prune_takes_leftovers_and_the_least_recently_used() {
    let directory = tempfile::tempdir().expect("a directory");
    let store = Store::open(directory.path(), Reading::OnDemand);
    for package in ["a", "b", "c"] {
        write(&store, package);
    }
    let path = |package| record_path(directory.path(), "i", package);
    let age = |path: &Path, seconds| {
        let time = std::time::SystemTime::now() - std::time::Duration::from_secs(seconds);
        let file = std::fs::File::options()
            .write(true)
            .open(path)
            .expect("a record");
        file.set_modified(time).expect("a time");
    };
    age(&path("b"), 9000);
    age(&path("a"), 5000);
    std::fs::write(path("a").with_file_name(".writing-x"), "half").expect("a leftover");
    let total = summary(directory.path()).expect("a summary");
    assert_eq!((total.records, total.leftovers), (3, 1));
    let size = std::fs::metadata(path("c")).expect("a record").len();
    let pruned = prune(directory.path(), size * 2).expect("pruned");
    assert_eq!(pruned.files, 2);
    assert!(!path("b").exists() && path("a").exists() && path("c").exists());
    assert_eq!(clean(directory.path(), &["a"]).expect("cleaned").files, 1);
    assert_eq!(clean(directory.path(), &[]).expect("cleaned").files, 1);
    assert_eq!(summary(directory.path()).expect("a summary").records, 0);
    assert_eq!(
        prune(&directory.path().join("absent"), 0)
            .expect("nothing")
            .files,
        0
    );
}
