//! A port of this machine on which programs ask how the daemon is: HTTP/1.1, one answer a connection, a few at a time.
//!
//! Whoever asks is bounded: in connections, in the bytes of a question, and in the time that one may take.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// Connections at once; further ones wait their turn in the system's queue.
const MOST_CONNECTIONS: usize = 8;
/// The longest question, with its headers.
const LONGEST_QUESTION_BYTES: usize = 8 << 10;
/// The longest that a question may take to arrive.
const QUESTION_LIMIT: Duration = Duration::from_secs(5);
/// The longest that a connection may take altogether.
const CONNECTION_LIMIT: Duration = Duration::from_secs(15);
/// After a failure to accept, such as too many open files, the next try waits.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);

/// What is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// What the body is.
    pub content_type: &'static str,
    /// The body.
    pub body: String,
}

impl Answer {
    /// A line of text.
    #[must_use]
    pub fn text(status: u16, line: &str) -> Self {
        Self { status, content_type: "text/plain; charset=utf-8", body: format!("{line}\n") }
    }
}

/// Who knows the answers.
#[async_trait]
pub trait Answers: Send + Sync {
    /// The answer for a path.
    async fn answer(&self, path: &str) -> Answer;
}

/// The port, open.
#[derive(Debug)]
pub struct HealthPort {
    listener: TcpListener,
}

impl HealthPort {
    /// Opens the port.
    ///
    /// # Errors
    /// Where another program has it, or the system refuses it.
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        Ok(Self { listener: TcpListener::bind(address).await? })
    }

    /// Where it listens: the port that the system chose, if it was asked for any.
    ///
    /// # Errors
    /// Where the system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers for ever.
    pub async fn serve(self, answers: Arc<dyn Answers>) {
        let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
        while let Ok(place) = Arc::clone(&room).acquire_owned().await {
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    let answers = Arc::clone(&answers);
                    tokio::spawn(async move {
                        // Who takes too long is left; so is who breaks the protocol.
                        let _ = tokio::time::timeout(CONNECTION_LIMIT, answer_one(stream, answers)).await;
                        drop(place);
                    });
                }
                Err(_) => tokio::time::sleep(ACCEPT_PAUSE).await,
            }
        }
    }
}

async fn answer_one(stream: TcpStream, answers: Arc<dyn Answers>) -> hyper::Result<()> {
    let service = service_fn(move |question: Request<Incoming>| {
        let answers = Arc::clone(&answers);
        async move { Ok::<_, Infallible>(respond(&question, answers.as_ref()).await) }
    });
    hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(QUESTION_LIMIT)
        .max_buf_size(LONGEST_QUESTION_BYTES)
        .keep_alive(false)
        .serve_connection(TokioIo::new(stream), service)
        .await
}

/// A body that comes with a question is not read.
async fn respond(question: &Request<Incoming>, answers: &dyn Answers) -> Response<Full<Bytes>> {
    if !matches!(*question.method(), Method::GET | Method::HEAD) {
        let mut response = response(Answer::text(405, "only GET and HEAD"));
        response.headers_mut().insert(ALLOW, hyper::header::HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    response(answers.answer(question.uri().path()).await)
}

fn response(answer: Answer) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(answer.body)));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static(answer.content_type));
    headers.insert(CACHE_CONTROL, hyper::header::HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    struct Echo;

    #[async_trait]
    impl Answers for Echo {
        async fn answer(&self, path: &str) -> Answer {
            Answer::text(if path == "/health" { 200 } else { 404 }, path)
        }
    }

    async fn port() -> SocketAddr {
        let port = HealthPort::open("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let address = port.address().unwrap();
        tokio::spawn(port.serve(Arc::new(Echo)));
        address
    }

    async fn ask(address: SocketAddr, question: &[u8]) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        // A server that has had enough closes before it has read all.
        let _ = stream.write_all(question).await;
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8_lossy(&answer).into_owned()
    }

    #[tokio::test]
    async fn a_path_is_answered_and_the_connection_closed() {
        let address = port().await;
        let answer = ask(address, b"GET /health?x=1 HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.ends_with("\r\n\r\n/health\n"), "{answer}");
        assert!(answer.contains("connection: close"), "{answer}");
        let head = ask(address, b"HEAD /health HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n") && head.ends_with("\r\n\r\n"), "{head}");
    }

    #[tokio::test]
    async fn what_is_no_question_gets_no_answer_of_ours() {
        let address = port().await;
        let posted = ask(address, b"POST /health HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi").await;
        assert!(posted.starts_with("HTTP/1.1 405 "), "{posted}");
        assert!(ask(address, b"nonsense\r\n\r\n").await.starts_with("HTTP/1.1 400 "));
        let mut long = b"GET / HTTP/1.1\r\nX: ".to_vec();
        long.resize(LONGEST_QUESTION_BYTES * 4, b'x');
        assert!(!ask(address, &long).await.contains(" 200 "));
    }

    #[tokio::test]
    async fn those_who_only_hold_the_line_leave_room_in_the_end() {
        let address = port().await;
        let mut silent = Vec::new();
        for _ in 0..MOST_CONNECTIONS {
            silent.push(TcpStream::connect(address).await.unwrap());
        }
        let waits = tokio::spawn(ask(address, b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n"));
        drop(silent);
        assert!(waits.await.unwrap().starts_with("HTTP/1.1 200 OK"));
    }
}
