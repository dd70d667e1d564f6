//! How an accept-on-c plan behaves at every true error rate: the rate that it lets pass one time in
//! ten, and the worst average that leaves it. For plans of independent cases (ISO 2859-2, Z1.4;
//! their tables are not used). Must not choose plans.

use crate::audit::size::Size;
use crate::estimate::binomial;

/// Steps of the search for the worst average: each narrows it to 0.618.
const STEPS: u32 = 90;
/// The golden section.
const GOLDEN: f64 = 0.618_033_988_749_894_9;

/// The error rate that passes with probability `chance`; with 0.1 the limiting quality.
pub fn limiting_quality(size: Size, chance: f64) -> f64 {
    binomial::upper(size.allowed, size.cases, chance)
}

/// The largest average error rate that is left when failed populations are reviewed throughout and
/// their errors mended: the average outgoing quality limit, with the true rate that gives it.
pub fn outgoing_limit(size: Size) -> (f64, f64) {
    let outgoing = |rate: f64| rate * binomial::cdf(size.allowed, size.cases, rate);
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..STEPS {
        let (left, right) = (high - GOLDEN * (high - low), low + GOLDEN * (high - low));
        if outgoing(left) < outgoing(right) {
            low = left;
        } else {
            high = right;
        }
    }
    let rate = (low + high) / 2.0;
    (rate, outgoing(rate))
}
