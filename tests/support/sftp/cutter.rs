//! A wire to a server that can be cut for good: both of its ends are really closed, or it falls silent.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};

/// What happens to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// Nothing.
    Never,
    /// It is closed after so many bytes, those of both directions counted together.
    At(u64),
    /// It stays open, and nothing comes through any more after so many bytes.
    Silent(u64),
}

/// A wire to a server.
pub struct Cutter {
    port: u16,
    state: Arc<State>,
}

struct State {
    server: u16,
    /// What happens to the connections to come, the first of them first; those after are not cut.
    cuts: Mutex<Vec<Cut>>,
    connections: AtomicU32,
    /// Bytes of the newest connection.
    bytes: AtomicU64,
    /// Sockets that fell silent are kept open.
    silent: Mutex<Vec<TcpStream>>,
}

/// One connection.
struct Wire {
    state: Arc<State>,
    cut: Cut,
    bytes: Mutex<u64>,
    ends: [TcpStream; 2],
}

impl Cutter {
    /// A wire to this port, on which the next connections are cut so.
    pub fn to(server: u16, cuts: &[Cut]) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State {
            server,
            cuts: Mutex::new(cuts.to_vec()),
            connections: AtomicU32::new(0),
            bytes: AtomicU64::new(0),
            silent: Mutex::default(),
        });
        let accepting = Arc::clone(&state);
        // It ends with the test's process.
        std::thread::spawn(move || {
            for client in listener.incoming() {
                connect(&accepting, client.unwrap());
            }
        });
        Self { port, state }
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The next connections are cut so.
    pub fn cut_next(&self, cuts: &[Cut]) {
        *self.state.cuts.lock().unwrap() = cuts.to_vec();
    }

    /// How many connections there were.
    pub fn connections(&self) -> u32 {
        self.state.connections.load(Ordering::SeqCst)
    }

    /// How many bytes went through the newest connection.
    pub fn bytes(&self) -> u64 {
        self.state.bytes.load(Ordering::SeqCst)
    }
}

fn connect(state: &Arc<State>, client: TcpStream) {
    state.connections.fetch_add(1, Ordering::SeqCst);
    state.bytes.store(0, Ordering::SeqCst);
    let mut cuts = state.cuts.lock().unwrap();
    let cut = if cuts.is_empty() { Cut::Never } else { cuts.remove(0) };
    drop(cuts);
    // A server that is away is away for those who come through the wire, too.
    let Ok(server) = TcpStream::connect(("127.0.0.1", state.server)) else { return };
    for end in [&client, &server] {
        end.set_nodelay(true).unwrap();
    }
    let wire = Arc::new(Wire { state: Arc::clone(state), cut, bytes: Mutex::new(0), ends: [client, server] });
    for from in [0, 1] {
        let wire = Arc::clone(&wire);
        std::thread::spawn(move || wire.carry(from));
    }
}

impl Wire {
    /// Carries the bytes of one direction until an end is closed, or the wire is cut.
    fn carry(&self, from: usize) {
        let (mut source, mut target) = (&self.ends[from], &self.ends[1 - from]);
        let mut portion = [0; 8192];
        while let Ok(read @ 1..) = source.read(&mut portion) {
            let allowed = self.allow(read);
            if target.write_all(&portion[..allowed]).is_err() {
                break;
            }
            if allowed < read {
                match self.cut {
                    Cut::Silent(_) => {
                        let kept = self.ends.iter().map(|end| end.try_clone().unwrap());
                        self.state.silent.lock().unwrap().extend(kept);
                        // For ever: the other side must not wait so long.
                        let (_never, clock) = mpsc::channel::<()>();
                        let _ = clock.recv();
                        return;
                    }
                    _ => break,
                }
            }
        }
        for end in &self.ends {
            let _ = end.shutdown(Shutdown::Both);
        }
    }

    /// How many of these bytes may pass.
    fn allow(&self, read: usize) -> usize {
        let mut bytes = self.bytes.lock().unwrap();
        let room = match self.cut {
            Cut::Never => u64::MAX,
            Cut::At(most) | Cut::Silent(most) => most.saturating_sub(*bytes),
        };
        let allowed = read.min(usize::try_from(room).unwrap_or(usize::MAX));
        *bytes += allowed as u64;
        self.state.bytes.store(*bytes, Ordering::SeqCst);
        allowed
    }
}
