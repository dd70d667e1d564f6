//! The expected cost of a routing: errors that did harm, reviews, and errors that are left after a
//! review. Knows nothing of where prices come from.

use serde::Serialize;

use crate::estimate::money::{Class, ErrorSums, Unit, at_stake, squares};
use crate::estimate::rates::{self, Cell};
use crate::estimate::split::{Split, Splits};
use crate::rate::{Level, Method};
use crate::tally::Account;

/// What reviews cost and how good they are; what errors cost stands in the ledger of their costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prices {
    /// The share of cases that are wrong after their review, in [0, 1).
    pub reviewer_error: f64,
    /// Money for a minute of review; `None` where each review has its own price, in the ledger of
    /// review costs.
    pub per_minute: Option<f64>,
    /// Seconds that a review takes where the log does not say.
    pub seconds: Option<f64>,
    /// The standard error of `seconds`: 0 where they are stated, `None` where too few known times
    /// stand behind them to tell.
    pub seconds_error: Option<f64>,
}

/// The expected cost of a routing, in units of money.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cost {
    /// All together. `None` where the cost of errors or of reviews is not known, or the errors
    /// cannot be estimated.
    pub expected: Option<f64>,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub level: f64,
    /// How the limits of the errors' part were found; the rest is known.
    pub method: Option<Method>,
    /// Worst-case limits of the whole where a part of the cases has no labels.
    pub bounds: Option<[f64; 2]>,
    /// Of wrong auto-approved cases.
    pub errors: Option<f64>,
    /// Standard error of `errors`.
    pub standard_error: Option<f64>,
    /// Of reviews; `None` where neither a price nor a time for them is known.
    pub reviews: Option<f64>,
    /// Of cases that are wrong after their review.
    pub reviewer_errors: Option<f64>,
    /// `expected` for each case.
    pub per_case: Option<f64>,
}

/// The place of the least expected cost; of equal ones the last. `None` where none is known.
pub fn cheapest<'a>(costs: impl DoubleEndedIterator<Item = (usize, &'a Cost)>) -> Option<usize> {
    let priced = costs
        .rev()
        .filter_map(|(place, cost)| Some((place, cost.expected?)));
    let least = priced.min_by(|a, b| a.1.total_cmp(&b.1))?;
    Some(least.0)
}

/// The first and the last place whose expected cost is at most one standard error above the least:
/// as cheap as can be told. `None` where the least has no standard error.
pub fn plateau<'a>(
    costs: impl Iterator<Item = (usize, &'a Cost)>,
    least: &Cost,
) -> Option<(usize, usize)> {
    let most = least.expected? + least.standard_error?;
    let near = |cost: &Cost| cost.expected.is_some_and(|expected| expected <= most);
    let mut places = costs.filter(|(_, cost)| near(cost)).map(|(place, _)| place);
    let first = places.next()?;
    Some((first, places.last().unwrap_or(first)))
}

/// Known review times below which their spread is not told.
const LEAST_TIMES: u64 = 10;

/// Seconds of review work for a set of cases.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Effort {
    /// Of the cases whose time is known.
    pub known_seconds: f64,
    /// The sum of their squares.
    pub known_squares: f64,
    pub known_cases: u64,
    pub cases: u64,
}

impl Effort {
    /// The effort of cells of the ledger of effort.
    pub fn of(cells: &[Cell]) -> Self {
        let mut effort = Self::default();
        for cell in cells {
            effort.known_seconds += at_stake(cell);
            effort.known_squares += squares(cell);
            effort.known_cases += cell.sums.counts.labelled();
            effort.cases += cell.sums.counts.cases();
        }
        effort
    }

    /// Mean seconds of the cases whose time is known.
    pub fn mean(&self) -> Option<f64> {
        (self.known_cases > 0).then(|| self.known_seconds / self.known_cases as f64)
    }

    /// The standard error of the mean, for limits. `None` below ten known times: it would itself be
    /// too uncertain.
    pub fn error_of_mean(&self) -> Option<f64> {
        let cases = self.known_cases as f64;
        let spread = self.known_squares - self.known_seconds * self.known_seconds / cases;
        let is_told = self.known_cases >= LEAST_TIMES;
        is_told.then(|| (spread.max(0.0) / (cases - 1.0) / cases).sqrt())
    }

    /// Seconds of all cases, those of unknown time counted with `seconds`.
    pub fn total(&self, seconds: Option<f64>) -> Option<f64> {
        let unknown = self.cases - self.known_cases;
        if unknown == 0 {
            return Some(self.known_seconds);
        }
        Some(self.known_seconds + unknown as f64 * seconds?)
    }
}

/// Auto-approved cases of a common fate after the AI has acted.
#[derive(Clone, Debug, PartialEq)]
pub struct Fate {
    /// The share of them that is reviewed afterwards.
    pub reviewed: f64,
    /// The share of them whose review can still put right what is wrong: the other errors do harm.
    pub corrected: f64,
    pub splits: Splits,
}

impl Fate {
    /// The share of their errors that does harm, in [0, 1].
    pub fn harmful(&self) -> f64 {
        1.0 - self.corrected
    }
}

impl Prices {
    /// The cost of a routing whose auto-approved cases nobody looks at.
    pub fn cost(&self, splits: &Splits, level: Level) -> Cost {
        let fate = Fate {
            reviewed: 0.0,
            corrected: 0.0,
            splits: splits.clone(),
        };
        self.cost_of(splits, &[fate], level)
    }

    /// The cost of a routing whose auto-approved cases meet different fates: `splits` holds all
    /// cases, `fates` the auto-approved ones in parts.
    pub fn cost_of(&self, splits: &Splits, fates: &[Fate], level: Level) -> Cost {
        let stated = splits.get(Account::ErrorCost);
        let reviewer_errors = self.reviewer_errors(splits, fates);
        let reviews = self.reviews(splits, fates);
        let mut cost = Cost {
            expected: None,
            low: None,
            high: None,
            level: level.get(),
            method: None,
            bounds: None,
            errors: None,
            standard_error: None,
            reviews,
            reviewer_errors,
            per_case: None,
        };
        if stated.is_none() {
            return cost;
        }
        let classes = fates.iter().filter_map(|fate| {
            let split = fate.splits.get(Account::ErrorCost)?;
            Some(Class {
                factor: fate.harmful(),
                cells: split.auto.clone(),
            })
        });
        let sums = ErrorSums::of(&classes.collect::<Vec<_>>(), Unit::Money);
        let limits = sums.limits(level.tail());
        if let Some((errors, _, _)) = limits {
            cost.errors = Some(errors);
            cost.standard_error = Some(sums.errors.variance.sqrt());
        }
        // Without a price of reviews the errors still cost what they cost; only a total is none.
        let Some(known) = reviewer_errors.zip(reviews).map(|(one, other)| one + other) else {
            return cost;
        };
        match limits {
            None => {
                cost.bounds = Some(sums.bounds().map(|errors| errors + known));
                cost.method = Some(Method::Manski);
            }
            Some((errors, low, high)) => {
                cost.expected = Some(errors + known);
                cost.low = Some(low + known);
                cost.high = Some(high + known);
                cost.method = (sums.at_stake > 0.0).then_some(Method::FayFeuer);
                let split = splits.cases();
                let cases = rates::cases(split.auto.iter().chain(&split.escalated));
                cost.per_case = (cases > 0).then(|| (errors + known) / cases as f64);
            }
        }
        cost
    }

    /// Money in cases that are wrong after a review that decided them: before the action, or in time
    /// after it. Both are reviews by the same people, so the same share is wrong after both.
    fn reviewer_errors(&self, splits: &Splits, fates: &[Fate]) -> Option<f64> {
        let stake = |cells: &[Cell]| cells.iter().map(at_stake).sum::<f64>();
        let escalated = stake(&splits.get(Account::ErrorCost)?.escalated);
        let afterwards = fates.iter().filter_map(|fate| {
            let split = fate.splits.get(Account::ErrorCost)?;
            Some(fate.corrected * stake(&split.auto))
        });
        Some(self.reviewer_error * (escalated + afterwards.sum::<f64>()))
    }

    /// Money for reviews: of all escalated cases, and of the share of the others that is looked
    /// at afterwards.
    fn reviews(&self, splits: &Splits, fates: &[Fate]) -> Option<f64> {
        if let Some(price) = self.per_minute {
            return Some(price * self.review_seconds(splits, fates)? / 60.0);
        }
        let escalated: f64 = splits
            .get(Account::ReviewCost)?
            .escalated
            .iter()
            .map(at_stake)
            .sum();
        let afterwards = fates.iter().filter_map(|fate| {
            let split = fate.splits.get(Account::ReviewCost)?;
            Some(fate.reviewed * split.auto.iter().map(at_stake).sum::<f64>())
        });
        Some(escalated + afterwards.sum::<f64>())
    }

    /// Seconds of review work; `None` where the time of a case is neither logged nor stated.
    pub fn review_seconds(&self, splits: &Splits, fates: &[Fate]) -> Option<f64> {
        let mut seconds = self.seconds(splits, |split| &split.escalated)?;
        for fate in fates.iter().filter(|fate| fate.reviewed > 0.0) {
            seconds += fate.reviewed * self.seconds(&fate.splits, |split| &split.auto)?;
        }
        Some(seconds)
    }

    fn seconds(&self, splits: &Splits, side: impl Fn(&Split) -> &[Cell]) -> Option<f64> {
        let effort = match splits.get(Account::Effort) {
            Some(split) => Effort::of(side(split)),
            None => unknown(side(&splits.cases())),
        };
        effort.total(self.seconds)
    }
}

/// The effort of cases none of whose times is known.
fn unknown(cells: &[Cell]) -> Effort {
    Effort {
        cases: rates::cases(cells),
        ..Effort::default()
    }
}

/// The least score from which a case should be auto-approved, if the score is the probability that
/// the AI is right (Chow 1970; with the residual error of reviewers, docs/statistics.md): a review
/// costs `review`, an error `error`, and a reviewed case is wrong with probability
/// `reviewer_error`. In [0, 1]; `None` unless an error costs something.
pub fn chow_threshold(review: f64, error: f64, reviewer_error: f64) -> Option<f64> {
    if !(error > 0.0 && review >= 0.0 && (0.0..1.0).contains(&reviewer_error)) {
        return None;
    }
    Some((1.0 - (review / error + reviewer_error)).clamp(0.0, 1.0))
}
