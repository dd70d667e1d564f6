//! One pass from the strictest threshold to the loosest: for every threshold the cells of the
//! auto-approved and of the escalated cases, and the rates that follow from them.

use serde::Serialize;

use crate::estimate::rates::{self, Cell, Labelling, MoneyInError};
use crate::log::Route;
use crate::rate::{Grid, Level, Rate, Threshold};
use crate::tally::{Basis, CellKey, Cells, Design, Scale, Sums};

/// What a routing means for a set of cases.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    pub cases: u64,
    pub escalated: u64,
    pub auto_approved: u64,
    /// Escalated / cases; known exactly. `None` for no cases.
    pub escalation_rate: Option<f64>,
    /// Wrong auto-approved / auto-approved cases.
    pub auto_error: Rate,
    /// Wrong auto-approved / all cases.
    pub escaped_errors: Rate,
    /// Wrong escalated / all wrong cases.
    pub caught_errors: Rate,
    /// Right escalated / escalated cases; `errors_found` counts the labelled right ones.
    pub needless_escalations: Rate,
    /// Money of the auto-approved cases, where a value is mapped.
    pub value: Option<MoneyInError>,
    /// Kept for the costs of a policy.
    pub cost: Option<()>,
}

/// The outcome at one threshold.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Point {
    #[serde(serialize_with = "threshold_value")]
    pub threshold: Threshold,
    #[serde(flatten)]
    pub outcome: Outcome,
}

fn threshold_value<S: serde::Serializer>(
    threshold: &Threshold,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(threshold.value())
}

/// A set of cases as one routing splits it.
#[derive(Clone, Debug, Default, PartialEq)]
struct Split {
    auto: Vec<Cell>,
    escalated: Vec<Cell>,
}

impl Split {
    fn empty(design: &Design) -> Self {
        let cell = |cell: &crate::tally::DesignCell| Cell {
            labelling: match cell.basis {
                Basis::Certain => Labelling::Certain,
                Basis::Recorded(_) | Basis::AssumedByRoute(_) => Labelling::Constant,
                Basis::Varying => Labelling::Varying,
            },
            sums: Sums::default(),
        };
        let cells: Vec<Cell> = design.cells().iter().map(cell).collect();
        Self {
            auto: cells.clone(),
            escalated: cells,
        }
    }

    fn outcome(&self, level: Level, has_value: bool) -> Outcome {
        let count = |cells: &[Cell]| {
            cells
                .iter()
                .map(|cell| cell.sums.counts.cases())
                .sum::<u64>()
        };
        let (auto, escalated) = (count(&self.auto), count(&self.escalated));
        let cases = auto + escalated;
        let auto_error = rates::error_rate(&self.auto, level);
        let escalated_error = rates::error_rate(&self.escalated, level);
        Outcome {
            cases,
            escalated,
            auto_approved: auto,
            escalation_rate: (cases > 0).then(|| escalated as f64 / cases as f64),
            escaped_errors: rates::as_share_of(&auto_error, cases),
            caught_errors: rates::caught(&self.escalated, &self.auto, level),
            needless_escalations: rates::complement(&escalated_error),
            auto_error,
            value: has_value.then(|| rates::money_in_error(&self.auto, level)),
            cost: None,
        }
    }
}

/// The outcomes of a group of cases at the thresholds, ascending, each with the lowest bin that
/// it auto-approves.
pub fn points(
    cells: &Cells,
    design: &Design,
    cuts: &[(Threshold, u64)],
    level: Level,
    has_value: bool,
) -> Vec<Point> {
    let mut splits: Vec<Split> = cuts.iter().map(|_| Split::empty(design)).collect();
    for (key, bins) in cells {
        let Some(place) = design.place(key) else {
            continue;
        };
        add_escalated(key, bins, cuts, &mut splits, place);
        if !key.pinned {
            add_auto(bins, cuts, &mut splits, place);
        }
    }
    cuts.iter()
        .zip(&splits)
        .map(|((threshold, _), split)| Point {
            threshold: threshold.clone(),
            outcome: split.outcome(level, has_value),
        })
        .collect()
}

/// The cells of the cases that each cut auto-approves, in the order of the cuts.
pub fn auto_approved(cells: &Cells, design: &Design, cuts: &[(Threshold, u64)]) -> Vec<Vec<Cell>> {
    let mut splits: Vec<Split> = cuts.iter().map(|_| Split::empty(design)).collect();
    for (key, bins) in cells.iter().filter(|(key, _)| !key.pinned) {
        if let Some(place) = design.place(key) {
            add_auto(bins, cuts, &mut splits, place);
        }
    }
    splits.into_iter().map(|split| split.auto).collect()
}

/// Adds to each split the cases that it escalates: all of a pinned cell, else those below the cut.
fn add_escalated(
    key: &CellKey,
    bins: &[(u64, Sums)],
    cuts: &[(Threshold, u64)],
    splits: &mut [Split],
    place: usize,
) {
    let mut below = Sums::default();
    let mut rest = bins.iter().peekable();
    for ((_, cut), split) in cuts.iter().zip(splits) {
        while let Some((_, sums)) = rest.next_if(|(bin, _)| key.pinned || bin < cut) {
            below += sums;
        }
        if let Some(cell) = split.escalated.get_mut(place) {
            cell.sums += &below;
        }
    }
}

/// Adds to each split the cases from the cut on.
fn add_auto(bins: &[(u64, Sums)], cuts: &[(Threshold, u64)], splits: &mut [Split], place: usize) {
    let mut above = Sums::default();
    let mut rest = bins.iter().rev().peekable();
    for ((_, cut), split) in cuts.iter().zip(splits).rev() {
        while let Some((_, sums)) = rest.next_if(|(bin, _)| bin >= cut) {
            above += sums;
        }
        if let Some(cell) = split.auto.get_mut(place) {
            cell.sums += &above;
        }
    }
}

/// What really happened: the outcome of the historical routes. `None` where none is recorded.
pub fn actual(cells: &Cells, design: &Design, level: Level, has_value: bool) -> Option<Outcome> {
    let mut split = Split::empty(design);
    for (key, bins) in cells {
        let place = design.place(key)?;
        let side = match key.route {
            Route::Auto => &mut split.auto,
            Route::Escalated => &mut split.escalated,
            Route::Unknown => return None,
        };
        if let Some(cell) = side.get_mut(place) {
            bins.iter().for_each(|(_, sums)| cell.sums += sums);
        }
    }
    Some(split.outcome(level, has_value))
}

/// The thresholds of a scale with the lowest bin that each auto-approves. On an exact scale every
/// distinct score of `cells` is a threshold.
pub fn cuts(scale: &Scale, cells: &Cells) -> Vec<(Threshold, u64)> {
    match scale {
        Scale::Grid(grid) => grid.thresholds().iter().cloned().zip(1..).collect(),
        Scale::Exact => {
            let mut scores: Vec<u64> = cells.values().flatten().map(|(bin, _)| *bin).collect();
            scores.sort_unstable();
            scores.dedup();
            let threshold = |bits: u64| Some((Threshold::at_score(f64::from_bits(bits))?, bits));
            scores.into_iter().filter_map(threshold).collect()
        }
    }
}

/// The thresholds of `wanted` among the cuts, all written with as many decimals as the one that
/// needs most.
pub fn pick(cuts: &[(Threshold, u64)], wanted: &Grid) -> Vec<(Threshold, u64)> {
    let values = wanted.values();
    let is_wanted = |threshold: &Threshold| {
        values
            .iter()
            .any(|value| value.total_cmp(&threshold.value()).is_eq())
    };
    let picked: Vec<(Threshold, u64)> = cuts
        .iter()
        .filter(|(threshold, _)| is_wanted(threshold))
        .map(|(threshold, cut)| (threshold.trimmed(), *cut))
        .collect();
    let decimals = picked
        .iter()
        .map(|(threshold, _)| threshold.decimals())
        .max()
        .unwrap_or(0);
    picked
        .into_iter()
        .map(|(threshold, cut)| (threshold.padded(decimals), cut))
        .collect()
}
