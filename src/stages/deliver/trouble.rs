//! Why a package, or a notice, was not delivered, and what that asks for.

use crate::ports::ledger::LedgerError;
use crate::ports::{CourierError, SpoolError};
use crate::stages::outcome::StageError;

/// Why one package, or one notice, was not delivered.
pub(super) enum Trouble {
    /// The courier failed, or was refused.
    Courier(CourierError),
    /// A person decides about this one.
    Person(String),
    /// What must never be has happened: a person looks.
    Alarm(String),
    /// The stage cannot go on at all.
    Stage(StageError),
}

impl From<CourierError> for Trouble {
    fn from(error: CourierError) -> Self {
        Self::Courier(error)
    }
}

impl From<StageError> for Trouble {
    fn from(error: StageError) -> Self {
        Self::Stage(error)
    }
}

impl From<LedgerError> for Trouble {
    fn from(error: LedgerError) -> Self {
        Self::Stage(error.into())
    }
}

impl From<SpoolError> for Trouble {
    fn from(error: SpoolError) -> Self {
        Self::Stage(error.into())
    }
}
