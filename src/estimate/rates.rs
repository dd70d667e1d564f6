//! Cells to rates: the post-stratified estimate of a set of cases, its interval, its evidence and
//! its worst case (docs/statistics.md). Knows neither logs nor thresholds.

use crate::estimate::fay_feuer::WeightedErrors;
use crate::estimate::hajek::WeightSums;
use crate::estimate::manski::{self, IdentifiedSet};
use crate::estimate::{binomial, normal};
use crate::rate::{Evidence, Interval, Level, Method, Rate};
use crate::tally::{Counts, Sums, Weights};

/// The cases of cells.
pub fn cases<'a>(cells: impl IntoIterator<Item = &'a Cell>) -> u64 {
    let counts = cells.into_iter().map(Cell::counts);
    counts.map(Counts::cases).sum()
}

/// How the cases of a cell came to be labelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Labelling {
    /// All were certain to be.
    Certain,
    /// All with one probability, which need not be known.
    Constant,
    /// Each with a recorded probability of its own: its sums hold weights.
    Varying,
}

/// One cell's part of a set of cases.
#[derive(Clone, Debug, PartialEq)]
pub struct Cell {
    pub labelling: Labelling,
    pub sums: Sums,
}

impl Cell {
    /// The weights of a varying cell. Other cells may hold some too (their probabilities were
    /// recorded, but do not matter), and have none here.
    pub(super) fn recorded_weights(&self) -> Option<&Weights> {
        match self.labelling {
            Labelling::Varying => self.sums.weights.as_deref(),
            Labelling::Certain | Labelling::Constant => None,
        }
    }

    fn is_certain(&self) -> bool {
        self.labelling == Labelling::Certain
    }

    pub(super) fn counts(&self) -> &Counts {
        &self.sums.counts
    }

    /// Cases per unit of weight: what one labelled case stands for is this times its weight. A
    /// cell of constant probability has weights of 1 (post-stratification); one whose
    /// probabilities differ has weights 1/π (Hajek 1971).
    fn expansion(&self) -> Option<f64> {
        let weight = match self.recorded_weights() {
            Some(weights) => Weights::units(weights.sum),
            None => self.counts().labelled() as f64,
        };
        (weight > 0.0).then(|| self.counts().cases() as f64 / weight)
    }

    /// Weights of the labelled cases, each in cases that it stands for.
    fn weights(&self) -> Option<WeightSums> {
        let expansion = self.expansion()?;
        let square = expansion * expansion;
        let counts = self.counts();
        Some(match self.recorded_weights() {
            Some(weights) => WeightSums {
                sum_w: expansion * Weights::units(weights.sum),
                sum_w_error: expansion * Weights::units(weights.wrong),
                sum_w2: square * Weights::square_units(weights.squares),
                sum_w2_error: square * Weights::square_units(weights.wrong_squares),
                max_w: expansion * Weights::units(weights.largest.into()),
            },
            None => WeightSums {
                sum_w: expansion * counts.labelled() as f64,
                sum_w_error: expansion * counts.wrong as f64,
                sum_w2: square * counts.labelled() as f64,
                sum_w2_error: square * counts.wrong as f64,
                max_w: expansion,
            },
        })
    }
}

/// What the supported part of a set of cases adds up to, in cases.
struct Supported {
    counts: Counts,
    weights: WeightSums,
    /// Cases in cells without labels.
    unsupported: u64,
    observed: u64,
    /// Cells with cases and labels.
    cells: usize,
    varying: bool,
    missing: u64,
    /// Errors estimated if every missing label were an error.
    worst_errors: f64,
}

impl Supported {
    fn of(cells: &[Cell]) -> Self {
        let mut all = Self {
            counts: Counts::default(),
            weights: WeightSums::default(),
            unsupported: 0,
            observed: 0,
            cells: 0,
            varying: false,
            missing: 0,
            worst_errors: 0.0,
        };
        for cell in cells.iter().filter(|cell| cell.counts().cases() > 0) {
            let counts = *cell.counts();
            all.counts += counts;
            let missing = if cell.is_certain() { counts.unknown } else { 0 };
            all.missing += missing;
            match cell.weights() {
                None => all.unsupported += counts.cases(),
                Some(weights) => {
                    all.weights += weights;
                    all.cells += 1;
                    all.varying |= cell.labelling == Labelling::Varying;
                    all.worst_errors += if cell.is_certain() {
                        (counts.wrong + missing) as f64
                    } else {
                        weights.sum_w_error
                    };
                    if cell.is_certain() && missing == 0 {
                        all.observed += counts.cases();
                    }
                }
            }
        }
        all
    }

    /// A rate over these cases that says what it rests on, and nothing yet of how high it is.
    fn described(&self, level: Level) -> Rate {
        let (cases, labelled) = (self.counts.cases(), self.counts.labelled());
        let share = |part: u64, whole: u64| part as f64 / whole as f64;
        Rate {
            estimate: None,
            low: None,
            high: None,
            level: level.get(),
            method: None,
            cases,
            labelled,
            errors_found: self.counts.wrong,
            evidence: (cases > 0).then(|| Evidence {
                observed: share(self.observed, cases),
                sampled: share(cases - self.observed - self.unsupported, cases),
                unsupported: share(self.unsupported, cases),
            }),
            bounds: None,
            bounds_interval: None,
            labelled_only: (labelled > 0).then(|| share(self.counts.wrong, labelled)),
            effective_labels: self.weights.effective_size(),
            largest_weight_share: self.weights.largest_share(),
            missing_labels: self.missing,
            worst_case: None,
        }
    }

    /// Limits of the estimated errors, in cases, with `tail` left to each side: exact binomial
    /// limits in one cell of constant probability, else Fay-Feuer.
    fn limits(&self, tail: f64) -> (Interval, Method) {
        if self.cells == 1 && !self.varying {
            let (wrong, labelled) = (self.counts.wrong, self.counts.labelled());
            let cases = self.weights.sum_w;
            let interval = Interval {
                low: cases * binomial::lower(wrong, labelled, tail),
                high: cases * binomial::upper(wrong, labelled, tail),
            };
            return (interval, Method::ClopperPearson);
        }
        let errors = WeightedErrors {
            estimate: self.weights.sum_w_error,
            variance: self.weights.sum_w2_error,
            largest_weight: self.weights.max_w,
        };
        let interval = Interval {
            low: errors.lower(tail),
            high: errors.upper(tail).min(self.weights.sum_w),
        };
        (interval, Method::FayFeuer)
    }
}

/// The error rate of a set of cases at a confidence level. All numbers are `None` for no cases.
pub fn error_rate(cells: &[Cell], level: Level) -> Rate {
    let all = Supported::of(cells);
    let mut rate = all.described(level);
    if rate.cases == 0 {
        return rate;
    }
    let total = rate.cases as f64;
    if all.unsupported == 0 {
        let (interval, method) = all.limits(level.tail());
        rate.estimate = Some(all.weights.sum_w_error / total);
        rate.low = Some(interval.low / total);
        rate.high = Some((interval.high / total).min(1.0));
        rate.method = Some(method);
        rate.worst_case = (all.missing > 0).then(|| all.worst_errors / total);
    } else {
        worst_case_limits(&mut rate, &all);
    }
    rate
}

/// Fills in the bounds of a rate part of which has no labels. Each side of the interval around
/// them is left the tail that covers the rate, not the whole set (Imbens and Manski 2004); the
/// limits of the labelled part are those for few errors, not the normal ones.
fn worst_case_limits(rate: &mut Rate, all: &Supported) {
    let total = rate.cases as f64;
    let share = all.weights.sum_w / total;
    let set = IdentifiedSet::new(share, all.weights.mean().unwrap_or(0.0));
    rate.method = Some(Method::Manski);
    rate.bounds = Some([set.lowest, set.highest.min(1.0)]);
    if all.cells == 0 {
        rate.bounds_interval = Some([0.0, 1.0]);
        return;
    }
    let deviation = all.weights.sum_w2_error.sqrt() / total;
    let ratio = if deviation > 0.0 {
        set.width() / deviation
    } else {
        f64::INFINITY
    };
    let tail = manski::critical_value(ratio, rate.level)
        .map_or((1.0 - rate.level) / 2.0, |critical| normal::cdf(-critical));
    let (interval, _) = all.limits(tail);
    rate.bounds_interval = Some([
        interval.low / total,
        (interval.high / total + set.width()).min(1.0),
    ]);
}

/// A rate over a part of the cases as a rate over all `cases`: the rest counts as no error. The
/// part's size is known, so the interval scales with it.
pub fn as_share_of(rate: &Rate, cases: u64) -> Rate {
    let factor = if cases > 0 {
        rate.cases as f64 / cases as f64
    } else {
        0.0
    };
    let scale = |value: Option<f64>| value.map(|value| value * factor);
    let scale_pair = |pair: Option<[f64; 2]>| pair.map(|pair| pair.map(|value| value * factor));
    let none_auto = rate.cases == 0 && cases > 0;
    let zero = |value: Option<f64>| if none_auto { Some(0.0) } else { value };
    Rate {
        estimate: zero(scale(rate.estimate)),
        low: zero(scale(rate.low)),
        high: zero(scale(rate.high)),
        cases,
        bounds: scale_pair(rate.bounds),
        bounds_interval: scale_pair(rate.bounds_interval),
        labelled_only: scale(rate.labelled_only),
        worst_case: scale(rate.worst_case),
        ..rate.clone()
    }
}

/// The share of cases that are right, given the share that are wrong.
pub fn complement(rate: &Rate) -> Rate {
    let flip = |value: Option<f64>| value.map(|value| 1.0 - value);
    let flip_pair = |pair: Option<[f64; 2]>| pair.map(|[low, high]| [1.0 - high, 1.0 - low]);
    Rate {
        estimate: flip(rate.estimate),
        low: flip(rate.high),
        high: flip(rate.low),
        errors_found: rate.labelled - rate.errors_found,
        bounds: flip_pair(rate.bounds),
        bounds_interval: flip_pair(rate.bounds_interval),
        labelled_only: flip(rate.labelled_only),
        worst_case: flip(rate.worst_case),
        ..rate.clone()
    }
}

/// The share of all wrong cases that are among the escalated. With every case labelled the wrong
/// ones are a plain sample (exact limits); else the limits of both parts are joined, each at half
/// the error probability.
pub fn caught(escalated: &[Cell], auto: &[Cell], level: Level) -> Rate {
    let (inside, outside) = (Supported::of(escalated), Supported::of(auto));
    let mut rate = Supported::of(&[escalated, auto].concat()).described(level);
    let both = rate.errors_found;
    rate.errors_found = inside.counts.wrong;
    rate.labelled_only = (both > 0).then(|| inside.counts.wrong as f64 / both as f64);
    let (caught, escaped) = (inside.weights.sum_w_error, outside.weights.sum_w_error);
    if inside.unsupported + outside.unsupported > 0 {
        rate.bounds = share_bounds(caught, inside.unsupported, escaped, outside.unsupported);
        rate.method = rate.bounds.map(|_| Method::Manski);
        return rate;
    }
    if both == 0 {
        return rate;
    }
    let share = caught / (caught + escaped);
    rate.estimate = Some(share);
    if inside.counts.cases() == 0 || outside.counts.cases() == 0 {
        // Nothing can be caught where nothing is escalated, nor escape where everything is.
        (rate.low, rate.high) = (Some(share), Some(share));
    } else if rate.labelled == rate.cases && is_one_cell(escalated, auto) {
        rate.low = Some(binomial::lower(inside.counts.wrong, both, level.tail()));
        rate.high = Some(binomial::upper(inside.counts.wrong, both, level.tail()));
        rate.method = Some(Method::ClopperPearson);
    } else {
        let tail = level.tail() / 2.0;
        let limits = |part: &Supported| {
            if part.counts.cases() == 0 {
                return Interval {
                    low: 0.0,
                    high: 0.0,
                };
            }
            part.limits(tail).0
        };
        let (caught, escaped) = (limits(&inside), limits(&outside));
        rate.low = Some(caught.low / (caught.low + escaped.high));
        rate.high = Some(caught.high / (caught.high + escaped.low));
        rate.method = Some(Method::Bonferroni);
    }
    rate
}

fn share_bounds(
    caught: f64,
    caught_more: u64,
    escaped: f64,
    escaped_more: u64,
) -> Option<[f64; 2]> {
    let share = |part: f64, rest: f64| (part + rest > 0.0).then(|| part / (part + rest));
    let low = share(caught, escaped + escaped_more as f64).unwrap_or(0.0);
    let high = share(caught + caught_more as f64, escaped).unwrap_or(1.0);
    (caught + escaped + (caught_more + escaped_more) as f64 > 0.0).then_some([low, high])
}

/// Whether both parts together hold cases of one cell of constant probability only.
fn is_one_cell(escalated: &[Cell], auto: &[Cell]) -> bool {
    let pairs = escalated.iter().zip(auto);
    let used: Vec<&Cell> = pairs
        .filter(|(one, other)| one.counts().cases() + other.counts().cases() > 0)
        .map(|(one, _)| one)
        .collect();
    matches!(used.as_slice(), [cell] if cell.labelling != Labelling::Varying)
}
