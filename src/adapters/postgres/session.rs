//! A session that holds locks. The server frees them when it ends: with the process, or when the machine is not heard of.
//!
//! It lives on a thread with a runtime of its own, so that it can be ended wherever it is dropped, and the locks are free when
//! that returns. A machine that is cut off is noticed by the server within forty seconds (`address`).

use std::thread::JoinHandle;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions as _, Connection as _};
use tokio::sync::{mpsc as asks, oneshot};

use super::ledger::failed;
use crate::ports::ledger::{LedgerError, LedgerResult};

/// How long the server is asked for a session, or for an answer.
const LIMIT: Duration = Duration::from_secs(30);
/// How long it is told that the session ends.
const FAREWELL: Duration = Duration::from_secs(2);
/// What the names of all locks begin with.
const PRODUCT: &str = "letterpost";
/// The longest name that PostgreSQL keeps of a session.
const MOST_NAME: usize = 63;
/// What the session that holds a lock says of itself: the largest of none or one. As `is_locked` of the schema, which may not be
/// there yet.
const HOLDER: &str = "SELECT coalesce(max(application_name), '')
    FROM pg_locks JOIN pg_stat_activity USING (pid),
        (SELECT hashtextextended($1, 0) AS number) AS lock
    WHERE locktype = 'advisory' AND granted AND objsubid = 1
      AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND classid = CAST((number >> 32) & 4294967295 AS OID) AND objid = CAST(number & 4294967295 AS OID)";
/// What it is doing, for errors.
const DOING: &str = "asked for a lock";

/// A question whose answer is one text: a statement, its value, and where the answer goes.
struct Ask {
    statement: &'static str,
    value: String,
    answer: oneshot::Sender<sqlx::Result<String>>,
}

/// A session of its own.
pub(super) struct Session {
    asks: Option<asks::UnboundedSender<Ask>>,
    keeper: Option<JoinHandle<()>>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Session")
    }
}

impl Session {
    /// Opens one that others see under this name.
    ///
    /// # Errors
    /// Where the server cannot be reached.
    pub(super) async fn open(options: PgConnectOptions, mut name: String) -> LedgerResult<Self> {
        while name.len() > MOST_NAME {
            name.pop();
        }
        let options = options.application_name(&name);
        let (asks, asked) = asks::unbounded_channel();
        let (opened, is_open) = oneshot::channel();
        let keeper = std::thread::Builder::new()
            .name("session".to_owned())
            .spawn(move || keep(&options, opened, asked))
            .map_err(|error| LedgerError::Unavailable { doing: DOING, reason: error.to_string() })?;
        let session = Self { asks: Some(asks), keeper: Some(keeper) };
        is_open.await.map_err(|_| gone())?.map_err(failed("reached its server"))?;
        Ok(session)
    }

    /// Takes the lock of this name if nobody has it. Locks stay until the session ends.
    ///
    /// # Errors
    /// Where the session is lost.
    pub(super) async fn try_lock(&self, name: &str) -> LedgerResult<bool> {
        Ok(self.ask("SELECT CAST(pg_try_advisory_lock(hashtextextended($1, 0)) AS TEXT)", &in_full(name)).await?
            == "true")
    }

    /// What whoever has the lock of this name says of itself; empty where nobody has it.
    ///
    /// # Errors
    /// Where the session is lost.
    pub(super) async fn holder(&self, name: &str) -> LedgerResult<String> {
        self.ask(HOLDER, &in_full(name)).await
    }

    /// Says of itself what it does and since when.
    ///
    /// # Errors
    /// Where the session is lost.
    pub(super) async fn say(&self, what: &str) -> LedgerResult<()> {
        let statement = "SELECT set_config('application_name', left(replace($1, '{}',
            to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI')), 63), FALSE)";
        self.ask(statement, what).await.map(drop)
    }

    /// A name that no other session has.
    ///
    /// # Errors
    /// Where the session is lost.
    pub(super) async fn own_name(&self) -> LedgerResult<String> {
        self.ask("SELECT $1 || CAST(gen_random_uuid() AS TEXT)", "session-").await
    }

    async fn ask(&self, statement: &'static str, value: &str) -> LedgerResult<String> {
        let (answer, answered) = oneshot::channel();
        let ask = Ask { statement, value: value.to_owned(), answer };
        self.asks.as_ref().ok_or_else(gone)?.send(ask).map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?.map_err(failed(DOING))
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // The keeper ends when nobody can ask any more; it takes the session with it, in a moment or at its limit.
        drop(self.asks.take());
        if let Some(keeper) = self.keeper.take() {
            let _ = keeper.join();
        }
    }
}

/// A lock's name as the schema's `is_locked` makes it: the number of a lock is made of this.
fn in_full(name: &str) -> String {
    format!("{PRODUCT} lock {name}")
}

fn gone() -> LedgerError {
    LedgerError::Unavailable { doing: DOING, reason: "its session was lost".to_owned() }
}

/// Opens the connection, answers what is asked, and ends it.
fn keep(
    options: &PgConnectOptions,
    opened: oneshot::Sender<sqlx::Result<()>>,
    mut asked: asks::UnboundedReceiver<Ask>,
) {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            let _ = opened.send(Err(sqlx::Error::Io(error)));
            return;
        }
    };
    runtime.block_on(async {
        let mut connection = match within(options.connect()).await {
            Ok(connection) => connection,
            Err(error) => {
                let _ = opened.send(Err(error));
                return;
            }
        };
        let _ = opened.send(Ok(()));
        while let Some(Ask { statement, value, answer }) = asked.recv().await {
            let _ = answer.send(within(answer_of(&mut connection, statement, value)).await);
        }
        let _ = tokio::time::timeout(FAREWELL, connection.close()).await;
    });
}

async fn answer_of(connection: &mut PgConnection, statement: &'static str, value: String) -> sqlx::Result<String> {
    let (answer,): (String,) = sqlx::query_as(statement).bind(value).fetch_one(connection).await?;
    Ok(answer)
}

/// What the server says within the limit.
async fn within<T>(asked: impl Future<Output = sqlx::Result<T>>) -> sqlx::Result<T> {
    tokio::time::timeout(LIMIT, asked).await.unwrap_or_else(|_| {
        let silence = format!("the server did not answer within {} seconds", LIMIT.as_secs());
        Err(sqlx::Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, silence)))
    })
}
