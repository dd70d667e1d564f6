//! One verdict a case: the reviews of each case put together, and what replaces what checked. Two
//! reviewers who differ have not determined the case; only a named decision settles it.

use std::collections::BTreeMap;

use super::second::{SecondLooks, Unconfirmed, check_second_look};
use super::{Tally, refuse};
use crate::audit::DrawError;
use crate::audit::agreement::Pairs;
use crate::audit::draw::Purpose;
use crate::audit::manifest::{Manifest, Selected};
use crate::audit::worksheet::{Place, Returned, Reviewed, SECOND, Verdict};

/// What is known of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseVerdict {
    pub verdict: Verdict,
    /// The row that the verdict stands in, where somebody filled one in.
    pub row: Option<Reviewed>,
}

/// A case on which two reviewers differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disputed {
    pub case_id: String,
    pub verdicts: Vec<Verdict>,
    /// The decision between them, where there is one.
    pub settled: Option<Verdict>,
}

/// All cases of a manifest with their verdicts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// In the order of the manifest.
    pub selected: Vec<CaseVerdict>,
    /// Cases of the reserve that replace others, by their places in the manifest.
    pub replacements: Vec<(usize, CaseVerdict)>,
    /// Random cases that two reviewers judged.
    pub pairs: Pairs,
    /// What each reviewer said of every case of the random second part: wrong (1) or right (0).
    pub ratings: Vec<Vec<i32>>,
    /// Cases found wrong or not determined by one reviewer alone.
    pub unconfirmed: Vec<Unconfirmed>,
    /// What became of such cases; no part of any agreement.
    pub second_looks: SecondLooks,
    pub disputed: Vec<Disputed>,
}

impl Settled {
    /// The random cases with their verdicts, replacements not included.
    pub fn random<'a>(
        &'a self,
        manifest: &'a Manifest,
    ) -> impl Iterator<Item = (&'a Selected, &'a CaseVerdict)> {
        let cases = manifest.selected.iter().zip(&self.selected);
        cases.filter(|(case, _)| case.purpose == Purpose::Random)
    }

    /// The verdicts on the targeted part.
    pub fn targeted(&self, manifest: &Manifest) -> Tally {
        let cases = manifest.selected.iter().zip(&self.selected);
        let targeted = cases.filter(|(case, _)| case.purpose == Purpose::Targeted);
        Tally::of(targeted.map(|(_, verdict)| verdict.verdict))
    }
}

/// Settles every case. `decisions` are the verdicts of somebody who looked at disputed cases, by
/// id.
///
/// # Errors
/// When a decision is on a case that is not disputed, or a replacement is out of its order.
pub fn settle(
    manifest: &Manifest,
    returned: &Returned,
    decisions: &BTreeMap<String, Verdict>,
) -> Result<Settled, DrawError> {
    let mut rows: BTreeMap<Place, Vec<&Reviewed>> = BTreeMap::new();
    for row in &returned.rows {
        rows.entry(row.place).or_default().push(row);
    }
    let mut settled = Settled {
        selected: Vec::new(),
        replacements: Vec::new(),
        pairs: Pairs::default(),
        ratings: Vec::new(),
        unconfirmed: Vec::new(),
        second_looks: SecondLooks::default(),
        disputed: Vec::new(),
    };
    for (place, case) in manifest.selected.iter().enumerate() {
        let seat = Seat {
            case_id: &case.case_id,
            reviewers: &case.reviewers,
            purpose: case.purpose,
            given: given(&rows, Place::Selected(place)),
        };
        let verdict = case_verdict(seat, decisions, &mut settled)?;
        settled.selected.push(verdict);
    }
    let reserve = reserve_verdicts(manifest, &rows, decisions, &mut settled)?;
    settled.replacements = replacements(manifest, &settled, reserve)?;
    let unneeded = decisions.keys().find(|id| {
        let mut disputed = settled.disputed.iter();
        !disputed.any(|case| case.case_id == **id)
    });
    if let Some(id) = unneeded {
        let what = format!("{id} is not disputed, so there is nothing to settle");
        return Err(refuse(
            what,
            "a verdict is changed in the worksheet of who gave it",
        ));
    }
    Ok(settled)
}

/// A case with those it was dealt to and what was said of it.
struct Seat<'a> {
    case_id: &'a str,
    reviewers: &'a [String],
    purpose: Purpose,
    given: Vec<&'a Reviewed>,
}

/// The rows on a case that were filled in.
fn given<'a>(rows: &BTreeMap<Place, Vec<&'a Reviewed>>, place: Place) -> Vec<&'a Reviewed> {
    let rows = rows.get(&place).into_iter().flatten().copied();
    rows.filter(|row| row.verdict != Verdict::Blank).collect()
}

fn case_verdict(
    seat: Seat<'_>,
    decisions: &BTreeMap<String, Verdict>,
    settled: &mut Settled,
) -> Result<CaseVerdict, DrawError> {
    let mut given = seat.given;
    check_second_look(&given)?;
    // The first reviewer's row first. What was judged in reserve, a round before it was drawn, comes
    // later, and a second look last.
    let turn = |row: &Reviewed| seat.reviewers.iter().position(|name| *name == row.sheet);
    given.sort_by_key(|row| (turn(row).unwrap_or(usize::MAX), row.sheet == SECOND));
    let dealt = given.iter().filter(|row| turn(row).is_some()).count();
    let Some(first) = given.first() else {
        return Ok(CaseVerdict {
            verdict: Verdict::Blank,
            row: None,
        });
    };
    match given.as_slice() {
        [one, two, ..] if seat.purpose == Purpose::Random && dealt > 1 => {
            count_pair(&mut settled.pairs, one.verdict, two.verdict);
            let ratings = given
                .iter()
                .take(dealt)
                .filter_map(|row| rating(row.verdict));
            settled.ratings.push(ratings.collect());
        }
        [alone] => settled
            .unconfirmed
            .extend(Unconfirmed::of(seat.case_id, alone)),
        _ => {}
    }
    let mut verdict = first.verdict;
    let mut row = *first;
    if given.iter().any(|row| row.verdict != verdict) {
        let decision = decisions.get(seat.case_id).copied();
        settled.disputed.push(Disputed {
            case_id: seat.case_id.to_owned(),
            verdicts: given.iter().map(|row| row.verdict).collect(),
            settled: decision,
        });
        verdict = decision.unwrap_or(Verdict::CannotDetermine);
        row = given
            .iter()
            .find(|row| row.verdict == verdict)
            .copied()
            .unwrap_or(row);
    }
    settled.second_looks.count(&given, verdict);
    Ok(CaseVerdict {
        verdict,
        row: Some(row.clone()),
    })
}

/// What was said of the cases in reserve, blank where nobody used one.
fn reserve_verdicts(
    manifest: &Manifest,
    rows: &BTreeMap<Place, Vec<&Reviewed>>,
    decisions: &BTreeMap<String, Verdict>,
    settled: &mut Settled,
) -> Result<Vec<CaseVerdict>, DrawError> {
    let cases = manifest.reserve.iter().enumerate();
    let verdicts = cases.map(|(place, case)| {
        let seat = Seat {
            case_id: &case.case_id,
            reviewers: &[],
            purpose: Purpose::Random,
            given: given(rows, Place::Reserve(place)),
        };
        case_verdict(seat, decisions, settled)
    });
    verdicts.collect()
}

/// Right or wrong; who could not tell has left a gap.
fn rating(verdict: Verdict) -> Option<i32> {
    match verdict {
        Verdict::Correct => Some(0),
        Verdict::Incorrect => Some(1),
        Verdict::CannotDetermine | Verdict::NotApplicable | Verdict::Blank => None,
    }
}

fn count_pair(pairs: &mut Pairs, one: Verdict, two: Verdict) {
    match (one, two) {
        (Verdict::Incorrect, Verdict::Incorrect) => pairs.both_wrong += 1,
        (Verdict::Incorrect, Verdict::Correct) => pairs.first_only += 1,
        (Verdict::Correct, Verdict::Incorrect) => pairs.second_only += 1,
        (Verdict::Correct, Verdict::Correct) => pairs.both_right += 1,
        // Who could not tell has neither agreed nor disagreed on right and wrong.
        (Verdict::CannotDetermine | Verdict::NotApplicable | Verdict::Blank, _)
        | (_, Verdict::CannotDetermine | Verdict::NotApplicable | Verdict::Blank) => {}
    }
}

/// The cases of the reserve that were used: in each stratum the first ones, as many as there are
/// cases that turned out not to be applicable, each of them judged.
fn replacements(
    manifest: &Manifest,
    settled: &Settled,
    reserve: Vec<CaseVerdict>,
) -> Result<Vec<(usize, CaseVerdict)>, DrawError> {
    let mut open: BTreeMap<&str, u64> = BTreeMap::new();
    for (case, verdict) in settled.random(manifest) {
        let leaves = u64::from(verdict.verdict == Verdict::NotApplicable);
        *open.entry(&case.stratum).or_default() += leaves;
    }
    let mut used = Vec::new();
    // Strata in which a case of the reserve was passed over, with its id.
    let mut passed: BTreeMap<&str, &str> = BTreeMap::new();
    for (place, (case, verdict)) in manifest.reserve.iter().zip(reserve).enumerate() {
        let open = open.entry(&case.stratum).or_default();
        if verdict.verdict == Verdict::Blank {
            passed.entry(&case.stratum).or_insert(&case.case_id);
            continue;
        }
        if let Some(earlier) = passed.get(case.stratum.as_str()) {
            let what = format!(
                "{} was taken from the reserve before {earlier}",
                case.case_id
            );
            return Err(refuse(
                what,
                "the reserve is used in its order, not by choice",
            ));
        }
        if *open == 0 {
            let what = format!(
                "{} was taken from the reserve, but replaces no case",
                case.case_id
            );
            return Err(refuse(
                what,
                "each case that is not applicable is replaced by one of the same stratum; clear the \
                 verdicts of the others",
            ));
        }
        // A replacement that is not applicable is replaced in its turn.
        *open -= u64::from(verdict.verdict != Verdict::NotApplicable);
        used.push((place, verdict));
    }
    Ok(used)
}
