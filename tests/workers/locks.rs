//! What one machine does at a time.

use rustix::process::Signal;

use super::machines::Machine;

/// Takes the lock of a site by hand, as another machine would.
const TAKE: &str = "DO $$ BEGIN
    PERFORM set_config('application_name', 'deliver (other, process 7, since 22:30 UTC)', FALSE);
    PERFORM pg_advisory_lock(hashtextextended('letterpost lock site', 0));
END $$;";

#[test]
fn a_stage_waits_for_the_lock_and_says_who_has_it() {
    let first = Machine::first(3, 3, 8);
    first.database().beside("kim", TAKE, "", || {
        for stage in ["deliver", "ingest", "expire", "collect", "checkpoint", "retention", "produce"] {
            first.run(&[stage]).expect(3).says("deliver (other, process 7, since 22:30 UTC)");
        }
    });
    first.run(&["deliver"]).expect(0);
}

#[test]
fn two_machines_that_deliver_at_once_deliver_once() {
    let first = Machine::first(12, 3, 8);
    let second = Machine::beside(&first);
    first.run(&["produce"]).expect(0);
    let (one, other) = (first.start(&["deliver"]), second.start(&["deliver"]));
    one.finish().expect(0);
    other.finish().expect(0);
    assert_eq!(first.number("SELECT count(*) FROM batch WHERE status = 'delivered'"), 4);
    let offered = "SELECT count(*) FROM audit_entry WHERE entry_json(entry) ->> 'kind' = 'package.delivered'";
    assert_eq!(first.number(offered), 4, "each once");
    first.run(&["audit", "verify"]).expect(0);
}

#[test]
fn of_two_starts_of_a_job_on_two_machines_one_works() {
    let first = Machine::first(20, 4, 8192);
    let second = Machine::beside(&first);
    let leader = first.start(&["run", "nightly", "--workers", "1"]);
    first.wait_for("SELECT count(*) FROM batch");
    leader.signal(Signal::STOP);
    second.run(&["run", "nightly"]).expect(0).says("another start is at work or waits (run nightly");
    leader.signal(Signal::CONT);
    leader.finish().expect(0);
    second.run(&["run", "nightly"]).expect(0).says("this night is done");
    first.all_is_made_once(20);
}
