//! The proof of a draw: thirteen named checks of a manifest against the log, the worksheets and the
//! manifests before it. What was not checked is never called proven. Must not read files.

mod chain;
mod explain;
mod seed;

use super::manifest::{Found, Manifest, Selected, fill};
use super::ticket::SCHEME;
use crate::error::ExitCode;

pub use self::explain::explain;

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
        }
    }

    /// Passes, with a word on why.
    pub fn pass(id: CheckId, found: &str) -> Self {
        Self {
            id,
            result: CheckResult::Pass,
            expected: found.to_owned(),
            found: found.to_owned(),
        }
    }

    /// Fails.
    pub fn fail(id: CheckId, expected: &str, found: &str) -> Self {
        Self {
            id,
            result: CheckResult::Fail,
            expected: expected.to_owned(),
            found: found.to_owned(),
        }
    }

    /// Is left out for want of something.
    pub fn skipped(id: CheckId, wants: &str) -> Self {
        Self {
            id,
            result: CheckResult::Skipped,
            expected: wants.to_owned(),
            found: String::new(),
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

/// What a manifest is held against.
#[derive(Clone, Copy, Debug, Default)]
pub struct Evidence<'a> {
    /// What the log holds now.
    pub found: Option<&'a Found>,
    /// Why the log cannot be read as the manifest says, where that is so.
    pub unreadable: Option<&'a str>,
    /// Manifests that this one goes on from or leaves out.
    pub earlier: &'a [Manifest],
    /// The text of the policy file, where it is given again.
    pub policy: Option<&'a str>,
    /// The secret of daily seeds, once it is revealed.
    pub secret: Option<&'a str>,
}

/// Checks V1 to V10 and V12 of a manifest that could be parsed, so that V1 and V3 hold.
pub fn verify(manifest: &Manifest, evidence: Evidence<'_>) -> Vec<Check> {
    let digest = manifest.self_sha256.to_string();
    let scheme = format!("{SCHEME} as written by gonogo {}", manifest.tool.version);
    let mut checks = vec![
        Check::pass(CheckId::Digest, &digest),
        Check::pass(CheckId::Scheme, &scheme),
        policy(manifest, evidence),
        chain::check(manifest, evidence.earlier),
        seed::check(manifest, evidence.secret),
    ];
    match evidence.found {
        Some(found) => checks.extend(against_log(manifest, found)),
        None => checks.extend(without_log(evidence.unreadable)),
    }
    checks.sort_by_key(|check| check.id);
    checks
}

/// The checks of a file that is no manifest, or not the one that was written.
pub fn broken(why: &str) -> Vec<Check> {
    let checks = CheckId::ALL.map(|id| match id {
        CheckId::Digest => Check::fail(id, "a manifest, unchanged", why),
        _ => Check::skipped(id, "a manifest"),
    });
    checks.to_vec()
}

const NEED_LOG: [CheckId; 6] = [
    CheckId::Inputs,
    CheckId::Population,
    CheckId::Duplicates,
    CheckId::Frame,
    CheckId::Strata,
    CheckId::Draw,
];

fn without_log(unreadable: Option<&str>) -> Vec<Check> {
    let check = |id| match unreadable {
        Some(why) => Check::fail(id, "the log that was drawn from", why),
        None => Check::skipped(id, "--log LOG"),
    };
    NEED_LOG.map(check).to_vec()
}

fn against_log(manifest: &Manifest, found: &Found) -> Vec<Check> {
    let files = |inputs: &[super::manifest::Input]| {
        let mut files: Vec<String> = inputs
            .iter()
            .map(|input| {
                let sha256 = input.sha256.as_deref().unwrap_or("no digest");
                format!("{sha256} ({} rows)", input.rows)
            })
            .collect();
        files.sort();
        files.join(", ")
    };
    let (stated, now) = (&manifest.population, &found.population);
    let mut checks = vec![
        Check::compare(
            CheckId::Inputs,
            files(&manifest.inputs),
            files(&found.inputs),
        ),
        Check::compare(CheckId::Population, counts(stated), counts(now)),
        Check::pass(CheckId::Duplicates, "no id comes twice"),
        Check::compare(
            CheckId::Frame,
            stated.frame_digest.to_string(),
            now.frame_digest.to_string(),
        ),
    ];
    checks.extend(draw(manifest, found));
    checks
}

fn counts(population: &super::manifest::Population) -> String {
    let excluded = population.excluded.iter();
    let excluded: Vec<String> = excluded
        .map(|(why, count)| format!("{why} {count}"))
        .collect();
    format!(
        "{} rows, {} cases, {} units, value {}, left out: {}",
        population.rows,
        population.cases,
        population.units,
        population.value.as_deref().unwrap_or("none"),
        excluded.join(", ")
    )
}

/// V8 and V9.
fn draw(manifest: &Manifest, found: &Found) -> [Check; 2] {
    let both = |check: fn(CheckId, &str) -> Check, why: &str| {
        [check(CheckId::Strata, why), check(CheckId::Draw, why)]
    };
    let Some(seed) = &manifest.seed else {
        return both(
            Check::skipped,
            "a seed: the manifest is frozen, nothing is drawn yet",
        );
    };
    let again = match fill(&manifest.undrawn(), &found.frame, seed.clone()) {
        Ok(again) => again,
        Err(error) => {
            let why = error.to_string();
            return [CheckId::Strata, CheckId::Draw].map(|id| Check::fail(id, "a draw", &why));
        }
    };
    let strata = |manifest: &Manifest| {
        let strata = manifest.strata.iter();
        let strata = strata
            .map(|stratum| format!("{:?} {} of {}", stratum.name, stratum.drawn, stratum.units));
        strata.collect::<Vec<_>>().join(", ")
    };
    let sizes = if again.strata == manifest.strata {
        Check::pass(CheckId::Strata, &strata(&again))
    } else {
        Check::fail(CheckId::Strata, &strata(manifest), &strata(&again))
    };
    [sizes, cases(manifest, &again)]
}

fn cases(manifest: &Manifest, again: &Manifest) -> Check {
    let count = |manifest: &Manifest| {
        let (cases, reserve) = (manifest.selected.len(), manifest.reserve.len());
        format!("{cases} cases and {reserve} in reserve")
    };
    // Whether an earlier audit drew a case is for V10 to check.
    let bare = |case: &Selected| Selected {
        reused: false,
        ..case.clone()
    };
    let stated: Vec<Selected> = manifest.selected.iter().map(bare).collect();
    if stated == again.selected && manifest.reserve == again.reserve {
        return Check::pass(CheckId::Draw, &count(manifest));
    }
    let first = stated
        .iter()
        .zip(&again.selected)
        .find(|(one, other)| one != other);
    match first {
        Some((one, other)) => {
            let show = |case: &Selected| {
                let probability = case.pi.map_or("none".to_owned(), |p| p.to_string());
                let reviewers = case.reviewers.join(" and ");
                format!(
                    "place {}: {} (ticket {}, round {}, probability {probability}, for {reviewers})",
                    case.seq,
                    case.case_id,
                    case.ticket.short(13),
                    case.round
                )
            };
            Check::fail(CheckId::Draw, &show(one), &show(other))
        }
        None => {
            let reserve = if count(manifest) == count(again) {
                ", others in reserve"
            } else {
                ""
            };
            let found = format!("{}{reserve}", count(again));
            Check::fail(CheckId::Draw, &count(manifest), &found)
        }
    }
}

fn policy(manifest: &Manifest, evidence: Evidence<'_>) -> Check {
    match (&manifest.source.policy, evidence.policy) {
        (None, None) => Check::pass(CheckId::Policy, "none: the log's history"),
        (None, Some(_)) => Check::fail(CheckId::Policy, "no policy", "a policy is given"),
        (Some(_), None) => Check::pass(CheckId::Policy, "the one in the manifest"),
        (Some(stated), Some(given)) => {
            let digest = |text: &str| super::ticket::Digest::of(text.as_bytes()).to_string();
            Check::compare(CheckId::Policy, digest(stated), digest(given))
        }
    }
}
