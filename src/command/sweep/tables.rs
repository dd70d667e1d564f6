//! A sweep as tables, as rows of full precision, and as a chart.

use super::{Curve, Group, Segments, Sweep};
use crate::chart::{ErrorRate, Panel, Point as ChartPoint, RiskCoverage};
use crate::estimate::curve::{Outcome, Point};
use crate::rate::{Evidence, Rate};
use crate::report::{Cell, Column, Row, Table, count, level, percent};

/// Rows that a table shows of thresholds that nobody named one by one.
const MOST_ROWS: usize = 25;
/// Thresholds that a segment shows of a longer list.
const SEGMENT_THRESHOLDS: usize = 3;
/// Below this a rate rests on few labels.
const FEW_LABELS: u64 = 30;

/// The tables for people: all cases, then each grouping.
pub(super) fn people(sweep: &Sweep) -> Vec<Table> {
    let mut tables = vec![overall(sweep)];
    tables.extend(
        sweep
            .segments
            .iter()
            .map(|segments| by_segment(sweep, segments)),
    );
    tables
}

fn overall(sweep: &Sweep) -> Table {
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
            cells: outcome_cells("actual", actual, sweep.has_value),
            marked: true,
        })
        .collect();
    rows.extend(points.iter().step_by(step).map(|point| Row {
        cells: outcome_cells(
            &threshold_text(sweep, point),
            &point.outcome,
            sweep.has_value,
        ),
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
        columns: outcome_columns(sweep.has_value),
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

fn outcome_columns(has_value: bool) -> Vec<Column> {
    let mut columns = vec![
        Column::left("threshold", 0),
        Column::right("escalated", 3),
        Column::right("escalation rate", 0),
        Column::right("auto-approved error rate", 0),
        Column::right("labels", 1),
        Column::left("evidence", 2),
        Column::right("labelled only", 4),
        Column::right("escaped errors", 5),
        Column::right("caught errors", 6),
        Column::right("needless escalations", 7),
    ];
    if has_value {
        columns.push(Column::right("money at stake", 9));
        columns.push(Column::right("money in error", 8));
    }
    columns
}

fn outcome_cells(name: &str, outcome: &Outcome, has_value: bool) -> Vec<Cell> {
    let mut cells = vec![
        Cell::Text(name.to_owned()),
        Cell::Count(outcome.escalated),
        share(outcome.escalation_rate),
        rate(&outcome.auto_error),
        labels(&outcome.auto_error),
        evidence(outcome.auto_error.evidence),
        share(outcome.auto_error.labelled_only),
        short(&outcome.escaped_errors),
        short(&outcome.caught_errors),
        short(&outcome.needless_escalations),
    ];
    if has_value {
        let money = outcome.value.as_ref();
        cells.push(money.map_or(Cell::Missing, |money| Cell::Money(money.at_stake)));
        let in_error = money.and_then(|money| money.in_error);
        cells.push(in_error.map_or(Cell::Missing, Cell::Money));
    }
    cells
}

fn share(share: Option<f64>) -> Cell {
    share.map_or(Cell::Missing, Cell::Share)
}

/// An estimate with its interval, or the worst-case limits.
fn rate(rate: &Rate) -> Cell {
    match (rate.estimate, rate.interval(), rate.bounds) {
        (Some(share), Some(interval), _) => Cell::Estimate {
            share,
            low: interval.low,
            high: interval.high,
        },
        (_, _, Some([low, high])) => Cell::Bounds { low, high },
        _ => Cell::Missing,
    }
}

/// An estimate without its interval, or the worst-case limits.
fn short(rate: &Rate) -> Cell {
    match (rate.estimate, rate.bounds) {
        (Some(share), _) => Cell::Share(share),
        (None, Some([low, high])) => Cell::Bounds { low, high },
        (None, None) => Cell::Missing,
    }
}

fn labels(rate: &Rate) -> Cell {
    if rate.cases > 0 && rate.labelled < FEW_LABELS {
        return Cell::Text(format!("few: {}", rate.labelled));
    }
    Cell::Count(rate.labelled)
}

fn evidence(evidence: Option<Evidence>) -> Cell {
    let Some(evidence) = evidence else {
        return Cell::Missing;
    };
    let text = if evidence.unsupported > 0.0 {
        format!("{} unsupported", percent(evidence.unsupported))
    } else if evidence.sampled <= 0.0 {
        "observed".to_owned()
    } else if evidence.observed <= 0.0 {
        "sampled".to_owned()
    } else {
        format!("{} observed", percent(evidence.observed))
    };
    Cell::Text(text)
}

fn by_segment(sweep: &Sweep, segments: &Segments) -> Table {
    let mut columns = vec![
        Column::left(&segments.names.join(" x "), 0),
        Column::right("cases", 4),
    ];
    let mut outcome = outcome_columns(sweep.has_value);
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
        cells.extend(outcome_cells(&threshold, outcome, sweep.has_value));
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

/// Titles of the columns of full precision, one row a segment and threshold.
const DATA_TITLES: [&str; 37] = [
    "segment",
    "value",
    "threshold",
    "cases",
    "escalated",
    "auto_approved",
    "escalation_rate",
    "auto_error",
    "auto_error_low",
    "auto_error_high",
    "auto_error_bound_low",
    "auto_error_bound_high",
    "level",
    "method",
    "labelled",
    "errors_found",
    "labelled_only",
    "observed",
    "sampled",
    "unsupported",
    "effective_labels",
    "largest_weight_share",
    "escaped_errors",
    "escaped_errors_low",
    "escaped_errors_high",
    "caught_errors",
    "needless_escalations",
    "money_at_stake",
    "money_in_error",
    "caught_errors_low",
    "caught_errors_high",
    "needless_escalations_low",
    "needless_escalations_high",
    "money_in_error_low",
    "money_in_error_high",
    "missing_labels",
    "worst_case",
];

/// All rows in full precision.
pub(super) fn data(sweep: &Sweep) -> Table {
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
        columns: DATA_TITLES
            .iter()
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
        cells.extend(data_cells(outcome));
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

fn data_cells(outcome: &Outcome) -> Vec<Cell> {
    let number = |value: Option<f64>| value.map_or(Cell::Missing, Cell::Number);
    let error = &outcome.auto_error;
    let evidence = |part: fn(&Evidence) -> f64| number(error.evidence.as_ref().map(part));
    let money = outcome.value.as_ref();
    let method = error
        .method
        .and_then(|method| serde_json::to_value(method).ok());
    let method = method.and_then(|method| method.as_str().map(str::to_owned));
    vec![
        Cell::Count(outcome.cases),
        Cell::Count(outcome.escalated),
        Cell::Count(outcome.auto_approved),
        number(outcome.escalation_rate),
        number(error.estimate),
        number(error.low),
        number(error.high),
        number(error.bounds.map(|[low, _]| low)),
        number(error.bounds.map(|[_, high]| high)),
        Cell::Number(error.level),
        method.map_or(Cell::Missing, Cell::Text),
        Cell::Count(error.labelled),
        Cell::Count(error.errors_found),
        number(error.labelled_only),
        evidence(|evidence| evidence.observed),
        evidence(|evidence| evidence.sampled),
        evidence(|evidence| evidence.unsupported),
        number(error.effective_labels),
        number(error.largest_weight_share),
        number(outcome.escaped_errors.estimate),
        number(outcome.escaped_errors.low),
        number(outcome.escaped_errors.high),
        number(outcome.caught_errors.estimate),
        number(outcome.needless_escalations.estimate),
        number(money.map(|money| money.at_stake)),
        number(money.and_then(|money| money.in_error)),
        number(outcome.caught_errors.low),
        number(outcome.caught_errors.high),
        number(outcome.needless_escalations.low),
        number(outcome.needless_escalations.high),
        number(money.and_then(|money| money.low)),
        number(money.and_then(|money| money.high)),
        Cell::Count(error.missing_labels),
        number(error.worst_case),
    ]
}

/// The risk-coverage chart: one panel, or one a segment of the first grouping.
pub(super) fn chart(sweep: &Sweep) -> RiskCoverage {
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

fn panel(name: Option<String>, curve: &Curve) -> Panel {
    Panel {
        name,
        points: curve
            .points
            .iter()
            .map(|point| chart_point(Some(point.threshold.trimmed().text()), &point.outcome))
            .collect(),
        actual: curve
            .actual
            .as_ref()
            .map(|actual| chart_point(None, actual)),
    }
}

fn chart_point(threshold: Option<&str>, outcome: &Outcome) -> ChartPoint {
    let error = &outcome.auto_error;
    let error = match (error.estimate, error.interval(), error.bounds_interval) {
        (Some(estimate), Some(interval), _) => ErrorRate::Estimated {
            estimate,
            low: interval.low,
            high: interval.high,
        },
        (_, _, Some([low, high])) => ErrorRate::Bounded { low, high },
        _ => ErrorRate::Undefined,
    };
    ChartPoint {
        threshold: threshold.map(str::to_owned),
        escalation_rate: outcome.escalation_rate.unwrap_or(0.0),
        error,
    }
}
