//! What new facts are compared with: the JSON of an earlier gate or sweep, and whether it is about
//! the same thing.

mod saved;

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

pub(super) use self::saved::SavedSet;
use super::question::Question;
use super::reading::{Place, Survey};
use crate::command::CommandError;
use crate::config::{Config, Costs, Gate, Metric, Role, Source};
use crate::estimate::metric::Facts;

/// What a baseline and a new log must have in common.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Basis {
    pub(super) roles: BTreeMap<String, String>,
    pub(super) segments: BTreeMap<String, String>,
    /// What is stated of costs, where a check is about them.
    #[serde(default)]
    pub(super) costs: BTreeMap<String, String>,
    /// `null` for the historical routes.
    pub(super) policy: Option<PolicyName>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct PolicyName {
    name: String,
    sha256: String,
}

/// The keys of `[cost]` with what they say.
fn stated(costs: &Costs) -> BTreeMap<String, String> {
    let number = |number: f64| Some(number.to_string());
    let parts = [
        ("error", costs.error.as_ref().map(Source::sql)),
        ("review", costs.review.as_ref().map(Source::sql)),
        (
            "review_per_minute",
            costs.review_per_minute.and_then(number),
        ),
        ("reviewer_error", number(costs.reviewer_error)),
    ];
    let kept = parts.into_iter();
    kept.filter_map(|(key, source)| Some((key.to_owned(), source?)))
        .collect()
}

impl Basis {
    pub(super) fn of(question: &Question, survey: &Survey, config: &Config) -> Self {
        let sources = survey.plan.sources().iter();
        // Whether ids repeat changes no number, and scores matter through the policy only, which
        // is compared by itself where there is one.
        let aside = [Role::Id, Role::Time, Role::Score];
        let roles = sources.filter(|(role, _)| {
            !aside.contains(role) || (**role == Role::Score && question.policy_text.is_some())
        });
        let segments = config.mapping.segments.iter();
        let is_cost = |gate: &Gate| gate.metric == Metric::Cost;
        let used = segments.filter(|(name, _)| question.groupings.concat().contains(name));
        Self {
            roles: roles
                .map(|(role, source)| (role.key().to_owned(), source.clone()))
                .collect(),
            segments: used
                .map(|(name, source)| (name.clone(), source.clone()))
                .collect(),
            costs: if question.gates.iter().any(is_cost) {
                stated(&config.costs)
            } else {
                BTreeMap::new()
            },
            policy: question
                .policy_text
                .as_ref()
                .map(|(name, text)| PolicyName {
                    name: name.clone(),
                    sha256: hex(&Sha256::digest(text.as_bytes())),
                }),
        }
    }

    /// What differs, in words. A sweep does not tell the definitions of segments.
    fn changes(&self, new: &Self) -> Vec<String> {
        let mut changes = Vec::new();
        let pairs = [
            ("role", &self.roles, &new.roles),
            ("segment", &self.segments, &new.segments),
            ("cost", &self.costs, &new.costs),
        ];
        for (what, old, new) in pairs {
            for (key, source) in new {
                match old.get(key) {
                    Some(before) if before != source => {
                        changes.push(format!("the {what} `{key}` was `{before}`, now `{source}`"));
                    }
                    None if what == "role" && key != Role::Score.key() => {
                        changes.push(format!("the role `{key}` was not mapped"));
                    }
                    Some(_) | None => {}
                }
            }
            for key in old
                .keys()
                .filter(|key| what == "role" && !new.contains_key(*key))
            {
                changes.push(format!("the role `{key}` is not mapped any more"));
            }
        }
        if self.policy != new.policy {
            let name = |policy: &Option<PolicyName>| match policy {
                Some(policy) => format!("the policy \"{}\"", policy.name),
                None => "the historical routes".to_owned(),
            };
            changes.push(format!(
                "it judged {}, this run judges {} (or its text has changed)",
                name(&self.policy),
                name(&new.policy)
            ));
        }
        changes
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A baseline that was read.
#[derive(Debug)]
pub(super) struct Baseline {
    pub(super) sets: BTreeMap<Place, Facts>,
    /// What has changed since, where that was accepted.
    pub(super) changes: Vec<String>,
}

/// Reads a baseline; `None` where the file does not exist.
///
/// # Errors
/// When it is no baseline, or about something else and that is not accepted.
pub(super) fn load(
    file: &Path,
    now: &Basis,
    accepts_changes: &dyn Fn() -> bool,
) -> Result<Option<Baseline>, CommandError> {
    let refused = |reason: String| CommandError::Baseline {
        file: file.to_owned(),
        reason,
    };
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(refused(error.to_string())),
    };
    let json: Value = serde_json::from_str(&text).map_err(|error| refused(error.to_string()))?;
    let name = json.pointer("/schema/name").and_then(Value::as_str);
    let version = json.pointer("/schema/version").and_then(Value::as_u64);
    let (basis, sets) = match (name, version) {
        (Some("gonogo/gate"), Some(1)) => saved::of_gate(&json),
        (Some("gonogo/sweep"), Some(1)) => saved::of_sweep(&json),
        (Some(name), Some(version)) => Err(format!(
            "it is {name} version {version}, not gonogo/gate or gonogo/sweep version 1"
        )),
        _ => Err("it does not say which schema it follows".to_owned()),
    }
    .map_err(refused)?;
    let changes = basis.changes(now);
    if !changes.is_empty() && !accepts_changes() {
        return Err(CommandError::Incomparable {
            file: file.to_owned(),
            changes,
        });
    }
    Ok(Some(Baseline { sets, changes }))
}
