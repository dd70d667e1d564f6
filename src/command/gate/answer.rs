//! The answer of a gate before it is put into words.

use crate::config::{Gate, Severity};
use crate::error::ExitCode;
use crate::estimate::compare::Limits;
use crate::estimate::metric::Ground;
use crate::tally::GroupKey;

/// What became of one part of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    Pass,
    /// There was nothing to judge, or nothing to compare with.
    NotJudged,
    Inconclusive,
    Fail,
}

impl State {
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::NotJudged => "not_judged",
            Self::Inconclusive => "inconclusive",
            Self::Fail => "fail",
        }
    }
}

/// One part of a check: all cases, or one value of its segment.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) values: GroupKey,
    pub(super) state: State,
    /// Why, where the numbers do not say it.
    pub(super) reason: Option<String>,
    /// The metric now.
    pub(super) now: Option<Limits>,
    pub(super) before: Option<Limits>,
    /// New less base, for a comparison.
    pub(super) difference: Option<Limits>,
    pub(super) ground: Ground,
    /// More labels that would decide.
    pub(super) needed: Option<u64>,
    /// How the limits that decided were found.
    pub(super) method: &'static str,
}

/// A check with its parts, in the order of their values.
#[derive(Clone, Debug)]
pub(super) struct Judged {
    pub(super) gate: Gate,
    pub(super) parts: Vec<Part>,
}

impl Judged {
    /// The worst state of its parts.
    pub(super) fn state(&self) -> State {
        let states = self.parts.iter().map(|part| part.state);
        states.max().unwrap_or(State::NotJudged)
    }
}

/// What to do where the evidence is too thin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum OnInconclusive {
    /// Exit 0
    Pass,
    /// Exit 1
    Fail,
    /// Exit 0, with a warning
    Warn,
}

/// The verdict of the whole.
pub(super) fn verdict(checks: &[Judged]) -> State {
    let counted = checks
        .iter()
        .filter(|check| check.gate.level == Severity::Error);
    match counted.map(Judged::state).max() {
        Some(state @ (State::Fail | State::Inconclusive)) => state,
        Some(State::NotJudged) if has_no_case(checks) => State::NotJudged,
        Some(State::Pass | State::NotJudged) | None => State::Pass,
    }
}

/// Whether no check that counts had a case to judge: a role that is mapped wrongly, say, must not
/// pass for a clean bill.
fn has_no_case(checks: &[Judged]) -> bool {
    let counted = checks
        .iter()
        .filter(|check| check.gate.level == Severity::Error);
    let mut parts = counted.flat_map(|check| &check.parts);
    parts.all(|part| part.state == State::NotJudged && part.ground.cases == 0)
}

/// The exit code of a verdict.
pub(super) fn exit_code(verdict: State, choice: Option<OnInconclusive>) -> ExitCode {
    match (verdict, choice) {
        (State::Pass, _) => ExitCode::Done,
        (State::NotJudged, _) => ExitCode::NothingToJudge,
        (State::Fail, _) => ExitCode::Breached,
        (State::Inconclusive, None) => ExitCode::Inconclusive,
        (State::Inconclusive, Some(OnInconclusive::Fail)) => ExitCode::Breached,
        (State::Inconclusive, Some(OnInconclusive::Pass | OnInconclusive::Warn)) => ExitCode::Done,
    }
}
