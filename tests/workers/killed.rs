//! Workers that are killed all the while.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::machines::{Machine, Started, a_moment};

/// Four workers on one night, the oldest killed each so long and another started. Gives how many were killed.
fn attack(letters: usize, batch_letters: u32, each: Duration) -> u32 {
    let first = Machine::first(letters, batch_letters, 8);
    let second = Machine::beside(&first);
    let begin = |place: u32| -> Started {
        let machine = if place.is_multiple_of(2) { &first } else { &second };
        machine.start(&["worker", "--workers", "1"])
    };
    let mut started = 4;
    let mut workers: VecDeque<Started> = (0..started).map(begin).collect();
    let mut leader = first.start(&["produce", "--workers", "1"]);
    let (mut killed, mut last) = (0, Instant::now());
    while !leader.is_over() {
        if last.elapsed() >= each {
            last = Instant::now();
            workers.pop_front().unwrap().kill();
            workers.push_back(begin(started));
            (started, killed) = (started + 1, killed + 1);
        }
        a_moment(Duration::from_millis(5));
    }
    leader.finish().expect(0);
    drop(workers);
    first.all_is_made_once(letters);
    let makers = first.number("SELECT count(DISTINCT owner) FROM batch");
    assert!(makers > 1, "workers made some of it");
    let again = first.number("SELECT coalesce(sum(attempt - 1), 0) FROM batch");
    eprintln!("{letters} letters: {killed} workers killed, {makers} made packages, {again} packages made again");
    killed
}

#[test]
fn workers_that_are_killed_lose_and_double_nothing() {
    let killed = attack(400, 10, Duration::from_millis(700));
    assert!(killed >= 3, "{killed} workers were killed during the night");
}

#[test]
#[ignore = "takes minutes; the command is at the head of tests/workers.rs"]
fn twenty_thousand_letters_and_a_worker_killed_every_second() {
    attack(20_000, 50, Duration::from_secs(1));
}
