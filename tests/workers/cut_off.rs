//! Workers and leaders whose sessions are lost in the middle of a night.

use std::time::Duration;

use rustix::process::Signal;

use super::machines::{Machine, a_moment};

/// Transactions that have done nothing for a while.
const STUCK: &str = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
    AND state LIKE 'idle in transaction%' AND clock_timestamp() - state_change > INTERVAL '150 ms'";

/// A batch takes a while: a worker can be caught in the middle of one.
const SLOW_KIB: u32 = 19_456;
/// So that a night takes some seconds.
const LETTERS: usize = 120;

#[test]
fn a_worker_that_was_cut_off_records_nothing_when_it_comes_back() {
    let first = Machine::first(LETTERS, 6, SLOW_KIB);
    let second = Machine::beside(&first);
    let worker = second.worker();
    let owner = worker.owned();
    let leader = first.start(&["produce", "--workers", "1"]);
    let held = loop {
        first.wait_for(&format!("SELECT count(*) FROM batch WHERE status = 'claimed' AND {owner}"));
        worker.signal(Signal::STOP);
        a_moment(Duration::from_millis(200));
        let query = format!("SELECT string_agg(id::text, ',') FROM batch WHERE status = 'claimed' AND {owner}");
        let held = first.value(&query);
        // In the middle of a change it would keep all others waiting until the server ends its session.
        if !held.is_empty() && first.number(STUCK) == 0 {
            break held;
        }
        worker.signal(Signal::CONT);
        a_moment(Duration::from_millis(30));
    };
    // As when its machine is cut off: the server lets go of its lock, and the process knows nothing of it.
    assert_eq!(first.end_sessions(&format!("letterpost %-{}-%", worker.id())), 1);
    first.wait_for(&format!("SELECT count(*) = 0 FROM batch WHERE status = 'claimed' AND {owner}"));
    worker.signal(Signal::CONT);
    worker.wait_until_it_says("trying again");
    worker.stop().expect(0);
    leader.finish().expect(0);
    let again = format!("SELECT min(attempt) FROM batch WHERE id IN ({held}) AND NOT {owner} AND status = 'sealed'");
    assert_eq!(first.number(&again), 2, "others made what it held, under the next attempt");
    first.all_is_made_once(LETTERS);
}

#[test]
fn a_worker_whose_session_is_ended_cannot_record_even_where_nobody_took_over() {
    let first = Machine::first(12, 6, SLOW_KIB);
    let leader = first.start(&["produce", "--workers", "1"]);
    first.wait_for("SELECT count(*) FROM batch WHERE status = 'claimed'");
    assert_eq!(first.end_sessions(&format!("letterpost %-{}-%", leader.id())), 1);
    leader.finish().expect(3).says("session");
    assert_eq!(first.number("SELECT count(*) FROM batch WHERE status = 'sealed'"), 0);
    assert_eq!(first.spool(), Vec::<String>::new(), "what it made is gone");
    first.run(&["produce"]).expect(0);
    first.all_is_made_once(12);
}

#[test]
fn a_night_that_lost_the_locks_of_its_site_changes_nothing_more_and_the_next_start_makes_it_good() {
    let first = Machine::first(30, 5, SLOW_KIB);
    let leader = first.start(&["run", "nightly", "--workers", "1"]);
    first.wait_for("SELECT count(*) FROM batch WHERE status = 'claimed'");
    assert_eq!(first.end_sessions("run nightly%"), 2, "the locks of the site and of the job");
    leader.finish().expect(3).says("session that held its lock was lost");
    assert_eq!(first.number("SELECT count(*) FROM batch WHERE status = 'delivered'"), 0);
    first.run(&["run", "nightly"]).expect(0);
    first.all_is_made_once(30);
}

#[test]
fn when_all_sessions_are_lost_at_once_the_night_ends_with_try_again_and_the_next_start_makes_it_good() {
    let first = Machine::first(LETTERS, 6, SLOW_KIB);
    let second = Machine::beside(&first);
    let mut worker = second.worker();
    let leader = first.start(&["run", "nightly", "--workers", "1"]);
    first.wait_for(&format!("SELECT count(*) FROM batch WHERE status = 'claimed' AND {}", worker.owned()));
    assert!(first.end_sessions("%") > 3, "as a server that restarts");
    leader.finish().expect(3);
    first.run(&["run", "nightly"]).expect(0);
    // Whether it was in the middle of a package or between two, it stays for the next night.
    assert!(!worker.is_over(), "{}", worker.said());
    worker.stop().expect(0);
    first.all_is_made_once(LETTERS);
}

#[test]
fn a_worker_that_is_asked_to_stop_ends_its_package_and_leaves_the_rest() {
    let first = Machine::first(LETTERS, 6, SLOW_KIB);
    let second = Machine::beside(&first);
    let worker = second.worker();
    let leader = first.start(&["produce", "--workers", "1"]);
    first.wait_for(&format!("SELECT count(*) FROM batch WHERE {}", worker.owned()));
    worker.stop().expect(0).says("stopping after the step under way");
    leader.finish().expect(0);
    first.all_is_made_once(LETTERS);
}
