//! Limits of one proportion from counts: Clopper-Pearson, Wilson and Jeffreys.
//!
//! Assumes independent cases with one common error probability, or the hypergeometric or
//! Poisson-binomial draws for which Clopper-Pearson is known to stay conservative. It must not
//! pool cases of different label probability: that is for `stratified` and `fay_feuer`.
//!
//! All limits are one-sided: `tail` is the probability, in (0, 1), that the limit may lie on the
//! wrong side of the truth. A two-sided interval takes half of its level's complement each side.
//! Input without meaning (more errors than labels, a tail outside (0, 1) or NaN) gives the limit
//! that claims nothing, 0 below and 1 above, so that it can never certify.

use crate::estimate::deviance::{count_deviance, factorial_excess};
use crate::estimate::{beta, normal};

/// Upper limit of an error probability, in 0..=1 (Clopper and Pearson 1934): the quantile of
/// Beta(errors + 1, labelled - errors) with upper tail `tail`.
///
/// Exactly 1 with no labels or nothing but errors; 1 - tail^(1/labelled) with no errors.
#[must_use]
pub fn upper(errors: u64, labelled: u64, tail: f64) -> f64 {
    if errors >= labelled || !is_tail(tail) {
        return 1.0;
    }
    if errors == 0 {
        return -(tail.ln() / count(labelled)).exp_m1();
    }
    beta::quantile_upper(tail, count(errors) + 1.0, count(labelled - errors))
}

/// Lower limit of an error probability, in 0..=1 (Clopper and Pearson 1934): the quantile of
/// Beta(errors, labelled - errors + 1) with lower tail `tail`.
///
/// Exactly 0 with no labels or no errors; tail^(1/labelled) with nothing but errors.
#[must_use]
pub fn lower(errors: u64, labelled: u64, tail: f64) -> f64 {
    if errors == 0 || errors > labelled || !is_tail(tail) {
        return 0.0;
    }
    if errors == labelled {
        return (tail.ln() / count(labelled)).exp();
    }
    beta::quantile(tail, count(errors), count(labelled - errors) + 1.0)
}

/// Probability of at most `errors` errors among `labelled` cases when each errs with probability
/// `rate`: the p-value of "the rate is at least `rate`" (DLMF 8.17.5).
///
/// 1 when `errors` >= `labelled`, and for a rate outside 0..=1 or NaN, which can then never
/// reject.
#[must_use]
pub fn cdf(errors: u64, labelled: u64, rate: f64) -> f64 {
    if errors >= labelled || !(0.0..=1.0).contains(&rate) {
        return 1.0;
    }
    if errors == 0 {
        return (count(labelled) * (-rate).ln_1p()).exp();
    }
    beta::sf(rate, count(errors) + 1.0, count(labelled - errors))
}

/// Probability of exactly `errors` errors among `labelled` cases when each errs with probability
/// `rate` (Loader 2000). 0 for more errors than cases, and for a rate outside 0..=1 or NaN.
#[must_use]
pub fn mass(errors: u64, labelled: u64, rate: f64) -> f64 {
    if errors > labelled || !(0.0..=1.0).contains(&rate) {
        return 0.0;
    }
    let (n, k, rest) = (count(labelled), count(errors), count(labelled - errors));
    let (wrong, right) = (n * rate, n * (1.0 - rate));
    if (wrong <= 0.0 && errors > 0) || (right <= 0.0 && errors < labelled) {
        return 0.0;
    }
    let log_mass = factorial_excess(n)
        - factorial_excess(k)
        - factorial_excess(rest)
        - count_deviance(k, wrong, wrong - k)
        - count_deviance(rest, right, right - rest);
    log_mass.exp()
}

/// Upper limit by inverting the score test, in 0..=1 (Wilson 1927). For display and for MOVER;
/// not conservative. 1 with no labels. Not below the observed rate for tails up to 1/2.
#[must_use]
pub fn wilson_upper(errors: u64, labelled: u64, tail: f64) -> f64 {
    if errors > labelled || labelled == 0 || !is_tail(tail) {
        return 1.0;
    }
    if errors == labelled && tail <= 0.5 {
        return 1.0;
    }
    let (centre, reach) = wilson(errors, labelled, tail);
    (centre + reach).min(1.0)
}

/// Lower limit by inverting the score test, in 0..=1 (Wilson 1927). For display and for MOVER;
/// not conservative. 0 with no labels. Not above the observed rate for tails up to 1/2.
#[must_use]
pub fn wilson_lower(errors: u64, labelled: u64, tail: f64) -> f64 {
    if errors > labelled || labelled == 0 || !is_tail(tail) {
        return 0.0;
    }
    if errors == 0 && tail <= 0.5 {
        return 0.0;
    }
    let (centre, reach) = wilson(errors, labelled, tail);
    (centre - reach).max(0.0)
}

/// Upper limit from Jeffreys' prior Beta(1/2, 1/2), in 0..=1 (Brown, Cai and `DasGupta` 2001,
/// section 4.1). For display; not conservative. 1 with no labels or nothing but errors.
#[must_use]
pub fn jeffreys_upper(errors: u64, labelled: u64, tail: f64) -> f64 {
    if errors >= labelled || !is_tail(tail) {
        return 1.0;
    }
    beta::quantile_upper(tail, count(errors) + 0.5, count(labelled - errors) + 0.5)
}

/// Centre of the score interval, and its signed half width (negative for tails above 1/2).
fn wilson(errors: u64, labelled: u64, tail: f64) -> (f64, f64) {
    let deviate = -normal::quantile(tail);
    let (k, n) = (count(errors), count(labelled));
    let correct = count(labelled - errors);
    let square = deviate * deviate;
    let spread = (k * (correct / n) + 0.25 * square).sqrt();
    let scale = n + square;
    ((k + 0.5 * square) / scale, deviate * spread / scale)
}

pub(crate) fn is_tail(tail: f64) -> bool {
    tail > 0.0 && tail < 1.0
}

/// A count as a double: exact up to 2^53, which no log reaches.
#[expect(clippy::cast_precision_loss, reason = "counts stay below 2^53")]
pub(crate) fn count(cases: u64) -> f64 {
    cases as f64
}
