//! How the labels of a log came about, in words and in JSON: the same in every command.

use serde::Serialize;

use super::{CommandError, input};
use crate::config::Role;
use crate::log::{Plan, Route, Summary};
use crate::report::{count, percent};
use crate::tally::{Basis, Counts, Design, DesignCell};

/// Standard deviations by which labels may be more or fewer than their recorded probability says.
const MOST_DEVIATIONS: f64 = 5.0;

/// Refuses a log without cases.
pub(super) fn require_cases(counts: Counts, log: &str) -> Result<(), CommandError> {
    match counts.cases() {
        0 => Err(CommandError::NoCases {
            log: log.to_owned(),
        }),
        _ => Ok(()),
    }
}

/// Refuses a log without cases, and one without any label.
pub(super) fn require_labels(counts: Counts, log: &str) -> Result<(), CommandError> {
    require_cases(counts, log)?;
    match counts.labelled() {
        0 => Err(CommandError::NoLabels {
            log: log.to_owned(),
            cases: counts.cases(),
        }),
        _ => Ok(()),
    }
}

/// A cell of the design in JSON.
#[derive(Serialize)]
pub(super) struct CellDocument {
    basis: &'static str,
    /// The recorded label probability; `null` where it varies or is assumed constant.
    label_probability: Option<f64>,
    routes: Vec<&'static str>,
    cases: u64,
    labelled: u64,
    errors_found: u64,
}

/// The cells of equal label probability.
pub(super) fn documents(design: &Design) -> Vec<CellDocument> {
    design.cells().iter().map(document).collect()
}

fn document(cell: &DesignCell) -> CellDocument {
    let (basis, label_probability) = match cell.basis {
        Basis::Certain => ("certain", Some(1.0)),
        Basis::Recorded(probability) => ("recorded", Some(probability.get())),
        Basis::Varying => ("varying", None),
        Basis::AssumedByRoute(_) => ("assumed_constant_by_route", None),
    };
    CellDocument {
        basis,
        label_probability,
        routes: cell.routes.iter().map(|route| route.key()).collect(),
        cases: cell.counts.cases(),
        labelled: cell.counts.labelled(),
        errors_found: cell.counts.wrong,
    }
}

/// How many cases there are, how many of them labelled, and of what time.
pub(super) fn cases(cases: u64, labelled: u64, summary: &Summary) -> String {
    let mut text = format!(
        "{} cases, {} labelled ({})",
        count(cases),
        count(labelled),
        percent(labelled as f64 / cases as f64)
    );
    if let Some(span) = input::span(summary) {
        text.push_str(&format!(", {span}"));
    }
    text
}

/// The cells in one line.
pub(super) fn line(design: &Design) -> String {
    let cells: Vec<String> = design.cells().iter().map(cell).collect();
    format!("labels: {}", cells.join("; "))
}

/// On what grounds the cases of a cell are one.
pub(super) fn basis(cell: &DesignCell) -> String {
    let routes: Vec<&str> = cell.routes.iter().map(|route| route.key()).collect();
    let why = match cell.basis {
        Basis::Certain => "certain to be labelled".to_owned(),
        Basis::Recorded(probability) => format!("label probability {}", probability.get()),
        Basis::Varying => "probabilities differ by row".to_owned(),
        Basis::AssumedByRoute(_) => "labels assumed to be at random".to_owned(),
    };
    format!("{why} ({})", routes.join(", "))
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

/// What a reader must know of the labels before relying on estimates.
pub(super) fn warnings(design: &Design, plan: &Plan) -> Vec<String> {
    let mut warnings = Vec::new();
    warnings.extend(assumption(design, plan));
    warnings.extend(design.cells().iter().filter_map(missing));
    warnings.extend(design.cells().iter().filter_map(off_design));
    warnings
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

fn missing(cell: &DesignCell) -> Option<String> {
    if cell.basis != Basis::Certain || cell.counts.unknown == 0 {
        return None;
    }
    Some(format!(
        "{} of {} cases that were certain to be labelled have no label; they are treated as if they \
         were missing at random, and `worst_case` in JSON counts them as wrong",
        count(cell.counts.unknown),
        count(cell.counts.cases())
    ))
}

/// Labels that are far more or far fewer than the recorded probability would give.
pub(super) fn off_design(cell: &DesignCell) -> Option<String> {
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
