//! One file a verb: arguments to a plan, the plan to an outcome, the outcome to a document.

pub mod check;
pub mod init;
mod input;
mod labelling;
mod open;
mod outcome;
mod policies;
pub mod policy;
mod pricing;
pub mod replay;
pub mod report;
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
    #[error("{}: {reason}", folder.display())]
    Folder {
        folder: PathBuf,
        reason: std::io::Error,
    },
    #[error("{}: {reason}", file.display())]
    Result { file: PathBuf, reason: String },
    #[error("no policy is given")]
    NoPolicy,
    #[error("one policy file can be checked at a time, not {0}")]
    OnePolicy(usize),
    #[error("no log is given")]
    NoLog,
    #[error("two policies are called \"{0}\"")]
    TwinPolicies(String),
    #[error("{count} policies are more than {most}")]
    TooManyPolicies { count: usize, most: usize },
    #[error("no policy is called \"{name}\"")]
    NoSuchPolicy {
        name: String,
        closest: Option<String>,
        names: Vec<String>,
    },
    #[error("no rule is called \"{name}\"")]
    NoSuchRule {
        name: String,
        closest: Option<String>,
        names: Vec<String>,
    },
    #[error("--patterns compares the patterns of one policy, not of {0}")]
    PatternsOfMany(usize),
    #[error("--window: {0}")]
    Duration(crate::rate::DurationError),
    #[error("--review-share: {0} is not a share from 0 to 1")]
    Share(f64),
    #[error("the rule \"{0}\" says no window in which an error can be corrected")]
    NoWindow(String),
    #[error("the rule \"{0}\" escalates every case, and so does what follows it")]
    NothingToCompare(String),
}

impl Explain for CommandError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::NoCases { .. } | Self::Folder { .. } => None,
            Self::Result { .. } => {
                Some("give the .json that `gonogo audit evaluate` or `gonogo gate` wrote".to_owned())
            }
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
            Self::Policy { .. } | Self::NoPolicy | Self::OnePolicy(_) => {
                Some("a policy is a .toml file, or a bare threshold such as 0.92".to_owned())
            }
            Self::NoLog => Some("name the log first, then the policies".to_owned()),
            Self::TwinPolicies(_) => {
                Some("give each a `name` of its own: reports go by it".to_owned())
            }
            Self::TooManyPolicies { .. } | Self::PatternsOfMany(_) => {
                Some("replay fewer at a time".to_owned())
            }
            Self::NoSuchPolicy { closest, names, .. }
            | Self::NoSuchRule { closest, names, .. } => {
                let guess = closest.as_ref().map(|name| format!("did you mean \"{name}\"? "));
                let guess = guess.unwrap_or_default();
                Some(format!("{guess}the names are {}", names.join(", ")))
            }
            Self::Duration(_) | Self::NoWindow(_) => Some("for example --window 4h".to_owned()),
            Self::Share(_) => Some("for example --review-share 0.25".to_owned()),
            Self::NothingToCompare(_) => {
                Some("give the rule a threshold, or the policy one for all other cases".to_owned())
            }
        }
    }

    fn exit_code(&self) -> ExitCode {
        match self {
            Self::NoCases { .. } | Self::NoLabels { .. } => ExitCode::NothingToJudge,
            Self::Folder { .. } => ExitCode::Output,
            Self::Grid(_)
            | Self::Level(_)
            | Self::Exists(_)
            | Self::Delimiter(_)
            | Self::Policy { .. }
            | Self::Result { .. }
            | Self::NoPolicy
            | Self::OnePolicy(_)
            | Self::NoLog
            | Self::TwinPolicies(_)
            | Self::TooManyPolicies { .. }
            | Self::NoSuchPolicy { .. }
            | Self::NoSuchRule { .. }
            | Self::PatternsOfMany(_)
            | Self::Duration(_)
            | Self::Share(_)
            | Self::NoWindow(_)
            | Self::NothingToCompare(_)
            | Self::WouldOverwrite(_) => ExitCode::Input,
        }
    }
}
