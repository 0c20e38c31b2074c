//! A package that cannot be delivered by its last mailing day is withdrawn, and its people get new letters.

use std::collections::BTreeSet;
use std::fs;

use super::nightly::TestSite;
use super::opened::{KeyRing, open_all};

/// Runs a night, which must end with this status.
#[track_caller]
fn night(site: &TestSite, on: &str, code: i32) {
    site.clock(&format!("{on}T22:30:00-05:00"));
    site.run(&["run", "nightly"]).expect(code);
}

fn states(site: &TestSite) -> Vec<Vec<String>> {
    site.rows("SELECT status, count(*) FROM letter GROUP BY status ORDER BY status")
}

#[test]
fn a_package_that_is_not_delivered_in_time_is_voided_and_its_people_get_new_letters() {
    let site = TestSite::before_the_night("2026-03-02T12:00:00-05:00");
    let (inbox, away) = (site.path("vendor/inbox"), site.path("vendor/away"));
    fs::rename(&inbox, &away).unwrap();
    // Monday night, for Tuesday 3 March; it may be mailed until Thursday 5 March. A folder that is missing is mended by a
    // person.
    night(&site, "2026-03-02", 1);
    assert_eq!(states(&site), [["sealed", "17"]]);
    let first_ids: BTreeSet<String> = site.rows("SELECT id FROM letter").into_iter().flatten().collect();
    let answered: BTreeSet<String> = references(&site, "sealed");
    night(&site, "2026-03-05", 1);
    assert_eq!(states(&site), [["sealed", "17"]], "the last mailing day is not over");
    site.closed_accounting();
    // Friday: too late for them.
    site.clock("2026-03-06T12:00:00-05:00");
    site.run(&["deliver"]).expect(1);
    assert_eq!(states(&site), [["voided", "17"]]);
    assert_eq!(site.value("SELECT count(*) FROM request WHERE status = 'pending'"), "17");
    let passwords = site.rows("SELECT DISTINCT password_status, ended_on FROM letter");
    assert_eq!(passwords, [["revoked", "2026-03-06"]]);
    assert_eq!(fs::read_dir(site.path("spool")).unwrap().count(), 0, "no sealed package lies about");
    site.closed_accounting();
    // Friday night: minted anew under new numbers, and still no inbox.
    night(&site, "2026-03-06", 1);
    assert_eq!(states(&site), [["sealed", "17"], ["voided", "17"]]);
    assert_eq!(references(&site, "sealed"), answered, "the same people");
    // The inbox is back.
    fs::rename(&away, &inbox).unwrap();
    site.clock("2026-03-07T09:00:00-05:00");
    site.night();
    assert_eq!(states(&site), [["delivered", "17"], ["voided", "17"]]);
    assert_eq!(site.packages(), ["eba-test-acme-000003", "eba-test-acme-000004"], "numbers are not used twice");
    let packages = open_all(&site);
    let new_ids = packages.iter().flat_map(|package| &package.letters).map(|letter| letter.id().to_owned());
    assert!(new_ids.collect::<BTreeSet<_>>().is_disjoint(&first_ids));
    for name in ["eba-test-acme-000001", "eba-test-acme-000002"] {
        assert_signed_void_notice(&site, name);
    }
    for letter in packages.iter().flat_map(|package| &package.letters).step_by(6) {
        let username = site.value(&format!("SELECT username FROM letter WHERE id = '{}'", letter.id()));
        assert_eq!(site.check(&username, &letter.password), (0, "accepted".to_owned()));
    }
    let accounting = site.closed_accounting();
    assert_eq!((&accounting["letters"], &accounting["letter_states"]["voided"]), (&34.into(), &17.into()));
    site.run(&["audit", "verify"]).expect(0);
}

/// The references that letters in this state answer.
fn references(site: &TestSite, status: &str) -> BTreeSet<String> {
    let query = format!(
        "SELECT reference FROM letter JOIN request ON request.id = letter.request_id WHERE letter.status = '{status}'"
    );
    site.rows(&query).into_iter().flatten().collect()
}

fn assert_signed_void_notice(site: &TestSite, name: &str) {
    let notice = site.path(&format!("vendor/inbox/{name}.void"));
    let ring = KeyRing::of_the_vendor(site);
    let status = ring.gpg(&["--verify", notice.to_str().unwrap()]);
    let signed_by = format!("VALIDSIG {} ", ring.fingerprint(&site.path("keys/site.pub.asc")));
    assert!(status.contains(&signed_by), "{status}");
    let text = fs::read_to_string(notice).unwrap();
    assert!(text.contains(&format!("\"name\": \"{name}\"")) && text.contains("2026-03-05"), "{text}");
    assert!(!site.path(&format!("vendor/inbox/{name}.zip.pgp")).exists());
    assert_eq!(site.value(&format!("SELECT status FROM batch WHERE name = '{name}'")), "void");
}
