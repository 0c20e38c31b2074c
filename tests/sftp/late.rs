//! Packages whose last mailing day is over: none is published any more, and their people get new letters.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::Duration;
use clap::Parser as _;
use letterpost::adapters::system::FixedClock;
use letterpost::cli::args::Cli;
use letterpost::cli::open::Opening;
use letterpost::cli::report::Report;
use letterpost::ports::{Courier, CourierError, Found, OutboxFile, Parcel};
use letterpost::stages::deliver::deliver;
use letterpost::stages::outcome::Outcome;

use crate::night::site;
use crate::nightly::TestSite;
use crate::opened::open_all;
use crate::server::Server;

/// Lets everything be done but renames.
const NO_RENAMES: &str = "internal-sftp -P rename,posix-rename";

fn night(site: &TestSite, on: &str, code: i32) {
    site.clock(&format!("{on}T22:30:00-05:00"));
    site.run(&["run", "nightly"]).expect(code);
}

fn states(site: &TestSite) -> Vec<Vec<String>> {
    site.rows("SELECT status, count(*) FROM letter GROUP BY status ORDER BY status")
}

fn inbox(site: &TestSite) -> BTreeSet<String> {
    let entries = fs::read_dir(site.path("vendor/inbox")).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// A site of which two packages were offered on Monday night and lie in the inbox under their temporary names. They may
/// be mailed until Thursday.
fn offered_and_not_renamed(server: &Server) -> TestSite {
    let site = site(server, "");
    night(&site, "2026-03-02", 1);
    let parts: Vec<String> = inbox(&site).into_iter().collect();
    assert_eq!(parts, ["eba-test-acme-000001.zip.pgp.part"], "the first refusal stops all that goes there");
    assert_eq!(site.rows("SELECT offered_at <> '' FROM batch ORDER BY id"), [["1"], [""]]);
    site
}

#[test]
fn a_vendor_that_is_away_for_four_business_days_gets_nothing_late() {
    let mut server = Server::start();
    let site = site(&server, "");
    server.stop();
    night(&site, "2026-03-02", 3);
    let first_ids: BTreeSet<String> = site.rows("SELECT id FROM letter").into_iter().flatten().collect();
    for day in ["2026-03-03", "2026-03-04", "2026-03-05"] {
        night(&site, day, 3);
        assert_eq!(states(&site), [["sealed", "17"]], "the last mailing day is not over");
    }
    // Friday night: too late for the first letters; new ones are made, and the vendor is still away.
    night(&site, "2026-03-06", 3);
    assert_eq!(states(&site), [["sealed", "17"], ["voided", "17"]]);
    site.closed_accounting();
    // Saturday: it is back.
    let back = Server::start();
    back.takes_over(&server, &site.path("letterpost.toml"));
    site.clock("2026-03-07T09:00:00-05:00");
    site.night();
    assert_eq!(states(&site), [["delivered", "17"], ["voided", "17"]]);
    let names = |ending: &str| inbox(&site).into_iter().filter(|name| name.ends_with(ending)).collect::<Vec<_>>();
    assert_eq!(names(".zip.pgp"), ["eba-test-acme-000003.zip.pgp", "eba-test-acme-000004.zip.pgp"]);
    assert_eq!(names(".void"), ["eba-test-acme-000001.void", "eba-test-acme-000002.void"]);
    assert_eq!(inbox(&site).len(), 6, "and two markers: {:?}", inbox(&site));
    let packages = open_all(&site);
    let ids: BTreeSet<String> = packages.iter().flat_map(|p| &p.letters).map(|letter| letter.id().to_owned()).collect();
    assert_eq!((ids.len(), ids.is_disjoint(&first_ids)), (17, true));
    site.closed_accounting();
    site.run(&["audit", "verify"]).expect(0);
}

#[test]
fn an_upload_that_never_got_its_name_is_removed_and_its_people_get_new_letters() {
    let server = Server::with(NO_RENAMES);
    let site = offered_and_not_renamed(&server);
    // What is none of ours, or not withdrawn, stays.
    let foreign =
        ["oth-test-acme-000999.zip.pgp.part", "eba-test-zebra-000001.zip.pgp.part", "notes.part", "notes.txt"];
    for name in foreign {
        fs::write(site.path("vendor/inbox").join(name), "not ours").unwrap();
    }
    // A start that died in its upload left this; nobody was offered it.
    fs::write(site.path("vendor/inbox/eba-test-acme-000002.zip.pgp.part"), "half of").unwrap();
    let able = Server::start();
    able.takes_over(&server, &site.path("letterpost.toml"));
    site.clock("2026-03-06T12:00:00-05:00");
    let ran = site.run(&["deliver"]).expect(1);
    assert!(ran.stderr.contains("package eba-test-acme-000001: not delivered by 2026-03-05"), "{}", ran.text());
    assert_eq!(states(&site), [["voided", "17"]]);
    assert_eq!(site.value("SELECT count(*) FROM request WHERE status = 'pending'"), "17");
    let expected = foreign.into_iter().chain(["eba-test-acme-000001.void", "eba-test-acme-000002.void"]);
    assert_eq!(inbox(&site), expected.map(str::to_owned).collect());
    assert_eq!(fs::read_dir(site.path("spool")).unwrap().count(), 0, "no sealed package lies about");
    night(&site, "2026-03-06", 1);
    assert_eq!(states(&site), [["delivered", "17"], ["voided", "17"]]);
    site.closed_accounting();
    site.run(&["audit", "verify"]).expect(0);
}

#[test]
fn an_upload_that_is_gone_may_have_been_renamed_and_is_not_withdrawn() {
    let server = Server::with(NO_RENAMES);
    let site = offered_and_not_renamed(&server);
    fs::remove_file(site.path("vendor/inbox/eba-test-acme-000001.zip.pgp.part")).unwrap();
    let able = Server::start();
    able.takes_over(&server, &site.path("letterpost.toml"));
    site.clock("2026-03-06T12:00:00-05:00");
    let ran = site.run(&["deliver"]).expect(1);
    assert!(
        ran.stderr.contains("eba-test-acme-000001: it was offered at") && ran.stderr.contains("is gone"),
        "{}",
        ran.text()
    );
    assert_eq!(site.rows("SELECT status FROM batch ORDER BY id"), [["sealed"], ["void"]]);
}

#[test]
fn a_package_that_has_its_name_too_late_is_not_announced() {
    let server = Server::with(NO_RENAMES);
    let site = offered_and_not_renamed(&server);
    let path = site.path("vendor/inbox/eba-test-acme-000001.zip.pgp");
    fs::rename(path.with_extension("pgp.part"), &path).unwrap();
    let able = Server::start();
    able.takes_over(&server, &site.path("letterpost.toml"));
    site.clock("2026-03-06T12:00:00-05:00");
    let ran = site.run(&["deliver"]).expect(1);
    assert!(ran.stderr.contains("it is not announced any more"), "{}", ran.text());
    assert!(path.exists() && !path.with_extension("").with_extension("ready").exists());
    assert_eq!(site.rows("SELECT status FROM batch ORDER BY id"), [["sealed"], ["void"]]);
    // While it lies there it can still be printed.
    let settle = ["batch", "settle", "eba-test-acme-000001", "--not-taken", "--reason", "e-mail of Robin Sample"];
    assert!(site.run(&settle).expect(2).stderr.contains("have the vendor move it away first"));
    fs::rename(&path, site.path("vendor/away")).unwrap();
    site.run(&settle).expect(0);
    assert_eq!(states(&site), [["voided", "17"]]);
}

/// The files of a folder of the site; of the site's own folder, those of the ledger.
fn kept(site: &TestSite, folder: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let paths = fs::read_dir(site.path(folder)).unwrap().map(|entry| entry.unwrap().path());
    let wanted = |path: &PathBuf| !folder.is_empty() || path.to_str().unwrap().contains("/letterpost.db");
    paths.filter(wanted).map(|path| (path.clone(), fs::read(&path).unwrap())).collect()
}

/// The ledger of before the delivery was put back, and the last mailing day is over: nothing is made anew for people whose
/// letters lie in the inbox.
#[test]
fn a_package_that_an_older_ledger_never_offered_is_an_alarm_even_when_it_is_late() {
    let site = TestSite::before_the_night("2026-03-02T22:30:00-05:00");
    site.run(&["produce"]).done();
    let older = kept(&site, "");
    let spool = kept(&site, "spool");
    site.run(&["deliver"]).done();
    for (path, _) in kept(&site, "") {
        fs::remove_file(path).unwrap();
    }
    for (path, bytes) in older.into_iter().chain(spool) {
        fs::write(path, bytes).unwrap();
    }
    for now in ["2026-03-03T12:00:00-05:00", "2026-03-06T12:00:00-05:00"] {
        site.clock(now);
        let ran = site.run(&["deliver"]).expect(4);
        assert!(ran.stderr.contains("may have been set back"), "{}", ran.text());
        assert_eq!(states(&site), [["sealed", "17"]]);
    }
}

/// A courier whose uploads take until the day is over.
struct Slow {
    courier: Arc<dyn Courier>,
    clock: Arc<FixedClock>,
}

#[async_trait]
impl Courier for Slow {
    async fn look(&self, parcel: &Parcel) -> Result<Found, CourierError> {
        self.courier.look(parcel).await
    }
    async fn upload(&self, parcel: &Parcel, bytes: &[u8]) -> Result<(), CourierError> {
        self.courier.upload(parcel, bytes).await?;
        self.clock.advance(Duration::hours(2));
        Ok(())
    }
    async fn publish(&self, parcel: &Parcel) -> Result<(), CourierError> {
        self.courier.publish(parcel).await
    }
    async fn announce(&self, name: &str, bytes: &[u8]) -> Result<(), CourierError> {
        self.courier.announce(name, bytes).await
    }
    async fn discard(&self, file: &str) -> Result<bool, CourierError> {
        self.courier.discard(file).await
    }
    async fn list_inbox(&self) -> Result<Vec<String>, CourierError> {
        self.courier.list_inbox().await
    }
    async fn list_outbox(&self) -> Result<Vec<String>, CourierError> {
        self.courier.list_outbox().await
    }
    async fn fetch(&self, name: &str, limit_bytes: u64) -> Result<OutboxFile, CourierError> {
        self.courier.fetch(name, limit_bytes).await
    }
}

/// Runs the stage `deliver` of a site in this process, with a courier that takes its time.
fn deliver_slowly(site: &TestSite) -> Outcome {
    let configuration = site.path("letterpost.toml");
    let cli = Cli::parse_from(["letterpost", "--config", configuration.to_str().unwrap(), "deliver"]);
    let at = Opening::new(&cli, Report { quiet: true, ..Report::default() }, true).unwrap();
    let config = at.config().unwrap();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let mut world = at.world(&config, Some(1)).await.unwrap();
        let clock = Arc::new(FixedClock::at(site.now().parse().unwrap()));
        for courier in world.couriers.values_mut() {
            *courier = Arc::new(Slow { courier: Arc::clone(courier), clock: Arc::clone(&clock) });
        }
        world.clock = clock;
        deliver(&world, false).await.unwrap()
    })
}

#[test]
fn a_day_that_ends_during_the_upload_ends_the_delivery() {
    let site = TestSite::before_the_night("2026-03-02T22:30:00-05:00");
    site.run(&["produce"]).done();
    // Half past eleven on the last mailing day.
    site.clock("2026-03-05T23:30:00-05:00");
    let outcome = deliver_slowly(&site);
    let told = format!("{outcome:?}");
    assert!(told.contains("not delivered by 2026-03-05, the last day to mail it: withdrawn"), "{told}");
    assert_eq!(states(&site), [["voided", "17"]]);
    assert_eq!(inbox(&site).len(), 2, "two void notices: {:?}", inbox(&site));
    // The first was offered before its day was over, the second never.
    assert_eq!(site.rows("SELECT offered_at <> '' FROM batch ORDER BY id"), [["1"], [""]]);
    site.closed_accounting();
    site.run(&["audit", "verify"]).expect(0);
}
