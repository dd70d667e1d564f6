//! What the first rows say of each column, as far as guesses need it.

use std::collections::BTreeMap;

use crate::log::{SampledColumn, is_instant_text};

/// Distinct values that are told apart.
const MOST_DISTINCT: usize = 200;

/// Facts of one column.
#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub(super) name: String,
    /// The words of the name in lower case.
    pub(super) words: Vec<String>,
    pub(super) rows: usize,
    pub(super) missing: usize,
    /// Distinct values with their rows, while they are few.
    pub(super) values: Option<BTreeMap<String, usize>>,
    pub(super) all_distinct: bool,
    /// Smallest and largest, where all values are numbers.
    pub(super) range: Option<(f64, f64)>,
    pub(super) is_boolean: bool,
    pub(super) is_time: bool,
}

impl Facts {
    /// Whether the name holds one of the beginnings of words.
    pub(super) fn says(&self, beginnings: &[&str]) -> Option<String> {
        let said = |word: &&String| beginnings.iter().any(|b| word.starts_with(b));
        self.words.iter().find(said).cloned()
    }

    pub(super) fn present(&self) -> usize {
        self.rows - self.missing
    }

    pub(super) fn distinct(&self) -> Option<usize> {
        self.values.as_ref().map(BTreeMap::len)
    }

    /// Whether this is text of a few repeating values.
    pub(super) fn is_category(&self) -> bool {
        self.range.is_none()
            && !self.is_time
            && self
                .distinct()
                .is_some_and(|n| (2..=50).contains(&n) && n * 5 <= self.present().max(10))
    }
}

/// The facts of all columns.
pub(super) fn of(columns: &[SampledColumn]) -> Vec<Facts> {
    columns.iter().map(facts).collect()
}

fn facts(column: &SampledColumn) -> Facts {
    let values = column.values();
    let present: Vec<&str> = values.iter().flatten().map(String::as_str).collect();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for value in &present {
        *counts.entry((*value).to_owned()).or_default() += 1;
    }
    let is_word = |value: &&str| matches!(value.to_lowercase().as_str(), "true" | "false");
    let all = |test: &dyn Fn(&&str) -> bool| !present.is_empty() && present.iter().all(test);
    Facts {
        name: column.name().to_owned(),
        words: words(column.name()),
        rows: values.len(),
        missing: values.len() - present.len(),
        all_distinct: counts.len() == present.len() && !present.is_empty(),
        range: if column.is_numeric() {
            range(&present)
        } else {
            None
        },
        is_boolean: all(&is_word),
        is_time: column.is_instant() || all(&|value| is_instant_text(value)),
        values: (counts.len() <= MOST_DISTINCT).then_some(counts),
    }
}

fn range(values: &[&str]) -> Option<(f64, f64)> {
    let numbers: Option<Vec<f64>> = values.iter().map(|v| v.trim().parse().ok()).collect();
    let numbers = numbers?;
    let low = numbers.iter().copied().min_by(f64::total_cmp)?;
    let high = numbers.iter().copied().max_by(f64::total_cmp)?;
    Some((low, high))
}

/// The words of a name: split at signs and before capitals, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before_lower = false;
    for character in name.chars() {
        let starts = character.is_uppercase() && before_lower;
        if !character.is_alphanumeric() || starts {
            words.push(String::new());
        }
        if character.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(character.to_lowercase());
        }
        before_lower = character.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words
}
