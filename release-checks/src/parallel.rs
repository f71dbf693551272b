//! Work at the same time: on all processors, or by as many threads as wait.

use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Returns the results of a function for every item, in their order, by as many threads as there are processors.
pub fn in_parallel<T: Sync, R: Send>(items: &[T], function: impl Fn(&T) -> R + Sync) -> Vec<R> {
    at_once(thread::available_parallelism().map_or(1, usize::from), items, function)
}

/// Returns the results of two functions at the same time: of one by a thread of its own, of the other by this one.
pub fn beside<A: Send, B>(other: impl FnOnce() -> A + Send, own: impl FnOnce() -> B) -> (A, B) {
    thread::scope(|scope| {
        let other = scope.spawn(other);
        let own = own();
        (other.join().unwrap_or_else(|cause| resume_unwind(cause)), own)
    })
}

/// Returns the results of a function for every item, in their order, by at most so many threads. Whoever is free takes the next
/// item, so that one large item does not hold up the others.
pub fn at_once<T: Sync, R: Send>(threads: usize, items: &[T], function: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let threads = threads.min(items.len());
    if threads < 2 {
        return items.iter().map(function).collect();
    }
    let next = AtomicUsize::new(0);
    let work = || {
        let taken = std::iter::from_fn(|| {
            let index = next.fetch_add(1, Ordering::Relaxed);
            Some((index, function(items.get(index)?)))
        });
        taken.collect::<Vec<_>>()
    };
    let mut results = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut results = work();
        // A thread that panicked has no results, and the run cannot go on without them.
        others.into_iter().for_each(|other| results.extend(other.join().unwrap_or_else(|cause| resume_unwind(cause))));
        results
    });
    results.sort_unstable_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_stand_in_the_order_of_the_items() {
        for length in [0, 1, 2, 1000] {
            let items: Vec<usize> = (0..length).collect();
            let doubled: Vec<usize> = items.iter().map(|item| item * 2).collect();
            assert_eq!(in_parallel(&items, |item| item * 2), doubled);
            assert_eq!(at_once(8, &items, |item| item * 2), doubled);
        }
    }

    #[test]
    fn two_functions_run_at_the_same_time_each_with_its_result() {
        let (sender, receiver) = std::sync::mpsc::channel();
        let (sent, received) = beside(move || sender.send(7), || receiver.recv());
        assert_eq!((sent, received), (Ok(()), Ok(7)));
    }

    #[test]
    fn a_panic_in_any_thread_ends_the_run_and_no_result_is_lost_in_silence() {
        let items: Vec<usize> = (0..100).collect();
        for bad in [0, 50, 99] {
            let run = || at_once(4, &items, |item| assert_ne!(*item, bad));
            assert!(std::panic::catch_unwind(run).is_err(), "{bad}");
        }
    }
}
