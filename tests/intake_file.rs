//! The sample request files, read and judged as the import does it.

use letterpost::domain::address::DeliveryZone;
use letterpost::domain::request::{FieldProblem, Format, Language, NewRequest, SecondFactor, judge};
use letterpost::stages::intake_file::{FileRefused, RowRead, check_control, raw_text, read_requests};

type Judged = Result<NewRequest, Vec<FieldProblem>>;

#[expect(clippy::disallowed_methods, clippy::unwrap_used, reason = "the samples are files that are there")]
fn sample(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/samples/requests/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn judged(row: &RowRead<'_>) -> Judged {
    row.outcome.as_ref().map_err(Clone::clone).and_then(judge)
}

fn good(rows: &[RowRead<'_>]) -> Vec<NewRequest> {
    rows.iter().filter_map(|row| judged(row).ok()).collect()
}

#[test]
fn the_sample_requests_are_good_but_for_the_one_that_is_not() {
    let bytes = sample("requests.csv");
    let rows = read_requests("requests.csv", &bytes).unwrap();
    assert_eq!(check_control(&sample("requests.csv.control"), &bytes, rows.len() as u64), Ok(()));
    assert_eq!(rows.len(), 24);

    let bad: Vec<_> = rows.iter().filter_map(|row| Some((row, judged(row).err()?))).collect();
    let [(row, problems)] = bad.as_slice() else { panic!("{bad:?}") };
    assert_eq!(row.line, 16);
    assert!(raw_text(row.bytes).starts_with("EBA-2026-000115,pat.wrongstate@example.com,"));
    assert_eq!(
        problems.iter().map(|p| (p.column, p.problem.as_str())).collect::<Vec<_>>(),
        [("state", "'ZZ' is not a state")]
    );
}

#[test]
fn the_sample_people_are_as_various_as_people_are() {
    let requests = good(&read_requests("requests.csv", &sample("requests.csv")).unwrap());
    let count = |what: fn(&NewRequest) -> bool| requests.iter().filter(|request| what(request)).count();
    assert_eq!(count(|r| r.second_factor == SecondFactor::Phone), 2);
    assert_eq!(count(|r| r.recipient.language == Language::Es), 4);
    assert_eq!(count(|r| r.recipient.format == Format::LargePrint), 2);
    assert_eq!(count(|r| r.username == "avery.sample@example.com"), 2);
    assert_eq!(count(|r| !r.recipient.address.is_domestic()), 1);
    assert_eq!(count(|r| r.recipient.address.delivery_zone() == DeliveryZone::Outside), 5);
    assert_eq!(count(|r| r.recipient.address.postal_code == "80203-0001"), 1, "nine digits get their hyphen");
    assert_eq!(count(|r| r.recipient.full_name == "Zoë \"Zip\" Testcase, Jr."), 1);
    assert!(requests.iter().all(|r| r.username.ends_with("@example.com")));
    let mut references: Vec<_> = requests.iter().map(|r| &r.reference).collect();
    references.dedup();
    assert_eq!(references.len(), 23);
}

#[test]
fn json_lines_say_the_same_things() {
    let requests = good(&read_requests("more.jsonl", &sample("more.jsonl")).unwrap());
    assert_eq!(requests.len(), 4);
    assert_eq!(requests[0].address_since.unwrap().to_string(), "2019-04-01");
    assert_eq!(requests[3].recipient.address.country, "US", "null is as good as absent");
    assert_eq!(requests[3].recipient.language, Language::En);
}

#[test]
fn one_request_has_one_digest_in_either_format() {
    let header = "requested_at,second_factor,postal_code,state,city,address_line_1,full_name,username,reference";
    let fields = ["2026-03-02T09:30:00Z", "email", "62701", "IL", "Springfield", "1 Example Street", "Zoë", "z", "R1"];
    let members: Vec<_> = header.split(',').zip(fields).map(|(name, text)| format!("{name:?}:{text:?}")).collect();
    let (csv, json) = (format!("{header}\n{}\n", fields.join(",")), format!("{{{}}}", members.join(",")));
    let csv = read_requests("a.csv", csv.as_bytes()).unwrap();
    let json = read_requests("a.jsonl", json.as_bytes()).unwrap();
    assert_eq!(judged(&csv[0]).unwrap(), judged(&json[0]).unwrap());
}

#[test]
fn every_hostile_row_has_its_outcome_and_costs_no_other() {
    let bytes = sample("hostile.csv");
    let rows = read_requests("hostile.csv", &bytes).unwrap();
    let name = |name: &str| Ok(name.to_owned());
    let refused = |column: &str, problem: &str| Err((column.to_owned(), problem.to_owned()));
    let quote_inside = || refused("row", "has a quote within a field that does not begin with one");
    let expected = [
        (2, name("{{ name }}")),
        (3, name("**x**")),
        (4, name("[a](b)")),
        (5, name("=HYPERLINK(\"http://example.invalid\")")),
        (6, name("Sam 😀 Sample")),
        (7, refused("full_name", "has a control of the direction of writing, U+202E, as character 5")),
        (8, refused("full_name", "has 500 characters; the limit is 100")),
        (9, refused("full_name", "has a NUL, U+0000, as character 4")),
        (10, refused("full_name", "is not UTF-8")),
        (11, refused("row", "has 4 fields and the header has 14")),
        (12, name("Sam \"the Sample\" Example")),
        (13, quote_inside()),
        (14, refused("full_name", "has a control character, U+000A, as character 4")),
        (16, refused("row", "has text after the closing quote of a field")),
        (17, name("../../etc/passwd")),
        (18, name("Robert'); DROP TABLE mail_requests;--")),
        (19, refused("row", "has text after the closing quote of a field")),
        (20, name("Sam Sample")),
    ];
    let found: Vec<_> = rows.iter().map(|row| (row.line, in_short(judged(row)))).collect();
    assert_eq!(found, expected);
}

/// The name of a good row, or column and text of the only problem of a bad one.
fn in_short(judged: Judged) -> Result<String, (String, String)> {
    judged.map(|request| request.recipient.full_name).map_err(|problems| {
        assert_eq!(problems.len(), 1, "{problems:?}");
        (problems[0].column.to_owned(), problems[0].problem.clone())
    })
}

#[test]
fn a_file_without_a_required_column_is_refused_whole() {
    let refusal = read_requests("missing-column.csv", &sample("missing-column.csv")).unwrap_err();
    assert_eq!(refusal, FileRefused::MissingColumn("second_factor"));
    assert!(refusal.to_string().contains("'second_factor' is missing"));
}

#[test]
fn a_file_that_is_not_what_was_announced_is_refused() {
    let bytes = sample("wrong-control.csv");
    let rows = read_requests("wrong-control.csv", &bytes).unwrap().len() as u64;
    let refusal = check_control(&sample("wrong-control.csv.control"), &bytes, rows).unwrap_err();
    assert!(matches!(refusal, FileRefused::OtherDigest { .. }), "{refusal}");
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_name() {
    let bytes = [b"\xEF\xBB\xBF", sample("requests.csv").as_slice()].concat();
    assert_eq!(read_requests("requests.csv", &bytes).unwrap().len(), 24);
}

/// Reads and judges whatever the bytes are; returns what the rows of the file add up to.
fn read_anything(file_name: &str, bytes: &[u8]) -> usize {
    let rows = read_requests(file_name, bytes).unwrap_or_default();
    assert!(rows.is_sorted_by(|a, b| a.line < b.line));
    for row in &rows {
        if let Err(problems) = judged(row) {
            assert!(!problems.is_empty());
        }
    }
    rows.len()
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>) {
        for name in ["a.csv", "a.jsonl"] {
            read_anything(name, &bytes);
        }
    }

    #[test]
    fn no_bytes_after_a_header_make_it_panic(text in "[a-z\",\r\n{}:\\\\ \u{0}\u{202E}é0-9-]{0,200}", bytes: Vec<u8>) {
        let header = b"reference,username,full_name,address_line_1,city,second_factor,requested_at\n";
        read_anything("a.csv", &[header, text.as_bytes(), &bytes].concat());
        read_anything("a.jsonl", text.as_bytes());
    }

    #[test]
    fn a_sample_with_one_byte_changed_does_not_make_it_panic(place: proptest::sample::Index, byte: u8) {
        for name in ["requests.csv", "hostile.csv", "more.jsonl"] {
            let mut bytes = sample(name);
            let place = place.index(bytes.len());
            bytes[place] = byte;
            read_anything(name, &bytes);
        }
    }

    #[test]
    fn no_text_in_any_column_makes_judging_panic(texts in proptest::collection::vec(".{0,40}", 16)) {
        let mut raw = letterpost::domain::request::RawRequest::default();
        for (column, text) in letterpost::domain::request::COLUMNS.into_iter().zip(texts) {
            *raw.column_mut(column).unwrap() = Some(text);
        }
        let _ = judge(&raw);
    }
}
