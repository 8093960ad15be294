//! Builds under way: how many run at once, and the wait for those that a run leaves behind.

use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use tokio::sync::Semaphore;
use tracing::{debug_span, info};

use super::options::{BuildFailure, Built, MetadataBuilder};

/// Builds that run at once: each is a process of its own with all the cores it takes.
const AT_ONCE: usize = 2;

/// The builds of a run.
pub struct Builds {
    turns: Semaphore,
    running: Arc<Running>,
}

#[derive(Default)]
struct Running {
    count: Mutex<usize>,
    ended: Condvar,
}

/// Counts a build for as long as it lives.
struct Turn(Arc<Running>);

impl Turn {
    fn new(running: &Arc<Running>) -> Self {
        *running.count.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        Self(Arc::clone(running))
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *self.0.count.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.0.ended.notify_all();
    }
}

impl Builds {
    pub fn new() -> Self {
        Self {
            turns: Semaphore::new(AT_ONCE),
            running: Arc::default(),
        }
    }

    /// Builds `what` when it is the path's turn: its metadata, or why there is none. `None` if the run ended before.
    pub async fn build(
        &self,
        builder: Arc<dyn MetadataBuilder>,
        path: PathBuf,
        what: &str,
    ) -> Option<Result<Built, BuildFailure>> {
        let step = format!("building {what} to learn what it requires");
        self.run((what, &step), move || builder.build(&path)).await
    }

    /// Does work of other programs when it is its turn: `(of what, as a step for people)`. `None` if the run ended before.
    pub async fn run<T: Send + 'static>(
        &self,
        (what, step): (&str, &str),
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Option<T> {
        let _turn = self.turns.acquire().await.ok()?;
        info!(name: "build", "{step}");
        let _build = debug_span!("build", of = what);
        let counted = Turn::new(&self.running);
        let work = tokio::task::spawn_blocking(move || {
            let _counted = counted;
            work()
        });
        work.await.ok()
    }

    /// Lets no further build begin and waits for those under way: they run in the caller's interpreter, which may end
    /// right after the run.
    pub fn end(&self) {
        self.turns.close();
        let count = &self.running.count;
        let mut running = count.lock().unwrap_or_else(PoisonError::into_inner);
        while *running > 0 {
            running = self
                .running
                .ended
                .wait(running)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }
}
