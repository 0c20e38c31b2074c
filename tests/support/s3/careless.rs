//! An S3 server that keeps objects in memory and is careless in one way, for what no good server can be brought to do.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// What is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// It does not know `If-None-Match`.
    WritesOver,
    /// It keeps the first half of what it is given, and says that all is well.
    KeepsHalf,
    /// It does the first write, and does not say so.
    LosesAnswer,
    /// It says that it is busy, once for each kind of request.
    Busy,
    /// Its list has no end.
    EndlessList,
}

/// The server; it ends with the test's process.
pub struct Careless {
    pub port: u16,
    kept: Arc<Mutex<Kept>>,
}

struct Kept {
    flaw: Flaw,
    objects: BTreeMap<String, Vec<u8>>,
    /// The methods of all requests so far.
    asked: Vec<String>,
}

/// A request: its method, the path without its bucket, whether the name must be free, and the body.
struct Request {
    method: String,
    key: String,
    range: Option<(usize, usize)>,
    if_none_match: bool,
    body: Vec<u8>,
}

impl Careless {
    pub fn with(flaw: Flaw) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let kept = Arc::new(Mutex::new(Kept { flaw, objects: BTreeMap::new(), asked: Vec::new() }));
        let serving = Arc::clone(&kept);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let kept = Arc::clone(&serving);
                std::thread::spawn(move || serve(&kept, client.unwrap()));
            }
        });
        Self { port, kept }
    }

    /// The methods of all requests so far.
    pub fn asked(&self) -> Vec<String> {
        self.kept.lock().unwrap().asked.clone()
    }
}

fn serve(kept: &Mutex<Kept>, client: TcpStream) {
    let mut reader = BufReader::new(client.try_clone().unwrap());
    let mut writer = client;
    while let Some(request) = read(&mut reader) {
        let Some((status, headers, body)) = kept.lock().unwrap().answer(&request) else { return };
        let is_head = request.method == "HEAD";
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\n{headers}\r\n", body.len());
        let sent =
            writer.write_all(head.as_bytes()).and_then(|()| if is_head { Ok(()) } else { writer.write_all(&body) });
        if sent.is_err() {
            return;
        }
    }
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let (mut length, mut range, mut if_none_match) = (0, None, false);
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().ok()?,
            "if-none-match" => if_none_match = true,
            "range" => {
                let (start, last) = value.strip_prefix("bytes=")?.split_once('-')?;
                range = Some((start.parse().ok()?, last.parse().ok()?));
            }
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let path = target.split('?').next()?.trim_start_matches('/');
    let key = path.split_once('/').map_or("", |(_, key)| key).to_owned();
    Some(Request { method, key, range, if_none_match, body })
}

type Answer = (&'static str, String, Vec<u8>);

const DATE: &str = "Last-Modified: Mon, 02 Mar 2026 12:00:00 GMT\r\nETag: \"1\"\r\n";

impl Kept {
    /// The answer; `None` where the connection is closed without one.
    fn answer(&mut self, request: &Request) -> Option<Answer> {
        let is_first = !self.asked.contains(&request.method);
        self.asked.push(request.method.clone());
        if self.flaw == Flaw::Busy && is_first {
            return Some(("503 Service Unavailable", String::new(), b"<Error><Code>SlowDown</Code></Error>".to_vec()));
        }
        let nothing = |status| Some((status, DATE.to_owned(), Vec::new()));
        match (request.method.as_str(), self.objects.get(&request.key)) {
            ("PUT", Some(_)) if request.if_none_match && self.flaw != Flaw::WritesOver => {
                nothing("412 Precondition Failed")
            }
            ("PUT", _) => {
                let most = if self.flaw == Flaw::KeepsHalf { request.body.len() / 2 } else { request.body.len() };
                self.objects.insert(request.key.clone(), request.body[..most].to_vec());
                if self.flaw == Flaw::LosesAnswer && is_first { None } else { nothing("200 OK") }
            }
            ("DELETE", _) => {
                self.objects.remove(&request.key);
                nothing("204 No Content")
            }
            ("GET", None) if request.key.is_empty() => Some(("200 OK", String::new(), self.list().into_bytes())),
            (_, None) => nothing("404 Not Found"),
            ("HEAD", Some(bytes)) => Some(("200 OK", DATE.to_owned(), bytes.clone())),
            (_, Some(bytes)) => {
                let (start, last) = request.range.unwrap();
                let headers = format!("{DATE}Content-Range: bytes {start}-{last}/{}\r\n", bytes.len());
                Some(("206 Partial Content", headers, bytes.get(start..=last)?.to_vec()))
            }
        }
    }

    fn list(&self) -> String {
        let object = |key: &String| {
            format!(
                "<Contents><Key>{key}</Key><Size>1</Size><LastModified>2026-03-02T12:00:00.000Z</LastModified></Contents>"
            )
        };
        let objects: String = self.objects.keys().map(object).collect();
        let next =
            if self.flaw == Flaw::EndlessList { "<NextContinuationToken>again</NextContinuationToken>" } else { "" };
        format!("<ListBucketResult>{objects}{next}</ListBucketResult>")
    }
}
