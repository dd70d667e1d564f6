//! What can be wrong with a worksheet that came back, each with its row and column.

use std::fmt;

use crate::error::{ExitCode, Explain};

/// Faults that a message shows; the count of all stands beside them.
const SHOWN: usize = 20;

/// One thing that was changed or cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub file: String,
    /// The row of the file, from 1, the header included.
    pub row: u64,
    pub column: String,
    pub what: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            row,
            column,
            what,
        } = self;
        write!(formatter, "{file}, row {row}, column `{column}`: {what}")
    }
}

/// Why a worksheet cannot be written, or not be used as it came back.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SheetError {
    #[error("the worksheet has a column `{name}` of its own")]
    OwnColumn { name: String },
    #[error("the worksheet could not be made: {reason}")]
    Unwritable { reason: String },
    #[error("{file}: {what}")]
    NotASheet { file: String, what: String },
    #[error("{file}: there is no column {}; the columns are {}", quoted(.missing), quoted(.found))]
    MissingColumns {
        file: String,
        missing: Vec<String>,
        found: Vec<String>,
    },
    #[error("{file}: the column `{title}` is there twice")]
    RepeatedColumn { file: String, title: String },
    #[error("{file}: no row of it is of this audit")]
    OtherAudit { file: String },
    #[error("{}", listed(.0))]
    Faults(Vec<Fault>),
}

fn quoted(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

fn listed(faults: &[Fault]) -> String {
    let cells = if faults.len() == 1 { "cell" } else { "cells" };
    let mut text = format!("{} {cells} of the worksheets cannot be used", faults.len());
    for fault in faults.iter().take(SHOWN) {
        text.push_str(&format!("\n  {fault}"));
    }
    if faults.len() > SHOWN {
        text.push_str(&format!("\n  and {} more", faults.len() - SHOWN));
    }
    text
}

impl Explain for SheetError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::OwnColumn { .. } => Some("give the column of the log another name".to_owned()),
            Self::Unwritable { .. } => None,
            Self::NotASheet { .. } => {
                Some("save the worksheet as CSV in UTF-8, or as .xlsx".to_owned())
            }
            Self::MissingColumns { .. } | Self::RepeatedColumn { .. } => Some(
                "columns may change their places, but row_check, case_id and verdict must be there, \
                 under these names"
                    .to_owned(),
            ),
            Self::OtherAudit { .. } => {
                Some("which manifest does it belong to? rows are known by row_check".to_owned())
            }
            Self::Faults(_) => Some(
                "mend the worksheet, not the manifest: the sheet as it went out has the frozen \
                 columns; words of your own are translated by --map yours=correct"
                    .to_owned(),
            ),
        }
    }

    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Unwritable { .. } => ExitCode::Internal,
            Self::OwnColumn { .. }
            | Self::NotASheet { .. }
            | Self::MissingColumns { .. }
            | Self::RepeatedColumn { .. }
            | Self::OtherAudit { .. }
            | Self::Faults(_) => ExitCode::Input,
        }
    }
}
