//! A check as tables.

use super::CheckDocument;
use crate::config::Role;
use crate::log::Plan;
use crate::report::{Cell, Column, Row, Table};

/// The share of a bar chart that a full bar stands for, in characters.
const BAR_WIDTH: f64 = 20.0;

fn row(cells: Vec<Cell>) -> Row {
    Row {
        cells,
        marked: false,
    }
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

/// A part of a whole; missing where there is no whole.
fn part(part: u64, whole: u64) -> Cell {
    if whole == 0 {
        return Cell::Missing;
    }
    Cell::Share(part as f64 / whole as f64)
}

pub(super) fn people(check: &CheckDocument<'_>, plan: &Plan) -> Vec<Table> {
    let mut tables = Vec::new();
    if plan.has(Role::Score) {
        tables.extend(scores(check));
        tables.push(bands(check));
    }
    if plan.has(Role::Error) && plan.has(Role::Score) {
        tables.push(cells(check));
    }
    tables.push(roles(check));
    tables.push(commands(check));
    tables
}

fn scores(check: &CheckDocument<'_>) -> Option<Table> {
    let scores = check.scores.as_ref()?;
    let number = |value: &Option<f64>| value.map_or(Cell::Missing, Cell::Number);
    let mut cells: Vec<Cell> = scores.quantiles.iter().map(number).collect();
    cells.push(match scores.distinct {
        Some(distinct) => Cell::Count(distinct),
        None => text("over 1,000,000"),
    });
    let tie = scores.largest_tie.as_ref();
    cells.push(tie.map_or(Cell::Missing, |tie| Cell::Count(tie.cases)));
    let titles = [
        "min",
        "5 %",
        "25 %",
        "median",
        "75 %",
        "95 %",
        "max",
        "distinct",
        "largest tie",
    ];
    Some(Table {
        title: "scores".to_owned(),
        columns: titles.iter().map(|title| Column::right(title, 0)).collect(),
        rows: vec![row(cells)],
    })
}

fn bands(check: &CheckDocument<'_>) -> Table {
    let most = check
        .bands
        .iter()
        .map(|band| band.cases)
        .max()
        .unwrap_or(1)
        .max(1);
    let rows = check.bands.iter().map(|band| {
        let bar = (BAR_WIDTH * band.cases as f64 / most as f64).ceil() as usize;
        row(vec![
            Cell::Text(format!("{:.1} to {:.1}", band.score_from, band.score_to)),
            text(band.route),
            Cell::Count(band.cases),
            Cell::Text("█".repeat(bar)),
            Cell::Count(band.labelled),
            part(band.labelled, band.cases),
            Cell::Count(band.errors_found),
        ])
    });
    Table {
        title: "label coverage by score band and route".to_owned(),
        columns: vec![
            Column::left("score", 0),
            Column::left("route", 0),
            Column::right("cases", 0),
            Column::left("", 1),
            Column::right("labelled", 0),
            Column::right("coverage", 0),
            Column::right("errors found", 0),
        ],
        rows: rows.collect(),
    }
}

fn cells(check: &CheckDocument<'_>) -> Table {
    let rows = check.cells.iter().map(|cell| {
        row(vec![
            text(&cell.basis),
            cell.label_probability.map_or(Cell::Missing, Cell::Number),
            Cell::Text(cell.routes.join(", ")),
            Cell::Count(cell.cases),
            Cell::Count(cell.labelled),
            part(cell.labelled, cell.cases),
        ])
    });
    Table {
        title: "cells of equal label probability".to_owned(),
        columns: vec![
            Column::left("basis", 0),
            Column::right("probability", 0),
            Column::left("routes", 1),
            Column::right("cases", 0),
            Column::right("labelled", 0),
            Column::right("in fact", 0),
        ],
        rows: rows.collect(),
    }
}

fn roles(check: &CheckDocument<'_>) -> Table {
    let rows = check.roles.iter().map(|role| {
        let source = role.source.as_deref().map_or(Cell::Missing, text);
        row(vec![text(role.role), source, text(role.meaning)])
    });
    Table {
        title: "roles".to_owned(),
        columns: vec![
            Column::left("role", 0),
            Column::left("mapped to", 0),
            Column::left("meaning", 1),
        ],
        rows: rows.collect(),
    }
}

fn commands(check: &CheckDocument<'_>) -> Table {
    let rows = check.commands.iter().map(|command| {
        let state = if command.lacks.is_empty() {
            "can answer".to_owned()
        } else {
            format!("lacks {}", command.lacks.join(", "))
        };
        row(vec![
            text(command.command),
            Cell::Text(state),
            Cell::Text(command.would_gain_from.join(", ")),
        ])
    });
    Table {
        title: "commands".to_owned(),
        columns: vec![
            Column::left("command", 0),
            Column::left("state", 0),
            Column::left("would gain from", 0),
        ],
        rows: rows.collect(),
    }
}

/// The coverage bands in full precision.
pub(super) fn data(check: &CheckDocument<'_>) -> Table {
    let titles = [
        "score_from",
        "score_to",
        "route",
        "cases",
        "labelled",
        "errors_found",
    ];
    let rows = check.bands.iter().map(|band| {
        row(vec![
            Cell::Number(band.score_from),
            Cell::Number(band.score_to),
            text(band.route),
            Cell::Count(band.cases),
            Cell::Count(band.labelled),
            Cell::Count(band.errors_found),
        ])
    });
    Table {
        title: String::new(),
        columns: titles.iter().map(|title| Column::left(title, 0)).collect(),
        rows: rows.collect(),
    }
}
