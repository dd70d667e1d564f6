//! The whole answer as CSV in full precision: one header, one row a line. An undefined number is
//! an empty field. Texts that a spreadsheet would run as a formula are defused by a leading quote,
//! and control characters are shown as escapes.

use super::number::plain_text;
use super::{Cell, ReportError, Table};

pub(super) fn render(table: &Table) -> Result<String, ReportError> {
    let failed = |reason: String| ReportError::Render {
        format: "CSV",
        reason,
    };
    let mut writer = ::csv::Writer::from_writer(Vec::new());
    let titles = table.columns.iter().map(|column| column.title.as_str());
    writer
        .write_record(titles)
        .map_err(|error| failed(error.to_string()))?;
    for row in &table.rows {
        let cells = row.cells.iter().map(text);
        writer
            .write_record(cells)
            .map_err(|error| failed(error.to_string()))?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| failed(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| failed(error.to_string()))
}

fn text(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => defused(text),
        Cell::Count(number) => number.to_string(),
        Cell::Share(number) | Cell::Money(number) | Cell::Number(number) => number.to_string(),
        Cell::Estimate { share, low, high } => format!("{share} [{low}, {high}]"),
        Cell::Amount { amount, low, high } => format!("{amount} [{low}, {high}]"),
        Cell::Bounds { low, high } | Cell::AmountBounds { low, high } => {
            format!("[{low}, {high}]")
        }
        Cell::Missing => String::new(),
    }
}

fn defused(text: &str) -> String {
    let text = plain_text(text);
    // An id such as -7 is a number to a spreadsheet too, and must stay what it is.
    let is_number = text.strip_prefix(['+', '-']).is_some_and(is_digits);
    if text.starts_with(['=', '+', '-', '@']) && !is_number {
        format!("'{text}")
    } else {
        text
    }
}

/// Whether a text is a number without sign and exponent.
fn is_digits(text: &str) -> bool {
    let mut parts = text.splitn(2, '.');
    let is_part = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.all(is_part)
}
