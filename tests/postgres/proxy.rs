//! A network between the program and a server that can be told to go wrong.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::nightly::postgres::Database;

/// What goes wrong.
#[derive(Debug, Clone, Copy)]
pub enum Fault {
    /// From this byte of the program's on nothing goes either way, and no connection ends.
    SilentAfter(u64),
    /// The COMMIT of this number, from 1, reaches the server; its answer does not come back, and all connections end.
    CutAtCommit(u64),
}

/// The network. It stays until the test's process ends.
pub struct Proxy {
    port: u16,
    state: Arc<State>,
    database: String,
}

struct State {
    fault: Fault,
    bytes: AtomicU64,
    commits: AtomicU64,
    has_failed: AtomicBool,
}

impl Proxy {
    /// A network before a database of the tests' cluster.
    pub fn before(database: &Database, fault: Fault) -> Self {
        let url = database.url("owner");
        let (name, rest) = url.strip_prefix("postgres:///").unwrap().split_once("?host=").unwrap();
        let socket = format!("{}/.s.PGSQL.5432", rest.split('&').next().unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State {
            fault,
            bytes: AtomicU64::new(0),
            commits: AtomicU64::new(0),
            has_failed: AtomicBool::new(false),
        });
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (client, server) = (client.unwrap(), UnixStream::connect(&socket).unwrap());
                let state = Arc::clone(&shared);
                std::thread::spawn(move || join(client, server, &state));
            }
        });
        Self { port, state, database: name.to_owned() }
    }

    /// The address of the database behind it.
    pub fn url(&self, login: &str) -> String {
        format!("postgres://{login}@127.0.0.1:{}/{}?sslmode=disable", self.port, self.database)
    }

    /// Whether it has gone wrong.
    pub fn has_failed(&self) -> bool {
        self.state.has_failed.load(Ordering::SeqCst)
    }
}

fn join(client: TcpStream, server: UnixStream, state: &Arc<State>) {
    let (back, forth) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    let shared = Arc::clone(state);
    std::thread::spawn(move || answers(back, forth, &shared));
    let (mut client, mut server) = (client, server);
    let mut bytes = vec![0; 16384];
    while let Ok(count @ 1..) = client.read(&mut bytes) {
        let read = &bytes[..count];
        let sent = state.bytes.fetch_add(count as u64, Ordering::SeqCst);
        match state.fault {
            Fault::SilentAfter(limit) if sent >= limit => {
                state.has_failed.store(true, Ordering::SeqCst);
                std::thread::park();
            }
            Fault::CutAtCommit(number)
                if is_commit(read) && state.commits.fetch_add(1, Ordering::SeqCst) + 1 == number =>
            {
                state.has_failed.store(true, Ordering::SeqCst);
            }
            _ => {}
        }
        if server.write_all(read).is_err() {
            break;
        }
    }
    let _ = server.shutdown(Shutdown::Both);
}

/// Whether these bytes end with the message that commits.
fn is_commit(read: &[u8]) -> bool {
    read.ends_with(b"COMMIT\0")
}

fn answers(mut server: UnixStream, mut client: TcpStream, state: &State) {
    let mut bytes = vec![0; 16384];
    while let Ok(count @ 1..) = server.read(&mut bytes) {
        if state.has_failed.load(Ordering::SeqCst) {
            match state.fault {
                Fault::SilentAfter(_) => std::thread::park(),
                // The server has done it: this would have been its answer.
                Fault::CutAtCommit(_) => break,
            }
        }
        if client.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    let _ = client.shutdown(Shutdown::Both);
    let _ = server.shutdown(Shutdown::Both);
}
