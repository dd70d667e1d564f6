//! How many more labels would let a promise be made, if errors went on coming as they have.
//!
//! This is advice and no promise: the rates seen so far are taken for the truth. It must not be
//! used to decide anything.

use crate::estimate::stratified::{self, Stratum};
use crate::estimate::{beta, binomial};

/// Labels beyond which an answer helps nobody.
pub const MOST_LABELS: u64 = 1_000_000_000;

/// More labels for one set of cases.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shortfall {
    /// Labels that are wanting.
    pub labels: u64,
    /// The stratum that they are to be drawn from; `None`: from all, in proportion to the labels
    /// that are there.
    pub stratum: Option<usize>,
}

/// The labels that are wanting until the bound at `level` comes down to the limit, the observed
/// rates staying as they are: in the stratum that adds most to the distance between bound and
/// estimate if that is enough, else in all of them alike. `None` where the observed rate is not
/// below the limit, or more than `most` labels would be wanting.
pub fn of(strata: &[Stratum], level: f64, limit: f64, most: u64) -> Option<Shortfall> {
    if stratified::rate(strata)? >= limit || level <= 0.0 {
        return None;
    }
    let widest = widest(strata, level)?;
    let in_one = |more: f64| {
        let parts = strata.iter().enumerate();
        parts
            .map(|(place, stratum)| {
                let more = if place == widest { more } else { 0.0 };
                part(stratum, more, level, strata.len())
            })
            .sum::<f64>()
    };
    if let Some(labels) = fewest(|more| in_one(more) <= limit, most) {
        return Some(Shortfall {
            labels,
            stratum: Some(widest),
        });
    }
    let labels: u64 = strata.iter().map(|stratum| stratum.labelled).sum();
    let total = binomial::count(labels);
    let in_all = |more: f64| {
        let grown = |stratum: &Stratum| {
            let own = more * binomial::count(stratum.labelled) / total;
            part(stratum, own, level, strata.len())
        };
        strata.iter().map(grown).sum::<f64>()
    };
    fewest(|more| in_all(more) <= limit, most).map(|labels| Shortfall {
        labels,
        stratum: None,
    })
}

/// What a stratum adds to the bound with so many labels more, at its observed rate. Errors need
/// not be whole here: the exact limit is the quantile of a beta distribution either way.
fn part(stratum: &Stratum, more: f64, level: f64, strata: usize) -> f64 {
    let labelled = binomial::count(stratum.labelled) + more;
    let rate = stratum.rate().unwrap_or(1.0);
    let errors = rate * labelled;
    let tail = -((-level).ln_1p() / binomial::count(strata as u64)).exp_m1();
    if labelled - errors <= 0.0 {
        return stratum.share;
    }
    stratum.share * beta::quantile_upper(tail, errors + 1.0, labelled - errors)
}

/// The stratum whose bound lies furthest above its rate, in shares of all cases.
fn widest(strata: &[Stratum], level: f64) -> Option<usize> {
    let reach = |stratum: &Stratum| {
        part(stratum, 0.0, level, strata.len()) - stratum.share * stratum.rate().unwrap_or(1.0)
    };
    let places = strata.iter().map(reach).enumerate();
    let widest = places.max_by(|a, b| a.1.total_cmp(&b.1));
    widest.map(|(place, _)| place)
}

/// The smallest whole number from 0 to `most` that is enough, where more never hurts.
fn fewest(is_enough: impl Fn(f64) -> bool, most: u64) -> Option<u64> {
    let most = binomial::count(most);
    if !is_enough(most) {
        return None;
    }
    let (mut low, mut high) = (0.0, 1.0_f64.min(most));
    if is_enough(low) {
        return Some(0);
    }
    while !is_enough(high) {
        low = high;
        high = (high * 2.0).min(most);
    }
    while high - low > 1.0 {
        let middle = ((low + high) / 2.0).floor();
        if is_enough(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some(high as u64)
}

/// Whether the estimate of a set of cases is below the limit.
pub fn is_below(strata: &[Stratum], limit: f64) -> bool {
    stratified::rate(strata).is_some_and(|rate| rate < limit)
}
