//! How many more labels would decide an inconclusive check, if they went on as they began. A
//! forecast, not a promise.

use crate::config::{Demand, Margin, Metric};
use crate::estimate::compare::{self, Limits, Sample};
use crate::estimate::eprocess::{self, Claim};
use crate::estimate::metric::Facts;
use crate::estimate::{beta, verdict};

/// More labels than this times those there are, nobody will wait for.
const MOST_TIMES: f64 = 1e6;
/// Steps in which the number is searched for.
const STEPS: u32 = 40;

/// More labels that would decide a check against a limit. `None` where no number would: the
/// estimate is on the limit, or a part of the cases has no labels.
pub fn for_limit(facts: &Facts, metric: Metric, demand: Demand, tail: f64) -> Option<u64> {
    let decides = |limits: Limits| match demand {
        Demand::AtMost(most) => limits.high <= most || limits.low > most,
        Demand::AtLeast(least) => limits.low >= least || limits.high < least,
        Demand::NotWorseBy(_) => false,
    };
    let ground = facts.ground(metric);
    if ground.known == 0 && ground.cases > 0 && facts.sample(metric).is_none() {
        return first_labels(demand, tail);
    }
    if let Some((found, known)) = facts.sample(metric) {
        let sample = Sample::new(found, known);
        // More labels mean more cases in proportion, also where each case counts and not each label.
        return more(ground.known, |times| {
            decides(exact_limits(sample.scaled(times), tail))
        });
    }
    let limits = facts.limits(metric, tail)?;
    more(ground.known, |times| decides(narrowed(limits, times)))
}

/// More labels in the new log that would decide a comparison. `None` where no number would: the
/// baseline itself is too uncertain, or the difference lies on the line.
pub fn for_baseline(
    (new, base): (&Facts, &Facts),
    metric: Metric,
    margin: Margin,
    tail: f64,
) -> Option<u64> {
    let known = new.ground(metric).known;
    let (ours, theirs) = (new.limits(metric, tail)?, base.limits(metric, tail)?);
    let samples = new.sample(metric).zip(base.sample(metric));
    more(known, |times| {
        let ours = narrowed(ours, times);
        let difference = match samples {
            Some(((k1, n1), (k0, n0))) => {
                let new = Sample::new(k1, n1).scaled(times);
                compare::miettinen_nurminen(new, Sample::new(k0, n0), tail)
            }
            None => Some(compare::mover_difference(ours, theirs)),
        };
        difference.is_some_and(|difference| {
            verdict::is_decided(metric, margin, difference, (ours, theirs))
        })
    })
}

/// More labels that would decide a comparison of two routings of the same cases, from the limits
/// of the difference and those of the base.
pub fn for_pair(
    known: u64,
    (difference, base): (Limits, Option<Limits>),
    metric: Metric,
    margin: Margin,
) -> Option<u64> {
    more(known, |times| {
        let base = base.map(|base| narrowed(base, times));
        let worse = verdict::worsening(metric, narrowed(difference, times));
        verdict::is_allowed(worse, margin, base) || worse.low > 0.0
    })
}

/// More labels after which the evidence for a claim would reach `enough`, as a natural logarithm, at
/// whichever look. Known cases may be more than the labels that they rest on; both grow alike.
pub fn at_every_look(
    claim: Claim,
    ((found, known), labels): ((u64, u64), u64),
    (limit, enough): (f64, f64),
) -> Option<u64> {
    let rate = found as f64 / known as f64;
    more(labels, |times| {
        let cases = known as f64 * times;
        let counts = ((rate * cases).round() as u64, cases.round() as u64);
        let log = eprocess::log_evidence(claim, counts.0, counts.1, limit);
        log.is_some_and(|log| log >= enough)
    })
}

/// Labels without an error that would meet a limit, where there are none yet.
fn first_labels(demand: Demand, tail: f64) -> Option<u64> {
    let Demand::AtMost(most) = demand else {
        return None;
    };
    let labels = (tail.ln() / (-most).ln_1p()).ceil();
    (most > 0.0 && most < 1.0 && labels.is_finite()).then_some(labels as u64)
}

/// Clopper-Pearson limits of counts that need not be whole.
fn exact_limits(sample: Sample, tail: f64) -> Limits {
    let Sample { errors, labelled } = sample;
    let right = labelled - errors;
    let high = if right > 0.0 {
        beta::quantile_upper(tail, errors + 1.0, right)
    } else {
        1.0
    };
    Limits {
        estimate: sample.rate(),
        low: if errors > 0.0 {
            beta::quantile(tail, errors, right + 1.0)
        } else {
            0.0
        },
        high,
    }
}

/// Limits as they would be with so many times as many labels: nearer by the root.
fn narrowed(limits: Limits, times: f64) -> Limits {
    let root = times.sqrt();
    Limits {
        estimate: limits.estimate,
        low: limits.estimate - (limits.estimate - limits.low) / root,
        high: limits.estimate + (limits.high - limits.estimate) / root,
    }
}

/// The fewest further labels, by doubling and bisection of how many times as many there must be.
fn more(known: u64, decides: impl Fn(f64) -> bool) -> Option<u64> {
    let (mut low, mut high) = (1.0, 2.0);
    while !decides(high) {
        low = high;
        high *= 2.0;
        if high > MOST_TIMES {
            return None;
        }
    }
    for _ in 0..STEPS {
        let middle = f64::midpoint(low, high);
        if decides(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some(((high - 1.0) * known as f64).ceil() as u64).filter(|labels| *labels > 0)
}
