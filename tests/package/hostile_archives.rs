//! Archives that no site makes, written with Python and by hand.

use std::fs;

use letterpost::package::unzip::{UnzipError, UnzipLimits, read_zip};

use crate::sample::archive;
use crate::tools::succeed;

/// The archive that a piece of Python writes through `z`, a `ZipFile` that deflates.
fn python_zip(statements: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let program = format!(
        "import zipfile, warnings, stat\nwarnings.simplefilter('ignore')\n\
         z = zipfile.ZipFile('made.zip', 'w', zipfile.ZIP_DEFLATED)\n{statements}\nz.close()\n"
    );
    succeed(folder.path(), "python3", &["-c", &program]);
    fs::read(folder.path().join("made.zip")).unwrap()
}

fn refusal(zip: &[u8]) -> UnzipError {
    match read_zip(zip, UnzipLimits::default()) {
        Ok(members) => panic!("it was unpacked: {} members", members.len()),
        Err(error) => error,
    }
}

#[test]
fn a_plain_archive_of_another_program_is_read() {
    let zip = python_zip("z.writestr('a.txt', 'alpha ' * 20)\nz.writestr('b/c.txt', '')");
    let members = read_zip(&zip, UnzipLimits::default()).unwrap();
    assert_eq!(members.iter().map(|m| m.name.as_str()).collect::<Vec<_>>(), ["a.txt", "b/c.txt"]);
    assert_eq!(*members[0].content, "alpha ".repeat(20).as_bytes());
}

#[test]
fn bombs_are_refused_before_they_unfold() {
    let bomb = python_zip("z.writestr('a', b'0' * 90_000_000)");
    assert!(matches!(refusal(&bomb), UnzipError::TooDense { .. }));
    let large = python_zip("z.compression = 0\nfor i in range(11): z.writestr(str(i), b'0' * 10_000_000)");
    assert!(matches!(refusal(&large), UnzipError::TooLarge { .. }));
    let many = python_zip("for i in range(100_000): z.writestr(str(i), b'')");
    assert!(matches!(refusal(&many), UnzipError::TooManyEntries { .. } | UnzipError::NotAnArchive));
    let over = python_zip("for i in range(5_001): z.writestr(str(i), b'')");
    assert_eq!(refusal(&over), UnzipError::TooManyEntries { found: 5_001, limit: 5_000 });
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    for name in ["../a", "a/../../b", "/etc/passwd", "C:/a", "a\\\\b", "./a", "a//b", "a b", "é", "a\\nb", "\\x1b[2J"]
    {
        let refused = refusal(&python_zip(&format!(
            "z.writestr(zipfile.ZipInfo('x'), '')\nz.filelist.clear()\nz.NameToInfo.clear()\nz.fp.seek(0)\nz.start_dir = 0\ni = zipfile.ZipInfo('x'); i.filename = '{name}'\nz.writestr(i, 'x')"
        )));
        assert!(matches!(refused, UnzipError::UnsafeName { .. }), "{name}: {refused}");
    }
    for names in ["'a', 'a'", "'a', 'A'", "'letters/x.pdf', 'LETTERS/X.PDF'"] {
        let refused = refusal(&python_zip(&format!("for n in [{names}]: z.writestr(n, 'x')")));
        assert!(matches!(refused, UnzipError::RepeatedName { .. }), "{names}: {refused}");
    }
}

#[test]
fn links_folders_and_devices_are_refused() {
    for mode in ["S_IFLNK", "S_IFDIR", "S_IFCHR", "S_IFIFO", "S_IFSOCK"] {
        let zip = python_zip(&format!(
            "i = zipfile.ZipInfo('a'); i.create_system = 3; i.external_attr = (stat.{mode} | 0o644) << 16\n\
             z.writestr(i, '/etc/passwd')"
        ));
        assert_eq!(refusal(&zip), UnzipError::NotAFile { entry: 1 }, "{mode}");
    }
    assert_eq!(refusal(&python_zip("z.writestr('folder/', '')")), UnzipError::NotAFile { entry: 1 });
}

#[test]
fn features_that_readers_disagree_on_are_refused() {
    for statements in [
        "z.compression = zipfile.ZIP_BZIP2; z.writestr('a', 'x')",
        "z.compression = zipfile.ZIP_LZMA; z.writestr('a', 'x')",
        "i = zipfile.ZipInfo('a'); i.extra = b'\\x75\\x70\\x02\\x00ab'; z.writestr(i, 'x')",
        "i = zipfile.ZipInfo('a'); i.comment = b'c'; z.writestr(i, 'x')",
        "i = zipfile.ZipInfo('a')\nwith z.open(i, 'w', force_zip64=True) as f: f.write(b'x')",
    ] {
        let refused = refusal(&python_zip(statements));
        assert!(matches!(refused, UnzipError::UnknownFeature { .. } | UnzipError::Inconsistent { .. }), "{refused}");
    }
    assert_eq!(refusal(&python_zip("z.writestr('a', 'x'); z.comment = b'hello'")), UnzipError::NotAnArchive);
}

#[test]
fn lying_sizes_and_checksums_are_refused() {
    let zip = python_zip("z.writestr('a.txt', 'alpha ' * 20)");
    let directory = zip.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    for (in_local, in_directory) in [(14, 16), (18, 20), (22, 24)] {
        for change in [1u8, 0xff] {
            let mut both = zip.clone();
            both[in_local] = both[in_local].wrapping_add(change);
            both[directory + in_directory] = both[directory + in_directory].wrapping_add(change);
            assert!(matches!(refusal(&both), UnzipError::Inconsistent { .. } | UnzipError::NotAnArchive));
            let mut one = zip.clone();
            one[directory + in_directory] = one[directory + in_directory].wrapping_add(change);
            assert!(matches!(refusal(&one), UnzipError::Inconsistent { .. }));
        }
    }
    for in_local in [4, 6, 8, 10, 14, 18, 22, 26, 28, 30] {
        let mut local = zip.clone();
        local[in_local] ^= 1;
        assert_eq!(refusal(&local), UnzipError::Inconsistent { entry: 1, what: "its two headers disagree" });
    }
    let mut huge = zip.clone();
    huge[directory + 24..directory + 28].copy_from_slice(&[0xff; 4]);
    assert!(matches!(refusal(&huge), UnzipError::TooLarge { .. }));
}

#[test]
fn nothing_may_stand_before_between_or_behind() {
    let zip = python_zip("z.writestr('a', 'x'); z.writestr('b', 'y')");
    let refused = |bytes: Vec<u8>| read_zip(&bytes, UnzipLimits::default()).is_err();
    assert!(refused([b"x".to_vec(), zip.clone()].concat()));
    assert!(refused([zip.clone(), b"x".to_vec()].concat()));
    assert!(refused([zip.clone(), zip.clone()].concat()));
    for end in 0..zip.len() {
        assert!(refused(zip[..end].to_vec()), "cut at {end}");
    }
    let with_gap = {
        let second = zip.windows(4).rposition(|w| w == b"PK\x03\x04").unwrap();
        let mut bytes = [&zip[..second], b"hide", &zip[second..]].concat();
        let header = bytes.windows(4).rposition(|w| w == b"PK\x01\x02").unwrap();
        bytes[header + 42] += 4;
        let end = bytes.len() - 22;
        bytes[end + 16] += 4;
        bytes
    };
    assert_eq!(
        refusal(&with_gap),
        UnzipError::Inconsistent { entry: 2, what: "it does not start where the one before it ends" }
    );
    let overlapping = {
        let mut bytes = zip.clone();
        let second = bytes.windows(4).rposition(|w| w == b"PK\x01\x02").unwrap();
        bytes[second + 42] = 0;
        bytes
    };
    assert!(refused(overlapping));
}

#[test]
fn a_flipped_bit_never_changes_what_is_unpacked() {
    let zip = archive();
    let whole = read_zip(&zip, UnzipLimits::default()).unwrap();
    for place in 0..zip.len() {
        let mut flipped = zip.to_vec();
        flipped[place] ^= 1 << (place % 8);
        if let Ok(members) = read_zip(&flipped, UnzipLimits::default()) {
            let same = members.iter().zip(&whole).all(|(a, b)| a.name == b.name && a.content == b.content);
            assert!(same && members.len() == whole.len(), "byte {place}");
        }
    }
}
