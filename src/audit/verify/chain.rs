//! V10: what a top-up goes on from, and what an audit leaves out, must be given and must fit.

use std::collections::{BTreeMap, BTreeSet};

use super::{Check, CheckId};
use crate::audit::draw::Design;
use crate::audit::manifest::{Link, Manifest, Mode, Selected};
use crate::audit::ticket::Digest;

pub(super) fn check(manifest: &Manifest, earlier: &[Manifest]) -> Check {
    let id = CheckId::Chain;
    let known = |link: &Digest| earlier.iter().find(|one| one.self_sha256 == *link);
    for one in &manifest.earlier {
        let Some(prior) = known(&one.sha256) else {
            return Check::skipped(id, &format!("--prior FILE: the manifest {}", one.sha256));
        };
        if one.mode == Mode::Reused && !marks_fit(manifest, prior) {
            return Check::fail(id, "cases of the earlier audit are marked", "they are not");
        }
    }
    let Some(link) = &manifest.parent else {
        return Check::pass(id, "the first round");
    };
    let Some(parent) = known(&link.sha256) else {
        return Check::skipped(id, &format!("--prior FILE: the manifest {}", link.sha256));
    };
    match continues(manifest, parent, link) {
        Ok(found) => Check::pass(id, &found),
        Err(what) => Check::fail(id, "all of the earlier draw, and more", &what),
    }
}

/// Whether every case that an earlier audit drew is marked as such.
fn marks_fit(manifest: &Manifest, prior: &Manifest) -> bool {
    let prior: BTreeSet<&str> = prior
        .selected
        .iter()
        .map(|case| case.case_id.as_str())
        .collect();
    let cases = &mut manifest.selected.iter();
    cases.all(|case| case.reused || !prior.contains(case.case_id.as_str()))
}

fn continues(manifest: &Manifest, parent: &Manifest, link: &Link) -> Result<String, String> {
    if parent.created_at != link.created_at {
        return Err("the parent was written at another time".to_owned());
    }
    if manifest.seed != parent.seed {
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
