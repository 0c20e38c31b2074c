//! A server whose disk is full: a small memory file system, mounted for its file service alone.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use sha2::{Digest as _, Sha256};

use crate::killed::{Manner, NightSite, Vendor, examine};
use crate::server::{Server, lead_by_sftp};

const LETTERS: usize = 3;

/// A folder on a disk of its own, in namespaces of its own; gone with it.
struct SmallDisk {
    holder: Child,
    folder: PathBuf,
}

impl SmallDisk {
    fn mounted_on(folder: &Path) -> Self {
        let mut holder = Command::new("unshare")
            .args([
                "--map-root-user",
                "--mount",
                "sh",
                "-c",
                "mount -t tmpfs -o size=4k none \"$1\" && echo there && cat",
                "sh",
            ])
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the test needs the program 'unshare'");
        let mut line = String::new();
        BufReader::new(holder.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "there\n", "a user may mount a file system in memory, in a namespace of its own");
        Self { holder, folder: folder.to_owned() }
    }

    /// A command line that runs a program in there.
    fn inside(&self) -> String {
        format!("nsenter --target {} --user --mount --preserve-credentials", self.holder.id())
    }

    fn resize(&self, kibibytes: u64) {
        let command =
            format!("{} mount -t tmpfs -o remount,size={kibibytes}k none {}", self.inside(), self.folder.display());
        assert!(Command::new("sh").args(["-c", &command]).status().unwrap().success(), "{command}");
    }

    /// Its folder, as it is seen from outside.
    fn seen(&self) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root{}", self.holder.id(), self.folder.display()))
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

#[tokio::test]
async fn a_full_disk_never_leaves_a_short_package_under_its_name() {
    let site = NightSite::with_requests(LETTERS, 10, 64);
    let disk = SmallDisk::mounted_on(&site.path("vendor/inbox"));
    let tools = tempfile::tempdir().unwrap();
    let service = tools.path().join("service");
    fs::write(&service, format!("#!/bin/sh\nexec {} /usr/lib/openssh/sftp-server\n", disk.inside())).unwrap();
    fs::set_permissions(&service, fs::Permissions::from_mode(0o755)).unwrap();
    let server = Server::with(service.to_str().unwrap());
    lead_by_sftp(&site.path("letterpost.toml"), &server.section(server.port(), &site.path("vendor"), ""));
    site.configure("# retry_minutes = 30", "retry_minutes = 0");
    assert_eq!(site.run(&["produce"]).exit, Some(0));
    let (object, bytes) = sealed(&site);
    let size_kibibytes = bytes.len() as u64 / 1024;
    let mut full = 0;
    // From no room at all to room for the package and not for its marker, and a little more.
    for step in 0..16 {
        disk.resize((4 + step * (size_kibibytes + 8) / 15).max(4));
        let ran = site.run(&["deliver"]);
        for entry in fs::read_dir(disk.seen()).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if name.ends_with(".zip.pgp") {
                assert_eq!(Sha256::digest(fs::read(&path).unwrap()), Sha256::digest(&bytes), "{object} is {name}");
            }
        }
        match ran.exit {
            Some(3) => {
                full += 1;
                assert!(ran.said.contains("the server's disk has room for "), "{ran:?}");
            }
            ended => assert_eq!(ended, Some(0), "{ran:?}"),
        }
    }
    assert!(full >= 10, "a disk that small is full: {full}");
    disk.resize(64 << 10);
    assert_eq!(site.run(&["deliver"]).exit, Some(0));
    // The vendor carries the files home from its disk.
    for entry in fs::read_dir(disk.seen()).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, site.path("vendor/inbox").join(path.file_name().unwrap())).unwrap();
    }
    examine(&site, LETTERS, &Vendor::start(&site, Manner::Careful).finish()).await;
}

fn sealed(site: &NightSite) -> (String, Vec<u8>) {
    let names = site.names("spool");
    assert_eq!(names.len(), 1, "{names:?}");
    (names[0].clone(), fs::read(site.path("spool").join(&names[0])).unwrap())
}
