//! What the answer asks of reviewers and what it costs, in words.

use super::answer::Answer;
use super::capacity::{Capacity, Load, Short};
use super::expense::Expense;
use super::{Told, words};
use crate::estimate::cost::Cost;
use crate::report::{count, level, money, percent};

/// What the answer costs, what would be cheapest, and what a threshold for each case would cost.
pub(super) fn expense(told: &Told<'_>, expense: &Expense) -> Vec<String> {
    let answer = told.answer;
    let mut sentences = Vec::new();
    let cost = |candidate: usize| answer.cost(candidate).map(cost_words).unwrap_or_default();
    if let Some(chosen) = answer.choice.candidate() {
        sentences.push(format!(
            "Cost at {} for all cases: {}.",
            answer.text(chosen),
            cost(chosen)
        ));
    }
    if let (Some(cheapest), Some((first, last))) = (expense.cheapest, expense.plateau) {
        sentences.push(format!(
            "The least cost of all thresholds is at {}: {}; from {} to {} it is within one \
             standard error of that. The least of many estimates is optimistic: judge it by a \
             later log.",
            answer.text(cheapest),
            cost(cheapest),
            answer.text(first),
            answer.text(last)
        ));
    }
    if let Some(by_case) = &expense.by_case {
        let least = expense
            .cheapest
            .and_then(|cheapest| answer.cost(cheapest)?.expected);
        let is_dearer = by_case
            .cost
            .expected
            .zip(least)
            .is_some_and(|(own, least)| own > least);
        let verdict = if is_dearer {
            " That is dearer than the best threshold for all: the score is no such probability."
        } else {
            ""
        };
        sentences.push(format!(
            "A threshold for each case by its own cost (Chow's rule, if the score is the \
             probability that the AI is right): {}, {} of the cases escalated, {}; no \
             promise.{verdict}",
            cost_words(&by_case.cost),
            percent(by_case.escalated as f64 / answer.cases.max(1) as f64),
            words::error_words(&by_case.auto_error)
        ));
    }
    sentences
}

fn cost_words(cost: &Cost) -> String {
    match (cost.expected, cost.low.zip(cost.high), cost.bounds) {
        (Some(expected), Some((low, high)), _) => format!(
            "{} expected (interval {} to {})",
            money(expected),
            money(low),
            money(high)
        ),
        (_, _, Some([low, high])) => format!(
            "anything from {} to {} for want of labels",
            money(low),
            money(high)
        ),
        _ => "unknown".to_owned(),
    }
}

/// What reviewers would get.
pub(super) fn load_words(told: &Told<'_>, load: &Load) -> String {
    let daily = load.daily.map_or_else(String::new, |daily| {
        format!(
            ", {} a day in the mean and at most {} on {} of {} days",
            count(daily.mean.round() as u64),
            count(daily.peak),
            level(told.question.limits.peak),
            count(daily.days)
        )
    });
    format!(
        "{} of {} cases ({}){daily}",
        count(load.escalated),
        count(told.answer.cases),
        percent(load.rate)
    )
}

/// What reviewers can bear, and whether the answer keeps to it.
pub(super) fn capacity(told: &Told<'_>, capacity: &Capacity) -> Vec<String> {
    let answer = told.answer;
    let mut sentences = vec![bracket(answer, capacity)];
    let short = answer.load.short(&capacity.limits, capacity.cases);
    if let Some(short) = short.filter(|_| told.question.promise.is_some()) {
        sentences.push(format!(
            "Capacity is short by {}: the certificate is the stricter, and it is what the answer \
             keeps.",
            short_words(short)
        ));
    }
    sentences
}

/// The strictest threshold within the capacity, and the next one, which is beyond it.
fn bracket(answer: &Answer, capacity: &Capacity) -> String {
    let Some(strictest) = capacity.strictest() else {
        return format!(
            "Capacity: {} is exceeded at every threshold.",
            limits_words(capacity)
        );
    };
    let load = |candidate: usize| {
        let load = capacity.loads.get(candidate);
        load.map_or_else(String::new, brief)
    };
    let mut text = format!(
        "Capacity: {} is the strictest threshold within {} ({})",
        answer.text(strictest),
        limits_words(capacity),
        load(strictest)
    );
    let escalated = |candidate: usize| capacity.loads.get(candidate).map(|load| load.escalated);
    if let (Some(within), Some(beyond)) = (escalated(strictest), escalated(strictest + 1)) {
        text.push_str(&format!(
            "; {}, the next one, is already beyond it ({}): {} cases have scores between the two",
            answer.text(strictest + 1),
            load(strictest + 1),
            count(beyond - within)
        ));
    }
    text.push('.');
    text
}

fn brief(load: &Load) -> String {
    match load.daily {
        Some(daily) => format!("{} a day, {}", count(daily.peak), percent(load.rate)),
        None => percent(load.rate),
    }
}

fn limits_words(capacity: &Capacity) -> String {
    let limits = &capacity.limits;
    let mut parts = Vec::new();
    if let Some(share) = limits.escalation {
        parts.push(format!("{} of the cases", percent(share)));
    }
    if let Some(cases) = limits.per_day {
        parts.push(format!(
            "{} a day on {} of the days",
            count(cases),
            level(limits.peak)
        ));
    }
    parts.join(" and ")
}

fn short_words(short: Short) -> String {
    let mut parts = Vec::new();
    if let Some(cases) = short.per_day {
        parts.push(format!("{} a day", count(cases)));
    }
    if let Some(cases) = short.cases {
        parts.push(format!("{} cases of this log", count(cases)));
    }
    parts.join(" and ")
}
