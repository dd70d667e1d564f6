//! `gonogo policy`: what is wrong or doubtful in a policy file, alone or before the cases of a log;
//! and the schema of such files.

mod lint;
mod sight;

use clap::{Args, Subcommand};
use serde::Serialize;

use self::lint::{Lint, RuleCount};
use super::input::{Schema, Tool};
use super::{CommandError, Context, LogArgs, OutputArgs, policies};
use crate::error::{ExitCode, Failure};
use crate::policy::{Finding, SCHEMA, Severity};
use crate::report::{Cell, Column, Document, Format, Row, Table, count, json_text};

const EXAMPLES: &str = "\
Examples:
  gonogo policy lint candidate.toml            the file alone
  gonogo policy lint candidate.toml log.csv    its rules before the cases of a log
  gonogo policy schema > policy.schema.json    the JSON Schema of policy files";

/// Check policy files
///
/// A policy file is a list of ordered rules with thresholds, routes and intervention patterns
/// (docs/policies.md).
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct PolicyArgs {
    #[command(subcommand)]
    pub verb: Verb,
}

#[derive(Clone, Debug, Subcommand)]
pub enum Verb {
    Lint(LintArgs),
    /// Print the JSON Schema of policy files
    Schema,
}

/// Tell all that is wrong or doubtful in a policy, with line and column
///
/// With a log, its conditions are checked against the log's columns, and every rule against its
/// cases: rules that meet no case, that come too late, that change nothing, that compare with
/// values which never occur, or that use what is known only after the AI has decided.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = EXAMPLES,
    override_usage = "gonogo policy lint [OPTIONS] <FILE> [LOG]..."
)]
pub struct LintArgs {
    #[command(flatten)]
    pub log: LogArgs,
    #[command(flatten)]
    pub output: OutputArgs,
}

/// The JSON Schema of policy files.
pub fn schema() -> &'static str {
    SCHEMA
}

/// Checks a policy.
///
/// # Errors
/// When the file cannot be read, or the log that goes with it cannot.
pub fn run(args: &LintArgs, context: &Context) -> Result<Document, Failure> {
    let words = args.log.logs.iter().cloned();
    let (files, logs): (Vec<String>, Vec<String>) = words.partition(|w| policies::is_policy(w));
    let [file] = files.as_slice() else {
        return Err(CommandError::OnePolicy(files.len()).into());
    };
    let log = LogArgs {
        logs,
        ..args.log.clone()
    };
    let lint = lint::run(file, &log, &args.output, context)?;
    document(file, &lint, &args.output)
}

#[derive(Serialize)]
struct LintDocument<'a> {
    schema: Schema,
    tool: Tool,
    file: &'a str,
    /// The most severe finding; `null` without any.
    worst: Option<Severity>,
    findings: &'a [Finding],
    /// What the rules do with the cases of the log; `null` without one.
    rules: Option<&'a [RuleCount]>,
}

fn document(file: &str, lint: &Lint, output: &OutputArgs) -> Result<Document, Failure> {
    let findings = &lint.findings;
    let worst = findings.iter().map(|finding| finding.severity).min();
    let json = LintDocument {
        schema: Schema::new("gonogo/policy-lint"),
        tool: Tool::this(),
        file,
        worst,
        findings,
        rules: lint.rules.as_deref(),
    };
    Ok(Document {
        title: format!("Policy: {file}"),
        preface: lint.preface.clone(),
        tables: lint.rules.as_deref().map(rules_table).into_iter().collect(),
        sentences: sentences(file, findings),
        warnings: Vec::new(),
        data: output.wants(Format::Csv).then(|| findings_table(findings)),
        json: output
            .wants(Format::Json)
            .then(|| json_text(&json))
            .transpose()?,
        chart: None,
        policy: None,
        page: None,
        charts: Vec::new(),
        most_markdown: None,
        checks: None,
        files: Vec::new(),
        exit_code: match worst {
            Some(Severity::Error) => ExitCode::Input,
            Some(Severity::Warning) | None => ExitCode::Done,
        },
    })
}

fn findings_table(findings: &[Finding]) -> Table {
    let rows = findings.iter().map(|finding| Row {
        cells: vec![
            Cell::Count(u64::from(finding.place.line)),
            Cell::Count(u64::from(finding.place.column)),
            Cell::Text(finding.severity.key().to_owned()),
            Cell::Text(finding.message.clone()),
            finding.hint.clone().map_or(Cell::Missing, Cell::Text),
        ],
        marked: finding.severity == Severity::Error,
    });
    Table {
        title: String::new(),
        columns: vec![
            Column::right("line", 0),
            Column::right("column", 0),
            Column::left("", 0),
            Column::left("finding", 0),
            Column::left("hint", 9),
        ],
        rows: rows.collect(),
    }
}

fn rules_table(rules: &[RuleCount]) -> Table {
    let rows = rules.iter().map(|rule| Row {
        cells: vec![
            Cell::Text(rule.name.clone()),
            rule.meet.map_or(Cell::Missing, Cell::Count),
            Cell::Count(rule.takes),
            rule.changes.map_or(Cell::Missing, Cell::Count),
        ],
        marked: false,
    });
    Table {
        title: "the rules before the cases of the log".to_owned(),
        columns: vec![
            Column::left("rule", 0),
            Column::right("cases that meet it", 0),
            Column::right("cases that it takes", 0),
            Column::right("treated otherwise without it", 0),
        ],
        rows: rows.collect(),
    }
}

fn sentences(file: &str, findings: &[Finding]) -> Vec<String> {
    let number = |severity| {
        let found = findings
            .iter()
            .filter(|finding| finding.severity == severity);
        found.count() as u64
    };
    let (errors, warnings) = (number(Severity::Error), number(Severity::Warning));
    let several = |count: u64| if count == 1 { "" } else { "s" };
    let mut sentences: Vec<String> = findings
        .iter()
        .map(|finding| {
            let hint = finding.hint.as_ref();
            let hint = hint.map_or(String::new(), |hint| format!(" ({hint})"));
            let (place, severity) = (finding.place, finding.severity.key());
            format!(
                "{file}:{}:{}: {severity}: {}{hint}",
                place.line, place.column, finding.message
            )
        })
        .collect();
    sentences.push(match (errors, warnings) {
        (0, 0) => "Nothing is wrong with it.".to_owned(),
        (errors, warnings) => format!(
            "{} error{}, {} warning{}.",
            count(errors),
            several(errors),
            count(warnings),
            several(warnings)
        ),
    });
    sentences
}
