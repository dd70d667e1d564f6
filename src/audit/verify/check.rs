//! The checks of a proof, what came of each, and what they come to together. Must not check anything.

use crate::error::ExitCode;

/// The checks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckId {
    Digest,
    Inputs,
    Scheme,
    Population,
    Duplicates,
    Frame,
    Policy,
    Strata,
    Draw,
    Chain,
    Worksheets,
    Seed,
    Evaluation,
}

impl CheckId {
    pub const ALL: [Self; 13] = [
        Self::Digest,
        Self::Inputs,
        Self::Scheme,
        Self::Population,
        Self::Duplicates,
        Self::Frame,
        Self::Policy,
        Self::Strata,
        Self::Draw,
        Self::Chain,
        Self::Worksheets,
        Self::Seed,
        Self::Evaluation,
    ];

    /// The short name, V1 to V13.
    pub fn key(self) -> &'static str {
        match self {
            Self::Digest => "V1",
            Self::Inputs => "V2",
            Self::Scheme => "V3",
            Self::Population => "V4",
            Self::Duplicates => "V5",
            Self::Frame => "V6",
            Self::Policy => "V7",
            Self::Strata => "V8",
            Self::Draw => "V9",
            Self::Chain => "V10",
            Self::Worksheets => "V11",
            Self::Seed => "V12",
            Self::Evaluation => "V13",
        }
    }

    /// What is checked.
    pub fn name(self) -> &'static str {
        match self {
            Self::Digest => "the manifest is as it was written",
            Self::Inputs => "the log is the one that was drawn from",
            Self::Scheme => "the scheme is known",
            Self::Population => "the conditions leave the same cases",
            Self::Duplicates => "no case is there twice",
            Self::Frame => "the frame has the same digest",
            Self::Policy => "the policy is the same",
            Self::Strata => "the strata have the same sizes",
            Self::Draw => "a new draw gives the same cases",
            Self::Chain => "earlier draws are kept",
            Self::Worksheets => "the worksheets are as they went out",
            Self::Seed => "the seed could not be chosen",
            Self::Evaluation => "the evaluation can be repeated",
        }
    }

    /// Whether a draw is unproven without this check.
    fn is_needed(self) -> bool {
        match self {
            Self::Digest
            | Self::Inputs
            | Self::Scheme
            | Self::Population
            | Self::Duplicates
            | Self::Frame
            | Self::Policy
            | Self::Strata
            | Self::Draw
            | Self::Chain => true,
            Self::Worksheets | Self::Seed | Self::Evaluation => false,
        }
    }
}

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckResult {
    Pass,
    Fail,
    /// Something that it needs was not given.
    Skipped,
}

impl CheckResult {
    /// The word that documents use.
    pub fn key(self) -> &'static str {
        match self {
            Self::Pass => "PASS",
            Self::Fail => "FAIL",
            Self::Skipped => "SKIPPED",
        }
    }
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    pub id: CheckId,
    pub result: CheckResult,
    /// What the manifest says; for a skipped check, what it needs.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// What a passed check takes on trust.
    pub rests_on: Option<String>,
}

impl Check {
    /// Passes if both are equal.
    pub fn compare(id: CheckId, expected: String, found: String) -> Self {
        let result = if expected == found {
            CheckResult::Pass
        } else {
            CheckResult::Fail
        };
        Self {
            id,
            result,
            expected,
            found,
            rests_on: None,
        }
    }

    /// Passes, with a word on why.
    pub fn pass(id: CheckId, found: &str) -> Self {
        Self {
            id,
            result: CheckResult::Pass,
            expected: found.to_owned(),
            found: found.to_owned(),
            rests_on: None,
        }
    }

    /// Adds what a passed check takes on trust.
    #[must_use]
    pub fn resting_on(self, trust: String) -> Self {
        Self {
            rests_on: Some(trust),
            ..self
        }
    }

    /// Fails.
    pub fn fail(id: CheckId, expected: &str, found: &str) -> Self {
        Self {
            id,
            result: CheckResult::Fail,
            expected: expected.to_owned(),
            found: found.to_owned(),
            rests_on: None,
        }
    }

    /// Is left out for want of something.
    pub fn skipped(id: CheckId, wants: &str) -> Self {
        Self {
            id,
            result: CheckResult::Skipped,
            expected: wants.to_owned(),
            found: String::new(),
            rests_on: None,
        }
    }
}

/// What the checks come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// Given this log and this seed, the sample is the only possible one.
    Proven,
    /// A check failed.
    Broken,
    /// Nothing failed, but what is needed for a proof was not given.
    NotProven,
}

impl Proof {
    /// What a list of checks comes to.
    pub fn of(checks: &[Check]) -> Self {
        if checks.iter().any(|check| check.result == CheckResult::Fail) {
            return Self::Broken;
        }
        let passed = |id: CheckId| {
            let passes = |check: &Check| check.id == id && check.result == CheckResult::Pass;
            checks.iter().any(passes)
        };
        if CheckId::ALL
            .into_iter()
            .filter(|id| id.is_needed())
            .all(passed)
        {
            Self::Proven
        } else {
            Self::NotProven
        }
    }

    /// The word that documents use.
    pub fn key(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Broken => "broken",
            Self::NotProven => "not_proven",
        }
    }

    pub fn exit_code(self) -> ExitCode {
        match self {
            Self::Proven => ExitCode::Done,
            Self::Broken => ExitCode::Breached,
            Self::NotProven => ExitCode::Inconclusive,
        }
    }
}
