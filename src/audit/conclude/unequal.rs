//! Conclusions from cases that were drawn with probabilities of their own.

use super::{
    Bounds, ConcludeError, Conclusion, Counts, Factors, Method, Next, Note, Reading, Readings,
    Reckoning, Rule, Scheme, UnequalCase, UnequalSample, check_drawn,
};
use crate::audit::claim::Claim;
use crate::audit::stringer;
use crate::audit::weighted::{self, Weighted};
use crate::estimate::binomial::count;

/// Samples of at most so many times the size are tried for the further cases.
const MOST_TIMES: u64 = 64;

pub(super) fn conclude(sample: &UnequalSample, rule: &Rule) -> Result<Conclusion, ConcludeError> {
    let claim = rule.claim()?;
    check_probabilities(sample)?;
    let counts = Counts::of(sample.cases.iter().map(|case| case.outcome));
    check_drawn(&counts, Some(sample.population))?;
    let readings = Readings::of(|reading| Ok(reckon(sample, reading, claim, 0)))?;
    let mut conclusion = readings.conclusion(rule, counts, || further(sample, claim));
    conclusion.population = Some(sample.population);
    conclusion.standard_error = standard_error(sample);
    let most = conclusion.bounds.upper * count(sample.population);
    conclusion.most_errors = Some(most.floor() as u64);
    if counts.against() == 0 {
        conclusion.notes.push(Note::NoVariance);
    } else {
        conclusion.notes.push(Note::StringerUnproved);
    }
    Ok(conclusion)
}

fn check_probabilities(sample: &UnequalSample) -> Result<(), ConcludeError> {
    let smallest = sample.smallest_probability;
    let sound = |probability: f64| probability > 0.0 && probability <= 1.0;
    let probabilities = sample.cases.iter().map(|case| case.probability);
    let bad = |probability: &f64| !sound(*probability) || *probability < smallest;
    match std::iter::once(smallest).chain(probabilities).find(bad) {
        Some(probability) => Err(ConcludeError::Probability { probability }),
        None if sample.expected_drawn >= 0.0 => Ok(()),
        None => Err(ConcludeError::Probability {
            probability: sample.expected_drawn,
        }),
    }
}

fn is_certain(case: &UnequalCase) -> bool {
    case.probability >= 1.0
}

/// An error counts whole, whatever part of its value was wrong.
fn wrong(case: &UnequalCase, reading: Reading) -> Option<f64> {
    reading
        .is_wrong(case.outcome)
        .map(|wrong| f64::from(u8::from(wrong)))
}

fn weighted(sample: &UnequalSample, reading: Reading) -> Vec<Weighted> {
    let one = |case: &UnequalCase| {
        Some(Weighted {
            probability: case.probability,
            amount: wrong(case, reading)?,
        })
    };
    sample.cases.iter().filter_map(one).collect()
}

/// The errors of a population whose cases were drawn in proportion to a size are a mean over
/// units of size: an error in a case of size x taints each of its units by 1/x. So Stringer's
/// bound holds of them, with the size of the smallest case as the unit. `further` cases
/// without an error are added.
fn reckon(sample: &UnequalSample, reading: Reading, claim: Claim, further: u64) -> Reckoning {
    let certain = sample.cases.iter().filter(|case| is_certain(case));
    let certain_errors: f64 = certain.filter_map(|case| wrong(case, reading)).sum();
    let drawn = sample.cases.iter().filter(|case| !is_certain(case));
    let taints: Vec<f64> = drawn
        .filter_map(|case| {
            let taint = sample.smallest_probability / case.probability;
            Some(wrong(case, reading)? * taint)
        })
        .collect();
    let cases = taints.len() as u64 + further;
    // The population in units of its smallest case.
    let units = sample.expected_drawn / sample.smallest_probability;
    let mean = stringer::upper(&taints, cases, claim.risk(), Factors::Binomial);
    let all = count(sample.population);
    let found: f64 = sample
        .cases
        .iter()
        .filter_map(|case| wrong(case, reading))
        .sum();
    let right = count(sample.cases.len() as u64) - found;
    let most = if sample.expected_drawn > 0.0 {
        (certain_errors + units * mean).min(all - right)
    } else {
        certain_errors
    };
    let bounds = Bounds {
        estimate: weighted::mean(&weighted(sample, reading)),
        lower: found / all,
        upper: (most / all).clamp(0.0, 1.0),
    };
    Reckoning::of_rates(bounds, Method::WeightedStringer, claim)
}

/// Of the mean, from the residuals around it.
fn standard_error(sample: &UnequalSample) -> Option<f64> {
    let cases = weighted(sample, Reading::Headline);
    let mean = weighted::mean(&cases).filter(|mean| *mean > 0.0)?;
    let weights: f64 = cases.iter().map(|case| 1.0 / case.probability).sum();
    let residuals: Vec<Weighted> = cases
        .iter()
        .map(|case| Weighted {
            amount: case.amount - mean,
            ..*case
        })
        .collect();
    let variance = match sample.scheme {
        Scheme::Poisson => weighted::poisson_variance(&residuals),
        Scheme::FixedSize => weighted::fixed_size_variance(&residuals)?,
    };
    (variance > 0.0).then(|| variance.sqrt() / weights)
}

fn further(sample: &UnequalSample, claim: Claim) -> Next {
    let shows = |cases: u64| reckon(sample, Reading::Headline, claim, cases).passes;
    further_cases(sample.cases.len() as u64, shows)
}

/// The fewest further cases with which something is shown, at most a multiple of those drawn.
pub(super) fn further_cases(drawn: u64, shows: impl Fn(u64) -> bool) -> Next {
    let most = drawn.max(1) * MOST_TIMES;
    if !shows(most) {
        return Next::DrawMany;
    }
    let (mut short, mut enough) = (0, most);
    while enough - short > 1 {
        let middle = short + (enough - short) / 2;
        if shows(middle) {
            enough = middle;
        } else {
            short = middle;
        }
    }
    Next::DrawMore { cases: enough }
}
