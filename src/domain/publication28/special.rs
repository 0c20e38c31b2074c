//! Delivery lines that name no street: post office boxes, rural and highway contract routes, military units.

use super::{Word, texts};

/// What such a line may begin with, what Publication 28 writes instead (sections 24, 25 and 28, and that on military
/// addresses), and what must follow.
const HEADS: &[(&[&str], &str, Form)] = &[
    (&["POST", "OFFICE", "BOX"], "PO BOX", Form::Number),
    (&["P", "O", "BOX"], "PO BOX", Form::Number),
    (&["PO", "BOX"], "PO BOX", Form::Number),
    (&["POBOX"], "PO BOX", Form::Number),
    (&["RURAL", "ROUTE"], "RR", Form::NumberAndBox),
    (&["RFD", "ROUTE"], "RR", Form::NumberAndBox),
    (&["R", "R"], "RR", Form::NumberAndBox),
    (&["RFD"], "RR", Form::NumberAndBox),
    (&["RR"], "RR", Form::NumberAndBox),
    (&["HIGHWAY", "CONTRACT", "ROUTE"], "HC", Form::NumberAndBox),
    (&["HIGHWAY", "CONTRACT"], "HC", Form::NumberAndBox),
    (&["STAR", "ROUTE"], "HC", Form::NumberAndBox),
    (&["HCR"], "HC", Form::NumberAndBox),
    (&["HC"], "HC", Form::NumberAndBox),
    (&["P", "S", "C"], "PSC", Form::NumberAndBox),
    (&["PSC"], "PSC", Form::NumberAndBox),
    (&["C", "M", "R"], "CMR", Form::NumberAndBox),
    (&["CMR"], "CMR", Form::NumberAndBox),
    (&["UNIT"], "UNIT", Form::NumberAndBox),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A number, and nothing else.
    Number,
    /// A number, BOX, and another number.
    NumberAndBox,
}

/// The line in its normal form; `None` where it is no such line.
pub(super) fn normalised(words: &[Word]) -> Option<Vec<String>> {
    let words = texts(words);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    HEADS.iter().find_map(|(head, written, form)| {
        let rest = words.strip_prefix(*head)?;
        let head = written.split(' ').map(str::to_owned);
        let numbers = match (form, numbers(rest).as_slice()) {
            (Form::Number, [number]) if *number != "BOX" => vec![*number],
            (Form::NumberAndBox, [number, "BOX", other]) => vec![*number, "BOX", *other],
            _ => return None,
        };
        Some(head.chain(numbers.into_iter().map(str::to_owned)).collect())
    })
}

/// The words after the head without the marks that say that a number follows.
fn numbers<'w>(words: &[&'w str]) -> Vec<&'w str> {
    let marks = ["#", "NO", "NUMBER"];
    words.iter().filter(|word| !marks.contains(word)).map(|word| word.trim_start_matches('#')).collect()
}
