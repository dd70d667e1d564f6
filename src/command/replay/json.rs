//! The JSON document of a replay: structs of its own, so that the contract changes only on purpose.

use serde::Serialize;

use super::answer::{
    AfterwardsAnswer, Answer, PatternAnswer, Replay, RuleAnswer, SegmentAnswer, Standing,
};
use super::swap::{Part, Swap};
use super::waiting::Waiting;
use crate::command::input::{Input, Schema, Tool};
use crate::command::labelling::{self, CellDocument};
use crate::command::outcome::group_name;
use crate::estimate::curve::Outcome;
use crate::estimate::money::MoneyInError;
use crate::log::{Plan, Summary};
use crate::policy::{Pattern, Routing};
use crate::rate::Rate;

#[derive(Serialize)]
pub(in crate::command) struct ReplayDocument<'a> {
    schema: Schema,
    tool: Tool,
    input: Input<'a>,
    level: f64,
    cells: Vec<CellDocument>,
    /// The policy that swap sets compare with; `null` for what really happened.
    against: Option<&'a str>,
    actual: Option<StandingDocument<'a>>,
    policies: Vec<PolicyDocument<'a>>,
    warnings: &'a [String],
}

#[derive(Serialize)]
struct StandingDocument<'a> {
    #[serde(flatten)]
    outcome: &'a Outcome,
    review_hours: Option<f64>,
    queue: Option<QueueDocument>,
}

#[derive(Serialize)]
struct PolicyDocument<'a> {
    name: &'a str,
    #[serde(flatten)]
    standing: StandingDocument<'a>,
    patterns: Vec<PatternDocument<'a>>,
    rules: Vec<RuleDocument<'a>>,
    segments: Vec<SegmentDocument<'a>>,
    swap: Option<SwapDocument<'a>>,
}

#[derive(Serialize)]
struct PatternDocument<'a> {
    pattern: &'static str,
    #[serde(flatten)]
    outcome: &'a Outcome,
    afterwards: Option<AfterwardsDocument>,
}

#[derive(Serialize)]
struct AfterwardsDocument {
    reviewed: f64,
    in_window: Option<f64>,
    corrected_errors: Option<LimitsDocument>,
    harmful_errors: Option<LimitsDocument>,
}

#[derive(Serialize)]
struct LimitsDocument {
    estimate: f64,
    low: f64,
    high: f64,
}

#[derive(Serialize)]
struct RuleDocument<'a> {
    name: &'a str,
    when: Option<&'a str>,
    threshold: Option<f64>,
    route: Option<&'static str>,
    pattern: &'static str,
    window_hours: Option<f64>,
    review_share: Option<f64>,
    #[serde(flatten)]
    outcome: &'a Outcome,
    swap: Option<SwapDocument<'a>>,
}

#[derive(Serialize)]
struct SegmentDocument<'a> {
    segment: String,
    /// The value as text, crossed values joined by commas; `null` where it is missing.
    value: Option<String>,
    values: &'a [Option<String>],
    /// Not flattened: it has a `value` of its own.
    outcome: &'a Outcome,
    actual: Option<&'a Outcome>,
    swap: Option<SwapDocument<'a>>,
}

#[derive(Serialize)]
struct SwapDocument<'a> {
    newly_auto_approved: PartDocument<'a>,
    newly_escalated: PartDocument<'a>,
}

#[derive(Serialize)]
struct PartDocument<'a> {
    cases: u64,
    /// Whether every case is labelled: then `errors_found` is exact for this log.
    observed: bool,
    error: &'a Rate,
    value: Option<&'a MoneyInError>,
}

/// Times are in seconds of clock time, from the arrival to the start of the review.
#[derive(Serialize)]
struct QueueDocument {
    cases: u64,
    wait_mean: f64,
    wait_p50: f64,
    wait_p90: f64,
    wait_p99: f64,
    wait_max: f64,
    with_deadline: u64,
    late: u64,
    late_share: Option<f64>,
    utilisation: Option<f64>,
    review_hours: f64,
    largest_backlog: u64,
    smallest_team: Option<u32>,
    /// At the end of each local day.
    backlog: Vec<DayDocument>,
}

#[derive(Serialize)]
struct DayDocument {
    date: String,
    cases: u64,
}

pub(in crate::command) fn document<'a>(
    replay: &'a Replay,
    plan: &'a Plan,
    summary: &'a Summary,
    warnings: &'a [String],
) -> ReplayDocument<'a> {
    ReplayDocument {
        schema: Schema::new("gonogo/replay"),
        tool: Tool::this(),
        input: Input::new(plan, summary),
        level: replay.level.get(),
        cells: labelling::documents(&replay.design),
        against: replay.against.as_deref(),
        actual: replay.actual.as_ref().map(standing),
        policies: replay
            .policies
            .iter()
            .map(|answer| policy(answer, &replay.groupings))
            .collect(),
        warnings,
    }
}

fn standing(standing: &Standing) -> StandingDocument<'_> {
    StandingDocument {
        outcome: &standing.outcome,
        review_hours: standing.review_hours,
        queue: standing.waiting.as_ref().map(queue),
    }
}

fn policy<'a>(answer: &'a Answer, groupings: &[Vec<String>]) -> PolicyDocument<'a> {
    let segments = answer.segments.iter().zip(groupings);
    PolicyDocument {
        name: &answer.policy.name,
        standing: standing(&answer.standing),
        patterns: answer.patterns.iter().map(pattern).collect(),
        rules: answer.rules.iter().map(rule).collect(),
        segments: segments
            .flat_map(|(answers, names)| in_order(answers, names))
            .collect(),
        swap: answer.swap.as_ref().map(swap),
    }
}

fn pattern(answer: &PatternAnswer) -> PatternDocument<'_> {
    PatternDocument {
        pattern: answer.pattern,
        outcome: &answer.outcome,
        afterwards: answer.afterwards.as_ref().map(afterwards),
    }
}

fn afterwards(answer: &AfterwardsAnswer) -> AfterwardsDocument {
    let limits = |limits: Option<[f64; 3]>| {
        limits.map(|[estimate, low, high]| LimitsDocument {
            estimate,
            low,
            high,
        })
    };
    AfterwardsDocument {
        reviewed: answer.reviewed,
        in_window: answer.in_window,
        corrected_errors: limits(answer.corrected),
        harmful_errors: limits(answer.harmful),
    }
}

fn rule(answer: &RuleAnswer) -> RuleDocument<'_> {
    let treatment = &answer.treatment;
    let (threshold, route) = match &treatment.routing {
        Routing::Threshold(threshold) => (Some(threshold.value()), None),
        Routing::Escalate => (None, Some("escalate")),
        Routing::Auto => (None, Some("auto")),
    };
    let after = match treatment.pattern {
        Pattern::PostAction(after) => Some(after),
        Pattern::PreAction | Pattern::ExceptionOnly => None,
    };
    RuleDocument {
        name: &answer.name,
        when: answer.when.as_deref(),
        threshold,
        route,
        pattern: treatment.pattern.key(),
        window_hours: after.map(|after| after.window.hours()),
        review_share: after.map(|after| after.share),
        outcome: &answer.outcome,
        swap: answer.swap.as_ref().map(swap),
    }
}

/// The segments of a grouping in the order of their values.
fn in_order<'a>(answers: &'a [SegmentAnswer], names: &[String]) -> Vec<SegmentDocument<'a>> {
    let mut answers: Vec<&SegmentAnswer> = answers.iter().collect();
    answers.sort_by(|a, b| a.values.cmp(&b.values));
    answers
        .into_iter()
        .map(|answer| SegmentDocument {
            segment: names.join(","),
            value: match answer.values.as_slice() {
                [None] => None,
                values => Some(group_name(values)),
            },
            values: &answer.values,
            outcome: &answer.outcome,
            actual: answer.actual.as_ref(),
            swap: answer.swap.as_ref().map(swap),
        })
        .collect()
}

fn swap(swap: &Swap) -> SwapDocument<'_> {
    SwapDocument {
        newly_auto_approved: part(&swap.newly_auto),
        newly_escalated: part(&swap.newly_escalated),
    }
}

fn part(part: &Part) -> PartDocument<'_> {
    PartDocument {
        cases: part.cases,
        observed: part.is_observed(),
        error: &part.error,
        value: part.value.as_ref(),
    }
}

fn queue(waiting: &Waiting) -> QueueDocument {
    let summary = &waiting.summary;
    QueueDocument {
        cases: summary.cases,
        wait_mean: summary.waits.mean,
        wait_p50: summary.waits.p50,
        wait_p90: summary.waits.p90,
        wait_p99: summary.waits.p99,
        wait_max: summary.waits.max,
        with_deadline: summary.with_deadline,
        late: summary.late,
        late_share: summary.late_share(),
        utilisation: summary.utilisation,
        review_hours: summary.review_hours,
        largest_backlog: summary.largest_backlog,
        smallest_team: waiting.smallest_team.map(std::num::NonZeroU32::get),
        backlog: summary
            .days
            .iter()
            .map(|day| DayDocument {
                date: day.date.to_string(),
                cases: day.backlog,
            })
            .collect(),
    }
}
