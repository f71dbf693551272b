//! Commits, and which hook refused one.

use super::{Git, GitError, text};
use camino::{Utf8Path, Utf8PathBuf};
use std::io::{ErrorKind, Write};
use std::process::Stdio;

/// A commit to be made.
#[derive(Clone, Debug)]
pub struct CommitRequest<'a> {
    /// Its message.
    pub message: &'a str,
    /// Whether it is signed off.
    pub signoff: bool,
    /// The files that it takes, and no others, whatever is staged.
    pub paths: &'a [Utf8PathBuf],
    /// Where git writes its trace, from which the hook that refuses is read.
    pub trace: &'a Utf8Path,
}

/// How a commit ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommitOutcome {
    /// It is made, with this id.
    Made(String),
    /// It is not made.
    Refused {
        /// The hook that refused, such as `pre-commit`; nothing when it was git itself, as for a missing identity.
        hook: Option<String>,
        /// The ids of the pre-commit framework's hooks that failed.
        ids: Vec<String>,
    },
}

impl Git {
    /// Commits files. The user's hooks and signing apply; what they say goes to `show` as it comes.
    ///
    /// # Errors
    /// When git cannot be started.
    pub fn commit(&self, request: &CommitRequest<'_>, show: &mut dyn FnMut(&[u8])) -> Result<CommitOutcome, GitError> {
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
            let said = child.stderr.take().map(|stream| drain(stream, show)).transpose()?.unwrap_or_default();
            Ok((child.wait()?.success(), said))
        });
        self.end();
        let (is_made, said) = said.map_err(|source| GitError::Interrupted { command: "commit".to_owned(), source })?;
        if is_made {
            return Ok(CommitOutcome::Made(self.read(&["rev-parse", "HEAD"])?.trim().to_owned()));
        }
        let hook = std::fs::read_to_string(request.trace).ok().and_then(|trace| failed_hook(&trace));
        let ids = said.lines().filter_map(|line| line.trim().strip_prefix("- hook id: ")).map(str::to_owned).collect();
        Ok(CommitOutcome::Refused { hook, ids })
    }
}

/// Shows a stream as it comes, and keeps it.
fn drain(mut stream: impl std::io::Read, show: &mut dyn FnMut(&[u8])) -> std::io::Result<String> {
    let mut kept = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match stream.read(&mut buffer)? {
            0 => return Ok(text(&kept)),
            read => {
                show(&buffer[..read]);
                kept.extend_from_slice(&buffer[..read]);
            }
        }
    }
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
