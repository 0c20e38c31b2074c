//! What is refused, word for word.

use std::path::Path;

use super::super::{Config, Database};
use super::{LEAST, least};

/// What is said of the least configuration with `from` replaced by `to`.
fn told(from: &str, to: &str) -> String {
    assert!(LEAST.contains(from), "{from}");
    match Config::from_toml(&LEAST.replacen(from, to, 1)) {
        Ok(_) => String::new(),
        Err(error) => error.to_string(),
    }
}

/// What is said of the least configuration with a section more, without the line.
fn told_with(section: &str) -> String {
    let error = told("[letterhead]", &format!("{section}\n[letterhead]"));
    error.split_once(": ").map(|(_, message)| message.to_owned()).unwrap_or(error)
}

/// The same of a live site.
fn told_live_with(section: &str) -> String {
    let text = LEAST.replace("\"test\"", "\"live\"").replace("[letterhead]", &format!("{section}\n[letterhead]"));
    Config::from_toml(&text).map_or_else(|error| error.to_string(), |_| String::new())
}

/// What is said of the least configuration with a line more in its vendor.
fn told_of_vendor(line: &str) -> String {
    told("outbox = \"out\"", &format!("outbox = \"out\"\n{line}"))
}

#[test]
fn all_problems_are_told_at_once_in_the_order_of_the_file() {
    let text =
        LEAST.replace("name = \"Acme Print\"\n", "").replace("\"test\"", "\"prod\"") + "letters_a_package = 2000\n";
    assert_eq!(
        Config::from_toml(&text).unwrap_err().to_string(),
        "line 4: [site] environment is \"prod\"; write \"test\" or \"live\"\n\
         line 17: [[vendor]] acme name is missing; write the vendor's name between quotes\n\
         line 22: [[vendor]] acme letters_a_package is 2000; write a whole number from 1 to 1000, without quotes"
    );
}

#[test]
fn a_batch_has_a_letter_at_least_and_workers_are_waited_for() {
    for (line, told) in [
        ("batch_letters = 0", "batch_letters is 0; write a whole number from 1 to 100000, without quotes"),
        ("wait_minutes = 0", "wait_minutes is 0; write a whole number from 1 to 240, without quotes"),
        ("wait_minutes = 241", "wait_minutes is 241; write a whole number from 1 to 240, without quotes"),
    ] {
        assert_eq!(told_with(&format!("[production]\n{line}")), format!("[production] {told}"));
    }
    assert_eq!(told_with("[production]\nbatch_letters = 50\nwait_minutes = 240"), "");
}

#[test]
fn the_daemon_answers_this_machine_alone() {
    let write = "write an address of this machine alone and a port between quotes, \"127.0.0.1:9464\" or \"[::1]:9464\", or \"off\"";
    for wrong in ["0.0.0.0:9464", "192.0.2.7:9464", "localhost:9464", "127.0.0.1", "on"] {
        let told = told_with(&format!("[daemon]\nlisten = \"{wrong}\""));
        assert_eq!(told, format!("[daemon] listen is \"{wrong}\"; {write}"));
    }
    for right in ["127.0.0.1:0", "[::1]:9464", "off"] {
        assert_eq!(told_with(&format!("[daemon]\nlisten = \"{right}\"")), "");
    }
}

#[test]
fn the_key_of_the_log_is_no_public_key_and_its_name_is_the_origin() {
    assert_eq!(
        told_with("[keys]\nlog_key = \"keys/log.vkey\""),
        "[keys] log_key names the file of the public key; give the secret key another ending: \"keys/log.key\""
    );
    assert_eq!(told_with("[keys]\nlog_key = \"/etc/eba/log.key\""), "");
    assert!(told("origin = \"", "origin = \"a+").contains("without spaces or '+'"));
    assert!(told("origin = \"", "origin = \"a b").contains("without spaces or '+'"));
}

#[test]
fn an_alert_has_a_deadline_within_bounds() {
    assert_eq!(
        told_with("[alerts]\ndeadline_seconds = 0"),
        "[alerts] deadline_seconds is 0; write a whole number from 1 to 600, without quotes"
    );
}

#[test]
fn an_unknown_key_is_refused_with_the_nearest_known_one() {
    for (from, to, expected) in [
        ("contact", "tme_zone = 1\ncontact", "line 7: unknown key 'tme_zone' in [site]; did you mean 'time_zone'?"),
        (
            "outbox = \"out\"",
            "outbox = \"out\"\ncutoff = \"06:00\"",
            "line 23: unknown key 'cutoff' in [[vendor]] acme; did you mean 'cut_off'?",
        ),
        (
            "[letterhead]",
            "[Limits]\n[letterhead]",
            "line 9: unknown section or key 'Limits' outside any section; did you mean 'limits'?",
        ),
        (
            "[letterhead]",
            "[holds]\nxyz = 1\n[letterhead]",
            "line 10: unknown key 'xyz' in [holds]; its keys are act_within_business_days, \
             withdraw_after_business_days",
        ),
        (
            "outbox = \"out\"",
            "outbox = \"out\"\nenvelope = { tint = true }",
            "line 23: unknown key 'tint' in [[vendor]] acme envelope; its keys are kind, security_tint, printed_endorsement",
        ),
    ] {
        assert_eq!(told(from, to), expected);
    }
}

#[test]
fn a_missing_key_is_told_at_its_section() {
    assert_eq!(
        told("time_zone = \"America/Chicago\"\n", ""),
        "line 1: [site] time_zone is missing; write a name of the time zone database: \"America/New_York\""
    );
    let nothing = Config::from_toml("").unwrap_err();
    assert_eq!(nothing.problems.len(), 12, "{nothing}");
    assert!(nothing.to_string().starts_with("[site] name is missing; write the name of the site"), "{nothing}");
}

#[test]
fn values_that_cannot_be_are_refused_with_what_to_write() {
    let whole = |from: u32, to: u32| format!("write a whole number from {from} to {to}, without quotes");
    for (section, expected) in [
        ("[validity]\ncap_days = 22", format!("[validity] cap_days is 22; {}", whole(1, 21))),
        (
            "[validity]\nwindow_business_days_outside = 0",
            format!("[validity] window_business_days_outside is 0; {}", whole(1, 30)),
        ),
        (
            "[password]\nfailures_until_locked = 101",
            format!("[password] failures_until_locked is 101; {}", whole(1, 100)),
        ),
        (
            "[holds]\nwithdraw_after_business_days = 1",
            "[holds] withdraw_after_business_days cannot be before act_within_business_days: write 2 or more, so that \
             nothing is withdrawn before its day to act is over"
                .into(),
        ),
        (
            "[validity]\nshortest_window_business_days = 22",
            format!("[validity] shortest_window_business_days is 22; {}", whole(0, 21)),
        ),
        ("[validity]\npromised_business_days = 0", format!("[validity] promised_business_days is 0; {}", whole(1, 60))),
        ("[validity]\nmail_by_business_days = 11", format!("[validity] mail_by_business_days is 11; {}", whole(0, 10))),
        (
            "[calendar]\npostal_closed = 2025-01-09",
            "[calendar] postal_closed is 2025-01-09; write a list of dates, year first: [2026-12-24]".into(),
        ),
        ("[calendar]\nvouched_to = 2027", "[calendar] vouched_to is 2027; write a date, year first: 2027-12-31".into()),
        ("[reissue]\nlate = \"person\"", "[reissue] late is \"person\"; write \"alert\" or \"reissue\"".into()),
        ("[reissue]\nlost = \"yes\"", "[reissue] lost is \"yes\"; write \"reissue\" or \"person\"".into()),
        ("[reissue]\nmost_letters_a_request = 0", format!("[reissue] most_letters_a_request is 0; {}", whole(1, 20))),
        ("[approval]\ncorrections = 1", "[approval] corrections is 1; write true or false, without quotes".into()),
        (
            "[limits]\nletters_a_night = \"100\"",
            format!("[limits] letters_a_night is \"100\"; {}", whole(1, 10_000_000)),
        ),
        ("[retention]\nimport_days = 0", format!("[retention] import_days is 0; {}", whole(1, 3650))),
        ("[retention]\nquarantine_days = 0", format!("[retention] quarantine_days is 0; {}", whole(1, 3650))),
        ("[retention]\nreceipt_days = 29", format!("[retention] receipt_days is 29; {}", whole(30, 36_500))),
        ("[retention]\nbackup_days = 0", format!("[retention] backup_days is 0; {}", whole(1, 3650))),
        ("[retention]\ncertificate_days = 366", format!("[retention] certificate_days is 366; {}", whole(0, 365))),
        ("[limits]\nlongest_gap_days = 367", format!("[limits] longest_gap_days is 367; {}", whole(0, 366))),
        ("[limits]\ntimes_the_usual_night = -1", format!("[limits] times_the_usual_night is -1; {}", whole(0, 1000))),
        (
            "[envelope]\nwindow_left = inf",
            "[envelope] window_left is inf; write inches from 0 to 24, without quotes: 0.875".into(),
        ),
        (
            "[calendar]\nclosed = [\"24.12.2026\"]",
            "[calendar] closed is [\"24.12.2026\"]; write a list of dates, year first: [2026-12-24]".into(),
        ),
        (
            "[alerts]\non_alarm = \"page\"",
            "[alerts] on_alarm is \"page\"; write a list: the program and its arguments, each between quotes".into(),
        ),
        (
            "[password]\nmemory_kib = 8\nlanes = 2",
            "[password] memory_kib is 8; Argon2id needs 8 for each lane; write 16 or more".into(),
        ),
        (
            "[password]\nrounds = 600000",
            "[password] rounds belongs to verifier = \"pbkdf2-sha256\"; remove it, or set that verifier".into(),
        ),
        (
            "[password]\nverifier = \"pbkdf2-sha256\"\npasses = 2",
            "[password] passes belongs to verifier = \"argon2id\"; remove it, or set that verifier".into(),
        ),
        (
            "[password]\npreset = \"random-secret\"\npasses = 2",
            "[password] passes is set by preset = \"random-secret\"; remove one of them".into(),
        ),
        (
            "[password]\nverifier = \"pbkdf2-sha256\"\npreset = \"random-secret\"",
            "[password] preset belongs to verifier = \"argon2id\"; remove it, or set that verifier".into(),
        ),
        (
            "[password]\npreset = \"random\"",
            "[password] preset is \"random\"; write \"owasp\" or \"random-secret\"".into(),
        ),
        (
            "[intake]\nurl = \"sqlite:letterpost.db\"",
            "[intake] url is the file of the ledger; give the intake a file of its own".into(),
        ),
    ] {
        assert_eq!(told_with(section), expected);
    }
}

#[test]
fn dates_that_no_calendar_knows_are_refused() {
    let outside = "is outside the years 1986 to 2099 that the calendar knows; check the clock and the dates given";
    let expected = |what: &str, day: &str| format!("{what} cannot be: {day} {outside}");
    assert_eq!(
        told_with("[calendar]\npostal_closed = [\"0225-01-09\"]"),
        expected("[calendar] postal_closed", "0225-01-09")
    );
    assert_eq!(told_with("[calendar]\nvouched_to = 2100-01-01"), expected("[calendar] vouched_to", "2100-01-01"));
    let told = told_of_vendor("closed = [2100-01-01]");
    assert!(told.ends_with(&expected("[[vendor]] acme closed", "2100-01-01")), "{told}");
}

#[test]
fn a_date_both_closed_and_open_is_refused() {
    assert_eq!(
        told_with("[calendar]\nclosed = [2026-12-24]\nopen = [\"2026-12-24\"]"),
        "[calendar] closed cannot be: 2026-12-24 is in both `closed` and `open` of [calendar]; remove it from one of them"
    );
}

#[test]
fn a_database_that_is_no_file_is_refused_and_its_address_not_shown() {
    let write =
        "write \"sqlite:\" and the path of a file: \"sqlite:letterpost.db\", or \"postgres://LOGIN@HOST/DATABASE\"";
    assert_eq!(
        told_with("[ledger]\nurl = \"postgres://lp:secret@db/lp\""),
        "[ledger] url holds a password; take it out, and give it in PGPASSWORD or in the file of PGPASSFILE"
    );
    for url in ["letterpost.db", "sqlite:", "sqlite::memory:", "sqlite:a.db?mode=ro"] {
        let said = told_with(&format!("[ledger]\nurl = \"{url}\""));
        assert_eq!(said, format!("[ledger] url names no file of SQLite; {write}"), "{url}");
    }
    let absolute = LEAST.replace("[letterhead]", "[ledger]\nurl = \"sqlite:///var/lp.db\"\n[letterhead]");
    assert_eq!(Config::from_toml(&absolute).unwrap().stores.ledger.file(), Some(Path::new("/var/lp.db")));
}

#[test]
fn a_live_site_wants_proof_of_who_answers_over_a_network() {
    let told = |environment: &str, url: &str| {
        let text = LEAST.replace("environment = \"test\"", &format!("environment = \"{environment}\""));
        let text = text.replace("[letterhead]", &format!("[ledger]\nurl = \"{url}\"\n[letterhead]"));
        Config::from_toml(&text).map_or_else(|error| error.to_string(), |_| String::new())
    };
    let weak = "postgres://robin@db.example.invalid/ledger?sslmode=require";
    let refusal = "[ledger] url reaches its server over a network without proof who answers, and this site is live; write \
                   sslmode=verify-full, or leave sslmode out, and name its authority's certificate as sslrootcert";
    assert!(told("live", weak).contains(refusal), "{}", told("live", weak));
    assert!(!told("test", weak).contains(refusal));
    for guarded in ["postgres://robin@db.example.invalid/ledger", "postgres://robin@localhost/ledger?sslmode=disable"] {
        assert!(!told("live", guarded).contains(refusal), "{guarded}");
    }
}

#[test]
fn a_server_is_waited_for_as_long_as_the_configuration_says() {
    let usual = least().stores.limits;
    assert_eq!((usual.connect.as_secs(), usual.statement.as_secs()), (30, 300));
    let text = "[ledger]\nurl = \"postgres://robin@db/l\"\nconnect_seconds = 2\nstatement_seconds = 60\n[letterhead]";
    let config = Config::from_toml(&LEAST.replace("[letterhead]", text)).unwrap();
    for database in [&config.stores.ledger, &config.stores.intake] {
        let Database::Server(address) = database else { panic!("{database:?}") };
        assert_eq!(address.limits(), config.stores.limits);
    }
    assert_eq!(config.stores.limits.connect.as_secs(), 2);
    for (key, most) in [("connect_seconds", 600), ("statement_seconds", 3600)] {
        for wrong in [0, most + 1] {
            let told = told_with(&format!("[ledger]\n{key} = {wrong}"));
            assert!(
                told.contains(&format!("[ledger] {key} is {wrong}; write a whole number from 1 to {most}")),
                "{told}"
            );
        }
    }
}

#[test]
fn a_zone_outside_the_table_needs_its_names() {
    let guam = LEAST.replace("America/Chicago", "Pacific/Guam");
    let error = Config::from_toml(&guam).unwrap_err().to_string();
    assert!(error.contains("line 1: [site] zone_name_en is missing; write what readers call the zone"), "{error}");
    assert!(error.contains("line 1: [site] zone_name_es is missing"), "{error}");
    let named = guam.replace("contact", "zone_name_en = \"Chamorro Time\"\nzone_name_es = \"hora de Guam\"\ncontact");
    assert_eq!(
        Config::from_toml(&named).unwrap().site.zone_names,
        ["Chamorro Time", "hora de Guam"].map(str::to_owned)
    );
}

#[test]
fn a_live_site_is_not_cheap_and_takes_signed_receipts_only() {
    assert_eq!(told_live_with(""), "");
    for (section, expected) in [
        (
            "memory_kib = 19455",
            "memory_kib is 19455; a live site with passes = 2 needs 19456 or more (OWASP); write 19456",
        ),
        ("passes = 1", "memory_kib is not set; a live site with passes = 1 needs 47104 or more (OWASP); write 47104"),
        (
            "verifier = \"pbkdf2-sha256\"\nrounds = 599999",
            "rounds is 599999; a live site needs 600000 or more (OWASP); write 600000",
        ),
    ] {
        let section = format!("[password]\n{section}");
        let said = told_live_with(&section);
        assert!(said.ends_with(&format!("[password] {expected}")), "{said}");
        assert_eq!(told_with(&section), "");
    }
    let nameless =
        LEAST.replace("code = \"eba\"\n", "").replace("[letterhead]", "[password]\npasses = 1\n[letterhead]");
    assert_eq!(
        Config::from_toml(&nameless).unwrap_err().problems.len(),
        1,
        "a test site is not told a live site's rules"
    );
    assert_eq!(told_live_with("[password]\nmemory_kib = 12288\npasses = 3"), "");
    assert_eq!(told_of_vendor("unsigned_receipts = true"), "");
    let live = LEAST.replace("\"test\"", "\"live\"") + "unsigned_receipts = true";
    assert_eq!(
        Config::from_toml(&live).unwrap_err().to_string(),
        "line 23: [[vendor]] acme unsigned_receipts is true; a live site takes signed receipts only; write false"
    );
}

#[test]
fn vendors_are_told_apart_and_their_contracts_checked() {
    let second = LEAST.split_once("[[vendor]]").unwrap().1;
    assert_eq!(
        Config::from_toml(&format!("{LEAST}[[vendor]]{second}")).unwrap_err().to_string(),
        "line 24: [[vendor]] acme code is \"acme\"; another [[vendor]] has this code already; give each its own"
    );
    let vendor = "line 23: [[vendor]] acme";
    for (line, expected) in [
        (
            "print_days = []",
            "print_days is []; write a list of weekdays: [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"]",
        ),
        (
            "print_days = [\"lun\"]",
            "print_days is [\"lun\"]; write a list of weekdays: [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"]",
        ),
        (
            "cut_off = \"6am\"",
            "cut_off is \"6am\"; write a time of day from \"00:00\" to \"23:59\", between quotes: \"06:00\"",
        ),
        (
            "cut_off_days_before = 15",
            "cut_off_days_before cannot be: the cut-off is 15 days before the print day; write 0 to 14",
        ),
        (
            "countries = [\"USA\"]",
            "countries is [\"USA\"]; write a list of two-letter codes: [\"US\", \"CA\"], \"abroad\" for all but the US; leave the key out for all countries",
        ),
        (
            "formats = [\"braille\"]",
            "formats is [\"braille\"]; write a list of one or more of these: [\"standard\", \"large-print\"]",
        ),
        ("remake = true", "remake is true; write \"vendor\" or \"forbidden\""),
    ] {
        assert_eq!(told_of_vendor(line), format!("{vendor} {expected}"));
    }
    assert_eq!(
        told("\"out\"", "\"in\""),
        "line 22: [[vendor]] acme outbox is \"in\"; it is the inbox too; write one folder for packages and another for receipts"
    );
}

#[test]
fn sections_in_the_wrong_brackets_are_told() {
    assert!(
        told("[[vendor]]", "[vendor]")
            .starts_with("line 17: [vendor] is written once for each: put it in double brackets, [[vendor]]")
    );
    assert!(
        told("[letterhead]", "[[letterhead]]")
            .starts_with("line 9: [letterhead] is not a section; write the line [letterhead], and its keys below it")
    );
}

#[test]
fn what_is_not_toml_is_told_by_its_line() {
    let error = Config::from_toml("[site]\nname = \"x\ncode = \"eba\"\n").unwrap_err();
    assert_eq!(error.problems.len(), 1);
    assert!(error.to_string().starts_with("line 2: this is not TOML: "), "{error}");
}

#[test]
fn long_values_are_shown_in_part() {
    let error = told("\"eba\"", &format!("\"{}\"", "é".repeat(500)));
    assert!(error.contains(&format!("code is \"{}…; write one to eight", "é".repeat(59))), "{error}");
}
