//! Sites on SQLite that are to move, and what is looked at on both sides.

use std::path::Path;

use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection};

use super::nightly::TestSite;
use super::nightly::postgres::Database;

const MONDAY_NIGHT: &str = "2026-03-02T22:30:00-05:00";

/// A site with letters mailed, returned, pulled and corrected, and a request that waits in the portal's table.
pub fn worked_site() -> TestSite {
    let site = TestSite::after_the_night(MONDAY_NIGHT);
    site.clock("2026-03-03T15:00:00-05:00");
    let packages = site.packages();
    let letters = |package: &str| {
        let of = "SELECT letter.id FROM letter JOIN batch ON batch.id = batch_id WHERE name = ";
        site.rows(&format!("{of} '{package}' ORDER BY sequence"))
    };
    let by = ["--by", "Robin Sample"];
    let decided = |words: &[&str]| site.run(&[words, &by].concat()).done();
    decided(&["batch", "pull", &letters(&packages[1])[0][0], "--reason", "wrong insert"]);
    let mailed = letters(&packages[0]);
    site.receipt(&packages[0], &[]).done();
    site.clock("2026-03-06T09:00:00-05:00");
    decided(&["letter", "correct", &mailed[1][0], "--mailed-on", "2026-03-04", "--reason", "it lay \\ there"]);
    decided(&["letter", "returned", &mailed[2][0], "--on", "2026-03-06", "--reason", "moved"]);
    // As a second person settled it: on SQLite nobody knows the logins.
    site.tamper(&format!(
        "INSERT INTO letter_correction (letter_id, old_mailed_on, new_mailed_on, reason, asked_by, asked_at, status,
             settled_by, settled_at)
         VALUES ('{}', '2026-03-03', '2026-03-04', 'x', 'Robin Sample', '2026-03-06T14:00:00Z', 'dropped', 'Kim Sample',
             '2026-03-06T14:00:00Z')",
        mailed[3][0]
    ));
    site.run(&["checkpoint"]).done();
    site.run(&["ledger", "backup"]).done();
    in_file(&site.path("intake.db"), &waiting("WAITS-1")).unwrap();
    site
}

/// A statement with which a portal hands a request over.
pub fn waiting(reference: &str) -> String {
    format!(
        "INSERT INTO mail_requests (reference, username, full_name, address_line_1, city, state, postal_code, second_factor,
             requested_at)
         VALUES ('{reference}', '{reference}@example.com', 'Waiting Sample', '1 Example Street', 'Springfield', 'IL', '62701',
             'email', '2026-03-06T08:00:00-05:00')"
    )
}

/// Runs a statement on a file of SQLite.
pub fn in_file(path: &Path, statement: &str) -> Result<(), sqlx::Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut file = SqliteConnection::connect(path.to_str().unwrap()).await?;
        sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut file).await?;
        file.close().await
    })
}

/// Entries of the log that a database holds.
pub fn entries(database: &Database) -> u64 {
    database.rows("SELECT count(*) FROM audit_entry")[0][0].parse().unwrap()
}
