//! Events happen to a site.

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{Days, NaiveDate, TimeDelta};
use letterpost::domain::letter::LetterId;
use letterpost::domain::receipt::{PackageEvent, ReceiptEvent};
use letterpost::package::openpgp::sign_detached;
use letterpost::package::receipt::{PackageRow, write_receipt};
use letterpost::package::receipt_line::ReceiptLine;
use letterpost::ports::ledger::{Decision, Held, LedgerError};
use letterpost::stages::cancel::CancelPlan;
use letterpost::stages::decision::{Desk, Named};
use letterpost::stages::outcome::{Outcome, StageError, StageResult, Urgency};
use letterpost::stages::produce::ProductionRun;
use letterpost::stages::{cancel, collect, correct, deliver, expire, holds, ingest, produce, pull, reissue, returned};
use proptest::sample::Index;
use rand08::SeedableRng as _;
use rand08::rngs::StdRng;

use crate::events::{Deed, Event, LetterDeed, PackageDeed, Said, SaidLine};
use crate::inside::Inside;
use crate::nightly::REQUEST_HEADER;
use crate::oracle::Oracle;

/// A site to which things happen, and the oracle that watches.
pub struct Play {
    site: Inside,
    oracle: Oracle,
    asked: Vec<String>,
    receipts: Vec<(String, Vec<u8>, Vec<u8>)>,
    rng: StdRng,
}

/// What is broken.
pub type Broken = String;

impl Play {
    pub async fn begin(site: Inside) -> Self {
        let oracle = Oracle::begin(&site).await;
        Self { site, oracle, asked: Vec::new(), receipts: Vec::new(), rng: StdRng::seed_from_u64(1) }
    }

    /// One event, and a look of the oracle. Every event takes a minute.
    pub async fn happen(&mut self, event: &Event) -> Result<(), Broken> {
        self.site.clock.advance(TimeDelta::minutes(1));
        self.act(event).await?;
        self.oracle.look(&self.site).await
    }

    /// What holds only when all is over.
    pub async fn end(&mut self) -> Result<(), Broken> {
        self.oracle.end(&self.site).await
    }

    async fn act(&mut self, event: &Event) -> Result<(), Broken> {
        match event {
            Event::Ask { account } => self.ask(*account).await,
            Event::Repeat { request } => {
                if self.asked.is_empty() {
                    return Ok(());
                }
                let row = request.get(&self.asked).clone();
                self.import(&row).await
            }
            Event::Night => {
                self.ingest().await?;
                self.expire().await?;
                self.collect().await?;
                self.produce().await?;
                self.deliver().await
            }
            Event::Produce => self.produce().await,
            Event::Deliver => self.deliver().await,
            Event::Ingest => self.ingest().await,
            Event::Expire => self.expire().await,
            Event::Take => self.take(),
            Event::Receipt(said) => self.say(said).await,
            Event::Replay { receipt } => self.replay(*receipt).await,
            Event::Redeem { letter } => self.redeem(*letter).await,
            Event::Days(days) => {
                self.site.clock.advance(TimeDelta::days(i64::from(*days)));
                Ok(())
            }
            Event::Request { request, what } => self.decide(*request, *what).await,
            Event::Letter { letter, what } => self.decide_letter(*letter, *what).await,
            Event::Package { package, what } => self.decide_package(*package, *what).await,
        }
    }

    async fn ask(&mut self, account: usize) -> Result<(), Broken> {
        let place = self.asked.len();
        let asked_at = self.site.world.clock.now().to_rfc3339();
        let row = format!(
            "ASK-{place:04},person{account}@example.com,Avery Sample,{} Example Street,,Springfield,IL,62701,US,,email,\
             en,standard,{asked_at}",
            account + 1
        );
        self.asked.push(row.clone());
        self.oracle.asked += 1;
        self.import(&row).await
    }

    async fn import(&self, row: &str) -> Result<(), Broken> {
        let text = format!("{REQUEST_HEADER}\n{row}\n");
        let imported =
            collect::import(&self.site.world, collect::Source::of("asked.csv", text.as_bytes()), false).await;
        imported.map(|_| ()).map_err(|error| format!("import: {error}"))
    }

    async fn collect(&self) -> Result<(), Broken> {
        fine("collect", collect::collect(&self.site.world, false).await)
    }

    async fn produce(&self) -> Result<(), Broken> {
        // No two starts have one name.
        static STARTS: AtomicUsize = AtomicUsize::new(0);
        let owner = format!("night {}", STARTS.fetch_add(1, Ordering::SeqCst));
        let run = ProductionRun { owner, ..ProductionRun::default() };
        fine("produce", produce::produce(&self.site.world, &run, false).await)
    }

    async fn deliver(&self) -> Result<(), Broken> {
        fine("deliver", deliver::deliver(&self.site.world, false).await)
    }

    async fn ingest(&self) -> Result<(), Broken> {
        fine("ingest", ingest::ingest(&self.site.world, false).await)
    }

    async fn expire(&self) -> Result<(), Broken> {
        fine("expire", expire::expire(&self.site.world, false).await)
    }

    fn take(&mut self) -> Result<(), Broken> {
        for entry in fs::read_dir(self.site.path("vendor/inbox")).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if name.ends_with(".part") {
                continue;
            }
            fs::remove_file(&path).unwrap();
            if name.ends_with(".zip.pgp") {
                self.oracle.takes(&name)?;
            }
        }
        Ok(())
    }

    /// The vendor writes a receipt for a package that it has or had, and the site reads it.
    async fn say(&mut self, said: &Said) -> Result<(), Broken> {
        let packages = self.site.rows("SELECT name, sha256, id FROM batch WHERE offered_at IS NOT NULL").await;
        if packages.is_empty() {
            return Ok(());
        }
        let package = said.package.get(&packages);
        let today = self.today();
        let own = self.letters(&format!("WHERE batch_id = {}", package[2])).await;
        let all = self.letters("").await;
        let lines: Vec<ReceiptLine> = said.lines.iter().map(|line| receipt_line(line, &own, &all, today)).collect();
        let event = if said.is_accepted { PackageEvent::Accepted } else { PackageEvent::Refused };
        let row = PackageRow { event, event_on: today, sha256: package[1].parse().unwrap() };
        let taken = "SELECT coalesce(max(number), 0) FROM receipt_file WHERE refused_because IS NULL AND batch_id = ";
        let number = self.site.number(&format!("{taken}{}", package[2])).await + 1 + u64::from(said.number_off);
        let name = format!("{}.receipt-{number}.csv", package[0]);
        let csv = write_receipt(&row, &lines).into_bytes();
        let now = self.site.world.clock.now();
        let signature = sign_detached(&csv, &self.site.vendor_key, now, &mut self.rng).unwrap().into_bytes();
        self.put(&name, &csv, &signature);
        self.receipts.push((name, csv, signature));
        self.ingest().await
    }

    async fn replay(&self, receipt: Index) -> Result<(), Broken> {
        if self.receipts.is_empty() {
            return Ok(());
        }
        let (name, csv, signature) = receipt.get(&self.receipts);
        self.put(name, csv, signature);
        self.ingest().await
    }

    fn put(&self, name: &str, csv: &[u8], signature: &[u8]) {
        fs::write(self.site.path(&format!("vendor/outbox/{name}")), csv).unwrap();
        fs::write(self.site.path(&format!("vendor/outbox/{name}.asc")), signature).unwrap();
    }

    async fn redeem(&self, letter: Index) -> Result<(), Broken> {
        let live =
            self.site.rows("SELECT id FROM letter WHERE password_status = 'live' ORDER BY batch_id, sequence").await;
        if live.is_empty() {
            return Ok(());
        }
        let id = letter.get(&live)[0].parse().unwrap();
        let now = self.site.world.clock.now();
        allowed("redeem", self.site.world.ledger.redeem(id, now, self.today()).await)
    }

    /// What a person does about a request, as the commands do it.
    async fn decide(&self, request: Index, what: Deed) -> Result<(), Broken> {
        if self.asked.is_empty() {
            return Ok(());
        }
        let reference = request.get(&self.asked).split(',').next().unwrap();
        let desk = self.desk();
        let Some(record) = told(desk.ledger.request(reference).await)? else { return Ok(()) };
        match what {
            Deed::Cancel => {
                let plan = match cancel::plan(&desk, &record, "a test").await {
                    Ok(plan) => plan,
                    refused => return may_refuse("cancel", refused.map(|_| ())),
                };
                let done = match &plan {
                    CancelPlan::Stop { case, order: Some(order), .. } => {
                        cancel::apply_with_order(&self.site.world, case, order, &decision()).await
                    }
                    plan => cancel::apply(&desk, plan, &record, &decision()).await,
                };
                may_refuse("cancel", done)
            }
            Deed::Hold => {
                let act_by_on = self.today().checked_add_days(Days::new(3)).unwrap();
                allowed("hold", desk.ledger.hold_request(reference, &decision(), act_by_on, desk.now).await)
            }
            Deed::Release => may_refuse("release", holds::release(&desk, Held::Request(reference), &decision()).await),
        }
    }

    /// What a person does about a letter.
    async fn decide_letter(&mut self, letter: Index, what: LetterDeed) -> Result<(), Broken> {
        let letters = self.letters("").await;
        if letters.is_empty() {
            return Ok(());
        }
        let letter_id: LetterId = letter.get(&letters).0.parse().unwrap();
        let desk = self.desk();
        let case = told(desk.ledger.letter_case(letter_id).await)?.ok_or("the letter is gone")?;
        let named = vec![Named { typed: letter_id.to_string(), found: Ok(case) }];
        match what {
            LetterDeed::Reissue => {
                let plan = reissue::plan(&desk, named);
                may_refuse("reissue", reissue::apply(&desk, &plan, &decision()).await)
            }
            LetterDeed::Returned(days) => {
                let on = desk.today - TimeDelta::days(i64::from(days));
                let plan = returned::plan(&desk, named, on);
                may_refuse("returned", returned::apply(&desk, &plan, on, &decision()).await)
            }
            LetterDeed::Pull => {
                let plan = match pull::plan(&desk, named, "a test").await {
                    Ok(plan) => plan,
                    refused => return may_refuse("pull", refused.map(|_| ())),
                };
                may_refuse("pull", pull::order(&self.site.world, &plan, &decision()).await)
            }
            LetterDeed::Correct(days) => self.correct(&desk, letter_id, days).await,
        }
    }

    async fn correct(&mut self, desk: &Desk, letter_id: LetterId, days: i8) -> Result<(), Broken> {
        let known = self.site.rows(&format!("SELECT dispatched_on FROM letter WHERE id = '{letter_id}'")).await;
        let known = known[0][0].parse().unwrap_or(desk.today);
        let plan = match correct::plan(desk, letter_id, known + TimeDelta::days(i64::from(days))).await {
            Ok(Ok(plan)) => plan,
            Ok(Err(_)) => return Ok(()),
            Err(refused) => return may_refuse("correct", Err(refused)),
        };
        may_refuse("correct", correct::apply(desk, &plan, &decision()).await)
    }

    /// What a person does about a package.
    async fn decide_package(&self, package: Index, what: PackageDeed) -> Result<(), Broken> {
        let packages = self.site.rows("SELECT name FROM batch ORDER BY id").await;
        if packages.is_empty() {
            return Ok(());
        }
        let name = package.get(&packages)[0].as_str();
        let desk = self.desk();
        match what {
            PackageDeed::Hold => {
                let batch = told(desk.ledger.batch(name).await)?.ok_or("the package is gone")?;
                let act_by_on = match holds::plan_package_hold(&desk, &batch) {
                    Ok(act_by_on) => act_by_on,
                    refused => return may_refuse("hold a package", refused.map(|_| ())),
                };
                allowed("hold a package", desk.ledger.hold_package(name, &decision(), act_by_on, desk.now).await)
            }
            PackageDeed::Release => {
                may_refuse("release a package", holds::release(&desk, Held::Package(name), &decision()).await)
            }
            PackageDeed::Settle { is_taken: false } => {
                allowed("settle", desk.ledger.settle_not_taken(name, &decision(), desk.now, desk.today).await)
            }
            PackageDeed::Settle { is_taken: true } => {
                allowed("settle", desk.ledger.settle(name, &decision(), desk.now, desk.today).await)
            }
        }
    }

    fn desk(&self) -> Desk {
        let (now, today) = self.site.world.now().unwrap();
        let world = &self.site.world;
        Desk { site: world.site.clone(), ledger: std::sync::Arc::clone(&world.ledger), now, today }
    }

    fn today(&self) -> NaiveDate {
        self.site.world.now().unwrap().1
    }

    /// Letters as id and sheets.
    async fn letters(&self, condition: &str) -> Vec<(String, u32)> {
        let rows =
            self.site.rows(&format!("SELECT id, sheets FROM letter {condition} ORDER BY batch_id, sequence")).await;
        rows.into_iter().map(|row| (row[0].clone(), row[1].parse().unwrap())).collect()
    }
}

fn receipt_line(line: &SaidLine, own: &[(String, u32)], all: &[(String, u32)], today: NaiveDate) -> ReceiptLine {
    let (id, sheets) = line.letter.get(if line.is_own && !own.is_empty() { own } else { all });
    let is_remade = line.event == ReceiptEvent::Spoiled && line.is_remade;
    ReceiptLine {
        line_number: 0,
        letter_id: id.parse().unwrap(),
        event: line.event,
        event_on: today + TimeDelta::days(line.days_off),
        sheets: sheets + line.sheets_off,
        detail: if is_remade { "remade".to_owned() } else { String::new() },
    }
}

/// A stage may tell of anything but an alarm that the play does not give a cause for, and may not fail.
fn fine(stage: &str, done: StageResult<Outcome>) -> Result<(), Broken> {
    let outcome = done.map_err(|error| format!("{stage} failed: {error}"))?;
    let alarms = outcome.matters.iter().filter(|matter| matter.urgency == Urgency::Alarm);
    let unexpected: Vec<_> = alarms
        .filter(|alarm| !["with other bytes", "password was revoked"].iter().any(|known| alarm.message.contains(known)))
        .collect();
    if unexpected.is_empty() { Ok(()) } else { Err(format!("{stage}: {unexpected:?}")) }
}

fn decision() -> Decision {
    Decision { reason: "a test".to_owned(), by: Some("Robin Sample".to_owned()) }
}

fn told<T>(found: Result<T, LedgerError>) -> Result<T, Broken> {
    found.map_err(|error| error.to_string())
}

/// The same for what a stage does.
fn may_refuse(what: &str, done: StageResult<()>) -> Result<(), Broken> {
    match done {
        Ok(()) | Err(StageError::Refused(_) | StageError::Ledger(LedgerError::NotAllowed(_))) => Ok(()),
        Err(error) => Err(format!("{what}: {error}")),
    }
}

/// A person may be told no; nothing else may go wrong.
fn allowed<T>(what: &str, done: Result<T, LedgerError>) -> Result<(), Broken> {
    match done {
        Ok(_) | Err(LedgerError::NotAllowed(_)) => Ok(()),
        Err(error) => Err(format!("{what}: {error}")),
    }
}
