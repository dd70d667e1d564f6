//! The parts of the page in the order a reader needs them. Puts answers into tables; computes
//! nothing.

use super::assurance::{self, Report};
use super::figures::{self, Picture};
use super::notes;
use super::{Answer, Share};
use crate::chart::Chart;
use crate::command::replay::{tables as replay_tables, words as replay_words};
use crate::command::sweep::{Curve, Group, Segments};
use crate::command::sweep::{tables as sweep_tables, words as sweep_words};
use crate::command::{labelling, outcome};
use crate::error::Failure;
use crate::estimate::curve::Outcome;
use crate::report::{Align, Cell, Column, Keyed, Row, Section, Table, count};

/// Sentences of the answer.
const SENTENCES: usize = 3;
/// Counts below this are not told to anyone.
const FEWEST: u64 = 10;

/// The answer in three sentences: what happened, what the first policy or another threshold would
/// have changed, and what moves or stands out.
pub(super) fn answer(answer: &Answer<'_>) -> Vec<String> {
    let mut sentences = match &answer.replay {
        Some(replay) => replay_words::sentences(replay),
        None => sweep_words::sentences(&answer.sweep),
    };
    sentences.truncate(SENTENCES);
    sentences
}

pub(super) fn main_chart(answer: &Answer<'_>) -> Chart {
    figures::risk(answer)
}

/// The tables for a terminal and for Markdown: the sweep's, then the replay's.
pub(super) fn people(answer: &Answer<'_>) -> Vec<Table> {
    let mut tables: Vec<Keyed> = vec![thresholds(answer)];
    tables.extend(segments(answer));
    let mut tables: Vec<Table> = tables.into_iter().map(|keyed| keyed.table).collect();
    tables.extend(
        answer
            .replay
            .as_ref()
            .map(replay_tables::people)
            .unwrap_or_default(),
    );
    tables
}

/// All sections.
///
/// # Errors
/// When a table cannot be made.
pub(super) fn all(
    answer: &Answer<'_>,
    pictures: &[Picture],
    reports: &[Report],
) -> Result<Vec<Section>, Failure> {
    let mut sections = vec![Section {
        id: "risk",
        title: "Escalation rate and error rate".to_owned(),
        tables: vec![thresholds(answer)],
        ..Section::default()
    }];
    if answer.share != Share::Public {
        sections.push(what_if());
    }
    if !answer.sweep.segments.is_empty() {
        sections.push(Section {
            id: "segments",
            title: "Segments".to_owned(),
            text: vec![segments_text(answer)],
            tables: segments(answer),
            ..Section::default()
        });
    }
    sections.extend(policies(answer));
    sections.push(evidence(answer));
    sections.push(costs(answer));
    sections.extend(assurance::section(reports));
    sections.push(notes::method(answer));
    for section in &mut sections {
        section.figures = figures::of(section.id, pictures);
        if answer.share == Share::Public {
            section.tables.iter_mut().for_each(hide_small_counts);
        }
    }
    sections.retain(|section| !is_empty(section));
    Ok(sections)
}

fn is_empty(section: &Section) -> bool {
    section.text.is_empty()
        && section.figures.is_empty()
        && section.tables.is_empty()
        && section.notes.is_empty()
}

fn what_if() -> Section {
    Section {
        id: "what-if",
        title: "What if".to_owned(),
        text: vec![
            "Move a threshold and see what the log says would have happened: a case is \
             auto-approved if its score is at least the threshold. The numbers are computed here, \
             from sums, in the way the command line does."
                .to_owned(),
        ],
        ..Section::default()
    }
}

fn thresholds(answer: &Answer<'_>) -> Keyed {
    let sweep = &answer.sweep;
    let table = sweep_tables::overall(sweep);
    let mut of: Vec<String> = Vec::new();
    of.extend(
        sweep
            .overall
            .actual
            .as_ref()
            .map(|_| "/sweep/actual".to_owned()),
    );
    of.extend((0..sweep.overall.points.len()).map(|place| format!("/sweep/points/{place}")));
    Keyed {
        keys: outcome::keys(sweep.shown()),
        of,
        sorts: false,
        table,
    }
}

fn segments_text(answer: &Answer<'_>) -> String {
    let at = match (&answer.sweep.overall.actual, middle(&answer.sweep.overall)) {
        (Some(_), _) => "at the routes that the cases really took".to_owned(),
        (None, Some((_, threshold))) => format!("at the threshold {threshold}"),
        (None, None) => "at no threshold".to_owned(),
    };
    format!("Each row is a segment {at}. A heading sorts its column.")
}

/// The middle point of a curve, with its place.
fn middle(curve: &Curve) -> Option<(usize, String)> {
    let place = curve.points.len() / 2;
    let point = curve.points.get(place)?;
    Some((place, point.threshold.text().to_owned()))
}

/// One table for each grouping, one row for each segment.
fn segments(answer: &Answer<'_>) -> Vec<Keyed> {
    let mut before = 0;
    let mut tables = Vec::new();
    for segments in &answer.sweep.segments {
        tables.push(by_segment(answer, segments, before));
        before += segments.groups.len();
    }
    tables
}

/// `before` is how many segments of other groupings stand before these in the JSON.
fn by_segment(answer: &Answer<'_>, segments: &Segments, before: usize) -> Keyed {
    let sweep = &answer.sweep;
    let by = segments.names.join(" x ");
    let mut columns = outcome::columns(&by, sweep.shown());
    columns.insert(1, Column::right("cases", 0));
    let mut keys = outcome::keys(sweep.shown());
    keys.insert(1, "cases");
    // JSON has them in the order of their values.
    let mut order: Vec<&Group> = segments.groups.iter().collect();
    order.sort_by(|a, b| a.values.cmp(&b.values));
    let (mut rows, mut of) = (Vec::new(), Vec::new());
    for group in segments.groups.iter().take(sweep.top) {
        let place = order.iter().position(|other| other.values == group.values);
        let (found, part) = judged(&group.curve);
        let Some(found) = found else { continue };
        rows.push(row(&group.name(), found, answer));
        of.push(place.map_or(String::new(), |place| {
            format!("/sweep/segments/{}/{part}", before + place)
        }));
    }
    if let Some((number, curve)) = &segments.other
        && let (Some(found), _) = judged(curve)
    {
        rows.push(row(
            &format!("other ({})", count(*number as u64)),
            found,
            answer,
        ));
        of.push(String::new());
    }
    Keyed {
        table: Table {
            title: format!("by {by}"),
            columns,
            rows,
        },
        keys,
        of,
        sorts: true,
    }
}

fn row(name: &str, outcome: &Outcome, answer: &Answer<'_>) -> Row {
    let mut cells = outcome::cells(name, outcome, answer.sweep.shown());
    cells.insert(1, Cell::Count(outcome.cases));
    Row {
        cells,
        marked: false,
    }
}

/// What a segment is judged by, with its place in the JSON of the segment.
pub(super) fn judged(curve: &Curve) -> (Option<&Outcome>, String) {
    match (&curve.actual, middle(curve)) {
        (Some(actual), _) => (Some(actual), "actual".to_owned()),
        (None, Some((place, _))) => {
            let point = curve.points.get(place);
            (point.map(|point| &point.outcome), format!("points/{place}"))
        }
        (None, None) => (None, String::new()),
    }
}

/// That in words.
pub(super) fn judged_by(curve: &Curve) -> String {
    match (&curve.actual, middle(curve)) {
        (None, Some((_, threshold))) => format!("at threshold {threshold}"),
        (Some(_), _) | (None, None) => "as routed in fact".to_owned(),
    }
}

fn policies(answer: &Answer<'_>) -> Option<Section> {
    let replay = answer.replay.as_ref()?;
    let mut of: Vec<String> = Vec::new();
    of.extend(replay.actual.as_ref().map(|_| "/replay/actual".to_owned()));
    of.extend((0..replay.policies.len()).map(|place| format!("/replay/policies/{place}")));
    let overall = replay_tables::overall(replay);
    let mut keys = outcome::keys(replay.shown);
    keys.resize(overall.columns.len(), "review_hours");
    let mut tables = vec![Keyed {
        keys,
        of,
        sorts: false,
        table: overall,
    }];
    let with_rules = replay.policies.iter().enumerate();
    tables.extend(with_rules.filter(|(_, answer)| answer.rules.len() > 1).map(
        |(place, answer)| {
            let rules = 0..answer.rules.len();
            let mut keys = outcome::keys(replay.shown);
            keys.splice(1..1, ["", "cases"]);
            Keyed {
                table: replay_tables::by_rule(replay, answer),
                keys,
                of: rules
                    .map(|rule| format!("/replay/policies/{place}/rules/{rule}"))
                    .collect(),
                sorts: false,
            }
        },
    ));
    tables.extend(replay_tables::patterns(replay).map(Keyed::plain));
    tables.extend(replay_tables::swaps(replay).map(|table| swaps(replay.policies.len(), table)));
    Some(Section {
        id: "policies",
        title: "Policies side by side".to_owned(),
        text: replay_words::sentences(replay),
        tables,
        ..Section::default()
    })
}

/// Two rows for each policy.
fn swaps(policies: usize, table: Table) -> Keyed {
    let parts = ["newly_auto_approved", "newly_escalated"];
    let of = (0..policies)
        .flat_map(|place| parts.map(|part| format!("/replay/policies/{place}/swap/{part}")));
    Keyed {
        table,
        keys: vec![
            "",
            "",
            "cases",
            "error",
            "error.labelled",
            "",
            "value.at_stake",
        ],
        of: of.collect(),
        sorts: false,
    }
}

fn evidence(answer: &Answer<'_>) -> Section {
    let cells = answer.sweep.design.cells();
    let rows = cells.iter().map(|cell| {
        let (cases, labelled) = (cell.counts.cases(), cell.counts.labelled());
        Row {
            cells: vec![
                Cell::Text(labelling::basis(cell)),
                Cell::Count(cases),
                Cell::Count(labelled),
                Cell::Share(labelled as f64 / cases.max(1) as f64),
                Cell::Count(cell.counts.wrong),
            ],
            marked: false,
        }
    });
    let table = Table {
        title: "cells: cases that shared one chance of being labelled".to_owned(),
        columns: vec![
            Column::left("cell", 0),
            Column::right("cases", 0),
            Column::right("labelled", 0),
            Column::right("share labelled", 0),
            Column::right("errors found", 0),
        ],
        rows: rows.collect(),
    };
    Section {
        id: "evidence",
        title: "Evidence and label coverage".to_owned(),
        text: vec![
            "An error rate is only as good as the labels behind it. A case is observed where every \
             case of its kind is labelled, sampled where a random part is, and unsupported where \
             none is; for those only worst-case limits are told."
                .to_owned(),
        ],
        tables: vec![Keyed {
            keys: vec!["", "cases", "labelled", "", "errors_found"],
            of: (0..cells.len())
                .map(|place| format!("/sweep/cells/{place}"))
                .collect(),
            sorts: false,
            table,
        }],
        ..Section::default()
    }
}

fn costs(answer: &Answer<'_>) -> Section {
    let mut tables = Vec::new();
    if let Some(replay) = &answer.replay
        && let Some(table) = replay_tables::queue(replay)
    {
        let mut of = Vec::new();
        let queued = replay
            .actual
            .iter()
            .filter(|standing| standing.waiting.is_some());
        of.extend(queued.map(|_| "/replay/actual/queue".to_owned()));
        let policies = replay.policies.iter().enumerate();
        let policies = policies.filter(|(_, answer)| answer.standing.waiting.is_some());
        of.extend(policies.map(|(place, _)| format!("/replay/policies/{place}/queue")));
        tables.push(Keyed {
            keys: vec![
                "",
                "cases",
                "",
                "",
                "",
                "late_share",
                "utilisation",
                "largest_backlog",
                "smallest_team",
            ],
            of,
            sorts: false,
            table,
        });
    }
    Section {
        id: "costs",
        title: "Costs and queue".to_owned(),
        text: notes::costs(answer),
        tables,
        ..Section::default()
    }
}

/// Counts that could point to single cases are not told.
fn hide_small_counts(keyed: &mut Keyed) {
    keyed.keys.clear();
    keyed.of.clear();
    let columns = &keyed.table.columns;
    for row in &mut keyed.table.rows {
        for (cell, column) in row.cells.iter_mut().zip(columns) {
            if is_small(cell, column) {
                *cell = Cell::Text(format!("under {FEWEST}"));
            }
        }
    }
}

/// Whether a cell tells a count under the fewest, alone or as the beginning of a text. Names stand
/// on the left, and may be numbers.
fn is_small(cell: &Cell, column: &Column) -> bool {
    match cell {
        Cell::Count(number) => (1..FEWEST).contains(number),
        Cell::Text(text) if column.align == Align::Right => {
            let text = text.strip_prefix("few: ").unwrap_or(text);
            let number = text
                .split(' ')
                .next()
                .and_then(|word| word.parse::<u64>().ok());
            number.is_some_and(|number| (1..FEWEST).contains(&number))
        }
        Cell::Text(_)
        | Cell::Share(_)
        | Cell::Estimate { .. }
        | Cell::Bounds { .. }
        | Cell::Money(_)
        | Cell::Amount { .. }
        | Cell::AmountBounds { .. }
        | Cell::Number(_)
        | Cell::Missing => false,
    }
}
