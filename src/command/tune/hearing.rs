//! One set of cases before the court: what its labels say at every candidate threshold, which
//! thresholds were tested, which passed, and if none did why not and what would help.

use super::question::{Question, Search};
use crate::estimate::certificate::{self, Obstacle, Promise};
use crate::estimate::curve;
use crate::estimate::rates::{self, Cell};
use crate::estimate::sequence::{self, Ground, Step, Trial};
use crate::estimate::{shortfall, stratified};
use crate::rate::{Level, Rate, Threshold};
use crate::tally::{Cells, Design, Sums};

/// What a candidate threshold does to the cases.
pub(super) struct Point {
    pub(super) escalated: u64,
    /// The cells of the auto-approved cases.
    pub(super) cells: Vec<Cell>,
}

impl Point {
    pub(super) fn auto_approved(&self) -> u64 {
        let counts = self.cells.iter().map(|cell| cell.sums.counts.cases());
        counts.sum()
    }

    pub(super) fn rate(&self, level: Level) -> Rate {
        rates::error_rate(&self.cells, level)
    }
}

/// The trial of one set of cases.
pub(super) struct Hearing {
    pub(super) cases: u64,
    /// By candidate, ascending, as all lists here.
    pub(super) points: Vec<Point>,
    /// The limit with the part of the doubt that these cases may spend.
    pub(super) promise: Option<Promise>,
    pub(super) grounds: Vec<Ground>,
    pub(super) steps: Vec<Step>,
    pub(super) trials: Vec<Trial>,
    /// Why nothing is certified, where a promise was asked for.
    pub(super) refusal: Option<Refusal>,
}

/// Why no threshold is certified.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Refusal {
    /// No threshold can be tested at all; the obstacle where it is least.
    Obstacle {
        obstacle: Obstacle,
        candidate: usize,
    },
    /// The older log gives no order.
    NotInOlderLog,
    /// Even without an error there would be too few labels.
    TooFewLabels {
        labels: f64,
        least: u64,
        needed: Option<Needed>,
    },
    /// The observed rate is below the limit somewhere, but the bound is not.
    NotSure {
        candidate: usize,
        rate: f64,
        upper: f64,
        needed: Option<Needed>,
    },
    /// The observed rate is nowhere below the limit.
    TooManyErrors { candidate: usize, rate: f64 },
}

/// Labels that would decide, if errors went on as they are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Needed {
    pub(super) labels: u64,
    /// The threshold that they would certify.
    pub(super) candidate: usize,
    /// The candidates that the scores of the new labels lie between; none is the end of the scale.
    pub(super) from: usize,
    pub(super) to: Option<usize>,
}

/// The candidates of all hearings, and how they are heard.
pub(super) struct Court<'a> {
    pub(super) question: &'a Question,
    pub(super) design: &'a Design,
    /// The candidates with the lowest bin that each auto-approves.
    pub(super) cuts: &'a [(Threshold, u64)],
}

impl Court<'_> {
    /// Hears cases with a part of the doubt; `older` are the cases that the order is learned from.
    pub(super) fn hear(
        &self,
        cells: &Cells,
        older: Option<(&Cells, &Design)>,
        share: f64,
    ) -> Hearing {
        let points = self.points(cells, self.design);
        let promise = self.question.promise.map(|promise| promise.with_share(share));
        let grounds = grounds(&points);
        let steps = promise.map_or_else(Vec::new, |promise| match self.question.search {
            Search::Doubling => sequence::doubling(&grounds, promise),
            Search::List => sequence::equal(&grounds, promise),
            Search::Learned => older.map_or_else(Vec::new, |(cells, design)| {
                let known = self::grounds(&self.points(cells, design));
                sequence::learned(&known, &grounds, promise)
            }),
        });
        let trials = promise.map_or_else(Vec::new, |promise| {
            sequence::test(&steps, &grounds, promise)
        });
        let mut hearing = Hearing {
            cases: points.first().map_or(0, |point| point.escalated + point.auto_approved()),
            points,
            promise,
            grounds,
            steps,
            trials,
            refusal: None,
        };
        hearing.refusal = promise
            .filter(|_| hearing.certified().is_none())
            .map(|promise| hearing.refusal(promise, self.question.search));
        hearing
    }

    fn points(&self, cells: &Cells, design: &Design) -> Vec<Point> {
        let total: u64 = cells.values().flatten().map(|(_, sums)| cases(sums)).sum();
        let auto = curve::auto_approved(cells, design, self.cuts);
        auto.into_iter()
            .map(|cells| {
                let auto: u64 = cells.iter().map(|cell| cases(&cell.sums)).sum();
                Point {
                    escalated: total - auto,
                    cells,
                }
            })
            .collect()
    }
}

fn cases(sums: &Sums) -> u64 {
    sums.counts.cases()
}

fn grounds(points: &[Point]) -> Vec<Ground> {
    points
        .iter()
        .map(|point| certificate::strata(&point.cells))
        .collect()
}

impl Hearing {
    /// The loosest threshold that passed.
    pub(super) fn certified(&self) -> Option<&Trial> {
        sequence::loosest(&self.trials)
    }

    pub(super) fn trial(&self, candidate: usize) -> Option<&Trial> {
        self.trials.iter().find(|trial| trial.candidate == candidate)
    }

    /// The bound of a candidate at the whole doubt of this hearing: to look at, not to rely on.
    pub(super) fn bound(&self, candidate: usize) -> Option<f64> {
        let strata = self.grounds.get(candidate)?.as_ref().ok()?;
        Some(certificate::bound(strata, self.promise?.doubt()))
    }

    fn estimate(&self, candidate: usize) -> Option<f64> {
        stratified::rate(self.grounds.get(candidate)?.as_ref().ok()?)
    }

    fn refusal(&self, promise: Promise, search: Search) -> Refusal {
        if let Some(refusal) = self.obstacle() {
            return refusal;
        }
        if self.steps.is_empty() {
            return match search {
                Search::Learned => Refusal::NotInOlderLog,
                Search::Doubling | Search::List => self.too_few(promise),
            };
        }
        // Beyond the first start labels are enough for a bound that means something.
        let started: Vec<usize> = self.steps.iter().map(|step| step.candidate).collect();
        let below = |candidate: &usize| self.estimate(*candidate).map(|rate| (*candidate, rate));
        let rates: Vec<(usize, f64)> = started.iter().filter_map(below).collect();
        let Some((candidate, rate)) = rates.iter().copied().min_by(|a, b| a.1.total_cmp(&b.1))
        else {
            return Refusal::NotInOlderLog;
        };
        if rate >= promise.limit() {
            return Refusal::TooManyErrors { candidate, rate };
        }
        let needed = self.needed(&started, promise, self.start_level(promise));
        let candidate = needed.map_or(candidate, |needed| needed.candidate);
        Refusal::NotSure {
            candidate,
            rate: self.estimate(candidate).unwrap_or(rate),
            upper: self.bound(candidate).unwrap_or(1.0),
            needed,
        }
    }

    /// The obstacle, if no candidate can be tested: the one where the least is missing.
    fn obstacle(&self) -> Option<Refusal> {
        if self.grounds.iter().any(Result::is_ok) {
            return None;
        }
        let gravity = |obstacle: &Obstacle| match obstacle {
            Obstacle::Heavy { share } => *share,
            Obstacle::Unsupported { share } => 1.0 + share,
            Obstacle::Varying => 3.0,
            Obstacle::Empty => 4.0,
        };
        let obstacles = self.grounds.iter().enumerate();
        let least = obstacles
            .filter_map(|(candidate, ground)| Some((candidate, *ground.as_ref().err()?)))
            .min_by(|a, b| gravity(&a.1).total_cmp(&gravity(&b.1)))?;
        Some(Refusal::Obstacle {
            candidate: least.0,
            obstacle: least.1,
        })
    }

    fn too_few(&self, promise: Promise) -> Refusal {
        let testable: Vec<usize> = (0..self.grounds.len()).collect();
        let strata = self.grounds.iter().filter_map(|ground| ground.as_ref().ok());
        let labels = strata
            .map(|strata| certificate::equivalent_labels(strata, promise.doubt()))
            .fold(0.0, f64::max);
        Refusal::TooFewLabels {
            labels,
            least: promise.least_labels(),
            needed: self.needed(&testable, promise, promise.doubt()),
        }
    }

    /// The doubt that a start has of its own.
    fn start_level(&self, promise: Promise) -> f64 {
        let weights = self.steps.iter().map(|step| step.weight);
        let starts = weights.filter(|weight| *weight > 0.0);
        starts.fold(promise.doubt(), f64::min)
    }

    /// The fewest labels that would certify one of the candidates; among equals the loosest.
    fn needed(&self, candidates: &[usize], promise: Promise, level: f64) -> Option<Needed> {
        let wanting = candidates.iter().filter_map(|candidate| {
            let strata = self.grounds.get(*candidate)?.as_ref().ok()?;
            let found = shortfall::of(strata, level, promise.limit())?;
            Some((*candidate, found))
        });
        let (candidate, found) = wanting.min_by_key(|(candidate, found)| (found.labels, *candidate))?;
        let (from, to) = self.band(candidate, found.stratum);
        Some(Needed {
            labels: found.labels,
            candidate,
            from,
            to,
        })
    }

    /// The candidates between which the cases of a stratum of the auto-approved set lie.
    fn band(&self, candidate: usize, stratum: Option<usize>) -> (usize, Option<usize>) {
        let place = stratum.and_then(|stratum| self.cell_of(candidate, stratum));
        let Some(place) = place else {
            return (candidate, None);
        };
        let cases_from = |candidate: usize| {
            let cell = self.points.get(candidate).and_then(|p| p.cells.get(place));
            cell.map_or(0, |cell| cases(&cell.sums))
        };
        let all = cases_from(candidate);
        let stricter = candidate..self.points.len();
        let from = stricter.clone().rev().find(|other| cases_from(*other) == all);
        let to = stricter.clone().find(|other| cases_from(*other) == 0);
        (from.unwrap_or(candidate), to)
    }

    /// The place of a stratum's cell: strata are the cells with cases, in their order.
    fn cell_of(&self, candidate: usize, stratum: usize) -> Option<usize> {
        let cells = self.points.get(candidate)?.cells.iter().enumerate();
        let used = cells.filter(|(_, cell)| cases(&cell.sums) > 0);
        used.map(|(place, _)| place).nth(stratum)
    }
}
