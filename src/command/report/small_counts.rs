//! Counts so small that they could point to single cases: a page for anyone tells neither them nor
//! what would give them away. Takes tables and sentences as they are made; knows no log.

use crate::estimate::curve::Outcome;
use crate::report::{Align, Cell, Keyed, Row};

/// Counts below this are not told to anyone.
const FEWEST: u64 = 10;
/// What stands for them.
const HIDDEN: &str = "under 10";

/// Whether a count could point to single cases.
pub(super) fn is_small(count: u64) -> bool {
    (1..FEWEST).contains(&count)
}

/// Whether the numbers of an outcome rest on so few cases that they would give them away.
pub(super) fn gives_away(outcome: &Outcome) -> bool {
    let counts = [
        outcome.cases,
        outcome.escalated,
        outcome.auto_approved,
        outcome.auto_error.labelled,
    ];
    counts.into_iter().any(is_small)
}

/// A count as a chart for anyone shows it.
pub(super) fn rounded(count: u64) -> u64 {
    match count {
        small if !is_small(small) => count,
        small if small < FEWEST / 2 => 0,
        _ => FEWEST,
    }
}

/// Hides the small counts of a table, and in their rows every figure that they could be reckoned
/// from. Its ties to the JSON are cut.
pub(super) fn hide(keyed: &mut Keyed) {
    keyed.of.clear();
    let keys = std::mem::take(&mut keyed.keys);
    let aligns: Vec<Align> = keyed.table.columns.iter().map(|c| c.align).collect();
    // How many reviewers there are is no count of cases.
    let is_count = |place: usize| keys.get(place) != Some(&"smallest_team");
    for row in &mut keyed.table.rows {
        let small: Vec<bool> = row
            .cells
            .iter()
            .zip(&aligns)
            .enumerate()
            .map(|(place, (cell, align))| is_count(place) && is_small_cell(cell, *align))
            .collect();
        if !small.contains(&true) && !is_rest_small(row, &keys) {
            continue;
        }
        for ((cell, align), small) in row.cells.iter_mut().zip(&aligns).zip(small) {
            if small {
                *cell = Cell::Text(HIDDEN.to_owned());
            } else if is_figure(cell, *align) {
                *cell = Cell::Missing;
            }
        }
    }
}

/// Whether a cell tells a small count, alone or at the beginning of a text. Names stand on the
/// left, and may be numbers.
fn is_small_cell(cell: &Cell, align: Align) -> bool {
    match cell {
        Cell::Count(count) => is_small(*count),
        Cell::Text(text) if align == Align::Right => {
            let text = text.strip_prefix("few: ").unwrap_or(text);
            let first = text.split(' ').next();
            let count = first.and_then(|word| word.parse::<u64>().ok());
            count.is_some_and(is_small)
        }
        // An estimated number of cases.
        Cell::Amount { amount, .. } | Cell::Number(amount) => is_small(amount.abs().ceil() as u64),
        Cell::Text(_)
        | Cell::Share(_)
        | Cell::Estimate { .. }
        | Cell::Bounds { .. }
        | Cell::Money(_)
        | Cell::AmountBounds { .. }
        | Cell::Missing => false,
    }
}

/// Whether so few cases are auto-approved that the escalated ones among all would tell how many.
fn is_rest_small(row: &Row, keys: &[&str]) -> bool {
    let cell = |key: &str| row.cells.get(keys.iter().position(|known| *known == key)?);
    match (cell("escalated"), cell("escalation_rate")) {
        (Some(Cell::Count(escalated)), Some(Cell::Share(rate))) if *rate > 0.0 => {
            let cases = (*escalated as f64 / rate).round() as u64;
            is_small(cases.saturating_sub(*escalated))
        }
        _ => false,
    }
}

/// Whether a cell is a figure other than a count.
fn is_figure(cell: &Cell, align: Align) -> bool {
    match cell {
        Cell::Text(_) => align == Align::Right,
        Cell::Count(_) | Cell::Missing => false,
        Cell::Share(_)
        | Cell::Estimate { .. }
        | Cell::Bounds { .. }
        | Cell::Money(_)
        | Cell::Amount { .. }
        | Cell::AmountBounds { .. }
        | Cell::Number(_) => true,
    }
}

/// A sentence without its small counts, and without the percentage in brackets that follows one.
/// Names in quotes stay as they are.
pub(super) fn sentence(text: &str) -> String {
    let mut told = String::new();
    let mut is_name = false;
    let mut hides_share = false;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let number = rest.find(|c| !is_numeral(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(number.max(first.len_utf8()));
        is_name ^= first == '"';
        if is_name || number == 0 {
            told.push_str(word);
        } else if is_small_word(&told, word, after) {
            told.push_str(HIDDEN);
            told.push_str(word.trim_start_matches(|c: char| c.is_ascii_digit()));
            hides_share = true;
        } else {
            let is_share = told.ends_with('(') && after.starts_with(" %");
            told.push_str(if hides_share && is_share { "?" } else { word });
            hides_share = false;
        }
        rest = after;
    }
    told
}

fn is_numeral(character: char) -> bool {
    character.is_ascii_digit() || character == '.' || character == ','
}

/// What follows a number that counts no cases: percentages, ranges, and how large a team is.
const NO_COUNTS: [&str; 4] = [" %", " to ", " reviewers", " would be enough"];

/// Whether a number between two texts is a small count: a digit of its own that may
/// count cases.
fn is_small_word(before: &str, word: &str, after: &str) -> bool {
    let digit = word.trim_end_matches(['.', ',']);
    let is_joined = |c: char| c.is_alphanumeric() || "-:/_'".contains(c);
    let count = digit.parse::<u64>().ok();
    digit.len() == 1
        && count.is_some_and(is_small)
        && !before.ends_with(is_joined)
        && !after.starts_with(is_joined)
        && (digit != word || !NO_COUNTS.iter().any(|more| after.starts_with(more)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_lose_small_counts_and_what_gives_them_away() {
        let cases = [
            ("3 of 9,857 cases", "under 10 of 9,857 cases"),
            (
                "487 cases, 3 of them wrong (0.616 %, counted)",
                "487 cases, under 10 of them wrong (? %, counted)",
            ),
            (
                "it would have been 8 fewer (24.7 %); 887 cases (9 %)",
                "it would have been under 10 fewer (? %); 887 cases (9 %)",
            ),
            (
                "9 % of 12 cases (interval 1 to 6 %, 7 labels).",
                "9 % of 12 cases (interval 1 to 6 %, under 10 labels).",
            ),
            (
                "2016-01-01, 09:00, 0.9, \"team 7\" and 1,234",
                "2016-01-01, 09:00, 0.9, \"team 7\" and 1,234",
            ),
        ];
        for (text, wanted) in cases {
            assert_eq!(sentence(text), wanted);
        }
    }

    #[test]
    fn charts_round_small_counts() {
        assert_eq!(
            [0, 1, 4, 5, 9, 10, 11].map(rounded),
            [0, 0, 0, 10, 10, 10, 11]
        );
    }
}
