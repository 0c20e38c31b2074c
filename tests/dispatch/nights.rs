//! A site of four nights, with a stand-in vendor that spoils, rejects and is sent letters back, and a person who corrects a day.

use super::MONDAY_NIGHT;
use super::nightly::TestSite;

/// Where letters go: in the contiguous United States and outside.
const PLACES: [&str; 4] = ["Springfield,IL,62701", "Anchorage,AK,99501", "Portland,ME,04101", "Honolulu,HI,96813"];

/// Rows of people with invented names, each at an address of its own.
fn people(day: &str, count: usize) -> String {
    let person = |place: usize| {
        let format = if place.is_multiple_of(7) { "large-print" } else { "standard" };
        let city = PLACES[place % PLACES.len()];
        format!(
            "{day}-{place:03},p{place}.{day}@example.com,Pat Sample,{} Example Street,,{city},US,202-555-0101,email,en,{format},\
             {day}T08:00:00-05:00",
            100 + place
        )
    };
    (0..count).map(person).collect::<Vec<_>>().join("\n")
}

/// Looks into the inbox as the vendor, and reads what it says as the site.
fn look(site: &TestSite, now: &str) {
    site.clock(now);
    let inbox = site.path("vendor/inbox");
    let luck = ["--once", "--spoil", "10", "--reject", "6", "--return", "10", "--seed", "5"];
    site.run(&[&["vendor", "simulate", inbox.to_str().unwrap()], &luck[..]].concat()).expect(0);
    site.run(&["ingest"]).done();
}

/// Four nights and the fortnight after them; the intake files stay in the site's folder.
pub fn played() -> TestSite {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    site.import("monday.csv", &people("2026-03-02", 30)).done();
    site.night();
    look(&site, "2026-03-02T23:00:00-05:00");
    look(&site, "2026-03-03T18:00:00-05:00");
    site.import("tuesday.csv", &people("2026-03-03", 25)).done();
    // What the portal sends again is known, and a row without a name is refused.
    let again = people("2026-03-03", 2).replace("2026-03-03-001", "2026-03-03-bad").replace("Pat Sample", "");
    site.import("again.csv", &format!("{}\n{again}", people("2026-03-03", 1))).done();
    site.clock("2026-03-03T22:30:00-05:00");
    site.night();
    look(&site, "2026-03-03T23:00:00-05:00");
    look(&site, "2026-03-04T18:00:00-05:00");
    correct(&site, "2026-03-03", "2026-03-04");
    for (night, day) in [("2026-03-04", "2026-03-05"), ("2026-03-05", "2026-03-06")] {
        site.clock(&format!("{night}T22:30:00-05:00"));
        site.night();
        look(&site, &format!("{night}T23:00:00-05:00"));
        look(&site, &format!("{day}T18:00:00-05:00"));
    }
    look(&site, "2026-03-20T12:00:00-04:00");
    site
}

/// A person corrects the day of mailing of one letter.
fn correct(site: &TestSite, from: &str, to: &str) {
    let letter = site.value(&format!(
        "SELECT id FROM letter WHERE status = 'mailed' AND dispatched_on = '{from}' ORDER BY batch_id, sequence LIMIT 1"
    ));
    let words = ["--reason", "it lay a day", "--by", "Robin Sample"];
    site.run(&[&["letter", "correct", &letter, "--mailed-on", to], &words[..]].concat()).done();
}
