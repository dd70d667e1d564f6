//! One set of cases before the court: what its labels say at every candidate threshold, which
//! thresholds were tested, which passed, and if none did why not and what would help.

use super::question::{Question, Search};
use crate::estimate::certificate::{self, Obstacle, Promise};
use crate::estimate::cost::{Cost, Prices};
use crate::estimate::rates::{self, Cell, Labelling};
use crate::estimate::sequence::{self, Ground, Step, Trial};
use crate::estimate::shortfall::{self, Shortfall};
use crate::estimate::split::{GroupCells, Splits};
use crate::rate::{Level, Rate};
use crate::tally::Design;

/// What a candidate threshold does to the cases.
pub(super) struct Point {
    pub(super) escalated: u64,
    /// The cells of the auto-approved cases.
    pub(super) cells: Vec<Cell>,
    /// Where costs are stated.
    pub(super) cost: Option<Cost>,
}

impl Point {
    pub(super) fn auto_approved(&self) -> u64 {
        rates::cases(&self.cells)
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
        /// The lowest observed error rate and where it is.
        lowest: Option<(usize, f64)>,
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
    /// Cases of this log there that nobody has looked at.
    pub(super) unlabelled: u64,
}

/// The candidates of all hearings, and how they are heard.
pub(super) struct Court<'a> {
    pub(super) question: &'a Question,
    pub(super) design: &'a Design,
    /// The lowest bins that the candidates auto-approve.
    pub(super) cuts: &'a [u64],
    pub(super) prices: Option<&'a Prices>,
}

impl Court<'_> {
    /// Hears cases with a part of the doubt; `older` are the cases that the order is learned from.
    pub(super) fn hear(
        &self,
        group: &GroupCells<'_>,
        older: Option<(&GroupCells<'_>, &Design)>,
        share: f64,
    ) -> Hearing {
        let splits = group.at_cuts(self.design, self.cuts);
        let points: Vec<Point> = splits.iter().map(|splits| self.point(splits)).collect();
        let promise = self
            .question
            .promise
            .map(|promise| promise.with_share(share));
        let grounds = grounds(&points, self.design);
        let steps = promise.map_or_else(Vec::new, |promise| match self.question.search {
            Search::Doubling => sequence::doubling(&grounds, promise),
            Search::List => sequence::equal(&grounds, promise),
            Search::Learned => older.map_or_else(Vec::new, |(group, design)| {
                let splits = group.at_cuts(design, self.cuts);
                let points: Vec<Point> = splits.iter().map(|splits| self.point(splits)).collect();
                let known = self::grounds(&points, design);
                sequence::learned(&known, &grounds, promise)
            }),
        });
        let trials = promise.map_or_else(Vec::new, |promise| {
            sequence::test(&steps, &grounds, promise)
        });
        let mut hearing = Hearing {
            cases: points
                .first()
                .map_or(0, |point| point.escalated + point.auto_approved()),
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

    fn point(&self, splits: &Splits) -> Point {
        let split = splits.cases();
        let level = self.question.confidence;
        Point {
            escalated: rates::cases(&split.escalated),
            cells: split.auto,
            cost: self.prices.map(|prices| prices.cost(splits, level)),
        }
    }
}

/// What each candidate offers to a test. A threshold whose cases lie in part where nobody has
/// looked offers nothing, and so do all looser ones.
fn grounds(points: &[Point], design: &Design) -> Vec<Ground> {
    let gaps: Vec<(usize, u64)> = (0..design.cells().len())
        .filter_map(|place| gap(points, design, place))
        .collect();
    let ground = |(candidate, point): (usize, &Point)| {
        let lost = gaps.iter().filter(|(from, _)| candidate <= *from);
        let lost: u64 = lost.map(|(_, cases)| cases).sum();
        if lost > 0 {
            let share = lost as f64 / point.auto_approved().max(1) as f64;
            return Err(Obstacle::Unsupported { share });
        }
        certificate::strata(&point.cells)
    };
    points.iter().enumerate().map(ground).collect()
}

/// The first stretch of scores in which a sampled cell was not sampled: the candidate from which
/// on it is approved, and its cases.
fn gap(points: &[Point], design: &Design, place: usize) -> Option<(usize, u64)> {
    let whole = design.cells().get(place)?.counts;
    let counts = |point: &Point| {
        let cell = point.cells.get(place);
        let cell = cell.filter(|cell| cell.labelling == Labelling::Constant);
        cell.map_or((0, 0), |cell| {
            (cell.sums.counts.cases(), cell.sums.counts.labelled())
        })
    };
    let mut before = (0, 0);
    let bands = points.iter().rev().map(|point| {
        let now = counts(point);
        let band = (now.0 - before.0, now.1 - before.1);
        before = now;
        band
    });
    let share = whole.labelled() as f64 / whole.cases().max(1) as f64;
    let (from_top, cases) = certificate::gap(bands, share)?;
    Some((points.len() - 1 - from_top, cases))
}

impl Hearing {
    /// The loosest threshold that passed. Of several that approve the same cases of this log it is
    /// the strictest: nothing is known of scores lower than any that were seen.
    pub(super) fn certified(&self) -> Option<&Trial> {
        let mut found = sequence::loosest(&self.trials)?;
        let auto = |trial: &Trial| self.points.get(trial.candidate).map(Point::auto_approved);
        while let Some(next) = self.trial(found.candidate + 1)
            && next.passed
            && auto(next) == auto(found)
        {
            found = next;
        }
        Some(found)
    }

    /// All thresholds that passed, ascending.
    pub(super) fn all_certified(&self) -> Vec<usize> {
        let passed = self.trials.iter().filter(|trial| trial.passed);
        let mut passed: Vec<usize> = passed.map(|trial| trial.candidate).collect();
        passed.sort_unstable();
        passed
    }

    pub(super) fn trial(&self, candidate: usize) -> Option<&Trial> {
        self.trials
            .iter()
            .find(|trial| trial.candidate == candidate)
    }

    /// The bound of a candidate at the whole doubt of this hearing: to look at, not to rely on.
    pub(super) fn bound(&self, candidate: usize) -> Option<f64> {
        let strata = self.grounds.get(candidate)?.as_ref().ok()?;
        Some(certificate::bound(strata, self.promise?.doubt()))
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
        let Some((candidate, rate)) = self.lowest(&started) else {
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
        let strata = self
            .grounds
            .iter()
            .filter_map(|ground| ground.as_ref().ok());
        let labels = strata
            .map(|strata| certificate::equivalent_labels(strata, promise.doubt()))
            .fold(0.0, f64::max);
        Refusal::TooFewLabels {
            labels,
            least: promise.least_labels(),
            lowest: self.lowest(&testable),
            needed: self.needed(&testable, promise, promise.doubt()),
        }
    }

    /// The lowest observed error rate among candidates, and where it is.
    fn lowest(&self, candidates: &[usize]) -> Option<(usize, f64)> {
        let rates = candidates
            .iter()
            .filter_map(|c| Some((*c, self.estimate(*c)?)));
        rates.min_by(|a, b| a.1.total_cmp(&b.1))
    }

    /// The strictest threshold that approves the same cases of this log as a candidate.
    fn strictest_alike(&self, candidate: usize) -> usize {
        let auto = |place: usize| self.points.get(place).map(Point::auto_approved);
        let stricter = (candidate + 1)..self.points.len();
        let alike = stricter.take_while(|place| auto(*place) == auto(candidate));
        alike.last().unwrap_or(candidate)
    }

    /// The doubt that a start has of its own.
    fn start_level(&self, promise: Promise) -> f64 {
        let weights = self.steps.iter().map(|step| step.weight);
        let starts = weights.filter(|weight| *weight > 0.0);
        starts.fold(promise.doubt(), f64::min)
    }

    /// The fewest labels that would certify one of the candidates; among equals the loosest.
    fn needed(&self, candidates: &[usize], promise: Promise, level: f64) -> Option<Needed> {
        let mut candidates = candidates.to_vec();
        candidates.sort_unstable();
        let mut least: Option<(usize, Shortfall)> = None;
        for candidate in candidates {
            let Some(Ok(strata)) = self.grounds.get(candidate) else {
                continue;
            };
            // Only fewer labels than the fewest so far are of interest.
            let most = least.map_or(shortfall::MOST_LABELS, |(_, found)| {
                found.labels.saturating_sub(1)
            });
            let found = shortfall::of(strata, level, promise.limit(), most);
            least = found.map(|found| (candidate, found)).or(least);
        }
        let (candidate, found) = least?;
        let candidate = self.strictest_alike(candidate);
        let (from, to) = self.band(candidate, found.stratum);
        Some(Needed {
            labels: found.labels,
            candidate,
            from,
            to,
            unlabelled: self.unlabelled(candidate, found.stratum),
        })
    }

    /// The cases of a stratum of the auto-approved set, or of all, without a label.
    fn unlabelled(&self, candidate: usize, stratum: Option<usize>) -> u64 {
        let place = stratum.and_then(|stratum| self.cell_of(candidate, stratum));
        let point = self.points.get(candidate);
        let cells = point.map_or(&[][..], |point| &point.cells);
        let wanted = cells.iter().enumerate();
        let wanted = wanted.filter(|(other, _)| place.is_none_or(|place| place == *other));
        wanted.map(|(_, cell)| cell.sums.counts.unknown).sum()
    }

    /// The candidates between which the cases of a stratum of the auto-approved set lie.
    fn band(&self, candidate: usize, stratum: Option<usize>) -> (usize, Option<usize>) {
        let place = stratum.and_then(|stratum| self.cell_of(candidate, stratum));
        let Some(place) = place else {
            return (candidate, None);
        };
        let cases_from = |candidate: usize| {
            let cell = self.points.get(candidate).and_then(|p| p.cells.get(place));
            cell.map_or(0, |cell| cell.sums.counts.cases())
        };
        let all = cases_from(candidate);
        let stricter = candidate..self.points.len();
        let from = stricter
            .clone()
            .rev()
            .find(|other| cases_from(*other) == all);
        let to = stricter.clone().find(|other| cases_from(*other) == 0);
        (from.unwrap_or(candidate), to)
    }

    /// The place of a stratum's cell: strata are the cells with cases, in their order.
    fn cell_of(&self, candidate: usize, stratum: usize) -> Option<usize> {
        let cells = self.points.get(candidate)?.cells.iter().enumerate();
        let used = cells.filter(|(_, cell)| cell.sums.counts.cases() > 0);
        used.map(|(place, _)| place).nth(stratum)
    }
}
