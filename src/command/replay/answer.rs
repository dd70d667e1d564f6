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
pub(in crate::command) struct Replay {
    pub(in crate::command) level: Level,
    pub(in crate::command) top: usize,
    pub(in crate::command) shown: Shown,
    pub(in crate::command) design: Design,
    pub(in crate::command) cases: u64,
    pub(in crate::command) labelled: u64,
    pub(in crate::command) actual: Option<Standing>,
    pub(in crate::command) policies: Vec<Answer>,
    /// The policy that the others are compared with; `None` for what really happened.
    pub(in crate::command) against: Option<String>,
    pub(in crate::command) groupings: Vec<Vec<String>>,
    /// What was taken for granted.
    pub(in crate::command) assumptions: Vec<String>,
    pub(in crate::command) doubts: Vec<String>,
    /// Whether the policies are one in three patterns.
    pub(in crate::command) compares_patterns: bool,
    pub(in crate::command) deadline: Option<Duration>,
    pub(in crate::command) reviewers: Option<u32>,
}

/// What a routing comes to.
pub(in crate::command) struct Standing {
    pub(in crate::command) outcome: Outcome,
    /// Hours of review work, where times are known.
    pub(in crate::command) review_hours: Option<f64>,
    pub(in crate::command) waiting: Option<Waiting>,
}

/// What a policy comes to.
pub(in crate::command) struct Answer {
    pub(in crate::command) policy: Policy,
    pub(in crate::command) standing: Standing,
    pub(in crate::command) rules: Vec<RuleAnswer>,
    pub(in crate::command) patterns: Vec<PatternAnswer>,
    /// By grouping, the largest segments first.
    pub(in crate::command) segments: Vec<Vec<SegmentAnswer>>,
    pub(in crate::command) swap: Option<Swap>,
}

pub(in crate::command) struct RuleAnswer {
    pub(in crate::command) name: String,
    pub(in crate::command) when: Option<String>,
    pub(in crate::command) treatment: Treatment,
    pub(in crate::command) outcome: Outcome,
    pub(in crate::command) swap: Option<Swap>,
}

pub(in crate::command) struct SegmentAnswer {
    pub(in crate::command) values: GroupKey,
    pub(in crate::command) outcome: Outcome,
    /// What really happened to the same cases.
    pub(in crate::command) actual: Option<Outcome>,
    pub(in crate::command) swap: Option<Swap>,
}

/// The cases of all rules of one pattern.
pub(in crate::command) struct PatternAnswer {
    pub(in crate::command) pattern: &'static str,
    pub(in crate::command) outcome: Outcome,
    pub(in crate::command) afterwards: Option<AfterwardsAnswer>,
}

/// What reviews after the action come to. Numbers of cases, estimated.
pub(in crate::command) struct AfterwardsAnswer {
    /// Auto-approved cases that are looked at.
    pub(in crate::command) reviewed: f64,
    /// The share of these reviews that ends within the window; `None` without any.
    pub(in crate::command) in_window: Option<f64>,
    pub(in crate::command) corrected: Option<[f64; 3]>,
    /// Errors that do harm: estimate, low, high.
    pub(in crate::command) harmful: Option<[f64; 3]>,
}

/// The cases whose route changes.
pub(in crate::command) struct Swap {
    pub(in crate::command) newly_auto: Part,
    pub(in crate::command) newly_escalated: Part,
}

/// A set of cases with the errors among them.
pub(in crate::command) struct Part {
    pub(in crate::command) cases: u64,
    pub(in crate::command) error: Rate,
    pub(in crate::command) value: Option<MoneyInError>,
}

impl Part {
    /// Whether every case is labelled, so that its errors are counted and not estimated.
    pub(in crate::command) fn is_observed(&self) -> bool {
        self.cases > 0 && self.error.labelled == self.error.cases
    }
}
