//! A replay in sentences: what it rests on, what it means, and what a reader must be warned of.

use super::answer::{Answer, Replay};
use super::swap::Part;
use crate::command::outcome::{error_words, no_total};
use crate::command::{input, labelling, quoted};
use crate::log::{Plan, Summary};
use crate::report::{count, level, money, percent, percent_range};

/// What the numbers rest on.
pub(in crate::command) fn preface(replay: &Replay, summary: &Summary) -> Vec<String> {
    let mut lines = vec![labelling::cases(replay.cases, replay.labelled, summary)];
    lines.extend(input::set_aside(summary));
    lines.push(labelling::line(&replay.design));
    lines.push(format!(
        "intervals: {}, two-sided",
        level(replay.level.get())
    ));
    lines
}

/// What each policy means, in a sentence or two.
pub(in crate::command) fn sentences(replay: &Replay) -> Vec<String> {
    let mut sentences = Vec::new();
    if let Some(actual) = &replay.actual {
        let outcome = &actual.outcome;
        sentences.push(format!(
            "In fact {} of {} cases ({}) were escalated, and {}.",
            count(outcome.escalated),
            count(outcome.cases),
            percent(outcome.escalation_rate.unwrap_or(0.0)),
            error_words("of those auto-approved", &outcome.auto_error)
        ));
    }
    for answer in &replay.policies {
        sentences.push(whole(replay, answer));
        sentences.extend(moved(replay, answer));
    }
    sentences.extend(team(replay));
    sentences
}

fn whole(replay: &Replay, answer: &Answer) -> String {
    let outcome = &answer.standing.outcome;
    let actual = replay.actual.as_ref().map(|actual| &actual.outcome);
    let than = actual.map(|actual| {
        let (now, then) = (outcome.escalated, actual.escalated);
        match now.cmp(&then) {
            std::cmp::Ordering::Less => format!(", {} fewer than in fact", count(then - now)),
            std::cmp::Ordering::Greater => format!(", {} more than in fact", count(now - then)),
            std::cmp::Ordering::Equal => ", as many as in fact".to_owned(),
        }
    });
    let cost = outcome.cost.as_ref().and_then(|cost| {
        let (expected, low, high) = (cost.expected?, cost.low?, cost.high?);
        Some(format!(
            " It would cost {} (interval {} to {}).",
            money(expected),
            money(low),
            money(high)
        ))
    });
    format!(
        "\"{}\" would escalate {} cases ({}){}, and {}.{}",
        answer.policy.name,
        count(outcome.escalated),
        percent(outcome.escalation_rate.unwrap_or(0.0)),
        than.unwrap_or_default(),
        error_words("of those auto-approved", &outcome.auto_error),
        cost.unwrap_or_default()
    )
}

/// Who moves, and how sure that is.
fn moved(replay: &Replay, answer: &Answer) -> Option<String> {
    let swap = answer.swap.as_ref()?;
    if replay.against.as_ref() == Some(&answer.policy.name) {
        return None;
    }
    let parts: Vec<String> = [
        ("newly auto-approved", &swap.newly_auto),
        ("newly escalated", &swap.newly_escalated),
    ]
    .into_iter()
    .filter(|(_, part)| part.cases > 0)
    .map(|(change, part)| part_words(change, part))
    .collect();
    if parts.is_empty() {
        return Some(format!("\"{}\" moves no case.", answer.policy.name));
    }
    let mut text = parts.join("; ");
    if let Some(first) = text.get(..1).map(str::to_uppercase) {
        text.replace_range(..1, &first);
    }
    Some(format!("{text}."))
}

fn part_words(change: &str, part: &Part) -> String {
    let error = &part.error;
    let cases = count(part.cases);
    if part.is_observed() {
        let share = error.errors_found as f64 / error.cases as f64;
        return format!(
            "{change}: {cases} cases, all labelled, {} of them wrong ({}, counted and not estimated)",
            count(error.errors_found),
            percent(share)
        );
    }
    match (error.estimate, error.interval(), error.bounds) {
        (Some(estimate), Some(interval), _) => format!(
            "{change}: {cases} cases, an estimated {} of them wrong (interval {}, {} labels)",
            percent(estimate),
            percent_range(interval.low, interval.high),
            count(error.labelled)
        ),
        (_, _, Some([low, high])) => format!(
            "{change}: {cases} cases, of which anything from {} may be wrong, for lack of labels",
            percent_range(low, high)
        ),
        _ => format!("{change}: {cases} cases"),
    }
}

/// What the reviewers can do.
fn team(replay: &Replay) -> Option<String> {
    let reviewers = replay.reviewers?;
    let late = replay.policies.iter().filter_map(|answer| {
        let waiting = answer.standing.waiting.as_ref()?;
        let share = waiting.summary.late_share()?;
        let team = waiting.smallest_team;
        let needed = team.map_or_else(
            || "no team of any size meets the deadline".to_owned(),
            |team| format!("{} would be enough", count(u64::from(team.get()))),
        );
        Some(format!(
            "under \"{}\" {} of the cases miss their deadline, and {needed}",
            answer.policy.name,
            percent(share)
        ))
    });
    let late: Vec<String> = late.collect();
    (!late.is_empty()).then(|| format!("With {reviewers} reviewers {}.", late.join("; ")))
}

/// What a reader must know before relying on the numbers.
pub(in crate::command) fn warnings(replay: &Replay, plan: &Plan) -> Vec<String> {
    let mut warnings = replay.doubts.clone();
    warnings.extend(replay.assumptions.clone());
    let first = replay.policies.first();
    warnings.extend(first.and_then(|answer| no_total(&answer.standing.outcome)));
    let unsupported: Vec<&str> = replay
        .policies
        .iter()
        .filter(|answer| answer.standing.outcome.auto_error.bounds.is_some())
        .map(|answer| answer.policy.name.as_str())
        .collect();
    if !unsupported.is_empty() {
        warnings.push(format!(
            "under {} a part of the auto-approved cases has no labels at all: only worst-case \
             limits are given",
            quoted(&unsupported)
        ));
    }
    let misled: Vec<&str> = replay
        .policies
        .iter()
        .filter(|answer| answer.standing.outcome.auto_error.labelled_only_misleads())
        .map(|answer| answer.policy.name.as_str())
        .collect();
    if !misled.is_empty() {
        warnings.push(format!(
            "under {} the rate among labelled rows alone lies outside the interval: labels exist \
             mainly where a human looked, so that number misleads",
            quoted(&misled)
        ));
    }
    warnings.extend(labelling::warnings(&replay.design, plan));
    warnings
}
