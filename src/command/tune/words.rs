//! The answer in sentences: what is asked, what is promised, why not, and what it does not say.

use super::answer::{Answer, Choice};
use super::hearing::Hearing;
use super::question::{Question, Search, Weights};
use super::{Told, burden, reasons};
use crate::command::{input, labelling};
use crate::estimate::certificate::Promise;
use crate::rate::Rate;
use crate::report::{count, level, percent, percent_range};

pub(super) fn title(question: &Question) -> String {
    match question.promise {
        Some(promise) => format!(
            "Tune: at most {} of the auto-approved cases wrong, confidence {}",
            percent(promise.limit()),
            level(question.confidence.get())
        ),
        None if question.min_cost => "Tune: the least cost".to_owned(),
        None => "Tune: what reviewers can bear".to_owned(),
    }
}

/// The name of the policy that the answer is.
pub(super) fn policy_name(told: &Told<'_>) -> String {
    let question = told.question;
    let mut parts = Vec::new();
    if let Some(promise) = question.promise {
        parts.push(format!(
            "at most {} wrong, confidence {}",
            percent(promise.limit()),
            level(question.confidence.get())
        ));
    }
    if let Some(share) = question.limits.escalation {
        parts.push(format!("at most {} escalated", percent(share)));
    }
    if let Some(cases) = question.limits.per_day {
        parts.push(format!("at most {} a day", count(cases)));
    }
    if question.min_cost {
        parts.push("least cost".to_owned());
    }
    if !question.by.is_empty() {
        parts.push(format!("by {}", question.by.join(", ")));
    }
    format!("tuned: {}", parts.join(", "))
}

/// The confidence of a hearing's own promise.
pub(super) fn confidence(hearing: &Hearing) -> Option<f64> {
    hearing.promise.map(|promise| 1.0 - promise.doubt())
}

/// What the answer rests on.
pub(super) fn preface(told: &Told<'_>) -> Vec<String> {
    let (question, answer) = (told.question, told.answer);
    let mut lines = vec![labelling::cases(
        answer.cases,
        answer.labelled,
        &told.log.summary,
    )];
    lines.extend(input::set_aside(&told.log.summary));
    lines.push(labelling::line(&told.log.design));
    if question.promise.is_some() {
        lines.push(search(question, answer));
    }
    if !question.by.is_empty() {
        lines.push(sharing(question, answer));
    }
    lines
}

fn search(question: &Question, answer: &Answer) -> String {
    let thresholds = count(answer.thresholds.len() as u64);
    match question.search {
        Search::Doubling => {
            let starts = answer.pooled.steps.iter();
            let starts = starts.filter(|step| step.weight > 0.0).count();
            match starts {
                0 => format!("tests: none of {thresholds} thresholds can be tested"),
                1 => format!("tests: {thresholds} thresholds from strict to loose, 1 start"),
                _ => format!(
                    "tests: {thresholds} thresholds from strict to loose, {starts} starts, where \
                     the labels double"
                ),
            }
        }
        Search::List => format!("tests: {thresholds} candidates from strict to loose"),
        Search::Learned => format!("tests: {thresholds} thresholds in the order of the older log"),
    }
}

fn sharing(question: &Question, answer: &Answer) -> String {
    let groups = count(answer.groups.len() as u64);
    let how = match question.weights {
        Weights::Equal => "in equal parts",
        Weights::Volume => "by their cases",
    };
    format!(
        "joint promise over {groups} segments: the error probability of {} is shared out {how}",
        percent(1.0 - question.confidence.get())
    )
}

/// What the tables mean.
pub(super) fn sentences(told: &Told<'_>) -> Vec<String> {
    let (question, answer) = (told.question, told.answer);
    let mut sentences = Vec::new();
    if question.by.is_empty() {
        sentences.push(choice(told));
        let how = match answer.choice {
            Choice::None => "Without a threshold everything is escalated:",
            Choice::Certified(_) | Choice::Uncertified(_) | Choice::Inherited(_) => "It escalates",
        };
        let load = burden::load_words(told, &answer.load);
        sentences.push(format!("{how} {load}."));
    } else {
        sentences.push(joint(told));
        sentences.extend(refusals(told));
        sentences.push(format!(
            "By segment {} are escalated.",
            burden::load_words(told, &answer.load)
        ));
        sentences.push(format!(
            "All cases together, a promise of its own. {}",
            choice(told)
        ));
        sentences.extend(worst(told));
    }
    if let Some(expense) = &answer.expense {
        sentences.extend(burden::expense(told, expense));
    }
    if let Some(capacity) = &answer.capacity {
        sentences.extend(burden::capacity(told, capacity));
    }
    let choices = answer.groups.iter().map(|group| group.choice);
    let mut choices = choices.chain([answer.choice]);
    if choices.any(|choice| matches!(choice, Choice::Certified(_))) {
        sentences.push(
            "The promise is about cases like those of this log: where kinds of cases, the model or \
             the way of scoring change, it says nothing."
                .to_owned(),
        );
    }
    sentences
}

/// Why the largest segments that are not certified are not.
fn refusals(told: &Told<'_>) -> Vec<String> {
    let groups = told.answer.groups.iter().take(told.question.top);
    groups
        .filter_map(|group| {
            Some(format!(
                "`{}`: {}",
                group.name(),
                reasons::reason(told, &group.hearing)?
            ))
        })
        .collect()
}

/// The threshold of all cases, or why there is none.
fn choice(told: &Told<'_>) -> String {
    let (question, answer) = (told.question, told.answer);
    let hearing = &answer.pooled;
    let rate = |candidate: usize| {
        let point = hearing.points.get(candidate);
        point.map(|point| error_words(&point.rate(question.confidence)))
    };
    match answer.choice {
        Choice::Certified(candidate) => {
            let promise = question.promise.map_or(0.0, Promise::limit);
            let trial = hearing.trial(candidate);
            let cheapest = if question.min_cost {
                ", the cheapest of the certified thresholds"
            } else {
                ""
            };
            format!(
                "Certified from {} on{cheapest}: at most {} of the auto-approved cases are wrong, with \
                 confidence {} ({}; bound {} at the error probability of its test).",
                answer.text(candidate),
                percent(promise),
                level(question.confidence.get()),
                rate(candidate).unwrap_or_default(),
                percent(trial.map_or(1.0, |trial| trial.upper))
            )
        }
        Choice::Uncertified(candidate) | Choice::Inherited(candidate) => format!(
            "Threshold {}, without a promise: {}.",
            answer.text(candidate),
            rate(candidate).unwrap_or_default()
        ),
        Choice::None => match reasons::reason(told, hearing) {
            Some(reason) => format!("No threshold is certified: {reason}"),
            None if question.min_cost => {
                "No threshold can be chosen: its cost cannot be estimated.".to_owned()
            }
            None => "No threshold meets the capacity.".to_owned(),
        },
    }
}

pub(super) fn error_words(rate: &Rate) -> String {
    match (rate.estimate, rate.interval(), rate.bounds) {
        (Some(estimate), Some(interval), _) => format!(
            "estimate {}, interval {}, {} labels",
            percent(estimate),
            percent_range(interval.low, interval.high),
            count(rate.labelled)
        ),
        (_, _, Some([low, high])) => format!(
            "without labels for a part, anything from {} wrong",
            percent_range(low, high)
        ),
        _ => "nothing is auto-approved".to_owned(),
    }
}

fn joint(told: &Told<'_>) -> String {
    let (question, answer) = (told.question, told.answer);
    let certified = answer.groups.iter();
    let certified = certified.filter(|group| matches!(group.choice, Choice::Certified(_)));
    let (certified, all) = (certified.count(), answer.groups.len());
    let rest = if certified == all {
        String::new()
    } else if question.inherit && answer.choice.candidate().is_some() {
        "; the others get the threshold of all cases WITHOUT a promise".to_owned()
    } else {
        "; the others are escalated whole".to_owned()
    };
    format!(
        "{certified} of {all} segments are certified{rest}. With confidence {} every certified \
         threshold keeps its segment at or below {}, all of them at once.",
        level(question.confidence.get()),
        percent(question.promise.map_or(0.0, Promise::limit))
    )
}

fn worst(told: &Told<'_>) -> Option<String> {
    let answer = told.answer;
    let candidate = answer.choice.candidate()?;
    let (worst, without) = answer.worst()?;
    let mut parts = Vec::new();
    parts.extend(worst.map(|worst| {
        format!(
            "at {} the worst is `{}` (estimate {}, bound {} at its part of the error probability)",
            answer.text(candidate),
            worst.group.name(),
            percent(worst.estimate),
            percent(worst.upper)
        )
    }));
    match without {
        0 => {}
        1 => parts.push("for one segment no bound can be given there".to_owned()),
        _ => parts.push(format!(
            "for {without} segments no bound can be given there"
        )),
    }
    Some(format!(
        "That says nothing about a single segment: {}.",
        parts.join("; ")
    ))
}

/// What a reader must know before relying on the answer.
pub(super) fn warnings(told: &Told<'_>) -> Vec<String> {
    let log = told.log;
    let mut warnings = Vec::new();
    if told.question.promise.is_some() || told.question.min_cost {
        warnings.extend(labelling::assumption(&log.design, &log.plan));
        warnings.extend(log.design.cells().iter().filter_map(labelling::off_design));
    }
    if told.question.promise.is_some() {
        warnings.extend(missing(told));
        warnings.extend(overlap(told));
    }
    warnings
}

fn missing(told: &Told<'_>) -> Option<String> {
    let cells = told.log.design.cells().iter();
    let certain = cells.filter(|cell| cell.basis == crate::tally::Basis::Certain);
    let missing: u64 = certain.map(|cell| cell.counts.unknown).sum();
    (missing > 0).then(|| {
        format!(
            "{} cases were certain to be labelled and have no label: the certificate counts them \
             as wrong",
            count(missing)
        )
    })
}

/// Cases in both logs would be tested on labels that chose the order.
fn overlap(told: &Told<'_>) -> Option<String> {
    let (_, last) = told.older?.summary.time?;
    let (first, _) = told.log.summary.time?;
    (last >= first).then(|| {
        "the older log ends after this one begins: a case that is in both would break the promise"
            .to_owned()
    })
}
