//! Imported files and rows of the portal's table: gone after their term, and only they.

use std::fs;

use super::nightly::{REQUEST_HEADER, TestSite};
use super::{MONDAY_NIGHT, entries, holds, legal_hold, retention, row, sql};

/// Ninety days after the import, to the second.
const LAST_MOMENT: &str = "2026-05-31T23:30:00-04:00";
const OVER: &str = "2026-05-31T23:30:01-04:00";

fn ask(site: &TestSite, reference: &str, name: &str) {
    sql(
        site,
        "intake.db",
        &format!(
            "INSERT INTO mail_requests (reference, username, full_name, address_line_1, city, state, postal_code,
                 second_factor, requested_at)
             VALUES ('{reference}', '{reference}@example.com', '{name}', '9 Example Court', 'Springfield', 'IL', '62701',
                 'email', '2026-03-02T12:00:00-05:00')"
        ),
    );
}

#[test]
fn the_file_that_was_imported_goes_after_its_term_and_no_other() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    for name in ["plain", "edited", "linked", "daily", "gone"] {
        site.import(&format!("{name}.csv"), &row(&format!("T-{name}"), "Avery Canary")).done();
    }
    let bytes = fs::read(site.path("linked.csv")).unwrap();
    // Another file of the same name is imported the next day, as a portal does that writes one file a day.
    site.import("daily.csv", &row("T-second", "Blair Canary")).done();
    fs::write(site.path("edited.csv"), "somebody works on it").unwrap();
    fs::write(site.path("elsewhere.csv"), &bytes).unwrap();
    fs::remove_file(site.path("linked.csv")).unwrap();
    std::os::unix::fs::symlink(site.path("elsewhere.csv"), site.path("linked.csv")).unwrap();
    fs::remove_file(site.path("gone.csv")).unwrap();
    fs::write(site.path("never-imported.csv"), &bytes).unwrap();

    site.clock(LAST_MOMENT);
    assert_eq!(retention(&site, 0, &[])["imports_removed"], 0);
    assert!(site.path("plain.csv").exists() && site.path("requests.csv").exists());
    site.clock(OVER);
    // The demo's file with its control file, and of these plain, edited, linked, daily and gone.
    assert_eq!(retention(&site, 0, &["--dry-run"])["imports_removed"], 7);
    assert!(site.path("plain.csv").exists());
    let ran = site.run(&["--json", "retention"]).expect(1);
    assert_eq!(ran.json()["did"]["imports_removed"], 5, "{}", ran.text());
    for told in ["edited.csv", "linked.csv"] {
        assert!(ran.stdout.contains(told), "{}", ran.text());
    }
    for gone in ["plain.csv", "daily.csv", "requests.csv", "requests.csv.control"] {
        assert!(!site.path(gone).exists(), "{gone}");
    }
    for left in ["edited.csv", "linked.csv", "elsewhere.csv", "never-imported.csv"] {
        assert!(site.path(left).exists(), "{left}");
    }
    let removed = entries(&site, "import.removed");
    assert_eq!(removed.len(), 5);
    assert!(removed.iter().all(|entry| entry["due_on"] == "2026-05-31"), "{removed:?}");
    assert_eq!(removed.iter().filter(|entry| entry["after"]["file"] == "missing").count(), 1, "{removed:?}");
    assert_eq!(entries(&site, "import.left").len(), 2);
    let log = site.rows("SELECT CAST(entry AS TEXT) FROM audit_entry").concat().concat();
    assert!(!log.contains("plain.csv") && !log.contains("Canary"), "no entry has a path or a name");
    // Told once.
    assert_eq!(retention(&site, 0, &[])["imports_removed"], 0);
    site.run(&["audit", "verify"]).expect(0);
}

#[test]
fn rows_of_the_portals_table_are_gone_from_its_files_and_a_new_row_is_never_missed() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    ask(&site, "P-1", "Casey Canary");
    ask(&site, "P-2", "Devon Canary");
    site.run(&["collect"]).done();
    site.clock(OVER);
    ask(&site, "P-3", "Ellis Waiting");
    assert!(holds(&site.path("intake.db"), "Casey Canary") || holds(&site.path("intake.db-wal"), "Casey Canary"));
    assert_eq!(retention(&site, 0, &["--dry-run"])["intake_rows_removed"], 2);
    assert_eq!(retention(&site, 0, &[])["intake_rows_removed"], 2);
    for file in ["intake.db", "intake.db-wal", "intake.db-shm"] {
        assert!(!holds(&site.path(file), "Canary"), "{file}");
    }
    let removed = entries(&site, "intake.rows_removed");
    assert_eq!(removed.len(), 1);
    assert_eq!(
        (&removed[0]["rows"], &removed[0]["through"], &removed[0]["due_on"]),
        (&2.into(), &2.into(), &"2026-05-31".into())
    );
    // The row that no night took is there, and is taken; so is one that comes after all are deleted.
    site.run(&["collect"]).done();
    assert_eq!(site.value("SELECT status FROM request WHERE reference = 'P-3'"), "pending");
    site.clock("2026-09-01T09:00:00-04:00");
    assert_eq!(retention(&site, 0, &[])["intake_rows_removed"], 1);
    assert!(!holds(&site.path("intake.db"), "Waiting"));
    ask(&site, "P-4", "Finley Late");
    site.run(&["collect"]).done();
    assert_eq!(site.value("SELECT intake_line FROM request WHERE reference = 'P-4'"), "4");
}

#[test]
fn rows_are_not_recorded_as_gone_while_a_reader_keeps_their_bytes() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    ask(&site, "P-1", "Casey Canary");
    site.run(&["collect"]).done();
    site.clock(OVER);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let reader = runtime.block_on(async {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(site.path("intake.db"));
        let mut reader = <sqlx::SqliteConnection as sqlx::Connection>::connect_with(&options).await.unwrap();
        sqlx::raw_sql("BEGIN; SELECT * FROM mail_requests").execute(&mut reader).await.unwrap();
        reader
    });
    let ran = site.run(&["retention"]).expect(1);
    assert!(ran.text().contains("another program is reading it"), "{}", ran.text());
    assert!(entries(&site, "intake.rows_removed").is_empty());
    runtime.block_on(<sqlx::SqliteConnection as sqlx::Connection>::close(reader)).unwrap();
    assert_eq!(retention(&site, 0, &[])["intake_rows_removed"], 1);
    assert!(!holds(&site.path("intake.db"), "Canary") && !holds(&site.path("intake.db-wal"), "Canary"));
    assert_eq!(entries(&site, "intake.rows_removed").len(), 1);
}

#[test]
fn what_a_legal_hold_is_about_stays_until_it_is_lifted() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    site.import("held.csv", &row("T-held", "Gray Canary")).expect(0);
    let control = format!("{REQUEST_HEADER}\n{}\n", row("T-other", "Harper Other"));
    fs::write(site.path("other.csv"), control).unwrap();
    site.run(&["request", "import", site.path("other.csv").to_str().unwrap()]).expect(0);
    ask(&site, "P-1", "Indigo Canary");
    ask(&site, "P-2", "Jules Canary");
    site.night();
    let packages = site.packages();
    for package in &packages {
        site.clock("2026-03-03T20:00:00-05:00");
        site.receipt(package, &[]).done();
    }
    let of = |reference: &str| {
        site.value(&format!(
            "SELECT batch.name FROM batch JOIN letter ON letter.batch_id = batch.id
             JOIN request ON request.id = letter.request_id WHERE reference = '{reference}'"
        ))
    };
    let held = of("T-held");
    legal_hold(&site, "T-held", true);
    legal_hold(&site, "P-1", true);
    site.configure("# receipt_days = 2190", "receipt_days = 60");
    site.clock("2026-07-01T09:00:00-04:00");
    let did = retention(&site, 1, &[]);
    assert_eq!(did["intake_rows_removed"], 0, "{did}");
    assert!(site.path("held.csv").exists() && !site.path("other.csv").exists());
    assert!(super::names(&site, "spool").contains(&format!("{held}.1")), "its package stays");
    assert!(super::names(&site, "receipts").iter().any(|name| name.starts_with(&held)), "its receipt stays");
    assert_eq!(entries(&site, "package.removed").len(), packages.len() - 1, "the others go");
    legal_hold(&site, "T-held", false);
    legal_hold(&site, "P-1", false);
    let did = retention(&site, 0, &[]);
    assert_eq!(
        (&did["imports_removed"], &did["packages_removed"], &did["intake_rows_removed"]),
        (&1.into(), &1.into(), &2.into())
    );
    assert!(!site.path("held.csv").exists());
    assert!(super::names(&site, "receipts").is_empty());
    assert_eq!(entries(&site, "package.removed").last().unwrap()["due_on"], "2026-06-01");
}
