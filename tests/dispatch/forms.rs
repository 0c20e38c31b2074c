//! The same records as a table, CSV, JSON and a page.

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use letterpost::ports::ledger::DispatchRecord;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::nightly::{TestSite, run_limited};
use super::{MONDAY_NIGHT, Row, TUESDAY_EVENING, rows};

const PACKAGES: [&str; 2] = ["eba-test-acme-000001", "eba-test-acme-000002"];

fn mailed_site() -> TestSite {
    let site = TestSite::after_the_night(MONDAY_NIGHT);
    site.clock(TUESDAY_EVENING);
    for package in PACKAGES {
        site.receipt(package, &["--postal-statement", "3600-1"]).done();
    }
    site
}

#[test]
fn the_table_is_read_within_a_hundred_columns_and_says_what_ties() {
    let site = mailed_site();
    let table = site.run(&["report", "dispatch"]).expect(0).stdout;
    for line in table.lines() {
        assert!(line.chars().count() <= 100, "{} characters: {line}", line.chars().count());
    }
    for words in
        ["17 pieces on 18 sheets: 17 mailed", "16 = 16", "136 = 136", "24 = 24", "everything ties", "requests.csv:3"]
    {
        assert!(table.contains(words), "{words}: {table}");
    }
    let none = site.run(&["report", "dispatch", "--vendor", "west"]).expect(0).stdout;
    assert!(none.contains("vendor west") && none.contains("0 pieces on 0 sheets"), "{none}");
    site.tamper("UPDATE letter SET sheets = 7 WHERE batch_id = 2");
    let ran = site.run(&["report", "dispatch"]).expect(4);
    assert!(ran.stdout.contains("7 ≠ 2") && ran.stdout.contains("DO NOT TIE"), "{}", ran.stdout);
    assert!(ran.stderr.contains("package eba-test-acme-000002: sheets, and its control total: 7 counted, 2 said"));
}

#[test]
fn csv_and_json_have_every_column_of_the_view_and_say_the_same() {
    let site = mailed_site();
    let columns = site.columns("dispatch_records");
    assert_eq!(columns, DispatchRecord::COLUMNS);
    let csv = site.run(&["report", "dispatch", "--format", "csv"]).expect(0);
    assert_eq!(csv.stdout.lines().next().unwrap(), columns.join(","));
    assert!(csv.stderr.contains("17 pieces on 18 sheets") && csv.stderr.contains("everything ties"), "{}", csv.stderr);
    let told = site.json(&["report", "dispatch"]);
    assert_eq!((&told["asked"]["from"], &told["asked"]["to"]), (&json!("2026-02-01"), &json!("2026-03-03")));
    assert_eq!(told["shown"], json!({ "pieces": 17, "sheets": 18, "states": { "mailed": 17 } }));
    assert_eq!(told["differences"], json!([]));
    assert!(told["totals"]["packages"][0]["ties"][0]["ties"].as_bool().unwrap());
    let as_text = |value: &serde_json::Value| match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let pieces: Vec<Row> = told["pieces"]
        .as_array()
        .unwrap()
        .iter()
        .map(|piece| piece.as_object().unwrap().iter().map(|(name, value)| (name.clone(), as_text(value))).collect())
        .collect();
    assert_eq!(pieces, rows(&site, &[]));
    // And what the view itself says.
    let viewed = site.rows("SELECT * FROM dispatch_records WHERE sequence = 1 ORDER BY package");
    for (row, piece) in viewed.iter().zip(pieces.iter().filter(|piece| piece["sequence"] == "1")) {
        for (column, value) in columns.iter().zip(row) {
            let said =
                if column == "outside" { if piece[column] == "true" { "1" } else { "0" } } else { &piece[column] };
            assert_eq!(said, value, "{column}");
        }
    }
}

#[test]
fn nobody_is_named_in_any_form() {
    let site = mailed_site();
    let page = site.path("dispatch.html");
    site.run(&["report", "dispatch", "--html", page.to_str().unwrap()]).expect(0);
    let said = [
        site.run(&["report", "dispatch"]).text(),
        site.run(&["report", "dispatch", "--format", "csv"]).text(),
        site.run(&["--json", "report", "dispatch"]).text(),
        fs::read_to_string(page).unwrap(),
    ];
    let people = site.rows("SELECT username, full_name, address_line_1, address_line_2, city FROM request");
    for text in people.iter().flatten().filter(|text| text.len() > 4) {
        assert!(said.iter().all(|said| !said.contains(text.as_str())), "{text}");
    }
    assert!(people.len() > 20);
}

#[test]
fn the_page_asks_for_nothing_fits_a_phone_and_prints() {
    let site = mailed_site();
    let hostile = "\"><img src=x onerror=alert(1)>.csv";
    site.tamper(&format!("UPDATE intake_file SET name = '{hostile}' WHERE id = 1"));
    let path = site.path("dispatch.html");
    let ran = site.run(&["report", "dispatch", "--html", path.to_str().unwrap()]).expect(0);
    assert!(ran.stdout.is_empty() && ran.stderr.contains("the report is in"), "{}", ran.text());
    let page = fs::read_to_string(&path).unwrap();
    assert!(!page.contains("<img") && page.contains("&lt;img"), "what others wrote never becomes markup");
    for forbidden in ["<script", "<link", "<form", " src=", "@import", "url(", " style="] {
        let ours = page.replace("src=x onerror=alert(1)", "");
        assert!(!ours.contains(forbidden), "{forbidden}");
    }
    let style = page.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    let digest = STANDARD.encode(Sha256::digest(style));
    assert!(
        page.contains(&format!("default-src 'none'; style-src 'sha256-{digest}'")),
        "the policy names this style sheet"
    );
    assert_eq!(page.matches("<article").count(), 17);
    assert!(page.contains("<dt>package_sha256</dt>") && page.contains("Everything ties."));
    // A browser prints it, every column with it.
    let folder = site.outside();
    let paper = folder.join("page.pdf");
    let quiet = ["--headless=new", "--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND"];
    let profile = format!("--user-data-dir={}", folder.join("profile").display());
    let (print, address) = (format!("--print-to-pdf={}", paper.display()), format!("file://{}", path.display()));
    let arguments =
        [&quiet[..], &[&profile, "--window-size=360,800", "--no-pdf-header-footer", &print, &address]].concat();
    run_limited("chromium", &arguments, &[], "").expect(0);
    let text = run_limited("pdftotext", &["-layout", paper.to_str().unwrap(), "-"], &[], "").expect(0).stdout;
    let letter = site.value("SELECT id FROM letter WHERE batch_id = 2");
    for words in
        [letter.as_str(), "letter_sha256", "receipt_line", "3600-1", "its receipts, and entries that took them in so"]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn what_cannot_be_asked_is_refused() {
    let site = mailed_site();
    for (arguments, words) in [
        (&["--from", "2026-03-04", "--to", "2026-03-03"][..], "--from 2026-03-04 is after --to 2026-03-03"),
        (&["--status", "lost"], "one of sealed, delivered"),
        (&["--letter", "nobody"], "--letter"),
        (&["--html", "x.html", "--format", "csv"], "cannot be used with"),
    ] {
        let ran = site.run(&[&["report", "dispatch"], arguments].concat()).expect(2);
        assert!(ran.stderr.contains(words), "{}", ran.stderr);
    }
}
