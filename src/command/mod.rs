//! One file a verb: arguments to a plan, the plan to an outcome, the outcome to a document.

pub mod audit;
pub mod check;
pub mod gate;
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

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::Role;
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
    #[error("a page for anyone hides small counts, and JSON and CSV hold every count")]
    DataForAnyone,
    #[error("--by {segment}: it tells who or what single cases are, by the role `{}`", role.key())]
    TellsCases { segment: String, role: Role },
    #[error("the page has {0} bytes, which is too large to be mailed")]
    PageTooLarge(usize),
    #[error("no policy is given: {} can only be a log", quoted(logs))]
    NoPolicy { logs: Vec<String> },
    #[error("one policy file can be checked at a time, not {0}")]
    OnePolicy(usize),
    #[error("no log is given")]
    NoLog,
    #[error("two policies are called \"{0}\"")]
    TwinPolicies(String),
    #[error("a policy is called \"{0}\", which is the name of what really happened")]
    ReservedName(&'static str),
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
    #[error("no [[gate]] is declared")]
    NoGates,
    #[error("no [[gate]] belongs to the profile \"{name}\"")]
    NoSuchProfile { name: String, names: Vec<String> },
    #[error("--confidence: {0} is not above 0.5 and below 1")]
    Confidence(f64),
    #[error("a [[gate]] is about cost, and no [cost] is stated")]
    NoCosts,
    #[error("{}: {reason}", file.display())]
    Baseline { file: PathBuf, reason: String },
    #[error("{}: not comparable: {}", file.display(), changes.join("; "))]
    Incomparable { file: PathBuf, changes: Vec<String> },
    #[error("{}", no_baseline(.0.as_deref()))]
    NoBaseline(Option<PathBuf>),
    #[error("{baseline}: the baseline tells nothing of {}", quoted(checks))]
    BaselineLacks {
        baseline: String,
        checks: Vec<String>,
    },
    #[error("{}: {reason}", file.display())]
    State { file: PathBuf, reason: String },
}

fn no_baseline(file: Option<&Path>) -> String {
    match file {
        Some(file) => format!("{}: there is no such baseline", file.display()),
        None => "no baseline is given".to_owned(),
    }
}

/// Names in quotes, for they may hold commas.
fn quoted(names: &[impl AsRef<str>]) -> String {
    let quote = |name: &_| format!("\"{}\"", AsRef::<str>::as_ref(name));
    let names: Vec<String> = names.iter().map(quote).collect();
    names.join(", ")
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
            Self::Policy { .. } | Self::NoPolicy { .. } | Self::OnePolicy(_) => {
                Some("a policy is a .toml file, or a bare threshold such as 0.92".to_owned())
            }
            Self::TellsCases { .. } => Some(
                "name other segments, or pass --share full where all readers have the log"
                    .to_owned(),
            ),
            Self::PageTooLarge(_) => Some(
                "ask for less: fewer --by, --policy, --audit and --gate, a smaller --top".to_owned(),
            ),
            Self::DataForAnyone => Some("write .html or .md, or pass no --share public".to_owned()),
            Self::NoLog => Some("name the log first, then the policies".to_owned()),
            Self::TwinPolicies(_) => {
                Some("give each a `name` of its own: reports go by it".to_owned())
            }
            Self::ReservedName(_) => {
                Some("give it another `name`: reports go by it".to_owned())
            }
            Self::TooManyPolicies { .. } | Self::PatternsOfMany(_) => {
                Some("replay fewer at a time".to_owned())
            }
            Self::NoSuchPolicy { closest, names, .. }
            | Self::NoSuchRule { closest, names, .. } => {
                let guess = closest.as_ref().map(|name| format!("did you mean \"{name}\"? "));
                let guess = guess.unwrap_or_default();
                Some(format!("{guess}the names are {}", quoted(names)))
            }
            Self::Duration(_) | Self::NoWindow(_) => Some("for example --window 4h".to_owned()),
            Self::Share(_) => Some("for example --review-share 0.25".to_owned()),
            Self::NoGates => Some(
                "add for example:\n\n[[gate]]\nname = \"auto-approved error\"\n\
                 metric = \"auto_error\"\nmax = \"2%\""
                    .to_owned(),
            ),
            Self::NoSuchProfile { names, .. } if names.is_empty() => {
                Some("no check belongs to a profile".to_owned())
            }
            Self::NoSuchProfile { names, .. } => {
                Some(format!("the profiles are {}", names.join(", ")))
            }
            Self::Confidence(_) => Some("for example --confidence 0.95".to_owned()),
            Self::NoCosts => Some("add for example:\n\n[cost]\nerror = 25\nreview = 2.40".to_owned()),
            Self::Baseline { .. } => {
                Some("write one with --save-baseline, or `gonogo gate -o FILE.json`".to_owned())
            }
            Self::Incomparable { .. } => Some(
                "save a new baseline, or pass --accept-changed if the numbers mean the same still"
                    .to_owned(),
            ),
            Self::BaselineLacks { .. } => Some(
                "save a new baseline with these checks declared, or pass no --require-baseline"
                    .to_owned(),
            ),
            Self::NoBaseline(_) => {
                Some("pass --baseline, --baseline-log or --against, or no --require-baseline".to_owned())
            }
            Self::State { .. } => Some("move the file away to begin anew".to_owned()),
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
            | Self::NoPolicy { .. }
            | Self::OnePolicy(_)
            | Self::NoLog
            | Self::DataForAnyone
            | Self::TellsCases { .. }
            | Self::PageTooLarge(_)
            | Self::TwinPolicies(_)
            | Self::ReservedName(_)
            | Self::TooManyPolicies { .. }
            | Self::NoSuchPolicy { .. }
            | Self::NoSuchRule { .. }
            | Self::PatternsOfMany(_)
            | Self::Duration(_)
            | Self::Share(_)
            | Self::NoWindow(_)
            | Self::NothingToCompare(_)
            | Self::NoGates
            | Self::NoSuchProfile { .. }
            | Self::Confidence(_)
            | Self::NoCosts
            | Self::Baseline { .. }
            | Self::Incomparable { .. }
            | Self::NoBaseline(_)
            | Self::BaselineLacks { .. }
            | Self::State { .. }
            | Self::WouldOverwrite(_) => ExitCode::Input,
        }
    }
}
