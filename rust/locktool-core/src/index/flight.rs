//! One answer per question: whoever asks first starts the work, everybody else waits for the same result.

use std::collections::hash_map::Entry;
use std::hash::Hash;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustc_hash::FxHashMap;

use crate::source::{Progress, SourceError};

/// How often a waiting thread looks whether the run was interrupted.
const CANCELLATION_INTERVAL: Duration = Duration::from_millis(50);

/// The questions of a run and their answers.
pub struct Flights<K, T> {
    slots: Mutex<FxHashMap<K, Arc<Slot<T>>>>,
}

impl<K, T> Default for Flights<K, T> {
    fn default() -> Self {
        Self {
            slots: Mutex::default(),
        }
    }
}

impl<K: Eq + Hash, T: Clone> Flights<K, T> {
    /// The slot of a question, and the duty to answer it if nobody has it yet.
    pub fn join(&self, key: K) -> (Arc<Slot<T>>, Option<Ticket<T>>) {
        match hold(&self.slots).entry(key) {
            Entry::Occupied(known) => (known.get().clone(), None),
            Entry::Vacant(vacant) => {
                let slot = Arc::new(Slot {
                    answer: Mutex::default(),
                    ready: Condvar::new(),
                });
                vacant.insert(slot.clone());
                let ticket = Ticket {
                    slot: slot.clone(),
                    answered: false,
                };
                (slot, Some(ticket))
            }
        }
    }
}

/// The place of one answer.
pub struct Slot<T> {
    answer: Mutex<Option<Result<T, SourceError>>>,
    ready: Condvar,
}

impl<T: Clone> Slot<T> {
    /// Waits for the answer, until the run is cancelled or the deadline of its search has passed.
    pub fn wait(&self, progress: &Progress) -> Result<T, SourceError> {
        let mut answer = hold(&self.answer);
        loop {
            if let Some(answer) = answer.as_ref() {
                return answer.clone();
            }
            if progress.is_cancelled() || progress.is_late() {
                return Err(SourceError::Cancelled);
            }
            let waited = self.ready.wait_timeout(answer, CANCELLATION_INTERVAL);
            answer = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// The duty to answer. Dropped without an answer (the task was stopped), it answers "cancelled".
pub struct Ticket<T> {
    slot: Arc<Slot<T>>,
    answered: bool,
}

impl<T> Ticket<T> {
    pub fn answer(mut self, answer: Result<T, SourceError>) {
        self.set(answer);
    }

    fn set(&mut self, answer: Result<T, SourceError>) {
        self.answered = true;
        *hold(&self.slot.answer) = Some(answer);
        self.slot.ready.notify_all();
    }
}

impl<T> Drop for Ticket<T> {
    fn drop(&mut self) {
        if !self.answered {
            self.set(Err(SourceError::Cancelled));
        }
    }
}

/// Locks; a thread that panicked with the lock left whole values behind.
pub fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
