//! `vendor add`, `vendor list` and `vendor test`: the site's side of a print vendor.
//!
//! ```text
//! vendor add ──► keys/CODE.asc (and CODE.hosts), for-CODE/ to hand over, [[vendor]] in letterpost.toml
//! vendor test ──► NAME.zip.pgp with -test in its name ──► the vendor's receipt ──► vendor test --check
//! vendor list ──► how far each vendor is
//! ```

mod add;
mod arguments;
mod handover;
mod identity;
mod list;
mod section;
mod test;

pub use arguments::{AddArgs, TestArgs, VendorCommands};

use arguments::SiteCommand;

use super::exit::{CliResult, Exit};
use super::open::Opening;
use super::vendors;

/// Does what a `vendor` command says, the site's or the vendor's.
pub async fn run(command: VendorCommands, at: &Opening) -> CliResult<Exit> {
    match command {
        VendorCommands::Site(SiteCommand::Add(args)) => add::add(&args, at).await,
        VendorCommands::Site(SiteCommand::List) => list::list(at).await,
        VendorCommands::Site(SiteCommand::Test(args)) => test::test(&args, at).await,
        VendorCommands::Vendor(command) => vendors::run(command, at).await,
    }
}
