//! The answer as a chart: bounds by threshold, the limit, and what was tested.

use super::Told;
use super::hearing::{Hearing, Point};
use crate::chart::{self, Bound, Candidate, Certificate, Outcome};
use crate::estimate::certificate::Obstacle;
use crate::estimate::stratified;
use crate::rate::Threshold;
use crate::report::{count, level, percent};

/// One panel, or one a segment; `None` where nothing is to be promised.
pub(super) fn chart(told: &Told<'_>) -> Option<Certificate> {
    let (question, answer) = (told.question, told.answer);
    let promise = question.promise?;
    let panels = if answer.groups.is_empty() {
        let chosen = answer.choice.candidate();
        vec![panel(None, &answer.pooled, chosen, &answer.thresholds)]
    } else {
        let groups = answer.groups.iter().take(question.top);
        groups
            .map(|group| {
                let chosen = group.choice.candidate();
                panel(
                    Some(group.name()),
                    &group.hearing,
                    chosen,
                    &answer.thresholds,
                )
            })
            .collect()
    };
    let by = if question.by.is_empty() {
        String::new()
    } else {
        format!(" by {}", question.by.join(" x "))
    };
    Some(Certificate {
        title: format!(
            "What can be promised: at most {} wrong{by}",
            percent(promise.limit())
        ),
        subtitle: format!(
            "{} cases, {} labelled, confidence {}",
            count(answer.cases),
            count(answer.labelled),
            level(question.confidence.get())
        ),
        limit: promise.limit(),
        panels,
    })
}

fn panel(
    name: Option<String>,
    hearing: &Hearing,
    chosen: Option<usize>,
    thresholds: &[Threshold],
) -> chart::Hearing {
    // Thresholds below all scores differ in nothing: the highest of them stands for all.
    let differs = |place: usize| {
        let auto = |place: usize| hearing.points.get(place).map(Point::auto_approved);
        auto(place) != auto(place + 1)
    };
    let first = (0..thresholds.len()).find(|place| differs(*place));
    let first = first.unwrap_or(0).min(chosen.unwrap_or(usize::MAX));
    let candidates = thresholds.iter().enumerate().skip(first);
    chart::Hearing {
        name,
        candidates: candidates
            .map(|(place, threshold)| Candidate {
                threshold: threshold.value(),
                text: threshold.trimmed().text().to_owned(),
                bound: bound(hearing, place),
            })
            .collect(),
        chosen: chosen.map(|chosen| chosen - first),
    }
}

fn bound(hearing: &Hearing, candidate: usize) -> Bound {
    let known = |alone: f64| {
        let strata = hearing.grounds.get(candidate)?.as_ref().ok()?;
        let outcome = match hearing.trial(candidate) {
            Some(trial) if trial.passed => Outcome::Passed { upper: trial.upper },
            Some(trial) => Outcome::Failed { upper: trial.upper },
            None => Outcome::NotTested,
        };
        Some(Bound::Known {
            estimate: stratified::rate(strata)?.min(1.0),
            alone,
            outcome,
        })
    };
    let empty = hearing.grounds.get(candidate) == Some(&Err(Obstacle::Empty));
    let nothing = if empty {
        Bound::Empty
    } else {
        Bound::Unsupported
    };
    hearing.bound(candidate).and_then(known).unwrap_or(nothing)
}
