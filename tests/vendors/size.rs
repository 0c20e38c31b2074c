//! No package is larger than its vendor takes, and no letter is lost where one is cut.

use std::fmt::Write as _;
use std::fs;

use super::MONDAY_NIGHT;
use super::nightly::TestSite;

const MIB: u64 = 1 << 20;
/// More letters, in files of their own, than one MiB holds.
const PEOPLE: usize = 120;

/// A site whose vendor takes letters in files of their own and packages of one MiB.
fn site_with(people: usize) -> TestSite {
    let site = TestSite::before_the_night(MONDAY_NIGHT);
    site.configure("# layout = \"print-stream\"", "layout = \"letter-files\"");
    site.configure("# package_mib = 85", "package_mib = 1");
    let mut rows = String::new();
    for place in 1..=people {
        writeln!(
            rows,
            "MANY-{place:04},many{place}@example.com,Sample Person,{place} Example Street,,Springfield,IL,62701,US,,email,\
             en,standard,2026-02-27T08:00:00-05:00"
        )
        .unwrap();
    }
    site.import("many.csv", rows.trim_end()).expect(0);
    site
}

/// Letters and bytes of each package, oldest first.
fn packages(site: &TestSite) -> Vec<(u64, u64)> {
    let rows =
        site.rows("SELECT letters, size_bytes FROM batch WHERE format = 'standard' AND status <> 'void' ORDER BY id");
    rows.iter().map(|row| (row[0].parse().unwrap(), row[1].parse().unwrap())).collect()
}

#[test]
fn a_package_that_comes_out_too_large_is_cut_and_the_next_ones_are_claimed_to_fit() {
    let site = site_with(PEOPLE);
    let waiting: u64 =
        site.value("SELECT count(*) FROM request WHERE status = 'pending' AND format = 'standard'").parse().unwrap();
    let night = site.night();
    let packages = packages(&site);
    assert!(packages.iter().all(|(_, bytes)| *bytes <= MIB), "{packages:?}");
    assert!(packages.len() >= 2, "{packages:?}");
    for name in site.packages() {
        let sealed = site.path(&format!("vendor/inbox/{name}.zip.pgp"));
        assert!(fs::metadata(&sealed).unwrap().len() <= MIB);
        site.run(&["vendor", "verify", sealed.to_str().unwrap()]).expect(0);
    }
    let held = site.value("SELECT count(*) FROM request WHERE status = 'held' AND format = 'standard'");
    let made: u64 = packages.iter().map(|(letters, _)| letters).sum();
    assert_eq!(made + held.parse::<u64>().unwrap(), waiting, "nothing lost, nothing twice");
    let told = "stay in it, the others go into the next one";
    assert_eq!(night.stderr.matches(told).count(), 1, "only the first is cut: {}", night.text());
    let cuts = "SELECT count(*) FROM audit_entry WHERE kind = 'package.cut'";
    assert_eq!(site.value(cuts), "1");
    site.closed_accounting();
}

#[test]
fn what_is_sealed_and_too_large_for_a_limit_that_was_lowered_is_not_sent() {
    let site = site_with(PEOPLE);
    site.configure("package_mib = 1", "package_mib = 2");
    site.run(&["collect"]).done();
    site.run(&["produce"]).done();
    assert!(packages(&site).iter().any(|(_, bytes)| *bytes > MIB));
    site.configure("package_mib = 2", "package_mib = 1");
    let delivered = site.run(&["deliver"]).expect(1);
    assert!(
        delivered.stderr.contains("package_mib of vendor acme allows 1048576: it is not sent"),
        "{}",
        delivered.text()
    );
    let sent = site.packages();
    assert!(
        sent.iter().all(|name| fs::metadata(site.path(&format!("vendor/inbox/{name}.zip.pgp"))).unwrap().len() <= MIB)
    );
    // After its last mailing day it is withdrawn, and its letters are made again in packages that fit.
    site.clock("2026-03-09T22:30:00-04:00");
    site.night();
    let left = "SELECT count(*) FROM batch WHERE status NOT IN ('void', 'delivered')";
    assert_eq!(site.value(left), "0");
    site.clock("2026-03-10T22:30:00-04:00");
    site.night();
    assert_eq!(site.value("SELECT count(*) FROM request WHERE status = 'pending'"), "0");
    assert!(packages(&site).iter().all(|(_, bytes)| *bytes <= MIB), "{:?}", packages(&site));
    site.closed_accounting();
}
