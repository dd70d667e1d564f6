//! The cells of a file that a person sends back, whatever spreadsheet it went through: byte order
//! marks, line ends and delimiters are told from the content. What the cells mean is not asked here.

use super::fault::SheetError;
use super::{FROZEN, OPEN, xlsx};

/// The delimiters that spreadsheets write.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// A file as rows of text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The name of the file, for messages.
    pub file: String,
    /// Titles of columns in lower case.
    pub titles: Vec<String>,
    /// With the number of each row in the file, from 1; rows without any text are left out.
    pub rows: Vec<(u64, Vec<String>)>,
}

impl Table {
    /// The place of a column.
    pub fn column(&self, title: &str) -> Option<usize> {
        self.titles.iter().position(|known| known == title)
    }
}

/// Reads CSV or a workbook. `file` is for messages only.
///
/// # Errors
/// When the bytes are neither, or lack columns that every worksheet has.
pub fn read(bytes: &[u8], file: &str) -> Result<Table, SheetError> {
    let rows = if bytes.starts_with(b"PK\x03\x04") {
        xlsx::read(bytes, file)?
    } else {
        let text = decode(bytes, file)?;
        split(text, delimiter(text), file)?
    };
    let mut rows = (1..).zip(rows);
    let header = rows.find(|(_, cells)| !is_empty(cells));
    let Some((_, header)) = header else {
        return Err(SheetError::NotASheet {
            file: file.to_owned(),
            what: "the file is empty".to_owned(),
        });
    };
    let table = Table {
        file: file.to_owned(),
        titles: header
            .iter()
            .map(|title| title.trim().to_lowercase())
            .collect(),
        rows: rows.filter(|(_, cells)| !is_empty(cells)).collect(),
    };
    check_titles(&table)?;
    Ok(table)
}

fn is_empty(cells: &[String]) -> bool {
    cells.iter().all(|cell| cell.trim().is_empty())
}

fn decode<'a>(bytes: &'a [u8], file: &str) -> Result<&'a str, SheetError> {
    let bad = |what: &str| SheetError::NotASheet {
        file: file.to_owned(),
        what: what.to_owned(),
    };
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err(bad("it is written in UTF-16"));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = bytes
            .iter()
            .take(error.valid_up_to())
            .filter(|byte| **byte == b'\n')
            .count()
            + 1;
        bad(&format!("line {line} is not UTF-8 text"))
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// The delimiter that gives the first line the most columns that a worksheet has.
fn delimiter(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or_default();
    // Excel announces the delimiter in a line of its own.
    if let Some(&[delimiter]) = header.strip_prefix("sep=").map(str::as_bytes) {
        return delimiter;
    }
    let known = |delimiter: &u8| {
        let titles = header.split(char::from(*delimiter));
        let titles = titles.map(|title| title.trim().trim_matches('"').to_lowercase());
        titles
            .filter(|title| FROZEN.iter().chain(&OPEN).any(|own| own == title))
            .count()
    };
    // Among equals the first one counts, so the list is turned.
    DELIMITERS
        .iter()
        .rev()
        .copied()
        .max_by_key(known)
        .unwrap_or(b',')
}

fn split(text: &str, delimiter: u8, file: &str) -> Result<Vec<Vec<String>>, SheetError> {
    let text = match text.split_once('\n') {
        Some((first, rest)) if first.starts_with("sep=") => rest,
        _ => text,
    };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| SheetError::NotASheet {
            file: file.to_owned(),
            what: error.to_string(),
        })?;
        rows.push(record.iter().map(str::to_owned).collect());
    }
    Ok(rows)
}

fn check_titles(table: &Table) -> Result<(), SheetError> {
    let needed = FROZEN.iter().skip(1).chain(OPEN.iter().take(1));
    let missing: Vec<String> = needed
        .filter(|title| table.column(title).is_none())
        .map(|title| (*title).to_owned())
        .collect();
    if !missing.is_empty() {
        return Err(SheetError::MissingColumns {
            file: table.file.clone(),
            missing,
            found: table.titles.clone(),
        });
    }
    let mut titles: Vec<&String> = table
        .titles
        .iter()
        .filter(|title| !title.is_empty())
        .collect();
    titles.sort();
    let pairs = titles.iter().zip(titles.iter().skip(1));
    if let Some((title, _)) = pairs.into_iter().find(|(one, next)| one == next) {
        return Err(SheetError::RepeatedColumn {
            file: table.file.clone(),
            title: (*title).clone(),
        });
    }
    Ok(())
}
