//! Differences of two rates: Miettinen-Nurminen where labels are a plain sample on both sides,
//! MOVER over the limits of each side otherwise, and an exact test that one rate is not higher.
//!
//! All limits are one-sided: `tail` is the probability, in (0, 1), that the limit may lie on the
//! wrong side of the truth. It must not know which difference is a good one; that is for whoever
//! asks.

use crate::estimate::{binomial, normal};

/// Steps of a bisection of an interval of length 2: to the last digit of a double.
const HALVINGS: u32 = 64;
/// Nuisance rates that the exact test looks at.
const NUISANCE_RATES: u32 = 48;
/// The probability that the nuisance rate may lie outside the range that is looked at. Twice it is
/// the least p-value there can be, so it is small: Holm's correction over many segments must still
/// be able to reject.
const NUISANCE_TAIL: f64 = 5e-7;
/// Standard deviations beyond which outcomes are not summed up.
const FAR: f64 = 9.0;
/// With so many errors on both sides the score is normal for every purpose.
const MANY_ERRORS: u64 = 500;

/// Errors among labelled cases that are a plain sample, 0 <= errors <= labelled. Neither need be
/// whole, so that more labels at the same rate can be imagined.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    pub errors: f64,
    pub labelled: f64,
}

impl Sample {
    pub fn new(errors: u64, labelled: u64) -> Self {
        Self {
            errors: binomial::count(errors),
            labelled: binomial::count(labelled),
        }
    }

    /// Observed error rate.
    pub fn rate(&self) -> f64 {
        self.errors / self.labelled
    }

    /// The same rate among so many times as many labels.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        Self {
            errors: self.errors * factor,
            labelled: self.labelled * factor,
        }
    }
}

/// An estimate with its limits, low <= estimate <= high.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    pub estimate: f64,
    pub low: f64,
    pub high: f64,
}

impl Limits {
    /// A number that is known exactly.
    pub fn exact(value: f64) -> Self {
        Self {
            estimate: value,
            low: value,
            high: value,
        }
    }

    /// Each times a factor, 0 or more.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        Self {
            estimate: factor * self.estimate,
            low: factor * self.low,
            high: factor * self.high,
        }
    }

    /// With another estimate, and limits as far from it as they were.
    #[must_use]
    pub fn moved(self, estimate: f64) -> Self {
        Self {
            estimate,
            low: estimate - (self.estimate - self.low),
            high: estimate + (self.high - self.estimate),
        }
    }
}

/// The score statistic of "new rate - base rate = `difference`", positive where the observed
/// difference is larger (Miettinen and Nurminen 1985, equation 8, with the factor N / (N - 1)).
///
/// 0 where neither side can vary and the difference is as stated; infinite where it is not. NaN
/// without labels on a side.
#[must_use]
pub fn score(new: Sample, base: Sample, difference: f64) -> f64 {
    let gap = new.rate() - base.rate() - difference;
    let at = restricted_base_rate(new, base, difference);
    let moved = (at + difference).clamp(0.0, 1.0);
    let total = new.labelled + base.labelled;
    let variance = (moved * (1.0 - moved) / new.labelled + at * (1.0 - at) / base.labelled) * total
        / (total - 1.0);
    if variance > 0.0 {
        return gap / variance.sqrt();
    }
    if gap == 0.0 { 0.0 } else { gap * f64::INFINITY }
}

/// The most likely base rate if the rates differ by `difference`: the root in [0, 1] of the cubic
/// in Miettinen and Nurminen (1985), appendix I.
fn restricted_base_rate(new: Sample, base: Sample, difference: f64) -> f64 {
    let total = new.labelled + base.labelled;
    let errors = new.errors + base.errors;
    let (lowest, highest) = ((-difference).max(0.0), (1.0 - difference).min(1.0));
    if difference == 0.0 {
        return errors / total;
    }
    let l2 = (new.labelled + 2.0 * base.labelled) * difference - total - errors;
    let l1 = (base.labelled * difference - total - 2.0 * base.errors) * difference + errors;
    let l0 = base.errors * difference * (1.0 - difference);
    let third = l2 / (3.0 * total);
    let q = third.powi(3) - l1 * l2 / (6.0 * total * total) + l0 / (2.0 * total);
    let square = third * third - l1 / (3.0 * total);
    let p = square.max(0.0).sqrt().copysign(q);
    let cosine = if p == 0.0 {
        1.0
    } else {
        (q / p.powi(3)).clamp(-1.0, 1.0)
    };
    let angle = (std::f64::consts::PI + cosine.acos()) / 3.0;
    (2.0 * p * angle.cos() - third).clamp(lowest, highest.max(lowest))
}

/// Limits of new rate - base rate, each with error probability `tail`, by inversion of [`score`].
/// `None` without labels on a side or for a tail outside (0, 1).
#[must_use]
pub fn miettinen_nurminen(new: Sample, base: Sample, tail: f64) -> Option<Limits> {
    if !(new.labelled > 0.0 && base.labelled > 0.0 && binomial::is_tail(tail)) {
        return None;
    }
    let critical = -normal::quantile(tail);
    Some(Limits {
        estimate: new.rate() - base.rate(),
        low: crossing(|difference| score(new, base, difference) > critical),
        high: crossing(|difference| score(new, base, difference) >= -critical),
    })
}

/// The difference at which a condition that holds from -1 on ceases to.
fn crossing(holds: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (-1.0, 1.0);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if holds(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// Limits of a sum of independent numbers, each times its factor, from the limits of each: the
/// method of variance estimates recovery (Zou and Donner 2008; sums by Zou, Huang and Zhang 2009).
///
/// With Wilson limits of two rates and the factors 1 and -1 it is Newcombe's (1998, method 10).
#[must_use]
pub fn mover(terms: &[(f64, Limits)]) -> Limits {
    let (mut estimate, mut below, mut above) = (0.0, 0.0, 0.0);
    for (factor, limits) in terms {
        let down = factor * (limits.estimate - limits.low);
        let up = factor * (limits.high - limits.estimate);
        // A negative factor turns the limits around.
        let (down, up) = if *factor < 0.0 {
            (up, down)
        } else {
            (down, up)
        };
        estimate += factor * limits.estimate;
        below += down * down;
        above += up * up;
    }
    Limits {
        estimate,
        low: estimate - below.sqrt(),
        high: estimate + above.sqrt(),
    }
}

/// Limits of new - base from the limits of each; see [`mover`].
#[must_use]
pub fn mover_difference(new: Limits, base: Limits) -> Limits {
    mover(&[(1.0, new), (-1.0, base)])
}

/// The p-value of "the new rate is not above the base rate": the chance of a [`score`] as high as
/// this one, at whichever common rate makes it largest (Chan 1998), over a range that holds the
/// common rate but for a probability that is added (Berger and Boos 1994).
///
/// Unlike the score's own normal p-value it holds where errors are few and the sides of different
/// size; with at least 500 errors on both sides it is that normal p-value. 1 without labels on a
/// side or more errors than labels.
#[must_use]
pub fn exact_p(new: (u64, u64), base: (u64, u64)) -> f64 {
    let ((new_errors, new_labels), (base_errors, base_labels)) = (new, base);
    let sound = new_errors <= new_labels && base_errors <= base_labels;
    if !sound || new_labels == 0 || base_labels == 0 {
        return 1.0;
    }
    let (ours, theirs) = (
        Sample::new(new_errors, new_labels),
        Sample::new(base_errors, base_labels),
    );
    let observed = score(ours, theirs, 0.0);
    if observed <= 0.0 {
        return 1.0;
    }
    if new_errors.min(base_errors) >= MANY_ERRORS {
        return normal::cdf(-observed);
    }
    let (errors, labels) = (new_errors + base_errors, new_labels + base_labels);
    let low = binomial::lower(errors, labels, NUISANCE_TAIL);
    let high = binomial::upper(errors, labels, NUISANCE_TAIL);
    let region = Region::reaching(observed, (new_labels, base_labels), high);
    let chance = |step: u32| {
        let rate = low + (high - low) * f64::from(step) / f64::from(NUISANCE_RATES);
        region.chance(rate)
    };
    let worst = (0..=NUISANCE_RATES).map(chance).fold(0.0, f64::max);
    (worst + 2.0 * NUISANCE_TAIL).min(1.0)
}

/// The p-value of "no more errors in the new than in the base" on the same cases, from those with
/// an error in the new only and in the base only: the exact one-sided test of McNemar (1947), by
/// the binomial distribution of the former among both. 1 without either.
#[must_use]
pub fn paired_p(only_new: u64, only_base: u64) -> f64 {
    match only_new.checked_add(only_base) {
        Some(both) if both > 0 => binomial::cdf(only_base, both, 0.5),
        _ => 1.0,
    }
}

/// The outcomes whose score is as high as the observed one.
struct Region {
    new: u64,
    base: u64,
    /// For each number of new errors the most base errors that leave the score so high.
    most_base: Vec<Option<u64>>,
}

impl Region {
    /// All outcomes that matter at rates up to `highest`.
    fn reaching(observed: f64, (new, base): (u64, u64), highest: f64) -> Self {
        // Rounding must not take an outcome like the observed one out.
        let least = observed - 1e-9 * observed.abs();
        let reaches = |ours: u64, theirs: u64| {
            let score = score(Sample::new(ours, new), Sample::new(theirs, base), 0.0);
            score >= least
        };
        let (_, last) = span(new, highest);
        // More base errors leave the score lower: the most are found by halving.
        let most_base = (0..=last).map(|ours| {
            let (mut reached, mut missed) = (None, base + 1);
            while reached.map_or(0, |most| most + 1) < missed {
                let middle = u64::midpoint(reached.map_or(0, |most| most + 1), missed - 1);
                if reaches(ours, middle) {
                    reached = Some(middle);
                } else {
                    missed = middle;
                }
            }
            reached
        });
        Self {
            new,
            base,
            most_base: most_base.collect(),
        }
    }

    /// The chance of an outcome in the region when both sides err at `rate`.
    fn chance(&self, rate: f64) -> f64 {
        if !(rate > 0.0 && rate < 1.0) {
            return 0.0;
        }
        let (first, ours) = masses(self.new, rate);
        let (first_base, mut upto) = masses(self.base, rate);
        let mut sum = 0.0;
        for mass in &mut upto {
            sum += *mass;
            *mass = sum;
        }
        let at_most = |errors: u64| match errors.checked_sub(first_base) {
            None => 0.0,
            Some(place) => upto.get(place as usize).copied().unwrap_or(1.0),
        };
        let outcomes = (first..).zip(&ours);
        outcomes
            .map(|(errors, mass)| {
                // What lies beyond all that was looked at counts as reaching it.
                let most = self.most_base.get(errors as usize);
                let most = most.copied().unwrap_or(Some(self.base));
                most.map_or(0.0, |most| mass * at_most(most))
            })
            .sum()
    }
}

/// The least and the most errors among so many labels that are not out of the question.
fn span(labels: u64, rate: f64) -> (u64, u64) {
    let mean = binomial::count(labels) * rate;
    let reach = FAR * (mean * (1.0 - rate)).sqrt() + FAR;
    let last = ((mean + reach).ceil() as u64).min(labels);
    ((mean - reach).max(0.0).floor() as u64, last)
}

/// Binomial probabilities of the numbers of errors in the span, from its first on.
fn masses(labels: u64, rate: f64) -> (u64, Vec<f64>) {
    let (first, last) = span(labels, rate);
    let mode = ((binomial::count(labels) * rate) as u64).clamp(first, last);
    let odds = rate / (1.0 - rate);
    let mut mass = 1.0;
    let below = (first..mode).rev().map(|errors| {
        mass *= binomial::count(errors + 1) / (binomial::count(labels - errors) * odds);
        mass
    });
    let mut masses: Vec<f64> = below.collect();
    masses.reverse();
    masses.push(1.0);
    let mut mass = 1.0;
    masses.extend((mode..last).map(|errors| {
        mass *= binomial::count(labels - errors) * odds / binomial::count(errors + 1);
        mass
    }));
    let sum: f64 = masses.iter().sum();
    masses.iter_mut().for_each(|mass| *mass /= sum);
    (first, masses)
}

/// Labels for each side that show with probability `power` a difference of `gap` between sides
/// that err at `new` and `base`, each test with error probability `tail`: the unpooled normal
/// formula. `None` for no gap or rates and probabilities that are none.
#[must_use]
pub fn labels_per_side(new: f64, base: f64, gap: f64, (tail, power): (f64, f64)) -> Option<f64> {
    let is_rate = |rate: f64| (0.0..=1.0).contains(&rate);
    if !(gap > 0.0 && is_rate(new) && is_rate(base) && binomial::is_tail(tail)) {
        return None;
    }
    let reach = normal::quantile(1.0 - tail) + normal::quantile(power);
    let variance = new * (1.0 - new) + base * (1.0 - base);
    let labels = (reach / gap).powi(2) * variance;
    labels.is_finite().then_some(labels)
}
