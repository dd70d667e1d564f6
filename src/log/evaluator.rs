//! Expressions on batches. An expression over a few repeating texts is evaluated once per distinct
//! combination of them and looked up for every further row.

use hashbrown::HashMap;

use super::column::{Column, Kind};
use super::expression::{Failed, Parsed};
use super::interner::MISSING;

/// Distinct combinations of inputs that are remembered.
const MOST_REMEMBERED: usize = 65_536;

/// The combinations of the inputs' codes that were met, each with the rows that had it; the place
/// of a combination here is that of its result in `Evaluator::distinct`.
#[derive(Debug, Default)]
struct Memory {
    places: HashMap<u64, usize>,
    combinations: Vec<(u64, u64)>,
    /// Places (plus one) by the low bits of small keys, asked first.
    near: Vec<u32>,
    /// Reused from batch to batch: the keys of its rows, and the places of their results.
    keys: Vec<u64>,
    results: Vec<usize>,
    /// Combinations that have no result, by their places.
    failed: HashMap<usize, Failed>,
}

impl Memory {
    /// The place of a combination, and whether it is a new one.
    fn place(&mut self, key: u64) -> (usize, bool) {
        if self.near.is_empty() {
            self.near.resize(1 << 12, 0);
        }
        // Two inputs of up to 64 values each, as most expressions have.
        let near = (key & 0x3f | (key >> 16 & 0x3f) << 6) as usize;
        let guess = self.near.get(near).copied().unwrap_or(0) as usize;
        if let Some(place) = guess.checked_sub(1)
            && let Some((known, rows)) = self.combinations.get_mut(place)
            && *known == key
        {
            *rows += 1;
            return (place, false);
        }
        let next = self.combinations.len();
        let place = *self.places.entry(key).or_insert(next);
        if place == next {
            self.combinations.push((key, 0));
        }
        if let Some((_, rows)) = self.combinations.get_mut(place) {
            *rows += 1;
        }
        if let Some(guess) = self.near.get_mut(near) {
            *guess = place as u32 + 1;
        }
        (place, place == next)
    }
}

impl Memory {
    /// Finds the result of every key of the batch; gives the rows whose combination is new.
    fn find_results(&mut self) -> Vec<usize> {
        let keys = std::mem::take(&mut self.keys);
        let mut results = std::mem::take(&mut self.results);
        let mut fresh = Vec::new();
        results.clear();
        for (row, key) in keys.iter().enumerate() {
            let (place, is_new) = self.place(*key);
            if is_new {
                fresh.push(row);
            }
            results.push(place);
        }
        (self.keys, self.results) = (keys, results);
        fresh
    }
}

impl Memory {
    /// The rows of the batch whose combination has no result.
    fn failed_rows(&self) -> Vec<Failed> {
        if self.failed.is_empty() {
            return Vec::new();
        }
        let rows = self.results.iter().enumerate();
        rows.filter_map(|(row, place)| {
            let failed = self.failed.get(place)?.clone();
            Some(Failed { row, ..failed })
        })
        .collect()
    }
}

/// One distinct combination of text inputs, for checks on the vocabulary.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Combination {
    pub(super) inputs: Vec<Option<String>>,
    pub(super) is_true: bool,
    pub(super) rows: u64,
}

/// Evaluates one expression for one thread, batch after batch.
#[derive(Debug)]
pub(super) struct Evaluator {
    parsed: Parsed,
    /// Places of the inputs among the batch's columns.
    inputs: Vec<usize>,
    memory: Option<Memory>,
    /// Results of the remembered combinations, one a row.
    distinct: Column,
    kind: Kind,
}

impl Evaluator {
    /// An evaluator that gives a column of `kind`.
    pub(super) fn new(parsed: Parsed, inputs: Vec<usize>, kind: Kind) -> Self {
        Self {
            // Four inputs of 16 bits make one key.
            memory: (!inputs.is_empty() && inputs.len() <= 4).then(Memory::default),
            parsed,
            inputs,
            distinct: Column::new(kind),
            kind,
        }
    }

    /// Evaluates the expression on the rows of a batch and adds the results to `output`, which
    /// must be a column of the evaluator's kind. Gives the rows that have no result, with the
    /// reason.
    pub(super) fn run(
        &mut self,
        columns: &[Column],
        rows: usize,
        output: &mut Column,
    ) -> Result<Vec<Failed>, String> {
        let inputs: Vec<&Column> = self.inputs.iter().filter_map(|i| columns.get(*i)).collect();
        if let Some(mut memory) = self.memory.take()
            && fill_keys(&inputs, rows, &mut memory.keys).is_some()
        {
            return self.look_up(&inputs, memory, output);
        }
        self.parsed.evaluate_all(&inputs, rows, output)
    }

    fn look_up(
        &mut self,
        inputs: &[&Column],
        mut memory: Memory,
        output: &mut Column,
    ) -> Result<Vec<Failed>, String> {
        let known = memory.combinations.len();
        let fresh = memory.find_results();
        if !fresh.is_empty() {
            let distinct = &mut self.distinct;
            let failed = self.parsed.evaluate_some(inputs, &fresh, known, distinct)?;
            memory
                .failed
                .extend(failed.into_iter().map(|failed| (failed.row, failed)));
        }
        copy_rows(&self.distinct, &memory.results, output);
        let failed = memory.failed_rows();
        if memory.combinations.len() <= MOST_REMEMBERED {
            self.memory = Some(memory);
        } else {
            self.distinct = Column::new(self.kind);
        }
        Ok(failed)
    }

    /// The combinations of inputs met so far, where they are few and all text.
    pub(super) fn combinations(&self, columns: &[Column]) -> Option<Vec<Combination>> {
        let Column::Boolean(results) = &self.distinct else {
            return None;
        };
        let texts: Vec<_> = self
            .inputs
            .iter()
            .map(|input| match columns.get(*input) {
                Some(Column::Text(text)) => Some(text.interner()),
                _ => None,
            })
            .collect::<Option<_>>()?;
        let memory = self.memory.as_ref()?;
        let combination = |(place, (key, rows)): (usize, &(u64, u64))| Combination {
            inputs: texts
                .iter()
                .enumerate()
                .map(|(input, texts)| {
                    let code = (key >> (16 * input)) as u16;
                    (code != u16::MAX).then(|| texts.text(u32::from(code)).to_owned())
                })
                .collect(),
            is_true: results.get(place).copied().flatten() == Some(true),
            rows: *rows,
        };
        Some(
            memory
                .combinations
                .iter()
                .enumerate()
                .map(combination)
                .collect(),
        )
    }
}

/// One key a row out of the codes of its inputs; `None` unless all inputs repeat.
fn fill_keys(inputs: &[&Column], rows: usize, keys: &mut Vec<u64>) -> Option<()> {
    keys.clear();
    keys.resize(rows, 0);
    for (place, input) in inputs.iter().enumerate() {
        let shift = 16 * place;
        match input {
            Column::Boolean(values) => {
                for (key, value) in keys.iter_mut().zip(values) {
                    *key |= value.map_or(u64::from(u16::MAX), u64::from) << shift;
                }
            }
            Column::Text(text) => {
                if text.interner().len() >= usize::from(u16::MAX) {
                    return None;
                }
                for (key, code) in keys.iter_mut().zip(text.codes()?) {
                    let code = if *code == MISSING {
                        u64::from(u16::MAX)
                    } else {
                        u64::from(*code)
                    };
                    *key |= code << shift;
                }
            }
            Column::Identity(_) | Column::Number(_) | Column::Integer(_) | Column::Instant(..) => {
                return None;
            }
        }
    }
    Some(())
}

/// Adds the remembered results at the given places.
fn copy_rows(from: &Column, places: &[usize], to: &mut Column) {
    match (from, to) {
        (Column::Number(from), Column::Number(to)) => {
            to.extend(
                places
                    .iter()
                    .map(|p| from.get(*p).copied().unwrap_or(f64::NAN)),
            );
        }
        (Column::Integer(from), Column::Integer(to)) => {
            to.extend(places.iter().map(|p| from.get(*p).copied().flatten()));
        }
        (Column::Boolean(from), Column::Boolean(to)) => {
            to.extend(places.iter().map(|p| from.get(*p).copied().flatten()));
        }
        (Column::Identity(from), Column::Identity(to)) => {
            to.extend(places.iter().map(|p| from.get(*p).copied().unwrap_or(0)));
        }
        (Column::Instant(from, _), Column::Instant(to, _)) => {
            to.extend(places.iter().map(|p| from.get(*p).copied().flatten()));
        }
        (Column::Text(from), Column::Text(to)) => {
            let texts: Vec<Option<&str>> = (0..from.len()).map(|row| from.get(row)).collect();
            to.push_keys(places.iter().map(|place| Some(*place)), &texts);
        }
        // An evaluator's results and its output are of one kind by construction.
        _ => {}
    }
}
