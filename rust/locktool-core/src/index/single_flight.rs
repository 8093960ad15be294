//! Single flight: one response for each question. Whoever asks first starts the work, everybody else waits for the same result.
//!
//! ```text
//! expected --permit--> begun          expect: nobody waits yet; the work begins when there is a permit for work ahead of need
//!    |  '---join---> needed           join:   somebody waits; the work begins at once
//!    '---withdraw--> forgotten        as if it had not been asked; work that has begun is never withdrawn
//! ```

use std::collections::hash_map::Entry;
use std::hash::Hash;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustc_hash::FxHashMap;
use tokio::sync::{Notify, Semaphore, SemaphorePermit};

use crate::source::{Notice, Progress, SourceError};

/// How often a waiting thread looks whether the run was interrupted.
const CANCELLATION_INTERVAL: Duration = Duration::from_millis(50);

/// The questions of a run and their responses.
pub struct SingleFlight<K, T> {
    slots: Mutex<FxHashMap<K, Arc<Slot<T>>>>,
}

impl<K, T> Default for SingleFlight<K, T> {
    fn default() -> Self {
        Self {
            slots: Mutex::default(),
        }
    }
}

impl<K: Eq + Hash, T: Clone> SingleFlight<K, T> {
    /// The slot of a question whose response is needed, and the duty to respond if nobody has it yet.
    pub fn join(&self, key: K) -> (Arc<Slot<T>>, Option<Ticket<T>>) {
        match guard(&self.slots).entry(key) {
            Entry::Occupied(known) => {
                known.get().need();
                (known.get().clone(), None)
            }
            Entry::Vacant(vacant) => {
                let slot = Slot::new(Demand::Begun);
                vacant.insert(slot.clone());
                (slot.clone(), Some(Ticket::new(slot)))
            }
        }
    }

    /// The duty to respond to a question that is expected to be asked, if nobody has it yet.
    pub fn expect(&self, key: K) -> Option<Ticket<T>> {
        match guard(&self.slots).entry(key) {
            Entry::Occupied(_) => None,
            Entry::Vacant(vacant) => {
                let slot = Slot::new(Demand::Expected);
                vacant.insert(slot.clone());
                Some(Ticket::new(slot))
            }
        }
    }

    /// Forgets a question that was expected, if nobody needs it and the work has not begun.
    pub fn withdraw(&self, key: &K) {
        let mut slots = guard(&self.slots);
        if slots.get(key).is_some_and(|slot| slot.withdraw()) {
            slots.remove(key);
        }
    }

    /// Whether the response to a question is there.
    pub fn is_known(&self, key: &K) -> bool {
        let slots = guard(&self.slots);
        slots
            .get(key)
            .is_some_and(|slot| guard(&slot.state).response.is_some())
    }
}

/// How far a question has come that has no response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Demand {
    Expected,
    Needed,
    Begun,
    Withdrawn,
}

/// Where one response will be.
pub struct Slot<T> {
    state: Mutex<State<T>>,
    ready: Condvar,
    /// Wakes the work that waits for a permit.
    demanded: Notify,
}

struct State<T> {
    response: Option<Result<T, SourceError>>,
    demand: Demand,
    notices: Vec<Notice>,
}

impl<T> Slot<T> {
    fn new(demand: Demand) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(State {
                response: None,
                demand,
                notices: Vec::new(),
            }),
            ready: Condvar::new(),
            demanded: Notify::new(),
        })
    }

    /// Says that somebody waits: the work does not need a permit from here on.
    fn need(&self) {
        let mut state = guard(&self.state);
        if state.demand == Demand::Expected {
            state.demand = Demand::Needed;
            self.demanded.notify_one();
        }
    }

    fn withdraw(&self) -> bool {
        let mut state = guard(&self.state);
        let is_idle = state.demand == Demand::Expected && state.response.is_none();
        if is_idle {
            state.demand = Demand::Withdrawn;
            self.demanded.notify_one();
        }
        is_idle
    }

    /// Sends a notice when the response is there.
    pub fn notify(&self, notice: Notice) {
        let mut state = guard(&self.state);
        if state.response.is_none() {
            state.notices.push(notice);
        } else {
            drop(state);
            notice.send();
        }
    }
}

impl<T: Clone> Slot<T> {
    /// Waits for the response, until the run is cancelled or the deadline of its search has passed.
    pub fn wait(&self, progress: &Progress) -> Result<T, SourceError> {
        let mut state = guard(&self.state);
        loop {
            if let Some(response) = state.response.as_ref() {
                return response.clone();
            }
            if progress.is_cancelled() || progress.is_late() {
                return Err(SourceError::Cancelled);
            }
            let waited = self.ready.wait_timeout(state, CANCELLATION_INTERVAL);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

/// The duty to respond. Dropped without a response (the task was stopped), it responds "cancelled".
pub struct Ticket<T> {
    slot: Arc<Slot<T>>,
    is_done: bool,
}

impl<T> Ticket<T> {
    fn new(slot: Arc<Slot<T>>) -> Self {
        Self {
            slot,
            is_done: false,
        }
    }

    pub fn respond(mut self, response: Result<T, SourceError>) {
        self.set(response);
    }

    /// Waits until the work may begin: it is needed, or there is a permit, which is to be kept until the work is done. Returns false
    /// if the question was withdrawn.
    pub async fn begin<'p>(&self, permits: &'p Semaphore) -> (bool, Option<SemaphorePermit<'p>>) {
        loop {
            let demanded = self.slot.demanded.notified();
            match self.demand() {
                Demand::Needed | Demand::Begun => return (true, None),
                Demand::Withdrawn => return (false, None),
                Demand::Expected => {}
            }
            tokio::select! {
                () = demanded => {}
                permit = permits.acquire() => {
                    let mut state = guard(&self.slot.state);
                    if state.demand == Demand::Expected {
                        state.demand = Demand::Begun;
                        return (true, permit.ok());
                    }
                }
            }
        }
    }

    fn demand(&self) -> Demand {
        guard(&self.slot.state).demand
    }

    fn set(&mut self, response: Result<T, SourceError>) {
        self.is_done = true;
        let notices = {
            let mut state = guard(&self.slot.state);
            state.response = Some(response);
            std::mem::take(&mut state.notices)
        };
        self.slot.ready.notify_all();
        notices.into_iter().for_each(Notice::send);
    }
}

impl<T> Drop for Ticket<T> {
    fn drop(&mut self) {
        if !self.is_done {
            self.set(Err(SourceError::Cancelled));
        }
    }
}

/// Locks a mutex; a thread that panicked while it held the lock left whole values behind.
pub fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    type Questions = SingleFlight<u32, u32>;

    /// Runs a future that may wait for other tasks of the same runtime.
    fn run<T>(future: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build();
        runtime.expect("a runtime").block_on(future)
    }

    #[test]
    fn a_question_has_one_ticket_and_one_response() {
        let questions = Questions::default();
        let (slot, ticket) = questions.join(1);
        assert!(questions.join(1).1.is_none() && questions.expect(1).is_none());
        ticket.expect("whoever asks first works").respond(Ok(7));
        assert_eq!(slot.wait(&Progress::default()), Ok(7));
        assert!(questions.is_known(&1) && !questions.is_known(&2));
    }

    #[test]
    fn what_is_expected_waits_for_a_permit_unless_it_is_needed() {
        run(async {
            let (questions, permits) = (Questions::default(), Semaphore::new(1));
            let first = questions.expect(1).expect("a ticket");
            let second = questions.expect(2).expect("a ticket");
            let (begins, permit) = first.begin(&permits).await;
            assert!(begins && permit.is_some());
            let waiting = tokio::time::timeout(Duration::ZERO, second.begin(&permits));
            assert!(waiting.await.is_err());
            questions.join(2);
            assert!(matches!(second.begin(&permits).await, (true, None)));
        });
    }

    #[test]
    fn only_what_nobody_needs_and_has_not_begun_is_withdrawn() {
        run(async {
            let (questions, permits) = (Questions::default(), Semaphore::new(1));
            let idle = questions.expect(1).expect("a ticket");
            questions.withdraw(&1);
            assert!(matches!(idle.begin(&permits).await, (false, None)));
            drop(idle);
            let again = questions.join(1).1.expect("as if it had not been asked");
            questions.withdraw(&1);
            again.respond(Ok(1));
            assert!(questions.is_known(&1));
            let begun = questions.expect(2).expect("a ticket");
            let turn = begun.begin(&permits).await;
            questions.withdraw(&2);
            assert!(turn.0 && questions.expect(2).is_none());
        });
    }
}
