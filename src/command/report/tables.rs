//! The tables of a report, each figure tied to its place in the JSON. Computes nothing.

use super::sections::judged;
use super::{Answer, Share, public};
use crate::command::replay::answer::Replay;
use crate::command::replay::tables as replay_tables;
use crate::command::sweep::{Group, Segments, tables as sweep_tables};
use crate::command::{labelling, outcome};
use crate::estimate::curve::Outcome;
use crate::report::{Cell, Column, Keyed, Row, Table, count};

/// Rows of a table that is not folded.
const MOST_ROWS: usize = 12;
/// Segments of every grouping but the first, which has the sliders.
const MOST_OTHERS: usize = 20;
/// The figures that stand beside the answer.
const GLANCE: [&str; 5] = [
    "escalated",
    "escalation_rate",
    "auto_error",
    "cost",
    "review_hours",
];
/// Policies that the answer sets side by side.
const MOST_POLICIES: usize = 5;

/// The tables for a terminal and for Markdown: the sweep's, then the replay's.
pub(super) fn people(answer: &Answer<'_>) -> Vec<Table> {
    let mut tables = thresholds(answer);
    tables.extend(segments(answer));
    match (answer.share, answer.compared()) {
        (Share::Public, _) => tables.extend(policies(answer)),
        (_, Some(replay)) => tables.extend(plain(replay_tables::people(replay))),
        (_, None) => tables.extend(queue(answer)),
    }
    tables.into_iter().map(|keyed| keyed.table).collect()
}

/// Tables as the readers of the page may know them.
fn told(answer: &Answer<'_>, tables: Vec<Keyed>) -> Vec<Keyed> {
    if public::is_whole(answer.share) {
        return tables;
    }
    let narrowed = tables.into_iter().map(public::narrowed);
    narrowed.filter(public::is_told).collect()
}

fn plain(tables: Vec<Table>) -> Vec<Keyed> {
    tables.into_iter().map(Keyed::plain).collect()
}

/// What happened and the first policies, by what decides between them.
pub(super) fn glance(answer: &Answer<'_>) -> Option<Keyed> {
    let replay = answer.compared()?;
    let mut keyed = standings(replay);
    let places = keyed.keys.iter().enumerate();
    let kept: Vec<bool> = places
        .map(|(place, key)| place == 0 || GLANCE.contains(key))
        .collect();
    keyed.keep(&kept);
    keyed.table.rows.truncate(MOST_POLICIES + 1);
    "at a glance".clone_into(&mut keyed.table.title);
    told(answer, vec![keyed]).pop()
}

pub(super) fn thresholds(answer: &Answer<'_>) -> Vec<Keyed> {
    let sweep = &answer.sweep;
    let mut table = sweep_tables::overall(sweep);
    let points = sweep.overall.points.len();
    table.title = format!("all {} thresholds", count(points as u64));
    let mut of: Vec<String> = Vec::new();
    let actual = sweep.overall.actual.as_ref();
    of.extend(actual.map(|_| "/sweep/actual".to_owned()));
    of.extend((0..points).map(|place| format!("/sweep/points/{place}")));
    let keyed = Keyed {
        keys: outcome::keys(sweep.shown()),
        of,
        sorts: false,
        folded: (table.rows.len() > MOST_ROWS)
            .then(|| format!("All {} thresholds as a table", count(points as u64))),
        table,
    };
    told(answer, vec![keyed])
}

/// One table for each grouping, one row for each segment.
pub(super) fn segments(answer: &Answer<'_>) -> Vec<Keyed> {
    let mut before = 0;
    let mut tables = Vec::new();
    for (place, segments) in answer.sweep.segments.iter().enumerate() {
        let most = match place {
            0 => answer.sweep.top,
            _ => answer.sweep.top.min(MOST_OTHERS),
        };
        tables.push(by_segment(answer, segments, (before, most)));
        before += segments.groups.len();
    }
    told(answer, tables)
}

/// `before` is how many segments of other groupings stand before these in the JSON.
fn by_segment(answer: &Answer<'_>, segments: &Segments, (before, most): (usize, usize)) -> Keyed {
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
    for group in segments.groups.iter().take(most) {
        let place = order.iter().position(|other| other.values == group.values);
        let (found, part) = judged(&group.curve);
        let Some(found) = found else { continue };
        rows.push(row(&group.name(), found, answer));
        of.push(place.map_or(String::new(), |place| {
            format!("/sweep/segments/{}/{part}", before + place)
        }));
    }
    if let Some((number, curve)) = &segments.other
        && most == sweep.top
        && let (Some(found), _) = judged(curve)
    {
        let name = format!("other ({})", count(*number as u64));
        rows.push(row(&name, found, answer));
        of.push(String::new());
    }
    Keyed {
        table: Table {
            title: segments_title(&by, segments.groups.len(), (most, sweep.top)),
            columns,
            rows,
        },
        keys,
        of,
        sorts: true,
        folded: None,
    }
}

/// `most` rows are shown where a reader asked for `top`.
fn segments_title(by: &str, groups: usize, (most, top): (usize, usize)) -> String {
    if most < top && groups > most {
        format!("by {by}: the {most} largest of {}", count(groups as u64))
    } else {
        format!("by {by}")
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

/// What happened, and then each policy.
fn standings(replay: &Replay) -> Keyed {
    let mut of: Vec<String> = Vec::new();
    of.extend(replay.actual.as_ref().map(|_| "/replay/actual".to_owned()));
    of.extend((0..replay.policies.len()).map(|place| format!("/replay/policies/{place}")));
    let mut table = replay_tables::overall(replay);
    "what happened, and each policy".clone_into(&mut table.title);
    let mut keys = outcome::keys(replay.shown);
    keys.resize(table.columns.len(), "review_hours");
    Keyed {
        keys,
        of,
        sorts: false,
        folded: None,
        table,
    }
}

pub(super) fn policies(answer: &Answer<'_>) -> Vec<Keyed> {
    let Some(replay) = answer.compared() else {
        return Vec::new();
    };
    let mut tables = vec![standings(replay)];
    if answer.share == Share::Public {
        return told(answer, tables);
    }
    let policies = replay.policies.iter().enumerate();
    let with_rules = policies.filter(|(_, answer)| answer.rules.len() > 1);
    tables.extend(with_rules.map(|(place, answer)| {
        let mut keys = outcome::keys(replay.shown);
        keys.splice(1..1, ["", "cases"]);
        let rules = 0..answer.rules.len();
        Keyed {
            keys,
            of: rules
                .map(|rule| format!("/replay/policies/{place}/rules/{rule}"))
                .collect(),
            ..Keyed::plain(replay_tables::by_rule(replay, answer))
        }
    }));
    tables.extend(replay_tables::patterns(replay).map(Keyed::plain));
    tables.extend(replay_tables::swaps(replay).map(|table| swaps(replay.policies.len(), table)));
    tables
}

/// Two rows for each policy.
fn swaps(policies: usize, table: Table) -> Keyed {
    let parts = ["newly_auto_approved", "newly_escalated"];
    let of = (0..policies)
        .flat_map(|place| parts.map(|part| format!("/replay/policies/{place}/swap/{part}")));
    Keyed {
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
        ..Keyed::plain(table)
    }
}

/// The cells of the design: what was labelled, and by what chance.
pub(super) fn cells(answer: &Answer<'_>) -> Keyed {
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
            Column::right("share labelled", 1),
            Column::right("errors found", 0),
        ],
        rows: rows.collect(),
    };
    Keyed {
        keys: vec!["", "cases", "labelled", "", "errors_found"],
        of: (0..cells.len())
            .map(|place| format!("/sweep/cells/{place}"))
            .collect(),
        ..Keyed::plain(table)
    }
}

/// The waits of what happened and of each policy.
pub(super) fn queue(answer: &Answer<'_>) -> Option<Keyed> {
    let replay = answer.replay.as_ref()?;
    let table = replay_tables::queue(replay)?;
    let mut of = Vec::new();
    let queued = replay.actual.iter();
    let queued = queued.filter(|standing| standing.waiting.is_some());
    of.extend(queued.map(|_| "/replay/actual/queue".to_owned()));
    let policies = replay.policies.iter().enumerate();
    let policies = policies.filter(|(_, answer)| answer.standing.waiting.is_some());
    of.extend(policies.map(|(place, _)| format!("/replay/policies/{place}/queue")));
    Some(Keyed {
        keys: vec![
            "",
            "cases",
            "wait_p50",
            "wait_p90",
            "wait_p99",
            "late_share",
            "utilisation",
            "largest_backlog",
            "smallest_team",
        ],
        of,
        ..Keyed::plain(table)
    })
}
