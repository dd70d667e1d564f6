//! Verdicts of checks in the forms that CI services read: annotations of GitHub Actions, JUnit XML
//! and SARIF. Each escapes for itself. Must not know what was checked.

use std::path::PathBuf;

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use serde::Serialize;

use super::number::plain_text;
use super::{ReportError, json_text};

/// The verdicts of a command that judges.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdicts {
    pub checks: Vec<Check>,
    /// A file that other steps of a job write to as well, and what is put at its end.
    pub summary: Option<(PathBuf, String)>,
}

/// What became of a check or of a part of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    Passed,
    /// There was nothing to judge it by.
    NotJudged,
    Inconclusive,
    Failed,
}

/// How much an outcome matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    Notice,
    Warning,
    Error,
}

/// A check as it was declared, with the parts that it was judged by.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    pub name: String,
    /// The file that declares it, with the line.
    pub file: String,
    pub line: usize,
    pub parts: Vec<Part>,
}

/// One part of a check, such as one value of a segment.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    pub name: String,
    pub outcome: Outcome,
    /// How a failure or an inconclusive outcome is to be shown.
    pub weight: Weight,
    pub message: String,
    /// Numbers by name.
    pub properties: Vec<(String, String)>,
}

impl Part {
    fn is_shown(&self) -> bool {
        matches!(self.outcome, Outcome::Failed | Outcome::Inconclusive)
    }

    fn is_failure(&self) -> bool {
        self.outcome == Outcome::Failed && self.weight == Weight::Error
    }
}

/// Annotations of a GitHub Actions job: at most one a check, at the line that declares it.
pub(super) fn github(checks: &[Check]) -> String {
    let mut text = String::new();
    for check in checks {
        let shown: Vec<&Part> = check.parts.iter().filter(|part| part.is_shown()).collect();
        let worst = shown.iter().max_by_key(|part| (part.weight, part.outcome));
        let Some(worst) = worst else { continue };
        let command = match worst.weight {
            Weight::Notice => "notice",
            Weight::Warning => "warning",
            Weight::Error => "error",
        };
        let mut message = format!("{}: {}", worst.name, worst.message);
        if shown.len() > 1 {
            message.push_str(&format!(" (and {} more)", shown.len() - 1));
        }
        text.push_str(&format!(
            "::{command} file={},line={},title={}::{}\n",
            github_property(&check.file),
            check.line,
            github_property(&check.name),
            github_data(&message)
        ));
    }
    text
}

fn github_data(text: &str) -> String {
    let text = text.replace('%', "%25");
    let text = text.replace('\r', "%0D").replace('\n', "%0A");
    plain_text(&text)
}

fn github_property(text: &str) -> String {
    github_data(text).replace(':', "%3A").replace(',', "%2C")
}

/// JUnit XML: a suite a check, a case a part; what cannot be told is skipped. The numbers are
/// properties of the suite, named after their part: in the schema that CI services follow a case has
/// none.
pub(super) fn junit(title: &str, checks: &[Check]) -> Result<Vec<u8>, ReportError> {
    let mut report = Report::new(plain_text(title));
    for check in checks {
        let mut suite = TestSuite::new(plain_text(&check.name));
        for part in &check.parts {
            for (name, value) in &part.properties {
                let name = plain_text(&format!("{}: {name}", part.name));
                suite.add_property((name, plain_text(value)));
            }
            suite.add_test_case(junit_case(check, part));
        }
        report.add_test_suite(suite);
    }
    let text = report.to_string().map_err(|error| ReportError::Render {
        format: "JUnit XML",
        reason: error.to_string(),
    })?;
    // The schema counts the skipped cases of a suite, not those of all. The name before it cannot
    // hold such an attribute: its quotes are escaped.
    let total = format!(" skipped=\"{}\"", report.skipped);
    Ok(text.replacen(&total, "", 1).into_bytes())
}

fn junit_case(check: &Check, part: &Part) -> TestCase {
    let message = plain_text(&part.message);
    let status = if part.is_failure() {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_message(message.clone()).set_type("breached");
        status
    } else if part.outcome == Outcome::Passed {
        TestCaseStatus::success()
    } else {
        let mut status = TestCaseStatus::skipped();
        status.set_message(message.clone());
        status
    };
    let mut case = TestCase::new(plain_text(&part.name), status);
    case.set_classname(plain_text(&check.name));
    if part.outcome == Outcome::Passed {
        case.set_system_out(message);
    }
    case
}

#[derive(Serialize)]
struct Sarif<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
struct Run<'a> {
    tool: Tool<'a>,
    results: Vec<Finding<'a>>,
}

#[derive(Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

#[derive(Serialize)]
struct Driver<'a> {
    name: &'static str,
    version: &'static str,
    rules: Vec<Rule<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule<'a> {
    id: &'a str,
    short_description: Message,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding<'a> {
    rule_id: &'a str,
    level: &'static str,
    message: Message,
    locations: [Location; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: Physical,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Serialize)]
struct Artifact {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
}

/// SARIF 2.1.0: a rule a check, a result for each part that failed or cannot be told.
pub(super) fn sarif(checks: &[Check]) -> Result<Vec<u8>, ReportError> {
    let rule = |check: &'_ Check| Message {
        text: plain_text(&check.name),
    };
    let rules = checks.iter().map(|check| Rule {
        id: &check.name,
        short_description: rule(check),
    });
    let results = checks.iter().flat_map(|check| {
        let shown = check.parts.iter().filter(|part| part.is_shown());
        shown.map(|part| finding(check, part))
    });
    let sarif = Sarif {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "gonogo",
                    version: env!("CARGO_PKG_VERSION"),
                    rules: rules.collect(),
                },
            },
            results: results.collect(),
        }],
    };
    Ok(json_text(&sarif)?.into_bytes())
}

fn finding<'a>(check: &'a Check, part: &Part) -> Finding<'a> {
    Finding {
        rule_id: &check.name,
        level: match part.weight {
            Weight::Error => "error",
            Weight::Warning => "warning",
            Weight::Notice => "note",
        },
        message: Message {
            text: plain_text(&format!("{}: {}", part.name, part.message)),
        },
        locations: [Location {
            physical_location: Physical {
                artifact_location: Artifact {
                    uri: uri(&check.file),
                },
                region: Region {
                    start_line: check.line,
                },
            },
        }],
    }
}

/// A path as a relative URI.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}
