//! What a configuration comes to: defaults, paths, the sample, the site.

use std::path::Path;

use chrono::{NaiveTime, Weekday, WeekdaySet};
use chrono_tz::Tz;
use rand08::SeedableRng as _;
use rand08::rngs::StdRng;

mod auditing;
mod barcodes;
mod buckets;
mod couriers;
mod refusals;

use super::*;
use crate::domain::limits::RequestLimits;
use crate::domain::print_days::PrintSchedule;
use crate::domain::request::{Format, Language};
use crate::domain::verifier::Cost;
use crate::letter::{Abbreviations, AddressStyle, Window};
use crate::package::openpgp::{NewKey, generate_key};
use crate::package::ticket::{Remake, TicketEnvelope};
use crate::stages::site::Mint;
use crate::stages::site::Retention;

const SAMPLE: &str = include_str!("../../../samples/site/letterpost.toml");

/// Only what must be there. Lines 1, 9 and 17 are the headers.
const LEAST: &str = r#"[site]
name = "Example Benefits Agency"
code = "eba"
environment = "test"
origin = "letters.example/eba"
time_zone = "America/Chicago"
contact = "Desk"

[letterhead]
agency = "Example Benefits Agency"
return_address = ["PO Box 100"]
help_phone = "1-800-555-0142"
help_hours_en = "always"
help_hours_es = "siempre"
sign_in_address = "benefits.example"

[[vendor]]
code = "acme"
name = "Acme Print"
certificate = "keys/acme.asc"
inbox = "in"
outbox = "out"
"#;

fn least() -> Config {
    Config::from_toml(LEAST).unwrap()
}

#[test]
fn what_is_not_said_has_its_default() {
    let config = least();
    assert_eq!(config.site.zone_names, ["Central Time", "hora del Centro"].map(str::to_owned));
    assert_eq!(config.password.cost, Cost::Argon2id { memory_kib: 19_456, passes: 2, lanes: 1 });
    assert_eq!(config.password.enough_for(), EnoughFor::Chosen);
    assert_eq!(config.password.failures_until_locked, 100);
    assert_eq!(config.validity, ValidityPolicy::default());
    assert_eq!(config.calendar, BusinessCalendar::default());
    let requests = RequestLimits {
        letters_an_account: 4,
        letters_an_address: 4,
        span_days: 30,
        hold_supplied_addresses: false,
        hold_addresses_newer_than_days: 0,
    };
    assert_eq!(
        config.limits,
        Limits { letters_a_night: 150_000, times_the_usual_night: 3, longest_gap_days: None, requests }
    );
    let terms = Retention {
        verifier_days: 30,
        spool_days: 90,
        personal_days: 90,
        import_days: 90,
        quarantine_days: 30,
        receipt_days: 2190,
        backup_days: 35,
        certificate_days: 10,
    };
    assert_eq!(config.retention, terms);
    assert_eq!(config.sharing, Sharing { batch_letters: None, wait_minutes: 10 });
    let HoldPolicy { act_within_business_days, withdraw_after_business_days } = config.holds;
    assert_eq!((act_within_business_days, withdraw_after_business_days), (2, 5));
    assert_eq!(config.reissue, ReissuePolicy::default());
    assert_eq!(config.approval, Approval { corrections: false, releases: false });
    assert_eq!(config.audit, AuditSection::default());
    assert_eq!(config.alerts, Alerts::default());
    assert_eq!(config.listen, "127.0.0.1:9464".parse().ok());
    assert_eq!(config.geometry(), SheetGeometry::default());
}

#[test]
fn the_cost_for_random_secrets_is_one_that_a_live_site_may_have() {
    let with = |section: &str| {
        let live = LEAST.replace("\"test\"", "\"live\"").replace("[letterhead]", &format!("{section}\n[letterhead]"));
        Config::from_toml(&live).unwrap().password
    };
    let random = with("[password]\npreset = \"random-secret\"");
    assert_eq!(random.cost, Cost::Argon2id { memory_kib: 1024, passes: 1, lanes: 1 });
    assert_eq!(random.enough_for(), EnoughFor::Random);
    assert_eq!(with("[password]\npreset = \"owasp\"").cost, Cost::default());
    let written = with("[password]\nmemory_kib = 12288\npasses = 3");
    assert_eq!(written.enough_for(), EnoughFor::Chosen);
    assert_eq!(with("[password]\nverifier = \"pbkdf2-sha256\"").enough_for(), EnoughFor::Chosen);
    let cheap = LEAST.replace("[letterhead]", "[password]\nmemory_kib = 1025\npasses = 1\n[letterhead]");
    assert_eq!(Config::from_toml(&cheap).unwrap().password.enough_for(), EnoughFor::Nothing);
}

#[test]
fn a_vendor_that_says_little_has_the_usual_contract() {
    let vendor = least().vendors.remove(0);
    let working_days = WeekdaySet::ALL.difference(WeekdaySet::from_array([Weekday::Sat, Weekday::Sun]));
    let six = NaiveTime::from_hms_opt(6, 0, 0).unwrap();
    assert_eq!(vendor.print_schedule, PrintSchedule::new(working_days, six, 0).unwrap());
    assert_eq!(vendor.takes.languages, BTreeSet::from([Language::En, Language::Es]));
    assert_eq!(vendor.takes.formats, BTreeSet::from([Format::Standard]));
    assert!(vendor.takes.countries.is_empty());
    assert_eq!(vendor.takes.letters_a_package, 1000);
    assert_eq!((vendor.mint, vendor.unsigned_receipts), (Mint::LastRun, false));
    let envelope = TicketEnvelope {
        kind: "#10 standard window".into(),
        security_tint: true,
        printed_endorsement: "RETURN SERVICE REQUESTED".into(),
    };
    let job = Job {
        paper: "letter, 24 lb, white".into(),
        duplex: false,
        envelope,
        mail_class: "First-Class Mail".into(),
        remake: Remake::Forbidden,
        purge_days: 30,
        purge_certificates: true,
    };
    assert_eq!(vendor.job, job);
}

#[test]
fn paths_begin_at_the_folder_of_the_configuration() {
    let text = LEAST.replace("\"keys/acme.asc\"", "\"/etc/acme.asc\"");
    let paths = Config::from_toml(&text).unwrap().paths(Path::new("/srv/eba"));
    let expected = Paths {
        ledger: Database::File("/srv/eba/letterpost.db".into()),
        ledger_file: "/srv/eba/letterpost.db".into(),
        heads: "/srv/eba/audit/heads.log".into(),
        intake: Database::File("/srv/eba/intake.db".into()),
        intake_file: "/srv/eba/intake.db".into(),
        spool: SpoolPlace::Folder("/srv/eba/spool".into()),
        quarantine: "/srv/eba/quarantine".into(),
        receipts: "/srv/eba/receipts".into(),
        certificates: "/srv/eba/certificates".into(),
        backups: "/srv/eba/backups".into(),
        jobs: "/srv/eba/jobs".into(),
        templates: None,
        site_key: "/srv/eba/keys/site.sec.asc".into(),
        log_key: "/srv/eba/keys/log.key".into(),
        pepper: "/srv/eba/keys/pepper".into(),
        vendors: BTreeMap::from([(
            "acme".to_owned(),
            VendorPaths {
                certificates: vec!["/etc/acme.asc".into()],
                courier: CourierPlace::Folder { inbox: "/srv/eba/in".into(), outbox: "/srv/eba/out".into() },
            },
        )]),
    };
    assert_eq!(paths, expected);
    assert_eq!(least().paths(Path::new("")).ledger, Database::File("letterpost.db".into()));
}

#[test]
fn the_sample_reads_and_its_comments_show_the_defaults() {
    let config = Config::from_toml(SAMPLE).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!((config.site.code.as_str(), config.site.environment), ("eba", Environment::Test));
    assert_eq!(config.site.time_zone, Tz::America__New_York);
    let [vendor] = config.vendors.as_slice() else { panic!("one vendor") };
    assert_eq!((vendor.code.as_str(), vendor.mint), ("acme", Mint::EveryRun));
    assert_eq!(vendor.takes.formats, BTreeSet::from([Format::Standard, Format::LargePrint]));
    // Those that have no default, or exclude another key, stand there as examples.
    let mut examples =
        vec!["templates", "closed", "vouched_to", "on_success", "on_alarm", "countries", "rounds", "batch_letters"];
    // What is written counts in simulated time too, and the default does not.
    assert!(SAMPLE.contains(&format!("\n# longest_gap_days = {}\n", crate::domain::brake::LONGEST_GAP_DAYS)));
    examples.push("longest_gap_days");
    let is_example = |key: &str| examples.contains(&key) || key.starts_with("return_window_");
    let said: Vec<String> = SAMPLE
        .lines()
        .map(|line| match line.strip_prefix("# ").and_then(|said| said.split_once(" = ").map(|(key, _)| (said, key))) {
            Some((said, key)) if !key.contains(' ') && !is_example(key) => said.to_owned(),
            _ => line.to_owned(),
        })
        .collect();
    assert!(
        said.iter().filter(|line| line.contains(" = ")).count()
            > SAMPLE.lines().filter(|l| l.contains(" = ")).count() / 2
    );
    assert_eq!(Config::from_toml(&said.join("\n")).unwrap_or_else(|error| panic!("{error}")), config);
}

#[test]
fn every_example_of_the_sample_is_a_known_key() {
    for line in SAMPLE.lines().filter_map(|line| line.strip_prefix("# ")) {
        let Some((key, _)) = line.split_once(" = ").filter(|(key, _)| !key.contains(' ')) else { continue };
        let text = SAMPLE.replacen(&format!("# {line}"), line, 1);
        let said = Config::from_toml(&text).map_or_else(|error| error.to_string(), |_| String::new());
        // A window of the return address is told with four keys, or not at all.
        let needs_others = key == "rounds" || (key.starts_with("return_window_") && said.contains("is missing"));
        assert!(said.is_empty() || needs_others, "{key}: {said}");
    }
}

#[test]
fn the_envelope_is_read_in_inches() {
    let envelope = |lines: &str| Config::from_toml(&format!("{LEAST}[envelope]\n{lines}\n"));
    let even = envelope("first_fold = 3.667").unwrap().geometry();
    assert!((even.second_fold - (3.667 + 11.0) / 2.0 * 72.0).abs() < 1e-9, "halfway down the rest of the page");
    let read = envelope(
        "second_fold = 7.25\nreturn_window_left = 1\nreturn_window_bottom = 2.5\nreturn_window_width = 3\n\
         return_window_height = 0.75\nkeyline = false\nabbreviations = \"always\"",
    );
    let window = Window { left: 72.0, bottom: 180.0, width: 216.0, height: 54.0 };
    let address_style = AddressStyle { keyline: false, abbreviations: Abbreviations::Always };
    let expected =
        SheetGeometry { second_fold: 522.0, return_window: Some(window), address_style, ..SheetGeometry::default() };
    assert_eq!(read.unwrap().geometry(), expected);
    let refused = envelope("return_window_left = 1\nreturn_window_width = 3").unwrap_err().to_string();
    assert!(
        refused.contains("[envelope] return_window_bottom is missing; a window of the return address"),
        "{refused}"
    );
    let refused = envelope("abbreviations = \"sometimes\"").unwrap_err().to_string();
    assert!(refused.contains("write \"when-needed\" or \"always\" or \"never\""), "{refused}");
}

#[test]
fn the_mark_of_the_ledger_is_the_sites() {
    let mark = SiteMark {
        code: "eba".into(),
        environment: "test".into(),
        origin: "letters.example/eba".into(),
        is_rehearsal: false,
    };
    assert_eq!(least().site_mark(), mark);
    let rehearsal = LEAST.replace("contact =", "rehearsal = true\ncontact =");
    assert_eq!(Config::from_toml(&rehearsal).unwrap().site_mark(), SiteMark { is_rehearsal: true, ..mark });
    let live = rehearsal.replace("\"test\"", "\"live\"");
    let refused = Config::from_toml(&live).unwrap_err().to_string();
    assert!(refused.contains("[site] rehearsal is true; a live site has no simulated time"), "{refused}");
}

#[test]
fn the_site_has_the_vendors_with_their_certificates() {
    let made_at = "2026-01-05T00:00:00Z".parse().unwrap();
    let new = NewKey { user_id: "Acme Print", created_at: made_at, expires_at: None, passphrase: None };
    let key = generate_key(&new, &mut StdRng::seed_from_u64(1)).unwrap();
    let text = format!("{LEAST}countries = [\"US\"]\nmint = \"every-run\"\npurge_days = 7\n");
    let certificates = BTreeMap::from([("acme".to_owned(), vec![key.certificate().clone()])]);
    let site = Config::from_toml(&text).unwrap().site(certificates).unwrap();
    assert_eq!((site.code.as_str(), site.environment, site.contact.as_str()), ("eba", Environment::Test, "Desk"));
    let vendor = site.vendor("acme").unwrap();
    assert_eq!(vendor.certificates[0].fingerprint(), key.certificate().fingerprint());
    assert_eq!((vendor.mint, vendor.purge_days), (Mint::EveryRun, 7));
    assert_eq!(vendor.takes.countries, BTreeSet::from(["US".to_owned()]));
    assert_eq!(vendor.takes.languages, BTreeSet::from([Language::En, Language::Es]));
}

#[test]
fn a_vendor_without_its_certificate_makes_no_site() {
    assert_eq!(
        least().site(BTreeMap::new()).unwrap_err().to_string(),
        "[[vendor]] acme certificate: 'keys/acme.asc' has not been read; put the vendor's certificate there"
    );
}
