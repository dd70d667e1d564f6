//! Many thresholds, one promise: in which order they are tested and with how much of the doubt
//! each (the fallback procedure, Wiens 2003; fixed sequences, Maurer, Hothorn and Lehmacher 1995).
//!
//! Candidates are places in a list of thresholds in ascending order. The order and the weights may
//! depend on scores, on the design and on which cases carry a label; they must not depend on what
//! the labels of this log say, or the promise is worth nothing.

use crate::estimate::certificate::{self, Obstacle, Promise};
use crate::estimate::stratified::Stratum;

/// Starts beyond which doubling ends: labels are counted in 64 bits.
const MOST_STARTS: usize = 64;

/// What a threshold offers to a test: the strata of its auto-approved cases, or why it has none.
pub type Ground = Result<Vec<Stratum>, Obstacle>;

/// A candidate and the doubt that is its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    pub candidate: usize,
    pub weight: f64,
}

/// What became of a candidate that was tested.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trial {
    pub candidate: usize,
    /// The doubt with which it was tested: its own and what was handed on to it.
    pub level: f64,
    /// The upper bound of its error rate at that level.
    pub upper: f64,
    /// Whether the bound is within the limit, so that the promise holds of this candidate.
    pub passed: bool,
}

/// Tests in the order of `weights`: a test has its own weight, and all of the level of the one
/// before it if that passed (Wiens 2003). The chance that any test passes that must not is at most
/// the sum of the weights, however the tests depend on each other. `passes` is asked only at
/// levels above 0; the answer is the level and the outcome of each.
pub fn fallback(weights: &[f64], mut passes: impl FnMut(usize, f64) -> bool) -> Vec<(f64, bool)> {
    let mut handed_on = 0.0;
    let test = |(place, weight): (usize, &f64)| {
        let level = weight + handed_on;
        let passed = level > 0.0 && passes(place, level);
        handed_on = if passed { level } else { 0.0 };
        (level, passed)
    };
    weights.iter().enumerate().map(test).collect()
}

/// Tests the steps in their order; the trials of those that had any doubt to spend.
pub fn test(steps: &[Step], grounds: &[Ground], promise: Promise) -> Vec<Trial> {
    let weights: Vec<f64> = steps.iter().map(|step| step.weight).collect();
    let mut bounds = vec![1.0; steps.len()];
    let outcomes = fallback(&weights, |place, level| {
        let step = steps.get(place);
        let ground = step.and_then(|step| grounds.get(step.candidate));
        let (Some(Ok(strata)), Some(upper)) = (ground, bounds.get_mut(place)) else {
            return false;
        };
        *upper = certificate::bound(strata, level);
        *upper <= promise.limit()
    });
    let trials = steps.iter().zip(outcomes).zip(bounds);
    trials
        .filter(|((_, (level, _)), _)| *level > 0.0)
        .map(|((step, (level, passed)), upper)| Trial {
            candidate: step.candidate,
            level,
            upper,
            passed,
        })
        .collect()
}

/// From strict to loose, with equal weights at the candidates whose labels reach the least number
/// that can pass at such a weight, twice, four times ... that number. A walk that begins where no
/// label could be enough, or that ends in a bad stretch at the strict end, gets a new start
/// further on. Empty where the labels are too few for any start.
pub fn doubling(grounds: &[Ground], promise: Promise) -> Vec<Step> {
    let walk = strict_to_loose(grounds);
    let counts = (1..=MOST_STARTS).map(|parts| (parts, starts(&walk, grounds, promise, parts)));
    // More parts leave each less doubt, so that the first start comes later and fewer follow.
    let most = counts.take_while(|(parts, starts)| starts.len() >= *parts);
    let Some((parts, starts)) = most.last() else {
        return Vec::new();
    };
    let weight = promise.doubt() / parts as f64;
    let first = starts.first().copied().unwrap_or(0);
    walk.iter()
        .enumerate()
        .skip(first)
        .map(|(place, candidate)| Step {
            candidate: *candidate,
            weight: if starts.iter().take(parts).any(|start| *start == place) {
                weight
            } else {
                0.0
            },
        })
        .collect()
}

/// The places in the walk where the labels first reach the least number at a part of the doubt,
/// twice that number, and so on; each place once.
fn starts(walk: &[usize], grounds: &[Ground], promise: Promise, parts: usize) -> Vec<usize> {
    let share = promise.with_share(1.0 / parts as f64);
    let mut wanted = share.least_labels() as f64;
    let mut starts = Vec::new();
    for (place, candidate) in walk.iter().enumerate() {
        let Some(Ok(strata)) = grounds.get(*candidate) else {
            continue;
        };
        let labels = certificate::equivalent_labels(strata, share.doubt());
        if labels >= wanted {
            starts.push(place);
        }
        while wanted <= labels {
            wanted *= 2.0;
        }
    }
    starts
}

/// From strict to loose, each with the same weight. For a short list that was written down before
/// anybody looked at the labels.
pub fn equal(grounds: &[Ground], promise: Promise) -> Vec<Step> {
    let walk = strict_to_loose(grounds);
    let weight = promise.doubt() / walk.len().max(1) as f64;
    walk.into_iter()
        .map(|candidate| Step { candidate, weight })
        .collect()
}

/// The order of an older log (split fixed-sequence testing, Angelopoulos and others 2021): first
/// the candidate with the lowest bound there, then the looser ones from low to high bounds, all of
/// the doubt on the first. What the older log says may be used freely, for none of its cases is in
/// the test.
pub fn learned(older: &[Ground], grounds: &[Ground], promise: Promise) -> Vec<Step> {
    let walk = strict_to_loose(grounds);
    let bound = |candidate: &usize| {
        let strata = older.get(*candidate)?.as_ref().ok()?;
        Some(certificate::bound(strata, promise.doubt()))
    };
    let known: Vec<(usize, f64)> = walk
        .into_iter()
        .filter_map(|candidate| Some((candidate, bound(&candidate)?)))
        .collect();
    // Of equal bounds `min_by` takes the first, which is the stricter.
    let Some((start, _)) = known.iter().min_by(|a, b| a.1.total_cmp(&b.1)) else {
        return Vec::new();
    };
    let mut order: Vec<&(usize, f64)> = known.iter().filter(|(c, _)| c <= start).collect();
    order.sort_by(|a, b| a.1.total_cmp(&b.1));
    order
        .into_iter()
        .enumerate()
        .map(|(place, (candidate, _))| Step {
            candidate: *candidate,
            weight: if place == 0 { promise.doubt() } else { 0.0 },
        })
        .collect()
}

/// The candidates that can be tested, the strictest (highest) first.
fn strict_to_loose(grounds: &[Ground]) -> Vec<usize> {
    let places = grounds.iter().enumerate().rev();
    places
        .filter(|(_, ground)| ground.is_ok())
        .map(|(place, _)| place)
        .collect()
}

/// The loosest candidate that passed.
pub fn loosest(trials: &[Trial]) -> Option<&Trial> {
    let passed = trials.iter().filter(|trial| trial.passed);
    passed.min_by_key(|trial| trial.candidate)
}
