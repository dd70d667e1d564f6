//! The targeted part: cases that are looked at because they are risky, the riskiest first. They find
//! errors and say nothing of the rate, so they never enter an estimate.

use std::collections::{BTreeMap, BTreeSet};

use super::{Pick, Purpose, Wish};
use crate::audit::error::DrawError;
use crate::audit::frame::{Frame, Size};

pub(super) fn draw<'a>(
    frame: &'a Frame,
    drawn: &[Pick<'a>],
    wish: Wish<'_>,
    count: u64,
) -> Result<Vec<Pick<'a>>, DrawError> {
    if count == 0 {
        return Ok(Vec::new());
    }
    if frame.cases().iter().all(|case| case.risk.is_none()) {
        return Err(DrawError::design("the targeted part has nothing to go by"));
    }
    // A cluster is as risky as its riskiest case.
    let mut risks: BTreeMap<&str, Option<Size>> = BTreeMap::new();
    for case in frame.cases() {
        let risk = risks.entry(case.key()).or_default();
        *risk = (*risk).max(case.risk);
    }
    let drawn: BTreeSet<&str> = drawn.iter().map(|pick| pick.unit.key).collect();
    let mut picks: Vec<(Option<Size>, Pick<'a>)> = frame
        .units()
        .into_iter()
        .filter(|unit| !drawn.contains(unit.key))
        .map(|unit| {
            let risk = risks.get(unit.key).copied().flatten();
            let ticket = wish.tickets.of(unit.key);
            (
                risk,
                Pick {
                    purpose: Purpose::Targeted,
                    stratum: "",
                    ..Pick::random(unit, ticket)
                },
            )
        })
        .collect();
    picks.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.ticket.cmp(&b.1.ticket)));
    picks.truncate(usize::try_from(count).unwrap_or(usize::MAX));
    Ok(picks.into_iter().map(|(_, pick)| pick).collect())
}
