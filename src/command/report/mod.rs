//! `gonogo report`: the whole answer as one page that can be mailed, opens offline, and lets its
//! reader move thresholds. One pass over the log serves the sweep, the policies and the page.

mod assurance;
mod figures;
mod files;
mod json;
mod notes;
mod packed;
mod people;
mod public;
mod sections;
mod sliders;
mod sums;
mod tables;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use sha2::{Digest, Sha256};

use super::policies::read as read_policy;
use super::pricing::Pricing;
use super::replay::answer::{Reckoner, Replay};
use super::replay::question::Question as Policies;
use super::replay::reading::{Found, Reading};
use super::replay::{self, ReplayArgs};
use super::sweep::{self, Question, Sweep, SweepArgs};
use super::{CommandError, Context, LogArgs, OutputArgs, labelling};
use crate::config::{Config, Role};
use crate::error::{ExitCode, Failure};
use crate::estimate::split::JoinedCells;
use crate::log::{
    Batch, Equality, Interner, Log, LogError, Needs, Plan, ReadOptions, Sink, Summary,
};
use crate::report::{Document, Format, Page, Section, embedded, json_text};
use crate::tally::{Tallier, Tally};

/// A pull request takes 65,536 characters of Markdown; a report leaves room for a few words more.
const MOST_MARKDOWN: usize = 60_000;

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
    /// Anyone: rates of ten cases and more, no counts of labels, no sliders
    Public,
    /// Colleagues: sums, no case; files by their names without folders
    Team,
    /// Those who have the log: also where its files lie
    Full,
}

/// The most bytes of a page, and how many of them are kept for the sums behind the sliders.
const MOST_BYTES: usize = 295_000;
const ROOM_FOR_SUMS: usize = 40_000;
/// Seconds in an hour.
const HOUR: f64 = 3600.0;
/// The policy that stands in where none is given: the queue in fact is found with it.
const NO_POLICY: &str = "0";

/// Everything that the page tells, before it is put into words.
struct Answer<'a> {
    sweep: Sweep,
    /// The policies beside what happened. Without policies the queue in fact at most.
    replay: Option<Replay>,
    /// The policies as they are given, with the SHA-256 of files.
    policy_files: Vec<(String, Option<String>)>,
    tally: Tally,
    question: &'a Question,
    config: &'a Config,
    plan: &'a Plan,
    summary: &'a Summary,
    share: Share,
    /// What happened, in hours of review work.
    actual_hours: Option<f64>,
    /// The names of the log's columns.
    columns: Vec<String>,
    /// What conditions see of the segments of the first grouping, by their names.
    equalities: BTreeMap<String, Equality>,
}

/// Reads the log once, sums it up, estimates, and tells.
///
/// # Errors
/// When a policy, the question or the log is bad, or there is nothing to judge.
pub fn run(args: &ReportArgs, context: &Context) -> Result<Document, Failure> {
    refuse_data_for_anyone(args)?;
    let config = args.log.config(context)?;
    let assurance = assurance::read(args)?;
    let mut options = args.log.options(context, &args.output)?;
    // The manifest names each file by its SHA-256.
    options.fingerprint = true;
    let log = args.log.open(&options, &args.output)?;
    let (by, left_out) = people::groupings(args, &config.mapping, &log)?;
    let question = question(args, &by, &config)?;
    let policies = policies(args, &by, &config)?;
    let needs = needs(args, &question, policies.as_ref(), &config);
    let plan = log.plan(&config.mapping, &needs)?;
    let doubts = match &policies {
        Some(policies) => policies.doubts(&log, &config.mapping)?,
        None => Vec::new(),
    };
    let (tally, found, summary) = read(&log, &plan, &options, (&question, policies.as_ref()))?;
    labelling::require_labels(tally.counts(), &log.name())?;
    let sweep = sweep::sweep(&tally, &plan, &question, options.threads);
    let rejects = args.log.rejected(&summary.rejects)?;
    let mut answer = Answer {
        actual_hours: actual_hours(&tally, &sweep, &question),
        replay: replay((policies.as_ref(), found, doubts), args, &plan)?,
        policy_files: policy_files(args)?,
        sweep,
        tally,
        question: &question,
        config: &config,
        plan: &plan,
        summary: &named(summary, args.share),
        share: args.share,
        columns: log.columns().iter().map(|c| c.name().to_owned()).collect(),
        equalities: equalities(&log, &config, &question)?,
    };
    let mut warnings = warnings(&answer);
    warnings.extend(left_out);
    if args.share == Share::Public {
        warnings = public::warnings(warnings);
        public::withhold(&mut answer);
    }
    let mut document = document(&answer, args, (&assurance, warnings))?;
    document.files = rejects;
    Ok(document)
}

/// A summary that names files as readers may know them.
fn named(mut summary: Summary, share: Share) -> Summary {
    for file in &mut summary.files {
        file.name = notes::file_name(&file.name, share).to_owned();
    }
    summary
}

/// What conditions see of the segments of the first grouping, the one that has sliders.
fn equalities(
    log: &Log,
    config: &Config,
    question: &Question,
) -> Result<BTreeMap<String, Equality>, LogError> {
    let mapping = &config.mapping;
    let mut found = BTreeMap::new();
    for name in question.groupings.iter().take(1).flatten() {
        let source = mapping.segments.get(name).unwrap_or(name);
        if let Some(equality) = log.equality(mapping, source)? {
            found.insert(name.clone(), equality);
        }
    }
    Ok(found)
}

/// JSON and CSV hold every count.
fn refuse_data_for_anyone(args: &ReportArgs) -> Result<(), CommandError> {
    let data = [Format::Json, Format::Csv];
    let is_data = data.into_iter().any(|format| args.output.wants(format));
    match args.share {
        Share::Public if is_data => Err(CommandError::DataForAnyone),
        Share::Public | Share::Team | Share::Full => Ok(()),
    }
}

/// The policies, or what is known of the queue without any.
fn replay(
    (policies, found, doubts): (Option<&Policies>, Option<Found>, Vec<String>),
    args: &ReportArgs,
    plan: &Plan,
) -> Result<Option<Replay>, Failure> {
    let (Some(policies), Some(found)) = (policies, found) else {
        return Ok(None);
    };
    let mut replay = Reckoner::new(policies, plan).replay(found)?;
    replay.doubts = doubts;
    if args.policies.is_empty() {
        replay.policies.clear();
    }
    Ok(Some(replay))
}

/// Hours of review work that the historical routes took.
fn actual_hours(tally: &Tally, sweep: &Sweep, question: &Question) -> Option<f64> {
    let prices = question.pricing.as_ref()?.prices(tally.ledgers());
    sweep.overall.actual.as_ref()?;
    let overall = JoinedCells::overall(tally.ledgers());
    let splits = overall.group().by_history(&sweep.design)?;
    let seconds = prices.review_seconds(&splits, &[])?;
    Some(seconds / HOUR)
}

/// Each policy with the SHA-256 of its file; a bare threshold has none.
fn policy_files(args: &ReportArgs) -> Result<Vec<(String, Option<String>)>, Failure> {
    let files = args.policies.iter().map(|word| {
        if !Path::new(word).is_file() {
            return Ok((word.clone(), None));
        }
        let text = read_policy(word)?;
        let hash = Sha256::digest(text.as_bytes());
        let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok((word.clone(), Some(hash)))
    });
    files.collect()
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

/// The policies that are given. Without any, one that nobody sees stands in where a queue can be
/// simulated, for what happened is then replayed too.
fn policies(
    args: &ReportArgs,
    by: &[String],
    config: &Config,
) -> Result<Option<Policies>, Failure> {
    let mut words = args.policies.clone();
    if words.is_empty() && config.reviewers.is_none() {
        return Ok(None);
    }
    if words.is_empty() {
        words.push(NO_POLICY.to_owned());
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
    Policies::resolve(&asked, &words, config).map(Some)
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
    (assurance, warnings): (&[assurance::Report], Vec<String>),
) -> Result<Document, Failure> {
    let title = args.title.clone();
    let title = title.unwrap_or_else(|| "Go or no-go: what to auto-approve".to_owned());
    let pictures = figures::all(answer);
    let mut document = Document {
        title,
        preface: match answer.share {
            Share::Public => public::preface(answer),
            Share::Team | Share::Full => sweep::words::preface(&answer.sweep, answer.summary),
        },
        tables: tables::people(answer),
        sentences: sections::answer(answer),
        data: args
            .output
            .wants(Format::Csv)
            .then(|| sweep::tables::data(&answer.sweep)),
        json: json(answer, args, &warnings)?,
        warnings,
        files: Vec::new(),
        chart: Some(figures::risk(answer)),
        policy: None,
        checks: None,
        charts: files::charts(args, &pictures)?,
        most_markdown: Some(MOST_MARKDOWN),
        page: None,
        exit_code: ExitCode::Done,
    };
    // Markdown takes its parts from the page.
    if is_html_wanted(args) || args.output.wants(Format::Md) {
        let sections = sections::all(answer, &pictures, assurance);
        document.page = Some(Box::new(page(answer, &document, sections)));
    }
    if let Some(page) = document.page.as_mut().filter(|_| is_html_wanted(args)) {
        add_sums(page, answer)?;
    }
    Ok(document)
}

/// Makes the page as small as it must be, and fills the room that is left with the sums.
fn add_sums(page: &mut Page, answer: &Answer<'_>) -> Result<(), Failure> {
    page.fit(MOST_BYTES - ROOM_FOR_SUMS)?;
    let without = page.html()?.len();
    if without > MOST_BYTES - ROOM_FOR_SUMS {
        return Err(CommandError::PageTooLarge(without).into());
    }
    page.sums = sums::text(answer, |sums| without + embedded(sums).len() <= MOST_BYTES)?;
    Ok(())
}

fn json(
    answer: &Answer<'_>,
    args: &ReportArgs,
    warnings: &[String],
) -> Result<Option<String>, Failure> {
    let wanted = args.output.wants(Format::Json);
    let text = wanted.then(|| json_text(&json::document(answer, warnings)));
    Ok(text.transpose()?)
}

fn warnings(answer: &Answer<'_>) -> Vec<String> {
    let mut warnings = sweep::words::warnings(&answer.sweep, answer.plan);
    if let Some(replay) = &answer.replay {
        for more in replay::words::warnings(replay, answer.plan) {
            if !warnings.contains(&more) {
                warnings.push(more);
            }
        }
    }
    warnings
}

fn is_html_wanted(args: &ReportArgs) -> bool {
    let files = args.output.output.iter();
    let mut endings = files.filter_map(|file| file.extension());
    endings.any(|ending| ending.eq_ignore_ascii_case("html") || ending.eq_ignore_ascii_case("htm"))
}

/// The page without its sums.
fn page(answer: &Answer<'_>, document: &Document, sections: Vec<Section>) -> Page {
    Page {
        title: document.title.clone(),
        preface: document.preface.clone(),
        answer: document.sentences.clone(),
        glance: tables::glance(answer),
        warnings: document.warnings.clone(),
        sections,
        sums: None,
        manifest: notes::manifest(answer),
    }
}

impl Answer<'_> {
    /// The policies beside what happened, where there are any.
    fn compared(&self) -> Option<&Replay> {
        let replay = self.replay.as_ref();
        replay.filter(|replay| !replay.policies.is_empty())
    }
}
