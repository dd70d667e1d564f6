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

/// How the cases were drawn; the variance depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Each case by itself, so that the number drawn is random.
    Poisson,
    /// A fixed number by ranked tickets (sequential Poisson, interval sampling).
    FixedSize,
}

/// What the drawn cases stand for in the population. Standard errors are `None` where the variance
/// is 0, which says nothing, but 0 where every case was certain to be drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expansion {
    /// Horvitz and Thompson's total.
    pub total: f64,
    pub total_error: Option<f64>,
    /// Hajek's mean over the cases that it is about; none where it is not asked or there is none.
    pub mean: Option<f64>,
    /// By the residuals around the mean.
    pub mean_error: Option<f64>,
}

impl Expansion {
    /// Total and mean from the probability and amount of each drawn case; a case without an
    /// amount is none that the mean is about, and adds nothing to the total.
    pub fn of(drawn: &[(f64, Option<f64>)], scheme: Scheme) -> Self {
        let all = |amount: &dyn Fn(f64) -> f64| -> Vec<Weighted> {
            let cases = drawn.iter().map(|(probability, stated)| Weighted {
                probability: *probability,
                amount: stated.map_or(0.0, amount),
            });
            cases.collect()
        };
        let about: f64 = drawn
            .iter()
            .filter(|(_, stated)| stated.is_some())
            .map(|(probability, _)| probability.recip())
            .sum();
        let mean = (about > 0.0).then(|| total(&all(&|amount| amount)) / about);
        let mean_error = mean.and_then(|mean| {
            let error = standard_error(&all(&|amount| amount - mean), scheme)?;
            Some(error / about)
        });
        Self {
            mean,
            mean_error,
            ..Self::total_of(&all(&|amount| amount), scheme)
        }
    }

    /// The total alone.
    pub fn total_of(cases: &[Weighted], scheme: Scheme) -> Self {
        Self {
            total: total(cases),
            total_error: standard_error(cases, scheme),
            mean: None,
            mean_error: None,
        }
    }
}

/// Of the total; 0 of certain cases alone, `None` where the variance is 0 otherwise or cannot be
/// estimated.
fn standard_error(cases: &[Weighted], scheme: Scheme) -> Option<f64> {
    if !cases.is_empty() && cases.iter().all(|case| case.probability >= 1.0) {
        return Some(0.0);
    }
    let variance = match scheme {
        Scheme::Poisson => Some(poisson_variance(cases)),
        Scheme::FixedSize => fixed_size_variance(cases),
    };
    variance.filter(|variance| *variance > 0.0).map(f64::sqrt)
}

/// The estimated total of the population, the sum of amount / probability.
pub fn total(cases: &[Weighted]) -> f64 {
    let expanded = cases.iter().map(|case| case.amount / case.probability);
    expanded.sum()
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
