//! The recorder of runs, as the front end makes one for `-v` and `--trace`.

use std::sync::Arc;

use locktool_core::trace::{Detail, Recorder as CoreRecorder};
use pyo3::prelude::*;

/// Records what runs do: sentences for people, and a timeline.
///
/// With a `verbosity` of 1 the sentences tell what surprises, with 2 every step; with 0 there are none.
#[pyclass(frozen, module = "locktool._native")]
pub struct Recorder {
    pub core: Arc<CoreRecorder>,
}

#[pymethods]
impl Recorder {
    #[new]
    #[pyo3(signature = (verbosity=0, *, timeline=false))]
    fn new(verbosity: i64, timeline: bool) -> Self {
        let detail = match verbosity {
            ..=0 => Detail::Nothing,
            1 => Detail::Surprises,
            _ => Detail::Steps,
        };
        Self {
            core: Arc::new(CoreRecorder::new(detail, timeline)),
        }
    }

    /// The sentences that came since they were last taken.
    fn take_lines(&self, py: Python<'_>) -> Vec<String> {
        py.detach(|| self.core.take_lines())
    }

    /// The timeline so far, as JSON in the Trace Event Format.
    fn chrome_trace(&self, py: Python<'_>) -> String {
        py.detach(|| self.core.chrome_trace())
    }
}
