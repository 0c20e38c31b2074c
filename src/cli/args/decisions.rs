//! What can be typed where a person decides about an exception.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;

/// Why, and who: both are kept.
#[derive(Debug, Clone, Args)]
pub struct Because {
    /// Why; it is kept for ever, in the audit log too: name no recipient
    #[arg(long)]
    pub reason: String,
    /// Who decides: a person's name; it is kept [default: the name of the login user]
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// A person's decision about a request.
#[derive(Debug, Clone, Args)]
pub struct DecisionArgs {
    /// The portal's reference
    pub reference: String,
    /// Why, and who.
    #[command(flatten)]
    pub because: Because,
}

/// `request release`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Where [approval] releases is true, the release waits until another person confirms it. Names are kept \
as they are typed; nothing here proves them.\n\nExamples:\n  letterpost request release EBA-2026-000101 --reason 'address \
checked' --by 'Robin Sample'\n  letterpost request release EBA-2026-000101 --confirm --by 'Kim Example'"
)]
pub struct ReleaseRequestArgs {
    /// The portal's reference
    pub reference: String,
    /// How.
    #[command(flatten)]
    pub release: ReleaseArgs,
}

/// `batch hold`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "deliver leaves it until it is released; after its last mailing day it is withdrawn like any late \
package, and its requests wait for the next one. A package that was offered cannot be held: pull its letters.\n\nExample: \
letterpost batch hold eba-acme-000123 --reason 'the vendor asked us to wait'"
)]
pub struct HoldPackageArgs {
    /// The package's name
    pub package: String,
    /// Why, and who.
    #[command(flatten)]
    pub because: Because,
}

/// `batch release`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Where [approval] releases is true, the release waits until another person confirms it.\n\nExamples:\n  \
letterpost batch release eba-acme-000123 --reason 'the press runs again'\n  letterpost batch release eba-acme-000123 \
--confirm --by 'Kim Example'"
)]
pub struct ReleasePackageArgs {
    /// The package's name
    pub package: String,
    /// How.
    #[command(flatten)]
    pub release: ReleaseArgs,
}

/// A release: one person's word, or where `[approval] releases` is true a second one's too.
#[derive(Debug, Clone, Args)]
pub struct ReleaseArgs {
    /// Why; it is kept for ever, in the audit log too: name no recipient
    #[arg(long, required_unless_present = "confirm", conflicts_with = "confirm")]
    pub reason: Option<String>,
    /// Confirm what another person asked for; with --by
    #[arg(long)]
    pub confirm: bool,
    /// Who decides: a person's name; it is kept [default: the name of the login user]
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `letter reissue`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Possible where the letter helps nobody any more: returned, rejected, spoiled or pulled, overdue, or its \
password ended. One that can still come is pulled first, or waited for. The old password ends when the new letter's package \
is delivered. What [reissue] in the configuration says is done by every ingest by itself.\n\nExample: letterpost letter \
reissue 7K2QX-90DMC --reason 'lost in the mail, says the reader'"
)]
pub struct ReissueArgs {
    /// The letters: each by its id, the line above the address, or the digits of its barcode
    #[arg(required = true, value_name = "LETTER")]
    pub letters: Vec<String>,
    /// Why, and who.
    #[command(flatten)]
    pub because: Because,
}

/// `letter returned`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Name each by what stands on the envelope: the line above the address, as #7K2QX-90DMC, or the digits of \
the barcode. Each is judged by itself. Their passwords end, and the portal is told that the address does not work.\n\n\
Example: letterpost letter returned '#7K2QX-90DMC' --list bag.csv --on 2026-03-20 --reason 'nixies of 20 March'"
)]
pub struct ReturnedArgs {
    /// The letters: each by its id, the line above the address, or the digits of its barcode
    #[arg(required_unless_present = "list", value_name = "LETTER")]
    pub letters: Vec<String>,
    /// A file of more of them, one a line; of CSV the first column. Lines that begin with '#' and a space are comments
    #[arg(long, value_name = "FILE")]
    pub list: Option<PathBuf>,
    /// The day on which they came back
    #[arg(long, value_name = "DATE")]
    pub on: NaiveDate,
    /// Why, and who.
    #[command(flatten)]
    pub because: Because,
}

/// `letter legal-hold` and `letter legal-release`.
#[derive(Debug, Clone, Args)]
pub struct LegalHoldArgs {
    /// The letters: each by its id, the line above the address, or the digits of its barcode
    #[arg(required = true, value_name = "LETTER")]
    pub letters: Vec<String>,
    /// Why, and who.
    #[command(flatten)]
    pub because: Because,
}

/// `letter correct`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "When the letter is expected and when its password ends follow from the new day, never into the past. \
Where [approval] corrections is true, the correction waits until another person confirms it. Names are kept as they are \
typed; nothing here proves them.\n\nExamples:\n  letterpost letter correct 7K2QX-90DMC --mailed-on 2026-03-04 --reason \
'the vendor reported the print day'\n  letterpost letter correct 7K2QX-90DMC --confirm --by 'Kim Example'"
)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["mailed_on", "confirm", "drop"]))]
pub struct CorrectArgs {
    /// The letter: by its id, the line above the address, or the digits of its barcode
    pub letter: String,
    /// The day on which it was mailed
    #[arg(long, value_name = "DATE")]
    pub mailed_on: Option<NaiveDate>,
    /// Confirm a correction that another person asked for
    #[arg(long)]
    pub confirm: bool,
    /// Drop a correction that waits for a second person
    #[arg(long)]
    pub drop: bool,
    /// Why; it is kept for ever, in the audit log too: name no recipient
    #[arg(long, required_unless_present = "confirm", conflicts_with = "confirm")]
    pub reason: Option<String>,
    /// Who says so: a person's name; it is kept [default: the name of the login user]
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `batch purged`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "One certificate may cover many packages of one vendor. FILE.asc beside it is checked against the vendor's \
certificates and recorded; without it, the paper is recorded as not signed. A copy of both is kept in [folders] certificates. \
What is recorded is never changed.\n\nExample: letterpost batch purged eba-acme-000123 eba-acme-000124 --certificate \
acme-april.pdf --on 2026-04-02 --by 'Robin Sample'"
)]
pub struct PurgedArgs {
    /// The packages' names
    #[arg(required = true, value_name = "PACKAGE")]
    pub packages: Vec<String>,
    /// The vendor's certificate, a file of any kind
    #[arg(long, value_name = "FILE")]
    pub certificate: PathBuf,
    /// The day on which they were destroyed, as the certificate says
    #[arg(long, value_name = "DATE")]
    pub on: NaiveDate,
    /// Who records it: a person's name; it is kept [default: the name of the login user]
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// Say what would be done, and do nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `batch pull`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "The passwords of these letters end at once, whatever the vendor still can do: a letter that is pulled \
must not work. One signed order a package goes to the vendor, who reads the reason; the letter is 'pulled' when its receipt \
says so. A letter in the mail cannot be pulled; 'letterpost request cancel' ends its password. See first: --dry-run.\n\n\
Example: letterpost batch pull 7K2QX-90DMC 0B4TN-3WZ8H --reason 'wrong insert'"
)]
pub struct PullArgs {
    /// The letters: each by its id, the line above the address, or the digits of its barcode
    #[arg(required = true, value_name = "LETTER")]
    pub letters: Vec<String>,
    /// Why, and who.
    #[command(flatten)]
    pub because: Because,
}
