//! Overdue: what a vendor should have said by now, counted in its print days.
//!
//! ```text
//! November 2026   Mo Tu We Th Fr Sa Su
//!                 23 24 25 26 27 28 29      26: Thanksgiving Day
//!                 30
//! ```

use super::nightly::TestSite;
use super::print_vendor::{PACKAGE, Vendor};

/// A night before the holiday; its packages are planned for Wednesday and may be mailed until Monday.
const TUESDAY_24: &str = "2026-11-24T22:30:00-05:00";

/// The time of the nightly run on a day.
fn night(day: &str) -> String {
    format!("{day}T22:30:00-05:00")
}

/// A vendor whose package was delivered on that Tuesday, and of whose other package all is said.
fn vendor() -> Vendor {
    let site = TestSite::after_the_night(TUESDAY_24);
    let vendor = Vendor::of(site, &night("2026-11-25"));
    for package in vendor.site.packages().into_iter().filter(|package| package != PACKAGE) {
        vendor.site.receipt(&package, &[]).expect(0);
    }
    vendor
}

/// What the ingest of a day says that a person should see; a day on which all is in time says nothing.
fn told_on(vendor: &Vendor, day: &str) -> Vec<String> {
    vendor.site.clock(&night(day));
    let ran = vendor.site.run(&["ingest"]);
    let lines: Vec<String> = ran.stderr.lines().filter(|line| !line.starts_with("note: ")).map(str::to_owned).collect();
    assert_eq!(ran.code, i32::from(!lines.is_empty()), "{day}: {}", ran.text());
    lines
}

#[test]
fn a_package_that_no_vendor_takes_is_told_after_a_print_day() {
    let vendor = vendor();
    assert!(told_on(&vendor, "2026-11-25").is_empty(), "the print day is not over");
    let all = vendor.letters.len();
    let expected = format!(
        "person: package {PACKAGE}: the vendor has not said that it took it, and the print day 2026-11-25 is over: {all} \
         letters; ask the vendor whether it has the package and can open it"
    );
    assert_eq!(told_on(&vendor, "2026-11-26"), [expected.as_str()]);
    assert_eq!(told_on(&vendor, "2026-11-27"), [expected.as_str()], "until it comes");
    let report = vendor.site.run(&["report", "night"]).expect(0).stdout;
    assert!(report.contains("packages that are overdue: 1\n"), "{report}");
    assert!(report.contains(&format!("  package {PACKAGE}: the vendor has not said that it took it")), "{report}");
    assert_eq!(vendor.site.json(&["report", "night"])["overdue_packages"][0]["package"], PACKAGE);
    vendor.tell(1, &[]).expect(0);
    assert!(!vendor.site.run(&["report", "night"]).expect(0).stdout.contains("overdue:"));
}

#[test]
fn a_vendor_that_prints_on_mondays_has_until_monday() {
    let site = TestSite::before_the_night(TUESDAY_24);
    site.configure(r#"# print_days = ["mon", "tue", "wed", "thu", "fri"]"#, r#"print_days = ["mon"]"#);
    site.night();
    let vendor = Vendor::of(site, &night("2026-11-25"));
    for quiet in ["2026-11-25", "2026-11-26", "2026-11-27", "2026-11-29", "2026-11-30"] {
        assert!(told_on(&vendor, quiet).is_empty(), "{quiet}");
    }
    let told = told_on(&vendor, "2026-12-01");
    assert_eq!(told.len(), vendor.site.packages().len());
    assert!(told[0].contains("the print day 2026-11-30 is over"), "{told:?}");
}

#[test]
fn pieces_are_told_as_one_matter_when_they_cannot_be_mailed_any_more() {
    let vendor = vendor();
    let all = vendor.letters.len();
    vendor.put(1, &[vendor.line(0, "mailed", "2026-11-25"), vendor.line(1, "printed", "2026-11-25")]);
    for quiet in ["2026-11-25", "2026-11-26", "2026-11-27", "2026-11-28", "2026-11-29", "2026-11-30"] {
        assert!(told_on(&vendor, quiet).is_empty(), "{quiet}");
    }
    assert!(vendor.shown()["exceptions"].as_object().unwrap().is_empty());
    let told = told_on(&vendor, "2026-12-01");
    let expected = format!(
        "person: package {PACKAGE}: {} letters ({} and {} more) of {all} not accounted for, due by 2026-11-30; ask the \
         vendor for a receipt that says what became of each",
        all - 1,
        vendor.letters[1..6].join(" "),
        all - 6
    );
    assert_eq!(told, [expected.as_str()]);
    assert_eq!(vendor.shown()["exceptions"]["missing"]["count"], all - 1);
    assert_eq!(told_on(&vendor, "2026-12-02"), [expected.as_str()]);
    // They come, and say that the pieces were mailed too late: that is told once.
    let lines: Vec<String> = (1..all).map(|letter| vendor.line(letter, "mailed", "2026-12-01")).collect();
    vendor.put(2, &lines);
    let told = told_on(&vendor, "2026-12-03");
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with(&format!("person: package {PACKAGE}: {} letters (", all - 1)), "{told:?}");
    assert!(told[0].contains("mailed after the last day that the job ticket allows"), "{told:?}");
    assert!(told_on(&vendor, "2026-12-04").is_empty());
    let shown = vendor.shown();
    assert_eq!(shown["exceptions"]["late"]["count"], all - 1);
    assert!(shown["exceptions"]["missing"].is_null() && shown["closed_at"].is_string(), "{shown}");
}

#[test]
fn a_gap_that_stays_is_told_after_a_print_day() {
    let vendor = vendor();
    vendor.put(1, &[]);
    vendor.put(3, &[vendor.line(0, "printed", "2026-11-25")]);
    // Seen on Wednesday night; Thursday is a holiday, so the next print day is Friday.
    for quiet in ["2026-11-25", "2026-11-26", "2026-11-27"] {
        assert!(told_on(&vendor, quiet).is_empty(), "{quiet}");
    }
    let told = told_on(&vendor, "2026-11-28");
    let expected = format!(
        "person: package {PACKAGE}: 1 of its receipts have not come or were refused (2), and 1 that came wait for them \
         since 2026-11-26 03:30:00 UTC; ask the vendor for them"
    );
    assert_eq!(told, [expected.as_str()]);
    assert_eq!(vendor.letter(0).0, "accepted");
    vendor.put(2, &[]);
    assert!(told_on(&vendor, "2026-11-29").is_empty());
    assert_eq!(vendor.letter(0).0, "printed");
    // It was seen and has gone, and the smaller number is there: somebody should put it back.
    vendor.put(5, &[]);
    assert!(told_on(&vendor, "2026-11-30").is_empty());
    for file in [Vendor::name(5), format!("{}.asc", Vendor::name(5))] {
        std::fs::remove_file(vendor.outbox(&file)).unwrap();
    }
    let lines: Vec<String> =
        (0..vendor.letters.len()).map(|letter| vendor.line(letter, "mailed", "2026-11-30")).collect();
    vendor.put(4, &lines);
    assert!(told_on(&vendor, "2026-11-30").is_empty());
    let told = told_on(&vendor, "2026-12-02");
    assert!(told.len() == 1 && told[0].contains("1 of its receipts have not come or were refused (5)"), "{told:?}");
    assert!(vendor.shown()["closed_at"].is_null());
    vendor.put(5, &[]);
    assert!(told_on(&vendor, "2026-12-02").is_empty());
    assert!(vendor.shown()["closed_at"].is_string());
    // A gap after the closing is told as well, and opens nothing.
    vendor.put(7, &[vendor.line(0, "returned", "2026-12-02")]);
    assert!(told_on(&vendor, "2026-12-02").is_empty());
    assert_eq!(told_on(&vendor, "2026-12-04").len(), 1);
    vendor.put(6, &[]);
    assert!(told_on(&vendor, "2026-12-04").is_empty());
    assert_eq!(vendor.letter(0).0, "returned");
}

#[test]
fn a_vendor_that_left_the_configuration_leaves_no_package_unseen() {
    let vendor = vendor();
    vendor.tell(1, &[vendor.line(0, "mailed", "2026-11-25")]).expect(0);
    let path = vendor.site.path("letterpost.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("code = \"acme\"", "code = \"best\"")).unwrap();
    let told = told_on(&vendor, "2026-11-25");
    let out = vendor.letters.len() - 1;
    assert!(told.len() == 1 && told[0].contains(&format!("{out} of {} pieces", out + 1)), "{told:?}");
    assert!(told[0].contains("the configuration has no vendor 'acme'"), "{told:?}");
}
