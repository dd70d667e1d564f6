//! Stringer's bound on the mean of partial errors (Stringer 1963): each error widens the bound by
//! as much as one more whole error would, times its taint, the largest taints first.
//!
//! Exact without errors and with whole ones. With partial ones it has been conservative in every
//! study known, but nobody has proved it. Factors are computed in full, not read off tables
//! rounded to 3.00, 4.75, 6.30. Must not net understatements against overstatements.

use crate::audit::conclude::Factors;
use crate::estimate::binomial::{self, count};
use crate::estimate::gamma;

/// Upper bound of the mean taint of `drawn` cases, in 0..=1. `taints` are those of the errors; what
/// is above 1 counts as 1, what is not positive not at all. 1 without a case.
pub fn upper(taints: &[f64], drawn: u64, risk: f64, factors: Factors) -> f64 {
    if drawn == 0 {
        return 1.0;
    }
    let mut sorted: Vec<f64> = taints
        .iter()
        .filter(|taint| **taint > 0.0)
        .map(|taint| taint.min(1.0))
        .collect();
    sorted.sort_by(|one, other| other.total_cmp(one));
    let mut previous = factor(0, drawn, risk, factors);
    let mut bound = previous;
    for (errors, taint) in (1..).zip(sorted) {
        let next = factor(errors, drawn, risk, factors);
        bound += (next - previous) * taint;
        previous = next;
    }
    bound.min(1.0)
}

/// Upper limit of the rate of whole errors.
fn factor(errors: u64, drawn: u64, risk: f64, factors: Factors) -> f64 {
    match factors {
        Factors::Binomial => binomial::upper(errors, drawn, risk),
        Factors::Poisson => gamma::quantile_upper(risk, count(errors) + 1.0) / count(drawn),
    }
}
