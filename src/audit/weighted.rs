//! Totals from cases of unequal inclusion probabilities (Horvitz and Thompson 1952, Hajek 1971) and
//! their variances by the way the cases were drawn. Estimates only: without errors the
//! variance is 0 and says nothing, so no bound may be made from it.

use crate::estimate::binomial::count;

/// A drawn case: its inclusion probability in (0, 1], and what is added up.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weighted {
    pub probability: f64,
    pub amount: f64,
}

/// The estimated total of the population, the sum of amount / probability.
pub fn total(cases: &[Weighted]) -> f64 {
    let expanded = cases.iter().map(|case| case.amount / case.probability);
    expanded.sum()
}

/// The estimated mean, the total over the sum of 1 / probability; none without a case.
pub fn mean(cases: &[Weighted]) -> Option<f64> {
    let weights: f64 = cases.iter().map(|case| 1.0 / case.probability).sum();
    (weights > 0.0).then(|| total(cases) / weights)
}

/// Variance of the total where each case was drawn or not by itself:
/// the sum of (1 - p) (amount / p)².
pub fn poisson_variance(cases: &[Weighted]) -> f64 {
    let one = |case: &Weighted| {
        let expanded = case.amount / case.probability;
        (1.0 - case.probability) * expanded * expanded
    };
    cases.iter().map(one).sum()
}

/// Variance of the total of a fixed number of cases drawn by ranked tickets (Rosen 1997): over the
/// m cases that were not certain, m / (m - 1) times the sum of (1 - p) (amount / p - B)² with
/// B the mean of amount / p under weights 1 - p. None with fewer than two of them.
pub fn fixed_size_variance(cases: &[Weighted]) -> Option<f64> {
    let drawn: Vec<&Weighted> = cases.iter().filter(|case| case.probability < 1.0).collect();
    if drawn.is_empty() {
        return Some(0.0);
    }
    if drawn.len() < 2 {
        return None;
    }
    let chance: f64 = drawn.iter().map(|case| 1.0 - case.probability).sum();
    let weighted = drawn
        .iter()
        .map(|case| (1.0 - case.probability) * case.amount / case.probability);
    let centre = weighted.sum::<f64>() / chance;
    let square = |case: &&Weighted| {
        let distance = case.amount / case.probability - centre;
        (1.0 - case.probability) * distance * distance
    };
    let squares: f64 = drawn.iter().map(square).sum();
    let number = count(drawn.len() as u64);
    Some(number / (number - 1.0) * squares)
}
