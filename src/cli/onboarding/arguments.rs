//! What can be typed after `vendor add` and `vendor test`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::vendor::VendorCommand;
use crate::domain::request::{Format, Language};
use crate::letter::FileLayout;

/// `vendor …`: the site's commands, and the print vendor's.
#[derive(Debug, Clone, Subcommand)]
#[allow(clippy::large_enum_variant, reason = "one is made in the life of a process")]
pub enum VendorCommands {
    /// For the site.
    #[command(flatten)]
    Site(SiteCommand),
    /// For the print vendor.
    #[command(flatten)]
    Vendor(VendorCommand),
}

/// What a site can do about its print vendors.
#[derive(Debug, Clone, Subcommand)]
pub enum SiteCommand {
    /// For the site: take a print vendor on, from its certificate to what it is to be sent.
    ///
    /// The certificate is checked, copied into the folder of the keys and shown with its fingerprint; for SFTP the server's
    /// keys are fetched, and only those that you confirm are trusted. The site's own certificate and a `vendor.toml` for
    /// the vendor's commands go into a folder to hand over. Last, a [[vendor]] is added at the end of the configuration,
    /// which is otherwise left as it is. Nothing is sent.
    ///
    /// Exit status: 0 added; 1 the server's key must be confirmed first, nothing was written; 2 configuration or usage;
    /// 3 the server cannot be reached, try again; 5 a fingerprint is another than the one that you gave.
    #[command(display_order = 0)]
    Add(Box<AddArgs>),
    /// For the site: show its print vendors, and how far each has been taken on.
    #[command(display_order = 0)]
    List,
    /// For the site: send a transmission test of invented people, or check its receipt.
    ///
    /// It is sealed, delivered and receipted like any package. Its name has `-test` in it on a live site too; there it has
    /// numbers of its own, so that no number of a real package is spent. Its passwords are good for nothing.
    ///
    /// Exit status: 0 sent, or with --check accepted; 2 configuration or usage; 3 the vendor cannot be reached, try again;
    /// 4 integrity alarm; 5 with --check: no receipt yet, or the vendor refused the test.
    #[command(display_order = 0)]
    Test(TestArgs),
}

/// What can be typed after `vendor add`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  letterpost vendor add west --name 'West Print (invented)' --certificate west.asc \\
      --fingerprint 'B1A0 …' --inbox /mnt/west/in --outbox /mnt/west/out --language es
  letterpost vendor add acme --name 'Acme Print' --certificate acme.asc --sftp-host sftp.acme.example \\
      --sftp-user eba --sftp-key keys/acme.ssh --inbox to-print --outbox receipts \\
      --host-key-fingerprint SHA256:…")]
pub struct AddArgs {
    /// Its code, one to eight lower-case letters and digits, never changed: its packages are numbered under it
    pub code: String,
    /// Its name
    #[arg(long, value_name = "NAME")]
    pub name: String,
    /// The file of its OpenPGP certificate, as it came from the vendor
    #[arg(long, value_name = "FILE")]
    pub certificate: PathBuf,
    /// The certificate's fingerprint as the vendor read it to you by telephone; spaces do not matter
    #[arg(long, value_name = "HEX")]
    pub fingerprint: Option<String>,
    /// Where packages are put for it, as the configuration is to say it: a folder of this machine, or with --sftp-host one
    /// of the server
    #[arg(long, value_name = "DIR")]
    pub inbox: String,
    /// Where its receipts are found
    #[arg(long, value_name = "DIR")]
    pub outbox: String,
    /// Its SFTP server, where packages go that way
    #[arg(long, value_name = "HOST", requires_all = ["sftp_user", "sftp_key"])]
    pub sftp_host: Option<String>,
    /// The server's port
    #[arg(long, value_name = "N", default_value_t = 22, requires = "sftp_host", value_parser = clap::value_parser!(u16).range(1..))]
    pub sftp_port: u16,
    /// The account on the server
    #[arg(long, value_name = "USER", requires = "sftp_host")]
    pub sftp_user: Option<String>,
    /// The file of the secret SSH key for that account, as the configuration is to name it
    #[arg(long, value_name = "FILE", requires = "sftp_host")]
    pub sftp_key: Option<PathBuf>,
    /// A fingerprint of the server's key as the vendor read it to you, SHA256:…; repeat it for more keys
    #[arg(long, value_name = "SHA256:…", requires = "sftp_host")]
    pub host_key_fingerprint: Vec<String>,
    /// A language that it takes: en or es; repeat it [default: all]
    #[arg(long, value_name = "LANGUAGE", value_parser = language)]
    pub language: Vec<Language>,
    /// A form of letter that it takes: standard or large-print; repeat it [default: standard]
    #[arg(long, value_name = "FORMAT", value_parser = format)]
    pub format: Vec<Format>,
    /// A country that it takes, by its two letters, or abroad; repeat it [default: all]
    #[arg(long, value_name = "COUNTRY")]
    pub country: Vec<String>,
    /// How letters lie in a package: print-stream or letter-files
    #[arg(long, value_name = "LAYOUT", value_parser = layout)]
    pub layout: Option<FileLayout>,
    /// The most letters in a package
    #[arg(long, value_name = "N")]
    pub letters_a_package: Option<u32>,
    /// The most MiB of a sealed package
    #[arg(long, value_name = "N")]
    pub package_mib: Option<u32>,
    /// A weekday on which it prints and mails, as mon; repeat it [default: mon to fri]
    #[arg(long, value_name = "DAY")]
    pub print_day: Vec<String>,
    /// The time before which a package must be there on the print day [default: 06:00]
    #[arg(long, value_name = "HH:MM")]
    pub cut_off: Option<String>,
    /// Both sides of a sheet are printed
    #[arg(long)]
    pub duplex: bool,
    /// The folder for what the vendor is to be sent [default: for-CODE beside the configuration]
    #[arg(long, value_name = "DIR")]
    pub handover: Option<PathBuf>,
    /// Who takes it on; it is kept [default: the login user]
    #[arg(long, value_name = "NAME")]
    pub by: Option<String>,
    /// Show what would be written, and write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// What can be typed after `vendor test`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  letterpost vendor test acme
  letterpost vendor test acme --check")]
pub struct TestArgs {
    /// The vendor's code
    pub code: String,
    /// The form of its letters: standard or large-print [default: the first that the vendor takes]
    #[arg(long, value_name = "FORMAT", value_parser = format, conflicts_with = "check")]
    pub format: Option<Format>,
    /// Read the receipts of the last test, and say what the vendor made of it
    #[arg(long)]
    pub check: bool,
    /// Say what would be sent, and send nothing
    #[arg(long, conflicts_with = "check")]
    pub dry_run: bool,
}

fn language(text: &str) -> Result<Language, String> {
    Language::from_name(text).ok_or_else(|| "one of en, es".to_owned())
}

fn format(text: &str) -> Result<Format, String> {
    Format::from_name(text).ok_or_else(|| "one of standard, large-print".to_owned())
}

fn layout(text: &str) -> Result<FileLayout, String> {
    FileLayout::from_name(text).ok_or_else(|| "one of print-stream, letter-files".to_owned())
}
