//! A ledger that was set back takes no head: the one outside is what shows it.

use std::fs;

use crate::night::NightSite;

#[test]
fn no_job_writes_over_the_sign_that_an_older_ledger_was_put_back() {
    let site = NightSite::with_requests(2, 4, 64);
    assert_eq!(site.run(&["checkpoint"]).exit, Some(0));
    // What every process left behind is in the file itself.
    let older = fs::read(site.path("letterpost.db")).unwrap();
    assert_eq!(site.run(&["run", "nightly"]).exit, Some(0));
    let heads = fs::read(site.path("audit/heads.log")).unwrap();
    fs::write(site.path("letterpost.db"), older).unwrap();
    for name in ["letterpost.db-wal", "letterpost.db-shm"] {
        let _ = fs::remove_file(site.path(name));
    }
    for words in [vec!["checkpoint"], vec!["run", "checkpoint"], vec!["run", "receipts"]] {
        let ended = site.run(&words);
        assert_eq!(ended.exit, Some(4), "{words:?}: {ended:?}");
        assert!(ended.said.contains("an older ledger was put back; no head was taken"), "{ended:?}");
    }
    assert_eq!(fs::read(site.path("audit/heads.log")).unwrap(), heads);
}
