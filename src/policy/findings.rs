//! What is wrong or doubtful in a policy, each with its place and how to mend it.

use std::fmt;
use std::fmt::Write as _;

use serde::Serialize;
use thiserror::Error;

use super::Policy;
use crate::error::{ExitCode, Explain};

/// A place in a file, from 1; 0 where there is no file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    pub line: u32,
    pub column: u32,
}

impl Place {
    /// The place of a byte of a text. Columns count characters.
    pub(super) fn of(text: &str, byte: usize) -> Self {
        let before = text.get(..byte.min(text.len())).unwrap_or(text);
        let line = before.matches('\n').count() as u32 + 1;
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let column = before.get(start..).map_or(0, |part| part.chars().count()) as u32 + 1;
        Self { line, column }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}, column {}", self.line, self.column)
    }
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The policy cannot be used.
    Error,
    /// It can, but probably does not do what was meant.
    Warning,
}

impl Severity {
    /// The severity as people read it.
    pub fn key(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// One thing that is wrong or doubtful.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub severity: Severity,
    #[serde(flatten)]
    pub place: Place,
    pub message: String,
    pub hint: Option<String>,
}

impl Finding {
    pub fn error(place: Place, message: String) -> Self {
        Self {
            severity: Severity::Error,
            place,
            message,
            hint: None,
        }
    }

    pub fn warning(place: Place, message: String) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(place, message)
        }
    }

    #[must_use]
    pub fn with_hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }
}

/// A policy file that is none.
#[derive(Clone, Debug, Error, PartialEq)]
#[error("{}", text(file, findings))]
pub struct PolicyError {
    pub file: String,
    /// At least one of them an error, in the order of their places.
    pub findings: Vec<Finding>,
}

fn text(file: &str, findings: &[Finding]) -> String {
    let mut text = String::new();
    for (index, finding) in findings.iter().enumerate() {
        let end = if index == 0 { "" } else { "\n" };
        let _ = write!(text, "{end}{file}, {}: {}", finding.place, finding.message);
    }
    text
}

impl Explain for PolicyError {
    fn hint(&self) -> Option<String> {
        let hints: Vec<&str> = self
            .findings
            .iter()
            .filter_map(|finding| finding.hint.as_deref())
            .collect();
        (!hints.is_empty()).then(|| hints.join("\n"))
    }

    fn exit_code(&self) -> ExitCode {
        ExitCode::Input
    }
}

/// See `Policy::findings`.
pub(super) fn of_policy(policy: &Policy) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, rule) in policy.rules.iter().enumerate() {
        let earlier = policy.rules.get(..index).unwrap_or_default();
        let shadow = earlier.iter().find(|earlier| {
            let condition = plain(&earlier.when);
            condition == "true" || condition == plain(&rule.when)
        });
        if let Some(shadow) = shadow {
            let why = if plain(&shadow.when) == "true" {
                "always holds"
            } else {
                "has the same condition"
            };
            findings.push(
                Finding::warning(
                    rule.place,
                    format!(
                        "rule \"{}\" takes no case: rule \"{}\" before it {why}",
                        rule.name, shadow.name
                    ),
                )
                .with_hint("remove one of the two, or put the narrower one first"),
            );
        }
    }
    // From the end backwards, a rule that does what happens anyway changes nothing.
    for rule in policy.rules.iter().rev() {
        if !rule.treatment.is_same(&policy.rest) {
            break;
        }
        findings.push(Finding::warning(
            rule.place,
            format!(
                "rule \"{}\" changes nothing: all other cases are treated alike",
                rule.name
            ),
        ));
    }
    findings.sort_by_key(|finding| finding.place);
    findings
}

/// A condition without what makes no difference.
fn plain(condition: &str) -> String {
    let words: Vec<&str> = condition.split_whitespace().collect();
    let text = words.join(" ");
    if text.eq_ignore_ascii_case("true") {
        "true".to_owned()
    } else {
        text
    }
}
