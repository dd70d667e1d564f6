//! `gonogo replay`: whole policies side by side with what really happened. What would each have
//! escalated, how wrong would the rest have been, what would it have cost, and which cases move?

pub(super) mod answer;
pub(super) mod json;
pub(super) mod question;
pub(super) mod reading;
pub(super) mod swap;
pub(super) mod tables;
mod waiting;
pub(super) mod words;

use std::path::{Path, PathBuf};

use clap::Args;

use self::answer::{Reckoner, Replay};
use self::question::Question;
use self::reading::{Found, Moved};
use super::{Context, LogArgs, OutputArgs, labelling};
use crate::chart::Chart;
use crate::config::Role;
use crate::error::{ExitCode, Failure};
use crate::log::{Log, Plan, ReadOptions, Summary};
use crate::report::{Document, Format, json_text, rows_as_csv};

const EXAMPLES: &str = "\
Examples:
  gonogo replay log.csv candidate.toml
  gonogo replay log.csv 0.90 candidate.toml --against candidate --by kind
  gonogo replay log.csv candidate.toml --swap-out moved.csv -o replay.json
  gonogo replay log.csv candidate.toml --patterns \"draft replies\" --window 4h --review-share 0.25";

/// Replay whole policies: routes, errors, cost, reviewers, and the cases that move
///
/// A policy is a file of ordered rules (docs/policies.md), or a bare threshold. Each is replayed
/// over the log and set beside what really happened: what it would have escalated, how wrong the
/// auto-approved rest would have been, which cases would have changed their route and how many
/// errors are among them; with costs and reviewers in gonogo.toml also what it costs and how long
/// cases wait.
#[derive(Args, Clone, Debug)]
#[command(
    after_help = EXAMPLES,
    override_usage = "gonogo replay [OPTIONS] <LOG>... <POLICY>..."
)]
pub struct ReplayArgs {
    #[command(flatten)]
    pub log: LogArgs,
    /// Compare with this policy (by its name) instead of what really happened
    #[arg(long, value_name = "NAME")]
    pub against: Option<String>,
    /// Also by segment; `a,b` crosses two (repeatable)
    #[arg(long, value_name = "SEGMENT")]
    pub by: Vec<String>,
    /// Segments that tables show, the largest first
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub top: usize,
    /// Compare the three intervention patterns for this rule of the one policy that is given
    #[arg(long, value_name = "RULE")]
    pub patterns: Option<String>,
    /// With --patterns: how long an error can be corrected, where the rule does not say
    #[arg(long, value_name = "TIME", requires = "patterns")]
    pub window: Option<String>,
    /// With --patterns: the share reviewed after the action, where the rule does not say
    #[arg(long, value_name = "SHARE", requires = "patterns")]
    pub review_share: Option<f64>,
    /// Write the ids of all cases whose route changes to a CSV file, with both routes and the rule
    #[arg(long, value_name = "FILE")]
    pub swap_out: Option<PathBuf>,
    /// Confidence level of the two-sided intervals
    #[arg(long, default_value_t = 0.95)]
    pub level: f64,
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Reads the policies and the log, sums up, estimates, and tells.
///
/// # Errors
/// When a policy, the question or the log is bad, or there is nothing to judge.
pub fn run(args: &ReplayArgs, context: &Context) -> Result<Document, Failure> {
    let (log_args, words) = question::split_words(&args.log)?;
    let config = log_args.config(context)?;
    let question = Question::resolve(args, &words, &config)?;
    let options = log_args.options(context, &args.output)?;
    let log = log_args.open(&options, &args.output)?;
    let config_file = log_args.config_file(context);
    let files = words.iter().map(Path::new).chain(config_file.as_deref());
    question.check_places(log.paths().chain(files), args)?;
    let plan = log.plan(&config.mapping, &question.needs(&log_args, &config.mapping))?;
    let doubts = question.doubts(&log, &config.mapping)?;
    let (found, summary) = read(&log, &plan, &options, &question)?;
    labelling::require_labels(found.tally.counts(), &log.name())?;
    let moved = question.swap_out.as_ref().map(|file| {
        swap_file(&question, &found.moved).map(|text| (file.clone(), text.into_bytes()))
    });
    let mut replay = Reckoner::new(&question, &plan).replay(found)?;
    replay.doubts = doubts;
    let mut document = document(&replay, &plan, &summary, &args.output)?;
    document.files = log_args.rejected(&summary.rejects)?;
    document.files.extend(moved.transpose()?);
    Ok(document)
}

fn read(
    log: &Log,
    plan: &Plan,
    options: &ReadOptions,
    question: &Question,
) -> Result<(Found, Summary), Failure> {
    let places = question.places(plan);
    let (parts, summary) = log.read(plan, options, || question.reading(&places))?;
    let found = question.gather(parts);
    Ok((found, summary))
}

/// The moved cases as CSV, by policy and id.
fn swap_file(question: &Question, moved: &[Moved]) -> Result<String, Failure> {
    let route = |auto: bool| if auto { "auto" } else { "escalated" };
    let rows = moved.iter().map(|moved| {
        let policy = question.policies.get(moved.policy);
        let rule = policy.and_then(|policy| policy.rule_names().nth(moved.rule as usize));
        vec![
            policy.map_or(String::new(), |policy| policy.name.clone()),
            moved.id.clone(),
            route(!moved.to_auto).to_owned(),
            route(moved.to_auto).to_owned(),
            rule.unwrap_or_default().to_owned(),
        ]
    });
    let titles = ["policy", "id", "from", "to", "rule"];
    Ok(rows_as_csv(&titles, rows)?)
}

fn document(
    replay: &Replay,
    plan: &Plan,
    summary: &Summary,
    output: &OutputArgs,
) -> Result<Document, Failure> {
    let warnings = words::warnings(replay, plan);
    Ok(Document {
        title: "Replay: policies beside what really happened".to_owned(),
        preface: words::preface(replay, summary),
        tables: tables::people(replay),
        sentences: words::sentences(replay),
        data: output.wants(Format::Csv).then(|| tables::data(replay)),
        json: output
            .wants(Format::Json)
            .then(|| json_text(&json::document(replay, plan, summary, &warnings)))
            .transpose()?,
        warnings,
        files: Vec::new(),
        chart: Some(Chart::Policies(tables::chart(replay))),
        policy: None,
        page: None,
        charts: Vec::new(),
        most_markdown: None,
        checks: None,
        exit_code: ExitCode::Done,
    })
}

/// What the historical routes are called where the names of policies stand.
const ACTUAL: &str = "actual";

/// The roles that every replay reads where they are mapped.
const OPTIONAL: [Role; 4] = [
    Role::Time,
    Role::Pinned,
    Role::LabelProbability,
    Role::Value,
];
