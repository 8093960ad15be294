//! Word from a source that what was asked for is known, for a few threads that wait for many responses at once.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// A queue of numbers that whoever asks gives to what it asks for.
#[derive(Debug, Default)]
pub struct Arrivals {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Queue {
    numbers: VecDeque<usize>,
    is_closed: bool,
}

impl Arrivals {
    /// Adds a number.
    pub fn add(&self, number: usize) {
        self.lock().numbers.push_back(number);
        self.changed.notify_one();
    }

    /// The next number, waiting for it; `None` once the queue is closed.
    pub fn next(&self) -> Option<usize> {
        let mut queue = self.lock();
        loop {
            if queue.is_closed {
                return None;
            }
            if let Some(number) = queue.numbers.pop_front() {
                return Some(number);
            }
            queue = self
                .changed
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Ends the wait of every thread; what is in the queue is left there.
    pub fn close(&self) {
        self.lock().is_closed = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A number to add to a queue when a response is there.
#[derive(Debug)]
pub struct Notice {
    arrivals: Arc<Arrivals>,
    number: usize,
}

impl Notice {
    pub fn new(arrivals: &Arc<Arrivals>, number: usize) -> Self {
        Self {
            arrivals: Arc::clone(arrivals),
            number,
        }
    }

    pub fn send(self) {
        self.arrivals.add(self.number);
    }
}
