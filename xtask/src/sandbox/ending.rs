//! The end of a run in a sandbox by a signal: the directory is removed first.

use crate::effects::interrupt;
use anyhow::Context;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::{flag, low_level};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// The time between two looks at whether a signal came.
const TICK: Duration = Duration::from_millis(10);

/// The time for which the command may go on: it ends by itself in less, with all that it has started.
const GRACE: Duration = Duration::from_secs(2);

/// The signals that came; from its making on, they do not end the process by themselves.
pub(super) struct Ending {
    came: Arc<AtomicUsize>,
    is_over: Arc<AtomicBool>,
}

impl Ending {
    /// Watches for signals. Until `removes` is told of a directory, one that came waits.
    pub(super) fn watch() -> anyhow::Result<Self> {
        let came = Arc::new(AtomicUsize::new(0));
        interrupt::outlives_signals();
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            flag::register_usize(signal, Arc::clone(&came), signal.unsigned_abs() as usize)
                .context("could not watch for signals")?;
        }
        Ok(Self { came, is_over: Arc::default() })
    }

    /// Has a directory removed when a signal comes, and the process ended by that signal.
    pub(super) fn removes(&self, directory: PathBuf) {
        let (came, is_over) = (Arc::clone(&self.came), Arc::clone(&self.is_over));
        thread::spawn(move || {
            loop {
                thread::sleep(TICK);
                let Ok(signal @ 1..) = i32::try_from(came.load(Ordering::SeqCst)) else { continue };
                let noticed = Instant::now();
                while !is_over.load(Ordering::SeqCst) && noticed.elapsed() < GRACE {
                    thread::sleep(TICK);
                }
                remove(&directory);
                let _ = low_level::emulate_default_handler(signal);
            }
        });
    }
}

impl Drop for Ending {
    /// The command is over. Does not return where a signal came: the process is about to end.
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        while self.came.load(Ordering::SeqCst) != 0 {
            thread::park();
        }
    }
}

/// Removes a directory in which something may still be written.
fn remove(directory: &Path) {
    let begun = Instant::now();
    while directory.exists() && begun.elapsed() < GRACE {
        if fs::remove_dir_all(directory).is_err() {
            thread::sleep(TICK);
        }
    }
}
