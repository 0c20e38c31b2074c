//! What is due is run at its time, and what passed meanwhile as the job's `catch_up` says.

use super::played::{NIGHTLY, Play, Played, RECEIPTS, at};

#[tokio::test]
async fn each_time_is_run_once_at_its_time() {
    let site =
        Played::new(&[NIGHTLY, RECEIPTS], "2026-11-20T12:00:00-05:00", "2026-11-27T12:00:00-05:00", |_, _| Play::Done);
    site.play().await;
    let started = site.started();
    let nights: Vec<&str> = started.iter().filter(|start| start.contains("nightly")).map(String::as_str).collect();
    assert_eq!(nights.len(), 7, "{nights:#?}");
    assert_eq!(nights[0], "2026-11-20 22:30:00 nightly 2026-11-20T22:30");
    assert_eq!(nights[6], "2026-11-26 22:30:00 nightly 2026-11-26T22:30");
    // The first is that of noon itself, and the play is over at noon.
    assert_eq!(started.len() - nights.len(), 7 * 48, "{started:#?}");
    assert!(started.iter().all(|start| start[..16] == start[start.len() - 16..].replace('T', " ")), "{started:#?}");
    assert_eq!(site.told().len(), started.len(), "each success is a sign of life");
    assert_eq!(site.board.health().reasons, []);
}

#[tokio::test]
async fn after_a_machine_slept_through_two_nights_the_last_one_is_run() {
    let site = Played::new(&[NIGHTLY], "2026-11-20T12:00:00-05:00", "2026-11-23T12:00:00-05:00", |_, _| Play::Done)
        .with_run("nightly", "2026-11-19T22:30", true)
        .while_time_passes(|site, now| {
            let (asleep, awake) = (at("2026-11-20T17:00:00Z"), at("2026-11-22T15:00:00Z"));
            if now > asleep && now < awake {
                site.clock.move_to(awake);
            }
        });
    site.play().await;
    let started = site.started();
    assert!(started[0].ends_with("nightly 2026-11-21T22:30"), "{started:#?}");
    assert_eq!(started.len(), 2, "{started:#?}");
    assert_eq!(site.times_said("missed, and not made up for as its catch_up says: 2026-11-20T22:30"), 1);
    assert_eq!(site.board.health().reasons, [], "the last night is done");
}

#[tokio::test]
async fn a_job_that_makes_up_for_nothing_is_missed_and_health_says_so_until_the_next_night() {
    let nightly = NIGHTLY.replace("\"last\"", "\"none\"");
    let play = |to| {
        Played::new(&[&nightly], "2026-11-21T08:00:00-05:00", to, |_, _| Play::Done).with_run(
            "nightly",
            "2026-11-19T22:30",
            true,
        )
    };
    let morning = play("2026-11-21T09:00:00-05:00");
    morning.play().await;
    assert_eq!(morning.started(), Vec::<String>::new());
    let reasons = morning.board.health().reasons;
    assert_eq!((reasons.len(), reasons[0].what), (1, "missed"), "{reasons:?}");
    assert_eq!(reasons[0].since.to_string(), "2026-11-21 07:30:00 UTC", "its deadline");
    let next = play("2026-11-22T12:00:00-05:00");
    next.play().await;
    assert_eq!(next.started(), ["2026-11-21 22:30:00 nightly 2026-11-21T22:30"]);
    assert_eq!(next.board.health().reasons, []);
}

#[tokio::test]
async fn a_clock_that_is_set_back_runs_nothing_twice() {
    let set_back = std::sync::atomic::AtomicBool::new(false);
    let site =
        Played::new(&[NIGHTLY, RECEIPTS], "2026-11-20T21:00:00-05:00", "2026-11-21T01:00:00-05:00", |_, _| Play::Done)
            .while_time_passes(move |site, now| {
                let late = at("2026-11-21T04:10:00Z");
                if now > late && !set_back.swap(true, std::sync::atomic::Ordering::Relaxed) {
                    site.clock.move_to(at("2026-11-21T03:05:00Z"));
                }
            });
    site.play().await;
    let mut runs: Vec<String> = site.started().iter().map(|start| start[20..].to_owned()).collect();
    assert_eq!(runs.iter().filter(|run| run.starts_with("nightly")).count(), 1, "{runs:#?}");
    let all = runs.len();
    runs.sort();
    runs.dedup();
    assert_eq!(runs.len(), all, "{runs:#?}");
}

#[tokio::test]
async fn a_run_that_died_before_the_daemon_is_gone_on_with_and_long_after_its_deadline_too() {
    for from in ["2026-11-20T23:00:00-05:00", "2026-11-21T14:00:00-05:00"] {
        let site = Played::new(&[NIGHTLY], from, "2026-11-21T15:00:00-05:00", |_, _| Play::Done).with_run(
            "nightly",
            "2026-11-20T22:30",
            false,
        );
        site.play().await;
        let started = site.started();
        assert_eq!(started.len(), 1, "{started:?}");
        assert!(started[0].ends_with("nightly 2026-11-20T22:30"), "{started:?}");
    }
}
