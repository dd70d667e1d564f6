//! Draws without replacement from a finite set of cases: the hypergeometric distribution, and
//! exact limits of the number of errors in the set.
//!
//! Assumes a simple random sample: every set of `drawn` cases was as likely. It must not know
//! how the sample was drawn. Masses are in Loader's saddle-point form, tails are sums outwards
//! from where they begin; both hold for sets of up to a billion cases.

use crate::estimate::binomial::{count, is_tail};
use crate::estimate::deviance::{count_deviance, factorial_excess};

/// A term below this part of its sum ends the sum.
const NEGLIGIBLE: f64 = 1e-17;

/// A set of cases and the number that is drawn from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
    population: u64,
    errors: u64,
    drawn: u64,
}

impl Draw {
    /// `drawn` of `population` cases, of which `errors` are wrong; `None` when either is more than
    /// there is.
    #[must_use]
    pub fn new(population: u64, errors: u64, drawn: u64) -> Option<Self> {
        (errors <= population && drawn <= population).then_some(Self {
            population,
            errors,
            drawn,
        })
    }

    /// Fewest errors that the draw must find.
    fn fewest(self) -> u64 {
        (self.errors + self.drawn).saturating_sub(self.population)
    }

    /// Most errors that the draw can find.
    fn most(self) -> u64 {
        self.errors.min(self.drawn)
    }

    /// Probability of finding exactly `found` errors.
    #[must_use]
    pub fn mass(self, found: u64) -> f64 {
        self.log_mass(found).exp()
    }

    /// Natural logarithm of [`Draw::mass`]; minus infinity where that is 0.
    #[must_use]
    pub fn log_mass(self, found: u64) -> f64 {
        let Self {
            population,
            errors,
            drawn,
        } = self;
        if found < self.fewest() || found > self.most() {
            return f64::NEG_INFINITY;
        }
        let [all, wrong, seen] = [population, errors, drawn].map(count);
        let [right, unseen] = [population - errors, population - drawn].map(count);
        // The difference of expected and found errors, with one rounding.
        let excess = (i128::from(errors) * i128::from(drawn)
            - i128::from(found) * i128::from(population)) as f64
            / all.max(1.0);
        let cells = [
            (found, wrong * (seen / all), excess),
            (errors - found, wrong * (unseen / all), -excess),
            (drawn - found, right * (seen / all), -excess),
            (
                population - errors - (drawn - found),
                right * (unseen / all),
                excess,
            ),
        ];
        let margins = factorial_excess(wrong)
            + factorial_excess(right)
            + factorial_excess(seen)
            + factorial_excess(unseen)
            - factorial_excess(all);
        cells
            .iter()
            .fold(margins, |log_mass, (cell, expected, excess)| {
                let cell = count(*cell);
                log_mass - factorial_excess(cell) - count_deviance(cell, *expected, *excess)
            })
    }

    /// Probability of at most `found` errors, in 0..=1.
    #[must_use]
    pub fn cdf(self, found: u64) -> f64 {
        if found >= self.most() {
            return 1.0;
        }
        if found < self.fewest() {
            return 0.0;
        }
        if self.is_below_mean(found) {
            self.sum_down(found)
        } else {
            (1.0 - self.sum_up(found + 1)).max(0.0)
        }
    }

    /// Probability of more than `found` errors, in 0..=1, with full relative accuracy where it is
    /// small.
    #[must_use]
    pub fn sf(self, found: u64) -> f64 {
        if found >= self.most() {
            return 0.0;
        }
        if found < self.fewest() {
            return 1.0;
        }
        // Next to the mean neither tail need be the smaller one, and each is summed for itself.
        if self.is_below_mean(found + 1) {
            (1.0 - self.sum_down(found)).max(0.0)
        } else {
            self.sum_up(found + 1)
        }
    }

    fn is_below_mean(self, found: u64) -> bool {
        u128::from(found) * u128::from(self.population)
            < u128::from(self.errors) * u128::from(self.drawn)
    }

    /// The sum of the masses from `found` downwards.
    fn sum_down(self, found: u64) -> f64 {
        let rest = self.population - self.errors - self.drawn.saturating_sub(found);
        let rest = count(rest);
        let (mut term, mut sum, mut below) = (1.0, 1.0, 0);
        while found - below > self.fewest() {
            let x = found - below;
            let step = count(below);
            term *=
                count(x) * (rest - step) / (count(self.errors - x + 1) * count(self.drawn - x + 1));
            sum += term;
            below += 1;
            if term <= NEGLIGIBLE * sum {
                break;
            }
        }
        (self.mass(found) * sum).min(1.0)
    }

    /// The sum of the masses from `found` upwards.
    fn sum_up(self, found: u64) -> f64 {
        let (mut term, mut sum) = (1.0, 1.0);
        let mut x = found;
        while x < self.most() {
            let rest = self.population - self.errors + x + 1 - self.drawn;
            term *= count(self.errors - x) * count(self.drawn - x) / (count(x + 1) * count(rest));
            sum += term;
            x += 1;
            if term <= NEGLIGIBLE * sum {
                break;
            }
        }
        (self.mass(found) * sum).min(1.0)
    }
}

/// What a simple random sample found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    population: u64,
    drawn: u64,
    errors: u64,
}

impl Found {
    /// `errors` wrong cases among `drawn` of `population`; `None` when either is more than there
    /// is.
    #[must_use]
    pub fn new(errors: u64, drawn: u64, population: u64) -> Option<Self> {
        (errors <= drawn && drawn <= population).then_some(Self {
            population,
            drawn,
            errors,
        })
    }

    /// The largest number of errors in the population under which finding no more than these has
    /// a probability above `tail`: the exact upper limit by the test method (Wright 1991). A tail
    /// outside (0, 1) gives the largest number that is possible at all.
    #[must_use]
    pub fn most_errors(self, tail: f64) -> u64 {
        let possible = self.population - self.drawn + self.errors;
        if !is_tail(tail) {
            return possible;
        }
        last_that(self.errors, possible, |errors| {
            self.given(errors)
                .is_some_and(|draw| draw.cdf(self.errors) > tail)
        })
    }

    /// The smallest number of errors in the population under which finding at least these has a
    /// probability above `tail`. A tail outside (0, 1) gives the smallest that is possible.
    #[must_use]
    pub fn fewest_errors(self, tail: f64) -> u64 {
        let Some(fewer) = self.errors.checked_sub(1) else {
            return 0;
        };
        let possible = self.population - self.drawn + self.errors;
        if !is_tail(tail) {
            return self.errors;
        }
        // Seen from above, so that the first that is likely enough is the last of a run.
        let down = last_that(0, possible - self.errors, |down| {
            self.given(possible - down)
                .is_some_and(|draw| draw.sf(fewer) > tail)
        });
        possible - down
    }

    fn given(self, errors: u64) -> Option<Draw> {
        Draw::new(self.population, errors, self.drawn)
    }
}

/// The last number from `first` to `last` of which something is true that is true of `first` and,
/// once false, stays so.
pub(crate) fn last_that(first: u64, last: u64, is_true: impl Fn(u64) -> bool) -> u64 {
    let (mut known, mut refuted) = (first, last + 1);
    while refuted - known > 1 {
        let middle = known + (refuted - known) / 2;
        if is_true(middle) {
            known = middle;
        } else {
            refuted = middle;
        }
    }
    known
}
