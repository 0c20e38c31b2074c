//! `courier` and `[vendor.sftp]`: the way to a vendor's inbox and outbox.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::kind::{Kind, file, folder, one_of, text, whole};
use super::section::Section;
use crate::adapters::sftp_courier::SftpPlace;

/// The words for the ways; the first is that of a vendor that says nothing else.
const WAYS: [&str; 2] = ["folder", "sftp"];
/// What SFTP servers listen on.
const USUAL_PORT: u32 = 22;
/// The usual waits, in seconds, and the slowest transfer that is not given up.
const CONNECT_SECONDS: u32 = 30;
const ANSWER_SECONDS: u32 = 60;
const LEAST_BYTES_A_SECOND: u32 = 64 << 10;

/// The way to a vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CourierSection {
    /// Folders on this machine or on a mounted share, as written.
    Folder {
        /// Takes packages.
        inbox: PathBuf,
        /// Brings receipts.
        outbox: PathBuf,
    },
    /// `[vendor.sftp]`.
    Sftp(SftpSection),
}

/// `[vendor.sftp]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SftpSection {
    host: String,
    port: u16,
    user: String,
    key: PathBuf,
    known_hosts: PathBuf,
    inbox: String,
    outbox: String,
    connect_seconds: u32,
    answer_seconds: u32,
    least_bytes_a_second: u32,
}

impl CourierSection {
    pub(super) fn read(vendor: &Section<'_>) -> Option<Self> {
        if vendor.or("courier", WAYS[0], &one_of(&WAYS)) == "folder" {
            if vendor.has("sftp") {
                vendor.complain("sftp", "says where an SFTP server is; write courier = \"sftp\", or remove it");
            }
            let (inbox, outbox) = two_folders(vendor, &folder());
            return Some(Self::Folder { inbox: inbox?, outbox: outbox? });
        }
        for key in ["inbox", "outbox"] {
            if vendor.has(key) {
                vendor.complain(key, "is a folder of this machine; with courier = \"sftp\" write it in [vendor.sftp]");
            }
        }
        if !vendor.has("sftp") {
            vendor.complain("courier", "is \"sftp\", and there is no [vendor.sftp]; say there where the server is");
        }
        vendor.section("sftp", SftpSection::read).map(Self::Sftp)
    }
}

impl SftpSection {
    fn read(section: &Section<'_>) -> Option<Self> {
        let host = section.required("host", &host());
        let port = section.or("port", USUAL_PORT, &whole(1..=u32::from(u16::MAX)));
        let user = section.required("user", &user());
        let key = section.required("key", &file());
        let known_hosts = section.required("known_hosts", &file());
        let (inbox, outbox) = two_folders(section, &remote_folder());
        Some(Self {
            host: host?,
            port: u16::try_from(port).ok()?,
            user: user?,
            key: key?,
            known_hosts: known_hosts?,
            inbox: inbox?,
            outbox: outbox?,
            connect_seconds: section.or("connect_seconds", CONNECT_SECONDS, &whole(1..=600)),
            answer_seconds: section.or("answer_seconds", ANSWER_SECONDS, &whole(1..=600)),
            least_bytes_a_second: section.or("least_bytes_a_second", LEAST_BYTES_A_SECOND, &whole(1..=1_000_000_000)),
        })
    }

    /// The place of this vendor, for a configuration that lies in `folder`.
    pub(super) fn place(&self, vendor: &str, folder: &Path) -> SftpPlace {
        let seconds = |count: u32| Duration::from_secs(u64::from(count));
        SftpPlace {
            vendor: vendor.to_owned(),
            host: self.host.clone(),
            port: self.port,
            user: self.user.clone(),
            key: folder.join(&self.key),
            known_hosts: folder.join(&self.known_hosts),
            inbox: self.inbox.clone(),
            outbox: self.outbox.clone(),
            connect_limit: seconds(self.connect_seconds),
            answer_limit: seconds(self.answer_seconds),
            least_bytes_a_second: self.least_bytes_a_second,
        }
    }
}

/// Inbox and outbox, which must be two.
fn two_folders<T: PartialEq + 'static>(section: &Section<'_>, kind: &Kind<T>) -> (Option<T>, Option<T>) {
    let (inbox, outbox) = (section.required("inbox", kind), section.required("outbox", kind));
    if inbox.is_some() && inbox == outbox {
        section.refuse("outbox", "it is the inbox too; write one folder for packages and another for receipts");
    }
    (inbox, outbox)
}

/// What can be said of a host, and nothing that ssh could take for anything else.
fn host() -> Kind<String> {
    text("the server's name or address between quotes: \"sftp.vendor.example\"")
        .then(|text| Some(text).filter(|text| is_word(text, "._:-")))
}

fn user() -> Kind<String> {
    text("the account on the server between quotes").then(|text| Some(text).filter(|text| is_word(text, "._@+-")))
}

/// Letters, digits and these signs, and not a sign at the beginning, where ssh looks for options.
fn is_word(text: &str, signs: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || signs.contains(c))
}

/// A folder on the server, without a slash at its end.
fn remote_folder() -> Kind<String> {
    let write = "the folder's path on the server between quotes; it may begin at the folder of the login: \"to-print\"";
    text(write).then(|path| {
        let path = path.trim_end_matches('/');
        (!path.is_empty()).then(|| path.to_owned())
    })
}
