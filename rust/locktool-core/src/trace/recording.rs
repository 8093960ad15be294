//! Which recorder a thread reports to: each thread of a run is told once, by the thread that starts it.

use std::cell::RefCell;

use tracing::Dispatch;
use tracing::dispatcher::{self, DefaultGuard};
use tracing::subscriber::NoSubscriber;

thread_local! {
    /// Keeps the recorder of a thread for as long as the thread lives.
    static OF_THREAD: RefCell<Option<DefaultGuard>> = const { RefCell::new(None) };
}

/// What records the thread that asks, or nothing, to be handed to the threads that it starts.
#[derive(Clone)]
pub struct Recording(Option<Dispatch>);

impl Recording {
    /// What records this thread.
    pub fn of_this_thread() -> Self {
        Self(dispatcher::get_default(|current| {
            (!current.is::<NoSubscriber>()).then(|| current.clone())
        }))
    }

    /// Records a thread from here to its end.
    pub fn begin_thread(&self) {
        if let Some(dispatch) = &self.0 {
            let guard = dispatcher::set_default(dispatch);
            OF_THREAD.with_borrow_mut(|of_thread| *of_thread = Some(guard));
        }
    }
}

/// Does work of which nobody is to hear on this thread: a try, whose decisions are none of the run.
pub fn unrecorded<T>(work: impl FnOnce() -> T) -> T {
    dispatcher::with_default(&Dispatch::none(), work)
}
