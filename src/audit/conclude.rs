//! What may be concluded from a reviewed sample: bounds of the error rate by the way the sample
//! was drawn, the verdict on a claim, and what to do next. Must not know worksheets or manifests.
//!
//! The claim is always "the error rate is below the tolerable rate". It passes if the upper
//! bound is below the tolerable rate and fails if the lower bound is not; between the two the
//! audit is inconclusive. What could not be judged counts against the system.

mod money;
mod simple;
mod strata;
mod unequal;

use thiserror::Error;

use crate::audit::claim::{Claim, ClaimError};
use crate::error::ExitCode;
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

/// Cases drawn with probabilities of their own, one by one (Poisson) or in a fixed number
/// (sequential Poisson), such as by risk.
#[derive(Clone, Debug, PartialEq)]
pub struct UnequalSample {
    /// Cases with a positive probability.
    pub population: u64,
    /// The smallest positive probability of any case of the population, drawn or not.
    pub smallest_probability: f64,
    /// The sum of the probabilities of all cases of the population that were not certain: the
    /// number of them that the design draws, on the average or exactly.
    pub expected_drawn: f64,
    pub scheme: Scheme,
    pub cases: Vec<UnequalCase>,
}

/// A drawn case with its inclusion probability in (0, 1]; 1 is a certain case.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UnequalCase {
    pub probability: f64,
    pub outcome: Outcome,
}

/// How a sample of unequal probabilities was drawn; its variance depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Each case by itself, so that the number drawn is random.
    Poisson,
    /// A fixed number by ranked tickets (sequential Poisson, interval sampling).
    FixedSize,
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
    /// Whether it was certain to be drawn.
    pub certain: bool,
    pub outcome: Outcome,
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

/// What the audit was to show. It must be fixed before the first review.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The claim is that the rate is below this; for money the tolerable amount over the total.
    pub tolerable: Fraction,
    /// Strictly between 0 and 1.
    pub confidence: Fraction,
    pub side: Side,
    pub unable: Unable,
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

/// How cases that could not be judged count. Neither way leaves them out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unable {
    /// As errors in all bounds, but a failure needs errors that were found.
    #[default]
    AgainstPass,
    /// As errors in every respect (ISA 530, paragraph 11).
    AsErrors,
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
    /// If this many further cases, drawn with a new seed, show no error, the claim holds.
    DrawMore { cases: u64 },
    /// No affordable number of further cases without errors would make the claim hold.
    DrawMany,
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
    /// A stratum of which nothing was drawn counts as nothing but errors.
    UnsampledAsErrors,
    /// There were too many errors or strata for the exact bound.
    ExactBoundTooLong,
    /// Stringer's bound with partial errors is known to be conservative, but not proved.
    StringerUnproved,
    /// Without errors the variance is 0 and says nothing; the bound does not come from it.
    NoVariance,
    /// Everything that was not judged would have to be wrong for the claim to fail.
    OnlyUnableFail,
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
    #[error("stratum `{name}`: none of its {population} cases was drawn")]
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
        Sample::Unequal(sample) => unequal::conclude(sample, rule),
        Sample::Money(sample) => money::conclude(sample, rule),
        Sample::Sequential(sample) => simple::conclude_sequence(sample, rule),
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

impl Counts {
    fn of(outcomes: impl IntoIterator<Item = Outcome>) -> Self {
        let mut counts = Self::default();
        for outcome in outcomes {
            counts.drawn += 1;
            match outcome {
                Outcome::Correct => counts.correct += 1,
                Outcome::Incorrect(_) => counts.errors += 1,
                Outcome::CannotDetermine => counts.cannot_determine += 1,
                Outcome::Missing => counts.missing += 1,
                Outcome::NotApplicable => counts.not_applicable += 1,
            }
        }
        counts
    }

    /// Applicable cases that nobody judged.
    fn unjudged(&self) -> u64 {
        self.cannot_determine + self.missing
    }
}

/// Whether what was not judged is taken as wrong or as right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    Headline,
    BestCase,
}

impl Reading {
    /// The errors of a count in this reading.
    fn errors(self, counts: &Counts) -> u64 {
        match self {
            Self::Headline => counts.against(),
            Self::BestCase => counts.errors,
        }
    }

    /// Whether an outcome is an error in this reading; `None` for one that leaves the sample.
    fn is_wrong(self, outcome: Outcome) -> Option<bool> {
        match (outcome, self) {
            (Outcome::NotApplicable, _) => None,
            (Outcome::Correct, _) => Some(false),
            (Outcome::Incorrect(_), _) => Some(true),
            (Outcome::CannotDetermine | Outcome::Missing, reading) => {
                Some(reading == Self::Headline)
            }
        }
    }

    /// The taint of an outcome in this reading; `None` for one that leaves the sample.
    fn taint(self, outcome: Outcome) -> Option<f64> {
        match outcome {
            Outcome::Incorrect(taint) => Some(taint.get()),
            Outcome::Correct
            | Outcome::CannotDetermine
            | Outcome::NotApplicable
            | Outcome::Missing => Some(f64::from(u8::from(self.is_wrong(outcome)?))),
        }
    }
}

/// The bounds of one reading, and what they mean for the claim. Where errors can be counted the
/// claim is compared in integers.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Reckoning {
    bounds: Bounds,
    method: Method,
    passes: bool,
    fails: bool,
}

impl Reckoning {
    /// From bounds that are not counts.
    fn of_rates(bounds: Bounds, method: Method, claim: Claim) -> Self {
        let tolerable = claim.tolerable().value();
        Self {
            bounds,
            method,
            passes: bounds.upper < tolerable,
            fails: bounds.lower >= tolerable,
        }
    }
}

/// Both readings together.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Readings {
    headline: Reckoning,
    best_case: Reckoning,
}

impl Readings {
    fn of(
        reckon: impl Fn(Reading) -> Result<Reckoning, ConcludeError>,
    ) -> Result<Self, ConcludeError> {
        Ok(Self {
            headline: reckon(Reading::Headline)?,
            best_case: reckon(Reading::BestCase)?,
        })
    }

    fn verdict(&self, rule: &Rule, missing: u64) -> Verdict {
        let fails = match rule.unable {
            Unable::AgainstPass => self.best_case.fails,
            Unable::AsErrors => self.headline.fails,
        };
        if missing > 0 && rule.missing == MissingVerdicts::Incomplete {
            Verdict::Incomplete
        } else if self.headline.passes {
            Verdict::Pass
        } else if fails {
            Verdict::Fail
        } else {
            Verdict::Inconclusive
        }
    }

    /// A conclusion without what only some designs have. `further` is asked for the number of
    /// further cases that would do if the audit is inconclusive.
    fn conclusion(self, rule: &Rule, counts: Counts, further: impl FnOnce() -> Next) -> Conclusion {
        let verdict = self.verdict(rule, counts.missing);
        let next = match verdict {
            Verdict::Pass => Next::Report,
            Verdict::Fail => Next::FindCauses,
            Verdict::Incomplete => Next::FinishReview {
                missing: counts.missing,
            },
            Verdict::Inconclusive if self.best_case.passes => Next::SettleUnable {
                cases: counts.unjudged(),
            },
            Verdict::Inconclusive => further(),
        };
        let only_unable = verdict == Verdict::Inconclusive && self.headline.fails;
        Conclusion {
            verdict,
            method: self.headline.method,
            rule: *rule,
            population: None,
            counts,
            bounds: self.headline.bounds,
            best_case: self.best_case.bounds,
            standard_error: None,
            most_errors: None,
            strata: Vec::new(),
            money: None,
            next,
            notes: only_unable
                .then_some(Note::OnlyUnableFail)
                .into_iter()
                .collect(),
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
