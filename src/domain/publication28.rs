//! Abbreviations of Publication 28 of the United States Postal Service, for a delivery line in capitals.
//!
//! Only what is surely a street, a unit, a box or a military address is touched, and only its last suffix, a direction
//! at its beginning or end, and the words for units. Whatever does not have the shape of one of these stays as given.

mod special;
mod street;
mod unit;
mod words;

/// Where a domestic address is, as far as its words depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Region {
    /// Anywhere but Puerto Rico.
    Mainland,
    /// Streets have Spanish names, in which the kind of street comes first and stays in full.
    PuertoRico,
}

/// Marks that say that a line names a person or a firm, not a street.
const CARE_OF: [&str; 6] = ["C/O", "ATTN", "ATTN:", "ATTENTION", "ATTENTION:", "%"];

/// The line, which is in capitals, abbreviated: without the periods and commas that Publication 28 lets one leave out
/// (section 222), and with the words of appendices C1 and C2 and the directions in their short forms.
#[must_use]
pub fn abbreviated(line: &str, region: Region) -> String {
    let words = without_punctuation(line);
    if words.iter().any(|word| CARE_OF.contains(&word.text.as_str())) {
        return joined(&words);
    }
    let units_begin = unit::begin(&words);
    let (street, units) = words.split_at(units_begin);
    let mut parts = special::normalised(street).unwrap_or_else(|| match region {
        Region::Mainland => street::abbreviated(street),
        Region::PuertoRico => texts(street),
    });
    parts.extend(unit::abbreviated(units));
    parts.join(" ")
}

/// Whether the line, which is in capitals, says who takes the letter in, and nothing of where.
#[must_use]
pub fn is_care_of(line: &str) -> bool {
    without_punctuation(line).first().is_some_and(|word| CARE_OF.contains(&word.text.as_str()))
}

/// A word of a line, and whether a comma stood after it: what follows is a part of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Word {
    text: String,
    ends_part: bool,
}

/// The words without periods and commas. Both stay between digits, where they are a part of the number; a comma
/// elsewhere ends its word.
fn without_punctuation(line: &str) -> Vec<Word> {
    let characters: Vec<char> = line.chars().collect();
    let is_digit = |place: Option<usize>| place.and_then(|it| characters.get(it)).is_some_and(char::is_ascii_digit);
    let mut words = vec![Word::default()];
    let add = |words: &mut Vec<Word>, character: char| {
        if let Some(word) = words.last_mut() {
            word.text.push(character);
        }
    };
    for (place, character) in characters.iter().enumerate() {
        let in_number = is_digit(place.checked_sub(1)) && is_digit(Some(place + 1));
        match character {
            '.' | ',' if in_number => add(&mut words, *character),
            '.' => {}
            ',' => {
                // The last word that has a letter, for a space may stand before the comma.
                if let Some(word) = words.iter_mut().rfind(|word| !word.text.is_empty()) {
                    word.ends_part = true;
                }
                words.push(Word::default());
            }
            character if character.is_whitespace() => words.push(Word::default()),
            character => add(&mut words, *character),
        }
    }
    words.retain(|word| !word.text.is_empty());
    words
}

fn texts(words: &[Word]) -> Vec<String> {
    words.iter().map(|word| word.text.clone()).collect()
}

fn joined(words: &[Word]) -> String {
    texts(words).join(" ")
}

#[cfg(test)]
mod tests;
