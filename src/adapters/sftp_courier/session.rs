//! A session of the SSH File Transfer Protocol, version 3, with a deadline on every answer.

use std::collections::HashMap;
use std::time::Duration;

use russh_sftp::client::error::Error as SftpError;
use russh_sftp::client::rawsession::Limits;
use russh_sftp::client::{Config, RawSftpSession};
use russh_sftp::extensions::{FSYNC, LIMITS, STATVFS};
use russh_sftp::protocol::{FileAttributes, OpenFlags, Packet, StatusCode};
use tokio::time::timeout;

use super::fault::{Fault, Refused};
use super::place::SftpPlace;
use super::refusal::refusal;
use super::ssh::{Line, showable};
use crate::ports::CourierError;

/// The version of the protocol that is spoken.
const VERSION: u32 = 3;
/// The extension that renames in one step, over what may be there.
const POSIX_RENAME: &str = "posix-rename@openssh.com";
/// What every server reads and writes in one request.
const USUAL_PORTION_BYTES: u64 = 32 << 10;
/// No more than this even where the server allows it.
const MOST_PORTION_BYTES: u64 = 128 << 10;
/// The room that a request needs beside its bytes.
const REQUEST_ROOM_BYTES: u64 = 1024;
/// No answer may be larger: that of a full listing, or of one portion.
const MOST_ANSWER_BYTES: u32 = 256 << 10;
/// The library's own limit of a wait. It is never reached: each wait here has a shorter one.
const LIBRARY_LIMIT_SECONDS: u64 = 24 * 3600;
/// A connection that is told to hang up does so at once.
const HANG_UP_LIMIT: Duration = Duration::from_secs(5);
/// One that did not come about says why at once, and so does one that is lost; one that fell silent says nothing.
const REFUSED_LIMIT: Duration = Duration::from_secs(2);
const LOST_LIMIT: Duration = Duration::from_millis(500);
/// What a text becomes where bytes are no UTF-8.
const REPLACEMENT: char = '\u{fffd}';

/// A session that is open.
pub(super) struct Session {
    sftp: RawSftpSession,
    line: Line,
    answer_limit: Duration,
    /// Whether a rename can be one step.
    pub has_posix_rename: bool,
    /// Whether the server can be told to bring a file to its disk.
    pub has_fsync: bool,
    has_statvfs: bool,
    /// The most bytes of one read.
    pub read_bytes: u32,
    /// The most bytes of one write.
    pub write_bytes: u32,
}

/// A file or folder that is open on the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Handle(String);

impl Session {
    /// Connects, logs in and agrees on the protocol.
    pub(super) async fn open(place: &SftpPlace) -> Result<Self, CourierError> {
        let (line, stream) = Line::start(place).map_err(|error| CourierError::stop(error.to_string()))?;
        let config = Config {
            max_packet_len: MOST_ANSWER_BYTES,
            request_timeout_secs: LIBRARY_LIMIT_SECONDS,
            ..Config::default()
        };
        let sftp = RawSftpSession::new_with_config(stream, config);
        let mut session = Self {
            sftp,
            line,
            answer_limit: place.answer_limit,
            has_posix_rename: false,
            has_fsync: false,
            has_statvfs: false,
            read_bytes: 0,
            write_bytes: 0,
        };
        match session.agree(place.connect_limit).await {
            Ok(()) => Ok(session),
            Err(Fault::Lost(seen)) => Err(session.lost(place, &seen, false).await),
            Err(Fault::Told(error)) => Err(error),
            Err(Fault::Refused(refused)) => Err(CourierError::stop(format!("{place} speaks no SFTP: {refused}"))),
        }
    }

    /// Version, extensions and limits.
    async fn agree(&mut self, limit: Duration) -> Result<(), Fault> {
        let answer = timeout(limit, self.sftp.init()).await;
        let answer = answer.map_err(|_| Fault::Lost(format!("no connection within {} s", limit.as_secs())))?;
        let version = answer.map_err(|error| lost(&error))?;
        if version.version < VERSION {
            return Err(Fault::Told(CourierError::stop(format!(
                "the server speaks version {} of SFTP, and at least {VERSION} is needed; ask the vendor for a newer one",
                version.version
            ))));
        }
        let has = |name, at: &str, known: &HashMap<String, String>| known.get(name).is_some_and(|found| found == at);
        self.has_posix_rename = has(POSIX_RENAME, "1", &version.extensions);
        self.has_fsync = has(FSYNC, "1", &version.extensions);
        self.has_statvfs = has(STATVFS, "2", &version.extensions);
        let limits = if has(LIMITS, "1", &version.extensions) {
            Limits::from(self.ask("ask for the limits of", "the server", self.sftp.limits()).await?)
        } else {
            Limits::default()
        };
        let packet = limits.packet_len.unwrap_or(u64::MAX).saturating_sub(REQUEST_ROOM_BYTES);
        let portion = |most: Option<u64>| {
            let most = most.unwrap_or(USUAL_PORTION_BYTES).min(packet).clamp(1, MOST_PORTION_BYTES);
            u32::try_from(most).unwrap_or(u32::MAX)
        };
        self.read_bytes = portion(limits.read_len);
        self.write_bytes = portion(limits.write_len);
        Ok(())
    }

    /// Waits for one answer.
    pub(super) async fn ask<T>(
        &self,
        doing: &'static str,
        path: &str,
        request: impl Future<Output = Result<T, SftpError>>,
    ) -> Result<T, Fault> {
        match timeout(self.answer_limit, request).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(SftpError::Status(status))) => Err(Fault::Refused(Refused {
                doing,
                path: path.to_owned(),
                code: status.status_code,
                text: showable(status.error_message.as_bytes()),
            })),
            Ok(Err(error)) => Err(lost(&error)),
            Err(_) => Err(Fault::Lost(format!(
                "no answer within {} s to the request to {doing} {path}",
                self.answer_limit.as_secs()
            ))),
        }
    }

    /// Opens a file.
    pub(super) async fn open_file(&self, doing: &'static str, path: &str, flags: OpenFlags) -> Result<Handle, Fault> {
        // What others may do with the file is the server's rule for this account.
        let opened = self.ask(doing, path, self.sftp.open(path, flags, FileAttributes::empty())).await?;
        handle(opened.handle)
    }

    /// What is under a path; a link is itself. `None` where there is nothing.
    pub(super) async fn look_at(&self, path: &str) -> Result<Option<FileAttributes>, Fault> {
        match self.ask("look at", path, self.sftp.lstat(path)).await {
            Ok(found) => Ok(Some(found.attrs)),
            Err(Fault::Refused(refused)) if refused.code == StatusCode::NoSuchFile => Ok(None),
            Err(fault) => Err(fault),
        }
    }

    /// What is under a path; a link is what it leads to.
    pub(super) async fn follow(&self, path: &str) -> Result<FileAttributes, Fault> {
        Ok(self.ask("look into", path, self.sftp.stat(path)).await?.attrs)
    }

    /// The length of an open file, if the server says.
    pub(super) async fn length(&self, path: &str, file: &Handle) -> Result<Option<u64>, Fault> {
        Ok(self.ask("measure", path, self.sftp.fstat(&file.0)).await?.attrs.size)
    }

    /// Sends a part of a file; the wait for its answer is the caller's.
    pub(super) async fn write(&self, file: &Handle, offset: u64, bytes: Vec<u8>) -> Result<(), SftpError> {
        self.sftp.write(&file.0, offset, bytes).await.map(|_| ())
    }

    /// Asks for a part of a file; the wait for its answer is the caller's. Nothing at its end.
    pub(super) async fn read(&self, file: &Handle, offset: u64, length: u32) -> Result<Vec<u8>, SftpError> {
        match self.sftp.read(&file.0, offset, length).await {
            Ok(data) => Ok(data.data),
            Err(SftpError::Status(status)) if status.status_code == StatusCode::Eof => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Brings a file's bytes, or a folder's names, to the server's disk, if it can be told to.
    pub(super) async fn sync(&self, path: &str, file: &Handle) -> Result<(), Fault> {
        if !self.has_fsync {
            return Ok(());
        }
        self.ask("bring to the disk", path, self.sftp.fsync(&file.0)).await.map(|_| ())
    }

    /// Closes a file.
    pub(super) async fn close_file(&self, path: &str, file: Handle) -> Result<(), Fault> {
        self.ask("close", path, self.sftp.close(file.0)).await.map(|_| ())
    }

    /// Removes a file; whether there was one.
    pub(super) async fn remove(&self, path: &str) -> Result<bool, Fault> {
        match self.ask("remove", path, self.sftp.remove(path)).await {
            Ok(_) => Ok(true),
            Err(Fault::Refused(refused)) if refused.code == StatusCode::NoSuchFile => Ok(false),
            Err(fault) => Err(fault),
        }
    }

    /// Renames a file. Where the server can do it in one step, what is under the new name is replaced: see that nothing
    /// is. Where it cannot, it refuses a name that is taken.
    pub(super) async fn rename(&self, from: &str, to: &str) -> Result<(), Fault> {
        let doing = "give its name to";
        if !self.has_posix_rename {
            return self.ask(doing, to, self.sftp.rename(from, to)).await.map(|_| ());
        }
        let words =
            [from, to].map(|word| [&u32::try_from(word.len()).unwrap_or(0).to_be_bytes(), word.as_bytes()].concat());
        let request = async {
            match self.sftp.extended(POSIX_RENAME, words.concat()).await? {
                Packet::Status(status) if status.status_code == StatusCode::Ok => Ok(()),
                Packet::Status(status) => Err(SftpError::Status(status)),
                _ => Err(SftpError::UnexpectedPacket),
            }
        };
        self.ask(doing, to, request).await
    }

    /// The names in a folder, at most `most` of them.
    pub(super) async fn names(&self, folder: &str, most: usize) -> Result<Vec<String>, Fault> {
        let doing = "list";
        let open = handle(self.ask(doing, folder, self.sftp.opendir(folder)).await?.handle)?;
        let mut names = Vec::new();
        loop {
            match self.ask(doing, folder, self.sftp.readdir(&open.0)).await {
                Ok(portion) => names.extend(portion.files.into_iter().map(|file| file.filename)),
                Err(Fault::Refused(refused)) if refused.code == StatusCode::Eof => break,
                Err(fault) => return Err(fault),
            }
            if names.len() > most {
                let message = format!("{folder} has more than {most} files; ask the vendor to clear it");
                return Err(Fault::Told(CourierError::stop(message)));
            }
        }
        self.close_file(folder, open).await?;
        names.retain(|name| name != "." && name != "..");
        names.sort();
        Ok(names)
    }

    /// Bytes that can still be written into a folder, and whether it can be written to at all; `None` where the server
    /// does not say.
    pub(super) async fn room(&self, folder: &str) -> Option<(u64, bool)> {
        /// The bit of a file system that is mounted for reading only.
        const READ_ONLY: u64 = 1;
        if !self.has_statvfs {
            return None;
        }
        let found = self.ask("measure", folder, self.sftp.statvfs(folder)).await.ok()?;
        Some((found.blocks_avail.saturating_mul(found.fragment_size), found.flags & READ_ONLY != 0))
    }

    /// Ends the session.
    pub(super) async fn hang_up(self) {
        let _ = self.sftp.close_session();
        let _ = self.line.end(HANG_UP_LIMIT).await;
    }

    /// What it means that the connection is of no use any more.
    pub(super) async fn lost(self, place: &SftpPlace, seen: &str, was_up: bool) -> CourierError {
        let _ = self.sftp.close_session();
        let end = self.line.end(if was_up { LOST_LIMIT } else { REFUSED_LIMIT }).await;
        refusal(place, &end, seen, was_up)
    }
}

/// A server's handle may be any bytes, and the library takes text: what was changed on the way opens nothing.
fn handle(text: String) -> Result<Handle, Fault> {
    if text.contains(REPLACEMENT) {
        let message = "the server names its open files in bytes that are no text, which this program cannot give back; \
                       ask the vendor for another SFTP server";
        return Err(Fault::Told(CourierError::stop(message)));
    }
    Ok(Handle(text))
}

/// Whatever is no refusal ends the session.
fn lost(error: &SftpError) -> Fault {
    let seen = match error {
        SftpError::UnexpectedBehavior(_) | SftpError::IO(_) => "the server hung up, or said what is no SFTP".to_owned(),
        error => showable(error.to_string().as_bytes()),
    };
    Fault::Lost(seen)
}
