//! Questions that are asked side by side.

use release_checks::parallel;

/// The number of questions that are asked at the same time.
const CONNECTIONS: usize = 8;

/// Asks several questions at the same time, and gives the answers in the order of the questions.
pub(crate) fn at_once<Q: Sync, A: Send>(questions: &[Q], ask: impl Fn(&Q) -> A + Sync) -> Vec<A> {
    parallel::at_once(CONNECTIONS, questions, ask)
}
