//! The kinds of value that a key may have: how each is read, and the words that tell an operator what to write.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::ops::RangeInclusive;
use std::path::PathBuf;

use chrono::{NaiveDate, NaiveTime, Weekday};
use toml::de::DeValue;

/// The longest length of an envelope's geometry, in inches.
const LONGEST_INCHES: f64 = 24.0;

/// Gives the value, if it is of the kind.
type Read<T> = dyn Fn(&DeValue<'_>) -> Option<T>;

/// A kind of value.
pub(super) struct Kind<T> {
    /// What to write, as it follows on "write".
    pub(super) write: String,
    read: Box<Read<T>>,
}

impl<T: 'static> Kind<T> {
    fn new(write: impl Into<String>, read: impl Fn(&DeValue<'_>) -> Option<T> + 'static) -> Self {
        Self { write: write.into(), read: Box::new(read) }
    }

    /// The value, if it is of this kind.
    pub(super) fn read(&self, value: &DeValue<'_>) -> Option<T> {
        (self.read)(value)
    }

    /// This kind, as far as `accept` gives a value for what was read.
    pub(super) fn then<U: 'static>(self, accept: impl Fn(T) -> Option<U> + 'static) -> Kind<U> {
        Kind::new(self.write, move |value| (self.read)(value).and_then(&accept))
    }

    /// A list of values of this kind, one at least.
    pub(super) fn list(self, write: impl Into<String>) -> Kind<Vec<T>> {
        self.any_list(write).then(|items| (!items.is_empty()).then_some(items))
    }

    /// A list of values of this kind, which may be empty.
    pub(super) fn any_list(self, write: impl Into<String>) -> Kind<Vec<T>> {
        Kind::new(write, move |value| value.as_array()?.iter().map(|item| self.read(item.get_ref())).collect())
    }
}

/// Text that is not empty and has no line breaks or other control characters.
pub(super) fn text(write: impl Into<String>) -> Kind<String> {
    Kind::new(write, |value| {
        let text = value.as_str()?.trim();
        (!text.is_empty() && !text.chars().any(char::is_control)).then(|| text.to_owned())
    })
}

/// Text as [`text`], or nothing between the quotes.
pub(super) fn text_or_empty(write: impl Into<String>) -> Kind<String> {
    Kind::new(write, |value| {
        let text = value.as_str()?.trim();
        (!text.chars().any(char::is_control)).then(|| text.to_owned())
    })
}

/// The path of a file.
pub(super) fn file() -> Kind<PathBuf> {
    text("the path of a file between quotes; it may begin at the folder of this configuration")
        .then(|path| Some(path.into()))
}

/// The path of a folder.
pub(super) fn folder() -> Kind<PathBuf> {
    text("the path of a folder between quotes; it may begin at the folder of this configuration")
        .then(|path| Some(path.into()))
}

/// `true` or `false`.
pub(super) fn truth() -> Kind<bool> {
    Kind::new("true or false, without quotes", |value| value.as_bool())
}

/// A whole number in a range.
pub(super) fn whole(range: RangeInclusive<u32>) -> Kind<u32> {
    let write = format!("a whole number from {} to {}, without quotes", range.start(), range.end());
    Kind::new(write, integer).then(move |number| u32::try_from(number).ok().filter(|number| range.contains(number)))
}

/// Any whole number that is not negative; whoever reads it knows its bounds.
pub(super) fn count() -> Kind<u32> {
    Kind::new("a whole number, without quotes", integer).then(|number| u32::try_from(number).ok())
}

/// A length in inches.
pub(super) fn inches() -> Kind<f64> {
    Kind::new(format!("inches from 0 to {LONGEST_INCHES}, without quotes: 0.875"), |value| {
        let fraction = value.as_float().and_then(|float| float.as_str().parse().ok());
        let whole = integer(value).and_then(|number| u32::try_from(number).ok()).map(f64::from);
        fraction.or(whole).filter(|inches| (0.0..=LONGEST_INCHES).contains(inches))
    })
}

/// One of these names.
pub(super) fn one_of<T: Copy + Display + 'static>(all: &'static [T]) -> Kind<T> {
    let names: Vec<String> = all.iter().map(|name| format!("\"{name}\"")).collect();
    Kind::new(names.join(" or "), |value| {
        let text = value.as_str()?;
        all.iter().copied().find(|name| name.to_string() == text)
    })
}

/// A list of these names, one at least.
pub(super) fn set_of<T: Copy + Ord + Display + 'static>(all: &'static [T]) -> Kind<BTreeSet<T>> {
    let names: Vec<String> = all.iter().map(|name| format!("\"{name}\"")).collect();
    one_of(all)
        .list(format!("a list of one or more of these: [{}]", names.join(", ")))
        .then(|names| Some(names.into_iter().collect()))
}

/// A list of dates, each as a date of TOML or between quotes.
pub(super) fn dates() -> Kind<BTreeSet<NaiveDate>> {
    Kind::new("", date)
        .any_list("a list of dates, year first: [2026-12-24]")
        .then(|dates| Some(dates.into_iter().collect()))
}

/// A date, as a date of TOML or between quotes.
pub(super) fn day() -> Kind<NaiveDate> {
    Kind::new("a date, year first: 2027-12-31", date)
}

/// A time of day to the minute, as a time of TOML or between quotes.
pub(super) fn time_of_day() -> Kind<NaiveTime> {
    Kind::new("a time of day from \"00:00\" to \"23:59\", between quotes: \"06:00\"", |value| match value {
        DeValue::String(text) => NaiveTime::parse_from_str(text, "%H:%M").ok(),
        DeValue::Datetime(found) if found.date.is_none() && found.offset.is_none() => {
            let time = found.time?;
            NaiveTime::from_hms_opt(time.hour.into(), time.minute.into(), time.second.unwrap_or(0).into())
        }
        _ => None,
    })
}

/// A list of weekdays by their first three letters, one at least.
pub(super) fn weekdays() -> Kind<Vec<Weekday>> {
    text("").then(|name| weekday(&name)).list("a list of weekdays: [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"]")
}

fn weekday(name: &str) -> Option<Weekday> {
    (name.len() == 3).then(|| name.parse().ok()).flatten()
}

fn integer(value: &DeValue<'_>) -> Option<i64> {
    let integer = value.as_integer()?;
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

fn date(value: &DeValue<'_>) -> Option<NaiveDate> {
    match value {
        DeValue::String(text) => text.parse().ok(),
        DeValue::Datetime(found) if found.time.is_none() => {
            let date = found.date?;
            NaiveDate::from_ymd_opt(date.year.into(), date.month.into(), date.day.into())
        }
        _ => None,
    }
}
