//! A plan as tables.

use super::{Answer, Sample};
use crate::audit::plan::{Design, GridCell, Plan, Quality};
use crate::report::{Cell, Column, Row, Table, count};

fn row(cells: Vec<Cell>, marked: bool) -> Row {
    Row { cells, marked }
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

pub(super) fn people(answer: &Answer) -> Vec<Table> {
    let mut tables = Vec::new();
    if let Sample::Claim { plan, grid, money } = &answer.sample {
        // Errors in value may be partial, and errors in strata weigh differently: what whole errors
        // in a simple sample would show is beside the point there.
        if money.is_none() && answer.divided.is_none() {
            tables.extend(achieved(plan));
            tables.extend(stops(plan));
            tables.push(curve(plan));
        }
        tables.extend(plan.quality.map(quality));
        if !grid.is_empty() {
            tables.push(sizes(plan, grid));
        }
    }
    tables.extend(strata(answer));
    tables
}

fn achieved(plan: &Plan) -> Option<Table> {
    let allowed = plan.design.allowed();
    let rows = plan.achieved.iter().map(|achieved| {
        let cells = vec![
            Cell::Count(achieved.errors),
            Cell::Share(achieved.upper),
            text(if achieved.shows { "shown" } else { "not shown" }),
        ];
        row(cells, achieved.errors == allowed)
    });
    (!plan.achieved.is_empty()).then(|| Table {
        title: "what the sample would show".to_owned(),
        columns: vec![
            Column::right("errors found", 0),
            Column::right("upper bound", 0),
            Column::left("claim", 0),
        ],
        rows: rows.collect(),
    })
}

fn stops(plan: &Plan) -> Option<Table> {
    let Design::Sequential(stops) = &plan.design else {
        return None;
    };
    let rows = (0..).zip(&stops.cases);
    let rows =
        rows.map(|(errors, cases)| row(vec![Cell::Count(errors), Cell::Count(*cases)], false));
    Some(Table {
        title: "stops".to_owned(),
        columns: vec![
            Column::right("errors found by then", 0),
            Column::right("cases", 0),
        ],
        rows: rows.collect(),
    })
}

fn curve(plan: &Plan) -> Table {
    let tolerable = plan.question.claim.tolerable();
    let rows = plan.curve.iter().map(|point| {
        let cells = vec![
            Cell::Text(point.rate.to_string()),
            point.passes.map_or(Cell::Missing, Cell::Share),
            Cell::Share(point.finds),
        ];
        row(cells, point.rate == tolerable)
    });
    let passes = match plan.design {
        Design::Single(_) | Design::TwoStage(_) => "claim is made",
        Design::Sequential(_) => "shown by the last stop",
    };
    Table {
        title: "operating curve".to_owned(),
        columns: vec![
            Column::right("true error rate", 0),
            Column::right(passes, 0),
            Column::right("an error is found", 0),
        ],
        rows: rows.collect(),
    }
}

fn quality(quality: Quality) -> Table {
    Table {
        title: "worst cases of the plan, for independent cases".to_owned(),
        columns: vec![Column::left("figure", 0), Column::right("error rate", 0)],
        rows: vec![
            row(
                vec![
                    text("passes one time in ten (limiting quality)"),
                    Cell::Share(quality.limiting),
                ],
                false,
            ),
            row(
                vec![
                    text("left on the average at worst (outgoing limit)"),
                    Cell::Share(quality.outgoing),
                ],
                false,
            ),
        ],
    }
}

fn sizes(plan: &Plan, grid: &[GridCell]) -> Table {
    let own = plan.question.claim;
    let mut columns = vec![Column::right("tolerable", 0)];
    let mut rows: Vec<Row> = Vec::new();
    let mut previous = None;
    for cell in grid {
        let claim = cell.claim;
        if previous != Some(claim.tolerable()) {
            let first = Cell::Text(claim.tolerable().to_string());
            rows.push(row(vec![first], claim.tolerable() == own.tolerable()));
            previous = Some(claim.tolerable());
        }
        if rows.len() == 1 {
            columns.push(Column::right(
                &format!("{} confidence", claim.confidence()),
                0,
            ));
        }
        let size = cell.size.map_or(Cell::Missing, |size| match size.allowed {
            0 => Cell::Text(count(size.cases)),
            allowed => Cell::Text(format!("{} ({})", count(size.cases), count(allowed))),
        });
        if let Some(row) = rows.last_mut() {
            row.cells.push(size);
        }
    }
    Table {
        title: "cases by tolerable rate and confidence (errors allowed)".to_owned(),
        columns,
        rows,
    }
}

fn strata(answer: &Answer) -> Option<Table> {
    let (allocation, strata, divided) = answer.divided.as_ref()?;
    let rows = strata.iter().zip(&divided.sizes).map(|(stratum, size)| {
        let share = (stratum.population > 0).then(|| *size as f64 / stratum.population as f64);
        let last = stratum
            .last
            .filter(|last| last.cases > 0)
            .map_or(Cell::Missing, |last| {
                Cell::Text(format!("{} of {}", count(last.errors), count(last.cases)))
            });
        let cells = vec![
            Cell::Text(stratum.name.clone()),
            Cell::Count(stratum.population),
            last,
            Cell::Count(*size),
            share.map_or(Cell::Missing, Cell::Share),
        ];
        row(cells, false)
    });
    Some(Table {
        title: format!("strata, {} allocation", allocation.key()),
        columns: vec![
            Column::left("stratum", 0),
            Column::right("cases", 0),
            Column::right("known wrong", 1),
            Column::right("to look at", 0),
            Column::right("share", 0),
        ],
        rows: rows.collect(),
    })
}

/// One row a stratum, or one for all.
pub(super) fn data(answer: &Answer) -> Table {
    let titles = [
        "stratum",
        "population",
        "sample_size",
        "allowed_errors",
        "tolerable",
        "confidence",
        "family",
    ];
    let (allowed, tolerable, family) = match &answer.sample {
        Sample::Claim { plan, .. } => (
            Cell::Count(plan.design.allowed()),
            Cell::Number(plan.question.claim.tolerable().value()),
            text(plan.question.model.key()),
        ),
        Sample::Margin { .. } => (Cell::Missing, Cell::Missing, Cell::Missing),
    };
    let line = |name: Cell, population: Option<u64>, size: u64| {
        let cells = vec![
            name,
            population.map_or(Cell::Missing, Cell::Count),
            Cell::Count(size),
            allowed.clone(),
            tolerable.clone(),
            Cell::Number(answer.confidence.value()),
            family.clone(),
        ];
        row(cells, false)
    };
    let rows = match &answer.divided {
        Some((_, strata, divided)) => strata
            .iter()
            .zip(&divided.sizes)
            .map(|(stratum, size)| {
                line(
                    Cell::Text(stratum.name.clone()),
                    Some(stratum.population),
                    *size,
                )
            })
            .collect(),
        None => vec![line(Cell::Missing, answer.population.cases, answer.cases())],
    };
    Table {
        title: String::new(),
        columns: titles.iter().map(|title| Column::left(title, 0)).collect(),
        rows,
    }
}
