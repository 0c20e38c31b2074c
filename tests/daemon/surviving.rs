//! A ledger that is away and a start that is elsewhere end no daemon.

use std::sync::atomic::{AtomicU32, Ordering};

use chrono::{DateTime, Utc};

use super::played::{NIGHTLY, Play, Played, at};

fn is_between(now: DateTime<Utc>, from: &str, to: &str) -> bool {
    at(from) <= now && now < at(to)
}

#[tokio::test]
async fn a_ledger_that_is_away_is_told_once_and_the_night_is_made_up_for_when_it_is_back() {
    let site = Played::new(&[NIGHTLY], "2026-11-20T22:00:00-05:00", "2026-11-21T03:00:00-05:00", |_, _| Play::Done)
        .with_run("nightly", "2026-11-19T22:30", true)
        .while_time_passes(|site, now| {
            let is_away = is_between(now, "2026-11-21T03:15:00Z", "2026-11-21T04:20:00Z");
            *site.is_ledger_away.lock().unwrap() = is_away;
            if is_between(now, "2026-11-21T03:40:00Z", "2026-11-21T04:20:00Z") {
                let health = site.board.health();
                assert!(!health.ready);
                assert_eq!(health.reasons[0].message, "the ledger cannot be read: the disk is gone");
                assert!(is_between(health.reasons[0].since, "2026-11-21T03:15:00Z", "2026-11-21T03:16:00Z"));
            }
        });
    site.play().await;
    let away = (String::new(), String::new(), 3);
    assert_eq!(site.told(), [away, ("nightly".to_owned(), "2026-11-20T22:30".to_owned(), 0)]);
    let started = site.started();
    assert_eq!(started.len(), 1, "{started:?}");
    assert!(("2026-11-20 23:20:00".."2026-11-20 23:26:00").contains(&started[0].as_str()), "{started:?}");
    assert_eq!((site.times_said("the ledger cannot be read"), site.times_said("the ledger can be read again")), (1, 1));
    assert_eq!(site.board.health().reasons, []);
}

#[tokio::test]
async fn a_run_that_somebody_else_is_at_is_left_to_them_and_taken_up_when_they_died() {
    let tries = AtomicU32::new(0);
    let site = Played::new(&[NIGHTLY], "2026-11-20T22:00:00-05:00", "2026-11-21T00:00:00-05:00", move |_, _| {
        if tries.fetch_add(1, Ordering::Relaxed) < 5 { Play::Elsewhere } else { Play::Done }
    });
    site.play().await;
    let times: Vec<String> = site.started().iter().map(|start| start[11..19].to_owned()).collect();
    assert_eq!(times, ["22:30:00", "22:30:30", "22:31:00", "22:31:30", "22:32:00", "22:32:30"]);
    assert_eq!(site.times_said("another start is at work"), 1);
    assert_eq!(site.told().len(), 1, "that it is done: {:?}", site.told());
}
