//! Policies as the command line names them: files, or bare thresholds.

use std::path::{Path, PathBuf};

use super::CommandError;
use crate::error::Failure;
use crate::policy::{Conditions, Policy, Router};
use crate::rate::Grid;

/// The ending of policy files.
const ENDING: &str = "toml";

/// Whether a word of the command line names a policy and not a log.
pub(super) fn is_policy(word: &str) -> bool {
    let ending = Path::new(word).extension();
    ending.is_some_and(|ending| ending.eq_ignore_ascii_case(ENDING)) || threshold(word).is_some()
}

/// Reads a policy: a file, or a threshold such as 0.92.
///
/// # Errors
/// When the file cannot be read or is no policy.
pub(super) fn load(word: &str) -> Result<Policy, Failure> {
    if let Some(policy) = threshold(word) {
        return Ok(policy);
    }
    let text = std::fs::read_to_string(word).map_err(|reason| CommandError::Policy {
        file: PathBuf::from(word),
        reason,
    })?;
    let policy = Policy::parse(&text, word)?;
    for finding in policy.findings() {
        log::warn!("{word}, {}: {}", finding.place, finding.message);
    }
    Ok(policy)
}

fn threshold(word: &str) -> Option<Policy> {
    let grid: Grid = word.parse().ok()?;
    match grid.thresholds() {
        [threshold] => Some(Policy::of_threshold(threshold.clone())),
        _ => None,
    }
}

/// The routers of policies, and the conditions that they ask of the log.
pub(super) fn routers(policies: &[Policy]) -> (Vec<Router>, Conditions) {
    let mut conditions = Conditions::default();
    let routers = policies.iter().map(|policy| conditions.router(policy));
    let routers = routers.collect();
    (routers, conditions)
}
