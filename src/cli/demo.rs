//! `demo`: one whole night on invented people, on real files, with a stand-in print vendor.
//!
//! The stand-in is this same program with the vendor's own key: it opens what it finds in its inbox, checks it, and
//! writes receipts. Nothing is played: every file is what a real night leaves.

use std::path::Path;

use chrono::{DateTime, Days, FixedOffset, NaiveDate};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::args::DemoArgs;
use super::doctor::SAMPLE_MARK;
use super::exit::{CliResult, Exit, Failure};
use super::init;
use super::open::Opening;
use super::report::{or_dash, table};
use super::{jobs, requests, vendors};
use crate::adapters::files;
use crate::ports::ledger::{Ledger, LetterRecord, RequestRecord};
use crate::stages::ingest;

const SAMPLE_REQUESTS: &str = include_str!("../../samples/requests/requests.csv");
/// The column that is moved to the days before the demo.
const REQUESTED_AT: &str = "requested_at";
const MOST_SHOWN: u32 = 10_000;

#[derive(Serialize)]
struct Shown {
    folder: String,
    imported: String,
    packages: Vec<String>,
    letters: Vec<LetterRecord>,
    not_mailed: Vec<RequestRecord>,
}

/// Plays the demo.
pub async fn demo(args: &DemoArgs, at: &Opening) -> CliResult<Exit> {
    let dir = &args.dir;
    // 1. A site, and beside it a vendor with a key of its own.
    init::require_free(dir)?;
    let at = at.at(dir.join("letterpost.toml"));
    let say = |text: String| at.report.say(text);
    say(format!("making a site in {} …", dir.display()));
    let configuration = init::with_ledger(&init::rehearsal_configuration()?, args.ledger.as_deref())?;
    let site_key = init::make_site(dir, &at, &format!(" ({SAMPLE_MARK})"), &configuration).await?;
    make_vendor(dir, &at, &init::armored_certificate(&site_key)?)?;
    // 2. Requests come in.
    let csv = dir.join("requests.csv");
    write_requests(&csv, &at)?;
    let config = at.config()?;
    let world = at.world(&config, None).await?;
    let imported = requests::import_into(&world, &csv).await?;
    at.report.aside(&imported);
    if args.no_run {
        at.report.show(
            &serde_json::json!({ "folder": dir.display().to_string(), "imported": imported }),
            format!("ready: letterpost --config {}/letterpost.toml run nightly", dir.display()),
        );
        return Ok(Exit::Done);
    }
    // 3. The night.
    say("\nthe night …".to_owned());
    say(jobs::run_in(&world, "nightly", &at).await?);
    // 4. The vendor opens, checks and receipts; the receipts are read.
    let packages = receipt_all(dir, &at)?;
    let outcome = ingest::ingest(&world, false).await?;
    say(super::report::outcome_line("ingest", &outcome));
    at.report.matters(&outcome.matters);
    // 5. What happened.
    let ledger = at.ledger(&config).await?;
    let shown = shown(dir, imported, packages, ledger.as_ref()).await?;
    at.report.show(&shown, describe(&shown));
    ledger.close().await;
    Ok(Exit::Done)
}

/// The stand-in vendor's folder: its settings beside its inbox and outbox, its keys among the site's.
pub(super) fn make_vendor(dir: &Path, at: &Opening, site_certificate: &[u8]) -> CliResult<()> {
    let key = init::new_key(&format!("Acme Print and Mail, invented ({SAMPLE_MARK}) <acme@example.invalid>"), at)?;
    init::write_key(&dir.join("keys/acme.sec.asc"), &key)?;
    files::write_new(&dir.join("keys/acme.asc"), &init::armored_certificate(&key)?)?;
    files::write_new(&dir.join("vendor/site.pub.asc"), site_certificate)?;
    files::write_new(&dir.join("vendor/vendor.toml"), include_bytes!("../../samples/site/vendor.toml"))?;
    Ok(())
}

/// Writes the sample requests, asked for in the days before today, and their control file.
fn write_requests(path: &Path, at: &Opening) -> CliResult<()> {
    let today = at.clock().now().date_naive();
    let csv = moved_to(SAMPLE_REQUESTS, today).ok_or_else(|| Failure::usage("the sample requests cannot be read"))?;
    let rows = csv::Reader::from_reader(csv.as_slice()).into_records().count();
    let control = serde_json::json!({ "rows": rows, "sha256": hex::encode(Sha256::digest(&csv)) });
    files::write_new(path, &csv)?;
    files::write_new(&path.with_extension("csv.control"), format!("{control}\n").as_bytes())?;
    Ok(())
}

/// The requests with their dates moved so that the newest was asked for the day before `today`.
fn moved_to(requests: &str, today: NaiveDate) -> Option<Vec<u8>> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(requests.as_bytes());
    let header = reader.headers().ok()?.clone();
    let column = header.iter().position(|name| name == REQUESTED_AT)?;
    let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().ok()?;
    let asked = |row: &csv::StringRecord| row.get(column)?.parse::<DateTime<FixedOffset>>().ok();
    let newest = rows.iter().filter_map(asked).max()?.to_utc().date_naive();
    let shift = today.checked_sub_days(Days::new(1))? - newest;
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&header).ok()?;
    for row in &rows {
        let moved = asked(row).map(|at| (at + shift).to_rfc3339());
        let cells = row.iter().enumerate().map(|(place, cell)| match &moved {
            Some(moved) if place == column => moved.as_str(),
            _ => cell,
        });
        writer.write_record(cells).ok()?;
    }
    writer.into_inner().ok()
}

/// The stand-in vendor's work: every package in its inbox is opened, checked, and receipted as printed and mailed.
fn receipt_all(dir: &Path, at: &Opening) -> CliResult<Vec<String>> {
    at.report.say("\nthe stand-in vendor …");
    let mut names = Vec::new();
    for package in files::list(&dir.join("vendor/inbox"), "pgp")? {
        at.report.say(vendors::verify_and_receipt(&package, at)?);
        let file = package.file_name().unwrap_or_default().to_string_lossy().into_owned();
        names.push(file.trim_end_matches(".zip.pgp").to_owned());
    }
    Ok(names)
}

async fn shown(dir: &Path, imported: String, packages: Vec<String>, ledger: &dyn Ledger) -> CliResult<Shown> {
    let mut letters = ledger.letters(None, MOST_SHOWN).await?;
    letters.sort_by(|one, other| (&one.package, one.sequence).cmp(&(&other.package, other.sequence)));
    let requests = ledger.requests(None, MOST_SHOWN).await?;
    let not_mailed = requests.into_iter().filter(|request| request.letter_id.is_none()).collect();
    Ok(Shown { folder: dir.display().to_string(), imported, packages, letters, not_mailed })
}

fn describe(shown: &Shown) -> String {
    let letters = shown.letters.iter().map(|letter| {
        vec![
            letter.letter_id.clone(),
            letter.reference.clone(),
            letter.status.to_string(),
            or_dash(letter.dispatched_on),
            format!("{} to {}", letter.expected_from, letter.expected_to),
            letter.use_by_on.to_string(),
            letter.expires_on.to_string(),
        ]
    });
    let letters = table(&["letter", "request", "is", "mailed", "expected", "printed use-by", "password ends"], letters);
    let others = shown.not_mailed.iter().map(|request| {
        vec![request.reference.clone(), request.status.to_string(), request.reason.clone().unwrap_or_default()]
    });
    let others = table(&["request", "is", "because"], others);
    let config = format!("letterpost --config {}/letterpost.toml", shown.folder);
    let first = shown.letters.first().map_or("LETTER-ID", |letter| letter.letter_id.as_str());
    let package = shown.packages.first().map_or("PACKAGE", String::as_str);
    format!(
        "\n{} letters mailed:\n{letters}\n\nnot mailed:\n{others}\n\nLook further:\n  \
         {config} report night\n  {config} report dispatch\n  {config} letter show {first}\n  \
         {config} batch show {package}\n  {config} request list\n  {config} audit verify\n  {config} doctor\n  \
         letterpost vendor verify {}/vendor/inbox/{package}.zip.pgp --extract {}/opened\n",
        shown.letters.len(),
        shown.folder,
        shown.folder
    )
}
