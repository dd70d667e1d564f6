//! How many cases an audit must look at: one stage, two stages, or a margin around an estimate.
//!
//! All counts that follow from rates are exact: the excluded number of errors is ceil(T N), and the
//! errors allowed at an expected rate e are the smallest k with e n <= k. Must not draw.

use thiserror::Error;

use crate::audit::claim::{Claim, Model};
use crate::estimate::binomial::count;
use crate::estimate::hypergeometric::Draw;
use crate::estimate::normal;
use crate::rate::Fraction;

/// Beyond this many cases nobody audits; searches end there.
const MOST_CASES: u64 = 1_000_000_000;

/// The errors that a plan allows for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    Rate(Fraction),
    Errors(u64),
}

impl Expected {
    /// A discovery plan: not one error is allowed.
    pub const NONE: Self = Self::Errors(0);
}

/// A sample size with the errors that may be found in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    pub cases: u64,
    /// The claim can be made with up to so many errors.
    pub allowed: u64,
}

/// Why there is no size.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum SizeError {
    #[error(
        "no sample size can pass: the expected error rate {expected} is not below the tolerable rate {tolerable}"
    )]
    ExpectedTooHigh {
        expected: Fraction,
        tolerable: Fraction,
    },
    #[error(
        "no sample size can pass: {errors} expected errors are not below {tolerable} of {population} cases"
    )]
    TooManyErrors {
        errors: u64,
        tolerable: Fraction,
        population: u64,
    },
    #[error(
        "the plan needs more than {MOST_CASES} cases: the expected rate is too near to the tolerable rate"
    )]
    TooLarge,
    #[error("there are no cases to draw from")]
    NoCases,
    #[error("a margin of {0} is not between 0 % and 50 %")]
    Margin(Fraction),
    #[error("in {population} cases no two samples of equal size can show the claim")]
    NoSecondStage { population: u64 },
}

/// The smallest sample that shows the claim if no more errors than expected are found.
///
/// # Errors
/// When no sample can, or none of a size that anybody would look at.
pub fn attribute(model: Model, claim: Claim, expected: Expected) -> Result<Size, SizeError> {
    if model.population() == Some(0) {
        return Err(SizeError::NoCases);
    }
    if let Some(population) = needs_census(model, claim) {
        return Ok(Size {
            cases: population,
            allowed: 0,
        });
    }
    match expected {
        Expected::Rate(rate) if rate >= claim.tolerable() => Err(SizeError::ExpectedTooHigh {
            expected: rate,
            tolerable: claim.tolerable(),
        }),
        Expected::Rate(rate) => match model {
            Model::Poisson => poisson_at_rate(claim, rate),
            Model::Hypergeometric { .. } | Model::Binomial => whole_at_rate(model, claim, rate),
        },
        Expected::Errors(allowed) => {
            let cases = for_errors(model, claim, allowed, 1)?;
            Ok(Size { cases, allowed })
        }
    }
}

/// The population, if the claim is that it holds no error at all.
pub fn needs_census(model: Model, claim: Claim) -> Option<u64> {
    let population = model.population()?;
    // One wrong case is more than is tolerable.
    (claim.tolerable().floor_of(population) == 0).then_some(population)
}

/// The smallest size from `from` on with which `errors` errors show the claim.
pub(crate) fn for_errors(
    model: Model,
    claim: Claim,
    errors: u64,
    from: u64,
) -> Result<u64, SizeError> {
    let most = model.population().unwrap_or(MOST_CASES);
    let too_many = || match model {
        Model::Hypergeometric { population } => SizeError::TooManyErrors {
            errors,
            tolerable: claim.tolerable(),
            population,
        },
        Model::Binomial | Model::Poisson => SizeError::TooLarge,
    };
    if errors >= most || !model.shows(claim, errors, most) {
        return Err(too_many());
    }
    Ok(first_that(from.max(errors + 1), most, |size| {
        model.shows(claim, errors, size)
    }))
}

/// The first number from `from` to `last` of which something is true that is true of `last` and,
/// once true, stays so. The steps double, for the answer is usually near.
pub(crate) fn first_that(from: u64, last: u64, is_true: impl Fn(u64) -> bool) -> u64 {
    let (mut below, mut step, mut above) = (from.saturating_sub(1), 1, last);
    while below + step < last {
        if is_true(below + step) {
            above = below + step;
            break;
        }
        below += step;
        step *= 2;
    }
    while above - below > 1 {
        let middle = below + (above - below) / 2;
        if is_true(middle) {
            above = middle;
        } else {
            below = middle;
        }
    }
    above
}

/// The first k, with n the size that k errors need, for which e n <= k. As n grows with k, no k
/// before ceil(e n) can be it, so the search leaps there.
fn whole_at_rate(model: Model, claim: Claim, rate: Fraction) -> Result<Size, SizeError> {
    let (mut allowed, mut cases) = (0, 1);
    loop {
        cases = match for_errors(model, claim, allowed, cases) {
            Ok(cases) => cases,
            // Only a census shows a rate this near to the tolerable one.
            Err(SizeError::TooManyErrors { population, .. }) => {
                let excluded = claim.tolerable().ceil_of(population);
                return Ok(Size {
                    cases: population,
                    allowed: excluded.saturating_sub(1),
                });
            }
            Err(error) => return Err(error),
        };
        let expected = rate.ceil_of(cases);
        if expected <= allowed {
            return Ok(Size { cases, allowed });
        }
        allowed = expected;
    }
}

/// The expected errors e n need not be whole.
fn poisson_at_rate(claim: Claim, rate: Fraction) -> Result<Size, SizeError> {
    let shows = |size: u64| Model::Poisson.shows_partial(claim, rate.value() * count(size), size);
    if !shows(MOST_CASES) {
        return Err(SizeError::TooLarge);
    }
    let cases = first_that(1, MOST_CASES, shows);
    let mut allowed = rate.floor_of(cases);
    while Model::Poisson.shows(claim, allowed + 1, cases) {
        allowed += 1;
    }
    Ok(Size { cases, allowed })
}

/// A plan of two samples of the same size: without an error the first is enough; with 1 to
/// `continue_up_to` errors a second one is drawn, which must show none; with more it fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TwoStage {
    /// Cases of each stage.
    pub cases: u64,
    pub continue_up_to: u64,
}

impl TwoStage {
    /// Probability that a second sample is drawn, at a true error rate.
    pub fn second(self, model: Model, rate: Fraction) -> f64 {
        model.cdf(self.continue_up_to, self.cases, rate) - model.cdf(0, self.cases, rate)
    }

    /// Probability that the claim is made, at a true error rate.
    pub fn passes(self, model: Model, rate: Fraction) -> f64 {
        let first = model.cdf(0, self.cases, rate);
        let goes_on = 1..=self.continue_up_to;
        let later: f64 = match model {
            Model::Hypergeometric { population } => {
                let errors = rate.ceil_of(population);
                let second = |found: u64| {
                    let left = errors.checked_sub(found)?;
                    Draw::new(population.checked_sub(self.cases)?, left, self.cases)
                };
                let chance = |found: u64| {
                    let first = Draw::new(population, errors, self.cases)?.mass(found);
                    Some(first * second(found)?.cdf(0))
                };
                goes_on.filter_map(chance).sum()
            }
            Model::Binomial | Model::Poisson => self.second(model, rate) * first,
        };
        first + later
    }
}

/// The smallest two-stage plan whose chance to pass at the tolerable rate is below the risk.
///
/// # Errors
/// When there is none.
pub fn two_stage(model: Model, claim: Claim, continue_up_to: u64) -> Result<TwoStage, SizeError> {
    let plan = |cases| TwoStage {
        cases,
        continue_up_to,
    };
    let holds = |cases| plan(cases).passes(model, claim.tolerable()) < claim.risk();
    let most = model
        .population()
        .map_or(MOST_CASES, |population| population / 2);
    if most == 0 || !holds(most) {
        return Err(match model.population() {
            Some(population) => SizeError::NoSecondStage { population },
            None => SizeError::TooLarge,
        });
    }
    Ok(plan(first_that(1, most, holds)))
}

/// The cases with which a rate near `expected` is estimated to within `margin` either way, by the
/// normal approximation (Cochran 1977, 4.4) with its correction for a finite population. It says
/// nothing of rates near 0.
///
/// # Errors
/// When the margin is none, or the population empty.
pub fn margin(
    margin: Fraction,
    expected: Fraction,
    confidence: Fraction,
    population: Option<u64>,
) -> Result<u64, SizeError> {
    let reach = margin.value();
    if !(reach > 0.0 && reach < 0.5) {
        return Err(SizeError::Margin(margin));
    }
    let deviate = normal::quantile(confidence.complement().value() / 2.0);
    let spread = expected.value() * (1.0 - expected.value());
    let endless = deviate * deviate * spread / (reach * reach);
    let cases = match population {
        Some(0) => return Err(SizeError::NoCases),
        Some(population) => endless / (1.0 + (endless - 1.0) / count(population)),
        None => endless,
    };
    let cases = (cases.ceil() as u64).max(1);
    Ok(population.map_or(cases, |population| cases.min(population)))
}

/// Probability that a plan of one stage passes, at a true error rate.
pub fn passes(model: Model, size: Size, rate: Fraction) -> f64 {
    model.cdf(size.allowed, size.cases, rate)
}

/// Probability that a sample finds at least one error, at a true error rate.
pub fn discovers(model: Model, cases: u64, rate: Fraction) -> f64 {
    1.0 - model.cdf(0, cases, rate)
}
