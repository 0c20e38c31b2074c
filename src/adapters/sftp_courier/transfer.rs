//! Whole files, both ways: several requests are under way at once, in the order of the file, within bounded memory.

use std::collections::VecDeque;
use std::future::{Future, poll_fn, ready};
use std::pin::Pin;
use std::task::Poll;

use russh_sftp::client::error::Error as SftpError;
use russh_sftp::protocol::OpenFlags;
use sha2::{Digest as _, Sha256};
use tokio::time::timeout;

use super::fault::Fault;
use super::place::SftpPlace;
use super::session::{Handle, Session};

/// So many bytes are under way at once: what OpenSSH's own window holds.
const BYTES_UNDER_WAY: u32 = 2 << 20;
/// More requests are not.
const MOST_UNDER_WAY: usize = 64;

/// Requests that were sent, the oldest first.
struct UnderWay<'a, T> {
    requests: VecDeque<Pin<Box<dyn Future<Output = T> + Send + 'a>>>,
    most: usize,
}

impl<'a, T: Send + 'a> UnderWay<'a, T> {
    fn of_portions(portion_bytes: u32) -> Self {
        let most = usize::try_from(BYTES_UNDER_WAY / portion_bytes.max(1)).unwrap_or(1);
        Self { requests: VecDeque::new(), most: most.clamp(1, MOST_UNDER_WAY) }
    }

    fn is_full(&self) -> bool {
        self.requests.len() >= self.most
    }

    /// Sends a request. A future does nothing before it is polled, so this polls once: what is sent first goes first.
    async fn send(&mut self, request: impl Future<Output = T> + Send + 'a) {
        let mut request: Pin<Box<dyn Future<Output = T> + Send + 'a>> = Box::pin(request);
        if let Poll::Ready(answer) = poll_fn(|context| Poll::Ready(request.as_mut().poll(context))).await {
            request = Box::pin(ready(answer));
        }
        self.requests.push_back(request);
    }

    /// The oldest request, if any.
    fn next(&mut self) -> Option<Pin<Box<dyn Future<Output = T> + Send + 'a>>> {
        self.requests.pop_front()
    }
}

/// Writes a file whole under this path, in the place of one that may be there, and brings it to the disk.
pub(super) async fn write_whole(session: &Session, place: &SftpPlace, path: &str, bytes: &[u8]) -> Result<(), Fault> {
    let limit = place.transfer_limit(bytes.len() as u64);
    let flags = OpenFlags::WRITE | OpenFlags::CREATE | OpenFlags::TRUNCATE;
    timeout(limit, async {
        let file = session.open_file("write", path, flags).await?;
        let written = write_portions(session, path, &file, bytes).await;
        close_after(session, path, file, written).await
    })
    .await
    .unwrap_or_else(|_| Err(too_slow(path, limit)))
}

async fn write_portions(session: &Session, path: &str, file: &Handle, bytes: &[u8]) -> Result<(), Fault> {
    let mut under_way = UnderWay::<Result<(), SftpError>>::of_portions(session.write_bytes);
    let mut offset = 0;
    for portion in bytes.chunks(session.write_bytes as usize) {
        if under_way.is_full()
            && let Some(answer) = under_way.next()
        {
            session.ask("write", path, answer).await?;
        }
        under_way.send(session.write(file, offset, portion.to_vec())).await;
        offset += portion.len() as u64;
    }
    while let Some(answer) = under_way.next() {
        session.ask("write", path, answer).await?;
    }
    session.sync(path, file).await
}

/// Reads a file to its end, at most `most_bytes` of it, and gives each portion to `take`.
pub(super) async fn read_whole(
    session: &Session,
    place: &SftpPlace,
    path: &str,
    most_bytes: u64,
    mut take: impl FnMut(&[u8]) + Send,
) -> Result<(), Fault> {
    let limit = place.transfer_limit(most_bytes);
    timeout(limit, async {
        let file = session.open_file("read", path, OpenFlags::READ).await?;
        let read = async {
            let length = session.length(path, &file).await?.unwrap_or(most_bytes).min(most_bytes);
            read_portions(session, path, &file, length, &mut take).await
        };
        let read = read.await;
        close_after(session, path, file, read).await
    })
    .await
    .unwrap_or_else(|_| Err(too_slow(path, limit)))
}

/// Closes a file whatever was done with it, unless there is nobody left to tell.
async fn close_after(session: &Session, path: &str, file: Handle, done: Result<(), Fault>) -> Result<(), Fault> {
    if matches!(done, Err(Fault::Lost(_))) {
        return done;
    }
    let closed = session.close_file(path, file).await;
    done.and(closed)
}

async fn read_portions(
    session: &Session,
    path: &str,
    file: &Handle,
    length: u64,
    take: &mut (impl FnMut(&[u8]) + Send),
) -> Result<(), Fault> {
    let mut under_way = UnderWay::<Result<Vec<u8>, SftpError>>::of_portions(session.read_bytes);
    let mut asked = VecDeque::new();
    let mut offset = 0;
    loop {
        while offset < length && !under_way.is_full() {
            let portion = u32::try_from(length - offset).unwrap_or(u32::MAX).min(session.read_bytes);
            under_way.send(session.read(file, offset, portion)).await;
            asked.push_back((offset, portion));
            offset += u64::from(portion);
        }
        let (Some(answer), Some((from, wanted))) = (under_way.next(), asked.pop_front()) else { return Ok(()) };
        let mut bytes = session.ask("read", path, answer).await?;
        let (mut from, mut wanted) = (from, wanted as usize);
        // A server may give less than was asked for; the rest is asked for again. Nothing is the file's end.
        loop {
            bytes.truncate(wanted);
            take(&bytes);
            wanted -= bytes.len();
            from += bytes.len() as u64;
            if wanted == 0 {
                break;
            }
            if bytes.is_empty() {
                return Ok(());
            }
            let rest = u32::try_from(wanted).unwrap_or(u32::MAX);
            bytes = session.ask("read", path, session.read(file, from, rest)).await?;
        }
    }
}

/// The length and the SHA-256, in hexadecimal, of the first `most_bytes` of a file.
pub(super) async fn digest(
    session: &Session,
    place: &SftpPlace,
    path: &str,
    most_bytes: u64,
) -> Result<(u64, String), Fault> {
    let (mut length, mut digest) = (0, Sha256::new());
    read_whole(session, place, path, most_bytes, |portion| {
        length += portion.len() as u64;
        digest.update(portion);
    })
    .await?;
    Ok((length, hex::encode(digest.finalize())))
}

fn too_slow(path: &str, limit: std::time::Duration) -> Fault {
    Fault::Lost(format!("the transfer of {path} was not over within {} s", limit.as_secs()))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[tokio::test]
    async fn requests_are_sent_in_order_before_anybody_waits_for_them() {
        let sent = Mutex::new(Vec::new());
        let request = async |number: u32| {
            sent.lock().unwrap().push(number);
            tokio::task::yield_now().await;
            number
        };
        let mut under_way = UnderWay::<u32>::of_portions(BYTES_UNDER_WAY / 3);
        for number in 1..=3 {
            assert!(!under_way.is_full());
            under_way.send(request(number)).await;
        }
        assert!(under_way.is_full());
        assert_eq!(*sent.lock().unwrap(), [1, 2, 3]);
        let mut answers = Vec::new();
        while let Some(answer) = under_way.next() {
            answers.push(answer.await);
        }
        assert_eq!(answers, [1, 2, 3]);
    }

    #[test]
    fn memory_is_bounded_whatever_the_portion() {
        for portion in [1, 1000, 32 << 10, 128 << 10, 2 << 20, u32::MAX] {
            let most = UnderWay::<()>::of_portions(portion).most;
            assert!((1..=MOST_UNDER_WAY).contains(&most));
            assert!(most == 1 || most as u64 * u64::from(portion) <= u64::from(BYTES_UNDER_WAY));
        }
    }
}
