//! Rates from cases that were labelled with known, unequal probabilities.
//!
//! Holds sums only, so that parts of a log can be tallied apart and added. It must not give an
//! interval: with few errors its standard errors are far too small, and limits come from
//! `fay_feuer`.

use std::ops::AddAssign;

use crate::estimate::binomial;

/// Sums over labelled cases of their weights w > 0 and errors e (0 or 1).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct WeightSums {
    /// Sum of w.
    pub sum_w: f64,
    /// Sum of w·e.
    pub sum_w_error: f64,
    /// Sum of w².
    pub sum_w2: f64,
    /// Sum of w²·e.
    pub sum_w2_error: f64,
    /// Largest w; 0 before the first case.
    pub max_w: f64,
}

impl WeightSums {
    /// Estimated rate, in 0..=1: the weighted mean of the errors (Hajek 1971). None without
    /// weight.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        self.over_weight(self.sum_w_error)
    }

    /// The inverse-probability estimate with a known number of cases (Horvitz and Thompson 1952),
    /// for weights 1/π. Unbiased, but may exceed 1: for comparison only. None without cases.
    #[must_use]
    pub fn horvitz_thompson(&self, cases: u64) -> Option<f64> {
        (cases > 0).then(|| self.sum_w_error / binomial::count(cases))
    }

    /// Number of equally weighted cases that would be as informative, (Σw)²/Σw² (Kish 1965): at
    /// most the number of cases. A diagnostic, not a sample size for exact limits. None without
    /// weight.
    #[must_use]
    pub fn effective_size(&self) -> Option<f64> {
        (self.sum_w2 > 0.0).then(|| self.sum_w * (self.sum_w / self.sum_w2))
    }

    /// Part of the whole weight that one case carries at most, in 0..=1. None without weight.
    #[must_use]
    pub fn largest_share(&self) -> Option<f64> {
        self.over_weight(self.max_w)
    }

    /// Standard error of [`mean`](Self::mean) by linearisation, as if cases had been drawn with
    /// replacement (Särndal, Swensson and Wretman 1992, section 5.7). None for fewer than two
    /// cases.
    #[must_use]
    pub fn standard_error(&self, labelled: u64) -> Option<f64> {
        let mean = self.mean()?;
        let n = binomial::count(labelled);
        let inflation = (labelled > 1).then(|| n / (n - 1.0))?;
        self.over_weight((inflation * self.squared_residuals(mean)).max(0.0).sqrt())
    }

    /// Standard error of [`mean`](Self::mean) by linearisation when each case was labelled
    /// independently with probability π and w = 1/π (Särndal, Swensson and Wretman 1992, section
    /// 5.7): the root of Σ(1-π)(e-R)²/π², over Σw. Wrong for weights that were rescaled.
    #[must_use]
    pub fn poisson_standard_error(&self) -> Option<f64> {
        let mean = self.mean()?;
        let certain = self.sum_w_error * (1.0 - mean).powi(2)
            + (self.sum_w - self.sum_w_error) * mean.powi(2);
        let squares = self.squared_residuals(mean) - certain;
        self.over_weight(squares.max(0.0).sqrt())
    }

    /// Σw²(e - R)²: an error is off by 1 - R and any other case by R.
    fn squared_residuals(&self, mean: f64) -> f64 {
        self.sum_w2_error * (1.0 - mean).powi(2) + (self.sum_w2 - self.sum_w2_error) * mean.powi(2)
    }

    fn over_weight(&self, sum: f64) -> Option<f64> {
        (self.sum_w > 0.0).then(|| sum / self.sum_w)
    }
}

impl AddAssign for WeightSums {
    fn add_assign(&mut self, other: Self) {
        self.sum_w += other.sum_w;
        self.sum_w_error += other.sum_w_error;
        self.sum_w2 += other.sum_w2;
        self.sum_w2_error += other.sum_w2_error;
        self.max_w = self.max_w.max(other.max_w);
    }
}
