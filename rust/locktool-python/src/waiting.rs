//! Runs long work on a thread of its own while the calling thread stays attentive: twenty times a second it lets Python's
//! signal handlers run and shows the progress, and on an interruption it cancels the work and waits for its end.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use locktool_core::source::Progress;
use pyo3::prelude::*;

/// With the 50 ms after which the work looks up at the latest, a run is cancelled within 200 ms.
const STEP: Duration = Duration::from_millis(50);

/// The counters of a run at one moment.
#[pyclass(frozen, get_all, module = "locktool._native")]
#[derive(Clone)]
pub struct ProgressSnapshot {
    pub pages: u64,
    pub metadata: u64,
    pub bytes: u64,
    pub requests: u64,
    pub in_flight: u64,
    pub step: String,
}

#[pymethods]
impl ProgressSnapshot {
    fn __repr__(&self) -> String {
        format!(
            "ProgressSnapshot(pages={}, metadata={}, step={:?})",
            self.pages, self.metadata, self.step
        )
    }
}

impl ProgressSnapshot {
    pub fn of(progress: &Progress) -> Self {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Self {
            pages: read(&progress.pages),
            metadata: read(&progress.metadata),
            bytes: read(&progress.bytes),
            requests: read(&progress.requests),
            in_flight: read(&progress.in_flight),
            step: progress
                .step
                .lock()
                .map(|step| step.clone())
                .unwrap_or_default(),
        }
    }
}

/// The result of `work`, which must look at `progress.cancelled` often.
///
/// `show` is called with a `ProgressSnapshot` at each step. What it or a signal handler raises (`KeyboardInterrupt`)
/// is raised here, after the work has ended.
pub fn run<T: Send + 'static>(
    py: Python<'_>,
    progress: &Arc<Progress>,
    show: Option<&Bound<'_, PyAny>>,
    work: impl FnOnce() -> T + Send + 'static,
) -> PyResult<T> {
    let (sender, mut receiver) = mpsc::sync_channel(1);
    let worker = thread::spawn(move || {
        // The receiver is gone only if the waiting thread panicked.
        let _ = sender.send(work());
    });
    let mut interruption = None;
    let answer = loop {
        let waiting = &mut receiver;
        match py.detach(move || waiting.recv_timeout(STEP)) {
            Ok(answer) => break Some(answer),
            Err(RecvTimeoutError::Timeout) if interruption.is_some() => {}
            Err(RecvTimeoutError::Timeout) => {
                let attention = py.check_signals().and_then(|()| match show {
                    Some(show) => show.call1((ProgressSnapshot::of(progress),)).map(drop),
                    None => Ok(()),
                });
                if let Err(raised) = attention {
                    progress.cancelled.store(true, Ordering::Relaxed);
                    end_programs(py);
                    interruption = Some(raised);
                }
            }
            Err(RecvTimeoutError::Disconnected) => break None,
        }
    };
    let ended = py.detach(|| worker.join());
    match (interruption, answer, ended) {
        (Some(raised), _, _) => Err(raised),
        (None, Some(answer), _) => Ok(answer),
        (None, None, Err(panic)) => std::panic::resume_unwind(panic),
        (None, None, Ok(())) => {
            unreachable!("a worker that neither answers nor panics does not exist")
        }
    }
}

/// Ends the programs that Python runs for this thread, so that the wait for the work is short.
fn end_programs(py: Python<'_>) {
    let ended = py
        .import("locktool.cancellation")
        .and_then(|module| module.call_method0("end_current_run"));
    if let Err(error) = ended {
        error.write_unraisable(py, None);
    }
}
