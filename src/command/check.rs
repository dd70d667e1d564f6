//! `gonogo check`: what a log can and cannot answer, in plain words.

mod survey;
mod tables;

use clap::Args;
use serde::Serialize;

use self::survey::{Finding, Survey, Surveyor};
use super::input::{self, Input, Schema, Tool};
use super::{CommandError, Context, LogArgs, OutputArgs};
use crate::config::{Mapping, Role};
use crate::error::{ExitCode, Failure};
use crate::log::{Log, Needs, Plan, Summary};
use crate::report::{Document, count, json_text, percent};
use crate::tally::Design;

const EXAMPLES: &str = "\
Examples:
  gonogo check log.csv
  gonogo check log.csv --allow-duplicates
  gonogo check 'logs/*.parquet' --format json -o check.md";

/// Tell what a log can and cannot answer
///
/// Reads the whole log once and reports rows, time span, repeated ids, tied scores, the
/// distribution of the scores, which cases carry labels, whether the routes follow a threshold, and
/// which roles are missing for which command.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct CheckArgs {
    #[command(flatten)]
    pub log: LogArgs,
    #[command(flatten)]
    pub output: OutputArgs,
}

/// The commands and the roles that they cannot do without, or would be better for.
const USES: [(&str, &[Role], &[Role]); 1] = [(
    "sweep",
    &[Role::Score, Role::Error],
    &[
        Role::Escalated,
        Role::LabelProbability,
        Role::Value,
        Role::Id,
        Role::Time,
    ],
)];

#[derive(Serialize)]
struct CheckDocument<'a> {
    schema: Schema,
    tool: Tool,
    input: Input<'a>,
    cases: u64,
    labelled: u64,
    errors_found: u64,
    /// `null` where nobody looked for repeats.
    repeated_ids: Option<u64>,
    scores: Option<survey::Scores>,
    bands: Vec<survey::Band>,
    cells: Vec<survey::CellSummary>,
    historical_threshold: Option<survey::Followed>,
    roles: Vec<RoleState>,
    commands: Vec<CommandState>,
    findings: Vec<Finding>,
}

#[derive(Serialize)]
struct RoleState {
    role: &'static str,
    source: Option<String>,
    meaning: &'static str,
}

#[derive(Serialize)]
struct CommandState {
    command: &'static str,
    /// Roles without which it has no answer.
    lacks: Vec<&'static str>,
    /// Roles that would make its answer better.
    would_gain_from: Vec<&'static str>,
}

/// Reads the log and tells.
///
/// # Errors
/// When the log is bad or holds no case.
pub fn run(args: &CheckArgs, context: &Context) -> Result<Document, Failure> {
    let mapping = args.log.mapping(context)?;
    let options = args.log.options(context, &args.output)?;
    let log = args.log.open(&options, &args.output)?;
    let plan = log.plan(&mapping, &needs())?;
    let (parts, summary) = log.read(&plan, &options, Surveyor::default)?;
    let mut survey = parts.into_iter().fold(Survey::default(), |mut all, part| {
        all += part;
        all
    });
    survey.settle();
    if summary.rows_used == 0 {
        return Err(CommandError::NoCases { log: log.name() }.into());
    }
    let mut document = document(&log, &mapping, &plan, &summary, &survey)?;
    document.files = args.log.rejected(&summary.rejects)?;
    Ok(document)
}

fn needs() -> Needs {
    Needs {
        required: Vec::new(),
        optional: Role::ALL.to_vec(),
        ..Needs::default()
    }
}

fn document(
    log: &Log,
    mapping: &Mapping,
    plan: &Plan,
    summary: &Summary,
    survey: &Survey,
) -> Result<Document, Failure> {
    let design = Design::of(survey.cells());
    let history = if plan.has(Role::Escalated) {
        survey.profile().history()
    } else {
        None
    };
    let findings = survey::findings(survey, &design, history.as_ref(), plan);
    let labelled = survey.labelled();
    let json = CheckDocument {
        schema: Schema::new("gonogo/check"),
        tool: Tool::this(),
        input: Input::new(plan, summary),
        cases: summary.rows_used,
        labelled,
        errors_found: survey.errors(),
        repeated_ids: summary.repeated_ids,
        scores: survey.scores(),
        bands: survey.bands(),
        cells: survey::cells(&design),
        historical_threshold: history.as_ref().map(survey::Followed::new),
        roles: roles(mapping),
        commands: commands(mapping),
        findings,
    };
    Ok(Document {
        title: format!("Check: {}", log.describe()),
        preface: preface(summary, plan, labelled),
        tables: tables::people(&json, plan),
        sentences: json
            .findings
            .iter()
            .map(|finding| format!("- {}", finding.text))
            .collect(),
        warnings: Vec::new(),
        files: Vec::new(),
        data: Some(tables::data(&json)),
        json: Some(json_text(&json)?),
        chart: None,
        policy: None,
        page: None,
        charts: Vec::new(),
        most_markdown: None,
        checks: None,
        exit_code: if plan.has(Role::Error) && labelled == 0 {
            ExitCode::NothingToJudge
        } else {
            ExitCode::Done
        },
    })
}

fn preface(summary: &Summary, plan: &Plan, labelled: u64) -> Vec<String> {
    let mut first = format!("{} cases", count(summary.rows_used));
    if let Some(span) = input::span(summary) {
        first.push_str(&format!(", {span}"));
    }
    if plan.has(Role::Error) {
        first.push_str(&format!(
            ", {} labelled ({})",
            count(labelled),
            percent(labelled as f64 / summary.rows_used as f64)
        ));
    }
    let mut lines = vec![first];
    lines.extend(input::set_aside(summary));
    lines.push(match (plan.has(Role::Id), summary.repeated_ids) {
        (false, _) => "ids: no `id` is mapped, so nobody can look for repeated cases".to_owned(),
        (true, Some(_)) => "ids: every id appears once".to_owned(),
        (true, None) => "ids: not checked for repeats (--allow-duplicates)".to_owned(),
    });
    lines
}

fn roles(mapping: &Mapping) -> Vec<RoleState> {
    let state = |role: Role| RoleState {
        role: role.key(),
        source: mapping.roles.get(&role).cloned(),
        meaning: role.meaning(),
    };
    Role::ALL.into_iter().map(state).collect()
}

fn commands(mapping: &Mapping) -> Vec<CommandState> {
    let missing = |roles: &[Role]| {
        let missing = roles
            .iter()
            .filter(|role| !mapping.roles.contains_key(role));
        missing.map(|role| role.key()).collect()
    };
    USES.iter()
        .map(|(command, required, optional)| CommandState {
            command,
            lacks: missing(required),
            would_gain_from: missing(optional),
        })
        .collect()
}
