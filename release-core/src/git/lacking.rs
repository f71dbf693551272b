//! The knowledge of a partial clone: the objects that are here, and those that it lacks.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::BTreeSet;

/// The knowledge of a partial clone.
#[derive(Default)]
pub(super) struct Partial {
    pub(super) is_partial: bool,
    pub(super) is_offline: bool,
    pub(super) notice: Option<Notice>,
    pub(super) promisor: OnceCell<Option<String>>,
    /// The objects that are known to be here.
    pub(super) here: RefCell<BTreeSet<String>>,
    /// The revisions of which all trees are known to be here.
    pub(super) whole: RefCell<BTreeSet<String>>,
    /// The reason for which the remote did not give what it was asked for: it is asked once.
    pub(super) refused: RefCell<Option<String>>,
    /// `true` if git can be told to fetch nothing when it meets an object that is not here.
    pub(super) can_be_told: Cell<Option<bool>>,
}

/// Told how many objects are fetched, and from which remote, before that begins.
pub type Notice = Box<dyn Fn(usize, &str)>;

/// Objects that are not here, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lacking {
    /// The number of objects.
    pub number: usize,
    /// One of them, as a person knows it.
    pub such_as: String,
    /// The reason for which they could not be fetched: `--offline`, or the answer of git.
    pub why: String,
}

impl Lacking {
    /// Returns the objects that are lacking, and the reason.
    pub fn message(&self) -> String {
        let Self { number, such_as, why } = self;
        let what = if *number == 1 { such_as.clone() } else { format!("{number} objects, such as {such_as}") };
        format!("this partial clone lacks {what}: {why}")
    }

    /// The way out.
    pub const fn help() -> &'static str {
        "run the same command without `--offline` where the remote can be reached, or fetch everything once: `git fetch --refetch --no-filter`"
    }
}

impl std::fmt::Display for Lacking {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}; {}", self.message(), Self::help())
    }
}
