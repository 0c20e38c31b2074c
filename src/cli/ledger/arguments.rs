//! What can be typed after `ledger`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `ledger …`.
#[derive(Debug, Subcommand)]
pub enum LedgerCommand {
    /// Make a backup of the ledger and of the intake, also while a night is at work.
    #[command(
        after_help = "The copy is of one moment. It is checked before it gets its name, and never takes another file's place. \
Keep it on another machine, and keep keys/pepper apart from it: docs/operations.md.\n\nExample: letterpost ledger backup"
    )]
    Backup(BackupArgs),
    /// Put a backup in the ledger's place; the present ledger is kept under another name.
    #[command(
        after_help = "The backup is checked first: whole, of this site, of no newer letterpost. The intake's copy beside it is put \
back only where there is no intake. If the head kept outside covers more than the backup, nothing is minted until a newer one is \
put back, or somebody accepts the loss.\n\nExample: letterpost ledger restore backups/letterpost-2026-12-02T043000Z.db"
    )]
    Restore(RestoreArgs),
    /// Go on with an older ledger, where the newer one is lost for good.
    #[command(
        after_help = "What vendors may have and the ledger does not know is never sent again: its numbers are left out, sealed \
packages count as offered, and every request of before is held until a person releases it. See first: --dry-run. \
docs/operations.md says what to do before and after.\n\nExample: letterpost ledger accept-loss --by 'Robin Sample' --reason \
'disk of 2026-12-02 lost, no newer backup' --vendor-has acme=123"
    )]
    AcceptLoss(AcceptLossArgs),
    /// Make the groups, schemas and tables of a ledger on PostgreSQL, or bring them up to date.
    #[command(
        after_help = "A superuser's login makes everything; a login of the group letterpost_migrator makes and changes the tables. \
A password comes from PGPASSWORD or the file of PGPASSFILE. To run it again changes nothing.\n\nExample: letterpost ledger migrate \
--ledger postgres://migrations@db.example.invalid/letterpost"
    )]
    Migrate(MigrateArgs),
    /// Move the site's records from SQLite to PostgreSQL: every row, and a log that still verifies.
    #[command(
        after_help = "In one transaction of the new ledger, while nobody works on the old one; every row is read back and compared, \
and the new log is recomputed against the head kept outside. Then the old ledger is not opened any more, and the portal's old table \
refuses requests. A run that died is simply run again. Make a backup first. --to names a login of the group letterpost_migrator, or \
a superuser; the site then works as a login of letterpost_operator. docs/operations.md says more.\n\nExample: letterpost ledger copy \
--to postgres://migrations@db.example.invalid/letterpost --switch postgres://robin@db.example.invalid/letterpost"
    )]
    Copy(CopyArgs),
}

/// `ledger copy`.
#[derive(Debug, Args)]
pub struct CopyArgs {
    /// The new ledger: an empty database, with a login that may make its tables.
    #[arg(long, value_name = "URL")]
    pub to: String,
    /// Write this address into the configuration when all is done: the one that the site works with from then on.
    #[arg(long, value_name = "URL")]
    pub switch: Option<String>,
    /// Say how many rows there are, and copy nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// `ledger migrate`.
#[derive(Debug, Args)]
pub struct MigrateArgs {
    /// The ledger's address, with a login that may change its tables.
    #[arg(long, value_name = "URL")]
    pub ledger: String,
}

/// `ledger backup`.
#[derive(Debug, Args)]
pub struct BackupArgs {
    /// The file; by default one with the date in its name, in the folder of backups.
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,
    /// Say what would be copied where, and copy nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// `ledger restore`.
#[derive(Debug, Args)]
pub struct RestoreArgs {
    /// The backup.
    pub file: PathBuf,
    /// Check the backup and say what would be done, and do nothing.
    #[arg(long)]
    pub dry_run: bool,
}

/// `ledger accept-loss`.
#[derive(Debug, Args)]
pub struct AcceptLossArgs {
    /// Who accepts it: a person's name; it is kept.
    #[arg(long, value_name = "NAME")]
    pub by: String,
    /// What was lost and why nothing newer is left; it is kept for ever.
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
    /// The number of the last package that a vendor says it had; give it again for another vendor.
    #[arg(long = "vendor-has", value_name = "CODE=NUMBER", value_parser = vendor_has)]
    pub vendor_has: Vec<(String, u32)>,
    /// Say what would be done, and do nothing.
    #[arg(long)]
    pub dry_run: bool,
}

fn vendor_has(text: &str) -> Result<(String, u32), String> {
    let read = text.split_once('=').and_then(|(code, number)| Some((code.to_owned(), number.parse().ok()?)));
    read.filter(|(_, number)| *number > 0).ok_or_else(|| "write a vendor's code and a number: acme=123".to_owned())
}
