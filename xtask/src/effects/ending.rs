//! Signals while a remote is asked: git runs in a group of its own then, and would go on when the run ends without it.

use release_core::git::Stop;
use signal_hook::SigId;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;
use signal_hook::low_level::unregister;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Watches until the answer is dropped. Where signals cannot be watched, they end the run as they always do.
pub(crate) fn watch() -> Stop {
    let came = Arc::new(AtomicUsize::new(0));
    let register = |signal: i32| flag::register_usize(signal, Arc::clone(&came), signal.unsigned_abs() as usize).ok();
    let watch = Watch { handlers: [SIGINT, SIGTERM, SIGHUP].into_iter().filter_map(register).collect(), came };
    Box::new(move || watch.signal())
}

struct Watch {
    came: Arc<AtomicUsize>,
    handlers: Vec<SigId>,
}

impl Watch {
    fn signal(&self) -> Option<i32> {
        i32::try_from(self.came.load(Ordering::Relaxed)).ok().filter(|signal| *signal > 0)
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.handlers.drain(..).for_each(|handler| _ = unregister(handler));
    }
}
