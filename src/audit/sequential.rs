//! A bound that may be looked at after every case: the prior-posterior-ratio confidence set for
//! sampling without replacement (Waudby-Smith and Ramdas 2020, "Confidence sequences for sampling
//! without replacement").
//!
//! With a beta-binomial prior on the errors of the population, the ratio of prior to posterior at
//! the true number is a martingale that starts at 1, so by Ville's inequality it ever reaches
//! 1 / risk with probability at most the risk. The set of numbers for which it has not is
//! valid at every sample size at once, whoever stops when. Assumes that cases come in the order of
//! their tickets. Must not be used for a part of a sample picked afterwards.

use crate::audit::claim::Claim;
use crate::estimate::binomial::count;
use crate::estimate::hypergeometric::{Draw, last_that};
use crate::rate::Fraction;

/// A population with what was expected of it before the audit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sequence {
    population: u64,
    /// Second shape of the beta prior; the first is 1.
    shape: f64,
    extent: Extent,
}

/// How well the number of cases of a population is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Extent {
    Exact,
    /// There may be fewer.
    AtMost,
}

impl Sequence {
    /// `prior_rate` is the mean of the prior Beta(1, 1/rate - 1). `None`, or a rate of 0 or of a
    /// half and more, gives the uniform prior, which favours no rate.
    pub fn new(population: u64, prior_rate: Option<Fraction>) -> Self {
        let rate = prior_rate.map_or(0.5, Fraction::value);
        let shape = if rate > 0.0 {
            (1.0 / rate - 1.0).max(1.0)
        } else {
            1.0
        };
        Self {
            population,
            shape,
            extent: Extent::Exact,
        }
    }

    /// A population of which the number of cases is not known but for the most that it can be. The
    /// shares of errors are those of a population of that many, and its bounds are one error wider: as
    /// wide as those of any smaller population, whose limits are rounded to a share of fewer cases
    /// (found by search for risks of up to 20 %, not proved).
    pub fn at_most(population: u64, prior_rate: Option<Fraction>) -> Self {
        Self {
            extent: Extent::AtMost,
            ..Self::new(population, prior_rate)
        }
    }

    pub fn population(self) -> u64 {
        self.population
    }

    /// Logarithm of the probability of `found` errors in `drawn` cases under the prior:
    /// b / (n + b) · Π (n - i) / (n + b - 1 - i) for i below the errors found.
    fn log_prior_mass(self, found: u64, drawn: u64) -> f64 {
        let (n, b) = (count(drawn), self.shape);
        let first = (b / (n + b)).ln();
        (0..found)
            .map(count)
            .fold(first, |sum, i| sum + ((n - i) / (n + b - 1.0 - i)).ln())
    }

    /// Fewest and most errors of the population that are not excluded, at this risk, after
    /// `found` errors in `drawn` cases. More found than drawn, or more drawn than there are,
    /// excludes nothing.
    pub fn errors(self, found: u64, drawn: u64, risk: f64) -> (u64, u64) {
        if found > drawn || drawn > self.population {
            return (0, self.population);
        }
        let limit = risk.ln() + self.log_prior_mass(found, drawn);
        let is_left = |errors: u64| {
            Draw::new(self.population, errors, drawn)
                .is_some_and(|draw| draw.log_mass(found) >= limit)
        };
        let (least, most) = (found, self.population - drawn + found);
        let likeliest = self.likeliest(found, drawn).clamp(least, most);
        let high = last_that(likeliest, most, is_left);
        let down = last_that(0, likeliest - least, |down| is_left(likeliest - down));
        match self.extent {
            Extent::Exact => (likeliest - down, high),
            Extent::AtMost => {
                let low = (likeliest - down).saturating_sub(1);
                (low.max(least), (high + 1).min(most))
            }
        }
    }

    /// The number of errors under which the sample is likeliest; it is never excluded, for the
    /// prior's mass is a mean over all numbers.
    fn likeliest(self, found: u64, drawn: u64) -> u64 {
        let all = u128::from(found) * (u128::from(self.population) + 1);
        let likeliest = all.checked_div(u128::from(drawn)).unwrap_or(0);
        u64::try_from(likeliest).unwrap_or(self.population)
    }

    /// Whether `found` errors in `drawn` cases show the claim.
    pub fn shows(self, claim: Claim, found: u64, drawn: u64) -> bool {
        let (_, most) = self.errors(found, drawn, claim.risk());
        claim.tolerable().exceeds(most, self.population)
    }

    /// The first sample size at which `found` errors in all show the claim; `None` where not even
    /// the whole population would.
    pub fn stop(self, claim: Claim, found: u64) -> Option<u64> {
        let all = self.population;
        if found > all || !self.shows(claim, found, all) {
            return None;
        }
        // Seen from the whole population, the sizes that show the claim are one run.
        let spared = last_that(0, all - found, |spared| {
            self.shows(claim, found, all - spared)
        });
        Some(all - spared)
    }
}

/// How an audit that stops at set sizes goes at a true number of errors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Course {
    /// Probability that the claim was shown by the last size.
    pub shown: f64,
    /// Mean number of cases looked at.
    pub cases: f64,
}

/// The course of an audit of `population` cases, `errors` of them wrong, that ends at `stops[k]`
/// cases if k errors were found by then, and at the last of the stops in any case. By summing over
/// all orders in which the errors may come.
pub fn course(population: u64, errors: u64, stops: &[u64]) -> Course {
    let last = stops.iter().copied().max().unwrap_or(0).min(population);
    // The probability of each number of errors found, while the audit goes on.
    let mut going = vec![0.0; stops.len() + 1];
    if let Some(first) = going.first_mut() {
        *first = 1.0;
    }
    let mut course = Course {
        shown: 0.0,
        cases: 0.0,
    };
    for drawn in 1..=last {
        course.cases += going.iter().sum::<f64>();
        let left = count(population - drawn + 1);
        let mut next = vec![0.0; going.len()];
        for (found, chance) in going.iter().enumerate() {
            let wrong = count(errors.saturating_sub(found as u64)) / left;
            let more = (found + 1).min(stops.len());
            add(&mut next, found, chance * (1.0 - wrong));
            add(&mut next, more, chance * wrong);
        }
        for (stop, chance) in stops.iter().zip(&mut next) {
            if *stop <= drawn {
                course.shown += *chance;
                *chance = 0.0;
            }
        }
        going = next;
    }
    course
}

fn add(chances: &mut [f64], found: usize, more: f64) {
    if let Some(chance) = chances.get_mut(found) {
        *chance += more;
    }
}
