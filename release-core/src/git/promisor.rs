//! Which objects are here, and the one fetch of those that are not, from the remote that has promised them.

use super::process::{Git, GitError, text};
use std::collections::BTreeSet;

impl Git {
    /// Those of the objects that are not here.
    pub(super) fn missing(&self, ids: &[&str]) -> Result<Vec<String>, GitError> {
        let unknown: Vec<&str> = ids.iter().filter(|id| !self.partial.here.borrow().contains(**id)).copied().collect();
        if unknown.is_empty() {
            return Ok(Vec::new());
        }
        let is_here: Vec<bool> = match self.can_be_told()? {
            true => {
                let answer = self.fed(&["cat-file", "--batch-check=%(objecttype)"], &unknown)?;
                answer.lines().map(|line| !line.ends_with(" missing")).collect()
            }
            // All that there is, for an older git ends when it is asked for what it cannot fetch.
            false => {
                let words = ["cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objectname)"];
                let all = self.read(&words)?;
                let all: BTreeSet<&str> = all.lines().collect();
                unknown.iter().map(|id| all.contains(id)).collect()
            }
        };
        let (here, missing): (Vec<_>, Vec<_>) = unknown.into_iter().zip(is_here).partition(|(_, is_here)| *is_here);
        self.partial.here.borrow_mut().extend(here.into_iter().map(|(id, _)| id.to_owned()));
        Ok(missing.into_iter().map(|(id, _)| id.to_owned()).collect())
    }

    /// Returns `true` if git knows `GIT_NO_LAZY_FETCH`, which came with 2.44.
    fn can_be_told(&self) -> Result<bool, GitError> {
        if let Some(known) = self.partial.can_be_told.get() {
            return Ok(known);
        }
        let answer = self.read(&["version"])?;
        let mut numbers =
            answer.trim_start_matches("git version ").split('.').map_while(|part| part.trim().parse::<u32>().ok());
        let found = (numbers.next(), numbers.next()) >= (Some(2), Some(44));
        self.partial.can_be_told.set(Some(found));
        Ok(found)
    }

    /// Fetches objects by their ids, as git itself does for one that it meets. A remote that does not give them is remembered.
    pub(super) fn fetch_objects(&self, ids: &[String]) -> Result<(), GitError> {
        let Some(remote) = self.promisor()? else { return Ok(()) };
        if let Some(notice) = &self.partial.notice {
            notice(ids.len(), &remote);
        }
        let fetch = ["-c", "fetch.negotiationAlgorithm=noop", "fetch", "--progress"];
        let alone = ["--no-tags", "--no-write-fetch-head", "--recurse-submodules=no", "--filter=blob:none", "--stdin"];
        let words = [&fetch, &alone[..], &[&remote]].concat();
        let reason = match self.asked(&remote, &words, &(ids.join("\n") + "\n")) {
            Ok(_) => return Ok(()),
            Err(GitError::Failed { stderr, .. }) => format!("{remote} did not give them ({stderr})"),
            Err(error @ GitError::Silent { .. }) => error.to_string(),
            Err(error) => return Err(error),
        };
        *self.partial.refused.borrow_mut() = Some(reason);
        Ok(())
    }

    /// The remote that has promised what is not here.
    fn promisor(&self) -> Result<Option<String>, GitError> {
        if let Some(known) = self.partial.promisor.get() {
            return Ok(known.clone());
        }
        let words = ["config", "--get-regexp", r"^(remote\..*\.promisor|extensions\.partialclone)$"];
        let answer = text(&self.output(&words, None)?.stdout);
        let name = |line: &str| match line.split_once(' ')? {
            ("extensions.partialclone", name) => Some(name.to_owned()),
            (key, "true") => Some(key.strip_prefix("remote.")?.strip_suffix(".promisor")?.to_owned()),
            _ => None,
        };
        let found = answer.lines().find_map(name);
        Ok(self.partial.promisor.get_or_init(|| found).clone())
    }
}
