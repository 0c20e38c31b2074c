//! A configuration that is read anew and refused is told until a good one comes.

use std::sync::atomic::{AtomicU32, Ordering};

use super::played::{NIGHTLY, Play, Played};

#[tokio::test]
async fn a_refused_configuration_is_in_health_until_a_good_one_comes() {
    let looks = AtomicU32::new(0);
    let site = Played::new(&[NIGHTLY], "2026-11-20T12:00:00-05:00", "2026-11-20T13:00:00-05:00", |_, _| Play::Done)
        .while_time_passes(move |site, _| match looks.fetch_add(1, Ordering::Relaxed) {
            0 => {
                *site.reloads.lock().unwrap() = Err("line 3: a mistake".to_owned());
                site.hang_up.try_send(()).unwrap();
            }
            20 => {
                let reasons = site.board.health().reasons;
                assert_eq!((reasons.len(), reasons[0].what), (1, "reload"), "{reasons:?}");
                assert!(reasons[0].message.ends_with("the one before holds: line 3: a mistake"), "{reasons:?}");
                *site.reloads.lock().unwrap() = Ok(());
                site.hang_up.try_send(()).unwrap();
            }
            _ => {}
        });
    site.play().await;
    assert_eq!(site.times_said("read anew"), 1);
    assert_eq!(site.board.health().reasons, []);
}
