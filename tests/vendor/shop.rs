//! A print shop: an inbox with one package, an outbox, its key, the site's certificate and `vendor.toml`.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Parser;
use letterpost::adapters::system::FixedClock;
use letterpost::cli::vendor::{
    Pulls, ReceiptArgs, Receipted, VendorCommand, VendorError, Verified, VerifyArgs, pulls, receipt, verify,
};
use letterpost::package::ready::ReadyMarker;
use tempfile::TempDir;

use crate::pressed::archive;
use crate::sample::{NAME, at, name, rng, sealed, site_key, vendor_key};

#[derive(Parser)]
#[command(no_binary_name = true)]
pub struct CommandLine {
    #[command(subcommand)]
    command: VendorCommand,
}

pub struct Shop {
    folder: TempDir,
    clock: FixedClock,
}

impl Shop {
    /// With the sample package, whole and ready, on the day that it was made.
    pub fn new() -> Self {
        let shop = Self { folder: tempfile::tempdir().unwrap(), clock: FixedClock::at(at()) };
        fs::create_dir(shop.path("inbox")).unwrap();
        fs::create_dir(shop.path("outbox")).unwrap();
        shop.write("vendor.key", vendor_key().to_armored().unwrap().as_bytes());
        shop.write("site.asc", site_key().certificate().to_armored().unwrap().as_bytes());
        shop.write(
            "vendor.toml",
            b"code = \"acme\"\nsecret_key = \"vendor.key\"\nsite_certificate = \"site.asc\"\n\
              outbox = \"outbox\"\nregister = \"register.txt\"\n",
        );
        shop.receive(&sealed(&archive()));
        shop
    }

    /// Puts a sealed package into the inbox, with its marker.
    pub fn receive(&self, sealed: &[u8]) {
        self.write(&format!("inbox/{NAME}.zip.pgp"), sealed);
        let marker = ReadyMarker::for_sealed(&name(), sealed, "").to_json().unwrap();
        self.write(&format!("inbox/{NAME}.ready"), marker.as_bytes());
    }

    pub fn advance_days(&self, days: i64) {
        self.clock.advance(chrono::TimeDelta::days(days));
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub fn path(&self, file: &str) -> PathBuf {
        self.folder().join(file)
    }

    pub fn package(&self) -> PathBuf {
        self.path(&format!("inbox/{NAME}.zip.pgp"))
    }

    pub fn write(&self, file: &str, bytes: &[u8]) {
        fs::write(self.path(file), bytes).unwrap();
    }

    pub fn read(&self, file: &str) -> String {
        String::from_utf8(fs::read(self.path(file)).unwrap()).unwrap()
    }

    /// What lies in a folder, in order.
    pub fn list(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).unwrap();
        let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn parse(&self, command: &str, flags: &[&str]) -> Result<VendorCommand, clap::Error> {
        let package = self.package();
        let words = [command, package.to_str().unwrap()].into_iter().chain(flags.iter().copied());
        CommandLine::try_parse_from(words).map(|line| line.command)
    }

    /// Whether the command line itself is refused.
    pub fn is_misspoken(&self, command: &str, flags: &[&str]) -> bool {
        self.parse(command, flags).is_err()
    }

    pub fn verify_args(&self, flags: &[&str]) -> VerifyArgs {
        match self.parse("verify", flags).unwrap() {
            VendorCommand::Verify(args) => args,
            other => panic!("it read another command: {other:?}"),
        }
    }

    pub fn receipt_args(&self, flags: &[&str]) -> ReceiptArgs {
        match self.parse("receipt", flags).unwrap() {
            VendorCommand::Receipt(args) => args,
            other => panic!("it read another command: {other:?}"),
        }
    }

    /// Reads a pull order in a file of the shop.
    pub fn pulls(&self, file: &str, flags: &[&str]) -> Result<Vec<Pulls>, VendorError> {
        let path = self.path(file);
        let words = ["pulls", path.to_str().unwrap()].into_iter().chain(flags.iter().copied());
        match CommandLine::try_parse_from(words).unwrap().command {
            VendorCommand::Pulls(args) => pulls(&args, &self.clock),
            other => panic!("it read another command: {other:?}"),
        }
    }

    pub fn verify(&self, flags: &[&str]) -> Result<Verified, VendorError> {
        verify(&self.verify_args(flags), &self.clock)
    }

    pub fn receipt(&self, flags: &[&str]) -> Result<Receipted, VendorError> {
        receipt(&self.receipt_args(flags), &self.clock, &mut rng(5))
    }
}
