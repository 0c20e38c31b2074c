//! Passwords are minted on the last run before the vendor's cut-off, and not a night before.
//!
//! The fortnight of the tests has the third Monday of February in it, a federal holiday:
//!
//! ```text
//! February 2026   Mo Tu We Th Fr Sa Su
//!                  9 10 11 12 13 14 15
//!                 16 17 18 19 20 21 22      16: Washington's Birthday
//!                 23
//! ```

use chrono::{Datelike as _, Days, NaiveDate};

use super::nightly::TestSite;
use super::opened::{Opened, Printed};

/// The first night of the fortnight.
const FIRST: &str = "2026-02-09";
const NIGHTS: u64 = 14;

/// A letter that a night is to mint: the night, the print day, and the printed dates for the contiguous United States.
struct Minted {
    night: &'static str,
    mail_on: &'static str,
    use_by_on: &'static str,
    cap_on: &'static str,
}

const fn minted(night: &'static str, mail_on: &'static str, use_by_on: &'static str, cap_on: &'static str) -> Minted {
    Minted { night, mail_on, use_by_on, cap_on }
}

/// Counted on a wall calendar: ten business days from the print day; three weeks of hours from the night.
const TUESDAY_10: Minted = minted("2026-02-09", "2026-02-10", "2026-02-25", "2026-03-01");
const WEDNESDAY_11: Minted = minted("2026-02-10", "2026-02-11", "2026-02-26", "2026-03-02");
const THURSDAY_12: Minted = minted("2026-02-11", "2026-02-12", "2026-02-27", "2026-03-03");
const FRIDAY_13: Minted = minted("2026-02-12", "2026-02-13", "2026-03-02", "2026-03-04");
const TUESDAY_17: Minted = minted("2026-02-16", "2026-02-17", "2026-03-03", "2026-03-08");
const WEDNESDAY_18: Minted = minted("2026-02-17", "2026-02-18", "2026-03-04", "2026-03-09");
const THURSDAY_19: Minted = minted("2026-02-18", "2026-02-19", "2026-03-05", "2026-03-10");
const FRIDAY_20: Minted = minted("2026-02-19", "2026-02-20", "2026-03-06", "2026-03-11");
const MONDAY_23: Minted = minted("2026-02-22", "2026-02-23", "2026-03-09", "2026-03-14");

#[test]
fn a_vendor_that_prints_monday_to_friday() {
    let all =
        [TUESDAY_10, WEDNESDAY_11, THURSDAY_12, FRIDAY_13, TUESDAY_17, WEDNESDAY_18, THURSDAY_19, FRIDAY_20, MONDAY_23];
    a_fortnight(r#"["mon", "tue", "wed", "thu", "fri"]"#, &all);
}

#[test]
fn a_vendor_that_prints_monday_and_wednesday() {
    a_fortnight(r#"["mon", "wed"]"#, &[WEDNESDAY_11, WEDNESDAY_18, MONDAY_23]);
}

#[test]
fn a_vendor_that_prints_monday_only() {
    a_fortnight(r#"["mon"]"#, &[MONDAY_23]);
}

/// Runs fourteen nights, a new request each, and looks after each whether letters were minted.
fn a_fortnight(print_days: &str, expected: &[Minted]) {
    let site = late_site(print_days);
    let first: NaiveDate = FIRST.parse().unwrap();
    let mut seen = 0;
    for (number, night) in first.iter_days().take(NIGHTS as usize).enumerate() {
        site.clock(&format!("{night}T12:00:00-05:00"));
        ask(&site, number, night, "Springfield,IL,62701");
        let pending: u64 = site.value("SELECT count(*) FROM request WHERE status = 'pending'").parse().unwrap();
        site.clock(&format!("{night}T22:30:00-05:00"));
        site.night();
        let letters = site.rows(&format!("SELECT id FROM letter WHERE minted_at >= '{night}T23:00:00Z'"));
        let Some(wanted) = expected.iter().find(|minted| minted.night == night.to_string()) else {
            assert!(letters.is_empty(), "{night} is not the last run before a print day");
            assert_eq!(site.value("SELECT count(*) FROM request WHERE status = 'pending'"), pending.to_string());
            continue;
        };
        assert!(!letters.is_empty(), "{night} is the last run before {}", wanted.mail_on);
        assert_eq!(site.value("SELECT count(*) FROM request WHERE status = 'pending'"), "0", "{night}");
        let kept = site.rows(&format!(
            "SELECT planned_mail_on, use_by_on, cap_on, expires_on FROM letter WHERE username = '{}'",
            account(number)
        ));
        assert_eq!(kept, [[wanted.mail_on, wanted.use_by_on, wanted.cap_on, wanted.cap_on]], "{night}");
        seen += assert_pages_promise_what_the_ledger_keeps(&site, wanted.mail_on);
    }
    let minted: usize = site.value("SELECT count(*) FROM letter").parse().unwrap();
    assert_eq!(seen, minted);
    assert!(minted >= 14, "the fortnight's own requests and the demo's");
    site.closed_accounting();
}

#[test]
fn a_long_lead_never_prints_a_day_past_the_cap() {
    let site = late_site(r#"["mon"]"#);
    site.configure("# cut_off_days_before = 0", "cut_off_days_before = 3");
    let thursday: NaiveDate = "2026-02-19".parse().unwrap();
    site.clock("2026-02-18T22:30:00-05:00");
    ask(&site, 0, thursday, "Springfield,IL,62701");
    ask(&site, 1, thursday, "Anchorage,AK,99501");
    site.night();
    assert_eq!(site.value("SELECT count(*) FROM letter"), "0", "Thursday's run still makes the cut-off on Friday");
    site.clock("2026-02-19T22:30:00-05:00");
    site.night();
    let kept = |number| {
        let account = account(number);
        site.rows(&format!("SELECT planned_mail_on, use_by_on, cap_on FROM letter WHERE username = '{account}'"))
    };
    assert_eq!(kept(0), [["2026-02-23", "2026-03-09", "2026-03-11"]]);
    // Twenty business days from Monday 23 February would be 23 March; thirty days of hours are over before.
    assert_eq!(kept(1), [["2026-02-23", "2026-03-20", "2026-03-20"]]);
    assert_pages_promise_what_the_ledger_keeps(&site, "2026-02-23");
}

/// A site whose one vendor prints on these days, and for which passwords are minted late.
fn late_site(print_days: &str) -> TestSite {
    let site = TestSite::before_the_night(&format!("{FIRST}T11:00:00-05:00"));
    site.configure(r#"# print_days = ["mon", "tue", "wed", "thu", "fri"]"#, &format!("print_days = {print_days}"));
    site.configure(r#"mint = "every-run""#, r#"mint = "last-run""#);
    site
}

fn account(number: usize) -> String {
    format!("person{number}@example.com")
}

fn ask(site: &TestSite, number: usize, on: NaiveDate, place: &str) {
    let account = account(number);
    let row = format!(
        "ASK-{number:03},{account},Robin Invented,{number} Example Way,,{place},US,202-555-0100,email,en,standard,{on}T08:00:00-05:00"
    );
    site.import(&format!("ask-{number}.csv"), &row).expect(0);
}

/// Opens the packages for this print day; each letter prints its use-by date as the ledger keeps it.
fn assert_pages_promise_what_the_ledger_keeps(site: &TestSite, mail_on: &str) -> usize {
    let packages = site.rows(&format!("SELECT name FROM batch WHERE mail_on = '{mail_on}' AND status = 'delivered'"));
    let mut letters = 0;
    for name in packages.iter().flatten() {
        let package = Opened::open(site, name);
        assert_eq!(package.ticket["mail_on"], mail_on);
        for letter in &package.letters {
            let use_by_on = site.value(&format!("SELECT use_by_on FROM letter WHERE id = '{}'", letter.id()));
            assert_promises(letter, use_by_on.parse().unwrap());
            letters += 1;
        }
    }
    letters
}

fn assert_promises(letter: &Printed, use_by_on: NaiveDate) {
    const WEEKDAYS: [&str; 7] = ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"];
    const MONTHS: [&str; 12] = [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ];
    let promise = if letter.row["language"] == "en" {
        format!("Use it by {} (Eastern Time)", use_by_on.format("%A, %B %-d, %Y"))
    } else {
        let weekday = WEEKDAYS[use_by_on.weekday().num_days_from_monday() as usize];
        let (month, year) = (MONTHS[use_by_on.month0() as usize], use_by_on.year());
        format!("Úsela a más tardar el {weekday}, {} de {month} de {year} (hora del Este)", use_by_on.day())
    };
    // In large print the line is broken.
    let text = letter.text().split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains(&promise), "{promise} is not on the page:\n{text}");
    let others = [use_by_on - Days::new(1), use_by_on + Days::new(1)].map(|day| day.format("%B %-d, %Y").to_string());
    assert!(!others.iter().any(|other| text.contains(other)), "{text}");
}
