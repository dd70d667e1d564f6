//! The two ways to read what was not judged, and what they mean for the claim together.

use super::{
    Bounds, ConcludeError, Conclusion, Counts, Method, MissingVerdicts, Next, Note, Outcome, Rule,
    Verdict,
};
use crate::audit::claim::Claim;

impl Counts {
    pub(super) fn of(outcomes: impl IntoIterator<Item = Outcome>) -> Self {
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
    pub(super) fn unjudged(&self) -> u64 {
        self.cannot_determine + self.missing
    }
}

/// Whether what was not judged is taken as wrong or as right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    Headline,
    BestCase,
}

impl Reading {
    /// The errors of a count in this reading.
    pub(super) fn errors(self, counts: &Counts) -> u64 {
        match self {
            Self::Headline => counts.against(),
            Self::BestCase => counts.errors,
        }
    }

    /// Whether an outcome is an error in this reading; `None` for one that leaves the sample.
    pub(super) fn is_wrong(self, outcome: Outcome) -> Option<bool> {
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
    pub(super) fn taint(self, outcome: Outcome) -> Option<f64> {
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
pub(super) struct Reckoning {
    pub(super) bounds: Bounds,
    pub(super) method: Method,
    pub(super) passes: bool,
    pub(super) fails: bool,
}

impl Reckoning {
    /// From bounds that are not counts.
    pub(super) fn of_rates(bounds: Bounds, method: Method, claim: Claim) -> Self {
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
pub(super) struct Readings {
    pub(super) headline: Reckoning,
    pub(super) best_case: Reckoning,
}

impl Readings {
    pub(super) fn of(
        reckon: impl Fn(Reading) -> Result<Reckoning, ConcludeError>,
    ) -> Result<Self, ConcludeError> {
        Ok(Self {
            headline: reckon(Reading::Headline)?,
            best_case: reckon(Reading::BestCase)?,
        })
    }

    fn verdict(&self, rule: &Rule, missing: u64) -> Verdict {
        if missing > 0 && rule.missing == MissingVerdicts::Incomplete {
            Verdict::Incomplete
        } else if self.headline.passes {
            Verdict::Pass
        } else if self.best_case.fails {
            Verdict::Fail
        } else {
            Verdict::Inconclusive
        }
    }

    /// A conclusion without what only some designs have. `further` is asked for the number of
    /// further cases that would do if the audit is inconclusive.
    pub(super) fn conclusion(
        self,
        rule: &Rule,
        counts: Counts,
        further: impl FnOnce() -> Next,
    ) -> Conclusion {
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
            weighted: None,
            money: None,
            next,
            notes: only_unable
                .then_some(Note::OnlyUnableFail)
                .into_iter()
                .collect(),
        }
    }
}
