//! A log that somebody has written into is found out, and so is an older ledger that was put back.

use std::fs;

use crate::book::Sql;
use crate::night::NightSite;

const NO_GUARDS: &str = "DROP TRIGGER audit_entry_takes_the_next_place; DROP TRIGGER audit_entry_is_never_changed;
    DROP TRIGGER audit_entry_is_never_deleted; DROP TRIGGER audit_head_is_never_deleted;";

/// A site after its night: the log has a head in the ledger, and one outside.
fn after_a_night() -> NightSite {
    let site = NightSite::with_requests(2, 10, 64);
    let night = site.run(&["run", "nightly"]);
    assert_eq!(night.exit, Some(0), "{night:?}");
    let verified = site.run(&["audit", "verify"]);
    assert_eq!(verified.exit, Some(0), "{verified:?}");
    site
}

#[tokio::test]
async fn whatever_is_written_into_the_log_is_found_out() {
    let site = after_a_night();
    let swap = "CREATE TEMP TABLE pair AS SELECT seq, entry, leaf_hash FROM audit_entry WHERE seq IN (4, 5);
        UPDATE audit_entry SET entry = (SELECT entry FROM pair WHERE pair.seq = 9 - audit_entry.seq),
            leaf_hash = (SELECT leaf_hash FROM pair WHERE pair.seq = 9 - audit_entry.seq) WHERE seq IN (4, 5);";
    let last = "DELETE FROM audit_entry WHERE seq = (SELECT max(seq) FROM audit_entry);";
    for (what, change, words) in [
        ("nothing", "", ""),
        (
            "an entry is changed",
            "UPDATE audit_entry SET entry = CAST(replace(CAST(entry AS TEXT), 'kind', 'kinb') AS BLOB) WHERE seq = 3;",
            "entry 3 is not the one that its hash was made of",
        ),
        (
            "an entry and its hash are changed",
            "UPDATE audit_entry SET entry = x'00',
                 leaf_hash = x'96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7' WHERE seq = 3;",
            "are not those of the head",
        ),
        ("an entry is removed", "DELETE FROM audit_entry WHERE seq = 3;", "stands where entry 3 should"),
        ("the last entry is removed", last, ""),
        ("two entries change places", swap, "are not those of the head"),
        (
            "the ledger's heads are removed with the last entry",
            "DELETE FROM audit_head; DELETE FROM audit_entry WHERE seq > 8;",
            "set back",
        ),
    ] {
        let copy = site.copy();
        let mut sql = Sql::open(&copy.path("letterpost.db")).await;
        sql.run(&format!("{NO_GUARDS}{change}")).await.unwrap();
        sql.close().await;
        let verified = copy.run(&["audit", "verify"]);
        let is_covered = !change.is_empty();
        assert_eq!(verified.exit, Some(if is_covered { 4 } else { 0 }), "{what}: {verified:?}");
        assert!(verified.told.contains(words), "{what}: {verified:?}");
    }
}

#[tokio::test]
async fn production_refuses_an_older_ledger_before_it_mints() {
    let site = NightSite::with_requests(2, 10, 64);
    let older = site.copy();
    assert_eq!(site.run(&["run", "nightly"]).exit, Some(0));
    put_back(&older, &site);
    refused_before_minting(&site, "an older ledger was put back").await;
}

#[tokio::test]
async fn production_refuses_an_older_ledger_that_has_grown_on() {
    let site = NightSite::with_requests(2, 10, 64);
    let older = site.copy();
    assert_eq!(site.run(&["run", "nightly"]).exit, Some(0));
    // It has more entries than the head outside covers, and they are others.
    let rows = fs::read_to_string(older.path("night-0.csv")).unwrap();
    let row = rows.lines().nth(1).unwrap();
    let more: String = (100..160)
        .map(|n| {
            row.replace("0000", &format!("{n:04}"))
                .replace("avery", &format!("person{n}"))
                .replace(",1 Example", &format!(",{n} Example"))
                + "\n"
        })
        .collect();
    fs::write(older.path("more.csv"), format!("{}\n{more}", rows.lines().next().unwrap())).unwrap();
    let imported = older.run(&["request", "import", older.path("more.csv").to_str().unwrap()]);
    assert_eq!(imported.exit, Some(0), "{imported:?}");
    put_back(&older, &site);
    refused_before_minting(&site, "the ledger's history was changed").await;
}

fn put_back(older: &NightSite, site: &NightSite) {
    for name in site.names("").into_iter().filter(|name| name.starts_with("letterpost.db")) {
        fs::remove_file(site.path(&name)).unwrap();
    }
    for name in older.names("").into_iter().filter(|name| name.starts_with("letterpost.db")) {
        fs::copy(older.path(&name), site.path(&name)).unwrap();
    }
}

async fn refused_before_minting(site: &NightSite, words: &str) {
    let (inbox, spool) = (site.names("vendor/inbox"), site.names("spool"));
    for command in
        [&["audit", "verify"][..], &["produce"], &["run", "nightly"], &["run", "nightly", "--date", "2026-11-21"]]
    {
        let ended = site.run(command);
        assert_eq!(ended.exit, Some(4), "{command:?}: {ended:?}");
        assert!(command[0] == "audit" || ended.said.contains(words), "{command:?}: {ended:?}");
    }
    assert_eq!((site.names("vendor/inbox"), site.names("spool")), (inbox, spool));
    let mut sql = Sql::open(&site.path("letterpost.db")).await;
    let made = "SELECT name FROM batch UNION ALL SELECT id FROM letter UNION ALL
        SELECT reference FROM request WHERE status IN ('claimed', 'lettered')";
    assert_eq!(sql.column(made).await, Vec::<String>::new(), "nothing was claimed, nothing was minted");
}
