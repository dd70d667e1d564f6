//! Evidence that may be looked at as often as one likes: the truncated beta-mixture e-value of a
//! rate below or above a limit.
//!
//! Under the hypothesis that it speaks against, the chance that it ever reaches 1 / tail is at most
//! `tail`, however often a growing log is looked at (Ville 1939). It needs labels that are a plain
//! sample, and must not be given weighted sums.

use crate::estimate::beta;

/// Both shapes of the mixing distribution, Beta(1/2, 1/2).
const SHAPE: f64 = 0.5;
/// Steps of a search in the unit interval.
const HALVINGS: u32 = 60;

/// What the evidence is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The rate is below the limit; evidence against every rate of at least the limit.
    Below,
    /// The rate is above the limit; evidence against every rate of at most the limit.
    Above,
}

/// Natural logarithm of the e-value: the likelihood of the counts under a Beta(1/2, 1/2) mixture
/// over the rates that the claim allows, divided by their likelihood at `limit` (Waudby-Smith and
/// Ramdas 2024, section 4; Robbins 1970 for the mixture). Depends on the counts only, not on order.
///
/// 0 without labels. `None` for more errors than labels or a limit outside (0, 1).
#[must_use]
pub fn log_evidence(claim: Claim, errors: u64, labelled: u64, limit: f64) -> Option<f64> {
    if errors > labelled || !(limit > 0.0 && limit < 1.0) {
        return None;
    }
    let (k, n) = (errors as f64, labelled as f64);
    let (a, b) = (SHAPE + k, SHAPE + (n - k));
    let side = |a: f64, b: f64| match claim {
        Claim::Below => beta::log_lower_over_weight(limit, a, b),
        Claim::Above => beta::log_upper_over_weight(limit, a, b),
    };
    // limit^k (1 - limit)^(n - k) is part of both weights: what is left of it cancels.
    Some(side(a, b) - side(SHAPE, SHAPE))
}

/// Limits of the rate that hold at every look at once: the rates against which neither claim has
/// evidence of 1 / `tail`. Wider than limits for one look. 0 and 1 without labels.
#[must_use]
pub fn limits(errors: u64, labelled: u64, tail: f64) -> (f64, f64) {
    let enough = -tail.ln();
    let refutes = |claim, limit: f64| {
        log_evidence(claim, errors, labelled, limit).is_some_and(|log| log >= enough)
    };
    let seen = if labelled > 0 {
        errors as f64 / labelled as f64
    } else {
        return (0.0, 1.0);
    };
    let search = |mut refuted: f64, mut kept: f64, claim: Claim| {
        for _ in 0..HALVINGS {
            let middle = f64::midpoint(refuted, kept);
            if refutes(claim, middle) {
                refuted = middle;
            } else {
                kept = middle;
            }
        }
        kept
    };
    (
        search(0.0, seen, Claim::Above),
        search(1.0, seen, Claim::Below),
    )
}
