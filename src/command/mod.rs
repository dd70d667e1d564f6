//! One file a verb: arguments to a plan, the plan to an outcome, the outcome to a document.

pub mod check;
pub mod init;
mod input;
mod labelling;
mod open;
mod outcome;
mod policies;
mod pricing;
pub mod sweep;
pub mod tune;

use std::path::PathBuf;
use std::sync::Arc;

use crate::error::{ExitCode, Explain};
use crate::log::Progress;

pub use self::open::{LogArgs, OutputArgs};

/// What a command may know of the process it runs in.
#[derive(Clone, Debug)]
pub struct Context {
    /// Where `gonogo.toml` is looked for and written.
    pub folder: PathBuf,
    /// Counters of the reading, and the wish to stop.
    pub progress: Arc<Progress>,
}

/// Why a command has no answer although the log could be read.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    #[error("{log}: the log holds 0 cases")]
    NoCases { log: String },
    #[error("{log}: the error rate is unknown: no reviewed cases, none of {cases} carries a label")]
    NoLabels { log: String, cases: u64 },
    #[error("`{}` would be written over what is read or written otherwise", .0.display())]
    WouldOverwrite(PathBuf),
    #[error("--thresholds: {0}")]
    Grid(#[from] crate::rate::GridError),
    #[error("--level: {0} is not between 0 and 1")]
    Level(f64),
    #[error("{}: it exists already", .0.display())]
    Exists(PathBuf),
    #[error("`{0}` is not a delimiter: give one character")]
    Delimiter(String),
    #[error("{}: {reason}", file.display())]
    Policy {
        file: PathBuf,
        reason: std::io::Error,
    },
}

impl Explain for CommandError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NoCases { .. } => None,
            Self::WouldOverwrite(_) => Some("give the output a name of its own".to_owned()),
            Self::NoLabels { .. } => Some(
                "map `error` to a column that reviews fill in, or draw an audit sample and review it"
                    .to_owned(),
            ),
            Self::Grid(_) => {
                Some("for example --thresholds 0.80,0.85 or --thresholds 0.5..0.99/0.01".to_owned())
            }
            Self::Level(_) => Some("for example --level 0.95".to_owned()),
            Self::Exists(_) => Some("pass --force to write over it".to_owned()),
            Self::Delimiter(_) => Some("for example --delimiter ';' or --delimiter tab".to_owned()),
            Self::Policy { .. } => {
                Some("a policy is a .toml file, or a bare threshold such as 0.92".to_owned())
            }
        }
    }

    fn exit_code(&self) -> ExitCode {
        match self {
            Self::NoCases { .. } | Self::NoLabels { .. } => ExitCode::NothingToJudge,
            Self::Grid(_)
            | Self::Level(_)
            | Self::Exists(_)
            | Self::Delimiter(_)
            | Self::Policy { .. }
            | Self::WouldOverwrite(_) => ExitCode::Input,
        }
    }
}
