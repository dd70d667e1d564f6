//! The JSON document of a gate, which a later gate can take as its baseline.

use serde::Serialize;

use super::answer::{Judged, Part, State};
use super::baseline::{Basis, SavedSet};
use super::reading::Survey;
use super::words;
use crate::command::input::{Input, Schema, Tool};
use crate::command::labelling::{self, CellDocument};
use crate::config::{Demand, Margin};
use crate::estimate::compare::Limits;
use crate::rate::Evidence;

#[derive(Serialize)]
pub(super) struct GateDocument<'a> {
    schema: Schema,
    tool: Tool,
    input: Input<'a>,
    verdict: &'static str,
    /// Of each one-sided limit.
    confidence: f64,
    cells: Vec<CellDocument>,
    checks: Vec<CheckDocument<'a>>,
    /// What the comparison was made with, in words; `null` without one.
    baseline: Option<&'a str>,
    /// What a later run must have in common with this one.
    basis: &'a Basis,
    /// The counts of every set of cases by design cell.
    measured: Vec<SavedSet>,
    warnings: &'a [String],
}

#[derive(Serialize)]
struct CheckDocument<'a> {
    name: &'a str,
    metric: &'static str,
    level: &'static str,
    line: usize,
    segment: Option<String>,
    value: Option<String>,
    values: &'a [Option<String>],
    limit: LimitDocument,
    verdict: &'static str,
    reason: Option<&'a str>,
    rate: Option<NumberDocument>,
    baseline: Option<NumberDocument>,
    difference: Option<NumberDocument>,
    method: &'static str,
    cases: u64,
    labelled: u64,
    found: u64,
    evidence: Option<Evidence>,
    bounds: Option<[f64; 2]>,
    /// More labels that would decide.
    needed: Option<u64>,
}

#[derive(Serialize)]
struct LimitDocument {
    max: Option<f64>,
    min: Option<f64>,
    worse_than_baseline_by: Option<f64>,
    /// Whether the margin is a part of the baseline.
    relative: Option<bool>,
}

#[derive(Serialize)]
struct NumberDocument {
    estimate: f64,
    low: f64,
    high: f64,
}

/// What the document is made of.
pub(super) struct Sources<'a> {
    pub(super) survey: &'a Survey,
    pub(super) checks: &'a [Judged],
    pub(super) verdict: State,
    pub(super) tail: f64,
    pub(super) baseline: Option<&'a str>,
    pub(super) basis: &'a Basis,
    pub(super) warnings: &'a [String],
}

pub(super) fn document<'a>(sources: &Sources<'a>) -> GateDocument<'a> {
    let survey = sources.survey;
    let measured = survey.sets.iter();
    GateDocument {
        schema: Schema::new("gonogo/gate"),
        tool: Tool::this(),
        input: Input::new(&survey.plan, &survey.summary),
        verdict: sources.verdict.key(),
        confidence: 1.0 - sources.tail,
        cells: labelling::documents(&survey.design),
        checks: sources.checks.iter().flat_map(check).collect(),
        baseline: sources.baseline,
        basis: sources.basis,
        measured: measured
            .map(|(place, measured)| SavedSet::new(place, &measured.facts))
            .collect(),
        warnings: sources.warnings,
    }
}

fn check(judged: &Judged) -> impl Iterator<Item = CheckDocument<'_>> {
    judged.parts.iter().map(|part| part_document(judged, part))
}

fn part_document<'a>(Judged { gate, .. }: &'a Judged, part: &'a Part) -> CheckDocument<'a> {
    let (max, min, margin) = match gate.demand {
        Demand::AtMost(most) => (Some(most), None, None),
        Demand::AtLeast(least) => (None, Some(least), None),
        Demand::NotWorseBy(margin) => (None, None, Some(margin)),
    };
    CheckDocument {
        name: &gate.name,
        metric: gate.metric.key(),
        level: gate.level.key(),
        line: gate.line,
        segment: (!gate.by.is_empty()).then(|| gate.by.join(",")),
        value: match part.values.as_slice() {
            [] | [None] => None,
            _ => Some(words::part_name(part)),
        },
        values: &part.values,
        limit: LimitDocument {
            max,
            min,
            worse_than_baseline_by: margin.map(|margin| match margin {
                Margin::Absolute(value) | Margin::Relative(value) => value,
            }),
            relative: margin.map(|margin| matches!(margin, Margin::Relative(_))),
        },
        verdict: part.state.key(),
        reason: part.reason.as_deref(),
        rate: part.now.map(number),
        baseline: part.before.map(number),
        difference: part.difference.map(number),
        method: part.method,
        cases: part.ground.cases,
        labelled: part.ground.known,
        found: part.ground.found,
        evidence: part.ground.evidence,
        bounds: part.ground.bounds,
        needed: part.needed,
    }
}

fn number(limits: Limits) -> NumberDocument {
    NumberDocument {
        estimate: limits.estimate,
        low: limits.low,
        high: limits.high,
    }
}
