//! A tool as a process: in a group of its own, which ends as a whole, and what it said.

use crate::effects::interrupt::Interrupt;
use release_core::git::{end_group, has_ended};
use release_core::text::shown;
use std::collections::VecDeque;
use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// The lines that are shown of a failing tool's words.
const SHOWN_LINES: usize = 12;

/// The bytes of them that are kept, from the end.
const KEPT_BYTES: usize = 64 << 10;

/// The time between two looks at a running tool.
const GLANCE: Duration = Duration::from_millis(20);

/// The time that a tool that has ended is listened to.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// The end of a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Well,
    Badly,
    /// By us, as this run was interrupted.
    Interrupted,
    /// By us, after its time.
    TooLate,
}

/// Runs a process to its end, and with it all that it has started and that is still in its group. Gives back its last lines,
/// each on a line of its own and indented.
pub(super) fn run(mut command: Command, interrupt: &Interrupt, limit: Duration) -> io::Result<(Ended, String)> {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).process_group(0);
    let mut child = command.spawn()?;
    let said = child.stderr.take().map(listen);
    let ended = watch(&mut child, interrupt, limit)?;
    Ok((ended, last_lines(&said.map(|said| gather(&said)).unwrap_or_default())))
}

/// Waits until a process has ended, and ends it when the run is interrupted or the time is over.
fn watch(child: &mut Child, interrupt: &Interrupt, limit: Duration) -> io::Result<Ended> {
    let started = Instant::now();
    let mut ended = None;
    while ended.is_none() && !has_ended(child)? {
        let over = || (started.elapsed() >= limit).then_some(Ended::TooLate);
        ended = interrupt.happened().then_some(Ended::Interrupted).or_else(over);
        if ended.is_none() {
            thread::sleep(GLANCE);
        }
    }
    // What it has started ends with it, however that came.
    let status = end_group(child, Duration::ZERO)?;
    let own = match (status.success(), interrupt.happened()) {
        (true, _) => Ended::Well,
        (false, true) => Ended::Interrupted,
        (false, false) => Ended::Badly,
    };
    Ok(ended.unwrap_or(own))
}

/// The words of a process, from its end, while somebody listens.
struct Said {
    kept: Arc<Mutex<VecDeque<u8>>>,
    listener: JoinHandle<()>,
}

/// Reads what a process says while it runs: a full pipe would stop it.
fn listen(mut stderr: ChildStderr) -> Said {
    let kept = Arc::new(Mutex::new(VecDeque::new()));
    let keeps = Arc::clone(&kept);
    let listener = thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = stderr.read(&mut bytes) {
            let mut kept = keeps.lock().unwrap_or_else(PoisonError::into_inner);
            kept.extend(&bytes[..count]);
            let over = kept.len().saturating_sub(KEPT_BYTES);
            kept.drain(..over);
        }
    });
    Said { kept, listener }
}

/// Returns the words of a process that has ended. One that left its group may be there still, and hold the pipe open.
fn gather(said: &Said) -> String {
    let ended = Instant::now();
    while !said.listener.is_finished() && ended.elapsed() < LAST_WORDS {
        thread::sleep(GLANCE);
    }
    let kept = said.kept.lock().unwrap_or_else(PoisonError::into_inner);
    String::from_utf8_lossy(&kept.iter().copied().collect::<Vec<u8>>()).into_owned()
}

fn last_lines(said: &str) -> String {
    let lines: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = &lines[lines.len().saturating_sub(SHOWN_LINES)..];
    last.iter().map(|line| format!("\n  {}", shown(line.trim_end()))).collect()
}

#[cfg(test)]
mod tests;
