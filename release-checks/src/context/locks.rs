//! Lockfiles that were read lately: in a past many trees have the same one, and reading it is most of what a tree costs.

use release_core::lockfile::package_lock::PackageLock;
use release_core::text::{SourceText, SyntaxError};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

/// The content of a `package-lock.json`, or the reason why it cannot be read.
pub type ReadLock = Arc<Result<PackageLock, SyntaxError>>;

/// The number of files that are kept. Trees that share one lie close together in time, and a long past has many.
const KEPT: usize = 8;

/// The lockfiles of npm that were read last.
#[derive(Debug, Default)]
pub struct ReadLocks {
    last: Mutex<VecDeque<(SourceText, ReadLock)>>,
}

impl ReadLocks {
    /// Returns the content of a text, from memory where it was read lately.
    pub(super) fn read(&self, text: &SourceText) -> ReadLock {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = last.iter().position(|(known, _)| known == text)
            && let Some(found) = last.remove(at)
        {
            let read = Arc::clone(&found.1);
            last.push_back(found);
            return read;
        }
        // Others go on meanwhile; should one of them read the same text, it is read twice.
        drop(last);
        let read = Arc::new(PackageLock::parse(text));
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.push_back((text.clone(), Arc::clone(&read)));
        if last.len() > KEPT {
            last.pop_front();
        }
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_lately_is_not_read_again_and_no_more_than_that_is_kept() {
        let locks = ReadLocks::default();
        let text = |number: usize| {
            SourceText::new(format!(r#"{{"lockfileVersion": 3, "name": "a{number}", "packages": {{}}}}"#))
        };
        let first = locks.read(&text(0));
        assert!(first.is_ok());
        (1..KEPT).for_each(|number| drop(locks.read(&text(number))));
        assert!(Arc::ptr_eq(&first, &locks.read(&text(0))));
        (1..=KEPT).for_each(|number| drop(locks.read(&text(number))));
        assert!(!Arc::ptr_eq(&first, &locks.read(&text(0))));
        assert_eq!(locks.last.lock().unwrap().len(), KEPT);
    }
}
