//! The claim that an audit is to support, and the families of distributions that it may be
//! planned with. Must not know how a sample is drawn or evaluated.

use thiserror::Error;

use crate::estimate::binomial::{self, count};
use crate::estimate::gamma;
use crate::estimate::hypergeometric::{Draw, Found};
use crate::rate::Fraction;

/// "The error rate is below `tolerable`", at a confidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    tolerable: Fraction,
    confidence: Fraction,
}

/// Why a claim cannot be planned for.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum ClaimError {
    #[error("a tolerable error rate of {0} leaves nothing to claim")]
    Tolerable(Fraction),
    #[error("a confidence of {0} is not between 0 % and 100 %")]
    Confidence(Fraction),
}

impl Claim {
    /// # Errors
    /// When the tolerable rate or the confidence is 0 or 1.
    pub fn new(tolerable: Fraction, confidence: Fraction) -> Result<Self, ClaimError> {
        let inside = |fraction: Fraction| fraction > Fraction::ZERO && fraction < Fraction::ONE;
        if !inside(tolerable) {
            return Err(ClaimError::Tolerable(tolerable));
        }
        if !inside(confidence) {
            return Err(ClaimError::Confidence(confidence));
        }
        Ok(Self {
            tolerable,
            confidence,
        })
    }

    /// The rate that is to be excluded.
    pub fn tolerable(self) -> Fraction {
        self.tolerable
    }

    pub fn confidence(self) -> Fraction {
        self.confidence
    }

    /// The probability that the claim may be made although it does not hold, in (0, 1).
    pub fn risk(self) -> f64 {
        self.confidence.complement().value()
    }
}

/// The distribution of the errors that a sample finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Model {
    /// Draws without replacement from so many cases: exact for an audit of a finite log.
    Hypergeometric { population: u64 },
    /// Independent cases of an endless process.
    Binomial,
    /// Many cases with rare errors; partial errors allowed.
    Poisson,
}

impl Model {
    /// Whether so few errors in so many cases show the claim. The hypergeometric family excludes
    /// ceil(T N) errors if they would look this good with a probability of at most the risk, the
    /// others exclude the rate T if that has less: the conventions of the published tables.
    pub fn shows(self, claim: Claim, errors: u64, size: u64) -> bool {
        match self {
            Self::Hypergeometric { population } => {
                let excluded = claim.tolerable().ceil_of(population);
                Draw::new(population, excluded, size)
                    .is_some_and(|draw| draw.cdf(errors) <= claim.risk())
            }
            Self::Binomial => binomial::cdf(errors, size, claim.tolerable().value()) < claim.risk(),
            Self::Poisson => self.shows_partial(claim, count(errors), size),
        }
    }

    /// As [`Model::shows`] for a sum of partial errors, which need not be whole; families that know
    /// whole errors only round it up.
    pub fn shows_partial(self, claim: Claim, errors: f64, size: u64) -> bool {
        match self {
            Self::Poisson => {
                let mean = claim.tolerable().value() * count(size);
                gamma::sf(mean, errors + 1.0) < claim.risk()
            }
            Self::Hypergeometric { .. } | Self::Binomial => {
                self.shows(claim, errors.ceil() as u64, size)
            }
        }
    }

    /// Probability of at most `errors` errors among `size` cases at a true error rate, of which a
    /// finite population holds the next larger whole number.
    pub fn cdf(self, errors: u64, size: u64, rate: Fraction) -> f64 {
        match self {
            Self::Hypergeometric { population } => {
                Draw::new(population, rate.ceil_of(population), size)
                    .map_or(1.0, |draw| draw.cdf(errors))
            }
            Self::Binomial => binomial::cdf(errors, size, rate.value()),
            Self::Poisson => {
                let mean = rate.value() * count(size);
                if mean > 0.0 {
                    gamma::sf(mean, count(errors) + 1.0)
                } else {
                    1.0
                }
            }
        }
    }

    /// The upper bound of the error rate after so many errors among so many cases, in 0..=1.
    pub fn upper(self, errors: u64, size: u64, risk: f64) -> f64 {
        match self {
            Self::Hypergeometric { population } => Found::new(errors, size, population)
                .map_or(1.0, |found| {
                    count(found.most_errors(risk)) / count(population.max(1))
                }),
            Self::Binomial => binomial::upper(errors, size, risk),
            Self::Poisson if size > 0 => {
                (gamma::quantile_upper(risk, count(errors) + 1.0) / count(size)).min(1.0)
            }
            Self::Poisson => 1.0,
        }
    }

    /// The largest sample that makes sense; `None` without a limit.
    pub fn population(self) -> Option<u64> {
        match self {
            Self::Hypergeometric { population } => Some(population),
            Self::Binomial | Self::Poisson => None,
        }
    }

    /// The word that documents use.
    pub fn key(self) -> &'static str {
        match self {
            Self::Hypergeometric { .. } => "hypergeometric",
            Self::Binomial => "binomial",
            Self::Poisson => "poisson",
        }
    }
}
