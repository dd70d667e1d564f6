//! The proof of a draw: thirteen named checks of a manifest against the log, the worksheets and the
//! manifests before it. What was not checked is never called proven. Must not read
//! logs, manifests or worksheets.

mod chain;
mod check;
mod explain;
mod seed;

use std::collections::BTreeMap;

use super::error::DrawError;
use super::manifest::{Found, Manifest, Selected, fill, stream};
use super::ticket::SCHEME;
use crate::error::{ExitCode, Explain as _};

pub use self::check::{Check, CheckId, CheckResult, Proof};
pub use self::explain::explain;

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
    /// The frozen manifest as it was published.
    pub frozen: Option<&'a Manifest>,
    /// The secret of daily seeds, once it is revealed.
    pub secret: Option<&'a str>,
}

/// Checks V1 to V10 and V12 of a manifest that could be parsed, so that V1 holds.
///
/// # Errors
/// When a temporary file of the frame cannot be read.
pub fn verify(manifest: &Manifest, evidence: Evidence<'_>) -> Result<Vec<Check>, DrawError> {
    let digest = manifest.self_sha256.to_string();
    let mut checks = vec![
        Check::pass(CheckId::Digest, &digest),
        scheme(manifest),
        policy(manifest, evidence),
        chain::check(manifest, evidence.earlier),
        seed::check(manifest, evidence),
    ];
    match evidence.found {
        Some(found) => checks.extend(against_log(manifest, found)?),
        None => checks.extend(without_log(evidence.unreadable)),
    }
    checks.sort_by_key(|check| check.id);
    Ok(checks)
}

/// V3: the tickets, their stream and the formula of the probabilities are those of the method.
fn scheme(manifest: &Manifest) -> Check {
    let words = |stream: &str, formula: &str| {
        let version = &manifest.tool.version;
        format!("{SCHEME} as written by gonogo {version}, stream {stream}, probability {formula}")
    };
    let formula = manifest.design.method.formula();
    Check::compare(
        CheckId::Scheme,
        words(&manifest.stream, &manifest.pi_formula),
        words(&stream(), formula),
    )
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

fn against_log(manifest: &Manifest, found: &Found) -> Result<Vec<Check>, DrawError> {
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
        Check::compare(CheckId::Duplicates, copies(stated), copies(now)),
        frame(manifest, found)?,
    ];
    checks.extend(draw(manifest, found)?);
    Ok(checks)
}

fn copies(population: &super::manifest::Population) -> String {
    match population.duplicates {
        None => "no id comes twice".to_owned(),
        Some(copies) => format!("{copies} copies of cases, all like the first"),
    }
}

/// V6, with the drawn cases that are not what they were.
fn frame(manifest: &Manifest, found: &Found) -> Result<Check, DrawError> {
    let stated = manifest.population.frame_digest;
    let now = found.population.frame_digest;
    if stated == now {
        return Ok(Check::pass(CheckId::Frame, &stated.to_string()));
    }
    let drawn = manifest.selected.iter();
    let mut gone: BTreeMap<&str, &Selected> =
        drawn.map(|case| (case.case_id.as_str(), case)).collect();
    for case in found.frame.cases() {
        let case = case?;
        let same = gone
            .get(case.id.as_str())
            .is_some_and(|drawn| drawn.size == case.size && drawn.cluster == case.cluster);
        if same {
            gone.remove(case.id.as_str());
        }
    }
    let changed = match gone.keys().next() {
        Some(first) => format!(
            "; {} of the cases drawn are gone or decided anew, such as {first}",
            gone.len()
        ),
        None => "; all cases drawn are still in it".to_owned(),
    };
    Ok(Check::fail(
        CheckId::Frame,
        &stated.to_string(),
        &format!("{now}{changed}"),
    ))
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
fn draw(manifest: &Manifest, found: &Found) -> Result<[Check; 2], DrawError> {
    let both = |check: fn(CheckId, &str) -> Check, why: &str| {
        [check(CheckId::Strata, why), check(CheckId::Draw, why)]
    };
    let Some(seed) = &manifest.seed else {
        let wants = "a seed: the manifest is frozen, nothing is drawn yet";
        return Ok(both(Check::skipped, wants));
    };
    let again = match fill(&manifest.undrawn(), &found.frame, seed.clone()) {
        Ok(again) => again,
        // That there is no room for a draw says nothing against the manifest.
        Err(error) if error.exit_code() != ExitCode::Input => return Err(error),
        Err(error) => {
            let why = error.to_string();
            return Ok([CheckId::Strata, CheckId::Draw].map(|id| Check::fail(id, "a draw", &why)));
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
    Ok([sizes, cases(manifest, &again)])
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
