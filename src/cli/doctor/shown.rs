//! How checks are shown: a line for each, and below it what to do.

use crate::cli::report;
use crate::stages::preflight::Checked;

/// What stands between the columns.
const GAP: &str = "  ";
/// What begins a line that says what to do.
const REMEDY: &str = "→ ";
/// The least characters of the last column, however long the others are.
const LEAST_WIDTH: usize = 40;

/// The checks as text; on a terminal, wrapped.
pub(super) fn text(checks: &[Checked]) -> String {
    lay_out(checks, report::text_width())
}

fn lay_out(checks: &[Checked], width: Option<usize>) -> String {
    let widest = |text: fn(&Checked) -> usize| checks.iter().map(text).max().unwrap_or_default();
    let finding = widest(|check| check.finding.as_str().len());
    let check = widest(|check| check.check.chars().count());
    let indent = " ".repeat(finding + check + 2 * GAP.len());
    let room = width.map(|width| width.saturating_sub(indent.len()).max(LEAST_WIDTH));
    let mut lines = Vec::new();
    for checked in checks {
        let begin = format!("{:<finding$}{GAP}{:<check$}{GAP}", checked.finding.as_str(), checked.check);
        let told = wrap(&checked.message, room);
        lines.extend(told.iter().enumerate().map(|(place, line)| {
            let before = if place == 0 { &begin } else { &indent };
            format!("{before}{line}").trim_end().to_owned()
        }));
        if !checked.remedy.is_empty() {
            lines.extend(
                wrap(&format!("{REMEDY}{}", checked.remedy), room).iter().map(|line| format!("{indent}{line}")),
            );
        }
    }
    lines.join("\n")
}

/// The words in lines of at most so many characters; one that is longer has a line of its own.
fn wrap(text: &str, room: Option<usize>) -> Vec<String> {
    let Some(room) = room else { return vec![text.lines().collect::<Vec<_>>().join(" ")] };
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let fits = lines.last().is_some_and(|line| line.chars().count() + 1 + word.chars().count() <= room);
        match lines.last_mut() {
            Some(line) if line.is_empty() => line.push_str(word),
            Some(line) if fits => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_gets_lines_of_at_most_its_width() {
        let checks = [
            Checked::good("swap", "off"),
            Checked::alarm("packages at vendor acme", "word ".repeat(60), "do this and that ".repeat(9)),
        ];
        let shown = lay_out(&checks, Some(100));
        assert!(shown.lines().all(|line| line.chars().count() <= 100), "{shown}");
        assert!(
            shown.starts_with("good   swap                     off\nalarm  packages at vendor acme  word word"),
            "{shown}"
        );
        assert!(shown.contains("\n                                → do this"), "{shown}");
        assert_eq!(lay_out(&checks, None).lines().count(), 3, "one line each, for programs that look for words");
    }
}
