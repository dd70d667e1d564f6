//! A sweep in sentences: what it rests on, what it means, and what a reader must be warned of.

use super::{Curve, Group, Segments, Sweep};
use crate::command::outcome::{error_words, no_total};
use crate::command::{input, labelling};
use crate::config::Role;
use crate::estimate::curve::{Outcome, Point};
use crate::log::{Plan, Summary};
use crate::rate::Rate;
use crate::report::{count, level, percent};

/// What the numbers rest on.
pub(in crate::command) fn preface(sweep: &Sweep, summary: &Summary) -> Vec<String> {
    let first = labelling::cases(sweep.cases, sweep.labelled, summary);
    let mut lines = vec![first];
    lines.extend(input::set_aside(summary));
    lines.push(labelling::line(&sweep.design));
    if let Some(history) = &sweep.history {
        let agreement = if history.is_exact() {
            "exactly".to_owned()
        } else {
            format!(
                "in {} of the cases",
                percent(history.agreeing as f64 / history.cases as f64)
            )
        };
        lines.push(format!(
            "historical routes follow the threshold {} {agreement} (marked <)",
            history.threshold.text()
        ));
    }
    lines.push(format!(
        "intervals: {}, two-sided",
        level(sweep.level.get())
    ));
    lines
}

/// Two or three sentences that say what the table means.
pub(in crate::command) fn sentences(sweep: &Sweep) -> Vec<String> {
    let mut sentences = Vec::new();
    let Curve { points, actual } = &sweep.overall;
    if let Some(actual) = actual {
        sentences.push(format!(
            "In fact {} of {} cases ({}) were escalated, and {}.",
            count(actual.escalated),
            count(actual.cases),
            percent(actual.escalation_rate.unwrap_or(0.0)),
            error_words("of those auto-approved", &actual.auto_error)
        ));
        if let Some(looser) = looser(points, actual) {
            sentences.push(compared(looser, actual));
        }
    } else if let (Some(first), Some(last)) = (points.first(), points.last()) {
        sentences.push(alone(first));
        if points.len() > 1 {
            sentences.push(alone(last));
        }
    }
    sentences.extend(
        sweep
            .segments
            .iter()
            .filter_map(|segments| outlier(sweep, segments)),
    );
    sentences
}

fn alone(point: &Point) -> String {
    format!(
        "At {} {} of the cases would be escalated, and {}.",
        point.threshold.text(),
        percent(point.outcome.escalation_rate.unwrap_or(0.0)),
        error_words("of those auto-approved", &point.outcome.auto_error)
    )
}

/// The strictest threshold that escalates visibly less than what happened.
fn looser<'a>(points: &'a [Point], actual: &Outcome) -> Option<&'a Point> {
    points
        .iter()
        .rev()
        .find(|point| point.outcome.escalated < actual.escalated)
}

fn compared(point: &Point, actual: &Outcome) -> String {
    let outcome = &point.outcome;
    let fewer = actual.escalated - outcome.escalated;
    let mut sentence = format!(
        "At {} it would have been {} fewer ({}), and {}",
        point.threshold.text(),
        count(fewer),
        percent(outcome.escalation_rate.unwrap_or(0.0)),
        error_words("of the auto-approved", &outcome.auto_error)
    );
    let escaped = |outcome: &Outcome| {
        let share = outcome.escaped_errors.estimate?;
        Some(share * outcome.cases as f64)
    };
    if let (Some(now), Some(then)) = (escaped(outcome), escaped(actual)) {
        let more = now - then;
        let direction = if more < 0.0 { "fewer" } else { "more" };
        sentence.push_str(&format!(
            ": about {} {direction} wrong cases would have gone out unseen",
            count(more.abs().round() as u64)
        ));
    }
    sentence.push('.');
    sentence
}

/// The segment that is worse than the whole even when all segments are judged together, at the
/// historical routes or else at the middle threshold.
fn outlier(sweep: &Sweep, segments: &Segments) -> Option<String> {
    let overall = judged(&sweep.overall)?.auto_error.estimate?;
    let tested = segments.groups.len();
    let low = |group: &Group| {
        let rate = &judged(&group.curve)?.auto_error;
        joint_low(rate, sweep.level.get(), tested)
    };
    let worse = segments
        .groups
        .iter()
        .filter(|group| low(group).is_some_and(|low| low > overall));
    let worst = worse.max_by(|a, b| {
        let rate = |group: &Group| judged(&group.curve).and_then(|o| o.auto_error.estimate);
        rate(a).unwrap_or(0.0).total_cmp(&rate(b).unwrap_or(0.0))
    })?;
    let rate = &judged(&worst.curve)?.auto_error;
    Some(format!(
        "{} `{}` stands out: {}, against {} overall (worse even when all {tested} segments are \
         compared at once).",
        segments.names.join(" x "),
        worst.name(),
        error_words("of its auto-approved cases", rate),
        percent(overall)
    ))
}

fn judged(curve: &Curve) -> Option<&Outcome> {
    let middle = curve
        .points
        .get(curve.points.len() / 2)
        .map(|point| &point.outcome);
    curve.actual.as_ref().or(middle)
}

/// The lower limit that holds for all segments at once (Bonferroni), where the exact binomial
/// limit applies; a segment with several cells is not singled out.
fn joint_low(rate: &Rate, level: f64, tested: usize) -> Option<f64> {
    rate.estimate?;
    if rate.method != Some(crate::rate::Method::ClopperPearson) {
        return None;
    }
    let tail = (1.0 - level) / 2.0 / tested.max(1) as f64;
    Some(crate::estimate::binomial::lower(
        rate.errors_found,
        rate.labelled,
        tail,
    ))
}

/// What a reader must know before relying on the numbers.
pub(in crate::command) fn warnings(sweep: &Sweep, plan: &Plan) -> Vec<String> {
    let mut warnings = Vec::new();
    warnings.extend(misleading(&sweep.overall.points));
    warnings.extend(unsupported(&sweep.overall.points));
    let first = sweep.overall.points.first();
    warnings.extend(first.and_then(|point| no_total(&point.outcome)));
    warnings.extend(labelling::warnings(&sweep.design, plan));
    warnings.extend(not_a_threshold(sweep, plan));
    warnings.extend(coarse(sweep));
    warnings
}

fn misleading(points: &[Point]) -> Option<String> {
    let misled: Vec<&Point> = points
        .iter()
        .filter(|point| point.outcome.auto_error.labelled_only_misleads())
        .collect();
    let distance = |point: &&&Point| {
        let rate = &point.outcome.auto_error;
        (rate.labelled_only.unwrap_or(0.0) - rate.estimate.unwrap_or(0.0)).abs()
    };
    let worst = misled
        .iter()
        .max_by(|a, b| distance(a).total_cmp(&distance(b)))?;
    let rate = &worst.outcome.auto_error;
    Some(format!(
        "at {} of {} thresholds the rate among labelled rows alone is outside the interval (at {} \
         it is {} instead of {}): labels exist mainly where a human looked, so that number misleads",
        misled.len(),
        points.len(),
        worst.threshold.text(),
        percent(rate.labelled_only?),
        percent(rate.estimate?)
    ))
}

fn unsupported(points: &[Point]) -> Option<String> {
    let is_unsupported = |point: &&Point| point.outcome.auto_error.bounds.is_some();
    let first = points.iter().find(is_unsupported)?;
    let number = points.iter().filter(is_unsupported).count();
    Some(format!(
        "at {number} of {} thresholds (from {} on) a part of the auto-approved cases has no labels \
         at all: only worst-case limits are given there",
        points.len(),
        first.threshold.text()
    ))
}

fn not_a_threshold(sweep: &Sweep, plan: &Plan) -> Option<String> {
    if !plan.has(Role::Escalated) {
        return None;
    }
    match &sweep.history {
        Some(history) if history.is_exact() => None,
        Some(history) => Some(format!(
            "the historical route is not a threshold on the score: {} of {} cases were routed against \
             {}; estimates use the recorded routes and probabilities",
            count(history.cases - history.agreeing),
            count(history.cases),
            history.threshold.text()
        )),
        None => Some(
            "the historical route follows no threshold on the score; estimates use the recorded \
             routes and probabilities"
                .to_owned(),
        ),
    }
}

/// A grid that nobody chose may be too coarse for scores that crowd at one end.
fn coarse(sweep: &Sweep) -> Option<String> {
    if sweep.chosen || sweep.exact {
        return None;
    }
    let strictest = sweep.overall.points.last()?;
    let rate = strictest.outcome.escalation_rate?;
    (rate < 0.5).then(|| {
        format!(
            "{} of the scores lie at {} or above: name finer --thresholds or use --exact",
            percent(1.0 - rate),
            strictest.threshold.text()
        )
    })
}
