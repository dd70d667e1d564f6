//! `gonogo check`
use clap::Args;
use super::{Context, OutputArgs};
use crate::error::Failure;
use crate::report::Document;
#[derive(Args, Clone, Debug)]
pub struct CheckArgs {
    #[command(flatten)]
    pub output: OutputArgs,
}
pub fn run(_args: &CheckArgs, _context: &Context) -> Result<Document, Failure> {
    Err(super::CommandError::NoCases.into())
}
