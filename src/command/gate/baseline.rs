//! What new facts are compared with: the JSON of an earlier gate or sweep, and whether it is about
//! the same thing.

mod saved;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

pub(super) use self::saved::SavedSet;
use super::question::{Question, Routes};
use super::reading::{Place, Survey};
use crate::command::CommandError;
use crate::config::{Config, Gate, Metric, Role, Source};
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

/// The keys of `[cost]` with what they say, and where a minute of review has a price those that say
/// how long a review takes.
fn stated(config: &Config) -> BTreeMap<String, String> {
    let costs = &config.costs;
    let timed = costs.review_per_minute.is_some();
    let reviewers = config.reviewers.as_ref().filter(|_| timed);
    let seconds = config.mapping.roles.get(&Role::ReviewSeconds);
    let number = |number: f64| Some(number.to_string());
    let parts = [
        ("error", costs.error.as_ref().map(Source::sql)),
        ("review", costs.review.as_ref().map(Source::sql)),
        (
            "review_per_minute",
            costs.review_per_minute.and_then(number),
        ),
        ("reviewer_error", number(costs.reviewer_error)),
        ("review_seconds", seconds.filter(|_| timed).cloned()),
        (
            "minutes_per_case",
            reviewers
                .and_then(|reviewers| reviewers.minutes_per_case)
                .and_then(number),
        ),
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
                stated(config)
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

    /// With what an earlier basis says of segments and costs that this run has no check on: those
    /// of another profile are not forgotten.
    pub(super) fn with_rest_of(mut self, earlier: Self) -> Self {
        for (name, source) in earlier.segments {
            self.segments.entry(name).or_insert(source);
        }
        if self.costs.is_empty() {
            self.costs = earlier.costs;
        }
        self
    }

    /// What differs of what is used, in words. A sweep does not tell the definitions of segments.
    pub(super) fn changes(&self, new: &Self, used: &Used) -> Vec<String> {
        let mut changes = Vec::new();
        let pairs = [
            ("role", &self.roles, &new.roles),
            ("segment", &self.segments, &new.segments),
            ("cost", &self.costs, &new.costs),
        ];
        for (what, old, new) in pairs {
            // A sweep tells neither segments nor costs, and a score matters to policies only.
            let is_told = |key: &str| match what {
                "role" => key != Role::Score.key(),
                "segment" => false,
                _ => !old.is_empty(),
            };
            let given = if what == "role" { "mapped" } else { "stated" };
            let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            for key in keys.into_iter().filter(|key| used.has(what, key)) {
                match (old.get(key), new.get(key)) {
                    (Some(before), Some(now)) if before != now => {
                        changes.push(format!("the {what} `{key}` was `{before}`, now `{now}`"));
                    }
                    (None, Some(_)) if is_told(key) => {
                        changes.push(format!("the {what} `{key}` was not {given}"));
                    }
                    (Some(_), None) if what != "segment" => {
                        changes.push(format!("the {what} `{key}` is not {given} any more"));
                    }
                    (Some(_) | None, Some(_) | None) => {}
                }
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

/// What the checks that are compared rest on. What else has changed does not matter to them.
#[derive(Clone, Debug, Default)]
pub(super) struct Used {
    roles: BTreeSet<Role>,
    segments: BTreeSet<String>,
    costs: bool,
}

impl Used {
    /// What these checks rest on.
    pub(super) fn by<'a>(question: &Question, gates: impl Iterator<Item = &'a Gate>) -> Self {
        let mut used = Self::default();
        for gate in gates {
            used.segments.extend(gate.by.iter().cloned());
            if question.routes == Routes::Historical {
                used.roles.insert(Role::Escalated);
            } else {
                used.roles.extend([Role::Score, Role::Pinned]);
            }
            // Where no probability is mapped, how cases came to be labelled goes by their route.
            if gate.metric.needs_labels() {
                let labels = [Role::Error, Role::Escalated, Role::LabelProbability];
                used.roles.extend(labels);
            }
            match gate.metric {
                Metric::LabelCoverage => used.roles.extend([Role::Error]),
                Metric::ErrorValueRate => used.roles.extend([Role::Value]),
                Metric::Cost => {
                    used.costs = true;
                    used.roles.insert(Role::Value);
                }
                Metric::AutoError
                | Metric::EscapedErrors
                | Metric::OverrideRate
                | Metric::EscalationRate => {}
            }
        }
        used
    }

    fn has(&self, what: &str, key: &str) -> bool {
        match what {
            "role" => self.roles.iter().any(|role| role.key() == key),
            "segment" => self.segments.contains(key),
            _ => self.costs,
        }
    }
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What to do where something has changed since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Changed {
    Refused,
    Accepted,
}

impl Changed {
    /// The changes that are accepted, to be told.
    ///
    /// # Errors
    /// When there are some, and they are not.
    pub(super) fn settle(
        self,
        file: &Path,
        changes: Vec<String>,
    ) -> Result<Vec<String>, CommandError> {
        match self {
            Self::Refused if !changes.is_empty() => Err(CommandError::Incomparable {
                file: file.to_owned(),
                changes,
            }),
            Self::Refused | Self::Accepted => Ok(changes),
        }
    }
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
    (now, used): (&Basis, &Used),
    changed: Changed,
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
    let changes = changed.settle(file, basis.changes(now, used))?;
    Ok(Some(Baseline { sets, changes }))
}
