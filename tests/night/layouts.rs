//! Packages as each vendor wants them: one print file or a file a letter, printed on one side or on both.

use super::MONDAY_NIGHT;
use super::nightly::{TestSite, run_limited};
use super::opened::{Opened, open_all};

fn night_with(lines: &[(&str, &str)]) -> (TestSite, Vec<Opened>) {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    for (line, with) in lines {
        site.configure(line, with);
    }
    site.night();
    let packages = open_all(&site);
    for name in site.packages() {
        let sealed = site.path(&format!("vendor/inbox/{name}.zip.pgp"));
        site.run(&["vendor", "verify", sealed.to_str().unwrap()]).expect(0);
    }
    (site, packages)
}

#[test]
fn a_vendor_can_have_every_letter_in_a_file_of_its_own() {
    let (site, packages) = night_with(&[("# layout = \"print-stream\"", "layout = \"letter-files\"")]);
    let letters: Vec<_> = packages.iter().flat_map(|package| &package.letters).collect();
    assert_eq!(letters.len(), 17);
    for package in &packages {
        for letter in &package.letters {
            let sequence: u32 = letter.row["sequence"].parse().unwrap();
            assert_eq!(letter.row["file"], format!("letters/{sequence:06}.pdf"));
            assert_eq!(letter.row["first_page"], "1");
            let file = package.folder.join(&letter.row["file"]);
            let sum = run_limited("sha256sum", &[file.to_str().unwrap()], &[], "").expect(0).stdout;
            assert!(sum.starts_with(&letter.row["sha256"]), "the manifest gives the digest of the file");
            // A name that needs the other fonts brings them along.
            let pdf = package.file(&letter.row["file"]);
            let most = if letter.text().chars().all(|c| c <= '\u{FF}') { 20_000 } else { 32_000 };
            assert!(pdf.len() <= most, "{} bytes", pdf.len());
            let username = site.value(&format!("SELECT username FROM letter WHERE id = '{}'", letter.id()));
            assert_eq!(site.check(&username, &letter.password).1, "accepted");
        }
    }
}

#[test]
fn on_both_sides_every_letter_begins_on_a_front() {
    for layout in ["print-stream", "letter-files"] {
        let layout = format!("layout = \"{layout}\"");
        let (_, packages) =
            night_with(&[("# duplex = false", "duplex = true"), ("# layout = \"print-stream\"", &layout)]);
        let mut sheets = Vec::new();
        for package in &packages {
            assert_eq!(package.ticket["duplex"], true);
            for letter in &package.letters {
                let number = |column: &str| letter.row[column].parse::<usize>().unwrap();
                assert_eq!((number("pages"), number("first_page") % 2), (2 * number("sheets"), 1));
                let printed = letter.pages.iter().filter(|page| !page.trim().is_empty()).count();
                assert!(printed == number("pages") || printed + 1 == number("pages"), "one blank back at most");
                sheets.push((letter.row["format"].clone(), number("sheets"), printed));
            }
        }
        assert!(sheets.contains(&("large-print".to_owned(), 1, 2)), "two pages on one sheet: {sheets:?}");
        assert!(sheets.contains(&("standard".to_owned(), 1, 1)));
    }
}
