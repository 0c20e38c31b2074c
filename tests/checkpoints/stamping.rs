//! The newest checkpoint gets a time stamp that OpenSSL verifies, from an authority that the test makes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use letterpost::audit::timestamp;
use serde_json::Value;

use crate::nightly::TestSite;
use crate::{checkpoint, doctor, notes, script, site_with, told};

/// How `openssl ts` works as an authority.
const AUTHORITY: &str = "[tsa]\ndefault_tsa = one\n[one]\ndir = .\nserial = serial\nsigner_cert = tsa.pem\ncerts = ca.pem\n\
                         signer_key = tsa.key\nsigner_digest = sha256\ndefault_policy = 1.2.3.4.1\ndigests = sha256\n\
                         ordering = no\ntsa_name = yes\ness_cert_id_chain = no\ness_cert_id_alg = sha256\n";
/// It says to a request what an authority says.
const GOOD: &str = "openssl ts -reply -config tsa.cnf -queryfile asked.tsq 2>/dev/null";

/// A site with an authority in a folder of its own.
struct Stamped {
    site: TestSite,
    authority: PathBuf,
}

impl Stamped {
    fn new() -> Self {
        let site = site_with("");
        let authority = site.path("authority");
        fs::create_dir(&authority).unwrap();
        fs::write(authority.join("tsa.cnf"), AUTHORITY).unwrap();
        fs::write(authority.join("serial"), "01\n").unwrap();
        fs::write(authority.join("extensions"), "extendedKeyUsage = critical, timeStamping\n").unwrap();
        for arguments in [
            "req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 30 -subj /CN=Sample-Root",
            "req -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.csr -subj /CN=Sample-Authority",
            "x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 30 -extfile extensions -out tsa.pem",
        ] {
            let (ok, said) = openssl(&authority, arguments);
            assert!(ok, "openssl {arguments}: {said}");
        }
        let made = Self { site, authority };
        made.answers(GOOD);
        let line = format!("[\"{}\"]", made.authority.join("answer.sh").display());
        crate::add(&made.site, &format!("[audit.timestamp]\ncommand = {line}\ndeadline_seconds = 60"));
        made
    }

    /// How the authority answers from now on. It finds the request in `asked.tsq`.
    fn answers(&self, lines: &str) {
        script(&self.site, "authority/answer.sh", &format!("cat >asked.tsq\n{lines}"));
    }

    fn file(&self, size: u64, ending: &str) -> PathBuf {
        self.site.path(&format!("audit/timestamps/{size:012}.{ending}"))
    }

    /// The size of the newest checkpoint.
    fn newest(&self) -> u64 {
        notes(&self.site).last().unwrap().0
    }

    /// Whether OpenSSL verifies a reply for the bytes of a file.
    fn verifies(&self, size: u64, data: &Path) -> bool {
        let reply = self.file(size, "tsr");
        let arguments = format!("ts -verify -data {} -in {} -CAfile ca.pem", data.display(), reply.display());
        let (ok, said) = openssl(&self.authority, &arguments);
        assert_eq!(ok, said.contains("Verification: OK"), "{said}");
        ok
    }
}

fn openssl(folder: &Path, arguments: &str) -> (bool, String) {
    let ran = Command::new("openssl").current_dir(folder).args(arguments.split(' ')).output();
    let ran = ran.expect("the test needs the program 'openssl'");
    let text = [ran.stdout, ran.stderr].concat();
    (ran.status.success(), String::from_utf8_lossy(&text).into_owned())
}

#[test]
fn openssl_verifies_what_is_kept_and_nothing_that_was_changed() {
    let stamped = Stamped::new();
    let did = checkpoint(&stamped.site).expect(0).json()["did"]["time_stamps"].take();
    let size = stamped.newest();
    assert_eq!((stamps(&did), &did[0]["entries"]), (1, &size.into()));
    let (_, shown) =
        openssl(&stamped.authority, &format!("ts -reply -text -in {}", stamped.file(size, "tsr").display()));
    let minutes_and_seconds = did[0]["at"].as_str().unwrap().get(10..14).unwrap();
    let (minutes, seconds) = minutes_and_seconds.split_at(2);
    assert!(shown.contains(&format!(":{minutes}:{seconds}")), "{did}: {shown}");
    let note = fs::read_to_string(stamped.file(size, "note")).unwrap();
    assert_eq!(note, notes(&stamped.site).last().unwrap().1);
    assert!(stamped.verifies(size, &stamped.file(size, "note")));
    let (ok, asked) =
        openssl(&stamped.authority, &format!("ts -query -text -in {}", stamped.file(size, "tsq").display()));
    assert!(ok && asked.contains("Hash Algorithm: sha256") && asked.contains("Certificate required: yes"), "{asked}");
    assert!(asked.contains("Nonce: 0x"), "{asked}");
    let both = format!(
        "ts -verify -queryfile {} -in {} -CAfile ca.pem",
        stamped.file(size, "tsq").display(),
        stamped.file(size, "tsr").display()
    );
    assert!(openssl(&stamped.authority, &both).0);

    let changed = stamped.authority.join("changed");
    fs::write(&changed, note.replacen(&size.to_string(), &(size + 1).to_string(), 1)).unwrap();
    assert!(!stamped.verifies(size, &changed));

    // No second stamp of the same checkpoint, and a new nonce for a new one.
    assert_eq!(stamps(&stamped.site.run(&["--json", "checkpoint"]).expect(0).json()["did"]["time_stamps"]), 0);
    let first = fs::read(stamped.file(size, "tsq")).unwrap();
    checkpoint(&stamped.site).expect(0);
    let second = fs::read(stamped.file(stamped.newest(), "tsq")).unwrap();
    assert_ne!(nonce(&first), nonce(&second));
    assert_eq!(doctor(&stamped.site, "time stamps").0, "good");
}

/// How many checkpoints a stage had stamped.
fn stamps(did: &Value) -> usize {
    did.as_array().unwrap().len()
}

/// A request ends with its nonce and the three bytes of "certificate, please".
fn nonce(request: &[u8]) -> &[u8] {
    &request[request.len() - 11..request.len() - 3]
}

#[test]
fn a_reply_that_is_none_is_refused_and_the_request_asked_again() {
    let stamped = Stamped::new();
    checkpoint(&stamped.site).expect(0);
    fs::copy(stamped.file(stamped.newest(), "tsr"), stamped.authority.join("earlier.tsr")).unwrap();
    let unasked = "python3 -c \"b = open('asked.tsq', 'rb').read(); \
                   open('asked.tsq', 'wb').write(b[:1] + bytes([b[1] - 3]) + b[2:-3])\"";
    let mut unanswered = Vec::new();
    for (answer, why) in [
        ("cat earlier.tsr".to_owned(), "it is a time stamp of something else"),
        (
            "cat ../audit/timestamps/$(ls ../audit/timestamps | tail -1 | cut -d. -f1).note >data; \
             openssl ts -query -data data -sha256 -cert -out asked.tsq 2>/dev/null\n"
                .to_owned()
                + GOOD,
            "it answers another request",
        ),
        (format!("{unasked}\n{GOOD}"), "no certificate of the authority"),
        (
            format!(
                "sed 's/^digests = .*/digests = sha512/' tsa.cnf >other.cnf\n{}",
                GOOD.replace("tsa.cnf", "other.cnf")
            ),
            "the authority refused the request (status 2)",
        ),
        (format!("{GOOD} | head -c 200"), "it is no time stamp reply of RFC 3161"),
        (format!("{GOOD}; echo more"), "it is no time stamp reply of RFC 3161"),
        ("echo '<html>Service unavailable</html>'".to_owned(), "it is no time stamp reply of RFC 3161"),
        ("true".to_owned(), "it is no time stamp reply of RFC 3161"),
        ("cat /dev/zero".to_owned(), "wrote more than 262144 bytes"),
        ("echo connection refused >&2; exit 7".to_owned(), "failed (exit status: 7): connection refused"),
        ("sleep 3600".to_owned(), "took longer than 1 seconds and was stopped"),
    ] {
        stamped.answers(&answer);
        if answer.starts_with("sleep") {
            stamped.site.configure("deadline_seconds = 60", "deadline_seconds = 1");
        }
        let ran = checkpoint(&stamped.site).expect(0);
        let told = told(&ran, "time stamps");
        assert!(told.len() == 1 && told[0].starts_with("note: ") && told[0].contains(why), "{answer}: {told:?}");
        let size = stamped.newest();
        assert!(!stamped.file(size, "tsr").exists(), "{answer}");
        unanswered.push((size, fs::read(stamped.file(size, "tsq")).unwrap()));
    }
    let (finding, message, _) = doctor(&stamped.site, "time stamps");
    assert!(finding == "note" && message.contains("has no reply"), "{message}");

    // The authority is back: the newest first, then those before, with the requests as they were.
    stamped.answers(GOOD);
    stamped.site.configure("deadline_seconds = 1", "deadline_seconds = 60");
    let again = || stamps(&stamped.site.run(&["--json", "checkpoint"]).expect(0).json()["did"]["time_stamps"]);
    let first = again();
    assert!(stamped.file(stamped.newest(), "tsr").exists());
    assert_eq!(first + again(), unanswered.len());
    for (size, request) in &unanswered {
        assert_eq!(&fs::read(stamped.file(*size, "tsq")).unwrap(), request);
        assert!(stamped.verifies(*size, &stamped.file(*size, "note")));
    }
}

#[test]
fn an_authority_that_stays_away_is_a_persons_after_half_a_day() {
    let stamped = Stamped::new();
    stamped.answers("exit 1");
    checkpoint(&stamped.site).expect(0);
    stamped.site.clock("2026-03-03T03:00:01-05:00");
    let ran = checkpoint(&stamped.site).expect(1);
    assert!(told(&ran, "time stamps")[0].starts_with("person: "), "{ran:?}");
    // A request that somebody changed is not sent: one for the checkpoint as it is takes its place.
    stamped.answers(GOOD);
    let size = stamped.newest();
    fs::copy(stamped.file(notes(&stamped.site)[0].0, "tsq"), stamped.file(size, "tsq")).unwrap();
    stamped.site.run(&["checkpoint"]).expect(0);
    assert!(stamped.verifies(size, &stamped.file(size, "note")));
}

#[test]
fn no_part_of_a_reply_is_taken_for_one_and_no_turned_bit_makes_it_of_another_checkpoint() {
    let stamped = Stamped::new();
    checkpoint(&stamped.site).expect(0);
    let read = |ending: &str| fs::read(stamped.file(stamped.newest(), ending)).unwrap();
    let (request, reply) = (read("tsq"), read("tsr"));
    assert!(timestamp::is_request_for(&request, &read("note")));
    assert!(!timestamp::is_request_for(&request, b"other"));
    assert!(timestamp::check(&request, &reply).is_ok());
    for end in 0..reply.len() {
        assert!(timestamp::check(&request, &reply[..end]).is_err(), "the first {end} bytes");
    }
    // What is not in the signature or the certificates is held against the request: no bit of its digest or nonce may turn.
    let place = |what: &[u8]| reply.windows(what.len()).position(|window| window == what).unwrap();
    let digest = &request[request.len() - 45..request.len() - 13];
    for (start, length) in [(place(digest), digest.len()), (place(nonce(&request)), 8)] {
        for bit in start * 8..(start + length) * 8 {
            let mut turned = reply.clone();
            turned[bit / 8] ^= 1 << (bit % 8);
            assert!(timestamp::check(&request, &turned).is_err(), "bit {bit}");
        }
    }
    // Whatever else is turned, it is an answer or an error.
    for bit in 0..reply.len() * 8 {
        let mut turned = reply.clone();
        turned[bit / 8] ^= 1 << (bit % 8);
        let _ = timestamp::check(&request, &turned);
    }
}
