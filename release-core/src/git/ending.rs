//! Processes of ours that are listened to, and ended with whatever they have started, as a hook that hangs.

use crate::reading;
use camino::Utf8Path;
use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, kill_process_group, waitid};
use std::fs;
use std::io::{self, ErrorKind, Read};
use std::process::{Child, ExitStatus};
use std::sync::mpsc::Sender;
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// The time between two looks at a running git.
pub(super) const GLANCE: Duration = Duration::from_millis(20);

/// After how many glances which signal is sent. A Ctrl-C reaches all of them without us, and what tidies up after it must not
/// be hit by a second one. An interrupt comes first, for what restores files when it is interrupted.
const SIGNALS: [(u32, Signal); 3] = [(25, Signal::INT), (125, Signal::TERM), (300, Signal::KILL)];

/// A piece of what a process says.
pub(super) struct Heard {
    pub(super) is_error: bool,
    pub(super) bytes: Vec<u8>,
}

/// Reads a stream beside the one who waits, until it ends.
pub(super) fn listen(mut stream: impl Read + Send + 'static, is_error: bool, sender: Sender<Heard>) -> JoinHandle<()> {
    thread::spawn(move || {
        let mut buffer = [0; 8192];
        loop {
            match stream.read(&mut buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Ok(read @ 1..) => {
                    if sender.send(Heard { is_error, bytes: buffer[..read].to_vec() }).is_err() {
                        return;
                    }
                }
                _ => return,
            }
        }
    })
}

/// Returns `true` if a process of ours has ended. It is only looked at, so that its number, which may be that of a group,
/// stays taken.
///
/// # Errors
/// When it is no child of ours.
pub fn has_ended(child: &Child) -> io::Result<bool> {
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
    Ok(waitid(WaitId::Pid(Pid::from_child(child)), options)?.is_some())
}

/// Ends a process that leads a group, and all of the group. With a time of grace it is asked first, so that it removes its
/// locks.
///
/// # Errors
/// When the system does not let it be ended.
pub fn end_group(child: &mut Child, grace: Duration) -> io::Result<ExitStatus> {
    let group = Pid::from_child(child);
    if !grace.is_zero() {
        // One that has ended meanwhile is what was wanted.
        let _ = kill_process_group(group, Signal::TERM);
    }
    let mut left = grace;
    while !left.is_zero() && !has_ended(child)? {
        thread::sleep(GLANCE);
        left = left.saturating_sub(GLANCE);
    }
    match kill_process_group(group, Signal::KILL) {
        // What is left of the group has ended, and is not waited for yet: some systems say it so.
        Ok(()) | Err(Errno::SRCH | Errno::PERM) => child.wait(),
        Err(error) => Err(error.into()),
    }
}

/// A process, and when it was started: the number alone may be another one's by now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Process {
    pid: i32,
    parent: i32,
    started: u64,
}

/// The end of a git that has to come, a glance after the other.
pub(super) struct Ending {
    git: i32,
    glances: u32,
    /// All that it has started, as far as it was seen.
    started: Vec<Process>,
}

impl Ending {
    /// Of a child of ours that runs.
    pub(super) fn new(git: u32) -> Self {
        Self { git: i32::try_from(git).unwrap_or_default(), glances: 0, started: Vec::new() }
    }

    /// Does what is due by now, while the git runs.
    pub(super) fn glance(&mut self) {
        let Some(signal) = self.due() else { return };
        let all = processes();
        for process in descendants(self.git, &all) {
            if !self.started.contains(&process) {
                self.started.push(process);
            }
        }
        self.signal(&all, signal);
        // A git that sees its hook end tidies its locks up by itself; where there is no hook, it is asked.
        signal_to(self.git, signal);
    }

    /// Waits until all that the git was seen to start is gone, and sees to it. The git itself has ended, so that its number
    /// and the numbers of parents say nothing any more.
    pub(super) fn finish(mut self) {
        let last = SIGNALS.last().map_or(0, |(glances, _)| *glances);
        while self.glances <= last {
            let all = processes();
            if left(&self.started, &all).is_empty() {
                return;
            }
            if let Some(signal) = self.due() {
                self.signal(&all, signal);
            }
            thread::sleep(GLANCE);
        }
    }

    fn due(&mut self) -> Option<Signal> {
        let due = SIGNALS.iter().find(|(glances, _)| *glances == self.glances).map(|(_, signal)| *signal);
        self.glances += 1;
        due
    }

    fn signal(&self, all: &[Process], signal: Signal) {
        left(&self.started, all).iter().for_each(|process| signal_to(process.pid, signal));
    }
}

/// The known processes that run still.
fn left(known: &[Process], all: &[Process]) -> Vec<Process> {
    let is_left =
        |known: &&Process| all.iter().any(|process| (process.pid, process.started) == (known.pid, known.started));
    known.iter().filter(is_left).copied().collect()
}

/// Returns the processes that a process has started, and those that they have started. Returns none if the process is
/// not among all, and none that is older than the process: a number is given away again.
fn descendants(root: i32, all: &[Process]) -> Vec<Process> {
    let Some(root) = all.iter().find(|process| process.pid == root && root > 1) else { return Vec::new() };
    let mut found = vec![*root];
    let mut next = 0;
    while let Some(parent) = found.get(next).copied() {
        next += 1;
        let is_child =
            |process: &&Process| process.parent == parent.pid && process.pid > 1 && process.started >= parent.started;
        let children: Vec<Process> =
            all.iter().filter(is_child).filter(|child| !found.contains(child)).copied().collect();
        found.extend(children);
    }
    found.split_off(1)
}

fn signal_to(pid: i32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(pid).filter(|_| pid > 1) {
        // One that has ended meanwhile is what was wanted.
        let _ = kill_process(pid, signal);
    }
}

/// The processes of this machine that run, where `/proc` lists them (<https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html>);
/// elsewhere git alone is asked, and asks its hooks.
fn processes() -> Vec<Process> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    let numbers = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let stat = |pid: i32| read(pid, &reading::text(Utf8Path::new(&format!("/proc/{pid}/stat"))).ok()?);
    numbers.filter_map(stat).collect()
}

/// Reads `PID (NAME) STATE PARENT ... STARTED ...`; nothing for one that has ended and waits to be noticed.
fn read(pid: i32, stat: &str) -> Option<Process> {
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    let (state, parent, started) = (fields.first()?, fields.get(1)?, fields.get(19)?);
    (!matches!(*state, "Z" | "X")).then_some(())?;
    Some(Process { pid, parent: parent.parse().ok()?, started: started.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(pid: i32, parent: i32, started: u64) -> Process {
        Process { pid, parent, started }
    }

    #[test]
    fn only_what_a_process_has_started_is_found() {
        // In a container, processes that were brought in from outside have no parent.
        let all = [
            process(1, 0, 1),
            process(2, 0, 2),
            process(10, 2, 10),
            process(20, 10, 20),
            process(21, 20, 21),
            process(22, 20, 22),
            process(23, 22, 22),
            process(24, 20, 5),
            process(30, 1, 30),
            process(31, 30, 31),
        ];
        let found = |root: i32| descendants(root, &all).iter().map(|process| process.pid).collect::<Vec<_>>();
        for (root, pids) in
            [(20, &[21, 22, 23][..]), (22, &[23]), (23, &[]), (30, &[31]), (99, &[]), (0, &[]), (1, &[]), (-1, &[])]
        {
            assert_eq!(found(root), pids, "{root}");
        }
        assert_eq!(descendants(5, &[process(5, 5, 1)]), []);
        assert_eq!(descendants(0, &[process(0, 0, 0), process(7, 0, 7)]), []);
    }

    #[test]
    fn a_process_of_the_same_number_that_was_started_later_is_another_one() {
        let known = [process(20, 10, 20), process(21, 10, 21)];
        assert_eq!(left(&known, &[process(20, 10, 25), process(21, 1, 21), process(22, 10, 22)]), [known[1]]);
        assert_eq!(left(&[], &[process(0, 0, 0)]), []);
    }

    #[test]
    fn a_process_is_read_whatever_its_name() {
        let stat = |name: &str, state: &str| {
            format!("7 ({name}) {state} 3 7 7 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 4711 1 1 1 1 1")
        };
        let process = Some(Process { pid: 7, parent: 3, started: 4711 });
        assert_eq!(read(7, &stat("git", "S")), process);
        assert_eq!(read(7, &stat("a) R 1 (b", "R")), process);
        assert_eq!(read(7, &stat("git", "Z")), None);
        assert_eq!(read(7, "7 (git) S 3"), None);
    }
}
