//! What people should hear after a run, each once.

use std::sync::Mutex;

use super::single_flight::guard;

/// The warnings of a run.
#[derive(Debug, Default)]
pub struct Warnings(Mutex<Vec<String>>);

impl Warnings {
    pub fn add(&self, warning: String) {
        let mut warnings = guard(&self.0);
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }

    /// The warnings so far, sorted: answers arrive in any order.
    pub fn take(&self) -> Vec<String> {
        let mut warnings = std::mem::take(&mut *guard(&self.0));
        warnings.sort();
        warnings
    }
}
