//! The answer of a replay: what each policy comes to, as a whole, by rule, by pattern and by
//! segment, and which cases it moves.

use super::waiting::Waiting;
use crate::command::outcome::Shown;
use crate::estimate::curve::Outcome;
use crate::estimate::money::MoneyInError;
use crate::policy::{Policy, Treatment};
use crate::rate::{Duration, Level, Rate};
use crate::tally::{Design, GroupKey};

/// The answer, before it is put into words.
pub(super) struct Replay {
    pub(super) level: Level,
    pub(super) top: usize,
    pub(super) shown: Shown,
    pub(super) design: Design,
    pub(super) cases: u64,
    pub(super) labelled: u64,
    pub(super) actual: Option<Standing>,
    pub(super) policies: Vec<Answer>,
    /// The policy that the others are compared with; `None` for what really happened.
    pub(super) against: Option<String>,
    pub(super) groupings: Vec<Vec<String>>,
    /// What was taken for granted.
    pub(super) assumptions: Vec<String>,
    pub(super) doubts: Vec<String>,
    /// Whether the policies are one in three patterns.
    pub(super) compares_patterns: bool,
    pub(super) deadline: Option<Duration>,
    pub(super) reviewers: Option<u32>,
}

/// What a routing comes to.
pub(super) struct Standing {
    pub(super) outcome: Outcome,
    /// Hours of review work, where times are known.
    pub(super) review_hours: Option<f64>,
    pub(super) waiting: Option<Waiting>,
}

/// What a policy comes to.
pub(super) struct Answer {
    pub(super) policy: Policy,
    pub(super) standing: Standing,
    pub(super) rules: Vec<RuleAnswer>,
    pub(super) patterns: Vec<PatternAnswer>,
    /// By grouping, the largest segments first.
    pub(super) segments: Vec<Vec<SegmentAnswer>>,
    pub(super) swap: Option<Swap>,
}

pub(super) struct RuleAnswer {
    pub(super) name: String,
    pub(super) when: Option<String>,
    pub(super) treatment: Treatment,
    pub(super) outcome: Outcome,
    pub(super) swap: Option<Swap>,
}

pub(super) struct SegmentAnswer {
    pub(super) values: GroupKey,
    pub(super) outcome: Outcome,
    /// What really happened to the same cases.
    pub(super) actual: Option<Outcome>,
    pub(super) swap: Option<Swap>,
}

/// The cases of all rules of one pattern.
pub(super) struct PatternAnswer {
    pub(super) pattern: &'static str,
    pub(super) outcome: Outcome,
    pub(super) afterwards: Option<AfterwardsAnswer>,
}

/// What reviews after the action come to. Numbers of cases, estimated.
pub(super) struct AfterwardsAnswer {
    /// Auto-approved cases that are looked at.
    pub(super) reviewed: f64,
    /// The share of these reviews that ends within the window; `None` without any.
    pub(super) in_window: Option<f64>,
    pub(super) corrected: Option<[f64; 3]>,
    /// Errors that do harm: estimate, low, high.
    pub(super) harmful: Option<[f64; 3]>,
}

/// The cases whose route changes.
pub(super) struct Swap {
    pub(super) newly_auto: Part,
    pub(super) newly_escalated: Part,
}

/// A set of cases with the errors among them.
pub(super) struct Part {
    pub(super) cases: u64,
    pub(super) error: Rate,
    pub(super) value: Option<MoneyInError>,
}

impl Part {
    /// Whether every case is labelled, so that its errors are counted and not estimated.
    pub(super) fn is_observed(&self) -> bool {
        self.cases > 0 && self.error.labelled == self.error.cases
    }
}
