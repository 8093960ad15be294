//! Edits of a lock: the certificate ends within a second of processor time, never panics, and holds for no lock of which something
//! differs that is digested or derived.
#![no_main]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use arbitrary::Arbitrary;
use cpu_time::ProcessTime;
use libfuzzer_sys::fuzz_target;
use locktool_core::certify::certify;
use locktool_core::document::toml::lock_to_toml;
use locktool_core::lock::{
    LockFile, LockedDependency, LockedDocument, LockedFile, LockedPackage,
};
use locktool_core::manifest::{Cutoff, Manifest, ManifestRecord};
use locktool_core::marker::{Marker, NODES_OF_A_CHECK, within_budget};
use locktool_fuzz::{Edit, LOCK, Splice, edited};

const LONGEST: Duration = Duration::from_secs(1);

#[derive(Arbitrary, Debug)]
enum Input<'a> {
    OfText(Splice<'a>),
    OfValues {
        edits: Vec<Edit<'a>>,
        /// By way of the text of the edited lock.
        is_written: bool,
        /// The digests of the blocks are computed again, so that the other rules have to refuse it.
        is_digested: bool,
    },
}

struct Original {
    /// The inputs of the project, without the instants that only a run knows.
    today: ManifestRecord,
    digest_of_run: Option<String>,
    packages: Vec<(String, Marker)>,
}

static ORIGINAL: LazyLock<Original> = LazyLock::new(|| {
    let document = document_of_text(LOCK.as_bytes()).expect("a lock");
    let mut today = document.inputs().expect("inputs").clone();
    let digest_of_run = today.digest_of_run();
    let of_packages = today.settings.exclude_newer_package.iter_mut().flatten();
    for (_, cutoff) in of_packages {
        if let Cutoff::Before { at, .. } = cutoff {
            *at = None;
        }
    }
    let universe = universe(&today);
    let original = Original {
        today,
        digest_of_run,
        packages: packages(&document, universe),
    };
    assert!(holds(&document, &original.today), "the lock itself holds");
    original
});

fuzz_target!(|input: Input<'_>| {
    let (document, is_digested) = match input {
        Input::OfText(splice) => (document_of_text(&splice.edited()), false),
        Input::OfValues {
            edits,
            is_written,
            is_digested,
        } => (document_of_edits(&edits, is_written), is_digested),
    };
    let Some(mut document) = document else {
        return;
    };
    if is_digested {
        digest_again(&mut document);
    }
    let before = ProcessTime::now();
    let holds = holds(&document, &ORIGINAL.today);
    let elapsed = before.elapsed();
    assert!(elapsed < LONGEST, "{elapsed:?}");
    if holds && !is_digested {
        let inputs = document.inputs().expect("what holds has inputs");
        assert_eq!(inputs.digest_of_run(), ORIGINAL.digest_of_run);
        assert_eq!(
            packages(&document, universe(&ORIGINAL.today)),
            ORIGINAL.packages
        );
    }
});

/// Asks as a check of the project does.
fn holds(document: &LockedDocument, today: &ManifestRecord) -> bool {
    let mut today = today.clone();
    if let Some(recorded) = document.inputs() {
        today.adopt(recorded);
        today.command_line = recorded.command_line.clone();
    }
    let reasons = within_budget(NODES_OF_A_CHECK, || certify(document, &today));
    matches!(reasons, Ok(Ok(reasons)) if reasons.is_empty())
}

fn document_of_text(text: &[u8]) -> Option<LockedDocument> {
    let lock = LockFile::parse(text.to_vec(), Path::new("pylock.toml"));
    lock.ok().map(|lock| lock.document)
}

fn document_of_edits(edits: &[Edit<'_>], is_written: bool) -> Option<LockedDocument> {
    let messagepack = rmp_serde::to_vec_named(&edited(edits)).expect("values");
    if is_written {
        document_of_text(lock_to_toml(&messagepack).ok()?.as_bytes())
    } else {
        LockFile::decode(messagepack).ok().map(|lock| lock.document)
    }
}

fn digest_again(document: &mut LockedDocument) {
    for package in &mut document.packages {
        let digest = package.digest();
        let tool = package.tool.as_mut();
        if let Some(evidence) = tool.and_then(|tool| tool.locktool.as_mut()) {
            evidence.digest = digest;
        }
    }
}

fn universe(record: &ManifestRecord) -> Marker {
    Manifest::from_record(record)
        .expect("a manifest")
        .universe()
}

/// What the entries say, in the one form of it, and where each holds.
fn packages(document: &LockedDocument, universe: Marker) -> Vec<(String, Marker)> {
    let entries = document.packages.iter().map(|package| {
        let marker = package.marker.as_deref().map(Marker::parse);
        let marker = marker.map_or(Marker::TRUE, |marker| marker.expect("a marker"));
        (format!("{:?}", in_one_form(package)), marker.and(universe))
    });
    let mut entries: Vec<_> = entries.collect();
    entries.sort_by(|(one, _), (other, _)| one.cmp(other));
    entries
}

/// The entry without what means nothing: the order of edges, a name that the address has too, `editable = false`.
fn in_one_form(package: &LockedPackage) -> LockedPackage {
    let mut package = package.clone();
    package.marker = None;
    let edges: BTreeSet<LockedDependency> = package.dependencies.into_iter().collect();
    package.dependencies = edges.into_iter().collect();
    let listed = package.wheels.iter_mut().chain(&mut package.sdist);
    for file in listed.chain(&mut package.archive) {
        file.name = Some(LockedFile::filename(file).to_owned());
    }
    if let Some(directory) = &mut package.directory
        && directory.editable == Some(false)
    {
        directory.editable = None;
    }
    if package
        .tool
        .as_ref()
        .is_some_and(|tool| tool.locktool.is_none())
    {
        package.tool = None;
    }
    package
}
