//! A batch of cases as plain columns by role: what the tally and every other reader of cases sees.
//! Values are checked here, once; a case that breaks a rule never reaches a batch.

use std::collections::BTreeSet;

use super::column::{Column, retain};
use super::interner::Interner;
use super::plan::{Place, Plan};
use super::raw::Raw;
use super::reject::{Fault, Why};
use crate::config::Role;
use crate::rate::Micros;

/// What is known of a case's label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Label {
    Right,
    Wrong,
    /// Nobody has looked.
    Unknown,
}

/// What really happened to a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Route {
    Auto,
    Escalated,
    /// The log does not say.
    Unknown,
}

impl Route {
    /// The word that documents use.
    pub fn key(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Escalated => "escalated",
            Self::Unknown => "unknown",
        }
    }
}

/// Cases as columns of equal length. A column of a role that is not read is empty.
#[derive(Debug, Default)]
pub struct Batch {
    pub(super) rows: usize,
    pub(super) score: Vec<f64>,
    pub(super) label: Vec<Label>,
    pub(super) route: Vec<Route>,
    pub(super) pinned: Vec<bool>,
    pub(super) probability: Vec<f64>,
    pub(super) value: Vec<Micros>,
    pub(super) time: Vec<i64>,
    pub(super) identity: Vec<u64>,
    pub(super) segments: Vec<Vec<u32>>,
    pub(super) conditions: Vec<Vec<bool>>,
    pub(super) money: Vec<Vec<Micros>>,
    pub(super) numbers: Vec<Vec<f64>>,
    pub(super) texts: Vec<Texts>,
}

/// The texts of a column, end to end.
#[derive(Debug, Default)]
pub struct Texts {
    buffer: String,
    spans: Vec<Option<(u32, u32)>>,
}

impl Texts {
    /// The text of a row; `None` where it is missing.
    pub fn get(&self, row: usize) -> Option<&str> {
        let (start, end) = (*self.spans.get(row)?)?;
        self.buffer.get(start as usize..end as usize)
    }

    fn fill(&mut self, column: Option<&Column>) {
        self.buffer.clear();
        self.spans.clear();
        let Some(Column::Text(column)) = column else {
            return;
        };
        for row in 0..column.len() {
            self.spans.push(column.get(row).map(|text| {
                let start = self.buffer.len() as u32;
                self.buffer.push_str(text);
                (start, self.buffer.len() as u32)
            }));
        }
    }
}

impl Batch {
    /// Cases in the batch.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Scores in [0, 1].
    pub fn score(&self) -> &[f64] {
        &self.score
    }

    pub fn label(&self) -> &[Label] {
        &self.label
    }

    /// Historical routes.
    pub fn route(&self) -> &[Route] {
        &self.route
    }

    /// Whether a case stays escalated at every threshold.
    pub fn pinned(&self) -> &[bool] {
        &self.pinned
    }

    /// Label probabilities in (0, 1]; NaN where none is recorded.
    pub fn probability(&self) -> &[f64] {
        &self.probability
    }

    /// Money at stake.
    pub fn value(&self) -> &[Micros] {
        &self.value
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    pub fn time(&self) -> &[i64] {
        &self.time
    }

    /// For each segment of the plan, the codes of the cases' values in the worker's interner.
    pub fn segments(&self) -> &[Vec<u32>] {
        &self.segments
    }

    /// For each condition of the plan, whether it holds. One that is NULL does not.
    pub fn conditions(&self) -> &[Vec<bool>] {
        &self.conditions
    }

    /// For each amount of money of the plan, the cases' amounts.
    pub fn money(&self) -> &[Vec<Micros>] {
        &self.money
    }

    /// For each number of the plan, the cases' numbers; NaN where there is none.
    pub fn numbers(&self) -> &[Vec<f64>] {
        &self.numbers
    }

    /// For each text of the plan, the cases' texts.
    pub fn texts(&self) -> &[Texts] {
        &self.texts
    }
}

/// The columns of a worker by place: read ones and computed ones.
pub(super) struct Places<'a> {
    pub(super) raw: &'a Raw,
    pub(super) computed: &'a [Column],
}

impl<'a> Places<'a> {
    pub(super) fn get(&self, place: Place) -> Option<&'a Column> {
        match place {
            Place::Input(index) => self.raw.columns.get(index),
            Place::Computed(index) => self.computed.get(index),
        }
    }

    fn role(&self, plan: &Plan, role: Role) -> Option<&'a Column> {
        plan.roles.get(&role).and_then(|place| self.get(*place))
    }

    /// The interner of a segment's texts.
    pub(super) fn interner(&self, place: Place) -> Option<&'a Interner> {
        match self.get(place) {
            Some(Column::Text(text)) => Some(text.interner()),
            _ => None,
        }
    }
}

/// Builds a batch out of the columns of a worker; gives the faults that the rules of the roles
/// find.
pub(super) fn assemble(plan: &Plan, places: &Places<'_>, batch: &mut Batch) -> Vec<Fault> {
    let rows = places.raw.rows();
    let mut check = Check {
        plan,
        lines: &places.raw.lines,
        faults: Vec::new(),
        bad: BTreeSet::new(),
    };
    batch.rows = rows;
    let role = |role| places.role(plan, role);
    numbers(role(Role::Score), &mut batch.score);
    if plan.computed_place(Role::Score).is_some() {
        batch
            .score
            .iter_mut()
            .for_each(|score| *score = without_noise(*score));
    }
    let score = plan.blame(Role::Score);
    check.numbers(&score, &batch.score, Why::ScoreOutOfRange, |s| {
        (0.0..=1.0).contains(&s)
    });
    numbers(role(Role::LabelProbability), &mut batch.probability);
    // A label probability may be missing, not out of range.
    let fits = |p: f64| p.is_nan() || (p > 0.0 && p <= 1.0);
    let probability = plan.blame(Role::LabelProbability);
    check.numbers(
        &probability,
        &batch.probability,
        Why::ProbabilityOutOfRange,
        fits,
    );
    batch.value.clear();
    if let Some(Column::Number(values)) = role(Role::Value) {
        let fits = |value| Micros::from_units(value).is_some();
        check.numbers(&plan.blame(Role::Value), values, Why::ValueOutOfRange, fits);
        let micros = values
            .iter()
            .map(|v| Micros::from_units(*v).unwrap_or_default());
        batch.value.extend(micros);
    }
    booleans(role(Role::Error), &mut batch.label, |error| match error {
        Some(true) => Label::Wrong,
        Some(false) => Label::Right,
        None => Label::Unknown,
    });
    booleans(
        role(Role::Escalated),
        &mut batch.route,
        |route| match route {
            Some(true) => Route::Escalated,
            Some(false) => Route::Auto,
            None => Route::Unknown,
        },
    );
    check.present(Role::Escalated, &batch.route, |route| {
        *route != Route::Unknown
    });
    // As in a SQL WHERE, a condition that is NULL does not hold.
    booleans(role(Role::Pinned), &mut batch.pinned, |pinned| {
        pinned == Some(true)
    });
    batch.time.clear();
    if let Some(Column::Instant(times, _)) = role(Role::Time) {
        check.present(Role::Time, times, Option::is_some);
        batch
            .time
            .extend(times.iter().map(|time| time.unwrap_or_default()));
    }
    batch.identity.clear();
    if let Some(Column::Identity(hashes)) = role(Role::Id) {
        batch.identity.extend_from_slice(hashes);
    }
    batch.segments.resize(plan.segments.len(), Vec::new());
    for (codes, (_, place)) in batch.segments.iter_mut().zip(&plan.segments) {
        codes.clear();
        if let Some(Column::Text(text)) = places.get(*place) {
            codes.extend_from_slice(text.codes().unwrap_or_default());
        }
    }
    formulas(plan, places, batch, &mut check);
    let Check { faults, bad, .. } = check;
    if !bad.is_empty() {
        batch.remove(&bad);
    }
    faults
}

/// Fills what is neither role nor segment.
fn formulas(plan: &Plan, places: &Places<'_>, batch: &mut Batch, check: &mut Check<'_>) {
    batch.conditions.resize(plan.conditions.len(), Vec::new());
    for (holds, place) in batch.conditions.iter_mut().zip(&plan.conditions) {
        booleans(places.get(*place), holds, |value| value == Some(true));
    }
    batch.money.resize(plan.money.len(), Vec::new());
    for (amounts, (name, place)) in batch.money.iter_mut().zip(&plan.money) {
        amounts.clear();
        if let Some(Column::Number(values)) = places.get(*place) {
            let fits = |value| Micros::from_units(value).is_some();
            check.numbers(name, values, Why::ValueOutOfRange, fits);
            amounts.extend(
                values
                    .iter()
                    .map(|v| Micros::from_units(*v).unwrap_or_default()),
            );
        }
    }
    batch.numbers.resize(plan.numbers.len(), Vec::new());
    for (numbers_of, (name, place)) in batch.numbers.iter_mut().zip(&plan.numbers) {
        numbers(places.get(*place), numbers_of);
        let fits = |value: f64| value.is_nan() || value.is_finite();
        check.numbers(name, numbers_of, Why::NotFinite, fits);
        if name == Role::ReviewSeconds.key() {
            // A length may be missing, not negative.
            let fits = |length: f64| !length.is_finite() || Micros::from_units(length).is_some();
            check.numbers(name, numbers_of, Why::LengthOutOfRange, fits);
        }
    }
    batch.texts.resize_with(plan.texts.len(), Texts::default);
    for (texts, place) in batch.texts.iter_mut().zip(&plan.texts) {
        texts.fill(places.get(*place));
    }
}

impl Batch {
    fn remove(&mut self, bad: &BTreeSet<usize>) {
        let mut keep = vec![true; self.rows];
        for row in bad {
            if let Some(mark) = keep.get_mut(*row) {
                *mark = false;
            }
        }
        retain(&mut self.score, &keep);
        retain(&mut self.label, &keep);
        retain(&mut self.route, &keep);
        retain(&mut self.pinned, &keep);
        retain(&mut self.probability, &keep);
        retain(&mut self.value, &keep);
        retain(&mut self.time, &keep);
        retain(&mut self.identity, &keep);
        self.segments
            .iter_mut()
            .for_each(|codes| retain(codes, &keep));
        self.conditions.iter_mut().for_each(|c| retain(c, &keep));
        self.money.iter_mut().for_each(|m| retain(m, &keep));
        self.numbers.iter_mut().for_each(|n| retain(n, &keep));
        self.texts
            .iter_mut()
            .for_each(|texts| retain(&mut texts.spans, &keep));
        self.rows -= bad.len();
    }
}

/// A computed score without the noise of binary arithmetic: 9.7 / 100 must meet the threshold 0.097,
/// and 1 - 0.9 the threshold 0.1. Twelve decimals are far more than a score means.
fn without_noise(score: f64) -> f64 {
    const UNITS: f64 = 1e12;
    (score * UNITS).round() / UNITS
}

fn numbers(column: Option<&Column>, into: &mut Vec<f64>) {
    into.clear();
    if let Some(Column::Number(values)) = column {
        into.extend_from_slice(values);
    }
}

fn booleans<T>(column: Option<&Column>, into: &mut Vec<T>, meaning: impl Fn(Option<bool>) -> T) {
    into.clear();
    if let Some(Column::Boolean(values)) = column {
        into.extend(values.iter().map(|value| meaning(*value)));
    }
}

/// The rules of the roles, and what broke them.
struct Check<'a> {
    plan: &'a Plan,
    lines: &'a [u32],
    faults: Vec<Fault>,
    bad: BTreeSet<usize>,
}

impl Check<'_> {
    fn refuse(&mut self, row: usize, name: &str, value: Option<String>, why: Why) {
        self.faults.push(Fault {
            line: self.lines.get(row).copied().unwrap_or(0),
            column: Some(name.to_owned()),
            value,
            why,
        });
        self.bad.insert(row);
    }

    /// `name` is what a message calls the numbers.
    fn numbers(&mut self, name: &str, values: &[f64], why: Why, fits: impl Fn(f64) -> bool) {
        for (row, value) in values.iter().enumerate() {
            if !fits(*value) {
                let (shown, why) = number_fault(*value, why);
                self.refuse(row, name, shown, why);
            }
        }
    }

    fn present<T>(&mut self, role: Role, values: &[T], is_present: impl Fn(&T) -> bool) {
        for (row, value) in values.iter().enumerate() {
            if !is_present(value) {
                self.refuse(row, &self.plan.blame(role), None, Why::Missing);
            }
        }
    }
}

/// NaN stands for a missing value and infinity for a result that is not finite.
fn number_fault(value: f64, why: Why) -> (Option<String>, Why) {
    if value.is_nan() {
        (None, Why::Missing)
    } else if value.is_infinite() {
        (None, Why::NotFinite)
    } else {
        (Some(super::reject::shown(&value.to_string())), why)
    }
}
