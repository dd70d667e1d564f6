//! A sweep as tables, as rows of full precision, and as a chart.

use super::{Curve, Group, Segments, Sweep};
use crate::chart::{Panel, RiskCoverage};
use crate::command::outcome;
use crate::estimate::curve::{Outcome, Point};
use crate::report::{Cell, Column, Row, Table, count, level};

/// Rows that a table shows of thresholds that nobody named one by one.
const MOST_ROWS: usize = 25;
/// Thresholds that a segment shows of a longer list.
const SEGMENT_THRESHOLDS: usize = 3;

/// The tables for people: all cases, then each grouping.
pub(in crate::command) fn people(sweep: &Sweep) -> Vec<Table> {
    let mut tables = vec![overall(sweep)];
    tables.extend(
        sweep
            .segments
            .iter()
            .map(|segments| by_segment(sweep, segments)),
    );
    tables
}

pub(in crate::command) fn overall(sweep: &Sweep) -> Table {
    let points = &sweep.overall.points;
    let step = if sweep.exact {
        points.len().div_ceil(MOST_ROWS).max(1)
    } else {
        1
    };
    let mut rows: Vec<Row> = sweep
        .overall
        .actual
        .iter()
        .map(|actual| Row {
            cells: outcome::cells("actual", actual, sweep.shown()),
            marked: true,
        })
        .collect();
    rows.extend(points.iter().step_by(step).map(|point| Row {
        cells: outcome::cells(&threshold_text(sweep, point), &point.outcome, sweep.shown()),
        marked: is_history(sweep, point),
    }));
    let title = if step > 1 {
        format!(
            "one in {step} of {} thresholds (all are in JSON and CSV)",
            count(points.len() as u64)
        )
    } else {
        String::new()
    };
    Table {
        title,
        columns: outcome::columns("threshold", sweep.shown()),
        rows,
    }
}

fn threshold_text(sweep: &Sweep, point: &Point) -> String {
    let text = point.threshold.text();
    if is_history(sweep, point) {
        format!("{text} <")
    } else {
        text.to_owned()
    }
}

fn is_history(sweep: &Sweep, point: &Point) -> bool {
    let value = point.threshold.value();
    let same =
        |history: &crate::tally::History| history.threshold.value().total_cmp(&value).is_eq();
    sweep.history.as_ref().is_some_and(same)
}

fn by_segment(sweep: &Sweep, segments: &Segments) -> Table {
    let mut columns = vec![
        Column::left(&segments.names.join(" x "), 0),
        Column::right("cases", 4),
    ];
    let mut outcome = outcome::columns("threshold", sweep.shown());
    // A segment has a row for few thresholds only, so its counts matter less than its rates.
    outcome
        .iter_mut()
        .skip(1)
        .for_each(|column| column.rank = column.rank.saturating_mul(2));
    columns.extend(outcome);
    let shown = shown_thresholds(sweep);
    let mut rows = Vec::new();
    for group in segments.groups.iter().take(sweep.top) {
        add_rows(
            &mut rows,
            sweep,
            &group.name(),
            group.cases,
            &group.curve,
            &shown,
        );
    }
    if let Some((number, curve)) = &segments.other {
        let cases = curve.points.first().map_or(0, |point| point.outcome.cases);
        add_rows(
            &mut rows,
            sweep,
            &format!("other ({})", count(*number as u64)),
            cases,
            curve,
            &shown,
        );
    }
    let all = sweep.overall.points.len();
    let mut title = format!("by {}", segments.names.join(" x "));
    if shown.len() < all {
        title.push_str(&format!(
            ": {} of {} thresholds (all are in JSON and CSV)",
            shown.len(),
            count(all as u64)
        ));
    }
    Table {
        title,
        columns,
        rows,
    }
}

fn add_rows(
    rows: &mut Vec<Row>,
    sweep: &Sweep,
    name: &str,
    cases: u64,
    curve: &Curve,
    shown: &[usize],
) {
    let mut lines: Vec<(String, &Outcome, bool)> = Vec::new();
    lines.extend(
        curve
            .actual
            .iter()
            .map(|actual| ("actual".to_owned(), actual, true)),
    );
    for point in shown.iter().filter_map(|index| curve.points.get(*index)) {
        lines.push((threshold_text(sweep, point), &point.outcome, false));
    }
    for (line, (threshold, outcome, marked)) in lines.into_iter().enumerate() {
        let (name, cases) = if line == 0 {
            (Cell::Text(name.to_owned()), Cell::Count(cases))
        } else {
            (Cell::Text(String::new()), Cell::Text(String::new()))
        };
        let mut cells = vec![name, cases];
        cells.extend(outcome::cells(&threshold, outcome, sweep.shown()));
        rows.push(Row { cells, marked });
    }
}

/// The places of the thresholds that a segment shows: all of a short list, else the historical
/// one with its neighbours, else some spread over the list.
fn shown_thresholds(sweep: &Sweep) -> Vec<usize> {
    let points = &sweep.overall.points;
    if points.len() <= SEGMENT_THRESHOLDS + 1 {
        return (0..points.len()).collect();
    }
    match points.iter().position(|point| is_history(sweep, point)) {
        Some(place) => (place.saturating_sub(1)..=place + 1)
            .filter(|p| *p < points.len())
            .collect(),
        None => (1..=SEGMENT_THRESHOLDS)
            .map(|part| part * points.len() / (SEGMENT_THRESHOLDS + 1))
            .collect(),
    }
}

/// All rows in full precision.
pub(in crate::command) fn data(sweep: &Sweep) -> Table {
    let mut rows = Vec::new();
    add_data(&mut rows, "", None, &sweep.overall);
    for segments in &sweep.segments {
        let name = segments.names.join(",");
        let mut groups: Vec<&Group> = segments.groups.iter().collect();
        groups.sort_by(|a, b| a.values.cmp(&b.values));
        for group in groups {
            add_data(&mut rows, &name, Some(group.name()), &group.curve);
        }
    }
    Table {
        title: String::new(),
        columns: ["segment", "value", "threshold"]
            .iter()
            .chain(outcome::DATA_TITLES.iter())
            .map(|title| Column::left(title, 0))
            .collect(),
        rows,
    }
}

fn add_data(rows: &mut Vec<Row>, segment: &str, value: Option<String>, curve: &Curve) {
    let mut add = |threshold: Cell, outcome: &Outcome| {
        let mut cells = vec![
            Cell::Text(segment.to_owned()),
            value.clone().map_or(Cell::Missing, Cell::Text),
            threshold,
        ];
        cells.extend(outcome::data_cells(outcome));
        rows.push(Row {
            cells,
            marked: false,
        });
    };
    if let Some(actual) = &curve.actual {
        add(Cell::Text("actual".to_owned()), actual);
    }
    for point in &curve.points {
        add(Cell::Number(point.threshold.value()), &point.outcome);
    }
}

/// The risk-coverage chart: one panel, or one a segment of the first grouping.
pub(in crate::command) fn chart(sweep: &Sweep) -> RiskCoverage {
    let panels = match sweep.segments.first() {
        None => vec![panel(None, &sweep.overall)],
        Some(segments) => {
            let groups = segments.groups.iter().take(sweep.top);
            let mut panels: Vec<Panel> = groups
                .map(|group| panel(Some(group.name()), &group.curve))
                .collect();
            if let Some((number, curve)) = &segments.other {
                panels.push(panel(Some(format!("other ({number})")), curve));
            }
            panels
        }
    };
    let by = sweep.segments.first().map_or(String::new(), |segments| {
        format!(" by {}", segments.names.join(" x "))
    });
    RiskCoverage {
        title: format!("Escalation rate against auto-approved error rate{by}"),
        subtitle: format!(
            "{} cases, {} labelled, {} intervals",
            count(sweep.cases),
            count(sweep.labelled),
            level(sweep.level.get())
        ),
        panels,
    }
}

pub(in crate::command) fn panel(name: Option<String>, curve: &Curve) -> Panel {
    Panel {
        name,
        points: curve
            .points
            .iter()
            .map(|point| {
                outcome::chart_point(Some(point.threshold.trimmed().text()), &point.outcome)
            })
            .collect(),
        actual: curve
            .actual
            .as_ref()
            .map(|actual| outcome::chart_point(None, actual)),
    }
}
