//! Sums to which cases add what is known of them, such as the costs of their reviews: known of this
//! log, while in another log of the same process other cases would add to them. Must not say what
//! such a sum is worth in a verdict.

use crate::estimate::compare::Limits;
use crate::estimate::cost::{Effort, Prices};
use crate::estimate::fay_feuer::WeightedErrors;
use crate::estimate::rates::{self, Cell};
use crate::estimate::split::{Split, Splits};
use crate::rate::Micros;
use crate::tally::Account;

/// Seconds in a minute.
const MINUTE: f64 = 60.0;

/// A sum over cases, in its unit. How many cases add to it is taken for a Poisson number, whose
/// variance is above that of any share of given cases.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Outlay {
    pub(super) sum: f64,
    /// The root of the sum of squares: the standard error of the sum.
    error: f64,
    /// The most that one case adds.
    largest: f64,
}

impl Outlay {
    /// So much for each of some cases.
    pub(super) fn of_cases(cases: u64) -> Self {
        Self {
            sum: cases as f64,
            error: (cases as f64).sqrt(),
            // Cases that there are not for certain do not add.
            largest: if cases > 0 { 1.0 } else { 0.0 },
        }
    }

    /// The money of the cases of a ledger.
    pub(super) fn of_money(cells: &[Cell]) -> Self {
        let (mut sum, mut squares, mut largest) = (0, 0.0, 0);
        for money in cells.iter().filter_map(|cell| cell.sums.money.as_deref()) {
            sum += money.at_stake;
            squares += money.squares.as_f64();
            largest = largest.max(money.largest);
        }
        Self {
            sum: sum as f64 / Micros::PER_UNIT,
            error: squares.sqrt() / Micros::PER_UNIT,
            largest: largest as f64 / Micros::PER_UNIT,
        }
    }

    /// What the reviews of the cases of one side cost, with the errors that are expected to be left
    /// after them; `all` are all cases of the log that are known. `None` where no price is known.
    pub(super) fn of_reviews(
        prices: &Prices,
        splits: &Splits,
        side: impl Fn(&Split) -> &[Cell],
        all: &Splits,
    ) -> Option<Self> {
        let cells = |account| splits.get(account).map(&side);
        let cases = splits
            .get(Account::Value)
            .map_or(0, |split| rates::cases(side(split)));
        if cases == 0 {
            return Some(Self::default());
        }
        let left = Self::of_money(cells(Account::ErrorCost)?).times(prices.reviewer_error);
        let reviews = match prices.per_minute {
            None => Self::of_money(cells(Account::ReviewCost)?),
            Some(price) => {
                let times = cells(Account::Effort).unwrap_or_default();
                let time = of_times(times, cases, (prices.seconds, error_of_mean(all)))?;
                time.times(price / MINUTE)
            }
        };
        Some(left.and(reviews))
    }

    fn times(self, factor: f64) -> Self {
        Self {
            sum: factor * self.sum,
            error: factor * self.error,
            largest: factor * self.largest,
        }
    }

    /// With what the same cases add beside it. The errors add up, as they do where both are
    /// proportional: what both add to one case may go together.
    fn and(self, other: Self) -> Self {
        Self {
            sum: self.sum + other.sum,
            error: self.error + other.error,
            largest: self.largest + other.largest,
        }
    }

    /// With what other cases may add at most, were they among those that add.
    pub(super) fn with_largest_of(self, other: Self) -> Self {
        Self {
            largest: self.largest.max(other.largest),
            ..self
        }
    }

    /// The sum with weighted errors of other cases.
    pub(super) fn beside(self, errors: WeightedErrors) -> WeightedErrors {
        WeightedErrors {
            estimate: self.sum + errors.estimate,
            variance: self.error * self.error + errors.variance,
            largest_weight: self.largest.max(errors.largest_weight),
        }
    }

    /// Limits for the process behind the log, each leaving `tail`: those of Fay and Feuer.
    pub(super) fn limits(self, tail: f64) -> Limits {
        limits(self.beside(NOTHING), tail)
    }
}

const NOTHING: WeightedErrors = WeightedErrors {
    estimate: 0.0,
    variance: 0.0,
    largest_weight: 0.0,
};

/// Limits of a weighted sum, which is 0 for certain where no case can add to it.
pub(super) fn limits(sums: WeightedErrors, tail: f64) -> Limits {
    if sums.largest_weight <= 0.0 {
        return Limits::exact(sums.estimate);
    }
    Limits {
        estimate: sums.estimate,
        low: sums.lower(tail).min(sums.estimate),
        high: sums.upper(tail).max(sums.estimate),
    }
}

/// Seconds of review work of so many cases: those that are not known take `seconds` each, which
/// is a mean with a standard error of its own.
fn of_times(cells: &[Cell], cases: u64, (seconds, error): (Option<f64>, f64)) -> Option<Outlay> {
    let known = Outlay::of_money(cells);
    let unknown = cases.saturating_sub(Effort::of(cells).known_cases) as f64;
    if unknown <= 0.0 {
        return Some(known);
    }
    let seconds = seconds?;
    Some(Outlay {
        sum: known.sum + unknown * seconds,
        error: known.error.hypot(unknown.sqrt() * seconds) + unknown * error,
        largest: known.largest.max(seconds),
    })
}

/// The standard error of the mean review time of the cases in which it is known; 0 for none.
fn error_of_mean(all: &Splits) -> f64 {
    let Some(split) = all.get(Account::Effort) else {
        return 0.0;
    };
    let cells = [&split.auto[..], &split.escalated].concat();
    let (known, cases) = (Outlay::of_money(&cells), Effort::of(&cells).known_cases);
    if cases == 0 {
        return 0.0;
    }
    let squares = known.error * known.error - known.sum * known.sum / cases as f64;
    squares.max(0.0).sqrt() / cases as f64
}
