//! Receipts as attackers, spreadsheets and tired people write them, put into a real outbox and read by the program.
//!
//! Each is refused whole or has its line held, with its reason on record; no row of a letter or a package changes; the
//! program stays under 64 MiB and ten seconds.
// A test reads and writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

#[path = "support/nightly.rs"]
mod nightly;
#[path = "support/print_vendor.rs"]
mod print_vendor;

#[path = "hostile_receipts/files.rs"]
mod files;
#[path = "hostile_receipts/lines.rs"]
mod lines;
#[path = "hostile_receipts/names.rs"]
mod names;
#[path = "hostile_receipts/sizes.rs"]
mod sizes;

use nightly::{Ran, TestSite};
use print_vendor::Vendor;

/// The most memory that the whole program may hold at once.
const MOST_MIB: f64 = 64.0;
/// What a program that was built as it is shipped holds where it does nothing. A build for tests has more code; that is not
/// the receipts'.
const OPTIMIZED_MIB: f64 = 11.0;
/// The longest that it may take.
const MOST_SECONDS: f64 = 10.0;

/// A vendor whose first receipt was taken on the evening of Tuesday, 3 March 2026: letter 0 is mailed, letter 1 printed,
/// letter 2 rejected. The job ticket forbids remakes.
fn vendor_with_a_first_receipt() -> Vendor {
    let vendor = Vendor::of(TestSite::after_the_night("2026-03-02T22:30:00-05:00"), "2026-03-03T22:00:00-05:00");
    vendor.tell(1, &first_lines(&vendor)).expect(0);
    vendor
}

fn first_lines(vendor: &Vendor) -> [String; 4] {
    [
        vendor.line(0, "printed", "2026-03-03"),
        vendor.line(0, "mailed", "2026-03-03"),
        vendor.line(1, "printed", "2026-03-03"),
        vendor.line(2, "rejected", "2026-03-03"),
    ]
}

/// The site reads the outbox with this status, within the limits of time and memory.
#[track_caller]
fn ingest(vendor: &Vendor, status: i32) -> Ran {
    let (ran, seconds, peak_mib) = vendor.ingest_measured();
    let unoptimized_mib = (vendor.own_mib() - OPTIMIZED_MIB).max(0.0);
    println!(
        "ingest: {seconds:.2} s, {peak_mib:.1} MiB at most, {unoptimized_mib:.1} of them for want of optimization"
    );
    assert!(peak_mib - unoptimized_mib < MOST_MIB, "{peak_mib} MiB, less {unoptimized_mib}");
    assert!(seconds < MOST_SECONDS, "{seconds} s");
    ran.expect(status)
}

/// Why a file was refused, as the ledger has it.
fn refused_because(vendor: &Vendor, name: &str) -> String {
    let query = format!(
        "SELECT refused_because FROM receipt_file WHERE file_name = '{}' ORDER BY id DESC LIMIT 1",
        name.replace('\'', "''")
    );
    vendor.site.rows(&query).into_iter().next().map(|row| row[0].clone()).unwrap_or_default()
}
