//! Questions to remotes: the only git commands that wait for anybody else. They have a time limit, and what they started ends
//! with them.

use super::ending::{Heard, end_group, listen};
use super::patience::{Patience, Stop};
use super::process::{Git, GitError, failed, text};
use std::io::Write;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ExitStatus, Output, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// The time between two looks at a git that asks a remote, and at the wish of the person to end it.
const TICK: Duration = Duration::from_millis(50);

/// The time between two looks at a git that has closed its streams.
const GLANCE: Duration = Duration::from_millis(1);

/// The time in which git may clean up before it is killed.
const GRACE: Duration = Duration::from_secs(2);

impl Git {
    /// Returns a git that waits for remotes as long as this says.
    #[must_use]
    pub fn with_patience(mut self, patience: Patience) -> Self {
        self.patience = patience;
        self
    }

    /// Returns the references asked for that a remote has, by full name.
    ///
    /// # Errors
    /// When it cannot be asked, or does not answer.
    pub fn ask_remote(&self, remote: &str, references: &[&str]) -> Result<Vec<(String, String)>, GitError> {
        let answer = self.asked(remote, &[&["ls-remote", "--", remote], references].concat(), "")?;
        let pair = |line: &str| line.split_once('\t').map(|(id, name)| (name.to_owned(), id.to_owned()));
        Ok(answer.lines().filter_map(pair).collect())
    }

    /// Fetches the branches that a clone follows, those that `is_wanted` beside them, and all tags. Submodules are not fetched:
    /// where they are is for the tree to say.
    ///
    /// # Errors
    /// When git fails, or the remote does not answer.
    pub fn fetch(&self, remote: &str, is_wanted: &dyn Fn(&str) -> bool) -> Result<(), GitError> {
        let narrow = self.refspecs(remote)?.filter(|refspecs| !refspecs.iter().any(|refspec| covers(refspec)));
        let mut words = vec!["fetch", "--progress", "--tags", "--recurse-submodules=no", "--", remote];
        let more: Vec<String> = match &narrow {
            Some(followed) => self.beyond(remote, followed, is_wanted)?,
            None => Vec::new(),
        };
        words.extend(more.iter().map(String::as_str));
        let remote = remote.to_owned();
        match self.asked(&remote, &words, "") {
            Ok(_) => Ok(()),
            Err(GitError::Failed { stderr, .. }) => Err(match kept(&stderr) {
                kept if kept.is_empty() => GitError::NotFetched { remote, reason: stderr },
                kept => GitError::Kept { remote, kept },
            }),
            Err(error) => Err(error),
        }
    }

    /// Returns the refspecs of a remote, or `None` if it has none, as an address has.
    fn refspecs(&self, remote: &str) -> Result<Option<Vec<String>>, GitError> {
        let answer = self.output(&["config", "--get-all", &format!("remote.{remote}.fetch")], None)?;
        let refspecs: Vec<String> = text(&answer.stdout).lines().map(str::to_owned).collect();
        Ok(Some(refspecs).filter(|refspecs| !refspecs.is_empty()))
    }

    /// Returns the refspecs that a clone of few branches follows, and those of the wanted branches of its remote beside
    /// them.
    fn beyond(
        &self,
        remote: &str,
        followed: &[String],
        is_wanted: &dyn Fn(&str) -> bool,
    ) -> Result<Vec<String>, GitError> {
        let there = self.ask_remote(remote, &["refs/heads/*"])?;
        let wanted =
            there.iter().filter_map(|(name, _)| name.strip_prefix("refs/heads/")).filter(|name| is_wanted(name));
        let refspec = |name: &str| format!("+refs/heads/{name}:refs/remotes/{remote}/{name}");
        let mut all = followed.to_vec();
        all.extend(wanted.map(refspec));
        all.sort_unstable();
        all.dedup();
        Ok(all)
    }

    /// Runs a git command that asks a remote, without a question to the person, and ends it when nothing is said for too long.
    pub(super) fn asked(&self, remote: &str, words: &[&str], input: &str) -> Result<String, GitError> {
        let words = [self.without_questions()?, words].concat();
        self.begin(&words);
        let mut command = std::process::Command::from(self.command(&words).quiet());
        // A group of its own: what git starts, as ssh, ends with it.
        command.process_group(0).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Watched for first: a signal that came just after the start would end us, and leave git to itself.
        let stop = (self.patience.watch)();
        let waited = command.spawn().map_err(Ended::Io).and_then(|child| self.wait(child, input, &stop));
        drop(stop);
        self.end();
        let remote = remote.to_owned();
        let output = waited.map_err(|why| match why {
            Ended::Silent => GitError::Silent { remote, seconds: self.patience.silence.as_secs() },
            Ended::Stopped(signal) => GitError::Stopped { remote, signal },
            Ended::Io(source) => GitError::Interrupted { command: words.join(" "), source },
        })?;
        if output.status.success() {
            return Ok(text(&output.stdout));
        }
        Err(failed(&words, &reason(&text(&output.stderr))))
    }

    /// Returns the settings that keep ssh from asking for a passphrase on the terminal, which a run without a person
    /// would wait for; none if the person has chosen how ssh is started.
    fn without_questions(&self) -> Result<&'static [&'static str], GitError> {
        let chosen = self.chooses_ssh || self.output(&["config", "--get", "core.sshCommand"], None)?.status.success();
        Ok(if chosen { &[] } else { &["-c", "core.sshCommand=ssh -oBatchMode=yes"] })
    }

    fn wait(&self, mut child: Child, input: &str, stop: &Stop) -> Result<Output, Ended> {
        let (sender, heard) = mpsc::channel();
        if let Some(mut stdin) = child.stdin.take() {
            let input = input.to_owned();
            // One that ended without reading says why on its other stream.
            thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
        }
        let answer = child.stdout.take().map(|stream| listen(stream, false, sender.clone()));
        child.stderr.take().map(|stream| listen(stream, true, sender.clone()));
        drop(sender);
        let is_heard = || answer.as_ref().is_none_or(JoinHandle::is_finished);
        let ended = self.hear(&mut child, &heard, &is_heard, stop);
        if ended.is_err() {
            // The reason for the end is the one that is told.
            let _ = end_group(&mut child, GRACE);
        }
        ended
    }

    /// Gathers both streams until git has ended and its whole answer was read, however late that is.
    fn hear(
        &self,
        child: &mut Child,
        heard: &Receiver<Heard>,
        is_heard: &dyn Fn() -> bool,
        stop: &Stop,
    ) -> Result<Output, Ended> {
        let mut output = Output { status: ExitStatus::from_raw(0), stdout: Vec::new(), stderr: Vec::new() };
        let mut silence = Duration::ZERO;
        loop {
            // Asked before the channel is: what was sent until then is in it.
            let is_whole = is_heard();
            match heard.recv_timeout(TICK) {
                Ok(Heard { is_error, bytes }) => {
                    silence = Duration::ZERO;
                    let stream = if is_error { &mut output.stderr } else { &mut output.stdout };
                    stream.extend_from_slice(&bytes);
                }
                Err(why) => {
                    let is_closed = why == RecvTimeoutError::Disconnected;
                    // A connection that ssh keeps for later has the stream of errors open when git has long ended.
                    if (is_whole || is_closed)
                        && let Some(status) = child.try_wait()?
                    {
                        return Ok(Output { status, ..output });
                    }
                    // One that has closed its streams ends in a moment.
                    silence += if is_closed { GLANCE } else { TICK };
                    if is_closed {
                        thread::sleep(GLANCE);
                    }
                }
            }
            self.ends(silence, stop)?;
        }
    }

    /// Fails when git is not waited for any longer.
    fn ends(&self, silence: Duration, stop: &Stop) -> Result<(), Ended> {
        match stop() {
            Some(signal) => Err(Ended::Stopped(signal)),
            None if silence >= self.patience.silence => Err(Ended::Silent),
            None => Ok(()),
        }
    }
}

/// The reason for which git was ended.
enum Ended {
    Silent,
    Stopped(i32),
    Io(std::io::Error),
}

impl From<std::io::Error> for Ended {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}

/// Returns `true` if a refspec brings every branch.
fn covers(refspec: &str) -> bool {
    let source = refspec.trim_start_matches('+').split(':').next().unwrap_or_default();
    matches!(source, "refs/heads/*" | "refs/*")
}

/// Returns why git failed, in a line: what it said without the counters that it draws over each other, the references that it did fetch,
/// and advice.
fn reason(said: &str) -> String {
    let last = |line: &str| line.rsplit('\r').find(|part| !part.trim().is_empty()).unwrap_or_default().to_owned();
    let lines: Vec<String> = said.lines().map(last).filter(|line| !is_noise(line)).collect();
    // What git says last of any remote that it cannot ask, whatever the reason.
    let is_general = |line: &&str| GENERAL.contains(line);
    let trimmed = || lines.iter().map(|line| line.trim());
    let special: Vec<&str> = trimmed().filter(|line| !is_general(line)).collect();
    if special.is_empty() { trimmed().collect::<Vec<_>>().join(" ") } else { special.join("; ") }
}

/// The words that git ends with where a remote cannot be asked (<https://git-scm.com/docs/protocol-common>).
const GENERAL: [&str; 3] = [
    "fatal: Could not read from remote repository.",
    "Please make sure you have the correct access rights",
    "and the repository exists.",
];

/// Tells if a line says nothing about a failure.
fn is_noise(line: &str) -> bool {
    let beginnings = ["From ", "hint:", "warning:", "Warning:"];
    let counted = ["Counting", "Compressing", "Receiving", "Resolving", "Enumerating", "Total"];
    let counter = line.trim_start_matches("remote: ");
    // ` * [new tag]  v0.4.5 -> v0.4.5`: a reference, by a flag (<https://git-scm.com/docs/git-fetch#_output>).
    let is_fetched = line.starts_with(' ') && line.contains(" -> ") && !refused(line);
    line.trim().is_empty()
        || is_fetched
        || beginnings.iter().any(|beginning| line.starts_with(beginning))
        || counted.iter().any(|word| counter.starts_with(word))
}

/// Tells if a line is about a reference that git did not fetch.
fn refused(line: &str) -> bool {
    line.trim_start().starts_with("! ")
}

/// Returns the references that git did not fetch, of the reason for which it failed: `v0.4.5 -> v0.4.5 (would clobber existing tag)`.
fn kept(reason: &str) -> String {
    let lines = reason.split("; ").filter(|line| refused(line));
    let words = |line: &str| line.trim_start_matches("! ").split_whitespace().collect::<Vec<_>>().join(" ");
    lines.map(words).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refspec_with_a_star_for_the_whole_name_brings_every_branch() {
        for (refspec, expected) in [
            ("+refs/heads/*:refs/remotes/origin/*", true),
            ("refs/heads/*:refs/heads/*", true),
            ("+refs/*:refs/*", true),
            ("+refs/heads/main:refs/remotes/origin/main", false),
            ("+refs/heads/release-*:refs/remotes/origin/release-*", false),
            ("+refs/pull/*/head:refs/remotes/origin/pr/*", false),
            ("^refs/heads/*", false),
        ] {
            assert_eq!(covers(refspec), expected, "{refspec}");
        }
    }

    #[test]
    fn a_reason_is_what_git_says_without_what_went_well() {
        let general = format!("{}\n\n{}\n{}\n", GENERAL[0], GENERAL[1], GENERAL[2]);
        let denied = "git@git.example: Permission denied (publickey).";
        let reference = " * [new tag]         v0.3.0     -> v0.3.0\n   1234567..89abcde  main -> origin/main\n";
        let rejected = " ! [rejected]        v0.4.4     -> v0.4.4  (would clobber existing tag)\n";
        let rejected_in_line = "! [rejected]        v0.4.4     -> v0.4.4  (would clobber existing tag)";
        for (said, expected, left) in [
            (
                "remote: Enumerating objects: 5, done.\nReceiving objects:  50% (1/2)\rReceiving objects: 100% (2/2)\n\
                 remote: ERROR: no such thing\nfatal: early EOF\n"
                    .to_owned(),
                "remote: ERROR: no such thing; fatal: early EOF".to_owned(),
                "",
            ),
            (format!("Warning: Permanently added it\n{denied}\n{general}"), denied.to_owned(), ""),
            (general.clone(), GENERAL.join(" "), ""),
            (
                format!("From ../f10\n{reference}{rejected}hint: more\n"),
                rejected_in_line.to_owned(),
                "[rejected] v0.4.4 -> v0.4.4 (would clobber existing tag)",
            ),
            (String::new(), String::new(), ""),
        ] {
            let found = reason(&said);
            assert_eq!((found.as_str(), kept(&found).as_str()), (expected.as_str(), left), "{said}");
        }
    }
}
