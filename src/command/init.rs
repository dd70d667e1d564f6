//! `gonogo init`
use clap::Args;
use super::Context;
use crate::error::Failure;
#[derive(Args, Clone, Debug)]
pub struct InitArgs {}
pub fn run(_args: &InitArgs, _context: &Context) -> Result<String, Failure> {
    Err(super::CommandError::NoCases.into())
}
