//! The vendor's commands, shown; and the demo's stand-in vendor, who uses the same.

use std::path::Path;

use clap::Parser as _;

use super::exit::{CliResult, Exit, Failure};
use super::init::generator;
use super::open::Opening;
use super::stand_in;
use super::vendor::{self, ReceiptArgs, VendorCommand, VendorError, VerifyArgs};

impl From<VendorError> for Failure {
    fn from(error: VendorError) -> Self {
        let exit = match error.exit_code() {
            5 => Exit::No,
            3 => Exit::TryAgain,
            _ => Exit::Usage,
        };
        Self::new(exit, error)
    }
}

/// Does what a `vendor` command says.
pub async fn run(command: VendorCommand, at: &Opening) -> CliResult<Exit> {
    let clock = at.clock();
    match command {
        VendorCommand::Verify(args) => {
            let verified = vendor::verify(&args, clock.as_ref())?;
            at.report.show(&verified, verified.to_text());
        }
        VendorCommand::Pulls(args) => {
            let orders = vendor::pulls(&args, clock.as_ref())?;
            at.report.show(&orders, orders.iter().map(vendor::Pulls::to_text).collect::<String>());
        }
        VendorCommand::Receipt(args) => {
            let mut rng = generator(at.entropy().as_ref())?;
            let receipted = vendor::receipt(&args, clock.as_ref(), &mut rng)?;
            at.report.show(&receipted, receipted.to_text());
        }
        VendorCommand::Simulate(args) => stand_in::simulate(*args, at).await?,
    }
    Ok(Exit::Done)
}

/// The stand-in vendor's night: checks a package and reports every letter as printed and mailed.
pub fn verify_and_receipt(package: &Path, at: &Opening) -> CliResult<String> {
    let clock = at.clock();
    let verified = vendor::verify(&args::<VerifyArgs>(package)?, clock.as_ref())?;
    let mut rng = generator(at.entropy().as_ref())?;
    let receipted = vendor::receipt(&args::<ReceiptArgs>(package)?, clock.as_ref(), &mut rng)?;
    Ok(format!("{}\n{}", verified.to_text(), receipted.to_text()))
}

/// The arguments of a vendor's command with nothing but the package named.
fn args<A: clap::Args>(package: &Path) -> CliResult<A> {
    #[derive(clap::Parser)]
    struct Typed<A: clap::Args> {
        #[command(flatten)]
        args: A,
    }
    let words = [std::ffi::OsStr::new("vendor"), package.as_os_str()];
    Typed::<A>::try_parse_from(words).map(|typed| typed.args).map_err(|error| Failure::usage(error.to_string()))
}
