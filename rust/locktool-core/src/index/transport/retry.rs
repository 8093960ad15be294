//! The tries of one question: how many, and how long to wait between them.

use std::time::Duration;

use tracing::info;

use super::error::{Failure, RequestError};
use crate::source::{Progress, SourceError};

/// A server that asks for more patience than this is treated as down.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

const FIRST_BACKOFF: Duration = Duration::from_millis(150);

/// Counts down the tries of one question and waits between them.
pub struct Tries<'t> {
    left: u32,
    backoff: Duration,
    progress: &'t Progress,
}

impl<'t> Tries<'t> {
    /// So many tries after the first one.
    pub fn new(retries: u32, progress: &'t Progress) -> Self {
        Self {
            left: retries,
            backoff: FIRST_BACKOFF,
            progress,
        }
    }

    /// Waits before another try, or returns the error that stands.
    pub async fn after(&mut self, failure: Failure) -> Result<(), RequestError> {
        let (error, asked) = match failure {
            Failure::Final(error) => return Err(error),
            Failure::Passing(error, asked) => (error, asked),
        };
        if self.left == 0 || asked.is_some_and(|wait| wait > LONGEST_WAIT) {
            return Err(error);
        }
        self.left -= 1;
        info!(name: "retry", "{}; it is asked again", SourceError::from(error));
        let jitter = 0.5 + fastrand::f64();
        tokio::time::sleep(asked.unwrap_or(self.backoff.mul_f64(jitter))).await;
        self.backoff *= 3;
        if self.progress.is_cancelled() {
            Err(RequestError::interrupted())
        } else {
            Ok(())
        }
    }
}
