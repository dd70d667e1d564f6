//! Outcomes of routings: rates, money and costs of the auto-approved and the escalated cases, for
//! every threshold and for what really happened.

use serde::Serialize;

use crate::estimate::cost::{Cost, Prices};
use crate::estimate::money::{self, MoneyInError};
use crate::estimate::rates;
use crate::estimate::split::{GroupCells, Split, Splits};
use crate::rate::{Grid, Level, Rate, Threshold};
use crate::tally::{Cells, Design, Scale};

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
    /// Expected cost of errors and reviews, where costs are stated.
    pub cost: Option<Cost>,
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

impl Split {
    /// Rates and money of the routing.
    fn outcome(&self, level: Level, has_value: bool) -> Outcome {
        let (auto, escalated) = (rates::cases(&self.auto), rates::cases(&self.escalated));
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
            value: has_value.then(|| money::money_in_error(&self.auto, level)),
            cost: None,
        }
    }
}

/// How the outcomes of groups are reckoned, the same for all groups.
#[derive(Clone, Copy, Debug)]
pub struct Reckoning<'a> {
    pub design: &'a Design,
    pub level: Level,
    pub has_value: bool,
    /// Present where costs are stated.
    pub prices: Option<&'a Prices>,
}

impl Reckoning<'_> {
    /// What a routing means for the cases that it splits.
    pub fn outcome(&self, splits: &Splits) -> Outcome {
        let cost = self.prices.map(|prices| prices.cost(splits, self.level));
        Outcome {
            cost,
            ..splits.cases().outcome(self.level, self.has_value)
        }
    }

    /// The outcomes of a group of cases at the thresholds, ascending, each with the lowest bin
    /// that it auto-approves.
    pub fn points(&self, group: &GroupCells<'_>, cuts: &[(Threshold, u64)]) -> Vec<Point> {
        let bins: Vec<u64> = cuts.iter().map(|(_, cut)| *cut).collect();
        let splits = group.at_cuts(self.design, &bins);
        cuts.iter()
            .zip(splits)
            .map(|((threshold, _), splits)| Point {
                threshold: threshold.clone(),
                outcome: self.outcome(&splits),
            })
            .collect()
    }

    /// What really happened: the outcome of the historical routes. `None` where none is recorded.
    pub fn actual(&self, group: &GroupCells<'_>) -> Option<Outcome> {
        let splits = group.by_history(self.design)?;
        Some(self.outcome(&splits))
    }
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
