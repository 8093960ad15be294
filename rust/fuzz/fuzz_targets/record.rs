//! A cache record of any bytes is a miss or can be read to its end.
#![no_main]

use libfuzzer_sys::fuzz_target;
use locktool_core::cache::RecordView;

fuzz_target!(|bytes: &[u8]| {
    if let Some(view) = RecordView::open(bytes) {
        for release in 0..view.release_count() {
            let _ = view.release(release);
            let _ = view.files(release).count();
            let _ = view.metadata(release);
        }
    }
});
