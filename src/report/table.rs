//! Tables for a terminal. A table that is too wide loses its least important columns, and says so.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use comfy_table::{CellAlignment, ContentArrangement, LineStyle, TableStyle};

use super::number::{count, digits, money, percent, percent_range, plain_text};
use super::{Align, Cell, Document, Table, plot};

/// Characters between two columns of a table.
const GAP: usize = 2;
/// Longest text of a cell.
const MOST_CHARACTERS: usize = 56;
/// A text is not cut shorter than this.
const LEAST_CHARACTERS: usize = 12;

/// What the reader's terminal can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terminal {
    /// Characters in a line.
    pub width: usize,
    pub color: bool,
    /// Whether charts are drawn in letters, for people who look on.
    pub plots: bool,
}

pub(super) fn render(document: &Document, terminal: &Terminal) -> String {
    let mut text = String::new();
    let bold = style(terminal, Style::new().bold());
    let _ = writeln!(text, "{bold}{}{bold:#}", plain_text(&document.title));
    for line in &document.preface {
        add_wrapped(&mut text, line, terminal.width);
    }
    for table in &document.tables {
        if !table.title.is_empty() {
            let _ = writeln!(text, "\n{bold}{}{bold:#}", plain_text(&table.title));
        }
        add_table(&mut text, table, terminal);
    }
    let chart = document.chart.as_ref().filter(|_| terminal.plots);
    if let Some(plot) = chart.and_then(|chart| plot::render(chart, terminal.width)) {
        let _ = write!(text, "\n{plot}");
    }
    if !document.sentences.is_empty() {
        text.push('\n');
    }
    for sentence in &document.sentences {
        add_wrapped(&mut text, sentence, terminal.width);
    }
    let yellow = style(terminal, AnsiColor::Yellow.on_default().bold());
    for warning in &document.warnings {
        let mut paragraph = String::new();
        add_wrapped(
            &mut paragraph,
            &format!("warning: {warning}"),
            terminal.width,
        );
        let body = paragraph.strip_prefix("warning:").unwrap_or(&paragraph);
        let _ = write!(text, "\n{yellow}warning:{yellow:#}{body}");
    }
    text
}

fn style(terminal: &Terminal, style: Style) -> Style {
    if terminal.color { style } else { Style::new() }
}

/// Adds a paragraph, broken at spaces.
fn add_wrapped(text: &mut String, paragraph: &str, width: usize) {
    let mut line = 0;
    for word in plain_text(paragraph).split(' ') {
        let length = word.chars().count();
        if line > 0 && line + 1 + length > width {
            text.push('\n');
            line = 0;
        } else if line > 0 {
            text.push(' ');
            line += 1;
        }
        text.push_str(word);
        line += length;
    }
    text.push('\n');
}

fn add_table(text: &mut String, table: &Table, terminal: &Terminal) {
    let (shown, hidden) = columns_that_fit(table, terminal.width);
    let mut drawn = comfy_table::Table::new();
    let rule = LineStyle::none().fill('─').junction('─');
    drawn.load_style(TableStyle::new().header_separator(rule));
    drawn.set_content_arrangement(ContentArrangement::Disabled);
    let titles = shown.iter().filter_map(|index| table.columns.get(*index));
    drawn.set_header(
        titles
            .map(|column| column.title.clone())
            .collect::<Vec<_>>(),
    );
    let most = longest_text(table, &shown, terminal.width);
    for row in &table.rows {
        let cells = shown.iter().filter_map(|index| row.cells.get(*index));
        drawn.add_row(
            cells
                .map(|cell| terminal_text(cell, most))
                .collect::<Vec<_>>(),
        );
    }
    for (place, index) in shown.iter().enumerate() {
        if let (Some(drawn), Some(column)) = (drawn.column_mut(place), table.columns.get(*index)) {
            // comfy-table itself sets one space between columns.
            drawn.set_padding((0, GAP as u16 - 1));
            drawn.set_cell_alignment(match column.align {
                Align::Left => CellAlignment::Left,
                Align::Right => CellAlignment::Right,
            });
        }
    }
    // The header and its rule take two lines; each row one.
    let bold = style(terminal, Style::new().bold());
    for (line, drawn) in drawn.lines().enumerate() {
        let row = line.checked_sub(2).and_then(|row| table.rows.get(row));
        let drawn = drawn.trim_end();
        if row.is_some_and(|row| row.marked) {
            let _ = writeln!(text, "{bold}{drawn}{bold:#}");
        } else {
            let _ = writeln!(text, "{drawn}");
        }
    }
    if !hidden.is_empty() {
        let line = format!("not shown for want of width: {}", hidden.join(", "));
        add_wrapped(text, &line, terminal.width);
    }
}

/// The characters that a column needs, with the gap after it.
fn column_width(table: &Table, index: usize, most: usize) -> usize {
    let title = table
        .columns
        .get(index)
        .map_or(0, |column| column.title.chars().count());
    let cells = table.rows.iter().filter_map(|row| row.cells.get(index));
    let widest = cells
        .map(|cell| terminal_text(cell, most).chars().count())
        .max();
    widest.unwrap_or(0).max(title) + GAP
}

/// The places of the columns that a width has room for, and the titles of the others.
fn columns_that_fit(table: &Table, width: usize) -> (Vec<usize>, Vec<String>) {
    let widths: Vec<usize> = (0..table.columns.len())
        .map(|index| column_width(table, index, MOST_CHARACTERS))
        .collect();
    let mut shown: Vec<usize> = (0..table.columns.len()).collect();
    let mut hidden = Vec::new();
    let rank = |index: &usize| table.columns.get(*index).map_or(0, |column| column.rank);
    loop {
        let total: usize = shown.iter().filter_map(|index| widths.get(*index)).sum();
        let last = shown
            .iter()
            .copied()
            .filter(|index| rank(index) > 0)
            .max_by_key(rank);
        match last {
            Some(index) if total > width => {
                shown.retain(|shown| *shown != index);
                let title = table.columns.get(index).map(|column| column.title.clone());
                hidden.extend(title);
            }
            _ => break,
        }
    }
    hidden.reverse();
    (shown, hidden)
}

/// The longest text that the shown columns may hold so that a row fits the width.
fn longest_text(table: &Table, shown: &[usize], width: usize) -> usize {
    let fits = |most: &usize| {
        let total: usize = shown
            .iter()
            .map(|index| column_width(table, *index, *most))
            .sum();
        total <= width
    };
    (LEAST_CHARACTERS..=MOST_CHARACTERS)
        .rev()
        .find(fits)
        .unwrap_or(LEAST_CHARACTERS)
}

fn terminal_text(cell: &Cell, most: usize) -> String {
    let text = plain_text(&cell_text(cell));
    // Numbers are never cut: a part of one is another number.
    if !matches!(cell, Cell::Text(_)) || text.chars().count() <= most {
        return text;
    }
    let mut cut: String = text.chars().take(most.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// A cell as people read it.
pub(super) fn cell_text(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => text.clone(),
        Cell::Count(number) => count(*number),
        Cell::Share(share) => percent(*share),
        Cell::Estimate { share, low, high } => {
            format!(
                "{} ({} to {}) %",
                digits(*share),
                digits(*low),
                digits(*high)
            )
        }
        Cell::Bounds { low, high } => format!("? ({})", percent_range(*low, *high)),
        Cell::Money(amount) => money(*amount),
        // What is known exactly needs no interval.
        Cell::Amount { amount, low, high } if low >= high => money(*amount),
        Cell::Amount { amount, low, high } => {
            format!("{} ({} to {})", money(*amount), money(*low), money(*high))
        }
        Cell::AmountBounds { low, high } => {
            format!("? ({} to {})", money(*low), money(*high))
        }
        Cell::Number(number) => number.to_string(),
        Cell::Missing => "–".to_owned(),
    }
}
