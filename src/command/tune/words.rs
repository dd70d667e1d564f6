//! The answer in sentences: what is asked, what is promised, why not, and what it does not say.

use super::Told;
use super::answer::{Answer, Choice};
use super::capacity::{Capacity, Load, Short};
use super::hearing::{Hearing, Needed, Refusal};
use super::question::{Question, Search, Weights};
use crate::command::{input, labelling};
use crate::estimate::certificate::Obstacle;
use crate::rate::Rate;
use crate::report::{count, level, percent, percent_range};

pub(super) fn title(question: &Question) -> String {
    match question.promise {
        Some(promise) => format!(
            "Tune: at most {} of the auto-approved cases wrong, confidence {}",
            percent(promise.limit()),
            level(question.confidence.get())
        ),
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
    let mut first = format!(
        "{} cases, {} labelled ({})",
        count(answer.cases),
        count(answer.labelled),
        percent(answer.labelled as f64 / answer.cases as f64)
    );
    if let Some(span) = input::span(&told.log.summary) {
        first.push_str(&format!(", {span}"));
    }
    let mut lines = vec![first];
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
                0 => format!("tests: none, for want of labels ({thresholds} thresholds)"),
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
        sentences.push(format!("It escalates {}.", load_words(told, &answer.load)));
    } else {
        sentences.push(joint(told));
        sentences.extend(refusals(told));
        sentences.push(format!(
            "By segment {} are escalated.",
            load_words(told, &answer.load)
        ));
        sentences.push(format!("All cases together, a promise of its own. {}", choice(told)));
        sentences.extend(worst(told));
    }
    if let Some(capacity) = &answer.capacity {
        sentences.extend(self::capacity(told, capacity));
    }
    if question.promise.is_some() {
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
        .filter_map(|group| Some(format!("`{}`: {}", group.name(), reason(told, &group.hearing)?)))
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
            let promise = question.promise.map_or(0.0, |promise| promise.limit());
            let trial = hearing.trial(candidate);
            format!(
                "Certified from {} on: at most {} of the auto-approved cases are wrong, with \
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
        Choice::None => match reason(told, hearing) {
            Some(reason) => format!("No threshold is certified: {reason}"),
            None => "No threshold meets the capacity.".to_owned(),
        },
    }
}

fn error_words(rate: &Rate) -> String {
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
        percent(question.promise.map_or(0.0, |promise| promise.limit()))
    )
}

fn worst(told: &Told<'_>) -> Option<String> {
    let answer = told.answer;
    let candidate = answer.choice.candidate()?;
    let (group, rate) = answer.worst()?;
    let what = match rate {
        Some((estimate, upper)) => format!(
            "estimate {}, bound {} at its part of the error probability",
            percent(estimate),
            percent(upper)
        ),
        None => "no bound can be given for it".to_owned(),
    };
    Some(format!(
        "That says nothing about a single segment: at {} the worst is `{}` ({what}).",
        answer.text(candidate),
        group.name()
    ))
}

/// Why a hearing certifies nothing, and what would decide. A sentence with its full stop.
pub(super) fn reason(told: &Told<'_>, hearing: &Hearing) -> Option<String> {
    let answer = told.answer;
    let limit = percent(hearing.promise?.limit());
    let refusal = hearing.refusal.as_ref()?;
    Some(match refusal {
        Refusal::Obstacle {
            obstacle,
            candidate,
        } => obstacle_words(hearing, *obstacle, *candidate),
        Refusal::NotInOlderLog => {
            "the older log has no labels for these cases that an order could come from.".to_owned()
        }
        Refusal::TooFewLabels {
            labels,
            least,
            lowest,
            needed,
        } => format!(
            "too few labels: they are worth {} of a plain random sample, and {} are needed even if \
             none is an error.{}",
            count(labels.floor() as u64),
            count(*least),
            needed.map_or_else(
                || lowest.map_or_else(String::new, |lowest| not_below(answer, lowest, &limit)),
                |needed| needed_words(answer, Some(needed))
            )
        ),
        Refusal::NotSure {
            candidate,
            rate,
            upper,
            needed,
        } => format!(
            "too few labels: at {} the observed error rate is {}, but the bound is {}, above {limit}.{}",
            answer.text(*candidate),
            percent(*rate),
            percent(*upper),
            needed_words(answer, *needed)
        ),
        Refusal::TooManyErrors { candidate, rate } => format!(
            "too many errors: the lowest observed error rate is {} (from {} on), not below {limit}.",
            percent(*rate),
            answer.text(*candidate)
        ),
    })
}

/// That more labels will not do where the rates are too high.
fn not_below(answer: &Answer, (candidate, rate): (usize, f64), limit: &str) -> String {
    format!(
        " The observed error rate is nowhere below {limit} either: the lowest is {} (from {} on).",
        percent(rate),
        answer.text(candidate)
    )
}

fn obstacle_words(hearing: &Hearing, obstacle: Obstacle, candidate: usize) -> String {
    match obstacle {
        Obstacle::Empty => "no case is auto-approved at any threshold.".to_owned(),
        Obstacle::Unsupported { share } => format!(
            "no labels: at every threshold a part of the auto-approved cases (at least {}) lies \
             where nobody has looked; draw an audit sample there.",
            percent(share)
        ),
        Obstacle::Varying => {
            "the label probabilities differ from row to row: such labels allow an estimate, but no \
             exact bound; draw audits with one probability."
                .to_owned()
        }
        Obstacle::Heavy { share } => format!(
            "too few labels in one part: at best a single label carries {} of all weight, and {} \
             is the most that is allowed; {}.",
            percent(share),
            percent(crate::estimate::certificate::HEAVIEST_LABEL),
            audit_advice(hearing, candidate)
        ),
    }
}

/// The share of the cases that an audit must draw for a spotless one to keep the promise.
fn audit_advice(hearing: &Hearing, candidate: usize) -> String {
    let cases = hearing.points.get(candidate).map_or(0, |point| point.auto_approved());
    let least = hearing.promise.map_or(0, |promise| promise.least_labels());
    if cases <= least {
        return format!("{} cases are too few for any audit", count(cases));
    }
    format!(
        "audit at least {} of the auto-approved cases",
        percent(least as f64 / cases as f64)
    )
}

fn needed_words(answer: &Answer, needed: Option<Needed>) -> String {
    let Some(needed) = needed else {
        return String::new();
    };
    let to = needed.to.map_or_else(
        || "on".to_owned(),
        |to| format!("to below {}", answer.text(to)),
    );
    format!(
        " About {} more labels of cases with scores from {} {to} would certify {}, if errors go on \
         as they are.",
        count(needed.labels),
        answer.text(needed.from),
        answer.text(needed.candidate)
    )
}

/// What reviewers would get.
fn load_words(told: &Told<'_>, load: &Load) -> String {
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
fn capacity(told: &Told<'_>, capacity: &Capacity) -> Vec<String> {
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
    if strictest + 1 < capacity.loads.len() {
        text.push_str(&format!(
            "; {} is already beyond it ({})",
            answer.text(strictest + 1),
            load(strictest + 1)
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

pub(super) fn limits_words(capacity: &Capacity) -> String {
    let limits = &capacity.limits;
    let mut parts = Vec::new();
    if let Some(share) = limits.escalation {
        parts.push(format!("{} of the cases", percent(share)));
    }
    if let Some(cases) = limits.per_day {
        parts.push(format!("{} a day on {} of the days", count(cases), level(limits.peak)));
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

/// What a reader must know before relying on the answer.
pub(super) fn warnings(told: &Told<'_>) -> Vec<String> {
    let log = told.log;
    let mut warnings = Vec::new();
    if told.question.promise.is_some() {
        warnings.extend(labelling::assumption(&log.design, &log.plan));
        warnings.extend(labelling::off_design(&log.design));
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
