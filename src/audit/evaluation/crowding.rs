//! The places in which errors may crowd: strata, values of the shown columns, and kinds of errors in
//! them. Whether they do is not decided here.

use std::collections::{BTreeMap, BTreeSet};

use super::settle::{CaseVerdict, Settled};
use crate::audit::manifest::{Manifest, Selected};
use crate::audit::systematic::Place;
use crate::audit::worksheet::Verdict;

/// Most values of a column that are looked at one by one.
const MOST_VALUES: usize = 50;

/// A random case that was judged.
struct Judged {
    /// Columns and the values of the case.
    labels: Vec<(String, String)>,
    wrong: bool,
    error_type: String,
}

/// The places, with the judged cases and errors in each.
pub fn places(manifest: &Manifest, settled: &Settled) -> Vec<Place> {
    let random = settled.random(manifest);
    let cases: Vec<Judged> = random
        .filter_map(|(case, verdict)| judged(manifest, case, verdict))
        .collect();
    let mut values: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (column, value) in cases.iter().flat_map(|case| &case.labels) {
        values.entry(column).or_default().insert(value);
    }
    let wrong = cases
        .iter()
        .filter(|case| case.wrong && !case.error_type.is_empty());
    let kinds: BTreeSet<&str> = wrong.map(|case| case.error_type.as_str()).collect();
    let mut places = Vec::new();
    for (column, values) in values {
        if !(2..=MOST_VALUES).contains(&values.len()) {
            continue;
        }
        for value in values {
            places.push(place(&cases, (column, value), None));
            let of_kind = |kind: &&str| place(&cases, (column, value), Some(kind));
            places.extend(kinds.iter().map(of_kind));
        }
    }
    places
}

fn judged(manifest: &Manifest, case: &Selected, verdict: &CaseVerdict) -> Option<Judged> {
    let wrong = match verdict.verdict {
        Verdict::Correct => false,
        Verdict::Incorrect => true,
        Verdict::CannotDetermine | Verdict::NotApplicable | Verdict::Blank => return None,
    };
    let row = verdict.row.as_ref();
    let shown = row.map(|row| row.shown.clone()).unwrap_or_default();
    let mut labels = vec![("stratum".to_owned(), case.stratum.clone())];
    labels.extend(manifest.review.show.iter().cloned().zip(shown));
    Some(Judged {
        labels,
        wrong,
        error_type: row.map_or("", |row| row.error_type.trim()).to_lowercase(),
    })
}

fn place(cases: &[Judged], (column, value): (&str, &str), error_type: Option<&str>) -> Place {
    let mut place = Place {
        name: format!("{column} = {value}"),
        error_type: error_type.map(str::to_owned),
        cases: 0,
        errors: 0,
    };
    for case in cases {
        if case
            .labels
            .iter()
            .any(|(one, other)| one == column && other == value)
        {
            place.cases += 1;
            let is_kind = error_type.is_none_or(|kind| kind == case.error_type);
            place.errors += u64::from(case.wrong && is_kind);
        }
    }
    place
}
