//! V10: what a top-up goes on from, and what an audit leaves out, must be given and must fit.

use std::collections::{BTreeMap, BTreeSet};

use super::{Check, CheckId, CheckResult};
use crate::audit::draw::Design;
use crate::audit::manifest::{Link, Manifest, Mode, Selected};
use crate::audit::ticket::Digest;

pub(super) fn check(manifest: &Manifest, earlier: &[Manifest]) -> Check {
    let check = held(manifest, earlier);
    let left_out = manifest.earlier.iter();
    let left_out: Vec<String> = left_out
        .filter(|one| one.mode == Mode::Excluded)
        .map(|one| one.sha256.to_string())
        .collect();
    match check.result {
        CheckResult::Pass if !left_out.is_empty() => check.resting_on(format!(
            "the manifest {}, whose cases are left out and which must itself be proven: an audit \
             that never was could hide any case",
            left_out.join(" and the manifest ")
        )),
        CheckResult::Pass | CheckResult::Fail | CheckResult::Skipped => check,
    }
}

fn known<'a>(link: &Digest, earlier: &'a [Manifest]) -> Option<&'a Manifest> {
    earlier.iter().find(|one| one.self_sha256 == *link)
}

/// The manifest of the first round, by way of all that were topped up; a check that is not passed
/// where one of them is not given or does not fit.
pub(super) fn first<'a>(
    manifest: &'a Manifest,
    earlier: &'a [Manifest],
    id: CheckId,
) -> Result<&'a Manifest, Check> {
    let mut first = manifest;
    while let Some(link) = &first.parent {
        let Some(parent) = known(&link.sha256, earlier) else {
            let wants = format!(
                "--prior FILE: the manifest {}, for the seed is that of the first round",
                link.sha256
            );
            return Err(Check::skipped(id, &wants));
        };
        if let Err(what) = continues(first, parent, link) {
            let expected = format!("a draw that goes on from {}", link.sha256);
            return Err(Check::fail(id, &expected, &what));
        }
        first = parent;
    }
    Ok(first)
}

fn held(manifest: &Manifest, earlier: &[Manifest]) -> Check {
    let id = CheckId::Chain;
    let mut reused: BTreeSet<&str> = BTreeSet::new();
    for one in &manifest.earlier {
        let Some(prior) = known(&one.sha256, earlier) else {
            return Check::skipped(id, &format!("--prior FILE: the manifest {}", one.sha256));
        };
        if one.cases != prior.selected.len() as u64 {
            let expected = format!("{} cases of the earlier audit", one.cases);
            return Check::fail(id, &expected, &prior.selected.len().to_string());
        }
        if one.mode == Mode::Reused {
            reused.extend(prior.selected.iter().map(|case| case.case_id.as_str()));
        }
    }
    let is_marked = |case: &Selected| case.reused == reused.contains(case.case_id.as_str());
    if !manifest.selected.iter().all(is_marked) {
        let expected = "the cases of the earlier audit, and no others, are marked";
        return Check::fail(id, expected, "they are not");
    }
    let Some(link) = &manifest.parent else {
        return match manifest.anchor {
            None => Check::pass(id, "the first round"),
            Some(_) => Check::fail(
                id,
                "checks of worksheets that begin here",
                "an earlier one's",
            ),
        };
    };
    let Some(parent) = known(&link.sha256, earlier) else {
        return Check::skipped(id, &format!("--prior FILE: the manifest {}", link.sha256));
    };
    match continues(manifest, parent, link) {
        Ok(found) => Check::pass(id, &found),
        Err(what) => Check::fail(id, "all of the earlier draw, and more", &what),
    }
}

fn continues(manifest: &Manifest, parent: &Manifest, link: &Link) -> Result<String, String> {
    if parent.created_at != link.created_at {
        return Err("the parent was written at another time".to_owned());
    }
    if manifest.seed != parent.seed || manifest.seed_source != parent.seed_source {
        return Err("another seed".to_owned());
    }
    if manifest.population.frame_digest != parent.population.frame_digest {
        return Err("another frame".to_owned());
    }
    let rounds = &parent.design.rounds;
    let rates = &parent.design.rates;
    if !manifest.design.rounds.starts_with(rounds) || !manifest.design.rates.starts_with(rates) {
        return Err("other sizes in the earlier rounds".to_owned());
    }
    let rest = |design: &Design| Design {
        rounds: Vec::new(),
        rates: Vec::new(),
        ..design.clone()
    };
    if rest(&manifest.design) != rest(&parent.design) {
        return Err("another design".to_owned());
    }
    if manifest.rule != parent.rule {
        return Err("another claim".to_owned());
    }
    if manifest.source != parent.source
        || manifest.review != parent.review
        || manifest.earlier != parent.earlier
    {
        return Err("other conditions, reviewers or earlier audits".to_owned());
    }
    if parent.row_anchor().ok() != manifest.anchor {
        return Err("checks of worksheets that do not go on".to_owned());
    }
    if !manifest.worksheets.starts_with(&parent.worksheets) {
        return Err("other worksheets in the earlier rounds".to_owned());
    }
    let kept: BTreeMap<&str, &Selected> = manifest
        .selected
        .iter()
        .map(|case| (case.case_id.as_str(), case))
        .collect();
    for case in &parent.selected {
        let same = kept.get(case.case_id.as_str()).is_some_and(|other| {
            other.round == case.round
                && other.ticket == case.ticket
                && other.reviewers == case.reviewers
        });
        if !same {
            return Err(format!(
                "{} was drawn before and is not as it was",
                case.case_id
            ));
        }
    }
    Ok(format!(
        "{} cases of the earlier rounds are kept",
        parent.selected.len()
    ))
}
