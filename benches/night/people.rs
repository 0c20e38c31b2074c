//! Invented people who ask for a letter: the same each time. Every fourth reads Spanish, every tenth has an apartment, some have long names.

use chrono::{DateTime, TimeDelta, Utc};

const GIVEN: [&str; 16] = [
    "Avery",
    "Bo",
    "Casey",
    "Dana",
    "Eli",
    "Flor",
    "Gael",
    "Hana",
    "Iker",
    "José",
    "Kaya",
    "Lucía",
    "María del Carmen",
    "Noa",
    "Zoë",
    "Jean-Luc",
];
const FAMILY: [&str; 10] = [
    "Sample",
    "Invented",
    "Muestra",
    "Example",
    "Núñez",
    "Specimen",
    "Ejemplo",
    "Placeholder",
    "O'Example",
    "Sample-Placeholder",
];
const PLACES: [(&str, &str, &str); 8] = [
    ("Springfield", "IL", "62701"),
    ("El Paso", "TX", "79901"),
    ("Boston", "MA", "02108-1234"),
    ("Albany", "NY", "12207"),
    ("San Francisco", "CA", "94103"),
    ("Honolulu", "HI", "96813"),
    ("Saint Paul", "MN", "55102"),
    ("Albuquerque", "NM", "87102-3344"),
];
const STREETS: [&str; 6] =
    ["Example Street", "North Sample Avenue", "Invented Boulevard", "Calle Muestra", "Placeholder Road", "Specimen Ct"];

/// The columns of a request, in the portal's table and in a file.
pub const COLUMNS: [&str; 13] = [
    "reference",
    "username",
    "full_name",
    "address_line_1",
    "address_line_2",
    "city",
    "state",
    "postal_code",
    "country",
    "second_factor",
    "language",
    "format",
    "requested_at",
];

/// One request, column by column.
pub type Row = [String; COLUMNS.len()];

/// So many requests that came in during the day before this instant.
pub fn requests(letters: usize, before: DateTime<Utc>) -> impl Iterator<Item = Row> {
    (0..letters).map(move |n| request(n, before - TimeDelta::seconds(3600 + (n % 80_000) as i64)))
}

fn request(n: usize, asked_at: DateTime<Utc>) -> Row {
    let (city, state, postal_code) = PLACES[n % PLACES.len()];
    let name = format!("{} {}", GIVEN[n % GIVEN.len()], FAMILY[n / 7 % FAMILY.len()]);
    let street = format!("{} {}", n + 1, STREETS[n / 3 % STREETS.len()]);
    let unit = if n.is_multiple_of(10) { format!("Apt {}", n % 97 + 1) } else { String::new() };
    let language = if n.is_multiple_of(4) { "es" } else { "en" };
    [
        format!("BENCH-{n:07}"),
        format!("person{n}@example.com"),
        name,
        street,
        unit,
        city.into(),
        state.into(),
        postal_code.into(),
        "US".into(),
        "email".into(),
        language.into(),
        "standard".into(),
        asked_at.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
    ]
}

/// The requests as a file of CSV.
pub fn csv(letters: usize, before: DateTime<Utc>) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS).unwrap();
    requests(letters, before).for_each(|row| writer.write_record(row).unwrap());
    writer.into_inner().unwrap()
}
