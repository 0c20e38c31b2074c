//! No sequence of events, in any order and with any repetition, breaks what must always hold.
//!
//! People ask and ask again, nights run whole or in part, the vendor takes packages away and says of their pieces what is
//! true, false or nonsense, operations hold, release, cancel and correct, days pass. After every event an oracle reads
//! the ledger: all requests and letters are accounted for, nothing reached the vendor twice, an account has one usable
//! password at most, every password ends as the rules say, and no receipt moved a letter backwards.
//!
//! `LETTERPOST_LIFECYCLE_CASES` plays more sequences than the usual few. A sequence that fails is made small and kept
//! in `lifecycle.proptest-regressions` beside this file, and is played first from then on.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::disallowed_methods)]

#[path = "lifecycle/events.rs"]
mod events;
#[path = "support/inside.rs"]
mod inside;
#[path = "support/nightly.rs"]
mod nightly;
#[path = "lifecycle/oracle.rs"]
mod oracle;
#[path = "lifecycle/play.rs"]
mod play;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};

use inside::{Inside, Template};

/// Sequences that are played, and the most events of one.
const USUAL_CASES: u32 = 40;
const MOST_EVENTS: usize = 40;

#[test]
fn no_sequence_of_events_breaks_what_must_always_hold() {
    let cases = std::env::var("LETTERPOST_LIFECYCLE_CASES").ok().and_then(|text| text.parse().ok());
    let config = Config { cases: cases.unwrap_or(USUAL_CASES), ..Config::with_source_file(file!()) };
    let template = Template::new();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let sequences = prop::collection::vec(events::event(), 1..MOST_EVENTS);
    TestRunner::new(config)
        .run(&sequences, |sequence| {
            runtime.block_on(async {
                let mut play = play::Play::begin(Inside::new(&template).await).await;
                for (place, event) in sequence.iter().enumerate() {
                    let broken = play.happen(event).await;
                    if let Err(broken) = broken {
                        return Err(TestCaseError::fail(format!("after event {place}, {event:?}: {broken}")));
                    }
                }
                play.end().await.map_err(TestCaseError::fail)
            })
        })
        .unwrap();
}
