//! Policies as the command line names them: files, or bare thresholds.

use std::path::{Path, PathBuf};

use super::CommandError;
use crate::config::{Mapping, Role};
use crate::error::Failure;
use crate::log::{Formula, Log};
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
    let policy = Policy::parse(&read(word)?, word)?;
    for finding in policy.findings() {
        log::warn!("{word}, {}: {}", finding.place, finding.message);
    }
    Ok(policy)
}

/// The text of a policy file.
///
/// # Errors
/// When it cannot be read.
pub(super) fn read(file: &str) -> Result<String, CommandError> {
    std::fs::read_to_string(file).map_err(|reason| CommandError::Policy {
        file: PathBuf::from(file),
        reason,
    })
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

/// A name in a condition whose value is known, or may be known, only after the AI has decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct KnownLate {
    name: String,
    role: Role,
    is_certain: bool,
}

impl KnownLate {
    /// The doubt in words.
    pub(super) fn text(&self) -> String {
        let name = &self.name;
        let part = if *name == self.role.key() {
            format!("`{name}`")
        } else {
            format!(
                "`{name}`, from which the role `{}` is read,",
                self.role.key()
            )
        };
        if self.is_certain {
            format!("{part} is known only after the AI has decided: no live policy can use it")
        } else {
            format!("{part} must be the AI's own answer: a label is known only after a review")
        }
    }
}

/// Roles whose values come into being after the AI's decision.
const LATE: [Role; 5] = [
    Role::Error,
    Role::Reviewer,
    Role::ReviewSeconds,
    Role::ReviewedAt,
    Role::Escalated,
];

/// The names in a condition whose values are known only after the AI has decided: roles that say
/// so, and the columns that they are read from. Of the columns of `error` the label is the one
/// that is missing where nobody has looked.
///
/// # Errors
/// When the condition is no SQL.
pub(super) fn known_late(
    log: &Log,
    mapping: &Mapping,
    condition: &Formula,
) -> Result<Vec<KnownLate>, Failure> {
    let names = log.references(condition)?.names;
    let mut late: Vec<KnownLate> = Vec::new();
    for role in LATE {
        let Some(source) = mapping.roles.get(&role) else {
            continue;
        };
        let columns = log.references(&Formula::new(role.key(), source))?.names;
        let labels: Vec<&String> = columns.iter().filter(|name| has_gaps(log, name)).collect();
        for name in &names {
            let is_column = columns.contains(name);
            let is_role = name == role.key() && !is_column && !has_column(log, name);
            let is_certain = is_role || role != Role::Error || labels.contains(&name);
            let is_answer = role == Role::Error && !is_certain && !labels.is_empty();
            let is_new = late.iter().all(|known| known.name != *name);
            if (is_role || is_column) && !is_answer && is_new {
                late.push(KnownLate {
                    name: name.clone(),
                    role,
                    is_certain,
                });
            }
        }
    }
    Ok(late)
}

fn has_column(log: &Log, name: &str) -> bool {
    log.columns().iter().any(|column| column.name() == name)
}

/// Whether a column is missing in any of the first rows.
fn has_gaps(log: &Log, name: &str) -> bool {
    let column = log.columns().iter().find(|column| column.name() == name);
    column.is_none_or(|column| column.values().iter().any(Option::is_none))
}
