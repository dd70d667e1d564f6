//! `gonogo audit`: how many cases, which ones, what follows, and the proof of it all.

pub mod conclusion;
pub mod plan;

use clap::Subcommand;

use self::plan::PlanArgs;
use super::{Context, OutputArgs};
use crate::error::Failure;
use crate::report::Document;

/// Audits of auto-approved cases: how many to look at
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    Plan(Box<PlanArgs>),
}

impl AuditCommand {
    /// Where the answer goes.
    pub fn output(&self) -> &OutputArgs {
        match self {
            Self::Plan(args) => &args.output,
        }
    }

    /// Answers.
    ///
    /// # Errors
    /// When the question or what is read is bad.
    pub fn run(&self, context: &Context) -> Result<Document, Failure> {
        match self {
            Self::Plan(args) => plan::run(args, context),
        }
    }
}
