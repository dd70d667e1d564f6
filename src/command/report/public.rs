//! What a page for anyone tells: rates of sets of ten cases and more, and nothing of labels. What it
//! does not tell is taken out of the answer before anything is put into words, tables or charts.
//! Differences between two told numbers are not looked at (docs/report.md says so).

use super::{Answer, Share};
use crate::command::input;
use crate::command::replay::answer::Replay;
use crate::command::sweep::{Curve, Sweep};
use crate::estimate::curve::{Outcome, Point};
use crate::rate::Rate;
use crate::report::{Cell, Keyed, count, level, percent, percent_range};

/// Counts below this are not told to anyone.
const FEWEST: u64 = 10;
/// Columns of figures that are told; none of them counts labels or is a share of them.
const COLUMNS: [&str; 6] = [
    "cases",
    "escalated",
    "escalation_rate",
    "auto_error",
    "cost",
    "review_hours",
];

fn is_small(count: u64) -> bool {
    (1..FEWEST).contains(&count)
}

/// Whether an outcome is one of so many cases that it may be told.
fn may_tell(outcome: &Outcome) -> bool {
    let counts = [
        outcome.cases,
        outcome.escalated,
        outcome.auto_approved,
        outcome.auto_error.labelled,
    ];
    !counts.into_iter().any(is_small)
}

/// Takes out of an answer what is not for anyone.
pub(super) fn withhold(answer: &mut Answer<'_>) {
    withhold_sweep(&mut answer.sweep);
    if let Some(replay) = &mut answer.replay {
        withhold_replay(replay);
    }
}

fn withhold_sweep(sweep: &mut Sweep) {
    withhold_curve(&mut sweep.overall);
    let has_actual = sweep.overall.actual.is_some();
    let points = &sweep.overall.points;
    // What segments are judged by where nobody knows what happened.
    let middle = points.get(points.len() / 2).map(|p| p.threshold.value());
    for segments in &mut sweep.segments {
        segments.other = None;
        for group in &mut segments.groups {
            let curve = &mut group.curve;
            if !has_actual {
                curve.actual = None;
                let is_middle = |point: &Point| Some(point.threshold.value()) == middle;
                curve.points.retain(is_middle);
            }
            withhold_curve(curve);
        }
        segments.groups.retain(|group| {
            let curve = &group.curve;
            !is_small(group.cases)
                && (curve.actual.is_some() || !has_actual && !curve.points.is_empty())
        });
    }
}

fn withhold_curve(curve: &mut Curve) {
    curve.points.retain(|point| may_tell(&point.outcome));
    curve.actual = curve.actual.take().filter(may_tell);
    let points = curve.points.iter_mut().map(|point| &mut point.outcome);
    points.chain(&mut curve.actual).for_each(conceal);
}

fn withhold_replay(replay: &mut Replay) {
    let actual = replay.actual.take();
    replay.actual = actual.filter(|standing| may_tell(&standing.outcome));
    let policies = &mut replay.policies;
    policies.retain(|policy| may_tell(&policy.standing.outcome));
    let policies = policies.iter_mut().map(|policy| &mut policy.standing);
    for standing in policies.chain(&mut replay.actual) {
        conceal(&mut standing.outcome);
    }
}

/// Where few errors were found, their number could be told from the estimate and its interval: the
/// upper limit alone is kept, and no cost, for the errors are a part of that.
fn conceal(outcome: &mut Outcome) {
    let few = is_small(outcome.auto_error.errors_found);
    let rates = [&mut outcome.auto_error, &mut outcome.escaped_errors];
    if few {
        rates.into_iter().for_each(conceal_rate);
        outcome.cost = None;
    }
}

fn conceal_rate(rate: &mut Rate) {
    let bounds = rate.bounds_interval.or(rate.bounds);
    let high = rate.high.or(bounds.map(|[_, high]| high));
    rate.bounds = high.map(|high| [0.0, high]);
    (rate.estimate, rate.low, rate.high) = (None, None, None);
    // No chart draws it: it is no limit for want of labels.
    rate.bounds_interval = None;
}

/// A table without the columns and the ties to the JSON that are not for anyone.
pub(super) fn narrowed(mut keyed: Keyed) -> Keyed {
    keyed.of.clear();
    let places = keyed.keys.iter().enumerate();
    let kept: Vec<bool> = places
        .map(|(place, key)| place == 0 || COLUMNS.contains(key))
        .collect();
    keyed.keep(&kept);
    keyed
}

/// Whether a table tells anything.
pub(super) fn is_told(keyed: &Keyed) -> bool {
    let cells = keyed.table.rows.iter().flat_map(|row| &row.cells);
    cells.into_iter().any(|cell| !matches!(cell, Cell::Text(_)))
}

/// What the numbers rest on.
pub(super) fn preface(answer: &Answer<'_>) -> Vec<String> {
    let mut parts = Vec::new();
    parts.extend(cases(answer));
    parts.extend(input::span(answer.summary));
    vec![
        parts.join(", "),
        format!("intervals: {}, two-sided", level(answer.sweep.level.get())),
    ]
}

/// How many cases there are, where there are not few.
pub(super) fn cases(answer: &Answer<'_>) -> Option<String> {
    let cases = answer.sweep.cases;
    (!is_small(cases)).then(|| format!("{} cases", count(cases)))
}

/// The answer, in sentences that tell rates only.
pub(super) fn sentences(answer: &Answer<'_>) -> Vec<String> {
    let mut sentences = Vec::new();
    let escalated = |outcome: &Outcome| percent(outcome.escalation_rate.unwrap_or(0.0));
    if let Some(actual) = &answer.sweep.overall.actual {
        sentences.push(format!(
            "In fact {} of the cases were escalated, and {}.",
            escalated(actual),
            errors(&actual.auto_error)
        ));
    }
    if let Some(replay) = answer.compared() {
        sentences.extend(replay.policies.iter().map(|policy| {
            let outcome = &policy.standing.outcome;
            format!(
                "\"{}\" would escalate {}, and {}.",
                policy.policy.name,
                escalated(outcome),
                errors(&outcome.auto_error)
            )
        }));
    } else if answer.sweep.overall.actual.is_none() {
        let points = &answer.sweep.overall.points;
        let ends = [points.first(), points.last().filter(|_| points.len() > 1)];
        sentences.extend(ends.into_iter().flatten().map(|point| {
            format!(
                "At {} {} of the cases would be escalated, and {}.",
                point.threshold.text(),
                escalated(&point.outcome),
                errors(&point.outcome.auto_error)
            )
        }));
    }
    if sentences.is_empty() {
        sentences.push("There are too few cases to tell anything of them to anyone.".to_owned());
    }
    sentences
}

fn errors(rate: &Rate) -> String {
    match (rate.estimate, rate.interval(), rate.bounds) {
        (Some(estimate), Some(interval), _) => format!(
            "of those auto-approved an estimated {} were wrong (interval {})",
            percent(estimate),
            percent_range(interval.low, interval.high)
        ),
        (_, _, Some([low, high])) => format!(
            "of those auto-approved anything from {} were wrong",
            percent_range(low, high)
        ),
        _ => "none was auto-approved".to_owned(),
    }
}

/// The warnings that hold no number.
pub(super) fn warnings(all: Vec<String>) -> Vec<String> {
    let number = all.len();
    let mut told: Vec<String> = all.into_iter().filter(|text| is_plain(text)).collect();
    if told.len() < number {
        told.push(
            "warnings that hold numbers are left out here, and stand on the page for colleagues \
             (--share team)"
                .to_owned(),
        );
    }
    told
}

/// Whether a text holds no number, and so no count.
pub(super) fn is_plain(text: &str) -> bool {
    !text.contains(char::is_numeric)
}

/// Whether a page tells everything that is summed up.
pub(super) fn is_whole(share: Share) -> bool {
    match share {
        Share::Public => false,
        Share::Team | Share::Full => true,
    }
}
