//! Two people: a second login must confirm, whatever names are typed, where a second person is needed or named.

use super::postgres::{CHECKED, Database, FORBIDDEN};
use super::worked_ledger;

/// A ledger whose site wants a second person for everything.
fn careful_ledger() -> Database {
    let database = worked_ledger();
    database.allows("migrations", "UPDATE second_person SET is_needed = TRUE");
    database
}

const ASK_CORRECTION: &str = "INSERT INTO letter_correction (letter_id, old_mailed_on, new_mailed_on, reason, asked_by,
    asked_at, status) VALUES ('AAAAA-AAAAA', '2026-03-03', '2026-03-04', 'it lay', 'Robin Sample',
    '2026-03-05T12:00Z', 'waiting')";
const SETTLE_CORRECTION: &str = "UPDATE letter_correction SET status = 'made', settled_by = 'Kim Sample',
    settled_at = '2026-03-05T13:00Z' WHERE status = 'waiting'";
const CORRECT: &str = "UPDATE letter SET dispatched_on = '2026-03-04' WHERE id = 'AAAAA-AAAAA'";

#[test]
fn one_login_corrects_no_day_of_mailing_under_two_names() {
    let database = careful_ledger();
    // No day is changed without a correction, and none is made by one person.
    database.refuses("robin", CORRECT, FORBIDDEN);
    let alone =
        ASK_CORRECTION.replace("'waiting')", "'made', '2026-03-05T12:00Z')").replace("status)", "status, settled_at)");
    database.refuses("robin", &alone, FORBIDDEN);
    let both = ASK_CORRECTION
        .replace("'waiting')", "'made', '2026-03-05T12:00Z', 'Kim Sample')")
        .replace("status)", "status, settled_at, settled_by)");
    database.refuses("robin", &both, CHECKED);
    database.allows("robin", ASK_CORRECTION);
    database.refuses("robin", CORRECT, FORBIDDEN);
    database.refuses("robin", SETTLE_CORRECTION, CHECKED);
    // Nor by saying who was logged in.
    let said = SETTLE_CORRECTION.replace("SET status", "SET asked_login = 'kim', status");
    database.refuses("robin", &said, super::postgres::NO_RIGHT);
    let said = ASK_CORRECTION
        .replace("status) VALUES", "status, asked_login) VALUES")
        .replace("'waiting')", "'waiting', 'kim')");
    database.allows("robin", "UPDATE letter_correction SET status = 'dropped', settled_by = 'Robin Sample', settled_at = '2026-03-05T12:30Z'");
    database.allows("robin", &said);
    assert_eq!(database.rows("SELECT asked_login FROM letter_correction WHERE status = 'waiting'"), [["robin"]]);
    database.refuses("robin", SETTLE_CORRECTION, CHECKED);
    database.allows("kim", SETTLE_CORRECTION);
    database.allows("kim", CORRECT);
    let kept = "SELECT asked_login, settled_login FROM letter_correction WHERE status = 'made'";
    assert_eq!(database.rows(kept), [["robin", "kim"]]);
}

#[test]
fn where_one_person_may_correct_a_second_name_still_needs_a_second_login() {
    let database = worked_ledger();
    database.allows("robin", ASK_CORRECTION);
    database.refuses("robin", SETTLE_CORRECTION, CHECKED);
    let alone = "UPDATE letter_correction SET status = 'made', settled_at = '2026-03-05T13:00Z'";
    database.allows("robin", alone);
    database.allows("robin", CORRECT);
    // What was corrected once is changed again by a correction alone.
    database.refuses("robin", &CORRECT.replace("03-04", "03-05"), FORBIDDEN);
    database.refuses("robin", &CORRECT.replace("03-04", "03-03"), FORBIDDEN);
}

/// What is held: how it is asked for, and what releases it.
const HELD: [(&str, &str); 2] = [
    (
        "INSERT INTO release_ask (request_id, reason, asked_by, asked_at)
         VALUES (2, 'fine', 'Robin Sample', '2026-03-05T12:00Z')",
        "UPDATE request SET status = 'pending', held_by = NULL, act_by_on = NULL, held_at = NULL, reason = NULL
         WHERE id = 2",
    ),
    (
        "INSERT INTO release_ask (batch_id, reason, asked_by, asked_at)
         VALUES (2, 'fine', 'Robin Sample', '2026-03-05T12:00Z')",
        "UPDATE batch SET hold_reason = NULL, held_by = NULL, held_at = NULL, act_by_on = NULL WHERE id = 2",
    ),
];

#[test]
fn one_login_releases_nothing_that_is_held() {
    for (ask, release) in HELD {
        let database = careful_ledger();
        let confirm = "UPDATE release_ask SET confirmed_by = 'Kim Sample', confirmed_at = '2026-03-05T13:00Z'
            WHERE confirmed_at IS NULL";
        database.refuses("robin", release, FORBIDDEN);
        database.allows("robin", ask);
        database.refuses("robin", release, FORBIDDEN);
        database.refuses("robin", confirm, CHECKED);
        let at_once = ask.replace("asked_at)", "asked_at, confirmed_by, confirmed_at)");
        let at_once = at_once.replace("12:00Z')", "12:00Z', 'Kim Sample', '2026-03-05T12:00Z')");
        database.refuses("robin", &at_once, CHECKED);
        database.allows("kim", confirm);
        // What two people said is kept as they said it.
        for login in ["kim", "owner"] {
            database.refuses(login, "UPDATE release_ask SET confirmed_by = 'Lee Sample'", FORBIDDEN);
        }
        database.allows("robin", release);
        assert_eq!(database.rows("SELECT asked_login, confirmed_login FROM release_ask"), [["robin", "kim"]]);
    }
}

#[test]
fn a_release_that_was_confirmed_before_the_hold_releases_nothing() {
    let (ask, release) = HELD[0];
    let database = careful_ledger();
    database.allows("robin", ask);
    database.allows(
        "kim",
        "UPDATE release_ask SET confirmed_by = 'Kim Sample', confirmed_at = '2026-03-05T13:00Z';
         UPDATE request SET held_at = '2026-03-06T09:00Z' WHERE id = 2",
    );
    database.refuses("robin", release, FORBIDDEN);
    // Nor does a request slip from its hold into a package.
    let slip = "UPDATE request SET status = 'claimed', batch_id = 2, held_by = NULL, act_by_on = NULL WHERE id = 2";
    database.refuses("robin", slip, FORBIDDEN);
    database.allows("robin", "UPDATE request SET status = 'withdrawn', held_by = NULL, act_by_on = NULL WHERE id = 2");
}

#[test]
fn where_one_person_may_release_one_does() {
    for (_, release) in HELD {
        worked_ledger().allows("robin", release);
    }
}

#[test]
fn one_login_releases_no_brake() {
    let database = careful_ledger();
    let ask = "UPDATE brake SET asked_by = 'Robin Sample', asked_at = '2026-03-05T12:00Z', reason = 'a new portal'";
    let release =
        "UPDATE brake SET released_at = '2026-03-05T13:00Z', ended_at = '2026-03-05T13:00Z', ended_as = 'released'";
    database.allows("robin", ask);
    database.refuses("robin", release, FORBIDDEN);
    let confirmed = format!("{release}, confirmed_by = 'Kim Sample'");
    database.refuses("robin", &confirmed, CHECKED);
    database.allows("kim", &confirmed);
    database.allows("robin", "UPDATE brake SET used_at = '2026-03-05T14:00Z'");
    assert_eq!(database.rows("SELECT asked_login, confirmed_login FROM brake"), [["robin", "kim"]]);
}

#[test]
fn where_nothing_says_whether_a_second_person_is_needed_one_is() {
    let database = worked_ledger();
    database.allows("migrations", "DELETE FROM second_person");
    database.refuses("robin", HELD[0].1, FORBIDDEN);
}
