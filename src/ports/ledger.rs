//! The ledger as the stages see it: one trait a stage, each method one transaction with its audit entries.

mod audit;
mod brakes;
mod dates;
mod delivery;
mod dispatch;
mod exceptions;
mod figures;
mod forgetting;
mod holds;
mod intake;
mod overview;
mod passwords;
mod portal;
mod production;
mod pulls;
mod receipts;
mod reconciliation;
mod reports;
mod retention;
mod safekeeping;
mod serials;
mod sinks;
mod site;
mod templates;
mod terms;
mod vendors;
mod workers;

pub use audit::*;
pub use brakes::*;
pub use dates::*;
pub use delivery::*;
pub use dispatch::*;
pub use exceptions::*;
pub use figures::*;
pub use forgetting::*;
pub use holds::*;
pub use intake::*;
pub use overview::*;
pub use passwords::*;
pub use portal::*;
pub use production::*;
pub use pulls::*;
pub use receipts::*;
pub use reconciliation::*;
pub use reports::*;
pub use retention::*;
pub use safekeeping::*;
pub use serials::*;
pub use sinks::*;
pub use site::*;
pub use templates::*;
pub use terms::*;
pub use vendors::*;
pub use workers::*;

/// The ledger did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// It cannot be reached, read or written: try again.
    #[error(
        "the ledger failed while it {doing}: {reason}; try again, and look at its disk or its server if it fails again"
    )]
    Unavailable {
        /// What it was doing, as "recorded a delivery".
        doing: &'static str,
        /// What the database said.
        reason: String,
    },
    /// Another worker changed the rows meanwhile: nothing was done.
    #[error(
        "while it {doing}, the ledger found that somebody else had changed {subject} meanwhile; nothing was done, run it again"
    )]
    Overtaken {
        /// What it was doing.
        doing: &'static str,
        /// What had changed.
        subject: String,
    },
    /// The state of a record does not allow it.
    #[error("{0}")]
    NotAllowed(String),
    /// A stored value is not what letterpost writes.
    #[error(
        "the ledger holds '{value}' as {field}, which letterpost never writes; it was changed by something else, restore it from a backup"
    )]
    Corrupt {
        /// The column.
        field: &'static str,
        /// What it holds.
        value: String,
    },
}

/// A result of the ledger.
pub type LedgerResult<T> = Result<T, LedgerError>;

/// All that a ledger does.
pub trait Ledger:
    IntakeLedger
    + ProductionLedger
    + WorkerLedger
    + SerialLedger
    + DeliveryLedger
    + ReceiptLedger
    + ReconciliationLedger
    + PasswordLedger
    + PortalLedger
    + AuditLedger
    + SinkLedger
    + RunLedger
    + ReportLedger
    + DispatchLedger
    + OverviewLedger
    + TemplateLedger
    + ExceptionLedger
    + PullLedger
    + HoldLedger
    + VendorLedger
    + BrakeLedger
    + SafekeepingLedger
    + RetentionLedger
    + ForgettingLedger
    + LegalHoldLedger
    + TermLedger
    + FigureLedger
{
}

impl<T> Ledger for T where
    T: IntakeLedger
        + ProductionLedger
        + WorkerLedger
        + SerialLedger
        + DeliveryLedger
        + ReceiptLedger
        + ReconciliationLedger
        + PasswordLedger
        + PortalLedger
        + AuditLedger
        + SinkLedger
        + SinkLedger
        + RunLedger
        + ReportLedger
        + DispatchLedger
        + OverviewLedger
        + TemplateLedger
        + ExceptionLedger
        + PullLedger
        + HoldLedger
        + VendorLedger
        + BrakeLedger
        + SafekeepingLedger
        + RetentionLedger
        + ForgettingLedger
        + LegalHoldLedger
        + TermLedger
        + FigureLedger
{
}
