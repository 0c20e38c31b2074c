//! The archive before the programs that a vendor has.

use std::fs;

use letterpost::package::assemble::{AssembleError, Letters, assemble};
use letterpost::package::ready::ReadyMarker;

use crate::sample::{archive, archive_of_files, check, name, print_stream, print_stream_rows, sealed, ticket};
use crate::tools::succeed;

#[test]
fn unzip_sha256sum_and_python_accept_what_we_write() {
    for zip in [archive(), archive_of_files()] {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("package.zip"), &*zip).unwrap();
        succeed(folder.path(), "unzip", &["-t", "package.zip"]);
        succeed(folder.path(), "unzip", &["-q", "package.zip"]);
        succeed(folder.path(), "sha256sum", &["-c", "--strict", "SHA256SUMS"]);
        let program = "import zipfile, csv, io, json\n\
                       z = zipfile.ZipFile('package.zip')\n\
                       assert z.testzip() is None\n\
                       rows = list(csv.DictReader(io.TextIOWrapper(z.open('manifest.csv'), 'utf-8', newline='')))\n\
                       ticket = json.load(z.open('job-ticket.json'))\n\
                       assert [int(r['sequence']) for r in rows] == [1, 2, 3], rows\n\
                       assert ticket['totals']['letters'] == 3 and ticket['totals']['sequence_sum'] == 6\n\
                       assert all(i.date_time == (1980, 1, 1, 0, 0, 0) for i in z.infolist())\n\
                       print(*z.namelist())";
        let names = succeed(folder.path(), "python3", &["-c", program]);
        assert!(names.starts_with("job-ticket.json manifest.csv letters"), "{names}");
    }
}

#[test]
fn the_same_letters_give_the_same_archive() {
    assert_eq!(*archive(), *archive());
    assert_eq!(*archive_of_files(), *archive_of_files());
}

#[test]
fn the_vendor_accepts_what_the_site_seals() {
    for zip in [archive(), archive_of_files()] {
        let sealed = sealed(&zip);
        let package = check(&sealed).unwrap_or_else(|refusal| panic!("{refusal}"));
        assert_eq!((package.name.clone(), package.rows.len()), (name(), 3));
        assert_eq!(package.sha256, ReadyMarker::for_sealed(&name(), &sealed, "").sha256);
        assert!(package.file("SHA256SUMS").is_some());
    }
}

#[test]
fn manifest_ticket_and_letters_must_agree_before_anything_is_written() {
    let rows = print_stream_rows();
    let pdf = print_stream();
    let letters = Letters::PrintStream(&pdf);
    let mut wrong = ticket(&rows);
    wrong.totals.sheets += 1;
    assert_eq!(assemble(&rows, &wrong, letters).err(), Some(AssembleError::WrongTotals));
    assert_eq!(assemble(&[], &ticket(&[]), letters).err(), Some(AssembleError::Empty));
    let reversed: Vec<_> = rows.iter().rev().cloned().collect();
    assert!(matches!(assemble(&reversed, &ticket(&reversed), letters), Err(AssembleError::WrongRow { .. })));
    let none = Letters::Files(&[]);
    assert!(matches!(assemble(&rows, &ticket(&rows), none), Err(AssembleError::OtherLetters { .. })));
    let many = vec![rows[0].clone(); 1_001];
    assert!(matches!(assemble(&many, &ticket(&many), letters), Err(AssembleError::TooMany { .. })));
}
