//! A plan put together: the sample that a question asks for, what it would show, how it behaves at
//! every true error rate, and what the neighbouring questions would have asked for. Must not put
//! anything into words.

use crate::audit::allocation::{self, Stratum};
use crate::audit::claim::{Claim, Model};
use crate::audit::conclude;
use crate::audit::operating;
use crate::audit::sequential::{Course, Sequence, course};
use crate::audit::size::{self, Expected, Size, SizeError, TwoStage, attribute, two_stage};
use crate::rate::Fraction;

/// Errors beyond the allowed ones for which a plan tells what they would show.
const BEYOND_ALLOWED: u64 = 3;
/// Errors up to which a sequential plan has a stop.
const MOST_STOPS: u64 = 6;
/// Chance to pass that defines the limiting quality.
const LIMITING: f64 = 0.1;

/// What a plan is for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Question {
    pub model: Model,
    pub claim: Claim,
    pub expected: Expected,
    /// The error rate that the planner thinks true, to tell how often the plan would fail then.
    pub true_rate: Option<Fraction>,
    pub kind: Kind,
}

/// The kinds of plans.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// One sample, large enough for the errors expected.
    Single,
    /// A second sample only if the first finds up to so many errors.
    TwoStage { continue_up_to: u64 },
    /// The bound holds after every case; the prior rate shapes it.
    Sequential { prior_rate: Option<Fraction> },
    /// A sample that somebody else has set.
    Given(Size),
}

/// The sample that was planned.
#[derive(Clone, Debug, PartialEq)]
pub enum Design {
    Single(Size),
    TwoStage(TwoStage),
    Sequential(Stops),
}

/// Where a sequential audit may stop.
#[derive(Clone, Debug, PartialEq)]
pub struct Stops {
    /// `cases[k]` shows the claim if no more than k errors were found by then.
    pub cases: Vec<u64>,
    /// If the true rate is the one thought true, and if it is the tolerable one.
    pub expected: Option<Course>,
    pub tolerable: Course,
}

impl Design {
    /// Cases to have at hand: all stages, or as far as the last stop.
    pub fn most_cases(&self) -> u64 {
        match self {
            Self::Single(size) => size.cases,
            Self::TwoStage(plan) => 2 * plan.cases,
            Self::Sequential(stops) => stops.cases.last().copied().unwrap_or(0),
        }
    }

    /// Errors with which the plan can still pass.
    pub fn allowed(&self) -> u64 {
        match self {
            Self::Single(size) => size.allowed,
            Self::TwoStage(plan) => plan.continue_up_to,
            Self::Sequential(stops) => (stops.cases.len() as u64).saturating_sub(1),
        }
    }
}

/// What so many errors in the sample would show.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Achieved {
    pub errors: u64,
    pub upper: f64,
    pub shows: bool,
}

/// A point of the operating curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CurvePoint {
    /// The true error rate.
    pub rate: Fraction,
    /// The chance that the claim is made; `None` where the plan sets no end.
    pub passes: Option<f64>,
    /// The chance that at least one error is found in the first sample.
    pub finds: f64,
}

/// How an accept-on-c plan of independent cases behaves at its worst.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quality {
    /// The rate that passes one time in ten.
    pub limiting: f64,
    /// The worst average rate left if failed populations are reviewed throughout.
    pub outgoing: f64,
    /// The true rate that leaves it.
    pub outgoing_at: f64,
}

/// A plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    pub question: Question,
    pub design: Design,
    pub achieved: Vec<Achieved>,
    pub curve: Vec<CurvePoint>,
    /// The chance to fail although the true rate is the one thought true.
    pub producer_risk: Option<f64>,
    pub quality: Option<Quality>,
    /// Whether only a look at every case can show the claim.
    pub census: bool,
}

/// The plan that answers a question.
///
/// # Errors
/// When no sample can show the claim.
pub fn plan(question: &Question) -> Result<Plan, SizeError> {
    let design = design(question)?;
    let passes = |rate: Fraction| match &design {
        Design::Single(size) => Some(size::passes(question.model, *size, rate)),
        Design::TwoStage(plan) => Some(plan.passes(question.model, rate)),
        Design::Sequential(stops) => question
            .model
            .population()
            .map(|population| course(population, rate.ceil_of(population), &stops.cases).shown),
    };
    let first = match &design {
        Design::Single(size) => size.cases,
        Design::TwoStage(plan) => plan.cases,
        Design::Sequential(stops) => stops.cases.first().copied().unwrap_or(0),
    };
    let curve = curve_rates(question).into_iter().map(|rate| CurvePoint {
        rate,
        passes: passes(rate),
        finds: size::discovers(question.model, first, rate),
    });
    Ok(Plan {
        question: *question,
        achieved: achieved(question, &design),
        curve: curve.collect(),
        producer_risk: thought_true(question)
            .and_then(passes)
            .map(|passes| 1.0 - passes),
        quality: quality(question),
        census: size::needs_census(question.model, question.claim).is_some(),
        design,
    })
}

fn design(question: &Question) -> Result<Design, SizeError> {
    let Question { model, claim, .. } = *question;
    match question.kind {
        Kind::Single => attribute(model, claim, question.expected).map(Design::Single),
        Kind::Given(size) => Ok(Design::Single(size)),
        Kind::TwoStage { continue_up_to } => {
            two_stage(model, claim, continue_up_to).map(Design::TwoStage)
        }
        Kind::Sequential { prior_rate } => {
            let population = model.population().ok_or(SizeError::NoCases)?;
            stops(population, question, prior_rate).map(Design::Sequential)
        }
    }
}

/// The rate that the planner thinks true, or at least expects.
fn thought_true(question: &Question) -> Option<Fraction> {
    question.true_rate.or(match question.expected {
        Expected::Rate(rate) if rate > Fraction::ZERO => Some(rate),
        Expected::Rate(_) | Expected::Errors(_) => None,
    })
}

fn stops(
    population: u64,
    question: &Question,
    prior_rate: Option<Fraction>,
) -> Result<Stops, SizeError> {
    let sequence = Sequence::new(population, prior_rate);
    let cases: Vec<u64> = (0..MOST_STOPS)
        .map_while(|errors| sequence.stop(question.claim, errors))
        .collect();
    if cases.is_empty() {
        return Err(SizeError::NoCases);
    }
    let at = |rate: Fraction| course(population, rate.ceil_of(population), &cases);
    Ok(Stops {
        expected: thought_true(question).map(at),
        tolerable: at(question.claim.tolerable()),
        cases,
    })
}

fn achieved(question: &Question, design: &Design) -> Vec<Achieved> {
    let Question { model, claim, .. } = *question;
    let Design::Single(size) = design else {
        return Vec::new();
    };
    (0..=(size.allowed + BEYOND_ALLOWED).min(size.cases))
        .map(|errors| Achieved {
            errors,
            upper: model.upper(errors, size.cases, claim.risk()),
            shows: model.shows(claim, errors, size.cases),
        })
        .collect()
}

/// Parts of the tolerable rate, the rate thought true, and twice the tolerable rate.
fn curve_rates(question: &Question) -> Vec<Fraction> {
    let tolerable = question.claim.tolerable();
    let quarters = (1..=3).filter_map(|quarters| tolerable.part(Fraction::new(quarters, 4)?));
    let mut rates: Vec<Fraction> = quarters
        .chain(thought_true(question))
        .chain([tolerable])
        .chain(tolerable.times(2))
        .collect();
    rates.sort();
    rates.dedup();
    rates
}

fn quality(question: &Question) -> Option<Quality> {
    let Kind::Given(size) = question.kind else {
        return None;
    };
    let (outgoing_at, outgoing) = operating::outgoing_limit(size);
    Some(Quality {
        limiting: operating::limiting_quality(size, LIMITING),
        outgoing,
        outgoing_at,
    })
}

/// One cell of the grid: the same question at another tolerable rate and confidence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GridCell {
    pub claim: Claim,
    /// `None` where the expected errors forbid the claim.
    pub size: Option<Size>,
}

/// The question at other tolerable rates (half, the same, one and a half, double, triple) and
/// confidences (90, 95, 99 % and its own), by rate and then by confidence.
pub fn grid(question: &Question) -> Vec<GridCell> {
    let own = question.claim;
    let scaled = |(times, over): (u64, u64)| {
        let part = own.tolerable().part(Fraction::new(1, over)?)?;
        part.times(times)
    };
    let rates = [(1, 2), (1, 1), (3, 2), (2, 1), (3, 1)]
        .into_iter()
        .filter_map(scaled);
    let usual = [90, 95, 99]
        .into_iter()
        .filter_map(|percent| Fraction::new(percent, 100));
    let mut confidences: Vec<Fraction> = usual.chain([own.confidence()]).collect();
    confidences.sort();
    confidences.dedup();
    let claims = rates.flat_map(|rate| {
        let claim = move |confidence: &Fraction| Claim::new(rate, *confidence).ok();
        confidences.iter().filter_map(claim).collect::<Vec<_>>()
    });
    claims
        .map(|claim| GridCell {
            claim,
            size: attribute(question.model, claim, question.expected).ok(),
        })
        .collect()
}

/// A sample divided among strata.
#[derive(Clone, Debug, PartialEq)]
pub struct Divided {
    /// Cases of each stratum, in their order.
    pub sizes: Vec<u64>,
    /// The upper bound of the whole if no error is found, and whether it shows the claim.
    pub upper: f64,
    pub shows: bool,
}

/// Divides a sample among strata; one that allows no error is made larger until no error in any
/// stratum shows the claim.
pub fn divide(strata: &[Stratum], rule: allocation::Rule, claim: Claim, size: Size) -> Divided {
    let total: u64 = strata.iter().map(|stratum| stratum.population).sum();
    let divided = |cases: u64| {
        let sizes = allocation::allocate(strata, cases, rule);
        let drawn: Vec<(u64, u64)> = strata
            .iter()
            .zip(&sizes)
            .map(|(stratum, size)| (stratum.population, *size))
            .collect();
        let (bounds, shows) = conclude::without_errors(&drawn, claim);
        Divided {
            sizes,
            upper: bounds.upper,
            shows,
        }
    };
    let cases = size.cases.min(total);
    if size.allowed > 0 || rule == allocation::Rule::Fixed || total == 0 {
        return divided(cases);
    }
    divided(size::first_that(cases, total, |cases| divided(cases).shows))
}
