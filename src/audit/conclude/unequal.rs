//! Conclusions on the share of wrong cases from cases that were drawn with probabilities of their
//! own.

use super::{
    Bounds, ConcludeError, Conclusion, Counts, Factors, MOST_TIMES, Method, Next, Note, Outcome,
    PoissonSample, Reading, Readings, Reckoning, Rule, SimpleSample, UnequalCase, UnequalSample,
    check_drawn, simple,
};
use crate::audit::claim::Claim;
use crate::audit::stringer;
use crate::audit::weighted::{Expansion, Scheme};
use crate::estimate::binomial::count;

/// Given how many a draw at one rate took, every set of that size was as likely: so the bounds of a
/// simple sample hold.
pub(super) fn conclude_poisson(
    sample: &PoissonSample,
    rule: &Rule,
) -> Result<Conclusion, ConcludeError> {
    let is_rate = sample.rate > 0.0 && sample.rate <= 1.0;
    if !is_rate {
        let probability = sample.rate;
        return Err(ConcludeError::Probability { probability });
    }
    let given = SimpleSample {
        population: Some(sample.population),
        outcomes: sample.outcomes.clone(),
    };
    let mut conclusion = simple::conclude(&given, rule)?;
    let outcomes = sample.outcomes.iter();
    expand(
        &mut conclusion,
        outcomes.map(|outcome| (sample.rate, *outcome)),
        Scheme::Poisson,
    );
    Ok(conclusion)
}

pub(super) fn conclude(sample: &UnequalSample, rule: &Rule) -> Result<Conclusion, ConcludeError> {
    let claim = rule.claim()?;
    check_probabilities(sample)?;
    let counts = Counts::of(sample.cases.iter().map(|case| case.outcome));
    check_drawn(&counts, Some(sample.population))?;
    let readings = Readings::of(|reading| Ok(reckon(sample, reading, claim, 0)))?;
    let mut conclusion = readings.conclusion(rule, counts, || further(sample, claim));
    conclusion.population = Some(sample.population);
    let most = most_errors(sample, Reading::Headline, claim, 0);
    conclusion.most_errors = Some(most.floor() as u64);
    if counts.not_applicable > 0 {
        conclusion.notes.push(Note::EstimatedSize);
    }
    if conclusion.method != Method::Census {
        conclusion.notes.push(Note::WeightedUnproved);
    }
    let cases = sample.cases.iter();
    expand(
        &mut conclusion,
        cases.map(|case| (case.probability, case.outcome)),
        Scheme::FixedSize,
    );
    Ok(conclusion)
}

/// Adds what the cases stand for.
fn expand(
    conclusion: &mut Conclusion,
    cases: impl Iterator<Item = (f64, Outcome)>,
    scheme: Scheme,
) {
    let amount = |outcome| {
        let wrong = Reading::Headline.is_wrong(outcome)?;
        Some(f64::from(u8::from(wrong)))
    };
    let drawn: Vec<(f64, Option<f64>)> = cases
        .map(|(probability, outcome)| (probability, amount(outcome)))
        .collect();
    let expansion = Expansion::of(&drawn, scheme);
    conclusion.standard_error = expansion.mean_error;
    if conclusion.counts.against() == 0 && conclusion.method != Method::Census {
        conclusion.notes.push(Note::NoVariance);
    }
    conclusion.weighted = Some(expansion);
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

/// The most cases of the whole population of a kind. Where cases are drawn in proportion to a size,
/// the cases of a kind are a mean over units of size: one of size x taints each of its units by
/// 1/x. So Stringer's bound holds of them, with the size of the smallest case as the unit.
/// `further` cases of another kind are added.
fn most(
    sample: &UnequalSample,
    is_kind: impl Fn(Outcome) -> bool,
    claim: Claim,
    further: u64,
) -> f64 {
    let (kind, others): (Vec<&UnequalCase>, Vec<&UnequalCase>) =
        sample.cases.iter().partition(|case| is_kind(case.outcome));
    let (certain, random): (Vec<&UnequalCase>, Vec<&UnequalCase>) =
        kind.iter().partition(|case| is_certain(case));
    let known = count(certain.len() as u64);
    if sample.expected_drawn <= 0.0 {
        return known;
    }
    let taints: Vec<f64> = random
        .iter()
        .map(|case| sample.smallest_probability / case.probability)
        .collect();
    let drawn = sample.cases.iter().filter(|case| !is_certain(case));
    let drawn = drawn.count() as u64 + further;
    // The population in units of its smallest case.
    let units = sample.expected_drawn / sample.smallest_probability;
    let mean = stringer::upper(&taints, drawn, claim.risk(), Factors::Binomial);
    let left = count(sample.population) - count(others.len() as u64);
    (known + units * mean).min(left)
}

/// The most errors of the whole population; cases that the claim is not about are none.
fn most_errors(sample: &UnequalSample, reading: Reading, claim: Claim, further: u64) -> f64 {
    let is_wrong = |outcome| reading.is_wrong(outcome) == Some(true);
    most(sample, is_wrong, claim, further)
}

/// The fewest errors: what the most cases that are none leave.
fn fewest_errors(sample: &UnequalSample, reading: Reading, claim: Claim) -> f64 {
    let is_none = |outcome| reading.is_wrong(outcome) != Some(true);
    count(sample.population) - most(sample, is_none, claim, 0)
}

/// Bounds of the share of wrong cases among those that the claim is about.
fn reckon(sample: &UnequalSample, reading: Reading, claim: Claim, further: u64) -> Reckoning {
    let expanded = |fits: &dyn Fn(Outcome) -> bool| -> f64 {
        let cases = sample.cases.iter().filter(|case| fits(case.outcome));
        cases.map(|case| case.probability.recip()).sum()
    };
    let about = expanded(&|outcome| outcome != Outcome::NotApplicable);
    let none = expanded(&|outcome| outcome == Outcome::NotApplicable);
    let wrong = expanded(&|outcome| reading.is_wrong(outcome) == Some(true));
    let all = count(sample.population);
    let size = all * about / (about + none);
    let bounds = Bounds {
        estimate: (about > 0.0).then_some(wrong / about),
        lower: (fewest_errors(sample, reading, claim) / all).clamp(0.0, 1.0),
        upper: (most_errors(sample, reading, claim, further) / size).clamp(0.0, 1.0),
    };
    let method = if sample.expected_drawn > 0.0 {
        Method::WeightedStringer
    } else {
        Method::Census
    };
    Reckoning::of_rates(bounds, method, claim)
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
