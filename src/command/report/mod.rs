//! `gonogo report`: the whole answer as one page that can be mailed, opens offline, and lets its
//! reader move thresholds. One pass over the log serves the sweep, the policies and the page.

mod assurance;
mod figures;
mod files;
mod json;
mod notes;
mod sections;
mod sums;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::pricing::Pricing;
use super::replay::answer::{Reckoner, Replay};
use super::replay::question::Question as Policies;
use super::replay::reading::{Found, Reading};
use super::replay::{self, ReplayArgs};
use super::sweep::{self, Question, Sweep, SweepArgs};
use super::{Context, LogArgs, OutputArgs, labelling};
use crate::config::{Config, Role};
use crate::error::{ExitCode, Failure};
use crate::log::{Batch, Interner, Log, Needs, Plan, ReadOptions, Sink, Summary};
use crate::report::{Document, Format, Page, json_text};
use crate::tally::{Tallier, Tally};

const EXAMPLES: &str = "\
Examples:
  gonogo report log.csv -o report.html
  gonogo report log.csv --by kind --policy candidate.toml --policy 0.95 -o report.html
  gonogo report log.csv --charts charts --format md > report.md";

/// One page with charts, tables and what-if sliders, to be mailed and opened offline
///
/// The page holds sums, never cases: no id, no row. Its sliders compute from the sums, so every
/// combination of thresholds by segment is right, and what they are set to can be copied as a
/// policy file that `replay` takes.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ReportArgs {
    #[command(flatten)]
    pub log: LogArgs,
    /// A policy to set beside what really happened: a file, or a bare threshold (repeatable)
    #[arg(long = "policy", value_name = "FILE")]
    pub policies: Vec<String>,
    /// Segments to tell apart, `a,b` crosses two; the first has sliders (repeatable) [default:
    /// every segment of the configuration]
    #[arg(long, value_name = "SEGMENT")]
    pub by: Vec<String>,
    /// Segments that have a row and a slider of their own, the largest first
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub top: usize,
    /// JSON of `gonogo audit evaluate`, to be shown too (repeatable)
    #[arg(long, value_name = "FILE")]
    pub audit: Vec<PathBuf>,
    /// JSON of `gonogo gate`, to be shown too (repeatable)
    #[arg(long, value_name = "FILE")]
    pub gate: Vec<PathBuf>,
    /// Also write every chart to a folder, as .svg and .png
    #[arg(long, value_name = "DIR")]
    pub charts: Option<PathBuf>,
    /// Who may see the page
    #[arg(long, value_enum, default_value_t = Share::Team)]
    pub share: Share,
    /// The headline
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// Confidence level of the two-sided intervals
    #[arg(long, default_value_t = 0.95)]
    pub level: f64,
    #[command(flatten)]
    pub output: OutputArgs,
}

/// Who may see a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Share {
    /// Anyone: counts under 10 are not told, and there are no sliders, for their sums are small
    Public,
    /// Colleagues: sums, no case; files by their names without folders
    Team,
    /// Those who have the log: also where its files lie
    Full,
}

/// Everything that the page tells, before it is put into words.
struct Answer<'a> {
    sweep: Sweep,
    replay: Option<Replay>,
    tally: Tally,
    question: &'a Question,
    config: &'a Config,
    plan: &'a Plan,
    summary: &'a Summary,
    share: Share,
    /// What happened, in hours of review work.
    actual_hours: Option<f64>,
    /// The condition that picks each segment's cases, by its name.
    columns: Vec<String>,
}

/// Reads the log once, sums it up, estimates, and tells.
///
/// # Errors
/// When a policy, the question or the log is bad, or there is nothing to judge.
pub fn run(args: &ReportArgs, context: &Context) -> Result<Document, Failure> {
    let config = args.log.config(context)?;
    let by = groupings(args, &config);
    let question = question(args, &by, &config)?;
    let policies = policies(args, &by, &config)?;
    let assurance = assurance::read(args)?;
    let mut options = args.log.options(context, &args.output)?;
    // The manifest names each file by its SHA-256.
    options.fingerprint = true;
    let log = args.log.open(&options, &args.output)?;
    let plan = log.plan(
        &config.mapping,
        &needs(args, &question, policies.as_ref(), &config),
    )?;
    let doubts = match &policies {
        Some(policies) => policies.doubts(&log, &config.mapping)?,
        None => Vec::new(),
    };
    let (tally, found, summary) = read(&log, &plan, &options, (&question, policies.as_ref()))?;
    labelling::require_labels(tally.counts(), &log.name())?;
    let sweep = sweep::sweep(&tally, &plan, &question, options.threads);
    let replay = match (&policies, found) {
        (Some(policies), Some(found)) => {
            let mut replay = Reckoner::new(policies, &plan).replay(found)?;
            replay.doubts = doubts;
            Some(replay)
        }
        _ => None,
    };
    let answer = Answer {
        actual_hours: sums::actual_hours(&tally, &sweep, &question),
        sweep,
        replay,
        tally,
        question: &question,
        config: &config,
        plan: &plan,
        summary: &summary,
        share: args.share,
        columns: log.columns().iter().map(|c| c.name().to_owned()).collect(),
    };
    let mut document = document(&answer, args, &assurance)?;
    document.files = args.log.rejected(&summary.rejects)?;
    Ok(document)
}

/// The groupings as they are asked for, or each segment of the configuration.
fn groupings(args: &ReportArgs, config: &Config) -> Vec<String> {
    if !args.by.is_empty() {
        return args.by.clone();
    }
    let names = config.mapping.segments.keys();
    // A comma in a name would cross two segments.
    names.filter(|name| !name.contains(',')).cloned().collect()
}

fn question(args: &ReportArgs, by: &[String], config: &Config) -> Result<Question, Failure> {
    let mut question = sweep::resolve(
        &SweepArgs {
            log: args.log.clone(),
            thresholds: None,
            exact: false,
            by: by.to_vec(),
            top: args.top,
            level: args.level,
            output: args.output.clone(),
        },
        config,
    )?;
    // Hours of reviewers are told even where nothing has a price.
    question.pricing = Pricing::of(config);
    Ok(question)
}

fn policies(
    args: &ReportArgs,
    by: &[String],
    config: &Config,
) -> Result<Option<Policies>, Failure> {
    if args.policies.is_empty() {
        return Ok(None);
    }
    let asked = ReplayArgs {
        log: args.log.clone(),
        against: None,
        by: by.to_vec(),
        top: args.top,
        patterns: None,
        window: None,
        review_share: None,
        swap_out: None,
        level: args.level,
        output: args.output.clone(),
    };
    Policies::resolve(&asked, &args.policies, config).map(Some)
}

fn needs(
    args: &ReportArgs,
    question: &Question,
    policies: Option<&Policies>,
    config: &Config,
) -> Needs {
    let Some(policies) = policies else {
        return sweep::needs(question, &args.log);
    };
    let mut needs = policies.needs(&args.log, &config.mapping);
    // Policies may do without a score; a page about thresholds cannot.
    if !needs.required.contains(&Role::Score) {
        needs.required.push(Role::Score);
    }
    needs
}

/// Reads for the sweep, and for the policies where there are any.
struct Both<'a> {
    tallier: Tallier,
    reading: Option<Reading<'a>>,
}

impl Sink for Both<'_> {
    type Output = (Tally, Option<Found>);

    fn take(&mut self, batch: &Batch) {
        self.tallier.take(batch);
        if let Some(reading) = &mut self.reading {
            reading.take(batch);
        }
    }

    fn finish(&mut self, segments: &[&Interner]) -> Self::Output {
        let found = self
            .reading
            .as_mut()
            .map(|reading| reading.finish(segments));
        (self.tallier.finish(segments), found)
    }
}

fn read(
    log: &Log,
    plan: &Plan,
    options: &ReadOptions,
    (question, policies): (&Question, Option<&Policies>),
) -> Result<(Tally, Option<Found>, Summary), Failure> {
    let (scale, places) = (question.scale(), question.places(plan));
    let accounts = question.accounts();
    let (parts, summary) = log.read(plan, options, || Both {
        tallier: Tallier::with_accounts(&scale, &places, &accounts),
        reading: policies.map(|policies| policies.reading(&places)),
    })?;
    let mut tally = Tally::new(scale, places.len());
    let mut found = Vec::new();
    for (part, more) in parts {
        tally += part;
        found.extend(more);
    }
    tally.fold_probabilities();
    Ok((
        tally,
        policies.map(|policies| policies.gather(found)),
        summary,
    ))
}

fn document(
    answer: &Answer<'_>,
    args: &ReportArgs,
    assurance: &[assurance::Report],
) -> Result<Document, Failure> {
    let Answer {
        sweep,
        replay,
        plan,
        summary,
        ..
    } = answer;
    let mut warnings = sweep::words::warnings(sweep, plan);
    if let Some(replay) = replay {
        let more = replay::words::warnings(replay, plan);
        warnings.extend(
            more.into_iter()
                .filter(|more| !sweep::words::warnings(sweep, plan).contains(more)),
        );
    }
    let sentences = sections::answer(answer);
    let preface = sweep::words::preface(sweep, summary);
    let title = args.title.clone();
    let title = title.unwrap_or_else(|| "Go or no-go: what to auto-approve".to_owned());
    let figures = figures::all(answer);
    let page = Page {
        title: title.clone(),
        preface: preface.clone(),
        answer: sentences.clone(),
        warnings: warnings.clone(),
        sections: sections::all(answer, &figures, assurance)?,
        sums: sums::text(answer)?,
        manifest: notes::manifest(answer),
    };
    Ok(Document {
        title,
        preface,
        tables: sections::people(answer),
        sentences,
        data: args
            .output
            .wants(Format::Csv)
            .then(|| sweep::tables::data(sweep)),
        json: args
            .output
            .wants(Format::Json)
            .then(|| json_text(&json::document(answer, &warnings)))
            .transpose()?,
        warnings,
        files: Vec::new(),
        chart: Some(sections::main_chart(answer)),
        policy: None,
        checks: None,
        charts: files::charts(args, &figures)?,
        page: Some(Box::new(page)),
        exit_code: ExitCode::Done,
    })
}
