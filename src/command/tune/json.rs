//! The JSON document of a tuning: structs of its own, so that the contract changes only on purpose.

use serde::Serialize;

use super::Told;
use super::answer::{Answer, Choice, Group};
use super::capacity::Load;
use super::expense::Expense;
use super::hearing::{Hearing, Needed, Point, Refusal};
use super::question::{Search, Weights};
use super::{reasons, tables, words};
use crate::command::input::{Input, Schema, Tool};
use crate::command::labelling::{self, CellDocument};
use crate::estimate::certificate::Promise;
use crate::estimate::cost::Cost;
use crate::rate::Rate;

#[derive(Serialize)]
pub(super) struct TuneDocument<'a> {
    schema: Schema,
    tool: Tool,
    input: Input<'a>,
    target: Target<'a>,
    /// The cells of equal label probability that every bound is made of.
    cells: Vec<CellDocument>,
    #[serde(flatten)]
    pooled: Verdict,
    /// Every threshold that could have been tested, ascending.
    points: Vec<PointDocument>,
    segments: Vec<SegmentDocument<'a>>,
    worst_segment: Option<WorstDocument>,
    /// What the answer escalates; by segment where there are segments.
    load: LoadDocument,
    capacity: Option<CapacityDocument>,
    cost: Option<ExpenseDocument<'a>>,
    warnings: &'a [String],
}

#[derive(Serialize)]
struct Target<'a> {
    max_error: Option<f64>,
    confidence: f64,
    /// How thresholds are tested: `doubling`, `candidates` or `order_from`.
    search: Option<&'static str>,
    by: &'a [String],
    weights: Option<&'static str>,
    inherit: bool,
    max_escalation: Option<f64>,
    max_per_day: Option<u64>,
    peak: f64,
    min_cost: bool,
}

/// What is said of one set of cases.
#[derive(Serialize)]
struct Verdict {
    verdict: &'static str,
    threshold: Option<f64>,
    /// The bound of the threshold at the level of its test.
    upper: Option<f64>,
    /// Of the promise about these cases.
    confidence: Option<f64>,
    escalation_rate: Option<f64>,
    auto_error: Option<Rate>,
    tested: Vec<TrialDocument>,
    reason: Option<&'static str>,
    explanation: Option<String>,
    needed: Option<NeededDocument>,
}

#[derive(Serialize)]
struct TrialDocument {
    threshold: Option<f64>,
    /// Auto-approved cases.
    cases: u64,
    labelled: u64,
    errors_found: u64,
    upper: f64,
    level: f64,
    /// Whether "the error rate is above the limit" is rejected, so that the threshold is certified.
    rejected: bool,
}

#[derive(Serialize)]
struct NeededDocument {
    labels: u64,
    score_from: Option<f64>,
    score_to: f64,
    /// Cases of this log there without a label.
    unlabelled: u64,
    /// The threshold that they would certify.
    threshold: Option<f64>,
}

#[derive(Serialize)]
struct PointDocument {
    threshold: Option<f64>,
    escalated: u64,
    auto_approved: u64,
    labelled: u64,
    errors_found: u64,
    estimate: Option<f64>,
    /// The bound if this were the only threshold.
    bound: Option<f64>,
    obstacle: Option<&'static str>,
    peak_per_day: Option<u64>,
    cost: Option<Cost>,
}

#[derive(Serialize)]
struct SegmentDocument<'a> {
    segment: String,
    value: Option<String>,
    values: &'a [Option<String>],
    cases: u64,
    /// Its part of the error probability of the joint promise.
    weight: f64,
    #[serde(flatten)]
    verdict: Verdict,
}

#[derive(Serialize)]
struct WorstDocument {
    value: String,
    estimate: f64,
    upper: f64,
}

#[derive(Serialize)]
struct LoadDocument {
    escalated: u64,
    escalation_rate: f64,
    mean_per_day: Option<f64>,
    peak_per_day: Option<u64>,
    days: Option<u64>,
}

#[derive(Serialize)]
struct ExpenseDocument<'a> {
    /// At the threshold of all cases.
    chosen: Option<&'a Cost>,
    /// The cheapest of all thresholds, certified or not; optimistic, for it is the least of many.
    cheapest_threshold: Option<f64>,
    cheapest: Option<&'a Cost>,
    /// The thresholds whose cost is within one standard error of the least.
    plateau: Option<[Option<f64>; 2]>,
    /// A threshold for each case by its own cost (Chow 1970).
    by_case: Option<ByCaseDocument<'a>>,
}

#[derive(Serialize)]
struct ByCaseDocument<'a> {
    cost: &'a Cost,
    escalated: u64,
    escalation_rate: f64,
    auto_error: &'a Rate,
}

#[derive(Serialize)]
struct CapacityDocument {
    /// The strictest threshold within the capacity, and the next one, which is beyond it.
    threshold: Option<f64>,
    load: Option<LoadDocument>,
    beyond: Option<f64>,
    load_beyond: Option<LoadDocument>,
    short_per_day: Option<u64>,
    short_cases: Option<u64>,
}

pub(super) fn document<'a>(told: &Told<'a>, warnings: &'a [String]) -> TuneDocument<'a> {
    let answer = told.answer;
    let hearing = &answer.pooled;
    TuneDocument {
        schema: Schema::new("gonogo/tune"),
        tool: Tool::this(),
        input: Input::new(&told.log.plan, &told.log.summary),
        target: target(told),
        cells: labelling::documents(&told.log.design),
        pooled: verdict(told, hearing, answer.choice),
        points: (0..hearing.points.len())
            .filter_map(|candidate| point(told, candidate))
            .collect(),
        segments: answer
            .groups
            .iter()
            .map(|group| segment(told, group))
            .collect(),
        worst_segment: answer.worst().and_then(|(worst, _)| {
            worst.map(|worst| WorstDocument {
                value: worst.group.name(),
                estimate: worst.estimate,
                upper: worst.upper,
            })
        }),
        load: load(&answer.load),
        capacity: capacity(told),
        cost: answer
            .expense
            .as_ref()
            .map(|expense| self::expense(answer, expense)),
        warnings,
    }
}

fn target<'a>(told: &Told<'a>) -> Target<'a> {
    let question = told.question;
    let search = match question.search {
        Search::Doubling => "doubling",
        Search::List => "candidates",
        Search::Learned => "order_from",
    };
    let weights = match question.weights {
        Weights::Equal => "equal",
        Weights::Volume => "volume",
    };
    Target {
        max_error: question.promise.map(Promise::limit),
        confidence: question.confidence.get(),
        search: question.promise.map(|_| search),
        by: &question.by,
        weights: (!question.by.is_empty()).then_some(weights),
        inherit: question.inherit,
        max_escalation: question.limits.escalation,
        max_per_day: question.limits.per_day,
        peak: question.limits.peak,
        min_cost: question.min_cost,
    }
}

fn verdict(told: &Told<'_>, hearing: &Hearing, choice: Choice) -> Verdict {
    let answer = told.answer;
    let candidate = choice.candidate();
    let point = candidate.and_then(|candidate| hearing.points.get(candidate));
    let escalated = point.map_or(hearing.cases, |point| point.escalated);
    let trial = candidate.and_then(|candidate| hearing.trial(candidate));
    Verdict {
        verdict: tables::verdict_key(choice),
        threshold: candidate.and_then(|candidate| answer.value(candidate)),
        upper: trial.filter(|trial| trial.passed).map(|trial| trial.upper),
        confidence: words::confidence(hearing),
        escalation_rate: (hearing.cases > 0).then(|| escalated as f64 / hearing.cases as f64),
        auto_error: point.map(|point| point.rate(told.question.confidence)),
        tested: hearing
            .trials
            .iter()
            .map(|trial| {
                let (labelled, errors_found) = hearing.labels(trial.candidate);
                let point = hearing.points.get(trial.candidate);
                TrialDocument {
                    threshold: answer.value(trial.candidate),
                    cases: point.map_or(0, Point::auto_approved),
                    labelled,
                    errors_found,
                    upper: trial.upper,
                    level: trial.level,
                    rejected: trial.passed,
                }
            })
            .collect(),
        reason: hearing.refusal.as_ref().map(Refusal::key),
        explanation: reasons::reason(told, hearing),
        needed: hearing
            .refusal
            .as_ref()
            .and_then(Refusal::needed)
            .map(|needed| NeededDocument {
                labels: needed.labels,
                score_from: answer.value(needed.from),
                score_to: needed.to.and_then(|to| answer.value(to)).unwrap_or(1.0),
                unlabelled: needed.unlabelled,
                threshold: answer.value(needed.candidate),
            }),
    }
}

fn point(told: &Told<'_>, candidate: usize) -> Option<PointDocument> {
    let hearing = &told.answer.pooled;
    let point = hearing.points.get(candidate)?;
    let (labelled, errors_found) = hearing.labels(candidate);
    let capacity = told.answer.capacity.as_ref();
    let capacity = capacity.and_then(|capacity| capacity.loads.get(candidate));
    Some(PointDocument {
        threshold: told.answer.value(candidate),
        escalated: point.escalated,
        auto_approved: point.auto_approved(),
        labelled,
        errors_found,
        estimate: hearing.estimate(candidate),
        bound: hearing.bound(candidate),
        obstacle: hearing.obstacle_at(candidate).map(tables::obstacle_key),
        peak_per_day: capacity.and_then(|load| load.daily).map(|daily| daily.peak),
        cost: point.cost.clone(),
    })
}

fn segment<'a>(told: &Told<'a>, group: &'a Group) -> SegmentDocument<'a> {
    SegmentDocument {
        segment: told.question.by.join(","),
        value: match group.values.as_slice() {
            [None] => None,
            _ => Some(group.name()),
        },
        values: &group.values,
        cases: group.hearing.cases,
        weight: group.weight,
        verdict: verdict(told, &group.hearing, group.choice),
    }
}

fn expense<'a>(answer: &'a Answer, expense: &'a Expense) -> ExpenseDocument<'a> {
    let chosen = answer.choice.candidate();
    let value = |candidate: usize| answer.value(candidate);
    ExpenseDocument {
        chosen: chosen.and_then(|candidate| answer.cost(candidate)),
        cheapest_threshold: expense.cheapest.and_then(value),
        cheapest: expense
            .cheapest
            .and_then(|candidate| answer.cost(candidate)),
        plateau: expense
            .plateau
            .map(|(first, last)| [value(first), value(last)]),
        by_case: expense.by_case.as_ref().map(|by_case| ByCaseDocument {
            cost: &by_case.cost,
            escalated: by_case.escalated,
            escalation_rate: by_case.escalated as f64 / answer.cases.max(1) as f64,
            auto_error: &by_case.auto_error,
        }),
    }
}

fn load(load: &Load) -> LoadDocument {
    LoadDocument {
        escalated: load.escalated,
        escalation_rate: load.rate,
        mean_per_day: load.daily.map(|daily| daily.mean),
        peak_per_day: load.daily.map(|daily| daily.peak),
        days: load.daily.map(|daily| daily.days),
    }
}

fn capacity(told: &Told<'_>) -> Option<CapacityDocument> {
    let answer = told.answer;
    let capacity = answer.capacity.as_ref()?;
    let strictest = capacity.strictest();
    let beyond = strictest.map_or(0, |strictest| strictest + 1);
    let load_at = |candidate: usize| capacity.loads.get(candidate).map(load);
    let short = answer.load.short(&capacity.limits, capacity.cases);
    Some(CapacityDocument {
        threshold: strictest.and_then(|candidate| answer.value(candidate)),
        load: strictest.and_then(load_at),
        beyond: answer.value(beyond),
        load_beyond: load_at(beyond),
        short_per_day: short.and_then(|short| short.per_day),
        short_cases: short.and_then(|short| short.cases),
    })
}

impl Refusal {
    fn key(&self) -> &'static str {
        match self {
            Self::Obstacle { obstacle, .. } => tables::obstacle_key(*obstacle),
            Self::NotInOlderLog => "not_in_older_log",
            Self::TooFewLabels { .. } | Self::NotSure { .. } => "too_few_labels",
            Self::TooManyErrors { .. } => "too_many_errors",
        }
    }

    fn needed(&self) -> Option<Needed> {
        match self {
            Self::TooFewLabels { needed, .. } | Self::NotSure { needed, .. } => *needed,
            Self::Obstacle { .. } | Self::NotInOlderLog | Self::TooManyErrors { .. } => None,
        }
    }
}
