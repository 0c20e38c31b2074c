//! The text of a cron schedule, five fields or six, put into the words of the `cron` crate.
//!
//! The crate wants seconds always, counts Sunday as 1, and joins day of month and day of week by "and" where Unix
//! says "or". So seconds are added, the days of the week become names with Sunday as 0 or 7, and a schedule that sets
//! both kinds of day is refused: whichever way it was meant, it would be read otherwise elsewhere.

use super::schedule::ScheduleError;

const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const FIELDS: &str = "minute hour day-of-month month day-of-week";

/// The schedule as the `cron` crate takes it: six fields, days of the week by name.
///
/// # Errors
/// [`ScheduleError::Fields`], [`ScheduleError::BothDays`] and [`ScheduleError::DayOfWeek`].
pub(super) fn for_cron_crate(text: &str) -> Result<String, ScheduleError> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let (second, minute, hour, day, month, weekday) = match fields.as_slice() {
        [minute, hour, day, month, weekday] => ("0", *minute, *hour, *day, *month, *weekday),
        [second, minute, hour, day, month, weekday] => (*second, *minute, *hour, *day, *month, *weekday),
        _ => return Err(ScheduleError::Fields { text: text.to_owned(), count: fields.len(), fields: FIELDS }),
    };
    let is_any = |field: &str| field == "*" || field == "?";
    if !is_any(day) && !is_any(weekday) {
        return Err(ScheduleError::BothDays { text: text.to_owned() });
    }
    let weekdays = if is_any(weekday) { "*".to_owned() } else { weekday_names(weekday)? };
    Ok(format!("{second} {minute} {hour} {day} {month} {weekdays}"))
}

/// A day-of-week field as a list of names.
fn weekday_names(field: &str) -> Result<String, ScheduleError> {
    let mut chosen = [false; 7];
    for item in field.split(',') {
        let days = weekdays_of(item).ok_or_else(|| ScheduleError::DayOfWeek { item: item.to_owned() })?;
        for day in days {
            if let Some(slot) = chosen.get_mut(day % 7) {
                *slot = true;
            }
        }
    }
    let names: Vec<&str> = WEEKDAYS.iter().zip(chosen).filter(|(_, chosen)| *chosen).map(|(name, _)| *name).collect();
    Ok(names.join(","))
}

/// The days of one item, `a`, `a-b` or `*`, each with `/step` or without; 0 to 7, both ends being Sunday.
fn weekdays_of(item: &str) -> Option<Vec<usize>> {
    let (range, step) = match item.split_once('/') {
        Some((range, step)) => (range, Some(step.parse().ok().filter(|step| (1..=7).contains(step))?)),
        None => (item, None),
    };
    let (first, last) = match range.split_once('-') {
        Some((first, last)) => {
            let (first, last) = (weekday_number(first)?, weekday_number(last)?);
            // A range that ends on Sunday ends the week: `5-0` and `FRI-SUN` are Friday to Sunday.
            (first, if last == 0 && first > 0 { 7 } else { last })
        }
        None if range == "*" => (0, 6),
        None => {
            let day = weekday_number(range)?;
            (day, if step.is_some() { day.max(6) } else { day })
        }
    };
    if first > last { None } else { Some((first..=last).step_by(step.unwrap_or(1)).collect()) }
}

fn weekday_number(text: &str) -> Option<usize> {
    let by_name = WEEKDAYS.iter().position(|name| name.eq_ignore_ascii_case(text));
    let is_digit = text.len() == 1 && text.bytes().all(|byte| byte.is_ascii_digit());
    by_name.or_else(|| text.parse().ok().filter(|day| is_digit && *day <= 7))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_weekdays_are_those_of_unix() {
        let cases = [
            ("30 2 * * 0", "0 30 2 * * SUN"),
            ("30 2 * * 7", "0 30 2 * * SUN"),
            ("30 2 * * 1-5", "0 30 2 * * MON,TUE,WED,THU,FRI"),
            ("30 2 * * mon,3", "0 30 2 * * MON,WED"),
            ("30 2 * * 5-7", "0 30 2 * * SUN,FRI,SAT"),
            ("30 2 * * FRI-SUN", "0 30 2 * * SUN,FRI,SAT"),
            ("30 2 * * 0-0", "0 30 2 * * SUN"),
            ("30 2 * * */2", "0 30 2 * * SUN,TUE,THU,SAT"),
            ("30 2 * * 1/2", "0 30 2 * * MON,WED,FRI"),
            ("30 2 1 * ?", "0 30 2 1 * *"),
            ("15 30 2 * * 6", "15 30 2 * * SAT"),
        ];
        for (text, wanted) in cases {
            assert_eq!(for_cron_crate(text).as_deref(), Ok(wanted), "{text}");
        }
    }

    #[test]
    fn a_field_that_names_no_day_is_refused() {
        for field in ["8", "00", "+1", "FRI-MON", "1-", "-", "", "1/0", "1/x", "MONDAY", "5L", "1#2", "*/8"] {
            let text = format!("0 2 * * {field},1");
            assert!(for_cron_crate(&text).is_err(), "{text}");
        }
    }
}
