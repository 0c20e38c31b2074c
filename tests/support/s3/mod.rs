//! A real S3 server for the tests, Moto, which checks signatures and rights; and one that is careless.

#![allow(dead_code, reason = "each test file uses its own part of this")]

mod careless;

pub use careless::{Careless, Flaw};

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use letterpost::adapters::object_spool::{BucketPlace, ObjectSpool};

/// The server of this process. It is never dropped: it sees its standard input end with this process.
pub struct Server {
    pub port: u16,
    pub key: String,
    pub secret: String,
    wires: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
    _child: Child,
}

/// The server, started when it is first wanted.
pub fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(Server::start)
}

impl Server {
    fn start() -> Self {
        let mut child = Command::new(python())
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/s3/server.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("'tests/run' brings the Python package 'moto' into target/readers");
        let mut wires = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut line = String::new();
        wires.1.read_line(&mut line).unwrap();
        let words: Vec<&str> = line.split_whitespace().collect();
        let [port, key, secret] = words.as_slice() else { panic!("the S3 server does not start: {line:?}") };
        Self {
            port: port.parse().unwrap(),
            key: (*key).to_owned(),
            secret: (*secret).to_owned(),
            wires: Mutex::new(wires),
            _child: child,
        }
    }

    /// Has the server do something behind everybody's back.
    pub fn obey(&self, command: &str) -> String {
        let mut wires = self.wires.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(wires.0, "{command}").unwrap();
        let mut line = String::new();
        wires.1.read_line(&mut line).unwrap();
        assert!(!line.is_empty(), "{command}");
        line.trim_end().to_owned()
    }

    /// Makes a bucket of this name, which begins with "letters".
    pub fn bucket(&self, name: &str) {
        self.obey(&format!("bucket {name}"));
    }

    /// The keys in a bucket.
    pub fn keys(&self, bucket: &str) -> Vec<String> {
        serde_json::from_str(&self.obey(&format!("keys {bucket}"))).unwrap()
    }

    /// The credentials of its account, as environments name them.
    pub fn credentials(&self) -> [(&str, &str); 2] {
        [("AWS_ACCESS_KEY_ID", &self.key), ("AWS_SECRET_ACCESS_KEY", &self.secret)]
    }
}

/// A bucket behind this port of this machine, whose server is given two seconds for an answer.
pub fn place(port: u16, bucket: &str, prefix: &str) -> BucketPlace {
    BucketPlace {
        bucket: bucket.to_owned(),
        prefix: prefix.to_owned(),
        endpoint: Some(format!("http://127.0.0.1:{port}")),
        region: "us-east-1".to_owned(),
        path_style: true,
        answer_limit: Duration::from_secs(2),
        least_bytes_a_second: 1 << 20,
    }
}

/// A spool there, with these credentials.
pub fn spool(place: BucketPlace, credentials: &[(&str, &str)]) -> ObjectSpool {
    let variable = |name: &str| {
        let found = credentials.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    ObjectSpool::open(place, variable).unwrap()
}

/// The Python of the tests' own environment, where there is one.
fn python() -> PathBuf {
    let target = Path::new(env!("CARGO_BIN_EXE_letterpost")).ancestors().nth(2).unwrap();
    let own = target.join("readers/bin/python");
    if own.exists() { own } else { PathBuf::from("python3") }
}
