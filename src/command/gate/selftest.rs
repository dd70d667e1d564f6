//! `gonogo gate selftest`: how often a comparison would fail for nothing on this very log, and how
//! small a regression it would catch.

use clap::Args;
use serde::Serialize;

use super::question::Question;
use super::{GateArgs, reading};
use crate::command::input::{Schema, Tool};
use crate::command::{Context, LogArgs, OutputArgs, labelling};
use crate::config::{Demand, Margin, Metric};
use crate::error::{ExitCode, Failure};
use crate::estimate::halves::{self, Coins};
use crate::estimate::metric::Facts;
use crate::estimate::verdict::{self, Verdict};
use crate::estimate::{binomial, compare, normal};
use crate::report::{Cell, Column, Document, Format, Row, Table, json_text, level};

/// The share of runs in which a regression should be caught.
const POWER: f64 = 0.8;
/// Steps in which the smallest regression is searched for.
const STEPS: u32 = 60;

/// Null comparisons on random halves of a log: how often would the gate fail for nothing?
///
/// Each round splits the cases into two random halves, between which nothing has changed, and
/// compares them as the gate would, a check by segment in all its values at once. The share of
/// failures should be at most 1 - confidence. Also
/// told is the smallest regression that a log like this one, compared with another of its size,
/// would catch four times in five.
#[derive(Args, Clone, Debug)]
pub struct SelftestArgs {
    #[command(flatten)]
    pub log: LogArgs,
    /// Judge this policy instead of what really happened: a file, or a threshold
    #[arg(long, value_name = "POLICY")]
    pub policy: Option<String>,
    /// Also the checks of this profile
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Confidence of each one-sided limit
    #[arg(long, default_value_t = 0.95)]
    pub confidence: f64,
    /// Random halves to compare
    #[arg(long, value_name = "N", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub rounds: u32,
    /// Seed of the coins that split the log
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    #[command(flatten)]
    pub output: OutputArgs,
}

#[derive(Serialize)]
struct SelftestDocument<'a> {
    schema: Schema,
    tool: Tool,
    confidence: f64,
    rounds: u32,
    seed: u64,
    comparisons: &'a [Comparison],
}

/// What came out for one metric.
#[derive(Clone, Debug, Serialize)]
struct Comparison {
    metric: &'static str,
    /// The names of the segments each of whose values is compared; `null` for all cases as one.
    segment: Option<String>,
    /// The sets of cases that are compared together.
    parts: usize,
    /// Rounds in which any part fails. `null` where the log cannot be split.
    false_fails: Option<u32>,
    false_fail_rate: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    inconclusive: Option<u32>,
    /// A difference of rates of all cases; `null` by segment, and where it is not estimated from a
    /// plain sample.
    smallest_regression: Option<f64>,
}

/// Reads the log, splits it again and again, and tells.
///
/// # Errors
/// When the checks or the log are bad.
pub fn run(args: &SelftestArgs, context: &Context) -> Result<Document, Failure> {
    let config = args.log.config(context)?;
    let question = Question::resolve(&as_gate(args), &config)?;
    let options = args.log.options(context, &args.output)?;
    let log = args.log.open(&options, &args.output)?;
    let survey = reading::survey(&log, &config.mapping, &options, &question)?;
    let mut questions: Vec<Asked> = Vec::new();
    let mut gates = question.gates.clone();
    let is_money = |metric: Metric| matches!(metric, Metric::Cost | Metric::ErrorValueRate);
    let has_money = gates.iter().any(|gate| is_money(gate.metric));
    // Of checks on one metric of the same cases, the comparison says with which margin.
    gates.sort_by_key(|gate| !matches!(gate.demand, Demand::NotWorseBy(_)));
    for gate in &gates {
        let margin = match gate.demand {
            Demand::NotWorseBy(margin) => margin,
            Demand::AtMost(_) | Demand::AtLeast(_) => Margin::Absolute(0.0),
        };
        let is_known = |asked: &Asked| asked.metric == gate.metric && asked.by == gate.by;
        if !is_money(gate.metric) && !questions.iter().any(is_known) {
            questions.push(Asked {
                metric: gate.metric,
                margin,
                by: gate.by.clone(),
                min_labels: gate.min_labels,
            });
        }
    }
    let comparisons: Vec<Comparison> = questions
        .iter()
        .map(|asked| {
            let sets = survey.sets.iter();
            let sets = sets.filter(|((names, _), _)| *names == asked.by);
            let parts: Vec<&Facts> = sets.map(|(_, measured)| &measured.facts).collect();
            comparison(&parts, asked, args, question.tail)
        })
        .collect();
    let mut document = document(&comparisons, args)?;
    document.preface.insert(
        0,
        labelling::cases(survey.cases, survey.labelled, &survey.summary),
    );
    if has_money {
        let left_out = "checks on money are left out: the sums do not tell which case goes where";
        document.warnings.push(left_out.to_owned());
    }
    document.files = args.log.rejected(&survey.summary.rejects)?;
    Ok(document)
}

fn as_gate(args: &SelftestArgs) -> GateArgs {
    GateArgs {
        verb: None,
        log: args.log.clone(),
        policy: args.policy.clone(),
        baseline: None,
        baseline_log: Vec::new(),
        against: None,
        accept_changed: false,
        require_baseline: false,
        save_baseline: None,
        profile: args.profile.clone(),
        confidence: args.confidence,
        sequential: None,
        on_inconclusive: None,
        exit_zero: false,
        output: args.output.clone(),
    }
}

/// What the halves are compared by.
struct Asked {
    metric: Metric,
    margin: Margin,
    by: Vec<String>,
    /// With fewer in either half a part is inconclusive.
    min_labels: u64,
}

fn comparison(parts: &[&Facts], asked: &Asked, args: &SelftestArgs, tail: f64) -> Comparison {
    let mut coins = Coins::seeded(args.seed);
    let (mut failed, mut undecided) = (0, 0);
    let mut done = 0_u32;
    for _ in 0..args.rounds {
        let halves = parts.iter().map(|facts| halves::of(facts, &mut coins));
        let Some(halves) = halves.collect::<Option<Vec<_>>>() else {
            break;
        };
        let known = |facts: &Facts| facts.ground(asked.metric).known >= asked.min_labels;
        let judged = halves
            .iter()
            .filter(|(new, base)| known(new) && known(base));
        let findings = judged.map(|(new, base)| {
            verdict::against_baseline((new, base), asked.metric, asked.margin, tail)
        });
        let verdicts = verdict::settle(&findings.collect::<Vec<_>>(), tail);
        let is_thin = verdicts.len() < parts.len() || verdicts.contains(&Verdict::Inconclusive);
        if verdicts.contains(&Verdict::Fail) {
            failed += 1;
        } else if is_thin {
            undecided += 1;
        }
        done += 1;
    }
    let is_done = done == args.rounds;
    let (found, rounds) = (u64::from(failed), u64::from(args.rounds));
    let all = parts.first().filter(|_| asked.by.is_empty());
    Comparison {
        metric: asked.metric.key(),
        segment: (!asked.by.is_empty()).then(|| asked.by.join(",")),
        parts: parts.len(),
        false_fails: is_done.then_some(failed),
        false_fail_rate: is_done.then(|| f64::from(failed) / f64::from(args.rounds)),
        low: is_done.then(|| binomial::lower(found, rounds, 0.025)),
        high: is_done.then(|| binomial::upper(found, rounds, 0.025)),
        inconclusive: is_done.then_some(undecided),
        smallest_regression: all
            .and_then(|facts| smallest_regression(facts, (asked.metric, asked.margin), tail)),
    }
}

/// The smallest difference with which two logs of this size would fail four times in five: it must
/// be shown to be one, and must not be shown to be within the margin, for then it passes.
fn smallest_regression(
    facts: &Facts,
    (metric, margin): (Metric, Margin),
    tail: f64,
) -> Option<f64> {
    let (found, known) = facts.sample(metric)?;
    let (base, labels) = (found as f64 / known as f64, known as f64);
    let (allowed, factor) = match margin {
        Margin::Absolute(margin) => (margin, 1.0),
        Margin::Relative(part) => (part * base, 1.0 + part),
    };
    let (doubt, luck) = (-normal::quantile(tail), normal::quantile(POWER));
    let is_caught = |gap: f64| {
        let new = if metric.is_better_high() {
            base - gap
        } else {
            base + gap
        };
        let variance = new * (1.0 - new) + factor * factor * base * (1.0 - base);
        let error = (variance.max(0.0) / labels).sqrt();
        let wanted = compare::labels_per_side(new, base, gap, (tail, POWER));
        let is_shown = wanted.is_some_and(|wanted| wanted <= labels);
        is_shown && gap >= allowed - (doubt - luck) * error
    };
    let (mut low, mut high) = (
        0.0,
        if metric.is_better_high() {
            base
        } else {
            1.0 - base
        },
    );
    if !is_caught(high) {
        return None;
    }
    for _ in 0..STEPS {
        let middle = f64::midpoint(low, high);
        if is_caught(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some(high)
}

fn document(comparisons: &[Comparison], args: &SelftestArgs) -> Result<Document, Failure> {
    let document = SelftestDocument {
        schema: Schema::new("gonogo/gate-selftest"),
        tool: Tool::this(),
        confidence: args.confidence,
        rounds: args.rounds,
        seed: args.seed,
        comparisons,
    };
    let table = table(comparisons);
    let wants_json = args.output.wants(Format::Json);
    let unsplit = comparisons.iter().any(|c| c.false_fails.is_none());
    let warning =
        "label probabilities differ from row to row: the log cannot be split from its sums";
    Ok(Document {
        title: "Gate selftest: random halves of one log, between which nothing has changed"
            .to_owned(),
        preface: vec![format!(
            "{} halves, seed {}; at most {} of them should fail",
            args.rounds,
            args.seed,
            level(1.0 - args.confidence)
        )],
        data: args.output.wants(Format::Csv).then(|| table.clone()),
        tables: vec![table],
        sentences: Vec::new(),
        warnings: unsplit.then(|| warning.to_owned()).into_iter().collect(),
        json: wants_json.then(|| json_text(&document)).transpose()?,
        chart: None,
        policy: None,
        page: None,
        charts: Vec::new(),
        most_markdown: None,
        checks: None,
        files: Vec::new(),
        exit_code: ExitCode::Done,
    })
}

fn table(comparisons: &[Comparison]) -> Table {
    let row = |comparison: &Comparison| {
        let rate = comparison.false_fail_rate;
        let estimate = rate.zip(comparison.low).zip(comparison.high);
        Row {
            cells: vec![
                Cell::Text(comparison.metric.to_owned()),
                Cell::Text(match &comparison.segment {
                    None => "all cases".to_owned(),
                    Some(names) => format!("{}, {} values", names, comparison.parts),
                }),
                estimate.map_or(Cell::Missing, |((share, low), high)| Cell::Estimate {
                    share,
                    low,
                    high,
                }),
                comparison
                    .inconclusive
                    .map_or(Cell::Missing, |n| Cell::Count(n.into())),
                comparison
                    .smallest_regression
                    .map_or(Cell::Missing, Cell::Share),
            ],
            marked: false,
        }
    };
    Table {
        title: String::new(),
        columns: vec![
            Column::left("metric", 0),
            Column::left("cases", 0),
            Column::right("failed for nothing", 0),
            Column::right("inconclusive", 1),
            Column::right("smallest regression caught (80 %)", 0),
        ],
        rows: comparisons.iter().map(row).collect(),
    }
}
