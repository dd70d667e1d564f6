//! What the cases of a log show of a policy's rules, in one pass.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::AddAssign;

use crate::log::{Batch, Formula, Interner, References, Sink};
use crate::policy::Router;

/// Distinct values of a column that are kept for suggestions.
const MOST_VALUES: usize = 200;
/// Decimals that are told apart in scores.
const MOST_DECIMALS: usize = 12;

/// What was seen. A commutative monoid under `+=`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Seen {
    /// By rule: cases that meet its condition, that it takes, and that would be treated otherwise
    /// without it.
    pub(super) meet: Vec<u64>,
    pub(super) takes: Vec<u64>,
    pub(super) changes: Vec<u64>,
    /// The decimals that the scores need; `None` without scores.
    pub(super) decimals: Option<usize>,
    /// By the name that is compared with texts.
    pub(super) values: BTreeMap<String, Values>,
}

/// Values of a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Values {
    /// Those of the texts that it is compared with which occur.
    pub(super) found: BTreeSet<String>,
    /// Some of all values, the first in their order.
    pub(super) some: BTreeSet<String>,
}

impl Values {
    fn keep(&mut self, value: &str) {
        if self.some.contains(value) {
            return;
        }
        self.some.insert(value.to_owned());
        if self.some.len() > MOST_VALUES {
            self.some.pop_last();
        }
    }
}

impl AddAssign for Seen {
    fn add_assign(&mut self, other: Self) {
        for (sums, more) in [
            (&mut self.meet, other.meet),
            (&mut self.takes, other.takes),
            (&mut self.changes, other.changes),
        ] {
            sums.resize(sums.len().max(more.len()), 0);
            sums.iter_mut()
                .zip(more)
                .for_each(|(sum, more)| *sum += more);
        }
        self.decimals = self.decimals.max(other.decimals);
        for (name, values) in other.values {
            let known = self.values.entry(name).or_default();
            known.found.extend(values.found);
            values.some.iter().for_each(|value| known.keep(value));
        }
    }
}

/// Looks at the cases of one thread.
#[derive(Clone, Debug)]
pub(super) struct Sight {
    router: Router,
    /// The names that are compared with texts, and the texts.
    compared: Vec<(String, BTreeSet<String>)>,
    seen: Seen,
}

impl Sight {
    pub(super) fn new(router: Router, references: &[References]) -> Self {
        let mut compared: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (name, text) in references.iter().flat_map(|named| &named.compared) {
            compared
                .entry(name.clone())
                .or_default()
                .insert(text.clone());
        }
        let rules = router.rules();
        let values = compared
            .keys()
            .map(|name| (name.clone(), Values::default()));
        Self {
            seen: Seen {
                meet: vec![0; rules],
                takes: vec![0; rules],
                changes: vec![0; rules],
                decimals: None,
                values: values.collect(),
            },
            router,
            compared: compared.into_iter().collect(),
        }
    }

    /// The texts that must be read, in the order in which batches hold them.
    pub(super) fn texts(&self) -> Vec<Formula> {
        let names = self.compared.iter();
        names.map(|(name, _)| Formula::new(name, name)).collect()
    }

    fn note_rules(&mut self, batch: &Batch, row: usize) {
        let rules = self.router.rules();
        let taker = self.router.rule(batch, row, 0);
        let add = |list: &mut Vec<u64>, place: usize| {
            if let Some(sum) = list.get_mut(place) {
                *sum += 1;
            }
        };
        add(&mut self.seen.takes, taker);
        if taker + 1 == rules {
            return;
        }
        let next = self.router.rule(batch, row, taker + 1);
        let pattern = |rule: usize| self.router.treatment(rule as u32).map(|t| t.pattern);
        let approves = |rule: usize| self.router.approves(batch, row, rule);
        if approves(taker) != approves(next) || pattern(taker) != pattern(next) {
            add(&mut self.seen.changes, taker);
        }
        let mut rule = taker;
        while rule + 1 < rules {
            add(&mut self.seen.meet, rule);
            rule = self.router.rule(batch, row, rule + 1);
        }
    }
}

impl Sink for Sight {
    type Output = Seen;

    fn take(&mut self, batch: &Batch) {
        for row in 0..batch.rows() {
            self.note_rules(batch, row);
        }
        let decimals = batch.score().iter().map(|score| decimals(*score)).max();
        self.seen.decimals = self.seen.decimals.max(decimals);
        for ((name, texts), column) in self.compared.iter().zip(batch.texts()) {
            let Some(values) = self.seen.values.get_mut(name) else {
                continue;
            };
            for value in (0..batch.rows()).filter_map(|row| column.get(row)) {
                values.keep(value);
                if texts.contains(value) && !values.found.contains(value) {
                    values.found.insert(value.to_owned());
                }
            }
        }
    }

    fn finish(&mut self, _segments: &[&Interner]) -> Seen {
        std::mem::take(&mut self.seen)
    }
}

/// The fewest decimals with which a score can be written.
fn decimals(score: f64) -> usize {
    let text = format!("{score:.MOST_DECIMALS$}");
    let digits = text.trim_end_matches('0');
    digits.split_once('.').map_or(0, |(_, part)| part.len())
}
