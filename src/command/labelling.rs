//! How the labels of a log came about, in words that every command on labels shares.

use crate::config::Role;
use crate::log::{Plan, Route};
use crate::report::{count, percent};
use crate::tally::{Basis, Design, DesignCell};

/// Standard deviations by which labels may be more or fewer than their recorded probability says.
const MOST_DEVIATIONS: f64 = 5.0;

/// The cells of equal label probability in one line.
pub(super) fn line(design: &Design) -> String {
    let cells: Vec<String> = design.cells().iter().map(cell).collect();
    format!("labels: {}", cells.join("; "))
}

fn cell(cell: &DesignCell) -> String {
    let counts = &cell.counts;
    let cases = count(counts.cases());
    let labelled = format!("{} of {cases} labelled", count(counts.labelled()));
    match cell.basis {
        Basis::Certain if counts.unknown == 0 => format!("all of {cases} cases"),
        Basis::Certain => format!("certain for {cases} cases, but {labelled}"),
        Basis::Recorded(probability) => {
            format!("probability {} ({labelled})", probability.get())
        }
        Basis::Varying => format!("probabilities differ by row ({labelled})"),
        Basis::AssumedByRoute(Route::Unknown) => format!("assumed at random ({labelled})"),
        Basis::AssumedByRoute(route) => {
            format!(
                "assumed at random among {} cases ({labelled})",
                route_name(route)
            )
        }
    }
}

fn route_name(route: Route) -> &'static str {
    match route {
        Route::Auto => "auto-approved",
        Route::Escalated => "escalated",
        Route::Unknown => "all",
    }
}

/// What is taken for granted where no probability is recorded.
pub(super) fn assumption(design: &Design, plan: &Plan) -> Option<String> {
    let assumed = design
        .cells()
        .iter()
        .any(|cell| matches!(cell.basis, Basis::AssumedByRoute(_)) && cell.counts.labelled() > 0);
    if !assumed {
        return None;
    }
    let why = if plan.has(Role::LabelProbability) {
        "`label_probability` is missing on a part of the rows"
    } else {
        "no `label_probability` is mapped"
    };
    let within = if plan.has(Role::Escalated) {
        "each historical route"
    } else {
        "the whole log"
    };
    Some(format!(
        "assumption: {why}, so within {within} the labelled cases are taken as a random part of all; \
         if they were picked for a reason, the estimates are off"
    ))
}

/// Labels that are far more or far fewer than the recorded probability would give.
pub(super) fn off_design(design: &Design) -> impl Iterator<Item = String> {
    design.cells().iter().filter_map(off)
}

fn off(cell: &DesignCell) -> Option<String> {
    let Basis::Recorded(probability) = cell.basis else {
        return None;
    };
    let (cases, p) = (cell.counts.cases() as f64, probability.get());
    let labelled = cell.counts.labelled() as f64;
    let deviation = (cases * p * (1.0 - p)).sqrt();
    if (labelled - cases * p).abs() <= MOST_DEVIATIONS * deviation {
        return None;
    }
    Some(format!(
        "the log records label probability {p} for {} cases, but {} of them are labelled: is the \
         column what it is mapped as?",
        count(cell.counts.cases()),
        percent(labelled / cases)
    ))
}
