//! Upper bounds of a rate over strata that were labelled at different fractions.
//!
//! Both bounds here are theorems, not approximations, so a certificate may rest on them. They
//! assume independent cases within a stratum and shares known from the log. They must not be
//! asked to bound a stratum by its neighbours: a stratum without labels counts as all errors.

use crate::estimate::binomial;

/// One stratum of the auto-approved set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stratum {
    /// Its part of the cases, in 0..=1; the shares of all strata sum to 1.
    pub share: f64,
    /// Cases with a label.
    pub labelled: u64,
    /// Labelled cases that were errors.
    pub errors: u64,
}

impl Stratum {
    /// Observed error rate; none without labels.
    #[must_use]
    pub fn rate(&self) -> Option<f64> {
        (self.labelled > 0).then(|| binomial::count(self.errors) / binomial::count(self.labelled))
    }

    /// Weight of one labelled case, share / labelled; none without labels.
    #[must_use]
    pub fn case_weight(&self) -> Option<f64> {
        (self.labelled > 0).then(|| self.share / binomial::count(self.labelled))
    }

    /// Whether its own bound depends on what the labels turned out to be.
    fn is_random(&self) -> bool {
        self.share > 0.0 && self.labelled > 0
    }
}

/// Post-stratified rate, the sum of share times rate (Begg and Greenes 1983); none when a
/// stratum with a positive share has no labels, or when there is no stratum.
#[must_use]
pub fn rate(strata: &[Stratum]) -> Option<f64> {
    if strata.is_empty() {
        return None;
    }
    strata
        .iter()
        .filter(|stratum| stratum.share > 0.0)
        .map(|stratum| Some(stratum.share * stratum.rate()?))
        .sum()
}

/// Upper bound of the rate with error probability at most `tail`: the sum of share times the
/// Clopper-Pearson limit of each stratum at tail 1 - (1 - tail)^(1/H) (Sidak 1967), where H
/// counts the strata that have both a share and labels.
///
/// Exact for independent strata. With H = 1 it is the Clopper-Pearson limit. A stratum without
/// labels adds its whole share. In 0..=1 when the shares sum to 1; no strata, a share that is
/// not finite, or a tail outside (0, 1) gives 1.
#[must_use]
pub fn sidak_upper(strata: &[Stratum], tail: f64) -> f64 {
    let random = strata.iter().filter(|stratum| stratum.is_random()).count();
    if strata.is_empty() || !shares_are_sound(strata) || !binomial::is_tail(tail) {
        return 1.0;
    }
    let each = if random <= 1 {
        tail
    } else {
        -((-tail).ln_1p() / binomial::count(random as u64)).exp_m1()
    };
    let sum: f64 = strata
        .iter()
        .map(|stratum| stratum.share * binomial::upper(stratum.errors, stratum.labelled, each))
        .sum();
    sum.min(1.0)
}

/// The exact and tight upper bound of the rate when no stratum has seen an error: the largest
/// sum of share times p over all p whose chance of no error, the product of (1 - p)^labelled,
/// is at least `tail`.
///
/// None when any stratum has an error. By the Karush-Kuhn-Tucker conditions the solution is
/// 1 - p = min(1, μ·labelled/share): filling from the stratum with the fewest labels for its
/// share. Equals Buehler's (1957) bound, and 1 - tail^(1/n) under proportional allocation. A
/// stratum without labels adds its whole share. No strata, a share that is not finite, or a tail
/// outside (0, 1) gives 1.
#[must_use]
pub fn zero_error_upper(strata: &[Stratum], tail: f64) -> Option<f64> {
    if strata.iter().any(|stratum| stratum.errors > 0) {
        return None;
    }
    if strata.is_empty() || !shares_are_sound(strata) || !binomial::is_tail(tail) {
        return Some(1.0);
    }
    let unlabelled: f64 = strata
        .iter()
        .filter(|stratum| stratum.labelled == 0)
        .map(|stratum| stratum.share)
        .sum();
    let mut filling: Vec<Filling> = strata
        .iter()
        .filter(|stratum| stratum.is_random())
        .map(|stratum| Filling::new(*stratum))
        .collect();
    filling.sort_by(|left, right| left.intensity.total_cmp(&right.intensity));
    Some((unlabelled + water_level(&filling, tail.ln())).min(1.0))
}

/// A stratum as the water-filling sees it.
struct Filling {
    share: f64,
    labelled: f64,
    /// Labels for each unit of share.
    intensity: f64,
}

impl Filling {
    fn new(stratum: Stratum) -> Self {
        let labelled = binomial::count(stratum.labelled);
        Self {
            share: stratum.share,
            labelled,
            intensity: labelled / stratum.share,
        }
    }

    /// ln of its intensity over the lowest, not negative.
    fn above(&self, lowest: f64) -> f64 {
        ((self.intensity - lowest) / lowest).ln_1p()
    }
}

/// The maximum over strata sorted by intensity. With the first m strata in use, ln(1 - p) of
/// the first is (ln tail - Σ labelled·above) / Σ labelled; a stratum joins while that lies
/// below minus its own `above`.
fn water_level(filling: &[Filling], log_tail: f64) -> f64 {
    let lowest = filling.first().map_or(0.0, |first| first.intensity);
    let (mut labels, mut raised) = (0.0, 0.0);
    let mut level = f64::NEG_INFINITY;
    for stratum in filling {
        let above = stratum.above(lowest);
        if level >= -above {
            break;
        }
        labels += stratum.labelled;
        raised += stratum.labelled * above;
        level = (log_tail - raised) / labels;
    }
    filling
        .iter()
        .map(|stratum| -stratum.share * (level + stratum.above(lowest)).min(0.0).exp_m1())
        .sum()
}

fn shares_are_sound(strata: &[Stratum]) -> bool {
    strata
        .iter()
        .all(|stratum| stratum.share.is_finite() && stratum.share >= 0.0)
}
