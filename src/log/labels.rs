//! Whether the texts that `error` compares are written alike. `APPROVE` against `approve` is not an
//! error of the AI, and `n/a` is not a label: such a log is refused until somebody says what its
//! values mean.

use std::collections::{BTreeMap, BTreeSet};

use super::error::LogError;
use super::evaluator::Combination;

/// Texts that people write where there is no label.
const NO_LABEL: [&str; 9] = [
    "n/a", "na", "null", "none", "nan", "-", "?", "unknown", "tbd",
];
/// Distinct values that the message lists.
const MOST_LISTED: usize = 20;

/// Refuses a log in which a comparison that counted as an error differs in spelling only, or
/// compares with a text that stands for no label. `inputs` are the compared columns.
pub(super) fn check(
    file: &str,
    inputs: &[String],
    combinations: &[Combination],
) -> Result<(), LogError> {
    let vocabularies = vocabularies(combinations);
    let suspicious = combinations
        .iter()
        .filter(|combination| combination.is_true)
        .any(|combination| is_spelling(combination) || has_placeholder(combination, &vocabularies));
    if !suspicious {
        return Ok(());
    }
    let mut values: BTreeMap<String, u64> = BTreeMap::new();
    for combination in combinations {
        let present = combination.inputs.iter().flatten();
        // A value that two columns share is counted once a row.
        let distinct: BTreeSet<&String> = present.collect();
        for value in distinct {
            *values.entry(format!("{value:?}")).or_default() += combination.rows;
        }
    }
    let mut values: Vec<(String, u64)> = values.into_iter().collect();
    values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    values.truncate(MOST_LISTED);
    Err(LogError::InconsistentLabels {
        file: file.to_owned(),
        columns: inputs.to_vec(),
        values,
    })
}

/// Whether two inputs are the same word in different spelling.
fn is_spelling(combination: &Combination) -> bool {
    let words: Vec<String> = combination
        .inputs
        .iter()
        .flatten()
        .map(|text| text.trim().to_lowercase())
        .collect();
    let texts: BTreeSet<&String> = combination.inputs.iter().flatten().collect();
    let distinct: BTreeSet<&String> = words.iter().collect();
    distinct.len() < texts.len()
}

/// The values of each input.
fn vocabularies(combinations: &[Combination]) -> Vec<BTreeSet<&str>> {
    let inputs = combinations
        .first()
        .map_or(0, |combination| combination.inputs.len());
    let values = |input: usize| {
        let inputs = combinations
            .iter()
            .filter_map(move |c| c.inputs.get(input)?.as_deref());
        inputs.collect()
    };
    (0..inputs).map(values).collect()
}

/// Whether an input stands for no label. A word that every input knows is a class like any other:
/// the AI itself decides for it.
fn has_placeholder(combination: &Combination, vocabularies: &[BTreeSet<&str>]) -> bool {
    combination.inputs.iter().flatten().any(|text| {
        let is_class = vocabularies
            .iter()
            .all(|known| known.contains(text.as_str()));
        let plain = text.trim().to_lowercase();
        !is_class && NO_LABEL.contains(&plain.as_str())
    })
}
