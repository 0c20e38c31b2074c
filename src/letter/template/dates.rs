//! Dates and time zones written out, in English and Spanish.

use chrono::{Datelike, NaiveDate};

use crate::domain::request::Language;

const DAYS_EN: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const DAYS_ES: [&str; 7] = ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"];
const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const MONTHS_ES: [&str; 12] = [
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];
/// American zone names and what they are called in Spanish.
const ZONES_ES: [(&str, &str); 8] = [
    ("Eastern Time", "hora del Este"),
    ("Central Time", "hora del Centro"),
    ("Mountain Time", "hora de la Montaña"),
    ("Pacific Time", "hora del Pacífico"),
    ("Alaska Time", "hora de Alaska"),
    ("Hawaii Time", "hora de Hawái"),
    ("Atlantic Time", "hora del Atlántico"),
    ("Chamorro Time", "hora de Chamorro"),
];

/// The entry at a place that starts from zero; every caller's place is within its table.
fn entry<const N: usize>(table: &[&'static str; N], place: u32) -> &'static str {
    usize::try_from(place).ok().and_then(|place| table.get(place)).copied().unwrap_or_default()
}

/// `November 24, 2026`, or `24 de noviembre de 2026`.
pub(in crate::letter) fn long(date: NaiveDate, language: Language) -> String {
    match language {
        Language::En => format!("{} {}, {}", entry(&MONTHS_EN, date.month0()), date.day(), date.year()),
        Language::Es => format!("{} de {} de {}", date.day(), entry(&MONTHS_ES, date.month0()), date.year()),
    }
}

/// `Monday, January 4, 2027`, or `lunes, 4 de enero de 2027`.
pub(in crate::letter) fn with_day(date: NaiveDate, language: Language) -> String {
    let day = date.weekday().num_days_from_monday();
    match language {
        Language::En => format!("{}, {}", entry(&DAYS_EN, day), long(date, language)),
        Language::Es => format!("{}, {}", entry(&DAYS_ES, day), long(date, language)),
    }
}

/// The zone's name in the letter's language; a name that is not known stays as it is.
pub(in crate::letter) fn zone(name: &str, language: Language) -> &str {
    let spanish = ZONES_ES.iter().find(|(english, _)| *english == name).map(|(_, spanish)| *spanish);
    match language {
        Language::En => name,
        Language::Es => spanish.unwrap_or(name),
    }
}

/// A date that takes about as much room as most.
pub(in crate::letter) fn typical() -> NaiveDate {
    NaiveDate::from_ymd_opt(2027, 10, 25).unwrap_or_default()
}

/// The date that takes most room when it is written out.
pub(in crate::letter) fn widest() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 9, 30).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_written_out_in_both_languages() {
        let date = NaiveDate::from_ymd_opt(2027, 1, 4).unwrap();
        assert_eq!(with_day(date, Language::En), "Monday, January 4, 2027");
        assert_eq!(with_day(date, Language::Es), "lunes, 4 de enero de 2027");
        assert_eq!(long(date, Language::Es), "4 de enero de 2027");
        assert_eq!(zone("Eastern Time", Language::Es), "hora del Este");
        assert_eq!(zone("Aleutian Time", Language::Es), "Aleutian Time");
        assert_eq!(with_day(widest(), Language::En), "Wednesday, September 30, 2026");
    }
}
