//! A turned bit anywhere in a sealed package: the marker's digest sees each one, the seal sees each one without it, and
//! so does GnuPG, whose status lines tell.

use letterpost::package::name::sealed_file;
use letterpost::package::openpgp::open;
use letterpost::package::ready::{ReadyError, ReadyMarker};
use letterpost::package::unzip::UnzipLimits;
use letterpost::package::verify::{Refusal, verify_package};

use crate::sample::{archive, at, name, sealed, site_key, vendor_key};
use crate::tools::{GnuPg, run};

/// Set, every bit of every byte is turned without a marker, which takes minutes.
const EVERY: &str = "LETTERPOST_EVERY_BYTE";
/// Where the message's content begins, whose every bit is under the signature and the check for changes.
const CONTENT_AT: usize = 128;
/// Every so many bytes of the content are tried in an ordinary run.
const STEP: usize = 23;
/// The length in bits of the elliptic curve point that the message's key was agreed with. GnuPG does not mind another
/// number there that takes as many bytes; we do.
const POINT_LENGTH_AT: usize = 13;

fn flipped(package: &[u8], place: usize, bit: usize) -> Vec<u8> {
    let mut bytes = package.to_vec();
    bytes[place] ^= 1 << bit;
    bytes
}

/// Where the packets of the message begin and end, new format: a tag, a length, a body.
fn boundaries(package: &[u8]) -> Vec<usize> {
    let (mut at, mut found) = (0, vec![0]);
    while at < package.len() {
        let (header, body) = match package[at + 1] {
            short @ 0..192 => (2, usize::from(short)),
            long @ 192..224 => (3, (usize::from(long) - 192) * 256 + usize::from(package[at + 2]) + 192),
            255 => (6, u32::from_be_bytes(package[at + 2..at + 6].try_into().unwrap()) as usize),
            partial => (2, 1 << (partial & 0x1F)),
        };
        found.extend([at + 1, at + header, at + header + body]);
        at += header + body;
    }
    found
}

#[test]
fn the_markers_digest_sees_every_bit() {
    let package = sealed(&archive());
    let (vendor, site) = (vendor_key(), site_key());
    let marker = ReadyMarker::for_sealed(&name(), &package, "");
    let file = sealed_file(&name());
    let verify = |bytes: &[u8]| {
        let limits = UnzipLimits::default();
        verify_package(&file, Some(&marker), bytes, &vendor, site.certificate(), at(), limits).map(|_| ())
    };
    assert_eq!(verify(&package), Ok(()));
    for place in 0..package.len() {
        for bit in 0..8 {
            let refused = verify(&flipped(&package, place, bit));
            assert!(matches!(refused, Err(Refusal::Ready(ReadyError::OtherDigest { .. }))), "byte {place} bit {bit}");
        }
    }
}

#[test]
fn the_seal_sees_every_bit_without_a_marker() {
    let package = sealed(&archive());
    let (vendor, site) = (vendor_key(), site_key());
    let is_good = |bytes: &[u8]| open(bytes, &vendor, site.certificate(), at(), 1 << 20).is_ok();
    assert!(is_good(&package));
    let every = std::env::var_os(EVERY).is_some();
    let around = |at: usize| at.saturating_sub(2)..=at + 2;
    let edges: Vec<usize> = boundaries(&package).into_iter().flat_map(around).collect();
    assert!(edges.contains(&CONTENT_AT) && edges.contains(&(package.len() - 1)));
    let mut tried = 0;
    for place in 0..package.len() {
        let bits = if every || place == POINT_LENGTH_AT { 0..8 } else { place % 8..place % 8 + 1 };
        if every || place < CONTENT_AT || place % STEP == 0 || edges.contains(&place) {
            for bit in bits {
                assert!(!is_good(&flipped(&package, place, bit)), "byte {place} bit {bit}");
                tried += 1;
            }
        }
    }
    assert!(tried > 280, "{tried}");
}

/// What a vendor with GnuPG only has to look for: its exit status is 0 for some damaged files.
#[test]
fn gpg_sees_it_in_its_status_lines_or_the_marker_does() {
    let package = sealed(&archive());
    let gpg = GnuPg::new();
    gpg.write("site.asc", site_key().certificate().to_armored().unwrap());
    gpg.write("vendor.asc", vendor_key().to_armored().unwrap().as_bytes());
    gpg.run(&["--import", "site.asc", "vendor.asc"]);
    let valid = format!("VALIDSIG {} ", site_key().certificate().fingerprint());
    let is_good = |bytes: &[u8]| {
        gpg.write("package.zip.pgp", bytes);
        let (succeeded, status) = gpg.try_run(&["--output", "package.zip", "--decrypt", "package.zip.pgp"]);
        succeeded && [valid.as_str(), "GOODSIG", "DECRYPTION_OKAY"].iter().all(|word| status.contains(word))
    };
    assert!(is_good(&package));
    let head = (0..CONTENT_AT + 8).step_by(4).map(|place| (place, place % 8));
    let rest = (CONTENT_AT + 8..package.len()).step_by(package.len() / 25).map(|place| (place, place % 8));
    let end = (package.len() - 3..package.len()).map(|place| (place, 7));
    let places: Vec<(usize, usize)> = head.chain(rest).chain(end).collect();
    assert!(places.len() >= 60, "{}", places.len());
    for (place, bit) in places {
        assert!(!is_good(&flipped(&package, place, bit)), "byte {place} bit {bit}");
    }
    let overlooked = flipped(&package, POINT_LENGTH_AT, 0);
    assert!(is_good(&overlooked), "if gpg has begun to see this, all the better: mend this test");
    assert_eq!(gpg.read("package.zip"), *archive(), "it changes nothing");
    let sum = format!("{}  package.zip.pgp\n", ReadyMarker::for_sealed(&name(), &package, "").sha256);
    gpg.write("sum", &sum);
    assert!(!run(gpg.folder(), "sha256sum", &["-c", "--status", "sum"]).status.success());
    gpg.write("package.zip.pgp", &package);
    assert!(run(gpg.folder(), "sha256sum", &["-c", "--status", "sum"]).status.success());
}
