//! What can be wrong with working hours and with a queue, and how to mend it.

use thiserror::Error;

use crate::error::{ExitCode, Explain};

/// Why a text does not say when the reviewers work.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum HoursError {
    #[error("no working hours are given")]
    Empty,
    #[error("the hours `{text}` name no times of day{}", after(days))]
    NoTimes { text: String, days: String },
    #[error("`{word}` in the hours `{text}` is no day of the week")]
    NotADay { text: String, word: String },
    #[error("`{word}` in the hours `{text}` is no range of times")]
    NotTimes { text: String, word: String },
    #[error("`{word}` in the hours `{text}` begins and ends at the same time")]
    NoLength { text: String, word: String },
    #[error("there is no time zone `{name}`")]
    UnknownZone {
        name: String,
        closest: Option<String>,
    },
    #[error("the time zone `{name}` is not at the end of the hours `{text}`")]
    ZoneNotLast { text: String, name: String },
}

/// Which days a missing range would have belonged to, where any are named.
fn after(days: &str) -> String {
    match days {
        "" => String::new(),
        days => format!(" after `{days}`"),
    }
}

/// What to write in place of hours that cannot be read.
const EXAMPLE: &str = "write for example `Mon-Fri 09:00-17:00 Europe/London`, \
    `Mon-Thu 08:00-18:00, Fri 08:00-14:00 Europe/Berlin` or `24/7`";

impl Explain for HoursError {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Empty | Self::NoTimes { .. } => EXAMPLE.to_owned(),
            Self::NotADay { .. } => {
                format!("days are Mon, Tue, Wed, Thu, Fri, Sat and Sun; {EXAMPLE}")
            }
            Self::NotTimes { .. } => format!("times run from 00:00 to 24:00; {EXAMPLE}"),
            Self::NoLength { .. } => "the whole day is `00:00-24:00`".to_owned(),
            Self::UnknownZone { closest, .. } => {
                let guess = closest
                    .as_ref()
                    .map_or(String::new(), |name| format!("did you mean `{name}`? "));
                format!(
                    "{guess}zones have names such as `Europe/London`, `America/New_York` or `UTC`"
                )
            }
            Self::ZoneNotLast { .. } => {
                format!("one time zone holds for all ranges and comes last; {EXAMPLE}")
            }
        };
        Some(hint)
    }

    fn exit_code(&self) -> ExitCode {
        ExitCode::Input
    }
}

/// Why a queue cannot be simulated.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum QueueError {
    #[error("{time} microseconds since 1970 is no time that a calendar can show")]
    NotATime { time: i64 },
    #[error(
        "with {reviewers} reviewers the last review would not have ended {years} years after the last arrival"
    )]
    Unending { reviewers: u32, years: u16 },
}

impl Explain for QueueError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NotATime { .. } => None,
            Self::Unending { .. } => Some(
                "give more reviewers or longer hours, and check the unit of the handling times"
                    .to_owned(),
            ),
        }
    }

    fn exit_code(&self) -> ExitCode {
        ExitCode::Input
    }
}
