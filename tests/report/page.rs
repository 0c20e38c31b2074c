//! The page of the report: self-contained, without names, and nothing that anybody wrote becomes markup.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use std::fs;

use super::MONDAY_NIGHT;
use super::nightly::TestSite;

/// The page as it is written at this instant.
pub fn page(site: &TestSite, at: &str) -> String {
    site.clock(at);
    let path = site.path("report.html");
    let ran = site.run(&["report", "night", "--html", path.to_str().unwrap()]).expect(0);
    assert!(ran.stdout.is_empty() && ran.stderr.contains("the report is in"), "{}", ran.text());
    fs::read_to_string(path).unwrap()
}

#[test]
fn the_page_names_nobody() {
    let site = TestSite::after_the_night(MONDAY_NIGHT);
    site.run(&["request", "hold", "EBA-2026-000103", "--reason", "Casey Canary called", "--by", "Robin Worker"])
        .expect(0);
    let page = page(&site, "2026-03-03T08:00:00-05:00");
    assert!(page.contains("held request EBA-2026-000103") && page.contains("Words of people are not on this page"));
    let people =
        site.rows("SELECT username, full_name, address_line_1, address_line_2, city, postal_code FROM request");
    for text in people.iter().flatten().filter(|text| text.len() > 4) {
        assert!(!page.contains(text.as_str()), "{text} is on the page");
    }
    for word in ["Canary", "Robin", "requests.csv", "Sample", "Ejemplo"] {
        assert!(!page.contains(word), "{word} is on the page");
    }
    assert!(people.len() > 20);
}

#[test]
fn what_a_portal_wrote_never_becomes_markup() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    let hostile = r#""><img/src=x/onerror=alert(1)>&lt;"#;
    let row = format!(
        "\"{}\",evil@example.com,Pat Sample,1 Example Street,,Springfield,IL,62701,US,202-555-0101,email,en,standard,\
         2026-03-02T08:00:00-05:00",
        hostile.replace('"', "\"\"")
    );
    site.import("evil.csv", &row).expect(0);
    site.run(&["request", "hold", hostile, "--reason", "look"]).expect(0);
    let page = page(&site, MONDAY_NIGHT);
    assert!(!page.contains("<img") && page.contains("&lt;img"), "{page}");
    assert!(page.contains("&amp;lt;"), "an entity that was written is shown as it was written");
}

#[test]
fn the_page_asks_for_nothing_and_runs_nothing() {
    let site = TestSite::after_the_night(MONDAY_NIGHT);
    let page = page(&site, "2026-03-03T08:00:00-05:00");
    let addresses: Vec<&str> =
        page.match_indices("http").map(|(at, _)| page[at..].split(['"', '<', ' ']).next().unwrap()).collect();
    assert!(
        addresses.iter().all(|address| ["http://www.w3.org/2000/svg", "http-equiv="].contains(address)),
        "{addresses:?}"
    );
    for forbidden in
        ["<script", "<link", "<iframe", "<object", "<form", " src=", "@import", "url(", " style=", " onload="]
    {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    let style = page.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    let digest = STANDARD.encode(Sha256::digest(style));
    let policy = format!("default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'");
    assert!(page.contains(&format!("content=\"{policy}\"")), "the policy names this style sheet");
    let template = include_str!("../../templates/report/night.html");
    assert!(!template.contains("safe") && !template.contains("autoescape"), "no value is marked as safe");
}

#[test]
fn a_picture_has_its_words_and_its_figures() {
    let site = TestSite::after_the_night(MONDAY_NIGHT);
    let page = page(&site, "2026-03-03T08:00:00-05:00");
    let drawn = page.matches("role=\"img\"").count();
    assert!(drawn >= 3, "{drawn}");
    assert_eq!(page.matches("<desc id=").count(), drawn);
    assert_eq!(page.matches("<summary>The same as a table</summary>").count(), drawn);
    assert!(page.contains("<title>2026-03-02: 17 letters at the vendor</title>"), "{page}");
    assert!(page.contains("Letters of the last night, by where they are now"));
    assert!(page.contains("Every stage took less than a second."), "a picture of nothing is a sentence");
}

#[test]
fn a_site_on_which_nothing_ran_has_a_page() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    let page = page(&site, MONDAY_NIGHT);
    assert!(page.contains("No run yet.") && page.contains("None is on its way."), "{page}");
}

#[test]
fn the_page_takes_the_place_of_the_one_before_and_is_for_its_owner() {
    use std::os::unix::fs::PermissionsExt as _;
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    assert!(page(&site, MONDAY_NIGHT).contains("No run yet."));
    site.night();
    assert!(page(&site, "2026-03-03T08:00:00-05:00").contains("completed"));
    assert_eq!(fs::metadata(site.path("report.html")).unwrap().permissions().mode() & 0o777, 0o600);
    let nowhere = site.path("nowhere/report.html");
    site.run(&["report", "night", "--html", nowhere.to_str().unwrap()]).expect(2);
}
