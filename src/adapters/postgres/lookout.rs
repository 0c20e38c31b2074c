//! A lookout beside a ledger: it asks the server now and then whether it is there. A network that fell silent ends no statement, as
//! the server's own deadlines do not reach us any more; so whoever waits is told here that nobody will answer.

use std::sync::OnceLock;
use std::time::Duration;

use sqlx::{Connection as _, PgConnection};
use tokio::sync::watch;

use super::address::PostgresAddress;
use super::db::Pool;
use crate::ports::ledger::LedgerError;

/// Says once for the whole process that the server fell silent, and for how many seconds.
fn word() -> &'static watch::Sender<Option<u64>> {
    static WORD: OnceLock<watch::Sender<Option<u64>>> = OnceLock::new();
    WORD.get_or_init(|| watch::Sender::new(None))
}

/// Ends when a ledger's server has fallen silent, and says so.
pub async fn silence() -> LedgerError {
    let mut word = word().subscribe();
    let seconds = match word.wait_for(Option::is_some).await {
        Ok(told) => told.unwrap_or_default(),
        // The word is never taken away.
        Err(_) => std::future::pending().await,
    };
    LedgerError::Unavailable {
        doing: "waited for its server",
        reason: format!("the server did not answer for {seconds} seconds, not even the question whether it is there"),
    }
}

/// Looks out for the server behind these connections until they are closed.
pub(super) fn look_out(address: &PostgresAddress, pool: &Pool) {
    let (address, closed) = (address.clone(), pool.close_event());
    tokio::spawn(async move {
        tokio::select! {
            () = closed => {}
            silent_for = watched(&address) => {
                word().send_replace(Some(silent_for.as_secs()));
            }
        }
    });
}

/// Asks again and again, on a connection of its own. A server that says no, or a connection that breaks, is no silence: whoever
/// works hears that as well.
async fn watched(address: &PostgresAddress) -> Duration {
    let limit = address.limits().connect;
    let mut connection: Option<PgConnection> = None;
    loop {
        tokio::time::sleep(limit).await;
        let asked = tokio::time::timeout(limit, ask(address, connection.take())).await;
        match asked {
            Ok(kept) => connection = kept,
            Err(_) => return limit,
        }
    }
}

/// The connection, if it is good.
async fn ask(address: &PostgresAddress, connection: Option<PgConnection>) -> Option<PgConnection> {
    let mut connection = match connection {
        Some(connection) => connection,
        // Its own limit is as long as that of the whole question, which ends first or as well.
        None => sqlx::ConnectOptions::connect(&address.options()).await.ok()?,
    };
    connection.ping().await.ok()?;
    Some(connection)
}
