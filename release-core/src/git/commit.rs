//! Commits, and which hook refused one.

use super::ending::{Ending, GLANCE, Heard, listen};
use super::process::{Git, GitError, text};
use camino::{Utf8Path, Utf8PathBuf};
use std::io::{ErrorKind, Write};
use std::process::{Child, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// The time for which a git that has ended is listened to, since it or its hook said something last. Processes that a
/// hook leaves running may hold the stream open.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// A commit to be made.
#[derive(Clone, Debug)]
pub struct CommitRequest<'a> {
    /// Its message.
    pub message: &'a str,
    /// `true` if it is signed off.
    pub signoff: bool,
    /// The files that it takes, and no others, whatever is staged.
    pub paths: &'a [Utf8PathBuf],
    /// The file into which git writes its trace, from which the hook that refuses is read.
    pub trace: &'a Utf8Path,
    /// The commit that the head is at.
    pub base: &'a str,
}

/// A commit that was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// Its id.
    pub id: String,
    /// The commits that it was made on.
    pub parents: Vec<String>,
    /// The full name of the branch that the head is on; `None` where it is on none.
    pub head: Option<String>,
    /// `true` if git said that all went well. It can fail after it has made the commit, as when it cannot write the
    /// index.
    pub is_whole: bool,
}

/// The outcome of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommitOutcome {
    /// The head has moved.
    Made(Made),
    /// It is not made.
    Refused {
        /// The hook that refused, such as `pre-commit`, or `None` if it was git itself, as for a missing identity.
        hook: Option<String>,
        /// The ids of the pre-commit framework's hooks that failed.
        ids: Vec<String>,
    },
}

impl Git {
    /// Commits files. The user's hooks and signing apply; what they say goes to `show` as it comes. When `is_over` says so,
    /// git and all that it has started is ended.
    ///
    /// # Errors
    /// When git cannot be started.
    pub fn commit(
        &self,
        request: &CommitRequest<'_>,
        is_over: &dyn Fn() -> bool,
        show: &mut dyn FnMut(&[u8]),
    ) -> Result<CommitOutcome, GitError> {
        let mut words = vec!["commit", "--quiet", "--message", request.message];
        words.extend(request.signoff.then_some("--signoff"));
        words.extend(["--only", "--pathspec-from-file=-", "--pathspec-file-nul"]);
        let paths = request.paths.iter().map(|path| path.as_str()).collect::<Vec<_>>().join("\0");
        self.begin(&words);
        let mut command =
            std::process::Command::from(self.command(&words).env("GIT_TRACE2_EVENT", request.trace).quiet());
        let spawned = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
        let said = spawned.and_then(|mut child| {
            if let Some(mut input) = child.stdin.take() {
                match input.write_all(paths.as_bytes()) {
                    // It ended without reading them, and says why.
                    Err(error) if error.kind() == ErrorKind::BrokenPipe => {}
                    written => written?,
                }
            }
            watch(&mut child, is_over, show)
        });
        self.end();
        let (is_whole, said) = said.map_err(|source| GitError::Interrupted { command: "commit".to_owned(), source })?;
        // Not the exit alone: a git that is ended in a hook after the commit has made it all the same.
        let made = self.made(is_whole)?;
        if is_whole || made.id != request.base {
            return Ok(CommitOutcome::Made(made));
        }
        let hook = std::fs::read_to_string(request.trace).ok().and_then(|trace| failed_hook(&trace));
        let ids = said.lines().filter_map(|line| line.trim().strip_prefix("- hook id: ")).map(str::to_owned).collect();
        Ok(CommitOutcome::Refused { hook, ids })
    }

    /// The commit that the head is at.
    fn made(&self, is_whole: bool) -> Result<Made, GitError> {
        let line = self.read(&["rev-list", "--parents", "--max-count=1", "HEAD"])?;
        let mut ids = line.split_whitespace().map(str::to_owned);
        let head = self.output(&["symbolic-ref", "--quiet", "HEAD"], None)?;
        let head = String::from_utf8_lossy(&head.stdout).trim_end().to_owned();
        let head = Some(head).filter(|head| !head.is_empty());
        Ok(Made { id: ids.next().unwrap_or_default(), parents: ids.collect(), head, is_whole })
    }
}

/// Shows what a process says as it comes until it has ended. Returns `true` if that was well, and all that it said.
fn watch(
    child: &mut Child,
    is_over: &dyn Fn() -> bool,
    show: &mut dyn FnMut(&[u8]),
) -> std::io::Result<(bool, String)> {
    let (sender, said) = mpsc::channel();
    child.stderr.take().map(|stream| listen(stream, true, sender.clone()));
    drop(sender);
    let mut kept = Vec::new();
    let mut keep = |heard: Heard| {
        show(&heard.bytes);
        kept.extend(heard.bytes);
    };
    let mut ending = None;
    let status = loop {
        match said.recv_timeout(GLANCE) {
            Ok(heard) => keep(heard),
            Err(RecvTimeoutError::Timeout) => {}
            // It has closed the stream, and so is about to end.
            Err(RecvTimeoutError::Disconnected) => thread::sleep(Duration::from_millis(1)),
        }
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if is_over() {
            ending.get_or_insert_with(|| Ending::new(child.id())).glance();
        }
    };
    if let Some(ending) = ending {
        ending.finish();
    }
    while let Ok(heard) = said.recv_timeout(LAST_WORDS) {
        keep(heard);
    }
    Ok((status.success(), text(&kept)))
}

/// The hook that failed, by git's trace: a child of the class `hook` that exits with another code than 0.
/// (Format: <https://git-scm.com/docs/api-trace2#_child_events>.)
fn failed_hook(trace: &str) -> Option<String> {
    let events: Vec<serde_json::Value> = trace.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
    let is = |event: &serde_json::Value, name: &str| event["event"] == name;
    let started = events.iter().filter(|event| is(event, "child_start") && event["child_class"] == "hook");
    started
        .filter(|start| {
            let same = |event: &&serde_json::Value| {
                is(event, "child_exit") && event["child_id"] == start["child_id"] && event["sid"] == start["sid"]
            };
            events.iter().find(same).is_some_and(|exit| exit["code"] != 0)
        })
        .find_map(|start| start["hook_name"].as_str().map(str::to_owned))
}
