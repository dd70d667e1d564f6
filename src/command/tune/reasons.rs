//! Why nothing can be promised, and what would help, in words.

use super::Told;
use super::answer::Answer;
use super::hearing::{Hearing, Needed, Point, Refusal};
use crate::estimate::certificate::{HEAVIEST_LABEL, Obstacle, Promise};
use crate::report::{count, percent};

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
            percent(HEAVIEST_LABEL),
            audit_advice(hearing, candidate)
        ),
    }
}

/// The share of the cases that an audit must draw for a spotless one to keep the promise.
fn audit_advice(hearing: &Hearing, candidate: usize) -> String {
    let cases = hearing
        .points
        .get(candidate)
        .map_or(0, Point::auto_approved);
    let least = hearing.promise.map_or(0, Promise::least_labels);
    if cases <= least {
        let are = if cases == 1 { "case is" } else { "cases are" };
        return format!("{} {are} too few for any audit", count(cases));
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
    let left = match needed.unlabelled {
        unlabelled if unlabelled >= needed.labels => String::new(),
        0 => " This log has no unlabelled ones left: it takes more cases.".to_owned(),
        unlabelled => format!(
            " This log has only {} unlabelled ones: it takes more cases.",
            count(unlabelled)
        ),
    };
    format!(
        " About {} more labels of cases with scores from {} {to} would certify {}, if errors go on \
         as they are.{left}",
        count(needed.labels),
        answer.text(needed.from),
        answer.text(needed.candidate)
    )
}
