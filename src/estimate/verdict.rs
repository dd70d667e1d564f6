//! Verdicts of checks: pass, fail, or cannot tell. A pass needs evidence as a failure does; what
//! lies between is inconclusive (docs/gate.md). Must not decide what a verdict does to a job.

use crate::config::{Demand, Margin, Metric};
use crate::estimate::compare::{self, Limits, Sample};
use crate::estimate::metric::Facts;
use crate::estimate::{beta, binomial, holm};

/// Smallest error probability that is told apart from zero.
const LEAST_TAIL: f64 = 1e-12;
/// Steps in which an error probability is searched for.
const STEPS: u32 = 48;

/// What the evidence says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Pass,
    Fail,
    Inconclusive,
}

/// One look at one set of cases.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The metric, or its difference from the baseline, new less base; each limit leaves the tail.
    pub limits: Option<Limits>,
    /// Whether the demand is met, as far as limits at the tail can show.
    pub passes: bool,
    /// The probability of so bad a result if nothing were wrong; 1 where the limits show nothing
    /// bad anyway.
    pub p: f64,
}

impl Finding {
    /// Where nothing can be told.
    pub fn nothing() -> Self {
        Self {
            limits: None,
            passes: false,
            p: 1.0,
        }
    }
}

/// Verdicts of checks that stand together, such as the values of one segment. That all pass is
/// shown when each does at its own tail; that any fails is shown with Holm's correction.
pub fn settle(findings: &[Finding], tail: f64) -> Vec<Verdict> {
    let p_values: Vec<f64> = findings.iter().map(|finding| finding.p).collect();
    let adjusted = holm::adjusted(&p_values);
    let verdict = |(finding, p): (&Finding, f64)| match (finding.passes, p <= tail) {
        (true, _) => Verdict::Pass,
        (false, true) => Verdict::Fail,
        (false, false) => Verdict::Inconclusive,
    };
    findings.iter().zip(adjusted).map(verdict).collect()
}

/// A metric against a limit of its own: exact limits where the labels are a plain sample.
pub fn against_limit(facts: &Facts, metric: Metric, demand: Demand, tail: f64) -> Finding {
    let Some(limits) = facts.limits(metric, tail) else {
        return Finding::nothing();
    };
    let (passes, breaks) = match demand {
        Demand::AtMost(most) => (limits.high <= most, limits.low > most),
        Demand::AtLeast(least) => (limits.low >= least, limits.high < least),
        Demand::NotWorseBy(_) => (false, false),
    };
    let p = match (breaks, facts.sample(metric), demand) {
        (false, _, _) | (_, _, Demand::NotWorseBy(_)) => 1.0,
        (true, Some((found, known)), Demand::AtMost(most)) => {
            let (k, n) = (found as f64, known as f64);
            beta::cdf(most, k, n - k + 1.0)
        }
        (true, Some((found, known)), Demand::AtLeast(least)) => binomial::cdf(found, known, least),
        (true, None, Demand::AtMost(most)) => smallest_tail(tail, |tail| {
            facts
                .limits(metric, tail)
                .is_some_and(|limits| limits.low > most)
        }),
        (true, None, Demand::AtLeast(least)) => smallest_tail(tail, |tail| {
            facts
                .limits(metric, tail)
                .is_some_and(|limits| limits.high < least)
        }),
    };
    Finding {
        limits: Some(limits),
        passes,
        p,
    }
}

/// The smallest tail at which limits still show what they show at `tail`.
pub(super) fn smallest_tail(tail: f64, shows: impl Fn(f64) -> bool) -> f64 {
    if shows(LEAST_TAIL) {
        return LEAST_TAIL;
    }
    let (mut low, mut high) = (LEAST_TAIL.ln(), tail.ln());
    for _ in 0..STEPS {
        let middle = f64::midpoint(low, high);
        if shows(middle.exp()) {
            high = middle;
        } else {
            low = middle;
        }
    }
    high.exp()
}

/// The difference of a metric between two logs: Miettinen-Nurminen where labels are a plain sample
/// in both, MOVER otherwise. It passes where the difference is shown to be less than the margin,
/// and fails where the new log is shown to be worse at all.
pub fn against_baseline(
    (new, base): (&Facts, &Facts),
    metric: Metric,
    margin: Margin,
    tail: f64,
) -> Finding {
    let samples = new.sample(metric).zip(base.sample(metric));
    let difference = |tail: f64| match samples {
        Some(((k1, n1), (k0, n0))) => {
            compare::miettinen_nurminen(Sample::new(k1, n1), Sample::new(k0, n0), tail)
        }
        None => Some(compare::mover_difference(
            new.limits(metric, tail)?,
            base.limits(metric, tail)?,
        )),
    };
    let Some(limits) = difference(tail) else {
        return Finding::nothing();
    };
    let passes = match margin {
        Margin::Absolute(margin) => worsening(metric, limits).high < margin,
        Margin::Relative(part) => {
            let sides = new.limits(metric, tail).zip(base.limits(metric, tail));
            sides.is_some_and(|(new, base)| is_within(metric, part, new, base))
        }
    };
    let is_worse = |limits: Limits| worsening(metric, limits).low > 0.0;
    let p = match samples {
        _ if passes || !is_worse(limits) => 1.0,
        Some((new, base)) if metric.is_better_high() => compare::exact_p(base, new),
        Some((new, base)) => compare::exact_p(new, base),
        None => smallest_tail(tail, |tail| difference(tail).is_some_and(is_worse)),
    };
    Finding {
        limits: Some(limits),
        passes,
        p,
    }
}

/// Whether a difference with its limits, and those of both sides, would pass or fail.
pub(super) fn is_decided(
    metric: Metric,
    margin: Margin,
    difference: Limits,
    (new, base): (Limits, Limits),
) -> bool {
    let worse = worsening(metric, difference);
    let passes = match margin {
        Margin::Absolute(margin) => worse.high < margin,
        Margin::Relative(part) => is_within(metric, part, new, base),
    };
    passes || worse.low > 0.0
}

/// Whether the new metric is shown to be worse by less than a part of the base.
fn is_within(metric: Metric, part: f64, new: Limits, base: Limits) -> bool {
    if metric.is_better_high() {
        compare::mover(&[(1.0, new), (part - 1.0, base)]).low > 0.0
    } else {
        compare::mover(&[(1.0, new), (-1.0 - part, base)]).high < 0.0
    }
}

/// A difference new less base as "worse by".
pub(super) fn worsening(metric: Metric, difference: Limits) -> Limits {
    if metric.is_better_high() {
        Limits {
            estimate: -difference.estimate,
            low: -difference.high,
            high: -difference.low,
        }
    } else {
        difference
    }
}

/// Whether two policies on the same cases are shown to differ by less than the margin; `base` is
/// the metric of the base policy.
pub(super) fn is_allowed(worse: Limits, margin: Margin, base: Option<Limits>) -> bool {
    let most = match margin {
        Margin::Absolute(margin) => Some(margin),
        // The low limit of the base: a part of less than there may be.
        Margin::Relative(part) => base.map(|base| part * base.low),
    };
    most.is_some_and(|most| worse.high < most)
}
