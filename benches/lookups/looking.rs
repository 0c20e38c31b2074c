//! The look-ups, each as its command makes it.

use std::sync::Arc;
use std::time::Instant;

use letterpost::adapters::system::SystemEntropy;
use letterpost::cli::config::Config;
use letterpost::cli::database;
use letterpost::ports::ledger::Ledger;

use crate::copies::{Copies, Copy};
use crate::ledger::{LedgerKind, Store};
use crate::site::Site;

/// How many look-ups are made cold: each begins with an empty cache.
const COLD: usize = 25;

/// What is looked up.
#[derive(Clone, Copy)]
enum LookUp {
    LetterShow,
    LetterShowByBarcode,
    RequestShow,
    PasswordCheck,
}

impl LookUp {
    const ALL: [Self; 4] = [Self::LetterShow, Self::LetterShowByBarcode, Self::RequestShow, Self::PasswordCheck];

    fn name(self) -> &'static str {
        match self {
            Self::LetterShow => "`letter show ID`",
            Self::LetterShowByBarcode => "`letter show BARCODE`",
            Self::RequestShow => "`request show`",
            Self::PasswordCheck => "`password check`, apart from its verifier and its count",
        }
    }
}

/// Measures each look-up, cold and warm, and prints a row of it.
pub async fn look(site: &Site, kind: LedgerKind, copies: &Copies, look_ups: usize) {
    let mut drawn = 7u64;
    let mut draw = || {
        drawn = drawn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        copies.at(drawn >> 20)
    };
    for look_up in LookUp::ALL {
        let mut cold = Vec::new();
        if let Store::Sqlite { ledger, .. } = &site.store {
            for _ in 0..COLD {
                let opened = open(site).await;
                forget(ledger);
                cold.push(timed(look_up, opened.as_ref(), &draw()).await);
                opened.close().await;
            }
        }
        let opened = open(site).await;
        let mut warm = Vec::new();
        for _ in 0..look_ups {
            warm.push(timed(look_up, opened.as_ref(), &draw()).await);
        }
        opened.close().await;
        println!(
            "| {kind} | {} | {} | {} | {} | {} | {} |",
            copies.letters(),
            look_up.name(),
            part(&mut cold, 50),
            part(&mut cold, 99),
            part(&mut warm, 50),
            part(&mut warm, 99),
        );
    }
}

async fn open(site: &Site) -> Arc<dyn Ledger> {
    let config = Config::from_toml(&std::fs::read_to_string(site.path("letterpost.toml")).unwrap()).unwrap();
    let place = config.paths(&site.path("")).ledger;
    database::ledger(&place, &config.site_mark(), Arc::new(SystemEntropy), None)
        .await
        .unwrap_or_else(|failure| panic!("{}", failure.message))
}

/// Has the system forget what it knows of a file.
fn forget(file: &std::path::Path) {
    let file = std::fs::File::open(file).unwrap();
    rustix::fs::fadvise(&file, 0, None, rustix::fs::Advice::DontNeed).unwrap();
}

/// Milliseconds of one look-up, which must find what it looks for.
async fn timed(look_up: LookUp, ledger: &dyn Ledger, copy: &Copy) -> f64 {
    let begin = Instant::now();
    match look_up {
        LookUp::LetterShow => show(ledger, &ledger.letter(copy.letter).await.unwrap().unwrap().letter_id).await,
        LookUp::LetterShowByBarcode => {
            let found = ledger.letter_by_barcode(copy.imb.parse().unwrap()).await.unwrap().unwrap();
            assert_eq!(found.letter_id, copy.letter.to_string());
            show(ledger, &found.letter_id).await;
        }
        LookUp::RequestShow => assert!(ledger.request(&copy.reference).await.unwrap().is_some()),
        LookUp::PasswordCheck => {
            let kept = ledger.kept_passwords(&copy.username).await.unwrap();
            assert_eq!(kept.len(), 1, "{}", copy.username);
            ledger.clock_mark().await.unwrap();
        }
    }
    begin.elapsed().as_secs_f64() * 1000.0
}

/// What `letter show` asks for once it has the letter.
async fn show(ledger: &dyn Ledger, letter_id: &str) {
    ledger.letter_dates(letter_id).await.unwrap();
    ledger.legal_holds(Some(letter_id)).await.unwrap();
    ledger.is_on_legal_hold(letter_id).await.unwrap();
    assert!(ledger.receipt_of_letter(letter_id).await.unwrap().is_some());
}

/// The time within which so many of a hundred were done; empty where none was measured.
fn part(times: &mut [f64], of_hundred: usize) -> String {
    times.sort_by(f64::total_cmp);
    times
        .get((times.len() * of_hundred / 100).min(times.len().saturating_sub(1)))
        .map_or_else(String::new, |ms| format!("{ms:.2}"))
}
