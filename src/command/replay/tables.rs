//! A replay as tables and as rows of full precision.

use super::ACTUAL;
use super::answer::{Answer, Replay, SegmentAnswer, Standing};
use super::swap::{Part, Swap};
use super::waiting::Waiting;
use crate::chart::Policies;
use crate::command::outcome::{self, group_name};
use crate::estimate::curve::Outcome;
use crate::report::{Cell, Column, Row, Table, count, level, percent, wait};

/// The tables for people.
pub(in crate::command) fn people(replay: &Replay) -> Vec<Table> {
    let mut tables = vec![overall(replay)];
    // Where only the pattern of one rule differs, the patterns are what is asked for.
    let is_told = |answer: &&Answer| answer.rules.len() > 1 && !replay.compares_patterns;
    let with_rules = replay.policies.iter().filter(is_told);
    tables.extend(with_rules.map(|answer| by_rule(replay, answer)));
    tables.extend(patterns(replay));
    tables.extend(swaps(replay));
    tables.extend(queue(replay));
    for place in 0..replay.groupings.len() {
        tables.push(by_segment(replay, place));
    }
    tables
}

/// The policies as points of a risk-coverage chart.
pub(in crate::command) fn chart(replay: &Replay) -> Policies {
    let points = replay.policies.iter().map(|answer| {
        let name = Some(answer.policy.name.as_str());
        outcome::chart_point(name, &answer.standing.outcome)
    });
    let actual = replay.actual.as_ref();
    Policies {
        title: "Policies: escalation rate against auto-approved error rate".to_owned(),
        subtitle: format!(
            "{} cases, {} labelled, {} intervals",
            count(replay.cases),
            count(replay.labelled),
            level(replay.level.get())
        ),
        points: points.collect(),
        actual: actual.map(|standing| outcome::chart_point(None, &standing.outcome)),
    }
}

pub(in crate::command) fn overall(replay: &Replay) -> Table {
    let mut columns = outcome::columns("policy", replay.shown);
    let has_hours = standings(replay).any(|(_, standing)| standing.review_hours.is_some());
    if has_hours {
        columns.push(Column::right("review hours", 3));
    }
    let rows = standings(replay).map(|(name, standing)| {
        let mut cells = outcome::cells(name, &standing.outcome, replay.shown);
        if has_hours {
            let hours = standing.review_hours;
            cells.push(hours.map_or(Cell::Missing, Cell::Money));
        }
        Row {
            cells,
            marked: name == ACTUAL,
        }
    });
    Table {
        title: String::new(),
        rows: rows.collect(),
        columns,
    }
}

/// What really happened, and then each policy.
fn standings(replay: &Replay) -> impl Iterator<Item = (&str, &Standing)> {
    let actual = replay.actual.iter().map(|standing| (ACTUAL, standing));
    let policies = replay.policies.iter();
    actual.chain(policies.map(|answer| (answer.policy.name.as_str(), &answer.standing)))
}

pub(in crate::command) fn by_rule(replay: &Replay, answer: &Answer) -> Table {
    let mut columns = outcome::columns("rule", replay.shown);
    columns.insert(1, Column::left("does", 2));
    columns.insert(2, Column::right("cases", 0));
    let rows = answer.rules.iter().map(|rule| {
        let mut cells = outcome::cells(&rule.name, &rule.outcome, replay.shown);
        let pattern = match rule.treatment.pattern {
            crate::policy::Pattern::ExceptionOnly => String::new(),
            pattern => format!(", {}", pattern.key()),
        };
        let does = format!("{}{pattern}", rule.treatment.routing.text());
        cells.insert(1, Cell::Text(does));
        cells.insert(2, Cell::Count(rule.outcome.cases));
        plain(cells)
    });
    Table {
        title: format!("by rule: {}", answer.policy.name),
        rows: rows.collect(),
        columns,
    }
}

fn plain(cells: Vec<Cell>) -> Row {
    Row {
        cells,
        marked: false,
    }
}

/// The patterns of policies that use another one than exception-only.
pub(in crate::command) fn patterns(replay: &Replay) -> Option<Table> {
    let is_told = |answer: &&Answer| {
        answer
            .patterns
            .iter()
            .any(|p| p.pattern != "exception-only")
    };
    let limits = |limits: Option<[f64; 3]>| match limits {
        Some([amount, low, high]) => Cell::Amount { amount, low, high },
        None => Cell::Missing,
    };
    let rows = replay.policies.iter().filter(is_told).flat_map(|answer| {
        answer.patterns.iter().map(|pattern| {
            let after = pattern.afterwards.as_ref();
            let in_window = after.and_then(|after| after.in_window);
            plain(vec![
                Cell::Text(answer.policy.name.clone()),
                Cell::Text(pattern.pattern.to_owned()),
                Cell::Count(pattern.outcome.cases),
                Cell::Count(pattern.outcome.escalated),
                outcome::rate(&pattern.outcome.auto_error),
                after.map_or(Cell::Missing, |after| {
                    Cell::Count(after.reviewed.round() as u64)
                }),
                in_window.map_or(Cell::Missing, Cell::Share),
                after.map_or(Cell::Missing, |after| limits(after.corrected)),
                after.map_or(Cell::Missing, |after| limits(after.harmful)),
            ])
        })
    });
    let rows: Vec<Row> = rows.collect();
    (!rows.is_empty()).then(|| Table {
        title: "by intervention pattern".to_owned(),
        columns: vec![
            Column::left("policy", 0),
            Column::left("pattern", 0),
            Column::right("cases", 2),
            Column::right("escalated", 3),
            Column::right("auto-approved error rate", 6),
            Column::right("reviewed after", 4),
            Column::right("in window", 5),
            Column::right("errors corrected", 1),
            Column::right("errors doing harm", 0),
        ],
        rows,
    })
}

pub(in crate::command) fn swaps(replay: &Replay) -> Option<Table> {
    let rows = replay.policies.iter().filter_map(|answer| {
        let swap = answer.swap.as_ref()?;
        let is_reference = replay.against.as_ref() == Some(&answer.policy.name);
        (!is_reference).then(|| swap_rows(&answer.policy.name, swap, replay.shown.value))
    });
    let rows: Vec<Row> = rows.flatten().collect();
    let mut columns = vec![Column::left("policy", 0)];
    columns.extend(part_columns(replay.shown.value));
    let against = replay.against.as_ref();
    (!rows.is_empty()).then(|| Table {
        title: against.map_or_else(
            || "cases that change their route".to_owned(),
            |name| format!("cases that change their route, against {name}"),
        ),
        columns,
        rows,
    })
}

fn swap_rows(name: &str, swap: &Swap, has_value: bool) -> Vec<Row> {
    let row = |direction: &str, part: &Part| {
        let mut cells = vec![
            Cell::Text(name.to_owned()),
            Cell::Text(direction.to_owned()),
        ];
        cells.extend(part_cells(part, has_value));
        plain(cells)
    };
    vec![
        row("newly auto-approved", &swap.newly_auto),
        row("newly escalated", &swap.newly_escalated),
    ]
}

fn part_columns(has_value: bool) -> Vec<Column> {
    let mut columns = vec![
        Column::left("change", 0),
        Column::right("cases", 0),
        Column::right("wrong among them", 0),
        Column::right("labels", 1),
        Column::left("evidence", 2),
    ];
    if has_value {
        columns.push(Column::right("money at stake", 3));
    }
    columns
}

fn part_cells(part: &Part, has_value: bool) -> Vec<Cell> {
    let error = &part.error;
    let wrong = if part.is_observed() {
        // Every label is there: the errors are counted, and need no interval.
        let share = percent(error.errors_found as f64 / error.cases as f64);
        Cell::Text(format!("{} ({share})", count(error.errors_found)))
    } else {
        outcome::rate(error)
    };
    let mut cells = vec![
        Cell::Count(part.cases),
        wrong,
        Cell::Count(error.labelled),
        outcome::evidence(error.evidence),
    ];
    if has_value {
        let stake = part.value.as_ref().map(|value| value.at_stake);
        cells.push(stake.map_or(Cell::Missing, Cell::Money));
    }
    cells
}

pub(in crate::command) fn queue(replay: &Replay) -> Option<Table> {
    let rows: Vec<Row> = standings(replay)
        .filter_map(|(name, standing)| {
            let waiting = standing.waiting.as_ref()?;
            Some(queue_row(name, waiting))
        })
        .collect();
    let reviewers = replay.reviewers?;
    let deadline = replay
        .deadline
        .map(|deadline| format!(", deadline {deadline}"));
    (!rows.is_empty()).then(|| Table {
        title: format!(
            "the queue of {} reviewers{}",
            count(u64::from(reviewers)),
            deadline.unwrap_or_default()
        ),
        columns: vec![
            Column::left("policy", 0),
            Column::right("cases", 2),
            Column::right("waiting p50", 1),
            Column::right("p90", 0),
            Column::right("p99", 1),
            Column::right("past the deadline", 0),
            Column::right("utilisation", 1),
            Column::right("largest backlog", 3),
            Column::right("smallest team", 0),
        ],
        rows,
    })
}

fn queue_row(name: &str, waiting: &Waiting) -> Row {
    let summary = &waiting.summary;
    let time = |seconds: f64| Cell::Text(wait(seconds));
    let share = |share: Option<f64>| share.map_or(Cell::Missing, Cell::Share);
    let team = waiting.smallest_team;
    Row {
        cells: vec![
            Cell::Text(name.to_owned()),
            Cell::Count(summary.cases),
            time(summary.waits.p50),
            time(summary.waits.p90),
            time(summary.waits.p99),
            share(summary.late_share()),
            share(summary.utilisation),
            Cell::Count(summary.largest_backlog),
            team.map_or(Cell::Missing, |team| Cell::Count(u64::from(team.get()))),
        ],
        marked: name == ACTUAL,
    }
}

fn by_segment(replay: &Replay, place: usize) -> Table {
    let names = replay
        .groupings
        .get(place)
        .map_or(String::new(), |names| names.join(" x "));
    let mut columns = outcome::columns("policy", replay.shown);
    columns.insert(0, Column::left(&names, 0));
    columns.insert(2, Column::right("cases", 4));
    let first = replay
        .policies
        .first()
        .and_then(|answer| answer.segments.get(place));
    let all = first.map_or(0, Vec::len);
    let mut rows = Vec::new();
    for segment in first.into_iter().flatten().take(replay.top) {
        let name = group_name(&segment.values);
        let actual = segment.actual.as_ref().map(|outcome| (ACTUAL, outcome));
        let same = |answer: &&SegmentAnswer| answer.values == segment.values;
        let policies = replay.policies.iter().filter_map(|answer| {
            let found = answer.segments.get(place)?.iter().find(same)?;
            Some((answer.policy.name.as_str(), &found.outcome))
        });
        for (policy, found) in actual.into_iter().chain(policies) {
            let mut cells = outcome::cells(policy, found, replay.shown);
            cells.insert(0, Cell::Text(name.clone()));
            cells.insert(2, Cell::Count(found.cases));
            rows.push(Row {
                cells,
                marked: policy == ACTUAL,
            });
        }
    }
    let more = all.saturating_sub(replay.top);
    let title = if more > 0 {
        format!("by {names} ({more} smaller ones are in JSON and CSV)")
    } else {
        format!("by {names}")
    };
    Table {
        title,
        columns,
        rows,
    }
}

/// Titles that tell what a row of full precision is about.
const DATA_KEYS: [&str; 4] = ["policy", "rule", "segment", "value"];
/// Titles of the cases that change their route.
const SWAP_TITLES: [&str; 6] = [
    "newly_auto_approved",
    "newly_auto_approved_labelled",
    "newly_auto_approved_errors_found",
    "newly_escalated",
    "newly_escalated_labelled",
    "newly_escalated_errors_found",
];

/// All rows in full precision: whole policies, their rules, their segments.
pub(in crate::command) fn data(replay: &Replay) -> Table {
    let mut rows = Vec::new();
    let mut add = |keys: [Option<String>; 4], outcome: &Outcome, swap: Option<&Swap>| {
        let key = |key: Option<String>| key.map_or(Cell::Missing, Cell::Text);
        let mut cells: Vec<Cell> = keys.into_iter().map(key).collect();
        cells.extend(outcome::data_cells(outcome));
        let parts = |swap: &Swap| {
            [&swap.newly_auto, &swap.newly_escalated].map(|part| {
                [part.cases, part.error.labelled, part.error.errors_found].map(Cell::Count)
            })
        };
        let parts = swap.map(parts).map(|parts| parts.concat());
        cells.extend(parts.unwrap_or_else(|| vec![Cell::Missing; SWAP_TITLES.len()]));
        rows.push(plain(cells));
    };
    if let Some(actual) = &replay.actual {
        let name = Some(ACTUAL.to_owned());
        add([name, None, None, None], &actual.outcome, None);
    }
    for answer in &replay.policies {
        let name = Some(answer.policy.name.clone());
        let whole = &answer.standing.outcome;
        add(
            [name.clone(), None, None, None],
            whole,
            answer.swap.as_ref(),
        );
        for rule in &answer.rules {
            let keys = [name.clone(), Some(rule.name.clone()), None, None];
            add(keys, &rule.outcome, rule.swap.as_ref());
        }
        for (segments, names) in answer.segments.iter().zip(&replay.groupings) {
            let mut segments: Vec<&SegmentAnswer> = segments.iter().collect();
            segments.sort_by(|a, b| a.values.cmp(&b.values));
            for segment in segments {
                let value = group_name(&segment.values);
                let keys = [name.clone(), None, Some(names.join(",")), Some(value)];
                add(keys, &segment.outcome, segment.swap.as_ref());
            }
        }
    }
    let titles = DATA_KEYS
        .iter()
        .chain(&outcome::DATA_TITLES)
        .chain(&SWAP_TITLES);
    Table {
        title: String::new(),
        columns: titles.map(|title| Column::left(title, 0)).collect(),
        rows,
    }
}
