//! Limits of a weighted sum of errors by the gamma method of Fay and Feuer.
//!
//! For rates whose cases carry unequal weights, where exact limits of counts do not apply. In all
//! simulations that are known the limits keep their level, but that is no theorem: a
//! certificate must not rest on them.

use crate::estimate::stratified::Stratum;
use crate::estimate::{binomial, gamma};

/// A weighted sum of errors, with what its limits need. Weights are in the unit of the estimate:
/// for a rate, they sum to 1 over all labelled cases.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WeightedErrors {
    /// Sum of w·e over the labelled cases, y.
    pub estimate: f64,
    /// Sum of w²·e over the labelled cases, v.
    pub variance: f64,
    /// Largest weight that a labelled case carries or would carry, whether or not any such case
    /// was an error, `w_M`.
    pub largest_weight: f64,
}

impl WeightedErrors {
    /// The post-stratified rate as a weighted sum, each labelled case of a stratum weighing
    /// share / labelled. None when a stratum with a positive share has no labels (nothing
    /// bounds its errors), or when no stratum has a share.
    #[must_use]
    pub fn from_strata(strata: &[Stratum]) -> Option<Self> {
        let mut sums = Self {
            estimate: 0.0,
            variance: 0.0,
            largest_weight: 0.0,
        };
        for stratum in strata.iter().filter(|stratum| stratum.share > 0.0) {
            let weight = stratum.case_weight()?;
            let errors = binomial::count(stratum.errors);
            sums.estimate += weight * errors;
            sums.variance += weight * weight * errors;
            sums.largest_weight = sums.largest_weight.max(weight);
        }
        (sums.largest_weight > 0.0).then_some(sums)
    }

    /// Lower limit with one-sided error probability `tail`: the quantile of the gamma
    /// distribution with mean y and variance v (Fay and Feuer 1997, section 3).
    ///
    /// 0 without errors, and for a tail outside (0, 1) or sums that are not positive and finite.
    #[must_use]
    pub fn lower(&self, tail: f64) -> f64 {
        match Moments::new(self.estimate, self.variance) {
            Some(moments) if binomial::is_tail(tail) => {
                moments.scale * gamma::quantile(tail, moments.shape)
            }
            _ => 0.0,
        }
    }

    /// Upper limit with one-sided error probability `tail`: the quantile of the gamma
    /// distribution with mean y + `w_M` and variance v + `w_M`² (Fay and Feuer 1997, section 3).
    ///
    /// It may exceed 1: the sum need not be a rate, so the caller clamps it. Without errors it is
    /// `w_M`·ln(1/tail); with equal weights the exact Poisson limit. A tail outside (0, 1), a
    /// largest weight that is not positive, or sums that are not finite give infinity.
    #[must_use]
    pub fn upper(&self, tail: f64) -> f64 {
        let most = self.largest_weight;
        if !(most > 0.0 && self.estimate >= 0.0 && self.variance >= 0.0) {
            return f64::INFINITY;
        }
        match Moments::new(self.estimate + most, self.variance + most * most) {
            Some(moments) if binomial::is_tail(tail) => {
                moments.scale * gamma::quantile_upper(tail, moments.shape)
            }
            _ => f64::INFINITY,
        }
    }
}

/// A larger shape can only come from sums that are no sums of weights.
const LARGEST_SHAPE: f64 = 1e100;

/// Shape and scale of a gamma distribution.
struct Moments {
    shape: f64,
    scale: f64,
}

impl Moments {
    fn new(mean: f64, variance: f64) -> Option<Self> {
        let scale = variance / mean;
        let shape = mean / scale;
        let sound = scale > 0.0 && scale.is_finite() && shape > 0.0 && shape <= LARGEST_SHAPE;
        sound.then_some(Self { shape, scale })
    }
}
