//! Conclusions from a simple sample in each of several strata.

use super::simple::Frame;
use super::{
    Bounds, ConcludeError, Conclusion, Counts, MOST_TIMES, Method, Next, Note, Reading, Readings,
    Reckoning, Rule, StratifiedSample, StratumConclusion, StratumSample, Unsampled, check_drawn,
};
use crate::audit::claim::Claim;
use crate::audit::wendell_schmee::{self, Observed};
use crate::estimate::binomial::{self, count};
use crate::estimate::stratified;

pub(super) fn conclude(
    sample: &StratifiedSample,
    rule: &Rule,
) -> Result<Conclusion, ConcludeError> {
    let claim = rule.claim()?;
    let parts: Vec<Part> = sample.strata.iter().map(Part::new).collect();
    for (part, stratum) in parts.iter().zip(&sample.strata) {
        if part.counts.drawn > stratum.population {
            check_drawn(&part.counts, Some(stratum.population))?;
        }
        if part.is_unsampled() && sample.unsampled == Unsampled::Refuse {
            return Err(ConcludeError::Unsampled {
                name: stratum.name.clone(),
                population: stratum.population,
            });
        }
    }
    let counts = Counts::of(
        sample
            .strata
            .iter()
            .flat_map(|stratum| stratum.outcomes.iter().copied()),
    );
    let population: u64 = sample.strata.iter().map(|stratum| stratum.population).sum();
    check_drawn(&counts, Some(population))?;
    let readings = Readings::of(|reading| Ok(reckon(&parts, reading, claim)))?;
    let mut conclusion = readings.conclusion(rule, counts, || further(&parts, claim));
    conclusion.population = Some(population);
    conclusion.standard_error = standard_error(&parts);
    if counts.not_applicable == 0 {
        let most = conclusion.bounds.upper * count(population);
        conclusion.most_errors = Some(most.floor() as u64);
    }
    conclusion.strata = sample
        .strata
        .iter()
        .zip(&parts)
        .map(|(stratum, part)| part.conclusion(stratum, claim))
        .collect();
    conclusion.notes.extend(notes(&parts, &conclusion));
    Ok(conclusion)
}

/// The bounds if no error were found in strata of which so many cases are drawn: population and
/// sample of each.
pub(crate) fn without_errors(strata: &[(u64, u64)], claim: Claim) -> (Bounds, bool) {
    let part = |&(population, drawn): &(u64, u64)| Part {
        population,
        counts: Counts {
            drawn,
            correct: drawn,
            ..Counts::default()
        },
        applicable: count(population),
    };
    let parts: Vec<Part> = strata.iter().map(part).collect();
    let reckoning = reckon(&parts, Reading::Headline, claim);
    (reckoning.bounds, reckoning.passes)
}

/// One stratum, counted.
#[derive(Clone, Copy, Debug)]
struct Part {
    population: u64,
    counts: Counts,
    /// Cases of the stratum that the claim is about, estimated where some drawn ones are none.
    applicable: f64,
}

impl Part {
    fn new(stratum: &StratumSample) -> Self {
        let counts = Counts::of(stratum.outcomes.iter().copied());
        let population = stratum.population;
        let applicable = if counts.not_applicable > 0
            && (counts.applicable() > 0 || counts.drawn == population)
        {
            count(population) * count(counts.applicable()) / count(counts.drawn)
        } else {
            count(population)
        };
        Self {
            population,
            counts,
            applicable,
        }
    }

    /// Whether nothing is known of it: a few cases that the claim is not about do not show that
    /// none of the others is.
    fn is_unsampled(&self) -> bool {
        self.counts.applicable() == 0 && !self.is_census()
    }

    fn is_census(&self) -> bool {
        self.counts.drawn == self.population
    }

    /// Whether its bound depends on which cases were drawn.
    fn is_random(&self) -> bool {
        !self.is_census() && self.counts.applicable() > 0
    }

    fn rate(&self, reading: Reading) -> f64 {
        let cases = self.counts.applicable();
        if cases == 0 {
            return 0.0;
        }
        count(reading.errors(&self.counts)) / count(cases)
    }

    fn conclusion(&self, stratum: &StratumSample, claim: Claim) -> StratumConclusion {
        let cases = self.counts.applicable();
        let bounds = if cases > 0 {
            let frame = Frame::new(&self.counts, Some(self.population));
            frame.reckon(self.counts.against(), cases, claim).bounds
        } else {
            Bounds {
                estimate: None,
                lower: 0.0,
                upper: 1.0,
            }
        };
        StratumConclusion {
            name: stratum.name.clone(),
            population: self.population,
            counts: self.counts,
            bounds,
        }
    }
}

fn notes(parts: &[Part], conclusion: &Conclusion) -> Vec<Note> {
    let mut notes = Vec::new();
    if parts.iter().any(|part| part.counts.not_applicable > 0) {
        notes.push(Note::EstimatedShares);
    }
    if parts.iter().any(Part::is_unsampled) {
        notes.push(Note::UnsampledAsErrors);
    }
    if conclusion.method == Method::Bonferroni {
        notes.push(Note::ExactBoundTooLong);
    }
    if conclusion.counts.against() == 0 {
        notes.push(Note::NoVariance);
    }
    notes
}

fn reckon(parts: &[Part], reading: Reading, claim: Claim) -> Reckoning {
    let whole: f64 = parts.iter().map(|part| part.applicable).sum();
    let share = |part: &Part| part.applicable / whole;
    let random: Vec<&Part> = parts.iter().filter(|part| part.is_random()).collect();
    let settled = parts.iter().filter(|part| !part.is_random());
    let known: f64 = settled
        .clone()
        .map(|part| share(part) * part.rate(reading))
        .sum();
    let unsampled: f64 = settled.filter(|part| part.is_unsampled()).map(share).sum();
    let random_share: f64 = random.iter().map(|part| share(part)).sum();
    let (upper, method) = upper(&random, reading, claim.risk());
    let lower = random
        .iter()
        .map(|part| share(part) * lower(part, reading, claim.risk() / count(random.len() as u64)))
        .sum::<f64>();
    let estimate = parts
        .iter()
        .map(|part| share(part) * part.rate(reading))
        .sum();
    let bounds = Bounds {
        estimate: (unsampled <= 0.0).then_some(estimate),
        lower: (known + lower).min(1.0),
        upper: (known + unsampled + random_share * upper).min(1.0),
    };
    Reckoning::of_rates(bounds, method, claim)
}

/// Lower bound of one stratum.
fn lower(part: &Part, reading: Reading, risk: f64) -> f64 {
    binomial::lower(reading.errors(&part.counts), part.counts.applicable(), risk)
}

/// Upper bound of the rate over the strata that are random, in shares of their own.
fn upper(random: &[&Part], reading: Reading, risk: f64) -> (f64, Method) {
    let whole: f64 = random.iter().map(|part| part.applicable).sum();
    if let [part] = random {
        return one_stratum(part, reading, risk);
    }
    if random.is_empty() {
        return (0.0, Method::Census);
    }
    let strata: Vec<stratified::Stratum> = random
        .iter()
        .map(|part| stratified::Stratum {
            share: part.applicable / whole,
            labelled: part.counts.applicable(),
            errors: reading.errors(&part.counts),
        })
        .collect();
    if let Some(upper) = stratified::zero_error_upper(&strata, risk) {
        return (upper, Method::StratifiedZeroErrors);
    }
    let observed: Vec<Observed> = random
        .iter()
        .map(|part| Observed {
            // A share that is estimated is rounded to a case.
            population: part.applicable.round() as u64,
            drawn: part.counts.applicable(),
            errors: reading.errors(&part.counts),
        })
        .collect();
    match wendell_schmee::upper(&observed, risk) {
        Some(upper) => (upper, Method::WendellSchmee),
        None => (bonferroni(&strata, risk), Method::Bonferroni),
    }
}

fn one_stratum(part: &Part, reading: Reading, risk: f64) -> (f64, Method) {
    let errors = reading.errors(&part.counts);
    let cases = part.counts.applicable();
    match Frame::new(&part.counts, Some(part.population)) {
        Frame::Census | Frame::Finite(_) => {
            let upper = crate::audit::claim::Model::Hypergeometric {
                population: part.population,
            }
            .upper(errors, cases, risk);
            (upper, Method::Hypergeometric)
        }
        Frame::Endless => (binomial::upper(errors, cases, risk), Method::ClopperPearson),
    }
}

/// The sum of share times the limit of each stratum at its part of the risk: valid for any errors.
pub(crate) fn bonferroni(strata: &[stratified::Stratum], risk: f64) -> f64 {
    let each = risk / count(strata.len() as u64);
    let limits = strata
        .iter()
        .map(|stratum| stratum.share * binomial::upper(stratum.errors, stratum.labelled, each));
    limits.sum::<f64>().min(1.0)
}

/// Cochran (1977, 5.11): with the correction for finite strata. `None` where a stratum has a single
/// case, which says nothing of its spread, or where no errors were found.
fn standard_error(parts: &[Part]) -> Option<f64> {
    let whole: f64 = parts.iter().map(|part| part.applicable).sum();
    let mut variance = 0.0;
    for part in parts.iter().filter(|part| !part.is_census()) {
        let cases = part.counts.applicable();
        if cases < 2 {
            return None;
        }
        let rate = part.rate(Reading::Headline);
        let share = part.applicable / whole;
        let left = 1.0 - count(part.counts.drawn) / count(part.population);
        variance += share * share * left * rate * (1.0 - rate) / count(cases - 1);
    }
    (variance > 0.0).then(|| variance.sqrt())
}

/// How many further cases without an error would do, if all strata grow alike.
fn further(parts: &[Part], claim: Claim) -> Next {
    let grown = |percent: u64| -> Vec<Part> {
        let grow = |part: &Part| {
            let mut grown = *part;
            let cases = (u128::from(part.counts.drawn) * u128::from(percent)).div_ceil(100);
            let cases =
                u64::try_from(cases).map_or(part.population, |cases| cases.min(part.population));
            grown.counts.correct += cases - part.counts.drawn;
            grown.counts.drawn = cases;
            grown
        };
        parts.iter().map(grow).collect()
    };
    let shows = |percent: u64| reckon(&grown(percent), Reading::Headline, claim).passes;
    let drawn = |parts: &[Part]| -> u64 { parts.iter().map(|part| part.counts.drawn).sum() };
    let mut enough = 200;
    while !shows(enough) {
        enough *= 2;
        if enough > MOST_TIMES * 100 {
            return Next::DrawMany;
        }
    }
    let mut short = enough / 2;
    while enough - short > 1 {
        let middle = short + (enough - short) / 2;
        if shows(middle) {
            enough = middle;
        } else {
            short = middle;
        }
    }
    Next::DrawMore {
        cases: drawn(&grown(enough)) - drawn(parts),
    }
}
