//! Conclusions from cases that were drawn in proportion to their value.

use super::unequal::further_cases;
use super::{
    Bounds, ConcludeError, Conclusion, Counts, Method, MoneyCase, MoneyConclusion, MoneySample,
    Note, Outcome, Reading, Readings, Reckoning, Rule, check_drawn,
};
use crate::audit::claim::Claim;
use crate::audit::stringer;
use crate::audit::weighted::{Expansion, Scheme, Weighted};
use crate::estimate::binomial::{self, count};
use crate::rate::Micros;

pub(super) fn conclude(sample: &MoneySample, rule: &Rule) -> Result<Conclusion, ConcludeError> {
    let claim = rule.claim()?;
    let counts = Counts::of(sample.cases.iter().map(|case| case.outcome));
    check_drawn(&counts, None)?;
    if total(sample) <= 0.0 {
        return Err(ConcludeError::NoValue);
    }
    let readings = Readings::of(|reading| Ok(reckon(sample, reading, claim, 0)))?;
    let mut conclusion = readings.conclusion(rule, counts, || {
        further_cases(counts.drawn, |cases| {
            reckon(sample, Reading::Headline, claim, cases).passes
        })
    });
    let money = money(sample, &conclusion.bounds, claim);
    if money.understatement > 0.0 {
        conclusion.notes.push(Note::Understatements);
    }
    let partial = |case: &MoneyCase| match case.outcome {
        Outcome::Incorrect(taint) => !case.is_certain() && taint.get() > 0.0 && taint.get() < 1.0,
        Outcome::Correct | Outcome::CannotDetermine | Outcome::NotApplicable | Outcome::Missing => {
            false
        }
    };
    if sample.cases.iter().any(partial) {
        conclusion.notes.push(Note::StringerUnproved);
    }
    if counts.not_applicable > 0 {
        conclusion.notes.push(Note::WholeValue);
    }
    conclusion.money = Some(money);
    conclusion.weighted = Some(expansion(sample));
    Ok(conclusion)
}

/// Horvitz and Thompson's total of the overstatements.
fn expansion(sample: &MoneySample) -> Expansion {
    let amount = |case: &MoneyCase| {
        let taint = Reading::Headline.taint(case.outcome).unwrap_or(0.0);
        Weighted {
            probability: case.probability,
            amount: units(case.value) * taint.max(0.0),
        }
    };
    let cases: Vec<Weighted> = sample.cases.iter().map(amount).collect();
    Expansion::total_of(&cases, Scheme::FixedSize)
}

fn units(value: Micros) -> f64 {
    count(value.get()) / Micros::PER_UNIT
}

/// Value of the cases that were not certain, in units of money.
fn sampled(sample: &MoneySample) -> f64 {
    sample.sampled_total as f64 / Micros::PER_UNIT
}

fn total(sample: &MoneySample) -> f64 {
    let certain = sample.cases.iter().filter(|case| case.is_certain());
    sampled(sample) + certain.map(|case| units(case.value)).sum::<f64>()
}

/// Taints of the applicable cases that were not certain.
fn taints(sample: &MoneySample, reading: Reading) -> Vec<f64> {
    let drawn = sample.cases.iter().filter(|case| !case.is_certain());
    drawn
        .filter_map(|case| reading.taint(case.outcome))
        .collect()
}

/// Error of the certain cases in one direction, in units of money.
fn certain_errors(sample: &MoneySample, reading: Reading, direction: f64) -> f64 {
    let certain = sample.cases.iter().filter(|case| case.is_certain());
    let error = |case: &MoneyCase| {
        let taint = reading.taint(case.outcome)? * direction;
        Some(units(case.value) * taint.max(0.0))
    };
    certain.filter_map(error).sum()
}

/// Overstatements over the value of all cases; `further` cases without an error are added.
fn reckon(sample: &MoneySample, reading: Reading, claim: Claim, further: u64) -> Reckoning {
    let whole = total(sample);
    let certain = certain_errors(sample, reading, 1.0);
    let taints = taints(sample, reading);
    let drawn = taints.len() as u64 + further;
    let share = sampled(sample) / whole;
    let over = taints.iter().map(|taint| taint.max(0.0)).sum::<f64>();
    let estimate = if drawn > 0 {
        Some(certain / whole + share * over / count(drawn))
    } else {
        (share <= 0.0).then_some(certain / whole)
    };
    // At least these are whole errors: their rate alone bounds the mean taint from below.
    let wholly = taints.iter().filter(|taint| **taint >= 1.0).count() as u64;
    let upper = stringer::upper(&taints, drawn, claim.risk(), sample.factors);
    let bounds = Bounds {
        estimate,
        lower: certain / whole + share * binomial::lower(wholly, drawn, claim.risk()),
        upper: certain / whole + share * upper,
    };
    let method = if share > 0.0 {
        Method::Stringer(sample.factors)
    } else {
        Method::Census
    };
    Reckoning::of_rates(bounds, method, claim)
}

fn money(sample: &MoneySample, bounds: &Bounds, claim: Claim) -> MoneyConclusion {
    let whole = total(sample);
    let under: Vec<f64> = taints(sample, Reading::BestCase)
        .iter()
        .map(|taint| -taint)
        .collect();
    let drawn = under.len() as u64;
    let known = certain_errors(sample, Reading::BestCase, -1.0);
    let sum: f64 = under.iter().map(|taint| taint.max(0.0)).sum();
    let mean = if drawn > 0 { sum / count(drawn) } else { 0.0 };
    let upper = stringer::upper(&under, drawn, claim.risk(), sample.factors);
    MoneyConclusion {
        total: whole,
        certain_errors: certain_errors(sample, Reading::Headline, 1.0),
        projected: bounds.estimate.unwrap_or(bounds.upper) * whole,
        upper: bounds.upper * whole,
        understatement: known + sampled(sample) * mean,
        understatement_upper: known + sampled(sample) * upper,
    }
}
