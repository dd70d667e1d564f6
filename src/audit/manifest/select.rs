//! From units to cases: clusters are opened, and every case gets its reviewers.

use std::collections::BTreeMap;

use super::{Reserved, Review, Selected};
use crate::audit::draw::{Drawn, Pick, Purpose};
use crate::audit::error::DrawError;
use crate::audit::frame::{Case, Frame};
use crate::audit::ticket::{Seed, Stream, Tickets};
use crate::rate::{Fraction, FractionError};

/// What was drawn, case by case.
#[derive(Clone, Debug, PartialEq)]
pub struct Selection {
    pub selected: Vec<Selected>,
    pub reserve: Vec<Reserved>,
}

/// Opens the units of a draw into cases and deals these out to the reviewers.
///
/// # Errors
/// When a second review is wanted and there is nobody to do it.
pub fn select(
    frame: &Frame,
    drawn: &Drawn<'_>,
    review: &Review,
    seed: &Seed,
) -> Result<Selection, DrawError> {
    let second: Fraction = review.second.parse().map_err(|error: FractionError| {
        DrawError::design(&format!("the part of the second review: {error}"))
    })?;
    if second > Fraction::ZERO && review.reviewers.len() < 2 {
        return Err(DrawError::Design {
            what: "a second review needs a second reviewer".to_owned(),
            hint: Some("name them: --reviewers anna,bert".to_owned()),
        });
    }
    let members = members(frame);
    let cases = |pick: &Pick<'_>| members.get(pick.unit.key).cloned().unwrap_or_default();
    let mut selected = Vec::new();
    for pick in &drawn.picks {
        for case in cases(pick) {
            let seq = selected.len() as u64 + 1;
            selected.push(record(pick, case, seq));
        }
    }
    deal(&mut selected, &review.reviewers, second, seed);
    let reserve = drawn.reserve.iter().flat_map(|pick| {
        cases(pick).into_iter().map(|case| Reserved {
            case_id: case.id.clone(),
            stratum: pick.stratum.to_owned(),
            cluster: case.cluster.clone(),
            size: case.size,
            ticket: pick.ticket,
        })
    });
    Ok(Selection {
        reserve: reserve.collect(),
        selected,
    })
}

/// The cases of each unit, by id.
fn members(frame: &Frame) -> BTreeMap<&str, Vec<&Case>> {
    let mut members: BTreeMap<&str, Vec<&Case>> = BTreeMap::new();
    for case in frame.cases() {
        members.entry(case.key()).or_default().push(case);
    }
    members
}

fn record(pick: &Pick<'_>, case: &Case, seq: u64) -> Selected {
    Selected {
        seq,
        case_id: case.id.clone(),
        stratum: pick.stratum.to_owned(),
        cluster: case.cluster.clone(),
        size: case.size,
        purpose: pick.purpose,
        round: pick.round,
        ticket: pick.ticket,
        pi: pick.probability,
        weight: pick.probability.map(f64::recip),
        times: pick.times,
        certainty: pick.certain,
        reviewers: Vec::new(),
        reused: false,
    }
}

/// Gives each case a first reviewer, in turn, and a part of the random cases a second one. Each
/// round is dealt by itself, so that a top-up changes nothing of what has been handed out.
fn deal(selected: &mut [Selected], reviewers: &[String], part: Fraction, seed: &Seed) {
    let assign = Tickets::new(seed, Stream::Assign);
    let second = Tickets::new(seed, Stream::Second);
    let last = selected.iter().map(|case| case.round).max().unwrap_or(0);
    for round in 1..=last {
        let mut cases: Vec<&mut Selected> = selected
            .iter_mut()
            .filter(|case| case.round == round)
            .collect();
        cases.sort_by_cached_key(|case| assign.of(&case.case_id));
        let names = reviewers.iter().cycle();
        for (case, name) in cases.iter_mut().zip(names) {
            case.reviewers.push(name.clone());
        }
        cases.retain(|case| case.purpose == Purpose::Random);
        cases.sort_by_cached_key(|case| second.of(&case.case_id));
        let twice = part.ceil_of(cases.len() as u64) as usize;
        for case in cases.into_iter().take(twice) {
            let first = case.reviewers.first();
            let place = reviewers.iter().position(|name| Some(name) == first);
            let mut names = reviewers.iter().cycle().skip(place.unwrap_or(0) + 1);
            case.reviewers.extend(names.next().cloned());
        }
    }
}
