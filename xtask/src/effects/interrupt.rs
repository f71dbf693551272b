//! Signals that ask a run to end, noticed where it can end with nothing half done.

use anyhow::Context;
use signal_hook::SigId;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::flag;
use signal_hook::low_level::unregister;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// `true` where a signal does not end the process before something is removed.
static OUTLIVES: AtomicBool = AtomicBool::new(false);

/// Says that from here on no signal ends the process at once, not even where nothing would be lost.
pub(crate) fn outlives_signals() {
    OUTLIVES.store(true, Ordering::Relaxed);
}

/// The signals that came: from its making on, they are noticed and do not end the process.
pub(crate) struct Interrupt {
    happened: Arc<AtomicBool>,
    /// `true` where nothing is lost when the process ends here and now.
    is_harmless: Arc<AtomicBool>,
    handlers: Vec<SigId>,
}

impl Interrupt {
    pub(crate) fn watch() -> anyhow::Result<Self> {
        let happened = Arc::new(AtomicBool::new(false));
        // A file above the limit is an error of the write then, which is taken back, and no reason to stop.
        let mut signals = vec![(SIGXFSZ, Arc::default())];
        signals.extend([SIGINT, SIGTERM, SIGHUP].map(|signal| (signal, Arc::clone(&happened))));
        let is_harmless = Arc::new(AtomicBool::new(false));
        let ending = [SIGINT, SIGTERM, SIGHUP].into_iter();
        let ends = ending.map(|signal| flag::register_conditional_default(signal, Arc::clone(&is_harmless)));
        let notices = signals.into_iter().map(|(signal, flag)| flag::register(signal, flag));
        let handlers = ends.chain(notices).collect::<Result<_, _>>();
        Ok(Self { happened, is_harmless, handlers: handlers.context("could not watch for signals")? })
    }

    /// Tells whether one of them came.
    pub(crate) fn happened(&self) -> bool {
        self.happened.load(Ordering::Relaxed)
    }

    /// Does what may take long and changes nothing: meanwhile a signal ends the process at once, as it does by default.
    pub(crate) fn harmless<T>(&self, work: impl FnOnce() -> T) -> T {
        self.is_harmless.store(!OUTLIVES.load(Ordering::Relaxed), Ordering::Relaxed);
        let outcome = work();
        self.is_harmless.store(false, Ordering::Relaxed);
        outcome
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        self.handlers.drain(..).for_each(|handler| _ = unregister(handler));
    }
}
