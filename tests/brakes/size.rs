//! A night that is much larger than usual: its letters wait for a named person, and everything else goes on.

use chrono::{DateTime, Days, FixedOffset};
use serde_json::Value;

use super::nightly::{Ran, TestSite};
use super::{MONDAY_NIGHT, ROBIN, engaged, people};

const MANY: usize = 320;

fn count(site: &TestSite, what: &str) -> usize {
    site.value(&format!("SELECT count(*) FROM {what}")).parse().unwrap()
}

fn release(site: &TestSite, id: &Value, arguments: &[&str]) -> Ran {
    let id = id.to_string();
    let mut all = vec!["brake", "release", id.as_str()];
    all.extend(arguments);
    site.run(&all)
}

/// The entries of the audit log about brakes.
fn told(site: &TestSite) -> Vec<Value> {
    site.entries().into_iter().filter(|entry| entry["kind"].as_str().unwrap().starts_with("brake.")).collect()
}

fn kinds(site: &TestSite) -> Vec<String> {
    told(site).iter().map(|entry| entry["kind"].as_str().unwrap().to_owned()).collect()
}

/// A site with so many letters a night, at a night later than the clock shows.
fn limited(letters_a_night: usize) -> TestSite {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    site.configure("# letters_a_night = 150000", &format!("letters_a_night = {letters_a_night}"));
    site
}

#[test]
fn after_twenty_usual_nights_a_large_one_waits_for_a_named_person_and_everything_else_goes_on() {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    let mut night: DateTime<FixedOffset> = MONDAY_NIGHT.parse().unwrap();
    for usual in 0..20 {
        site.clock(&night.to_rfc3339());
        site.import("usual.csv", &people(1000 + usual, 1001 + usual)).expect(0);
        site.night();
        night = night.checked_add_days(Days::new(1)).unwrap();
    }
    assert_eq!(count(&site, "(SELECT DISTINCT run_id FROM batch)"), 20);
    // A package waits to be delivered, a receipt to be read, and three hundred and twenty people for letters.
    site.clock(&night.to_rfc3339());
    site.import("one.csv", &people(2000, 2001)).expect(0);
    site.run(&["produce"]).expect(0);
    let package = site.packages().remove(0);
    let sealed = site.path(&format!("vendor/inbox/{package}.zip.pgp"));
    site.run(&["vendor", "receipt", sealed.to_str().unwrap()]).expect(0);
    site.import("big.csv", &people(0, MANY)).expect(0);
    let (letters, heads) = (count(&site, "letter"), count(&site, "audit_head"));

    let stopped = site.run(&["run", "nightly"]).expect(4);
    let message = "alarm: brake 1: 320 letters would be made tonight, and a usual night has 1; [limits] times_the_usual_night \
                   stops more than 300; nothing was minted; look at 'letterpost brake list'";
    assert!(stopped.stderr.contains(message), "{}", stopped.text());
    assert!(stopped.stdout.contains("unfinished"), "{}", stopped.text());
    assert_eq!(count(&site, "letter"), letters, "nothing was minted");
    assert_eq!(count(&site, "request WHERE status = 'pending'"), MANY, "and nothing claimed");
    assert_eq!(count(&site, "batch WHERE status = 'sealed'"), 0, "what was sealed before was delivered");
    assert_eq!(
        site.value(&format!("SELECT status FROM batch WHERE name = '{package}'")),
        "accepted",
        "receipts were read"
    );
    assert_eq!(count(&site, "audit_head"), heads + 1, "the head of the log was taken");

    // Another start, another night: the same brake, not a new one.
    site.run(&["run", "nightly"]).expect(4);
    site.clock(&night.checked_add_days(Days::new(1)).unwrap().to_rfc3339());
    site.run(&["run", "nightly"]).expect(4);
    assert_eq!(kinds(&site), ["brake.raised"]);
    let brakes = engaged(&site);
    assert_eq!(brakes.len(), 1);
    assert_eq!(
        (&brakes[0]["kind"], &brakes[0]["letters"], &brakes[0]["allows"]),
        (&"size".into(), &320.into(), &336.into())
    );
    assert_eq!(
        (&brakes[0]["pending_sources"][0]["source"], &brakes[0]["pending_sources"][0]["pending"]),
        (&"big.csv".into(), &320.into())
    );
    assert_eq!(brakes[0]["pending_hours"][0]["hour"], "2026-03-02T13:00Z");
    assert!(site.run(&["brake", "list"]).expect(0).stdout.contains("letterpost brake release 1 --by NAME"));
    assert!(site.run(&["doctor"]).expect(4).stdout.contains("brake 1"));

    let reported = site.run(&["report", "night"]).expect(0).stdout;
    for told in ["brake 1 (size) is engaged", "320 letters would be made tonight", "letterpost brake release"] {
        assert!(reported.contains(told), "{told}: {reported}");
    }
    // What the stages did is told, though the run is not done.
    assert!(reported.contains("stopped 320; not finished"), "{reported}");

    // Nobody is named: refused. A look at it changes nothing.
    release(&site, &brakes[0]["id"], &["--reason", "it is all right"]).expect(2);
    release(&site, &brakes[0]["id"], &["--by", " ", "--reason", "it is all right"]).expect(2);
    let plan = release(&site, &brakes[0]["id"], &[&ROBIN[..], &["--dry-run"]].concat()).expect(0);
    assert!(plan.stdout.contains("is released for at most 336 letters, once, within three days"), "{}", plan.text());
    site.run(&["run", "nightly"]).expect(4);
    release(&site, &brakes[0]["id"], &ROBIN).expect(0);
    let released = &told(&site)[1];
    assert_eq!((&released["kind"], &released["data"]["by"]), (&"brake.released".into(), &"Robin Sample".into()));
    assert_eq!(released["data"]["reason"], ROBIN[3]);
    release(&site, &brakes[0]["id"], &ROBIN).expect(2);

    // The run goes on where it stopped: made, and delivered in the same run.
    let went_on = site.night();
    assert!(went_on.stdout.contains("resumed"), "{}", went_on.text());
    assert_eq!(count(&site, "letter"), letters + MANY);
    assert_eq!(count(&site, "batch WHERE status = 'sealed'"), 0, "delivered");
    assert_eq!(count(&site, "run WHERE status = 'running'"), 0);
    assert_eq!(kinds(&site), ["brake.raised", "brake.released", "brake.used"]);
    site.closed_accounting();
    // It was good for that night and for no other.
    site.import("again.csv", &people(MANY, 2 * MANY)).expect(0);
    site.run(&["produce"]).expect(4);
    assert_eq!(count(&site, "letter"), letters + MANY);
    site.run(&["audit", "verify"]).expect(0);
}

#[test]
fn a_release_covers_what_was_found_and_a_few_more_and_no_larger_night() {
    let site = limited(5);
    site.run(&["run", "nightly"]).expect(4);
    let first = engaged(&site).remove(0);
    let (found, allows) = (first["letters"].as_u64().unwrap(), first["allows"].as_u64().unwrap());
    assert_eq!(allows, found + 10);
    release(&site, &first["id"], &ROBIN).expect(0);
    // Eleven more than were found.
    site.import("more.csv", &people(0, 11)).expect(0);
    let stopped = site.run(&["run", "nightly"]).expect(4);
    assert_eq!(count(&site, "letter"), 0, "{}", stopped.text());
    let second = engaged(&site).remove(0);
    assert_eq!((second["letters"].as_u64().unwrap(), &second["id"]), (found + 11, &2.into()));
    // While nobody answers it grows beyond what a release of it would allow: the person who saw the smaller one is told.
    site.import("still-more.csv", &people(11, 31)).expect(0);
    site.run(&["run", "nightly"]).expect(4);
    let refused = release(&site, &second["id"], &ROBIN).expect(2);
    assert!(refused.stdout.contains("more letters were found since"), "{}", refused.text());
    let third = engaged(&site).remove(0);
    assert_eq!(third["letters"].as_u64().unwrap(), found + 31);
    // A release that nobody uses for three days is good for nothing.
    release(&site, &third["id"], &ROBIN).expect(0);
    site.clock("2026-03-05T22:31:00-05:00");
    site.run(&["run", "nightly"]).expect(4);
    let fourth = engaged(&site).remove(0);
    assert_eq!((&fourth["id"], count(&site, "letter")), (&4.into(), 0));
    // A night that is usual again needs no release.
    site.configure("letters_a_night = 5", "letters_a_night = 1000");
    site.night();
    let judged = count(&site, "letter") + count(&site, "request WHERE status = 'held' AND reason LIKE 'full_name:%'");
    assert_eq!(
        judged,
        usize::try_from(found).unwrap() + 31,
        "{:?}",
        site.rows("SELECT reason FROM request WHERE status = 'held'")
    );
    assert_eq!(engaged(&site), Vec::<Value>::new());
    let ends = site.rows("SELECT ended_as FROM brake ORDER BY id").concat();
    assert_eq!(ends, ["released", "replaced", "released", "over"]);
    let all = site.json(&["brake", "list", "--all"]);
    assert_eq!((all.as_array().unwrap().len(), &all[0]["id"]), (4, &4.into()));
}

#[test]
fn where_two_persons_release_one_of_them_is_not_enough() {
    let site = limited(5);
    site.configure("# releases = false", "releases = true");
    site.run(&["run", "nightly"]).expect(4);
    let id = engaged(&site).remove(0)["id"].clone();
    release(&site, &id, &["--confirm", "--by", "Kim Example"]).expect(2);
    let asked = release(&site, &id, &ROBIN).expect(0);
    assert!(asked.stdout.contains("waits for a second person"), "{}", asked.text());
    site.run(&["run", "nightly"]).expect(4);
    release(&site, &id, &["--confirm", "--by", "robin  SAMPLE"]).expect(2);
    site.run(&["run", "nightly"]).expect(4);
    release(&site, &id, &["--confirm", "--by", "Kim Example"]).expect(0);
    site.night();
    let released = told(&site).into_iter().find(|entry| entry["kind"] == "brake.released").unwrap();
    assert_eq!(
        (&released["data"]["by"], &released["data"]["confirmed_by"]),
        (&"Robin Sample".into(), &"Kim Example".into())
    );
}

#[test]
fn a_rehearsed_night_says_that_it_would_be_stopped_and_raises_nothing() {
    let site = limited(5);
    let rehearsed = site.run(&["run", "nightly", "--dry-run"]).expect(4);
    assert!(rehearsed.stderr.contains("a person would have to release it first"), "{}", rehearsed.text());
    assert!(rehearsed.stdout.contains("would make"), "{}", rehearsed.text());
    assert_eq!((count(&site, "brake"), count(&site, "run")), (0, 0));
}
