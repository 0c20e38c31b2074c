//! What fails is tried again, with pauses and not for ever; after an integrity alarm a person acts first.

use std::sync::atomic::{AtomicU32, Ordering};

use super::played::{NIGHTLY, Play, Played, RECEIPTS, at};

const FROM: &str = "2026-11-20T22:00:00-05:00";
const NIGHT: &str = "2026-11-20T22:30";

fn night(exit: u8) -> (String, String, u8) {
    ("nightly".to_owned(), NIGHT.to_owned(), exit)
}

#[tokio::test]
async fn a_run_that_failed_is_started_again_with_growing_pauses_and_told_once() {
    let tries = AtomicU32::new(0);
    let site = Played::new(&[NIGHTLY], FROM, "2026-11-20T23:30:00-05:00", move |_, _| {
        if tries.fetch_add(1, Ordering::Relaxed) < 4 { Play::Undone(3) } else { Play::Done }
    });
    site.play().await;
    let times: Vec<String> = site.started().iter().map(|start| start[11..19].to_owned()).collect();
    assert_eq!(times, ["22:30:00", "22:30:10", "22:30:30", "22:31:10", "22:32:30"]);
    assert_eq!(site.told(), [night(3), night(0)], "its first failure, and that it is done");
    assert_eq!(site.board.health().reasons, []);
}

#[tokio::test]
async fn a_run_that_fails_until_its_deadline_is_given_up_and_gone_on_with_by_the_next() {
    let site = Played::new(&[NIGHTLY], FROM, "2026-11-21T22:40:00-05:00", |_, run| {
        if run == NIGHT { Play::Undone(3) } else { Play::Done }
    })
    .while_time_passes(|site, now| {
        if now > at("2026-11-21T08:00:00Z") && now < at("2026-11-22T03:00:00Z") {
            let reasons = site.board.health().reasons;
            assert!(reasons.iter().any(|reason| reason.what == "failed"), "{reasons:?}");
        }
    });
    site.play().await;
    let started = site.started();
    let last_try = started.iter().rfind(|start| start.ends_with(NIGHT)).unwrap();
    assert!(last_try.as_str() < "2026-11-21 02:30:01", "{started:#?}");
    assert!(started.len() > 40 && started.len() < 60, "every five minutes of four hours: {started:#?}");
    let mut told = site.told();
    assert_eq!(told.pop().unwrap(), ("nightly".to_owned(), "2026-11-21T22:30".to_owned(), 0));
    assert_eq!(told, [night(3), night(3)], "at the beginning and at the end");
    assert_eq!(site.board.health().reasons, []);
}

#[tokio::test]
async fn a_site_that_is_refused_is_tried_again_too() {
    let tries = AtomicU32::new(0);
    let site = Played::new(&[NIGHTLY], FROM, "2026-11-20T23:30:00-05:00", move |_, _| {
        if tries.fetch_add(1, Ordering::Relaxed) == 0 { Play::Refused(2) } else { Play::Done }
    });
    site.play().await;
    assert_eq!(site.told(), [night(2), night(0)]);
}

#[tokio::test]
async fn after_an_alarm_nothing_is_made_or_delivered_and_the_rest_goes_on() {
    let site = Played::new(&[NIGHTLY, RECEIPTS], FROM, "2026-11-22T12:00:00-05:00", |job, _| {
        if job == "nightly" { Play::Undone(4) } else { Play::Done }
    });
    site.play().await;
    let nights = site.started().iter().filter(|start| start.contains("nightly")).count();
    assert_eq!(nights, 1, "it is not started again, and neither is the next night: {:#?}", site.started());
    assert_eq!(site.started().len() - nights, 2 * 38, "receipts are read: {:#?}", site.started());
    let alarms: Vec<_> = site.told().into_iter().filter(|(_, _, exit)| *exit != 0).collect();
    let next = ("nightly".to_owned(), "2026-11-21T22:30".to_owned(), 4);
    assert_eq!(alarms, [night(4), next], "the second night is kept back, and that is told");
    let reasons = site.board.health().reasons;
    let what: Vec<_> = reasons.iter().map(|reason| (reason.what, reason.job.as_deref())).collect();
    assert_eq!(what, [("alarm", Some("nightly")), ("missed", Some("nightly"))]);
}

#[tokio::test]
async fn another_jobs_alarm_keeps_letters_back_and_is_told_again_when_they_are_due() {
    let site = Played::new(&[NIGHTLY, RECEIPTS], FROM, "2026-11-20T23:30:00-05:00", |job, _| {
        if job == "receipts" { Play::Undone(4) } else { Play::Done }
    });
    site.play().await;
    assert!(site.started().iter().all(|start| start.contains("receipts")), "{:#?}", site.started());
    let receipts = ("receipts".to_owned(), "2026-11-20T22:00".to_owned(), 4);
    assert_eq!(site.told(), [receipts, night(4)]);
    assert_eq!(site.times_said("is not started while the alarm of receipts stands"), 1);
}

#[tokio::test]
async fn when_a_person_has_started_it_released_a_brake_or_asks_to_look_anew_the_alarm_is_over() {
    for by in ["hand", "release", "signal"] {
        let tries = AtomicU32::new(0);
        let site = Played::new(&[NIGHTLY], FROM, "2026-11-21T01:00:00-05:00", move |_, _| {
            if tries.fetch_add(1, Ordering::Relaxed) == 0 { Play::Undone(4) } else { Play::Done }
        })
        .while_time_passes(move |site, now| {
            if now < at("2026-11-21T05:00:00Z") {
                return;
            }
            let mut runs = site.runs.lock().unwrap();
            let run = runs.get_mut(&("nightly".to_owned(), NIGHT.to_owned())).unwrap();
            if run.0 {
                return;
            }
            match by {
                "hand" => run.1 = 7,
                "release" => *site.releases.lock().unwrap() = 1,
                _ => drop(site.hang_up.try_send(())),
            }
        });
        site.play().await;
        assert_eq!(site.started().len(), 2, "{by}: {:#?}", site.started());
        assert!(site.started()[1].starts_with("2026-11-21 00:0"), "{:#?}", site.started());
        assert_eq!(site.board.health().reasons, []);
    }
}
