//! What can be wrong with a log, each with the place and the way to mend it.

use std::fmt::Write as _;

use thiserror::Error;

use super::reject::Reject;
use crate::config::{ColumnType, Role};
use crate::error::{ExitCode, Explain};

/// How many bad rows an error shows; the count of all stands beside them.
pub(super) const SHOWN_REJECTS: usize = 5;

/// Why a log cannot be read.
#[derive(Debug, Error)]
pub enum LogError {
    #[error("no log is given")]
    NoSource,
    #[error("{path}: no such file")]
    NotFound { path: String },
    #[error("{path}: {what}")]
    NoFiles { path: String, what: &'static str },
    #[error("{file}: {reason}")]
    Unreadable {
        file: String,
        reason: std::io::Error,
    },
    #[error("{file}: the file is empty")]
    Empty { file: String },
    #[error("{file}: {what}")]
    WrongFormat {
        file: String,
        what: String,
        hint: Option<String>,
    },
    #[error("{file}: the column `{column}` appears {count} times in the header")]
    DuplicateColumn {
        file: String,
        column: String,
        count: usize,
    },
    #[error("{file}: its columns are not those of {first}: {difference}")]
    OtherColumns {
        file: String,
        first: String,
        difference: String,
    },
    #[error("{file}, line {line}: a quote is opened here and never closed")]
    OpenQuote { file: String, line: u64 },
    #[error("{file}, line {line}: the record is longer than {limit} bytes")]
    LongRecord {
        file: String,
        line: u64,
        limit: usize,
    },
    #[error("{file}: damaged data: {reason}")]
    Damaged { file: String, reason: String },
    #[error("the role `{}` is not mapped ({})", role.key(), role.meaning())]
    RoleMissing { role: Role, columns: Vec<String> },
    #[error("there is no segment `{name}`")]
    NoSegment {
        name: String,
        closest: Option<String>,
        segments: Vec<String>,
        columns: Vec<String>,
    },
    #[error("{place}: there is no column `{name}`")]
    NoColumn {
        place: String,
        name: String,
        closest: Option<String>,
        columns: Vec<String>,
    },
    #[error("{place} = \"{text}\": {reason}")]
    BadExpression {
        place: String,
        text: String,
        reason: String,
    },
    #[error(
        "{file}: {place}: the column `{column}` holds {found}, which cannot be read as {wanted}"
    )]
    WrongType {
        file: String,
        place: String,
        column: String,
        found: String,
        wanted: &'static str,
        hint: Option<String>,
    },
    #[error("{}", bad_rows_text(.shown, *.count))]
    BadRows { shown: Vec<Reject>, count: u64 },
    #[error("more than {limit} bad rows")]
    TooManyRejects { limit: usize },
    #[error("{}", duplicates_text(.shown, *.count))]
    DuplicateIds { shown: Vec<DuplicateId>, count: u64 },
    #[error("{file}: {}", labels_text(.columns, .values))]
    InconsistentLabels {
        file: String,
        columns: Vec<String>,
        values: Vec<(String, u64)>,
    },
    #[error("temporary file: {reason}")]
    Spill { reason: std::io::Error },
    #[error("a reading thread stopped: {reason}")]
    Thread { reason: String },
    #[error("interrupted")]
    Interrupted,
}

/// An id that more than one row carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DuplicateId {
    /// The id, where the log could be read a second time.
    pub id: Option<String>,
    /// The places of the rows that carry it, such as `log.csv, line 17`.
    pub places: Vec<String>,
}

impl LogError {
    /// Whether the log could not be read at all, which says nothing of what it holds.
    pub fn is_out_of_reach(&self) -> bool {
        matches!(
            self,
            Self::NoSource
                | Self::NotFound { .. }
                | Self::NoFiles { .. }
                | Self::Unreadable { .. }
                | Self::Spill { .. }
                | Self::Thread { .. }
                | Self::Interrupted
        )
    }
}

fn bad_rows_text(shown: &[Reject], count: u64) -> String {
    let rows = if count == 1 { "row" } else { "rows" };
    let mut text = format!("{count} bad {rows}");
    for reject in shown {
        let _ = write!(text, "\n  {reject}");
    }
    if count > shown.len() as u64 {
        let _ = write!(text, "\n  and {} more", count - shown.len() as u64);
    }
    text
}

fn duplicates_text(shown: &[DuplicateId], count: u64) -> String {
    let mut text = if count == 1 {
        "1 id appears more than once".to_owned()
    } else {
        format!("{count} ids appear more than once")
    };
    for duplicate in shown {
        let places = duplicate.places.join("; ");
        match &duplicate.id {
            Some(id) => {
                let _ = write!(text, "\n  {id:?}: {places}");
            }
            None => {
                let _ = write!(text, "\n  {places}");
            }
        }
    }
    if shown.is_empty() {
        text.push_str(" (a pipe cannot be read a second time to name them)");
    } else if count > shown.len() as u64 {
        let _ = write!(text, "\n  and {} more", count - shown.len() as u64);
    }
    text
}

fn labels_text(columns: &[String], values: &[(String, u64)]) -> String {
    let mut text = format!(
        "the values that `error` compares ({}) are not written alike, so a comparison would count \
         spelling as errors",
        columns.join(", ")
    );
    for (value, count) in values {
        let _ = write!(text, "\n  {count:>8}  {value}");
    }
    text
}

impl Explain for LogError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NoSource => Some("name a file, a folder, a glob, or - for standard input".into()),
            Self::OtherColumns { .. } => {
                Some("files given together must be parts of one log with one header".into())
            }
            Self::DuplicateColumn { .. } => {
                Some("rename one of them: gonogo cannot know which is meant".into())
            }
            Self::OpenQuote { .. } => {
                Some("close or remove the quote; inside quotes a quote is written twice".into())
            }
            Self::LongRecord { .. } => Some("is a quote missing, or is this not text?".into()),
            Self::WrongFormat { hint, .. } | Self::WrongType { hint, .. } => hint.clone(),
            Self::RoleMissing { role, columns } => Some(format!(
                "the columns are {}; add such a line under [columns] of gonogo.toml:\n  {}\n\
                 or let `gonogo init LOG` guess the roles",
                listed(columns),
                role.example()
            )),
            Self::NoSegment {
                closest,
                segments,
                columns,
                ..
            } => Some(format!(
                "{}the segments of gonogo.toml are {}, the columns {}",
                did_you_mean(closest.as_deref()),
                listed(segments),
                listed(columns)
            )),
            Self::NoColumn {
                closest, columns, ..
            } => Some(format!(
                "{}the columns are {}",
                did_you_mean(closest.as_deref()),
                listed(columns)
            )),
            Self::BadExpression { .. } => Some(
                "a name with spaces or signs is written in double quotes, a text in single quotes"
                    .into(),
            ),
            Self::BadRows { shown, .. } => Some(bad_rows_hint(shown)),
            Self::TooManyRejects { .. } => {
                Some("so many hint at a wrong mapping: see `gonogo check`".into())
            }
            Self::DuplicateIds { .. } => Some(
                "remove the copies, map an `id` that tells the cases apart, or pass \
                 --allow-duplicates to count every row as a case"
                    .into(),
            ),
            Self::InconsistentLabels { .. } => Some(
                "say in gonogo.toml what the values mean, for example\n  \
                 error = \"LOWER(model_label) <> LOWER(TRIM(NULLIF(review_label, 'n/a')))\""
                    .into(),
            ),
            Self::NotFound { .. }
            | Self::NoFiles { .. }
            | Self::Unreadable { .. }
            | Self::Empty { .. }
            | Self::Damaged { .. }
            | Self::Spill { .. }
            | Self::Thread { .. }
            | Self::Interrupted => None,
        }
    }

    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Interrupted => ExitCode::Interrupted,
            Self::Thread { .. } => ExitCode::Internal,
            Self::Spill { .. } => ExitCode::Output,
            _ => ExitCode::Input,
        }
    }
}

/// The mend that fits the first bad row, and the way round all of them.
fn bad_rows_hint(shown: &[Reject]) -> String {
    let particular = shown.iter().find_map(|reject| reject.why.hint());
    let general = "or pass --skip-bad-rows to go on without them (--rejects FILE keeps them)";
    match particular {
        Some(hint) => format!("{hint},\n{general}"),
        None => format!("mend them, {general}"),
    }
}

fn did_you_mean(closest: Option<&str>) -> String {
    closest.map_or(String::new(), |name| format!("did you mean `{name}`? "))
}

/// Names for a message: at most 20, then the number of the rest.
fn listed(names: &[String]) -> String {
    const MOST: usize = 20;
    if names.is_empty() {
        return "none".to_owned();
    }
    let mut text = names
        .iter()
        .take(MOST)
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ");
    if names.len() > MOST {
        let _ = write!(text, " and {} more", names.len() - MOST);
    }
    text
}

/// What `[types]` must say for a value that did not fit.
pub(super) fn types_line(column: &str, wanted: ColumnType) -> String {
    format!(
        "under [types] of gonogo.toml: \"{column}\" = \"{}\"",
        wanted.key()
    )
}
