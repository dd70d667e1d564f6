//! Markdown for a wiki or a pull request.

use std::fmt::Write as _;

use super::number::plain_text;
use super::table::cell_text;
use super::{Align, Document, Table};

pub(super) fn render(document: &Document) -> String {
    let mut text = format!("## {}\n\n", escaped(&document.title));
    for line in &document.preface {
        let _ = writeln!(text, "{}  ", escaped(line));
    }
    for table in &document.tables {
        text.push('\n');
        if !table.title.is_empty() {
            let _ = writeln!(text, "**{}**\n", escaped(&table.title));
        }
        add_table(&mut text, table);
    }
    text.push('\n');
    for sentence in &document.sentences {
        let _ = writeln!(text, "{}", escaped(sentence));
    }
    for warning in &document.warnings {
        let _ = writeln!(text, "\n> **Warning:** {}", escaped(warning));
    }
    text
}

fn add_table(text: &mut String, table: &Table) {
    let titles: Vec<String> = table
        .columns
        .iter()
        .map(|column| escaped(&column.title))
        .collect();
    let _ = writeln!(text, "| {} |", titles.join(" | "));
    let rules = table.columns.iter().map(|column| match column.align {
        Align::Left => ":--",
        Align::Right => "--:",
    });
    let _ = writeln!(text, "|{}|", rules.collect::<Vec<_>>().join("|"));
    for row in &table.rows {
        let cells = row.cells.iter().map(|cell| {
            let cell = escaped(&cell_text(cell));
            if row.marked && !cell.is_empty() {
                format!("**{cell}**")
            } else {
                cell
            }
        });
        let _ = writeln!(text, "| {} |", cells.collect::<Vec<_>>().join(" | "));
    }
}

/// Text without meaning to Markdown or HTML.
fn escaped(text: &str) -> String {
    let mut safe = String::new();
    for character in plain_text(text).chars() {
        match character {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' | '#' => {
                safe.push('\\');
                safe.push(character);
            }
            _ => safe.push(character),
        }
    }
    safe
}
