//! `jobs`, and the jobs that come with a site, through the front door.

use std::fs;

use super::nightly::TestSite;

const NOON: &str = "2026-11-25T12:00:00-05:00";

/// A job of these lines in the site's folder.
pub fn add_job(site: &TestSite, name: &str, lines: &[&str]) {
    let head = format!("name = \"{name}\"\ntime_zone = \"America/New_York\"\n");
    fs::write(site.path(&format!("jobs/{name}.toml")), head + &lines.join("\n") + "\n").unwrap();
}

/// The rows of `jobs NAME --next N`: local time and note, blanks drawn together.
fn listed(site: &TestSite, name: &str, count: &str) -> Vec<String> {
    let shown = site.run(&["jobs", name, "--next", count]).expect(0).stdout;
    let words = |line: &str| line.split_whitespace().skip(1).collect::<Vec<_>>().join(" ");
    shown.lines().skip(1).map(words).collect()
}

#[test]
fn every_job_that_comes_with_a_site_runs_under_its_name() {
    let site = TestSite::before_the_night(NOON);
    let jobs = ["checkpoint", "expire", "nightly", "receipts", "retention"];
    let files = fs::read_dir(site.path("jobs")).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let mut files: Vec<String> = files.collect();
    files.sort();
    assert_eq!(files, jobs.map(|job| format!("{job}.toml")));
    for job in jobs {
        assert!(site.run(&["run", job]).done().stdout.contains(": completed"), "{job}");
        assert!(site.run(&["run", job]).expect(0).stdout.contains(": already completed"), "{job}");
    }
    // Half an hour later receipts are due again, and nothing else is.
    site.clock("2026-11-25T12:30:00-05:00");
    for job in jobs {
        let again = site.run(&["run", job]).expect(0).stdout;
        assert_eq!(again.contains(": completed"), job == "receipts", "{again}");
    }
}

#[test]
fn the_list_says_what_the_clocks_do() {
    let site = TestSite::before_the_night("2027-03-13T12:00:00-05:00");
    add_job(&site, "early", &["schedule = \"30 1,2 * * *\"", "stages = [\"checkpoint\"]"]);
    let spring = [
        "Sun 2027-03-14 01:30 EST 2027-03-14T06:30Z",
        "Sun 2027-03-14 02:30 EDT 2027-03-14T07:00Z 02:30 does not exist on this night: runs at 03:00",
        "Mon 2027-03-15 01:30 EDT 2027-03-15T05:30Z",
    ];
    assert_eq!(listed(&site, "early", "3"), spring);
    site.clock("2027-11-06T12:00:00-04:00");
    let autumn = [
        "Sun 2027-11-07 01:30 EDT 2027-11-07T05:30Z 01:30 comes twice: runs the first time",
        "Sun 2027-11-07 02:30 EST 2027-11-07T07:30Z",
    ];
    assert_eq!(listed(&site, "early", "2"), autumn);
}

#[test]
fn the_list_says_what_is_skipped_and_where_it_goes() {
    let site = TestSite::before_the_night(NOON);
    let lines = |moved| ["schedule = \"0 6 * * THU,FRI\"", "stages = [\"checkpoint\"]", "skip = [\"holidays\"]", moved];
    add_job(&site, "weekly", &lines("moved = \"after\""));
    let moved = [
        "Thu 2026-11-26 06:00 EST 2026-11-26T11:00Z Thanksgiving Day: moved to Fri 27 Nov 2026",
        "Fri 2026-11-27 06:00 EST 2026-11-27T11:00Z runs also for Thu 26 Nov 2026 (Thanksgiving Day)",
    ];
    assert_eq!(listed(&site, "weekly", "2"), moved);
    add_job(&site, "weekly", &lines(""));
    let skipped = [
        "Thu 2026-11-26 06:00 EST 2026-11-26T11:00Z skipped: Thanksgiving Day",
        "Fri 2026-11-27 06:00 EST 2026-11-27T11:00Z",
    ];
    assert_eq!(listed(&site, "weekly", "2"), skipped);
    let json = site.json(&["jobs", "weekly", "--next", "1"]);
    assert_eq!(json[0]["skip"], "Thanksgiving Day");
    assert_eq!((&json[0]["runs"], &json[0]["local"]), (&false.into(), &"2026-11-26T06:00".into()));
    // The times of all jobs come in one list, in their order.
    let all = site.json(&["jobs", "--next", "20"]);
    let instants: Vec<_> = all.as_array().unwrap().iter().map(|time| time["at"].as_str().unwrap()).collect();
    assert_eq!(instants.len(), 6 * 20);
    assert!(instants.is_sorted(), "{instants:?}");
    assert!(
        site.run(&["jobs", "weakly"])
            .expect(2)
            .stderr
            .contains("known: checkpoint, expire, nightly, receipts, retention, weekly")
    );
}

#[test]
fn a_job_that_cannot_be_read_stops_the_start_and_doctor_says_why() {
    let site = TestSite::before_the_night(NOON);
    add_job(&site, "extra", &["schedule = \"0 22-2 * * *\"", "stages = [\"checkpoint\"]"]);
    let refused = site.run(&["run", "nightly"]).expect(2).stderr;
    assert!(refused.contains("extra.toml: schedule: '22-2' of the field hour turns back"), "{refused}");
    assert!(site.run(&["doctor"]).expect(2).stdout.contains("extra.toml"));
    fs::remove_file(site.path("jobs/extra.toml")).unwrap();
    fs::remove_file(site.path("jobs/retention.toml")).unwrap();
    assert!(site.run(&["doctor"]).expect(0).stdout.contains("no job runs retention"));
    fs::rename(site.path("jobs/expire.toml"), site.path("jobs/ends.toml")).unwrap();
    assert!(
        site.run(&["run", "nightly"])
            .expect(2)
            .stderr
            .contains("the job in it is named expire; name the file expire.toml")
    );
}
