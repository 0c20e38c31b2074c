//! What can be typed about the letter's text.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::domain::request::{Format, Language};

/// `template …`.
#[derive(Debug, Subcommand)]
pub enum TemplateCommand {
    /// Print every letter to invented people, and say what fits.
    #[command(
        after_help = "Every template is compiled in every language and format with the site's letterhead and envelope, and \
printed with the widest dates to a set of invented people. 'held' means that such a person's request would wait for \
somebody to look at it, as it should; 'fails' means that the template, the letterhead or the envelope must be mended, \
and the exit status is 2. Without a site, the built-in letter is checked."
    )]
    Check,
    /// Print one letter to an invented person, as a PDF and as pictures, with SPECIMEN across every page.
    #[command(
        after_help = "Examples:\n  letterpost template preview\n  letterpost template preview --language es --format \
large-print --page 1 --page 3\n  letterpost template preview --envelope --out look\n\nThe files are named after the \
language and the format, as letter-en-standard.pdf and letter-en-standard-1.png, and take the place of those of an \
earlier preview. Without a site, the built-in letter of an invented agency is shown."
    )]
    Preview(PreviewArgs),
    /// Approve the letter as it is now: a live site mints nothing for a letter that nobody has approved.
    #[command(
        after_help = "What is approved is the version: every template, the letterhead, the envelope and the fonts together. \
Any change of one of them is a new version, and needs a new approval. Look at it first: 'letterpost template preview'. \
The approval is kept in the ledger and in its audit log.\n\nExample: letterpost template approve --by 'Robin Sample' \
--reason 'new help desk hours'"
    )]
    Approve(ApproveArgs),
}

/// `template preview`.
#[derive(Debug, Args)]
pub struct PreviewArgs {
    /// The language: en or es.
    #[arg(long, default_value = "en", value_parser = language)]
    pub language: Language,
    /// The format: standard or large-print.
    #[arg(long, default_value = "standard", value_parser = format)]
    pub format: Format,
    /// The vendor whose package it pretends to be in; by default the first.
    #[arg(long, value_name = "CODE")]
    pub vendor: Option<String>,
    /// Only the picture of this page, counted from 1; give it again for another. The PDF always has all.
    #[arg(long = "page", value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub pages: Vec<u32>,
    /// Dots per inch of the pictures.
    #[arg(long, value_name = "N", default_value_t = 150, value_parser = clap::value_parser!(u16).range(36..=1200))]
    pub dpi: u16,
    /// The folder for the files; it is made where it is missing.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub out: PathBuf,
    /// Also two pictures of the first page in its envelope, at both ends of its travel: what shows through the window,
    /// and how near the rest comes.
    #[arg(long)]
    pub envelope: bool,
}

/// `template approve`.
#[derive(Debug, Args)]
pub struct ApproveArgs {
    /// Who approves: a person's name; it is kept.
    #[arg(long, value_name = "NAME")]
    pub by: String,
    /// What was changed and why; it is kept for ever.
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Say what would be approved, and approve nothing.
    #[arg(long)]
    pub dry_run: bool,
}

fn language(text: &str) -> Result<Language, String> {
    Language::from_name(text).ok_or_else(|| "one of en, es".to_owned())
}

fn format(text: &str) -> Result<Format, String> {
    Format::from_name(text).ok_or_else(|| "one of standard, large-print".to_owned())
}
