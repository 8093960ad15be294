//! Independent pieces of work on two threads: the one that asks, and one beside it.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::marker::{Run, give_up, or_too_complex};

/// To start a thread takes as long as a few pieces.
const WORTH_A_THREAD: usize = 16;
const STACK: usize = 512 * 1024;

/// What the work makes of each item, in the order of the items. Where markers get too complex, the run ends as it would on one thread.
pub(super) fn map_in_parallel<T: Sync, R: Send>(
    items: &[T],
    work: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    if items.len() < WORTH_A_THREAD {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let take_turns = || {
        let mut made: Vec<(usize, R)> = Vec::with_capacity(items.len());
        loop {
            let position = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(position) else {
                return made;
            };
            made.push((position, work(item)));
        }
    };
    let run = Run::of_this_thread();
    let mut made = std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        let beside = thread.spawn_scoped(scope, || run.work(|| or_too_complex(take_turns)));
        let mut made = take_turns();
        // Without a second thread everything is done here.
        match beside.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(Ok(others))) => made.extend(others),
            Ok(Ok(Err(_))) => give_up(),
            Ok(Err(panic)) => resume_unwind(panic),
            Err(_) => {}
        }
        made
    });
    made.sort_unstable_by_key(|(position, _)| *position);
    made.into_iter().map(|(_, made)| made).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_stand_in_the_order_of_the_items() {
        for count in [0, 1, WORTH_A_THREAD, 1000] {
            let items: Vec<usize> = (0..count).collect();
            let doubled = map_in_parallel(&items, |item| item * 2);
            assert!(doubled.into_iter().eq((0..count).map(|item| item * 2)));
        }
    }

    #[test]
    fn what_is_too_complex_on_either_thread_ends_the_run() {
        let items: Vec<usize> = (0..100).collect();
        let ended = or_too_complex(|| map_in_parallel(&items, |_| -> usize { give_up() }));
        assert!(ended.is_err());
    }
}
