//! What may be concluded from a reviewed sample: bounds of the error rate by the way the sample
//! was drawn, the verdict on a claim, and what to do next. Must not know worksheets or manifests.
//!
//! The claim is always "the error rate is below the tolerable rate". It passes if the upper
//! bound is below the tolerable rate and fails if the lower bound is not; between the two the
//! audit is inconclusive. What could not be judged counts as wrong in the bounds, but a failure
//! needs errors that were found.

mod money;
mod reading;
mod simple;
mod strata;
mod unequal;

use thiserror::Error;

use crate::audit::claim::{Claim, ClaimError};
use crate::audit::weighted::Expansion;
use crate::error::ExitCode;
use crate::rate::Fraction;

pub use crate::audit::reviewed::{
    Factors, MoneyCase, MoneySample, Outcome, PoissonSample, Sample, SequentialSample,
    SimpleSample, StratifiedSample, StratumSample, Taint, UnequalCase, UnequalSample, Unsampled,
};

pub(crate) use self::strata::without_errors;

use self::reading::{Reading, Readings, Reckoning};

/// Samples of at most so many times the size are tried for the further cases.
const MOST_TIMES: u64 = 64;

/// What the audit was to show. It must be fixed before the first review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The claim is that the rate is below this; for money the tolerable amount over the total.
    pub tolerable: Fraction,
    /// Strictly between 0 and 1.
    pub confidence: Fraction,
    pub side: Side,
    pub missing: MissingVerdicts,
}

/// What the confidence is the confidence of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Side {
    /// Of the upper bound alone, and of the lower bound alone.
    #[default]
    OneSided,
    /// Of both together: half of the error probability each.
    TwoSided,
}

/// What cases without a verdict do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingVerdicts {
    /// There is no conclusion before all verdicts are in.
    #[default]
    Incomplete,
    /// They count as cases that could not be judged.
    AsUnable,
}

/// What the audit shows of the claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    Pass,
    Fail,
    Inconclusive,
    /// Verdicts are missing.
    Incomplete,
}

impl Verdict {
    /// The word that documents use.
    pub fn key(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Inconclusive => "inconclusive",
            Self::Incomplete => "incomplete",
        }
    }

    pub fn exit_code(self) -> ExitCode {
        match self {
            Self::Pass => ExitCode::Done,
            Self::Fail => ExitCode::Breached,
            Self::Inconclusive | Self::Incomplete => ExitCode::Inconclusive,
        }
    }
}

/// How the upper bound was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Every case was looked at.
    Census,
    Hypergeometric,
    ClopperPearson,
    /// The largest rate under which no error at all is likely enough, in closed form.
    StratifiedZeroErrors,
    WendellSchmee,
    Bonferroni,
    Stringer(Factors),
    /// Stringer's bound over cases weighted by their probabilities.
    WeightedStringer,
    /// The prior-posterior ratio, valid after every case.
    PriorPosteriorRatio,
}

/// A point and the two bounds around it, as rates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    pub estimate: Option<f64>,
    pub lower: f64,
    pub upper: f64,
}

/// What to do after the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// The claim may be made.
    Report,
    /// Find out why, and do not draw again.
    FindCauses,
    /// This many verdicts are still to come.
    FinishReview { missing: u64 },
    /// If these cases can be judged and are right, the claim holds.
    SettleUnable { cases: u64 },
    /// A sample with this many further cases without an error would have shown the claim; after a
    /// look at the result it takes a new one.
    DrawMore { cases: u64 },
    /// No affordable number of further cases without errors would make the claim hold.
    DrawMany,
    /// Draw a sample of its own: this one was enlarged, or could be, without a bound for it.
    DrawAnew,
    /// Go on in the order of the tickets; this many further cases without an error would do.
    GoOn { cases: u64 },
}

/// What the reviews of one stratum came to.
#[derive(Clone, Debug, PartialEq)]
pub struct StratumConclusion {
    pub name: String,
    pub population: u64,
    pub counts: Counts,
    /// At the stated confidence for this stratum alone, not for all of them together.
    pub bounds: Bounds,
}

/// Verdicts by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub drawn: u64,
    pub correct: u64,
    /// Cases that were found to be wrong.
    pub errors: u64,
    pub cannot_determine: u64,
    pub missing: u64,
    pub not_applicable: u64,
}

impl Counts {
    /// Cases that the claim is about.
    pub fn applicable(&self) -> u64 {
        self.drawn - self.not_applicable
    }

    /// Cases with a verdict of right or wrong.
    pub fn judged(&self) -> u64 {
        self.correct + self.errors
    }

    /// What counts against the system: errors, and cases that were not judged.
    pub fn against(&self) -> u64 {
        self.errors + self.cannot_determine + self.missing
    }

    /// Judged cases among those that the claim is about; none without any.
    pub fn coverage(&self) -> Option<f64> {
        (self.applicable() > 0).then(|| self.judged() as f64 / self.applicable() as f64)
    }
}

/// The figures of an audit by money, in units of money.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MoneyConclusion {
    /// Value of all cases, certain ones included.
    pub total: f64,
    /// Error of the certain cases, known.
    pub certain_errors: f64,
    /// Projected error of all cases, understatements left out.
    pub projected: f64,
    pub upper: f64,
    /// Projected understatement. It is never netted into the bound.
    pub understatement: f64,
    pub understatement_upper: f64,
}

/// What follows from the reviews.
#[derive(Clone, Debug, PartialEq)]
pub struct Conclusion {
    pub verdict: Verdict,
    pub method: Method,
    pub rule: Rule,
    /// Cases of the population, where it is known.
    pub population: Option<u64>,
    pub counts: Counts,
    /// With everything that was not judged counted as wrong.
    pub bounds: Bounds,
    /// With everything that was not judged counted as right.
    pub best_case: Bounds,
    /// Standard error of the estimate; `None` where it says nothing, as without errors.
    pub standard_error: Option<f64>,
    /// Most errors that the whole population may hold, where it can be counted.
    pub most_errors: Option<u64>,
    pub strata: Vec<StratumConclusion>,
    /// What the cases stand for by their probabilities, with everything that was not judged counted
    /// as wrong: cases in error, or the value in error. `None` where a fixed number was drawn and
    /// every case was as likely.
    pub weighted: Option<Expansion>,
    pub money: Option<MoneyConclusion>,
    pub next: Next,
    /// What a reader must know before relying on it.
    pub notes: Vec<Note>,
}

/// What limits a conclusion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Note {
    /// Cases that the claim is not about were drawn, so the size of its population is unknown, and
    /// the bound takes it as endless.
    EndlessPopulation,
    /// For the same reason the shares of the strata are estimated.
    EstimatedShares,
    /// For the same reason the number of cases that the claim is about is estimated.
    EstimatedSize,
    /// A stratum of which nothing applicable was drawn counts as nothing but errors.
    UnsampledAsErrors,
    /// There were too many errors or strata for the exact bound.
    ExactBoundTooLong,
    /// Stringer's bound with partial errors is known to be conservative, but not proved.
    StringerUnproved,
    /// Stringer's bound over weighted cases held in simulations, but is not proved.
    WeightedUnproved,
    /// Without errors the variance is 0 and says nothing; the bound does not come from it.
    NoVariance,
    /// Everything that was not judged would have to be wrong for the claim to fail.
    OnlyUnableFail,
    /// For the same reason a running bound takes all that were not drawn as cases that it is about.
    WholePopulation,
    /// For the same reason their value is unknown: what is projected takes it as that of all cases.
    WholeValue,
    /// The draw was enlarged, or could be, because of what was seen before, and the bound does not
    /// allow for it.
    Enlarged,
    /// Verdicts are missing; only the cases before the first gap were used.
    StoppedAtGap,
    /// Understatements were found; they are reported beside the bound and not netted.
    Understatements,
}

/// Why nothing can be concluded.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum ConcludeError {
    #[error("no case that the claim is about was drawn")]
    NothingDrawn,
    #[error("{drawn} cases were drawn from a population of {population}")]
    MoreThanPopulation { drawn: u64, population: u64 },
    #[error("stratum `{name}`: of its {population} cases none that the claim is about was drawn")]
    Unsampled { name: String, population: u64 },
    #[error("an inclusion probability of {probability} is not in (0, 1] or below the smallest one")]
    Probability { probability: f64 },
    #[error("cases of no value cannot be drawn by value")]
    NoValue,
    #[error(transparent)]
    Claim(#[from] ClaimError),
}

/// What the reviews of a sample show of the claim.
///
/// # Errors
/// When nothing was drawn, or more than there is, or a stratum or a probability forbids it.
pub fn conclude(sample: &Sample, rule: &Rule) -> Result<Conclusion, ConcludeError> {
    match sample {
        Sample::Simple(sample) => simple::conclude(sample, rule),
        Sample::Stratified(sample) => strata::conclude(sample, rule),
        Sample::Poisson(sample) => unequal::conclude_poisson(sample, rule),
        Sample::Unequal(sample) => unequal::conclude(sample, rule),
        Sample::Money(sample) => money::conclude(sample, rule),
        Sample::Sequential(sample) => simple::conclude_sequence(sample, rule),
    }
}

impl Conclusion {
    /// What follows if the draw was enlarged, or could be, and its bound does not allow for that: the
    /// further cases may have been drawn because of what the earlier ones showed, and who tries
    /// again until the claim holds is misled more often than the confidence says. So a pass does not
    /// stand unless it follows from the counts alone. A failure does: a further look must not take
    /// back what was found.
    #[must_use]
    pub fn of_enlarged(mut self) -> Self {
        if self.method == Method::Census || self.population == Some(self.counts.drawn) {
            return self;
        }
        match self.verdict {
            Verdict::Pass if self.passes_by_count() => return self,
            Verdict::Pass | Verdict::Inconclusive => {
                self.verdict = Verdict::Inconclusive;
                self.next = Next::DrawAnew;
            }
            Verdict::Fail | Verdict::Incomplete => {}
        }
        self.notes.push(Note::Enlarged);
        self
    }

    /// Whether the claim would hold even if every case that was not drawn were wrong.
    fn passes_by_count(&self) -> bool {
        let counts = &self.counts;
        let left = self
            .population
            .map(|population| population.checked_sub(counts.drawn));
        left.flatten().is_some_and(|left| {
            let tolerable = self.rule.tolerable;
            tolerable.exceeds(counts.against() + left, counts.applicable() + left)
        })
    }
}

impl Rule {
    /// The claim at the risk of one side.
    fn claim(&self) -> Result<Claim, ClaimError> {
        let claim = Claim::new(self.tolerable, self.confidence)?;
        let half = Fraction::new(1, 2).and_then(|half| self.confidence.complement().part(half));
        match (self.side, half) {
            (Side::OneSided, _) => Ok(claim),
            (Side::TwoSided, Some(risk)) => Claim::new(self.tolerable, risk.complement()),
            (Side::TwoSided, None) => Err(ClaimError::Confidence(self.confidence)),
        }
    }
}

/// Refuses a sample that holds nothing of what the claim is about, or more than there is.
fn check_drawn(counts: &Counts, population: Option<u64>) -> Result<(), ConcludeError> {
    let drawn = counts.drawn;
    match population {
        Some(population) if drawn > population => {
            Err(ConcludeError::MoreThanPopulation { drawn, population })
        }
        _ if counts.applicable() == 0 => Err(ConcludeError::NothingDrawn),
        _ => Ok(()),
    }
}
