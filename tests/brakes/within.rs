//! The clock within a night, moved at exact moments: nothing is minted, committed, offered or named by a clock that has
//! jumped, and the next start with the clock right loses nothing and sends nothing twice.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use letterpost::adapters::folder_courier::FolderCourier;
use letterpost::adapters::spool_folder::SpoolFolder;
use letterpost::adapters::system::{FixedClock, SeededEntropy};
use letterpost::ports::{Courier, CourierError, Entropy, Found, NoEntropy, OutboxFile, Parcel, Spool, SpoolError};
use letterpost::stages::night::{self, NightPlan, NightReport, Stage};
use letterpost::stages::outcome::StageError;
use letterpost::stages::{collect, produce::ProductionRun};

use super::inside::{BEGIN, Inside, Template};
use super::nightly::REQUEST_HEADER;
use super::people;

/// What the clock is set to, from what it shows.
const JUMPS: [(i64, &str); 3] = [(-3600, "clock-behind"), (-86_400, "clock-behind"), (40 * 86_400, "clock-ahead")];

/// When the clock is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Moment {
    /// While receipts are looked for: between two stages.
    Outbox,
    /// While a password is drawn.
    Minting,
    /// While a package is saved, before it is recorded.
    Saving,
    /// While a package is uploaded, before it is offered.
    Upload,
    /// While a package is announced, before the next one.
    Announcing,
}

/// Sets the clock once, at its moment.
struct Hand {
    clock: Arc<FixedClock>,
    at: Moment,
    by: Duration,
    is_done: AtomicBool,
}

impl Hand {
    fn reach(&self, moment: Moment) {
        if moment == self.at && !self.is_done.swap(true, Ordering::SeqCst) {
            self.clock.set_wall(letterpost::ports::Clock::now(self.clock.as_ref()) + self.by);
        }
    }
}

struct Chance(SeededEntropy, Arc<Hand>);

impl Entropy for Chance {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), NoEntropy> {
        // What is minted draws ten bytes and more at once; twelve is a password.
        if bytes.len() == 12 {
            self.1.reach(Moment::Minting);
        }
        self.0.fill(bytes)
    }
}

struct Shelf(SpoolFolder, Arc<Hand>);

#[async_trait]
impl Spool for Shelf {
    async fn save(&self, object: &str, bytes: Vec<u8>) -> Result<(), SpoolError> {
        self.0.save(object, bytes).await?;
        self.1.reach(Moment::Saving);
        Ok(())
    }
    async fn load(&self, object: &str) -> Result<Vec<u8>, SpoolError> {
        self.0.load(object).await
    }
    async fn list(&self) -> Result<Vec<String>, SpoolError> {
        self.0.list().await
    }
    async fn remove(&self, object: &str) -> Result<(), SpoolError> {
        self.0.remove(object).await
    }
}

struct Van(FolderCourier, Arc<Hand>);

#[async_trait]
impl Courier for Van {
    async fn look(&self, parcel: &Parcel) -> Result<Found, CourierError> {
        self.0.look(parcel).await
    }
    async fn upload(&self, parcel: &Parcel, bytes: &[u8]) -> Result<(), CourierError> {
        self.0.upload(parcel, bytes).await?;
        self.1.reach(Moment::Upload);
        Ok(())
    }
    async fn publish(&self, parcel: &Parcel) -> Result<(), CourierError> {
        self.0.publish(parcel).await
    }
    async fn announce(&self, name: &str, bytes: &[u8]) -> Result<(), CourierError> {
        self.0.announce(name, bytes).await?;
        self.1.reach(Moment::Announcing);
        Ok(())
    }
    async fn discard(&self, file: &str) -> Result<bool, CourierError> {
        self.0.discard(file).await
    }
    async fn list_inbox(&self) -> Result<Vec<String>, CourierError> {
        self.0.list_inbox().await
    }
    async fn list_outbox(&self) -> Result<Vec<String>, CourierError> {
        self.1.reach(Moment::Outbox);
        self.0.list_outbox().await
    }
    async fn fetch(&self, name: &str, limit_bytes: u64) -> Result<OutboxFile, CourierError> {
        self.0.fetch(name, limit_bytes).await
    }
}

/// A site on which seven people wait for letters in packages of two, and a hand at its clock.
async fn site(template: &Template, at: Moment, by: Duration) -> Inside {
    let mut site = Inside::new(template).await;
    let text = format!("{REQUEST_HEADER}\n{}\n", people(0, 7));
    collect::import(&site.world, collect::Source::of("asked.csv", text.as_bytes()), false).await.unwrap();
    let hand = Arc::new(Hand { clock: Arc::clone(&site.clock), at, by, is_done: AtomicBool::new(false) });
    let van = FolderCourier { inbox: site.path("vendor/inbox"), outbox: site.path("vendor/outbox") };
    site.world.site.vendors[0].letters_a_package = 2;
    site.world.entropy = Arc::new(Chance(SeededEntropy::new(1), Arc::clone(&hand)));
    site.world.spool = Arc::new(Shelf(SpoolFolder(site.path("spool")), Arc::clone(&hand)));
    site.world.couriers.insert("acme".to_owned(), Arc::new(Van(van, hand)));
    site
}

async fn run(site: &Inside) -> Result<NightReport, StageError> {
    // No two starts have one name.
    static STARTS: AtomicUsize = AtomicUsize::new(0);
    let plan = NightPlan {
        job: "nightly".to_owned(),
        scheduled_for: "2026-03-01T22:30".to_owned(),
        stages: Stage::ALL.to_vec(),
        owner: format!("start {} of a test", STARTS.fetch_add(1, Ordering::SeqCst)),
        next_run_at: ProductionRun::default().next_run_at,
    };
    night::run(&site.world, &plan).await
}

/// What the vendor can take: packages that have their name.
fn named(site: &Inside) -> usize {
    let names = fs::read_dir(site.path("vendor/inbox")).unwrap().map(|entry| entry.unwrap().file_name());
    names.filter(|name| name.to_str().unwrap().ends_with(".zip.pgp")).count()
}

async fn count(site: &Inside, what: &str) -> u64 {
    site.number(&format!("SELECT count(*) FROM {what}")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_goes_on_by_a_clock_that_jumped_and_all_of_it_goes_on_when_it_is_set_right() {
    let template = tokio::task::spawn_blocking(Template::new).await.unwrap();
    // The moment, and what must be there when the night has stopped: letters, packages under their names.
    let moments = [
        (Moment::Outbox, 0, 0),
        (Moment::Minting, 0, 0),
        (Moment::Saving, 0, 0),
        (Moment::Upload, 7, 0),
        (Moment::Announcing, 7, 1),
    ];
    for (moment, letters, packages) in moments {
        for (seconds, kind) in JUMPS {
            let case = format!("{moment:?}, {seconds} s");
            let site = site(&template, moment, Duration::seconds(seconds)).await;
            let begun: DateTime<Utc> = BEGIN.parse().unwrap();
            let stopped = run(&site).await.expect_err(&case);
            let StageError::Alarm(message) = stopped else { panic!("{case}: {stopped:?}") };
            for told in [
                "the machine's clock",
                "during this run",
                "should show 2026-03-02 14:00:00 UTC",
                "set the machine's clock",
            ] {
                assert!(message.contains(told), "{case}: {message}");
            }
            assert_eq!((count(&site, "letter").await, named(&site)), (letters, packages), "{case}");
            assert_eq!(
                count(&site, "batch WHERE delivered_at IS NOT NULL").await,
                0,
                "{case}: nothing is recorded by that clock"
            );
            assert_eq!(site.rows("SELECT kind FROM brake WHERE ended_at IS NULL").await, [[kind]], "{case}");
            let dated = site.rows("SELECT max(minted_at) FROM letter").await.concat().concat();
            assert!(dated.is_empty() || dated == "2026-03-02T14:00:00Z", "{case}: {dated}");
            if letters == 0 {
                assert_eq!(fs::read_dir(site.path("spool")).unwrap().count(), 0, "{case}: no file that nobody records");
            }
            // Nobody set it: the next start does nothing.
            let again = run(&site).await.expect_err(&case);
            assert!(again.to_string().contains("nothing was done"), "{case}: {again}");
            assert_eq!((count(&site, "letter").await, named(&site)), (letters, packages), "{case}");
            // Set right, it goes on to the end.
            site.clock.set_wall(begun + Duration::seconds(30));
            let report = run(&site).await.unwrap_or_else(|error| panic!("{case}: {error}"));
            assert_eq!((report.status, report.resumed), ("completed", true), "{case}");
            assert_eq!((count(&site, "letter").await, named(&site)), (7, 4), "{case}");
            assert_eq!(count(&site, "request WHERE status = 'lettered'").await, 7, "{case}");
            assert_eq!(count(&site, "batch WHERE status = 'delivered'").await, 4, "{case}");
            assert_eq!(count(&site, "brake WHERE ended_as = 'over'").await, 1, "{case}");
            let longest = site.rows("SELECT max(cap_on) FROM letter").await.concat().concat();
            assert_eq!(longest, "2026-03-22", "{case}: no password lives longer");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_slewed_stops_nothing() {
    let template = tokio::task::spawn_blocking(Template::new).await.unwrap();
    for seconds in [-59, 599] {
        let site = site(&template, Moment::Minting, Duration::seconds(seconds)).await;
        // A minute before the site was made, its keys were good for nothing.
        site.clock.advance(Duration::hours(1));
        assert_eq!(run(&site).await.unwrap().status, "completed", "{seconds} s");
        assert_eq!((named(&site), count(&site, "brake").await), (4, 0), "{seconds} s");
    }
}
