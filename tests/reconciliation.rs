//! A package's way through the receipts of its vendor, wave by wave, until every piece is accounted for.
// A test reads and writes files, and what it sets up must be there.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "support/nightly.rs"]
mod nightly;
#[path = "support/print_vendor.rs"]
mod print_vendor;

#[path = "reconciliation/overdue.rs"]
mod overdue;
#[path = "reconciliation/waves.rs"]
mod waves;

use nightly::TestSite;
use print_vendor::{PACKAGE, Vendor};
use serde_json::Value;

/// A Monday night; its packages are planned for Tuesday, 3 March, and may be mailed until Thursday.
const MONDAY_NIGHT: &str = "2026-03-02T22:30:00-05:00";

/// An evening of March 2026.
fn evening(day: u32) -> String {
    format!("2026-03-{day:02}T22:00:00-05:00")
}

/// A vendor with a package, on Tuesday evening; `remake` is what the job ticket says. Of its other packages all is said.
fn vendor(remake: &str) -> Vendor {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    site.configure(r#"# remake = "forbidden""#, &format!("remake = \"{remake}\""));
    site.night();
    let vendor = Vendor::of(site, &evening(3));
    for package in vendor.site.packages().into_iter().filter(|package| package != PACKAGE) {
        vendor.site.receipt(&package, &[]).expect(0);
    }
    vendor
}

/// How many pieces are accounted for in which way, as "10 mailed, 2 still_out".
fn dispositions(shown: &Value) -> String {
    let counts = shown["dispositions"].as_object().unwrap().iter();
    counts.map(|(name, count)| format!("{} {name}", count["pieces"])).collect::<Vec<_>>().join(", ")
}

/// The kinds of exceptions, with their counts, as "2 late".
fn exceptions(shown: &Value) -> String {
    let kinds = shown["exceptions"].as_object().unwrap().iter();
    kinds.map(|(name, cases)| format!("{} {name}", cases["count"])).collect::<Vec<_>>().join(", ")
}

/// The entries of the audit log of a kind, oldest first: what each says.
fn audited(vendor: &Vendor, kind: &str) -> Vec<Value> {
    let entries = vendor.site.rows("SELECT CAST(entry AS TEXT) FROM audit_entry ORDER BY seq");
    let entries = entries.iter().map(|row| serde_json::from_str::<Value>(&row[0]).unwrap());
    entries.filter(|entry| entry["kind"] == kind).map(|entry| entry["data"].clone()).collect()
}
