//! How reviewed cases were drawn, and what came of each: what a conclusion is drawn from. Must not
//! know worksheets or manifests.

use crate::rate::{Fraction, Micros};

/// How much of a case's value was wrong: (approved - correct) / approved. 1 is all of it, above 1
/// more than all, negative an understatement. Finite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Taint(f64);

impl Taint {
    /// The whole value was wrong, or nobody knows how much of it.
    pub const WHOLE: Self = Self(1.0);

    /// `None` unless finite.
    pub fn new(taint: f64) -> Option<Self> {
        taint.is_finite().then_some(Self(taint))
    }

    /// The taint as a share of the value.
    pub fn get(self) -> f64 {
        self.0
    }
}

/// What a review came to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    Correct,
    /// The taint matters for samples drawn by money only; give `Taint::WHOLE` elsewhere.
    Incorrect(Taint),
    /// The reviewer looked and could not tell.
    CannotDetermine,
    /// The case is none of those that the claim is about; it leaves the sample.
    NotApplicable,
    /// Nobody has given a verdict.
    Missing,
}

/// How the reviewed cases were drawn, and what came of each.
#[derive(Clone, Debug, PartialEq)]
pub enum Sample {
    Simple(SimpleSample),
    Stratified(StratifiedSample),
    Poisson(PoissonSample),
    Unequal(UnequalSample),
    Money(MoneySample),
    Sequential(SequentialSample),
}

/// Every case of the population was as likely to be drawn, none twice.
#[derive(Clone, Debug, PartialEq)]
pub struct SimpleSample {
    /// Cases that could have been drawn; `None` for an endless process or an unknown number.
    pub population: Option<u64>,
    pub outcomes: Vec<Outcome>,
}

/// Each case of the population was drawn or not by itself, at one rate.
#[derive(Clone, Debug, PartialEq)]
pub struct PoissonSample {
    /// Cases that could have been drawn.
    pub population: u64,
    /// The probability of each, in (0, 1].
    pub rate: f64,
    pub outcomes: Vec<Outcome>,
}

/// A simple sample in each stratum.
#[derive(Clone, Debug, PartialEq)]
pub struct StratifiedSample {
    pub strata: Vec<StratumSample>,
    pub unsampled: Unsampled,
}

/// One stratum and what came of the cases drawn from it.
#[derive(Clone, Debug, PartialEq)]
pub struct StratumSample {
    pub name: String,
    /// Cases of the stratum that could have been drawn.
    pub population: u64,
    pub outcomes: Vec<Outcome>,
}

/// What becomes of a stratum that has cases of which none was drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unsampled {
    /// Nothing can be concluded.
    #[default]
    Refuse,
    /// In the upper bound every one of its cases is wrong, in the lower bound none.
    AllErrors,
}

/// A fixed number of cases drawn with probabilities of their own (sequential Poisson, interval
/// sampling), of which the share that is wrong is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct UnequalSample {
    /// Cases with a positive probability.
    pub population: u64,
    /// The smallest positive probability of any case of the population, drawn or not.
    pub smallest_probability: f64,
    /// The sum of the probabilities of all cases of the population that were not certain: the
    /// number of them that the design draws.
    pub expected_drawn: f64,
    pub cases: Vec<UnequalCase>,
}

/// A drawn case with its inclusion probability in (0, 1]; 1 is a certain case.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UnequalCase {
    pub probability: f64,
    pub outcome: Outcome,
}

/// Cases drawn in proportion to their value.
#[derive(Clone, Debug, PartialEq)]
pub struct MoneySample {
    /// Value of all cases that were not certain to be drawn, drawn or not, in millionths.
    pub sampled_total: u128,
    pub factors: Factors,
    /// The drawn cases; one that was hit more than once is listed as often.
    pub cases: Vec<MoneyCase>,
}

/// A drawn case with its value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MoneyCase {
    pub value: Micros,
    /// The inclusion probability, in (0, 1]; 1 is a certain case.
    pub probability: f64,
    pub outcome: Outcome,
}

impl MoneyCase {
    /// Whether it was certain to be drawn.
    pub fn is_certain(&self) -> bool {
        self.probability >= 1.0
    }
}

/// The confidence factors of Stringer's bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Factors {
    /// Clopper-Pearson limits; smaller and sufficient.
    #[default]
    Binomial,
    /// Gamma quantiles, as in the tables of AICPA.
    Poisson,
}

/// A simple sample without replacement that may be looked at after every case.
#[derive(Clone, Debug, PartialEq)]
pub struct SequentialSample {
    pub population: u64,
    /// The error rate that was expected when the audit was planned, which shapes the bound;
    /// `None` for no expectation. It must be fixed before the first review.
    pub prior_rate: Option<Fraction>,
    /// Outcomes in the order of the tickets.
    pub outcomes: Vec<Outcome>,
}
