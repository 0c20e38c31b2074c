//! Charts: stacked bars as rectangles of an SVG, with the same figures as a table.

use chrono::NaiveDate;
use serde::Serialize;

use crate::cli::reports::series::{NightRow, Series};

/// The drawing in its own units: as wide as a phone, so that its text can be read there.
const WIDTH: f64 = 340.0;
const HEIGHT: f64 = 180.0;
/// Where the bars are.
const LEFT: f64 = 34.0;
const RIGHT: f64 = 4.0;
const TOP: f64 = 8.0;
const BOTTOM: f64 = 20.0;
/// A bar's share of its place.
const FILLED: f64 = 0.8;
/// Places between two labels of the horizontal axis.
const LABEL_EVERY: usize = 7;

/// The stages whose time is shown, in their order.
const STAGES: [&str; 6] = ["ingest", "expire", "collect", "produce", "deliver", "checkpoint"];

/// A chart.
#[derive(Serialize)]
pub(super) struct Chart {
    id: &'static str,
    title: String,
    /// What the drawing says, in a sentence.
    description: String,
    width: f64,
    height: f64,
    left: f64,
    right: f64,
    /// Whether there is anything to draw; the description says so where there is not.
    is_drawn: bool,
    bars: Vec<Bar>,
    grid: Vec<Grid>,
    labels: Vec<Label>,
    legend: Vec<Key>,
    columns: Vec<String>,
    rows: Vec<Vec<String>>,
}

#[derive(Serialize)]
struct Bar {
    x: String,
    y: String,
    width: String,
    height: String,
    series: usize,
    title: String,
}

#[derive(Serialize)]
struct Grid {
    y: String,
    text_y: String,
    label: String,
}

#[derive(Serialize)]
struct Label {
    x: String,
    anchor: &'static str,
    text: String,
}

#[derive(Serialize)]
struct Key {
    series: usize,
    name: String,
}

/// Numbers to draw: places along the axis, each with a value of every series.
struct Figures {
    id: &'static str,
    title: String,
    unit: &'static str,
    /// What is said where all values are nothing.
    nothing: &'static str,
    /// What one of the places is, for the table.
    place: &'static str,
    names: Vec<&'static str>,
    places: Vec<(String, Vec<f64>)>,
}

/// The charts that have something to show.
pub(super) fn all(series: &Series, today: NaiveDate) -> Vec<Chart> {
    let nights = &series.nights;
    let (unit, length) = unit_of(nights);
    let figures = [
        Figures {
            id: "letters",
            title: format!("Letters of the last {}, by where they are now", nights_of(nights.len())),
            unit: "letters",
            nothing: "No letter was made.",
            place: "night",
            names: vec!["mailed", "at the vendor", "sealed", "ended otherwise"],
            places: nights.iter().map(|night| (day_of(night), letters(night))).collect(),
        },
        Figures {
            id: "arrivals",
            title: format!("Letters that may arrive, from {today} on"),
            unit: "letters",
            nothing: "None is on its way.",
            place: "day",
            names: vec!["may arrive"],
            places: series.days.iter().map(|day| (day.on.to_string(), vec![number(day.may_arrive)])).collect(),
        },
        Figures {
            id: "ends",
            title: format!("Passwords that end unused, from {today} on"),
            unit: "passwords",
            nothing: "None ends in these days.",
            place: "day",
            names: vec!["end"],
            places: series.days.iter().map(|day| (day.on.to_string(), vec![number(day.passwords_end)])).collect(),
        },
        Figures {
            id: "times",
            title: format!("Time of the last {}, by stage", nights_of(nights.len())),
            unit,
            nothing: "Every stage took less than a second.",
            place: "night",
            names: STAGES.to_vec(),
            places: nights.iter().map(|night| (day_of(night), times(night, length))).collect(),
        },
    ];
    figures.iter().filter(|figures| !figures.places.is_empty()).map(draw).collect()
}

fn nights_of(count: usize) -> String {
    if count == 1 { "night".to_owned() } else { format!("{count} nights") }
}

fn day_of(night: &NightRow) -> String {
    night.scheduled_for.split('T').next().unwrap_or_default().to_owned()
}

fn letters(night: &NightRow) -> Vec<f64> {
    let now = night.letters;
    [now.mailed, now.at_the_vendor, now.sealed, now.ended].map(number).to_vec()
}

fn times(night: &NightRow, length: f64) -> Vec<f64> {
    STAGES.iter().map(|stage| number(night.seconds.get(*stage).copied().unwrap_or_default()) / length).collect()
}

/// The unit in which the longest night is a number that people read, and its seconds.
fn unit_of(nights: &[NightRow]) -> (&'static str, f64) {
    match nights.iter().map(|night| night.seconds.values().sum::<u64>()).max().unwrap_or_default() {
        0..120 => ("seconds", 1.0),
        120..7200 => ("minutes", 60.0),
        _ => ("hours", 3600.0),
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts of letters and seconds are far below 2^52")]
fn number(count: u64) -> f64 {
    count as f64
}

fn draw(figures: &Figures) -> Chart {
    let largest = figures.places.iter().map(|(_, values)| values.iter().sum::<f64>()).fold(0.0, f64::max);
    let top = round_up(largest);
    let step = (WIDTH - LEFT - RIGHT) / number(figures.places.len() as u64);
    let scale = (HEIGHT - TOP - BOTTOM) / top;
    let mut bars = Vec::new();
    for (place, (name, values)) in figures.places.iter().enumerate() {
        let x = LEFT + step * (number(place as u64) + (1.0 - FILLED) / 2.0);
        let mut y = HEIGHT - BOTTOM;
        for (series, value) in values.iter().enumerate().filter(|(_, value)| **value > 0.0) {
            let height = value * scale;
            y -= height;
            let title = format!("{name}: {} {} {}", shown(*value), figures.unit, figures.names[series]);
            let (width, height) = (fixed(step * FILLED), fixed(height));
            bars.push(Bar { x: fixed(x), y: fixed(y), width, height, series, title });
        }
    }
    Chart {
        id: figures.id,
        description: describe(figures, largest),
        title: figures.title.clone(),
        width: WIDTH,
        height: HEIGHT,
        left: LEFT,
        right: WIDTH - RIGHT,
        is_drawn: !bars.is_empty(),
        bars,
        grid: grid(top, scale),
        labels: labels(figures, step),
        legend: legend(figures),
        columns: std::iter::once(figures.place.to_owned())
            .chain(figures.names.iter().map(|name| (*name).to_owned()))
            .collect(),
        rows: figures
            .places
            .iter()
            .map(|(name, values)| std::iter::once(name.clone()).chain(values.iter().map(|v| shown(*v))).collect())
            .collect(),
    }
}

fn describe(figures: &Figures, largest: f64) -> String {
    let (Some(first), Some(last)) = (figures.places.first(), figures.places.last()) else { return String::new() };
    let sum: f64 = figures.places.iter().flat_map(|(_, values)| values).sum();
    if sum == 0.0 {
        return figures.nothing.to_owned();
    }
    let unit = figures.unit;
    format!("From {} to {}; at most {} {unit}. The table below has every figure.", first.0, last.0, shown(largest))
}

fn legend(figures: &Figures) -> Vec<Key> {
    if figures.names.len() < 2 {
        return Vec::new();
    }
    let is_used = |series: &usize| figures.places.iter().any(|(_, values)| values[*series] > 0.0);
    let used = (0..figures.names.len()).filter(is_used);
    used.map(|series| Key { series, name: figures.names[series].to_owned() }).collect()
}

fn grid(top: f64, scale: f64) -> Vec<Grid> {
    [0.0, top / 2.0, top]
        .map(|value| {
            let y = HEIGHT - BOTTOM - value * scale;
            Grid { y: fixed(y), text_y: fixed(y + 3.5), label: shown(value) }
        })
        .into()
}

/// A label for every seventh place, without its year.
fn labels(figures: &Figures, step: f64) -> Vec<Label> {
    let places = figures.places.iter().enumerate().step_by(LABEL_EVERY);
    places
        .map(|(place, (name, _))| {
            let x = fixed(LEFT + step * (number(place as u64) + 0.5));
            let anchor = if place > 0 && place + 1 == figures.places.len() { "end" } else { "middle" };
            Label { x, anchor, text: name.get(5..).unwrap_or(name).to_owned() }
        })
        .collect()
}

/// A round number that is not far above the largest, of which half is a short number as well.
fn round_up(largest: f64) -> f64 {
    let mut power = 1.0;
    while power * 10.0 < largest {
        power *= 10.0;
    }
    let steps = [1.0, 1.2, 1.6, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0];
    let is_even = |top: &f64| power > 1.0 || top.fract() == 0.0 && (top / 2.0).fract() == 0.0;
    let tops = steps.iter().map(|step| step * power).filter(is_even);
    tops.into_iter().find(|top| *top >= largest).unwrap_or(power * 10.0)
}

/// A place in the drawing.
fn fixed(value: f64) -> String {
    format!("{value:.2}")
}

/// A number as people read it: whole where it is, with a comma at every thousand.
fn shown(value: f64) -> String {
    if value.fract() > 0.0 && value < 100.0 {
        return format!("{value:.1}");
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_ends_at_a_round_number_not_far_above_the_largest() {
        for (largest, top) in [
            (0.0, 2.0),
            (1.0, 2.0),
            (3.0, 4.0),
            (9.5, 10.0),
            (11.0, 12.0),
            (61.0, 80.0),
            (100.0, 100.0),
            (115.0, 120.0),
            (1201.0, 1600.0),
        ] {
            assert!((round_up(largest) - top).abs() < 1e-9, "{largest}: {}", round_up(largest));
        }
    }

    #[test]
    fn numbers_are_read_at_a_glance() {
        for (value, text) in [(0.0, "0"), (7.0, "7"), (1234.0, "1,234"), (1_000_000.0, "1,000,000"), (2.5, "2.5")] {
            assert_eq!(shown(value), text);
        }
    }

    #[test]
    fn the_bars_of_a_place_stand_on_each_other_and_end_below_the_top() {
        let figures = Figures {
            id: "x",
            title: String::new(),
            unit: "letters",
            nothing: "None.",
            place: "night",
            names: vec!["a", "b"],
            places: vec![("2026-03-02".into(), vec![30.0, 10.0]), ("2026-03-03".into(), vec![0.0, 0.0])],
        };
        let chart = draw(&figures);
        let bars: Vec<(f64, f64)> =
            chart.bars.iter().map(|bar| (bar.y.parse().unwrap(), bar.height.parse().unwrap())).collect();
        // 40 of 40 fill the height of 152 units: three quarters and one quarter of it.
        assert_eq!(bars, [(46.0, 114.0), (8.0, 38.0)]);
        assert_eq!(chart.rows, [["2026-03-02", "30", "10"], ["2026-03-03", "0", "0"]]);
        assert_eq!(chart.bars[0].title, "2026-03-02: 30 letters a");
    }
}
