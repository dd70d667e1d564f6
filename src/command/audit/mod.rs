//! `gonogo audit`: how many cases, which ones, what follows, and the proof of it all.

pub mod conclusion;
pub mod evaluate;
pub mod plan;
pub mod sample;
pub mod verify;

mod clock;
mod files;
mod reading;

use clap::Subcommand;

use self::evaluate::EvaluateArgs;
use self::plan::PlanArgs;
use self::sample::SampleArgs;
use self::verify::VerifyArgs;
use super::{Context, OutputArgs};
use crate::error::{ExitCode, Explain, Failure};
use crate::report::Document;

/// Audits of auto-approved cases: how many to look at, which ones, what follows, and its proof
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    Plan(Box<PlanArgs>),
    Sample(Box<SampleArgs>),
    Evaluate(EvaluateArgs),
    Verify(VerifyArgs),
}

impl AuditCommand {
    /// Where the answer goes.
    pub fn output(&self) -> &OutputArgs {
        match self {
            Self::Plan(args) => &args.output,
            Self::Sample(args) => &args.output,
            Self::Evaluate(args) => &args.output,
            Self::Verify(args) => &args.output,
        }
    }

    /// Answers.
    ///
    /// # Errors
    /// When the question or what is read is bad.
    pub fn run(&self, context: &Context) -> Result<Document, Failure> {
        match self {
            Self::Plan(args) => plan::run(args, context),
            Self::Sample(args) => sample::run(args, context),
            Self::Evaluate(args) => evaluate::run(args, context),
            Self::Verify(args) => verify::run(args, context),
        }
    }
}

/// What can be wrong with a question about an audit.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    #[error("{0}")]
    Option(String),
    #[error("{what}")]
    Hinted { what: String, hint: String },
    #[error("{file}: {reason}")]
    Unreadable { file: String, reason: String },
    #[error("{count} cases have a value below 0, such as {first}")]
    Negative { count: u64, first: String },
}

impl Explain for AuditError {
    fn hint(&self) -> Option<String> {
        match self {
            Self::Option(_) | Self::Unreadable { .. } => None,
            Self::Hinted { hint, .. } => Some(hint.clone()),
            Self::Negative { .. } => Some(
                "say what they mean: --negatives separate (a stratum of their own, drawn by \
                 count), abs (their sign is ignored) or drop (they leave the population, counted)"
                    .to_owned(),
            ),
        }
    }

    fn exit_code(&self) -> ExitCode {
        ExitCode::Input
    }
}
