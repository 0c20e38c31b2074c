//! Who works on the ledger, and within which run.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::SqlLedger;
use crate::adapters::login_user;
use crate::audit::actor::{Actor, Actors};

/// No run is under way.
const NO_RUN: i64 = 0;

/// Who works, and the run that is under way. Copies share the run.
#[derive(Debug, Clone)]
pub(super) struct Acting {
    actors: Arc<Actors>,
    run: Arc<AtomicI64>,
}

impl Acting {
    /// Whoever is at the keyboard, outside of any run.
    pub(super) fn of_process() -> Self {
        Self::of(login_user::actors())
    }

    fn of(actors: Actors) -> Self {
        Self { actors: Arc::new(actors), run: Arc::new(AtomicI64::new(NO_RUN)) }
    }

    /// Who does what is written now; `is_persons` says that a person decided it.
    pub(super) fn actor(&self, is_persons: bool) -> Actor {
        let run = self.run.load(Ordering::Relaxed);
        Actor { who: self.actors.who(is_persons), run: (run != NO_RUN).then_some(run.cast_unsigned()) }
    }

    /// A run is under way from now on.
    pub(super) fn begin(&self, run: i64) {
        self.run.store(run, Ordering::Relaxed);
    }

    /// No run is under way any more.
    pub(super) fn end(&self) {
        self.run.store(NO_RUN, Ordering::Relaxed);
    }
}

impl SqlLedger {
    /// The same ledger, worked on by these instead of whoever is at the keyboard.
    #[must_use]
    pub fn worked_by(self, actors: Actors) -> Self {
        Self { acting: Acting::of(actors), ..self }
    }
}
