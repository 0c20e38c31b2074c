//! What a row may say and what it may not.

use super::*;

const GOOD: [(&str, &str); 9] = [
    ("reference", "EBA-2026-000123"),
    ("username", "sam.sample@example.com"),
    ("full_name", "Sam Sample"),
    ("address_line_1", "1 Example Street"),
    ("city", "Springfield"),
    ("state", "IL"),
    ("postal_code", "62701"),
    ("second_factor", "email"),
    ("requested_at", "2026-03-02T09:30:00-06:00"),
];

fn row(changes: &[(&str, &str)]) -> RawRequest {
    let mut raw = RawRequest::default();
    for (column, text) in GOOD.iter().chain(changes) {
        *raw.column_mut(column).unwrap() = Some((*text).to_owned());
    }
    raw
}

fn refused_columns(changes: &[(&str, &str)]) -> Vec<&'static str> {
    judge(&row(changes)).unwrap_err().into_iter().map(|problem| problem.column).collect()
}

fn digest(changes: &[(&str, &str)]) -> [u8; 32] {
    judge(&row(changes)).unwrap().content_sha256
}

#[test]
fn a_plain_row_gets_the_defaults() {
    let request = judge(&row(&[])).unwrap();
    assert_eq!(request.recipient.address.country, "US");
    assert_eq!((request.recipient.language, request.recipient.format), (Language::En, Format::Standard));
    assert_eq!(request.second_factor, SecondFactor::Email);
    assert_eq!(request.requested_at.to_rfc3339(), "2026-03-02T15:30:00+00:00");
    assert_eq!((request.address_basis, request.address_since), (None, None));
}

#[test]
fn words_are_read_case_aside() {
    let words = [("second_factor", "PHONE"), ("language", " Es "), ("format", "Large-Print"), ("country", "us")];
    let request = judge(&row(&words)).unwrap();
    assert_eq!(request.second_factor, SecondFactor::Phone);
    assert_eq!((request.recipient.language, request.recipient.format), (Language::Es, Format::LargePrint));
    for column in ["second_factor", "language", "format", "address_basis"] {
        assert_eq!(refused_columns(&[(column, "maybe")]), [column]);
    }
}

#[test]
fn an_empty_row_names_every_required_column_at_once() {
    let problems = judge(&RawRequest::default()).unwrap_err();
    for column in super::super::REQUIRED_COLUMNS {
        assert_eq!(problems.iter().filter(|problem| problem.column == column).count(), 1, "{column}");
    }
}

#[test]
fn all_faults_of_a_row_are_found_at_once() {
    let faults = [
        ("reference", "two words"),
        ("full_name", "Sam\u{202E}elpmaS"),
        ("state", "ZZ"),
        ("postal_code", "1"),
        ("phone", "none"),
        ("language", "fr"),
        ("requested_at", "yesterday"),
        ("address_since", "2026-02-30"),
    ];
    assert_eq!(refused_columns(&faults), faults.map(|(column, _)| column));
}

#[test]
fn lengths_are_limited_and_the_limit_is_said() {
    for (column, limit) in
        [("reference", 64), ("username", 128), ("full_name", 100), ("address_line_1", 100), ("city", 60)]
    {
        assert!(judge(&row(&[(column, &"x".repeat(limit))])).is_ok(), "{column}");
        let problem = judge(&row(&[(column, &"x".repeat(500))])).unwrap_err().remove(0);
        assert_eq!(problem.column, column);
        assert_eq!(problem.problem, format!("has 500 characters; the limit is {limit}"));
    }
}

#[test]
fn dates_have_an_offset_and_a_sane_year() {
    for refused in ["2026-03-02", "2026-03-02T09:30:00", "1999-12-31T23:59:59Z", "2026-02-30T00:00:00Z", "0"] {
        assert_eq!(refused_columns(&[("requested_at", refused)]), ["requested_at"], "{refused}");
    }
    for refused in ["2026-3-2", "02/03/2026", "+2026-03-02", "2026-13-01"] {
        assert_eq!(refused_columns(&[("address_since", refused)]), ["address_since"], "{refused}");
    }
    let request = judge(&row(&[("address_since", "2024-02-29"), ("address_basis", "of-record")])).unwrap();
    assert_eq!(request.address_since, NaiveDate::from_ymd_opt(2024, 2, 29));
    assert_eq!(request.address_basis, Some(AddressBasis::OfRecord));
}

#[test]
fn a_day_of_skew_is_allowed_and_no_more() {
    let request = judge(&row(&[])).unwrap();
    let at = |text: &str| DateTime::parse_from_rfc3339(text).unwrap().to_utc();
    assert!(!request.is_from_the_future(at("2026-03-01T15:30:00Z")));
    assert!(request.is_from_the_future(at("2026-03-01T15:29:59Z")));
}

#[test]
fn the_digest_is_over_what_is_meant_and_not_over_its_spelling() {
    let same = digest(&[]);
    for spelling in [
        ("phone", "202-555-0123"),
        ("country", "us"),
        ("language", "EN"),
        ("format", "standard"),
        ("state", "il"),
        ("full_name", "  Sam Sample "),
        ("address_line_2", " "),
        ("requested_at", "2026-03-02T15:30:00Z"),
    ] {
        assert_eq!(digest(&[spelling]), same, "{spelling:?}");
    }
    for change in [
        ("reference", "EBA-2026-000124"),
        ("username", "sam.sample@example.org"),
        ("full_name", "Sam Samples"),
        ("address_line_1", "2 Example Street"),
        ("address_line_2", "Apt 2"),
        ("city", "Chicago"),
        ("postal_code", "62701-0001"),
        ("country", "CA"),
        ("second_factor", "phone"),
        ("language", "es"),
        ("format", "large-print"),
        ("requested_at", "2026-03-02T15:30:01Z"),
        ("address_basis", "supplied"),
        ("address_since", "2026-01-01"),
    ] {
        assert_ne!(digest(&[change]), same, "{change:?}");
    }
}

#[test]
fn the_digest_keeps_fields_apart() {
    assert_ne!(
        digest(&[("address_line_1", "1 Example StreetA"), ("address_line_2", "B")]),
        digest(&[("address_line_1", "1 Example Street"), ("address_line_2", "AB")]),
    );
}

#[test]
fn the_digest_is_as_another_tool_computes_it() {
    // python3: hashlib.sha256(b"".join(len(f).to_bytes(8, "big") + f for f in fields)).hexdigest()
    assert_eq!(hex::encode(digest(&[])), "32dda3f253b0455b3384a7fca0c3d968f394442a2d3936ad809f9c13d830204b");
}

#[test]
fn no_message_repeats_who_asked() {
    let faults =
        [("reference", "secret ref"), ("username", "secret\u{7}"), ("full_name", "secret\0"), ("phone", "secret")];
    for problem in judge(&row(&faults)).unwrap_err() {
        assert!(!format!("{problem:?}").contains("secret"), "{problem:?}");
    }
}

#[test]
fn a_username_keeps_its_spaces_as_they_are() {
    assert_eq!(refused_columns(&[("username", "sam\u{00A0}sample")]), ["username"]);
    assert_eq!(judge(&row(&[("username", "sam sample")])).unwrap().username, "sam sample");
}
