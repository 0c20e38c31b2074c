//! The fields of a cron schedule, read by a grammar of our own and given to the `cron` crate as plain lists.
//!
//! The crate wants seconds always, counts Sunday as 1, reads `5/15` as 5-59/15, joins day of month and day of week by
//! "and" where Unix says "or", and knows years and `?`. So it never sees what was written: each field becomes `*` or a
//! list of its values, which can mean one thing only. What other programs read differently is refused with what to
//! write: a step without a range, a range that turns back, both kinds of day at once, the letters L, W and #. Seconds may
//! stand before the five fields, as one number: no job runs more than once a minute.

use std::collections::BTreeSet;

use super::schedule::ScheduleError;

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// A field: its name, its first and last value, the names of its values from the first on, and how to write it.
struct Field {
    name: &'static str,
    low: usize,
    high: usize,
    names: &'static [&'static str],
    write: &'static str,
}

const SECOND: Field = Field { name: "second", low: 0, high: 59, names: &[], write: "one number, 0 to 59" };
const MINUTE: Field =
    Field { name: "minute", low: 0, high: 59, names: &[], write: "0 to 59: 30, 0,30, 10-50/20, */15" };
const HOUR: Field = Field { name: "hour", low: 0, high: 23, names: &[], write: "0 to 23: 22, 6,18, 8-17, */6" };
const DAY: Field = Field { name: "day of month", low: 1, high: 31, names: &[], write: "1 to 31: 1, 1,15, 1-7, */2" };
const MONTH: Field =
    Field { name: "month", low: 1, high: 12, names: &MONTHS, write: "1 to 12 or JAN to DEC: 3, JAN,JUL, 1-6" };
const WEEKDAY: Field = Field {
    name: "day of week",
    low: 0,
    high: 7,
    names: &WEEKDAYS,
    write: "0 to 7 (0 and 7 are Sunday) or SUN to SAT: 6, MON,THU, 1-5",
};

/// What each nickname of a schedule stands for, where it stands for times of a clock.
const NICKNAMES: [(&str, &str); 7] = [
    ("@hourly", "0 * * * *"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@weekly", "0 0 * * 0"),
    ("@monthly", "0 0 1 * *"),
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
];

/// The schedule as the `cron` crate takes it: six fields, seconds first, days of the week by name.
///
/// # Errors
/// [`ScheduleError`] for anything that is not five fields, or six with a second first, with one meaning.
pub(super) fn for_cron_crate(text: &str) -> Result<String, ScheduleError> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let (second, minute, hour, day, month, weekday) = match fields.as_slice() {
        [minute, hour, day, month, weekday] => ("0", minute, hour, day, month, weekday),
        [second, minute, hour, day, month, weekday] => (*second, minute, hour, day, month, weekday),
        _ => return Err(not_fields(text, fields.len())),
    };
    if !is_any(day) && !is_any(weekday) {
        return Err(ScheduleError::BothDays { text: text.to_owned() });
    }
    let any_day = |field| if field == "?" { "*" } else { field };
    let number = |value: usize| value.to_string();
    let weekday_name = |value: usize| WEEKDAYS.get(value).copied().unwrap_or_default().to_owned();
    Ok(format!(
        "{} {} {} {} {} {}",
        SECOND.only(second)?,
        list(&MINUTE, minute, number)?,
        list(&HOUR, hour, number)?,
        list(&DAY, any_day(day), number)?,
        list(&MONTH, month, number)?,
        list(&WEEKDAY, any_day(weekday), weekday_name)?,
    ))
}

fn is_any(field: &str) -> bool {
    field == "*" || field == "?"
}

fn not_fields(text: &str, count: usize) -> ScheduleError {
    let nickname = NICKNAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text.trim()));
    match nickname {
        Some((_, fields)) => ScheduleError::Nickname { text: text.to_owned(), fields },
        None => ScheduleError::Fields { text: text.to_owned(), count },
    }
}

/// A field as `*` or as the list of its values, each once and in order.
fn list(field: &Field, text: &str, shown: impl Fn(usize) -> String) -> Result<String, ScheduleError> {
    if text == "*" {
        return Ok("*".to_owned());
    }
    let mut values = BTreeSet::new();
    for item in text.split(',') {
        let refused = |why| ScheduleError::Item { field: field.name, item: item.to_owned(), why, write: field.write };
        values.extend(field.values(item).map_err(refused)?);
    }
    Ok(values.into_iter().map(shown).collect::<Vec<_>>().join(","))
}

impl Field {
    /// The one value that a field has.
    fn only(&self, text: &str) -> Result<usize, ScheduleError> {
        self.value(text).map_err(|why| ScheduleError::Item {
            field: self.name,
            item: text.to_owned(),
            why,
            write: self.write,
        })
    }

    /// The values of one item, `a`, `a-b` or `*`, the last two with `/step` or without; else what is wrong with it.
    fn values(&self, item: &str) -> Result<Vec<usize>, &'static str> {
        let (range, step) = match item.split_once('/') {
            Some((range, step)) => (range, Some(self.step(step)?)),
            None => (item, None),
        };
        let (first, last) = match range.split_once('-') {
            Some((first, last)) => self.range(first, last)?,
            None if range == "*" => (self.low, self.high),
            None if step.is_some() => return Err("has a step and no range, which programs read differently"),
            None => (self.value(range)?, self.value(range)?),
        };
        Ok((first..=last)
            .step_by(step.unwrap_or(1))
            .map(|value| if self.is_weekday() { value % 7 } else { value })
            .collect())
    }

    fn range(&self, first: &str, last: &str) -> Result<(usize, usize), &'static str> {
        let (first, last) = (self.value(first)?, self.value(last)?);
        // A range that ends on Sunday ends the week: `5-0` and `FRI-SUN` are Friday to Sunday.
        let last = if self.is_weekday() && last == self.low && first > last { self.high } else { last };
        if first <= last { Ok((first, last)) } else { Err("turns back, and is two ranges with a comma between them") }
    }

    fn is_weekday(&self) -> bool {
        self.high == WEEKDAY.high
    }

    /// The value of a name, or of a number without a sign and with no more digits than the last value.
    fn value(&self, text: &str) -> Result<usize, &'static str> {
        let by_name = self.names.iter().position(|name| name.eq_ignore_ascii_case(text)).map(|place| self.low + place);
        let is_number = text.len() <= self.high.to_string().len() && is_digits(text);
        let value = by_name.or_else(|| text.parse().ok().filter(|_| is_number));
        value.filter(|value| (self.low..=self.high).contains(value)).ok_or("is not one of its values")
    }

    /// A step that does not leave the first value alone.
    fn step(&self, text: &str) -> Result<usize, &'static str> {
        let longest = if self.is_weekday() { WEEKDAYS.len() - 1 } else { self.high - self.low };
        let step = text.parse().ok().filter(|step| is_digits(text) && (1..=longest).contains(step));
        step.ok_or("has a step that is 0, or leaves only one value of all")
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_become_lists_of_their_values() {
        let cases = [
            ("30 2 * * 0", "0 30 2 * * SUN"),
            ("30 2 * * 7", "0 30 2 * * SUN"),
            ("30 2 * * 1-5", "0 30 2 * * MON,TUE,WED,THU,FRI"),
            ("30 2 * * mon,3", "0 30 2 * * MON,WED"),
            ("30 2 * * 5-7", "0 30 2 * * SUN,FRI,SAT"),
            ("30 2 * * FRI-SUN", "0 30 2 * * SUN,FRI,SAT"),
            ("30 2 * * 0-0", "0 30 2 * * SUN"),
            ("30 2 * * 0-7", "0 30 2 * * SUN,MON,TUE,WED,THU,FRI,SAT"),
            ("30 2 * * 7-7", "0 30 2 * * SUN"),
            ("30 2 * * */2", "0 30 2 * * SUN,TUE,THU,SAT"),
            ("30 2 * * 1-6/2", "0 30 2 * * MON,WED,FRI"),
            ("30 2 1 * ?", "0 30 2 1 * *"),
            ("30 2 ? * 1", "0 30 2 * * MON"),
            ("*/30 * * * *", "0 0,30 * * * *"),
            ("05,00-10/5 6-8,7 * jan-MAR,12 *", "0 0,5,10 6,7,8 * 1,2,3,12 *"),
            ("0 0 */10 */5 *", "0 0 0 1,11,21,31 1,6,11 *"),
            ("15 30 22 * * 1", "15 30 22 * * MON"),
        ];
        for (text, wanted) in cases {
            assert_eq!(for_cron_crate(text).as_deref(), Ok(wanted), "{text}");
        }
    }

    #[test]
    fn what_programs_read_differently_is_refused_in_every_field() {
        let weekday =
            ["8", "00", "+1", "FRI-MON", "5-1", "1-", "-", "", "1/2", "1/0", "1/x", "MONDAY", "5L", "1#2", "*/7"];
        let others = [
            "", "-1", "1-", "x", "L", "15W", "1#1", "5/15", "*/0", "*/60", "*/", "/5", "+5", "100", "5-2", "1-2-3",
            "*-5",
        ];
        let refused = |text: String| assert!(for_cron_crate(&text).is_err(), "{text}");
        weekday.iter().for_each(|item| refused(format!("0 2 * * {item},1")));
        for item in others {
            refused(format!("{item},1 2 * * *"));
            refused(format!("0 {item},1 * * *"));
            refused(format!("0 2 {item},1 * *"));
            refused(format!("0 2 * {item},1 *"));
        }
        for text in [
            "? 2 * * *",
            "0 ? * * *",
            "0 2 * ? *",
            "60 2 * * *",
            "0 24 * * *",
            "0 2 0 * *",
            "0 2 * 0 *",
            "0 2 * 13 *",
            "0 2 * JANUARY *",
            "60 0 2 * * *",
            "* 0 2 * * *",
            "0,30 0 2 * * *",
            "*/10 0 2 * * *",
            "0 0 2 * * * 2027",
            "2 * * *",
        ] {
            refused(text.to_owned());
        }
    }
}
