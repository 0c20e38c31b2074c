//! Six packages of two letters each: three are under way when the first is saved.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use letterpost::adapters::spool_folder::SpoolFolder;
use letterpost::ports::{Spool, SpoolError};
use letterpost::stages::collect;
use letterpost::stages::outcome::{Outcome, StageResult};
use letterpost::stages::produce::{ProductionRun, produce};
use letterpost::stages::stop::Stop;

use super::inside::{Inside, Template};
use super::nightly::REQUEST_HEADER;

const PEOPLE: usize = 12;
const PACKAGES: usize = 6;

/// What happens when a package is saved.
enum Mishap {
    /// The disk refuses it.
    Refused,
    /// Somebody asks to stop.
    Stopped(Stop),
}

/// A spool at which something happens once.
struct Shelf {
    folder: SpoolFolder,
    /// At which saving, from 1.
    at: usize,
    mishap: Mishap,
    saved: AtomicUsize,
}

#[async_trait]
impl Spool for Shelf {
    async fn save(&self, object: &str, bytes: Vec<u8>) -> Result<(), SpoolError> {
        let is_now = self.saved.fetch_add(1, Ordering::SeqCst) + 1 == self.at;
        match &self.mishap {
            Mishap::Refused if is_now => Err(SpoolError {
                doing: "cannot write",
                path: object.to_owned(),
                source: std::io::Error::other("the disk is full"),
                remedy: "make room",
                needs_person: true,
            }),
            Mishap::Stopped(stop) if is_now => {
                stop.ask();
                self.folder.save(object, bytes).await
            }
            _ => self.folder.save(object, bytes).await,
        }
    }
    async fn load(&self, object: &str) -> Result<Vec<u8>, SpoolError> {
        self.folder.load(object).await
    }
    async fn list(&self) -> Result<Vec<String>, SpoolError> {
        self.folder.list().await
    }
    async fn remove(&self, object: &str) -> Result<(), SpoolError> {
        self.folder.remove(object).await
    }
}

async fn template() -> Template {
    tokio::task::spawn_blocking(Template::new).await.unwrap()
}

/// A site on which twelve people wait for letters in packages of two.
async fn site(template: &Template) -> Inside {
    let mut site = Inside::new(template).await;
    let row = |n: usize| {
        format!(
            "MANY-{n:03},person{n}@example.com,Sample Person,{} Example Street,,Springfield,IL,62701,US,,email,{},standard,\
             2026-03-02T08:00:00-05:00\n",
            n + 1,
            if n.is_multiple_of(3) { "es" } else { "en" }
        )
    };
    let text = format!("{REQUEST_HEADER}\n{}", (0..PEOPLE).map(row).collect::<String>());
    collect::import(&site.world, collect::Source::of("asked.csv", text.as_bytes()), false).await.unwrap();
    site.world.site.vendors[0].letters_a_package = 2;
    site
}

fn put_at_the_shelf(site: &mut Inside, at: usize, mishap: Mishap) {
    let folder = SpoolFolder(site.path("spool"));
    site.world.spool = Arc::new(Shelf { folder, at, mishap, saved: AtomicUsize::new(0) });
}

async fn run(site: &Inside) -> StageResult<Outcome> {
    // No two starts have one name.
    static STARTS: AtomicUsize = AtomicUsize::new(0);
    let owner = format!("start {} of a test", STARTS.fetch_add(1, Ordering::SeqCst));
    let run = ProductionRun { owner, ..ProductionRun::default() };
    produce(&site.world, &run, false).await
}

/// The files in the spool are those that the ledger knows, and each recorded package has both its letters.
async fn nothing_is_half_done(site: &Inside, case: &str) -> usize {
    let files: BTreeSet<String> = fs::read_dir(site.path("spool"))
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    let known = site.rows("SELECT spool_object FROM batch WHERE status = 'sealed'").await.concat();
    assert_eq!(files, known.iter().cloned().collect(), "{case}: the files of the spool");
    let letters = site.rows("SELECT count(*) FROM letter GROUP BY batch_id").await.concat();
    assert_eq!(letters, vec!["2"; known.len()], "{case}: the letters of each package");
    let lettered = site.number("SELECT count(*) FROM request WHERE status = 'lettered'").await;
    assert_eq!(lettered, 2 * known.len() as u64, "{case}: the requests that have a letter");
    known.len()
}

/// The next run makes the rest; numbers have no gap, and nobody has two letters.
async fn the_next_run_makes_the_rest(site: &mut Inside, case: &str) {
    site.world.spool = Arc::new(SpoolFolder(site.path("spool")));
    site.world.stop = Stop::default();
    let outcome = run(site).await.unwrap_or_else(|error| panic!("{case}: {error}"));
    assert!(!outcome.did.contains_key("swept"), "{case}: {outcome:?}");
    assert_eq!(nothing_is_half_done(site, case).await, PACKAGES, "{case}");
    let numbers = site.rows("SELECT number FROM batch ORDER BY number").await.concat();
    assert_eq!(numbers, (1..=PACKAGES).map(|number| number.to_string()).collect::<Vec<_>>(), "{case}");
    assert_eq!(site.number("SELECT count(DISTINCT username) FROM letter").await, PEOPLE as u64, "{case}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spool_that_refuses_one_package_harms_no_other() {
    let template = template().await;
    for at in 1..=PACKAGES {
        let case = format!("refused at saving {at}");
        let mut site = site(&template).await;
        put_at_the_shelf(&mut site, at, Mishap::Refused);
        let error = run(&site).await.expect_err(&case).to_string();
        assert!(error.contains("the disk is full"), "{case}: {error}");
        let made = nothing_is_half_done(&site, &case).await;
        assert!((at - 1..PACKAGES).contains(&made), "{case}: what was saved before is recorded: {made}");
        the_next_run_makes_the_rest(&mut site, &case).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_ends_the_package_that_is_next_and_leaves_the_others_without_a_trace() {
    let template = template().await;
    for at in 1..=PACKAGES {
        let case = format!("stopped at saving {at}");
        let mut site = site(&template).await;
        let stop = site.world.stop.clone();
        put_at_the_shelf(&mut site, at, Mishap::Stopped(stop));
        let outcome = run(&site).await.unwrap();
        assert!(outcome.is_undone, "{case}");
        let made = nothing_is_half_done(&site, &case).await;
        assert!((at.saturating_sub(1).max(1)..=at + 1).contains(&made), "{case}: {made}");
        the_next_run_makes_the_rest(&mut site, &case).await;
    }
}
