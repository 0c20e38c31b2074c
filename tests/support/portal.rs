//! The portal's question, asked of the library: the same check as `password check`, for thousands of tries.

use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

use letterpost::adapters::system::{FixedClock, SystemEntropy};
use letterpost::cli::config::Config;
use letterpost::cli::database;
use letterpost::domain::verifier::Pepper;
use letterpost::package::openpgp::Certificate;
use letterpost::stages::password::{Check, Verdict, check};

use super::nightly::TestSite;

/// The verdict on each (username, typed password), in order.
pub fn verdicts(site: &TestSite, tries: &[(&str, &str)]) -> Vec<Verdict> {
    let config = Config::from_toml(&fs::read_to_string(site.path("letterpost.toml")).unwrap()).unwrap();
    let paths = config.paths(&site.path(""));
    let certificate = |path| Certificate::parse(&fs::read(path).unwrap()).unwrap();
    let certificates: BTreeMap<String, Vec<Certificate>> = paths
        .vendors
        .into_iter()
        .map(|(code, vendor)| (code, vendor.certificates.into_iter().map(certificate).collect()))
        .collect();
    let settings = config.site(certificates).unwrap();
    let mut bytes = [0; 32];
    hex::decode_to_slice(fs::read_to_string(paths.pepper).unwrap().trim(), &mut bytes).unwrap();
    let (pepper, clock) = (Pepper::new(bytes), FixedClock::at(site.now().parse().unwrap()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mark = config.site_mark();
        let ledger = database::ledger(&paths.ledger, &mark, Arc::new(SystemEntropy), None).await.unwrap();
        let needs = Check { site: &settings, ledger: ledger.as_ref(), clock: &clock, pepper: &pepper };
        let mut verdicts = Vec::new();
        for (username, typed) in tries {
            verdicts.push(check(&needs, username, typed, false).await.unwrap().verdict);
        }
        ledger.close().await;
        verdicts
    })
}
