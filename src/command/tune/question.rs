//! What is asked of a log: the words of the command line, checked. Knows no log.

use super::TuneArgs;
use crate::command::CommandError;
use crate::command::outcome::segment_names;
use crate::error::{ExitCode, Explain, Failure};
use crate::estimate::certificate::Promise;
use crate::rate::{Grid, Level, share_from_text};

/// Thresholds that a short list may hold: each more leaves less for the others.
const MOST_CANDIDATES: usize = 10;
/// The grid that is tested where nobody names one: the same for every log, so that no score of a
/// log can have a hand in it; finer at the top, where scores crowd.
const GRID: &str = "0..0.99/0.01,0.991..0.999/0.001,1";

/// What is asked, checked.
pub(super) struct Question {
    /// The thresholds that the answer is one of.
    pub(super) grid: Grid,
    pub(super) search: Search,
    /// The level of all intervals, and 1 less the doubt of a promise.
    pub(super) confidence: Level,
    pub(super) promise: Option<Promise>,
    /// The names of the segments that thresholds are chosen by.
    pub(super) by: Vec<String>,
    pub(super) weights: Weights,
    pub(super) inherit: bool,
    pub(super) limits: Limits,
    /// Whether the cheapest threshold is asked for.
    pub(super) min_cost: bool,
    pub(super) top: usize,
}

/// In which order thresholds are tested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Search {
    /// The grid from strict to loose, with starts where the labels have doubled.
    Doubling,
    /// A short list from strict to loose, each with the same part of the doubt.
    List,
    /// The order of an older log.
    Learned,
}

/// How the doubt of a joint promise is shared out among segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Weights {
    /// The same to each segment
    Equal,
    /// To each segment by its cases
    Volume,
}

/// What reviewers can bear.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Limits {
    /// Share of the cases.
    pub(super) escalation: Option<f64>,
    /// Cases a day.
    pub(super) per_day: Option<u64>,
    /// The share of the days on which the limit a day must hold.
    pub(super) peak: f64,
}

impl Limits {
    pub(super) fn any(&self) -> bool {
        self.escalation.is_some() || self.per_day.is_some()
    }
}

/// What is wrong with a question.
#[derive(Debug, thiserror::Error)]
pub enum QuestionError {
    #[error("there is no target: nothing says what the threshold is to achieve")]
    NoTarget,
    #[error("--{option}: `{text}` is not a share between 0 and 1")]
    Share { option: &'static str, text: String },
    #[error("--candidates: {found} thresholds are more than {MOST_CANDIDATES}")]
    TooManyCandidates { found: usize },
    #[error("--min-cost: gonogo.toml does not state what an error and what a review cost")]
    NoCosts,
    #[error("--order-from: `{log}` is the log that is to be tuned")]
    SameLog { log: String },
}

impl Explain for QuestionError {
    fn hint(&self) -> Option<String> {
        let text = match self {
            Self::NoTarget => {
                "for example --max-error 1% for a promise, --max-per-day 400 for a capacity, or \
                 --min-cost"
            }
            Self::Share { .. } => "write 1% or 0.01",
            Self::NoCosts => {
                "write `error` and `review` (or `review_per_minute`) under [cost], each a number or \
                 SQL over the columns"
            }
            Self::TooManyCandidates { .. } => {
                "name fewer, or use --thresholds for a grid that is walked from strict to loose"
            }
            Self::SameLog { .. } => {
                "the order must come from other cases than those that it is tested on: name an \
                 older log"
            }
        };
        Some(text.to_owned())
    }

    fn exit_code(&self) -> ExitCode {
        ExitCode::Input
    }
}

pub(super) fn resolve(args: &TuneArgs) -> Result<Question, Failure> {
    let limit = optional_share("max-error", args.max_error.as_deref())?;
    let confidence = share("confidence", &args.confidence)?;
    let refused = || QuestionError::Share {
        option: "confidence",
        text: args.confidence.clone(),
    };
    let confidence = Level::new(confidence).ok_or_else(refused)?;
    let limits = Limits {
        escalation: optional_share("max-escalation", args.max_escalation.as_deref())?,
        per_day: args.max_per_day,
        peak: share("peak", &args.peak)?,
    };
    if limit.is_none() && !limits.any() && !args.min_cost {
        return Err(QuestionError::NoTarget.into());
    }
    Ok(Question {
        grid: grid(args, limit.is_some())?,
        search: match (&args.candidates, &args.order_from) {
            (_, Some(_)) => Search::Learned,
            (Some(_), None) => Search::List,
            (None, None) => Search::Doubling,
        },
        confidence,
        promise: limit.and_then(|limit| Promise::new(limit, confidence)),
        by: args.by.as_deref().map(segment_names).unwrap_or_default(),
        weights: args.weights,
        inherit: args.inherit,
        limits,
        min_cost: args.min_cost,
        top: args.top,
    })
}

/// The thresholds: those that are named, else a fixed grid; the finest one where nothing is
/// promised and so nothing is lost by it.
fn grid(args: &TuneArgs, has_promise: bool) -> Result<Grid, Failure> {
    let named = args.candidates.as_deref().or(args.thresholds.as_deref());
    let grid = match named {
        Some(text) => text.parse::<Grid>().map_err(CommandError::Grid)?,
        None if has_promise => GRID.parse().map_err(CommandError::Grid)?,
        None => Grid::thousandths(),
    };
    let found = grid.thresholds().len();
    if args.candidates.is_some() && found > MOST_CANDIDATES {
        return Err(QuestionError::TooManyCandidates { found }.into());
    }
    Ok(grid)
}

fn optional_share(option: &'static str, text: Option<&str>) -> Result<Option<f64>, QuestionError> {
    text.map(|text| share(option, text)).transpose()
}

fn share(option: &'static str, text: &str) -> Result<f64, QuestionError> {
    share_from_text(text).ok_or_else(|| QuestionError::Share {
        option,
        text: text.to_owned(),
    })
}
