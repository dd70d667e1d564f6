//! From worksheets that came back to a sample that can be concluded from: reviews are settled case
//! by case, what replaces what is checked, and clusters and strata are put together as they were
//! drawn. Must not compute bounds.

mod settle;
mod units;

pub use self::settle::{CaseVerdict, Disputed, Settled, settle};
pub use self::units::{Options, sample};

use super::systematic::Place;
use super::worksheet::Verdict;
use super::{DrawError, manifest::Manifest};

/// Most values of a column that are looked at one by one.
const MOST_VALUES: usize = 50;

/// Verdicts by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub correct: u64,
    pub incorrect: u64,
    pub cannot_determine: u64,
    pub not_applicable: u64,
    pub missing: u64,
}

impl Tally {
    /// Counts verdicts.
    pub fn of(verdicts: impl IntoIterator<Item = Verdict>) -> Self {
        let mut tally = Self::default();
        for verdict in verdicts {
            let count = match verdict {
                Verdict::Correct => &mut tally.correct,
                Verdict::Incorrect => &mut tally.incorrect,
                Verdict::CannotDetermine => &mut tally.cannot_determine,
                Verdict::NotApplicable => &mut tally.not_applicable,
                Verdict::Blank => &mut tally.missing,
            };
            *count += 1;
        }
        tally
    }
}

/// The places in which errors may crowd: strata, values of the shown columns, and kinds of errors
/// in them. Only random cases that were judged count.
pub fn places(manifest: &Manifest, settled: &Settled) -> Vec<Place> {
    use std::collections::{BTreeMap, BTreeSet};

    let mut cases: Vec<(Vec<(String, String)>, bool, String)> = Vec::new();
    for (case, verdict) in settled.random(manifest) {
        let wrong = match verdict.verdict {
            Verdict::Correct => false,
            Verdict::Incorrect => true,
            Verdict::CannotDetermine | Verdict::NotApplicable | Verdict::Blank => continue,
        };
        let row = verdict.row.as_ref();
        let mut labels = vec![("stratum".to_owned(), case.stratum.clone())];
        let shown = row.map(|row| row.shown.clone()).unwrap_or_default();
        labels.extend(manifest.review.show.iter().cloned().zip(shown));
        let kind = row.map_or("", |row| row.error_type.trim()).to_lowercase();
        cases.push((labels, wrong, kind));
    }
    let mut values: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, value) in cases.iter().flat_map(|(labels, ..)| labels) {
        values.entry(name).or_default().insert(value);
    }
    let kinds: BTreeSet<&str> = cases
        .iter()
        .filter(|(_, wrong, kind)| *wrong && !kind.is_empty())
        .map(|(.., kind)| kind.as_str())
        .collect();
    let kinds: Vec<Option<&str>> = std::iter::once(None)
        .chain(kinds.into_iter().map(Some))
        .collect();
    let mut places = Vec::new();
    let few = values
        .iter()
        .filter(|(_, values)| (2..=MOST_VALUES).contains(&values.len()));
    for (name, value) in few.flat_map(|(name, values)| values.iter().map(move |v| (*name, *v))) {
        for kind in &kinds {
            let here = cases.iter().filter(|(labels, ..)| {
                labels
                    .iter()
                    .any(|(one, other)| one == name && other == value)
            });
            let counts = here.fold((0, 0), |(all, errors), (_, wrong, found)| {
                let hit = *wrong && kind.is_none_or(|kind| kind == found);
                (all + 1, errors + u64::from(hit))
            });
            places.push(Place {
                name: format!("{name} = {value}"),
                error_type: kind.map(str::to_owned),
                cases: counts.0,
                errors: counts.1,
            });
        }
    }
    places
}

/// An error in what people decided about an audit.
fn refuse(what: String, hint: &str) -> DrawError {
    DrawError::Design {
        what,
        hint: Some(hint.to_owned()),
    }
}
