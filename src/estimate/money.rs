//! Money in wrong cases: each labelled wrong case stands for as much money as it carries times the
//! cases that it stands for. Knows nothing of what the money is.

use crate::estimate::fay_feuer::WeightedErrors;
use crate::estimate::rates::Cell;
use crate::rate::{Level, Method, Micros};
use crate::tally::{Money, Weights};

/// Money at stake in a set of cases and the part of it in wrong ones.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct MoneyInError {
    /// Exact, in units of money.
    pub at_stake: f64,
    /// Money in wrong cases, estimated, in units of money.
    pub in_error: Option<f64>,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub level: f64,
    pub method: Option<Method>,
    /// Worst-case limits where a part has no labels.
    pub bounds: Option<[f64; 2]>,
    /// `in_error` / `at_stake`.
    pub error_value_rate: Option<f64>,
}

/// Cases that count by a common factor, such as the share of their errors that does harm:
/// their part of each cell of the design.
#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    /// In [0, 1].
    pub factor: f64,
    /// One for each cell of the design, in its order.
    pub cells: Vec<Cell>,
}

/// What a sum over wrong cases counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Units of money.
    Money,
    /// Each case as one.
    Cases,
}

/// A weighted sum over wrong cases, and what it cannot tell. All in its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ErrorSums {
    pub errors: WeightedErrors,
    /// The sum over all cases.
    pub at_stake: f64,
    /// The part of it in cells without labels.
    pub unsupported: f64,
}

impl ErrorSums {
    /// Adds up the classes of a set of cases. What one labelled case stands for is decided by the
    /// whole set: classes are no strata.
    pub fn of(classes: &[Class], unit: Unit) -> Self {
        let mut sums = Self {
            errors: WeightedErrors {
                estimate: 0.0,
                variance: 0.0,
                largest_weight: 0.0,
            },
            at_stake: 0.0,
            unsupported: 0.0,
        };
        let cells = classes.iter().map(|class| class.cells.len()).max();
        for place in 0..cells.unwrap_or(0) {
            let parts = classes.iter();
            let parts: Vec<(f64, &Cell)> = parts
                .filter_map(|class| Some((class.factor, class.cells.get(place)?)))
                .collect();
            sums.add(&parts, unit);
        }
        sums
    }

    /// Adds the parts of one cell, each with its factor.
    fn add(&mut self, parts: &[(f64, &Cell)], unit: Unit) {
        let cases: u64 = parts.iter().map(|(_, cell)| cell.counts().cases()).sum();
        if cases == 0 {
            return;
        }
        let weight: f64 = parts.iter().map(|(_, cell)| labelled_weight(cell)).sum();
        for (factor, cell) in parts {
            let stake = match unit {
                Unit::Money => factor * at_stake(cell),
                Unit::Cases => factor * cell.counts().cases() as f64,
            };
            self.at_stake += stake;
            if weight > 0.0 {
                let expansion = factor * cases as f64 / weight;
                let errors = match unit {
                    Unit::Money => expanded_money(cell, expansion),
                    Unit::Cases => expanded_cases(cell, expansion),
                };
                self.errors.estimate += errors.estimate;
                self.errors.variance += errors.variance;
                self.errors.largest_weight = self.errors.largest_weight.max(errors.largest_weight);
            } else {
                self.unsupported += stake;
            }
        }
    }

    /// The sum over wrong cases with limits in [0, at stake], with `tail` left to each side. All
    /// three are `None` where a part with money has no labels.
    pub fn limits(&self, tail: f64) -> Option<(f64, f64, f64)> {
        if self.unsupported > 0.0 {
            return None;
        }
        // An expanded sum can exceed what is at stake; money that is not there cannot be wrong.
        let estimate = self.errors.estimate.min(self.at_stake);
        let low = self.errors.lower(tail).min(estimate);
        let high = if self.at_stake > 0.0 {
            self.errors.upper(tail).min(self.at_stake)
        } else {
            0.0
        };
        Some((estimate, low, high))
    }

    /// Worst-case limits: no money of cells without labels is in error, or all of it.
    pub fn bounds(&self) -> [f64; 2] {
        let most = (self.errors.estimate + self.unsupported).min(self.at_stake);
        [self.errors.estimate.min(most), most]
    }
}

/// The sum of the squares of the money of all cases of a cell, in squared units.
pub(super) fn squares(cell: &Cell) -> f64 {
    let money = cell.sums.money.as_deref();
    money.map_or(0.0, |money| {
        money.squares.as_f64() / Micros::PER_UNIT / Micros::PER_UNIT
    })
}

/// Money of all cases of a cell, in units.
pub(super) fn at_stake(cell: &Cell) -> f64 {
    let money = cell.sums.money.as_ref();
    money.map_or(0.0, |money| money.at_stake as f64 / Micros::PER_UNIT)
}

/// The weight of a cell's labelled cases: 1 each, or 1/π where probabilities differ.
fn labelled_weight(cell: &Cell) -> f64 {
    match cell.recorded_weights() {
        Some(weights) => Weights::units(weights.sum),
        None => cell.counts().labelled() as f64,
    }
}

/// y, v and the largest weight of `WeightedErrors` in units of money, where one unit of weight
/// stands for `expansion` cases.
fn expanded_money(cell: &Cell, expansion: f64) -> WeightedErrors {
    let square = expansion * expansion;
    let unit = Micros::PER_UNIT;
    let money: Money = cell.sums.money.as_deref().copied().unwrap_or_default();
    match cell.recorded_weights() {
        Some(weights) => WeightedErrors {
            estimate: expansion * Weights::money_units(weights.money_wrong),
            variance: square * Weights::money_square_units(weights.money_wrong_squares),
            largest_weight: expansion * Weights::money_units(weights.largest_money.into()),
        },
        None => WeightedErrors {
            estimate: expansion * (money.wrong as f64 / unit),
            variance: square * (money.wrong_squares.as_f64() / (unit * unit)),
            largest_weight: expansion * (money.largest as f64 / unit),
        },
    }
}

/// The same for cases, each counting as one.
fn expanded_cases(cell: &Cell, expansion: f64) -> WeightedErrors {
    let square = expansion * expansion;
    let wrong = cell.counts().wrong as f64;
    match cell.recorded_weights() {
        Some(weights) => WeightedErrors {
            estimate: expansion * Weights::units(weights.wrong),
            variance: square * Weights::square_units(weights.wrong_squares),
            largest_weight: expansion * Weights::units(weights.largest.into()),
        },
        None => WeightedErrors {
            estimate: expansion * wrong,
            variance: square * wrong,
            largest_weight: expansion,
        },
    }
}

/// Estimates the money in wrong cases, with Fay-Feuer limits on that weighted sum.
pub fn money_in_error(cells: &[Cell], level: Level) -> MoneyInError {
    let all = Class {
        factor: 1.0,
        cells: cells.to_vec(),
    };
    let sums = ErrorSums::of(&[all], Unit::Money);
    let mut money = MoneyInError {
        at_stake: sums.at_stake,
        in_error: None,
        low: None,
        high: None,
        level: level.get(),
        method: None,
        bounds: None,
        error_value_rate: None,
    };
    match sums.limits(level.tail()) {
        None => {
            money.bounds = Some(sums.bounds());
            money.method = Some(Method::Manski);
        }
        Some((estimate, low, high)) if sums.at_stake > 0.0 => {
            money.in_error = Some(estimate);
            money.low = Some(low);
            money.high = Some(high);
            money.method = Some(Method::FayFeuer);
            money.error_value_rate = Some(estimate / sums.at_stake);
        }
        Some(_) => {}
    }
    money
}
