//! What a command has to say, and the formats it can be said in. Formats know documents, not
//! commands; each escapes for itself.

pub mod checks;
mod csv;
mod markdown;
mod number;
mod page;
mod plot;
mod shed;
mod table;
mod write;

use std::path::{Path, PathBuf};

use serde::Serialize;

use self::checks::{Check, Verdicts};
use crate::chart::Chart;
use crate::error::{ExitCode, Explain};

pub use self::number::{count, level, money, percent, percent_range, plain_text, wait};
pub use self::page::{Figure, Keyed, Page, Section, embedded};
pub use self::table::Terminal;
pub use self::write::{
    Extension, OutputFile, add_summary, check_place, rows_as_csv, write_all, write_text,
};

/// The formats of standard output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people at a terminal
    Table,
    /// For scripts: full precision, stable keys
    Json,
    /// One row a threshold and segment, full precision
    Csv,
    /// For a wiki or a pull request
    Md,
    /// Annotations of a GitHub Actions job: `gate` only
    Github,
}

/// A value with the means to print it.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Text(String),
    Count(u64),
    /// A fraction, printed as a percentage.
    Share(f64),
    /// An estimate with its interval.
    Estimate {
        share: f64,
        low: f64,
        high: f64,
    },
    /// Worst-case limits of what has no labels.
    Bounds {
        low: f64,
        high: f64,
    },
    /// An amount of money.
    Money(f64),
    /// An estimated amount of money with its interval.
    Amount {
        amount: f64,
        low: f64,
        high: f64,
    },
    /// Worst-case limits of an amount of money.
    AmountBounds {
        low: f64,
        high: f64,
    },
    /// A number in full precision, for machines.
    Number(f64),
    /// What does not exist.
    Missing,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    pub title: String,
    pub align: Align,
    /// Where a terminal is too narrow, columns of the highest rank go first; 0 always stays.
    pub rank: u8,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
}

impl Column {
    pub fn left(title: &str, rank: u8) -> Self {
        Self {
            title: title.to_owned(),
            align: Align::Left,
            rank,
        }
    }

    pub fn right(title: &str, rank: u8) -> Self {
        Self {
            align: Align::Right,
            ..Self::left(title, rank)
        }
    }
}

/// A row of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub cells: Vec<Cell>,
    /// The row that a reader compares the others with.
    pub marked: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    pub title: String,
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
}

/// An answer: tables for people, sentences that say what they mean, and the whole for machines.
#[derive(Clone, Debug)]
pub struct Document {
    pub title: String,
    /// Lines under the title: what the answer rests on.
    pub preface: Vec<String>,
    pub tables: Vec<Table>,
    /// What the tables mean.
    pub sentences: Vec<String>,
    /// What a reader must know before relying on it.
    pub warnings: Vec<String>,
    /// The whole in full precision, row by row; made only where CSV is asked for, for it can be
    /// far larger than what people read.
    pub data: Option<Table>,
    /// The whole as JSON text; made only where JSON is asked for.
    pub json: Option<String>,
    pub chart: Option<Chart>,
    /// The answer as a policy file, where it is one.
    pub policy: Option<String>,
    /// The answer as one page; only a report has one.
    pub page: Option<Box<Page>>,
    /// Charts that go with the answer as files of their own; the endings pick the format.
    pub charts: Vec<(PathBuf, Chart)>,
    /// Bytes that the answer may have as Markdown. Where there is such a limit it is to be read from
    /// top to bottom, as a report: what the tables mean comes first, and charts are linked.
    pub most_markdown: Option<usize>,
    /// Verdicts for CI services, where the command judges.
    pub checks: Option<Verdicts>,
    /// Further files that go with the answer, with their bytes.
    pub files: Vec<(PathBuf, Vec<u8>)>,
    pub exit_code: ExitCode,
}

/// JSON text of a value, indented, with a line end. Values of ours hold neither NaN nor maps with
/// keys that are not text, so this does not fail on them.
///
/// # Errors
/// When the value cannot be written as JSON.
pub fn json_text<T: Serialize>(value: &T) -> Result<String, ReportError> {
    let mut text = serde_json::to_string_pretty(value).map_err(|error| ReportError::Render {
        format: "JSON",
        reason: error.to_string(),
    })?;
    text.push('\n');
    Ok(json_escaped(text))
}

/// JSON text in which characters that command a terminal or turn the direction of writing are
/// escapes. They can stand in strings only, where an escape means the same.
fn json_escaped(text: String) -> String {
    // Plain ASCII, as nearly all answers are, holds none: what JSON itself escapes is escaped.
    if text.is_ascii() && !text.contains('\u{7f}') {
        return text;
    }
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if character != '\n' && number::is_unsafe(character) {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                escaped.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            escaped.push(character);
        }
    }
    escaped
}

impl Document {
    /// The verdicts, for a format that tells nothing else.
    fn checks(&self, format: &'static str) -> Result<&[Check], ReportError> {
        let verdicts = self.checks.as_ref();
        let verdicts = verdicts.ok_or(ReportError::NoChecks { format })?;
        Ok(&verdicts.checks)
    }

    /// The document in a format of standard output.
    ///
    /// # Errors
    /// When a format fails to render it.
    pub fn render(&self, format: Format, terminal: &Terminal) -> Result<String, ReportError> {
        match format {
            Format::Table => Ok(table::render(self, terminal)),
            Format::Json => self.json.clone().ok_or_else(|| unasked("JSON")),
            Format::Csv => csv::render(self.data.as_ref().ok_or_else(|| unasked("CSV"))?),
            Format::Md => Ok(markdown::render(self, Path::new(""))),
            Format::Github => Ok(checks::github(self.checks("GitHub annotations")?)),
        }
    }
}

fn unasked(format: &'static str) -> ReportError {
    ReportError::Render {
        format,
        reason: "the command did not prepare it".to_owned(),
    }
}

/// What can go wrong when an answer is written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    #[error("{path}: {reason}")]
    Write {
        path: String,
        reason: std::io::Error,
    },
    #[error("the {format} could not be made: {reason}")]
    Render {
        format: &'static str,
        reason: String,
    },
    #[error("`{path}`: its ending does not tell a format")]
    UnknownExtension { path: String },
    #[error("`{path}`: this answer has no chart")]
    NoChart { path: String },
    #[error("`{path}`: this answer is no policy")]
    NoPolicy { path: String },
    #[error("`{path}`: this answer is no page")]
    NoPage { path: String },
    #[error("{format} tell verdicts, and this answer has none")]
    NoChecks { format: &'static str },
}

impl Explain for ReportError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::UnknownExtension { .. } => Some(
                "write .json, .csv, .md, .svg or .png; a policy is .toml, verdicts are .xml or .sarif"
                    .to_owned(),
            ),
            Self::NoChart { .. } | Self::NoChecks { .. } => {
                Some("write .json, .csv or .md".to_owned())
            }
            Self::NoPolicy { .. } => Some(
                "write .json, .csv, .md, .svg or .png; `gonogo tune` writes policies".to_owned(),
            ),
            Self::NoPage { .. } => Some("`gonogo report` writes pages".to_owned()),
            Self::Write { .. } | Self::Render { .. } => None,
        }
    }

    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Write { .. } => ExitCode::Output,
            Self::Render { .. } => ExitCode::Internal,
            Self::UnknownExtension { .. }
            | Self::NoChart { .. }
            | Self::NoPolicy { .. }
            | Self::NoPage { .. }
            | Self::NoChecks { .. } => ExitCode::Input,
        }
    }
}
