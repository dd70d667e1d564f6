//! The JSON document of a sweep: structs of its own, so that the contract changes only on purpose.

use serde::Serialize;

use super::{Curve, Group, Segments, Sweep};
use crate::command::input::{Input, Schema, Tool};
use crate::command::labelling::{self, CellDocument};
use crate::estimate::curve::{Outcome, Point};
use crate::log::{Plan, Summary};

#[derive(Serialize)]
pub(in crate::command) struct SweepDocument<'a> {
    schema: Schema,
    tool: Tool,
    input: Input<'a>,
    level: f64,
    /// The cells of equal label probability that every estimate is weighted by.
    cells: Vec<CellDocument>,
    /// The threshold that the historical routes follow, where they follow one.
    historical_threshold: Option<HistoryDocument>,
    actual: Option<&'a Outcome>,
    points: &'a [Point],
    segments: Vec<SegmentDocument<'a>>,
    warnings: &'a [String],
}

#[derive(Serialize)]
struct HistoryDocument {
    threshold: f64,
    cases: u64,
    agreeing: u64,
}

#[derive(Serialize)]
struct SegmentDocument<'a> {
    segment: String,
    /// The value as text, crossed values joined by commas; `null` where it is missing.
    value: Option<String>,
    values: &'a [Option<String>],
    cases: u64,
    actual: Option<&'a Outcome>,
    points: &'a [Point],
}

pub(in crate::command) fn document<'a>(
    sweep: &'a Sweep,
    plan: &'a Plan,
    summary: &'a Summary,
    warnings: &'a [String],
) -> SweepDocument<'a> {
    let Curve { points, actual } = &sweep.overall;
    SweepDocument {
        schema: Schema::new("gonogo/sweep"),
        tool: Tool::this(),
        input: Input::new(plan, summary),
        level: sweep.level.get(),
        cells: labelling::documents(&sweep.design),
        historical_threshold: sweep.history.as_ref().map(|history| HistoryDocument {
            threshold: history.threshold.value(),
            cases: history.cases,
            agreeing: history.agreeing,
        }),
        actual: actual.as_ref(),
        points,
        segments: sweep.segments.iter().flat_map(segments).collect(),
        warnings,
    }
}

/// The groups of a grouping in the order of their values.
fn segments(segments: &Segments) -> Vec<SegmentDocument<'_>> {
    let mut groups: Vec<&Group> = segments.groups.iter().collect();
    groups.sort_by(|a, b| a.values.cmp(&b.values));
    let segment = segments.names.join(",");
    groups
        .into_iter()
        .map(|group| SegmentDocument {
            segment: segment.clone(),
            value: match group.values.as_slice() {
                [None] => None,
                _ => Some(group.name()),
            },
            values: &group.values,
            cases: group.cases,
            actual: group.curve.actual.as_ref(),
            points: &group.curve.points,
        })
        .collect()
}
