//! Exit statuses, decided in one place.

use std::process::ExitCode;

use crate::adapters::files::FileError;
use crate::adapters::run_lock::RunLockError;
use crate::domain::calendar::CalendarError;
use crate::ports::NoEntropy;
use crate::ports::ledger::LedgerError;
use crate::stages::outcome::{Matter, StageError, Urgency};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Done; nothing new needs a person.
    Done = 0,
    /// Done; something new or overdue waits for a person.
    Person = 1,
    /// Configuration or usage; nothing was claimed.
    Usage = 2,
    /// The vendor, the ledger or the network failed: try again.
    TryAgain = 3,
    /// Integrity alarm: a person must look.
    Alarm = 4,
    /// The answer is no.
    No = 5,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl Exit {
    /// The status that follows from what people should see.
    #[must_use]
    pub fn of_matters<'a>(matters: impl IntoIterator<Item = &'a Matter>) -> Self {
        match matters.into_iter().map(|matter| matter.urgency).max() {
            None | Some(Urgency::Note) => Self::Done,
            Some(Urgency::Person) => Self::Person,
            Some(Urgency::Retry) => Self::TryAgain,
            Some(Urgency::Alarm) => Self::Alarm,
        }
    }
}

/// Why a command failed, and with which status.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// The status.
    pub exit: Exit,
    /// What happened and what to do.
    pub message: String,
    /// Whether all its words are ours: it quotes nothing that a person typed or a portal or a vendor wrote, so the log
    /// may have it.
    pub is_ours: bool,
}

impl Failure {
    /// A failure of configuration or usage. The message may quote what was typed: the log gets the status only.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, message: message.into(), is_ours: false }
    }

    /// A failure with this status. The message may quote what others wrote: the log gets the status only.
    pub fn new(exit: Exit, error: impl ToString) -> Self {
        Self { exit, message: error.to_string(), is_ours: false }
    }

    /// The same failure, in words of ours alone: they go to the log as well.
    #[must_use]
    pub fn plainly(self) -> Self {
        Self { is_ours: true, ..self }
    }
}

/// A result of a command.
pub type CliResult<T> = Result<T, Failure>;

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::NotAllowed(_) => Self::new(Exit::Usage, error),
            LedgerError::Unavailable { .. } | LedgerError::Overtaken { .. } => {
                Self::new(Exit::TryAgain, error).plainly()
            }
            LedgerError::Corrupt { .. } => Self::new(Exit::Alarm, error),
        }
    }
}

impl From<StageError> for Failure {
    fn from(error: StageError) -> Self {
        let exit = match error {
            StageError::Refused(_) => Exit::Usage,
            StageError::Retry(_) => Exit::TryAgain,
            StageError::Alarm(_) => Exit::Alarm,
            StageError::Ledger(ledger) => return ledger.into(),
        };
        // A stage refuses and fails in words about the site, its packages and its vendors.
        Self::new(exit, error).plainly()
    }
}

impl From<FileError> for Failure {
    fn from(error: FileError) -> Self {
        Self::new(Exit::Usage, error).plainly()
    }
}

impl From<RunLockError> for Failure {
    fn from(error: RunLockError) -> Self {
        Self::new(Exit::TryAgain, error).plainly()
    }
}

impl From<CalendarError> for Failure {
    /// Most likely the clock is wrong, or a date was mistyped.
    fn from(error: CalendarError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<NoEntropy> for Failure {
    fn from(error: NoEntropy) -> Self {
        Self::new(Exit::TryAgain, error).plainly()
    }
}

impl From<crate::ports::SpoolError> for Failure {
    fn from(error: crate::ports::SpoolError) -> Self {
        Self::new(if error.needs_person { Exit::Usage } else { Exit::TryAgain }, error).plainly()
    }
}
