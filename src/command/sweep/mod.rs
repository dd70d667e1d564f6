//! `gonogo sweep`: replay candidate thresholds over a log. Which escalation rate goes with which
//! auto-approved error rate, how sure is that, and what does it rest on?

pub(super) mod grid;
pub(super) mod json;
pub(super) mod tables;
pub(super) mod words;

use clap::Args;

use super::outcome::{Shown, group_name, segment_names};
use super::pricing::Pricing;
use super::{CommandError, Context, LogArgs, OutputArgs, labelling};
use crate::chart::Chart;
use crate::config::{Config, Role};
use crate::error::{ExitCode, Failure};
use crate::estimate::curve::{self, Outcome, Point, Reckoning};
use crate::estimate::split::{GroupCells, JoinedCells};
use crate::log::{Log, Needs, Plan, ReadOptions, Summary};
use crate::rate::{Grid, Level, Threshold};
use crate::report::{Document, Format, json_text};
use crate::tally::{Accounts, Design, GroupKey, History, Scale, Tallier, Tally, counts_of};

const EXAMPLES: &str = "\
Examples:
  gonogo sweep log.csv
  gonogo sweep log.csv --thresholds 0.80,0.85,0.90 --by kind
  gonogo sweep 'logs/2026-*.parquet' --thresholds 0.5..0.99/0.01 -o sweep.json -o sweep.svg
  zcat log.jsonl.gz | gonogo sweep - --exact --format csv";

/// Replay candidate thresholds: escalation rate against auto-approved error rate
///
/// For each threshold t a case is auto-approved if its score is at least t. The auto-approved
/// error rate is estimated from the labels there are, weighted by the chance that each case had
/// of being labelled, with an interval and the evidence behind it.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub struct SweepArgs {
    #[command(flatten)]
    pub log: LogArgs,
    /// Thresholds: decimals and ranges FROM..TO/STEP, separated by commas [default: a readable
    /// grid that holds the historical threshold where one can be seen]
    #[arg(long, value_name = "LIST")]
    pub thresholds: Option<String>,
    /// Every distinct score is a threshold
    #[arg(long, conflicts_with = "thresholds")]
    pub exact: bool,
    /// Also by segment; `a,b` crosses two (repeatable)
    #[arg(long, value_name = "SEGMENT")]
    pub by: Vec<String>,
    /// Segments that tables and charts show, the largest first; the rest become one line
    #[arg(long, value_name = "N", default_value_t = 10)]
    pub top: usize,
    /// Confidence level of the two-sided intervals
    #[arg(long, default_value_t = 0.95)]
    pub level: f64,
    #[command(flatten)]
    pub output: OutputArgs,
}

/// What is asked, checked.
pub(super) struct Question {
    /// `None`: choose a readable grid.
    pub(super) grid: Option<Grid>,
    pub(super) exact: bool,
    /// The names of each grouping's segments.
    pub(super) groupings: Vec<Vec<String>>,
    pub(super) top: usize,
    pub(super) level: Level,
    /// Present where costs are stated, or where review times are asked for.
    pub(super) pricing: Option<Pricing>,
    pub(super) has_cost: bool,
}

impl Question {
    pub(super) fn scale(&self) -> Scale {
        match &self.grid {
            _ if self.exact => Scale::Exact,
            Some(grid) => Scale::Grid(grid.clone()),
            None => Scale::Grid(Grid::thousandths()),
        }
    }

    /// The groupings as places among the plan's segments.
    pub(super) fn places(&self, plan: &Plan) -> Vec<Vec<usize>> {
        let groupings = self.groupings.iter();
        groupings.map(|names| plan.places(names)).collect()
    }

    pub(super) fn accounts(&self) -> Accounts {
        let pricing = self.pricing.as_ref();
        pricing.map(|pricing| pricing.accounts).unwrap_or_default()
    }
}

/// The answer, before it is put into words.
pub(super) struct Sweep {
    pub(super) level: Level,
    pub(super) top: usize,
    pub(super) exact: bool,
    /// Whether the user named the thresholds.
    pub(super) chosen: bool,
    pub(super) has_value: bool,
    pub(super) has_cost: bool,
    pub(super) design: Design,
    pub(super) history: Option<History>,
    pub(super) cases: u64,
    pub(super) labelled: u64,
    pub(super) overall: Curve,
    pub(super) segments: Vec<Segments>,
}

impl Sweep {
    pub(super) fn shown(&self) -> Shown {
        Shown {
            value: self.has_value,
            cost: self.has_cost,
        }
    }
}

/// The outcomes of one set of cases.
pub(super) struct Curve {
    pub(super) points: Vec<Point>,
    pub(super) actual: Option<Outcome>,
}

/// The groups of one grouping, by value.
pub(super) struct Segments {
    pub(super) names: Vec<String>,
    pub(super) groups: Vec<Group>,
    /// The groups beyond the largest ones together.
    pub(super) other: Option<(usize, Curve)>,
}

pub(super) struct Group {
    pub(super) values: GroupKey,
    pub(super) cases: u64,
    pub(super) curve: Curve,
}

/// Reads the log, sums it up, estimates, and tells.
///
/// # Errors
/// When the question or the log is bad, or there is nothing to judge.
pub fn run(args: &SweepArgs, context: &Context) -> Result<Document, Failure> {
    let config = args.log.config(context)?;
    let question = resolve(args, &config)?;
    let options = args.log.options(context, &args.output)?;
    let log = args.log.open(&options, &args.output)?;
    let plan = log.plan(&config.mapping, &needs(&question, &args.log))?;
    let (tally, summary) = tally(&log, &plan, &options, &question)?;
    labelling::require_labels(tally.counts(), &log.name())?;
    let sweep = sweep(&tally, &plan, &question, options.threads);
    let mut document = document(&sweep, &plan, &summary, &args.output)?;
    document.files = args.log.rejected(&summary.rejects)?;
    Ok(document)
}

pub(super) fn resolve(args: &SweepArgs, config: &Config) -> Result<Question, Failure> {
    let grid = args
        .thresholds
        .as_deref()
        .map(str::parse::<Grid>)
        .transpose();
    Ok(Question {
        grid: grid.map_err(CommandError::Grid)?,
        exact: args.exact,
        groupings: args.by.iter().map(|by| segment_names(by)).collect(),
        top: args.top,
        level: Level::new(args.level).ok_or(CommandError::Level(args.level))?,
        pricing: Pricing::of(config).filter(|_| config.costs.is_stated()),
        has_cost: config.costs.is_stated(),
    })
}

pub(super) fn needs(question: &Question, log: &LogArgs) -> Needs {
    let optional = vec![
        Role::Time,
        Role::Escalated,
        Role::Pinned,
        Role::LabelProbability,
        Role::Value,
    ];
    let mut needs = Needs {
        segments: question.groupings.concat(),
        ..log.needs(vec![Role::Score, Role::Error], optional)
    };
    if let Some(pricing) = &question.pricing {
        pricing.add_to(&mut needs);
    }
    needs
}

fn tally(
    log: &Log,
    plan: &Plan,
    options: &ReadOptions,
    question: &Question,
) -> Result<(Tally, Summary), Failure> {
    let (scale, groupings) = (question.scale(), question.places(plan));
    let accounts = question.accounts();
    let tallier = || Tallier::with_accounts(&scale, &groupings, &accounts);
    let (parts, summary) = log.read(plan, options, tallier)?;
    let mut tally = Tally::new(scale, groupings.len());
    parts.into_iter().for_each(|part| tally += part);
    tally.fold_probabilities();
    Ok((tally, summary))
}

pub(super) fn sweep(tally: &Tally, plan: &Plan, question: &Question, threads: usize) -> Sweep {
    let overall = JoinedCells::overall(tally.ledgers());
    let cells = tally.overall();
    let counts = tally.counts();
    let design = Design::of(&cells);
    let prices = question.pricing.as_ref();
    let prices = prices.map(|pricing| pricing.prices(tally.ledgers()));
    let history = if plan.has(Role::Escalated) {
        tally.profile().history()
    } else {
        None
    };
    let mut cuts = curve::cuts(tally.scale(), &cells);
    if question.grid.is_none() && !question.exact {
        let readable = grid::readable(tally.profile(), history.as_ref());
        cuts = curve::pick(&cuts, &readable);
    }
    let reckoner = Reckoner {
        reckoning: Reckoning {
            design: &design,
            level: question.level,
            has_value: plan.has(Role::Value),
            prices: prices.as_ref().filter(|_| question.has_cost),
        },
        cuts: &cuts,
        has_route: plan.has(Role::Escalated),
        threads,
    };
    let segments = question.groupings.iter().enumerate();
    Sweep {
        level: question.level,
        top: question.top,
        exact: question.exact,
        chosen: question.grid.is_some(),
        has_value: plan.has(Role::Value),
        has_cost: question.has_cost,
        history,
        cases: counts.cases(),
        labelled: counts.labelled(),
        overall: reckoner.curve(&overall.group()),
        segments: segments
            .map(|(place, names)| reckoner.segments(tally, place, names, question.top))
            .collect(),
        design,
    }
}

/// Turns cells into curves, in the same way for all groups.
struct Reckoner<'a> {
    reckoning: Reckoning<'a>,
    cuts: &'a [(Threshold, u64)],
    has_route: bool,
    threads: usize,
}

impl Reckoner<'_> {
    fn curve(&self, cells: &GroupCells<'_>) -> Curve {
        Curve {
            points: self.reckoning.points(cells, self.cuts),
            actual: self.reckoning.actual(cells).filter(|_| self.has_route),
        }
    }

    /// The curves of many groups, in their order, on all threads: intervals are what takes time
    /// once the sums are there.
    fn curves(&self, groups: &[GroupCells<'_>]) -> Vec<Curve> {
        let share = groups.len().div_ceil(self.threads.max(1)).max(1);
        std::thread::scope(|scope| {
            let work =
                |part: &[GroupCells<'_>]| part.iter().map(|cells| self.curve(cells)).collect();
            let threads: Vec<_> = groups
                .chunks(share)
                .map(|part| scope.spawn(move || -> Vec<Curve> { work(part) }))
                .collect();
            let parts = threads.into_iter().map(|thread| {
                // A panic goes on to the caller as what it is.
                thread
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            });
            parts.flatten().collect()
        })
    }

    fn segments(&self, tally: &Tally, place: usize, names: &[String], top: usize) -> Segments {
        let mut groups: Vec<(&GroupKey, u64)> = tally
            .groups(place)
            .map(|(key, group)| (key, counts_of(group).cases()))
            .collect();
        groups.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        let cells: Vec<GroupCells<'_>> = groups
            .iter()
            .map(|(key, _)| GroupCells::of(tally.ledgers(), place, key))
            .collect();
        let curves = self.curves(&cells);
        let others = cells.get(top..).unwrap_or_default();
        let mut rest = JoinedCells::default();
        others.iter().for_each(|group| rest.add(group));
        Segments {
            names: names.to_vec(),
            other: (!others.is_empty()).then(|| (others.len(), self.curve(&rest.group()))),
            groups: groups
                .iter()
                .zip(curves)
                .map(|((key, cases), curve)| Group {
                    values: (*key).clone(),
                    cases: *cases,
                    curve,
                })
                .collect(),
        }
    }
}

impl Group {
    /// The group's values as one text.
    pub(super) fn name(&self) -> String {
        group_name(&self.values)
    }
}

fn document(
    sweep: &Sweep,
    plan: &Plan,
    summary: &Summary,
    output: &OutputArgs,
) -> Result<Document, Failure> {
    let warnings = words::warnings(sweep, plan);
    Ok(Document {
        title: "Sweep: escalation rate against auto-approved error rate".to_owned(),
        preface: words::preface(sweep, summary),
        tables: tables::people(sweep),
        sentences: words::sentences(sweep),
        data: output.wants(Format::Csv).then(|| tables::data(sweep)),
        json: output
            .wants(Format::Json)
            .then(|| json_text(&json::document(sweep, plan, summary, &warnings)))
            .transpose()?,
        warnings,
        files: Vec::new(),
        chart: Some(Chart::RiskCoverage(tables::chart(sweep))),
        policy: None,
        page: None,
        charts: Vec::new(),
        most_markdown: None,
        checks: None,
        exit_code: ExitCode::Done,
    })
}
