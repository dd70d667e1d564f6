//! A gate in words: tables, sentences, and the verdicts for CI services.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::answer::{Judged, OnInconclusive, Part, State};
use super::baseline::hex;
use crate::command::outcome::group_name;
use crate::config::{Demand, Gate, Margin, Metric, Severity};
use crate::estimate::compare::Limits;
use crate::report::checks::{Check, Outcome, Part as ReportPart, Weight};
use crate::report::{Cell, Column, Row, Table, count, money, percent, plain_text};

/// Longest name of a part, in characters.
const MOST_CHARACTERS: usize = 60;

/// The values of a part as one text; empty for all cases.
pub(super) fn part_name(part: &Part) -> String {
    group_name(&part.values)
}

/// The name of a part for people. Of a long one only the beginning, with a mark by which it differs
/// from others that begin alike.
fn shown_name(part: &Part) -> String {
    let name = part_name(part);
    if part.values.is_empty() {
        return "all cases".to_owned();
    }
    match name.char_indices().nth(MOST_CHARACTERS) {
        Some((end, _)) => format!("{}… {}", name.get(..end).unwrap_or_default(), mark(part)),
        None => name,
    }
}

/// Tells the values of a part from all others: the first digits of their hash.
fn mark(part: &Part) -> String {
    let mut hash = Sha256::new();
    for value in &part.values {
        let text = value.as_deref().unwrap_or_default();
        let kind = [u8::from(value.is_some())];
        hash.update(kind);
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    }
    let digest = hash.finalize();
    hex(digest.get(..4).unwrap_or_default())
}

/// The names of parts for services that tell them apart by nothing else: each differs, also where
/// values look alike, as a missing one and the text "(missing)" do.
fn distinct_names(parts: &[Part]) -> Vec<String> {
    let names: Vec<String> = parts.iter().map(shown_name).collect();
    let plain: Vec<String> = names.iter().map(|name| plain_text(name)).collect();
    let mut times: BTreeMap<&str, usize> = BTreeMap::new();
    for name in &plain {
        *times.entry(name).or_default() += 1;
    }
    let distinct = names.iter().zip(&plain).zip(parts);
    distinct
        .map(|((name, plain), part)| {
            if times.get(plain.as_str()).is_some_and(|times| *times > 1) {
                format!("{name} {}", mark(part))
            } else {
                name.clone()
            }
        })
        .collect()
}

/// What a check demands, such as `at most 2 %`.
pub(super) fn demand(gate: &Gate) -> String {
    let value = |value: f64| number(gate.metric, value);
    match gate.demand {
        Demand::AtMost(most) => format!("at most {}", value(most)),
        Demand::AtLeast(least) => format!("at least {}", value(least)),
        Demand::NotWorseBy(Margin::Absolute(margin)) if gate.metric.is_share() => {
            format!("not worse by {} pp", points(margin))
        }
        Demand::NotWorseBy(Margin::Absolute(margin)) => format!("not worse by {}", money(margin)),
        Demand::NotWorseBy(Margin::Relative(part)) => {
            format!("not worse by {} of the baseline", percent(part))
        }
    }
}

fn number(metric: Metric, value: f64) -> String {
    if metric.is_share() {
        percent(value)
    } else {
        money(value)
    }
}

/// A difference of shares in percentage points.
fn points(share: f64) -> String {
    let text = percent(share);
    text.trim_end_matches(" %").to_owned()
}

fn difference(metric: Metric, limits: Limits) -> String {
    let Limits {
        estimate,
        low,
        high,
    } = limits;
    if metric.is_share() {
        let (estimate, low, high) = (points(estimate), points(low), points(high));
        format!("{estimate} pp ({low} to {high})")
    } else {
        let (estimate, low, high) = (money(estimate), money(low), money(high));
        format!("{estimate} ({low} to {high})")
    }
}

fn estimate(metric: Metric, limits: Option<Limits>) -> Cell {
    match limits {
        None => Cell::Missing,
        Some(Limits {
            estimate,
            low,
            high,
        }) if metric.is_share() => Cell::Estimate {
            share: estimate,
            low,
            high,
        },
        Some(Limits {
            estimate,
            low,
            high,
        }) => Cell::Amount {
            amount: estimate,
            low,
            high,
        },
    }
}

/// The word for a state.
fn word(state: State) -> &'static str {
    match state {
        State::Pass => "pass",
        State::NotJudged => "not judged",
        State::Inconclusive => "inconclusive",
        State::Fail => "FAIL",
    }
}

/// The table of all parts, the worst first, at most so many of them.
pub(super) fn table(checks: &[Judged], most: usize) -> Table {
    let mut parts: Vec<(&Judged, &Part)> = checks
        .iter()
        .flat_map(|check| check.parts.iter().map(move |part| (check, part)))
        .collect();
    let all = parts.len();
    if all > most {
        parts.sort_by_key(|(_, part)| std::cmp::Reverse(part.state));
        parts.truncate(most);
    }
    let title = if all > most {
        format!("the worst {} of {}", count(most as u64), count(all as u64))
    } else {
        String::new()
    };
    Table {
        title,
        columns: vec![
            Column::left("check", 0),
            Column::left("cases", 0),
            Column::left("verdict", 0),
            Column::left("demanded", 1),
            Column::right("now", 0),
            Column::right("baseline", 3),
            Column::right("difference", 2),
            Column::right("labels", 2),
            Column::right("more labels", 4),
        ],
        rows: parts
            .into_iter()
            .map(|(check, part)| row(check, part))
            .collect(),
    }
}

fn row(Judged { gate, .. }: &Judged, part: &Part) -> Row {
    let difference = part
        .difference
        .map(|limits| difference(gate.metric, limits));
    let name: String = gate.name.chars().take(MOST_CHARACTERS).collect();
    Row {
        cells: vec![
            Cell::Text(name),
            Cell::Text(shown_name(part)),
            Cell::Text(word(part.state).to_owned()),
            Cell::Text(demand(gate)),
            estimate(gate.metric, part.now),
            estimate(gate.metric, part.before),
            difference.map_or(Cell::Missing, Cell::Text),
            Cell::Count(part.ground.known),
            part.needed.map_or(Cell::Missing, Cell::Count),
        ],
        marked: part.state == State::Fail,
    }
}

/// The whole in full precision.
pub(super) fn data(checks: &[Judged]) -> Table {
    let titles = [
        "check",
        "metric",
        "segment",
        "value",
        "verdict",
        "level",
        "demanded",
        "estimate",
        "low",
        "high",
        "baseline",
        "difference",
        "difference_low",
        "difference_high",
        "cases",
        "labelled",
        "found",
        "needed",
        "method",
        "reason",
    ];
    let rows = checks.iter().flat_map(|check| {
        let parts = check.parts.iter();
        parts.map(move |part| Row {
            cells: data_cells(&check.gate, part),
            marked: false,
        })
    });
    Table {
        title: String::new(),
        columns: titles.iter().map(|title| Column::left(title, 0)).collect(),
        rows: rows.collect(),
    }
}

fn data_cells(gate: &Gate, part: &Part) -> Vec<Cell> {
    let text = |text: &str| Cell::Text(text.to_owned());
    let value = |value: Option<f64>| value.map_or(Cell::Missing, Cell::Number);
    vec![
        text(&gate.name),
        text(gate.metric.key()),
        text(&gate.by.join(",")),
        text(&part_name(part)),
        text(part.state.key()),
        text(gate.level.key()),
        text(&demand(gate)),
        value(part.now.map(|limits| limits.estimate)),
        value(part.now.map(|limits| limits.low)),
        value(part.now.map(|limits| limits.high)),
        value(part.before.map(|limits| limits.estimate)),
        value(part.difference.map(|limits| limits.estimate)),
        value(part.difference.map(|limits| limits.low)),
        value(part.difference.map(|limits| limits.high)),
        Cell::Count(part.ground.cases),
        Cell::Count(part.ground.known),
        Cell::Count(part.ground.found),
        part.needed.map_or(Cell::Missing, Cell::Count),
        text(part.method),
        part.reason.as_deref().map_or(Cell::Missing, text),
    ]
}

/// What came out of a part, in one sentence without its name.
fn message(gate: &Gate, part: &Part) -> String {
    let mut text = word(part.state).to_lowercase();
    if let Some(now) = part.now {
        let value = |value: f64| number(gate.metric, value);
        text.push_str(&format!(
            ", {} {} ({} to {}), demanded {}",
            gate.metric.title(),
            value(now.estimate),
            value(now.low),
            value(now.high),
            demand(gate)
        ));
    }
    if let Some(limits) = part.difference {
        text.push_str(&format!(
            ", difference from the baseline {}",
            difference(gate.metric, limits)
        ));
    }
    let known = if gate.metric.needs_labels() {
        "labels"
    } else {
        "cases"
    };
    text.push_str(&format!(", {} {known}", count(part.ground.known)));
    if let Some(reason) = &part.reason {
        text.push_str(&format!("; {reason}"));
    }
    match (part.state, part.needed) {
        (State::Inconclusive, Some(needed)) => {
            text.push_str(&format!(
                "; about {} more {known} would decide",
                count(needed)
            ));
        }
        (State::Inconclusive, None) if part.reason.is_none() => {
            text.push_str("; no number of further labels would decide");
        }
        _ => {}
    }
    text
}

/// Sentences on what failed and what cannot be told, at most so many.
pub(super) fn sentences(checks: &[Judged], most: usize) -> Vec<String> {
    let mut shown: Vec<(&Judged, &Part)> = Vec::new();
    for check in checks {
        let parts = check.parts.iter();
        shown.extend(
            parts
                .filter(|part| part.state != State::Pass)
                .map(|part| (check, part)),
        );
    }
    shown.sort_by_key(|(_, part)| std::cmp::Reverse(part.state));
    let told = shown.iter().take(most).map(|(check, part)| {
        let name: String = check.gate.name.chars().take(MOST_CHARACTERS).collect();
        format!(
            "{name}, {}: {}.",
            shown_name(part),
            message(&check.gate, part)
        )
    });
    told.collect()
}

/// The verdicts for CI services.
pub(super) fn checks(judged: &[Judged], file: &str, choice: Option<OnInconclusive>) -> Vec<Check> {
    let check = |Judged { gate, parts }: &Judged| Check {
        name: gate.name.clone(),
        file: file.to_owned(),
        line: gate.line,
        parts: parts
            .iter()
            .zip(distinct_names(parts))
            .map(|(part, name)| report_part(gate, (part, name), choice))
            .collect(),
    };
    judged.iter().map(check).collect()
}

fn report_part(
    gate: &Gate,
    (part, name): (&Part, String),
    choice: Option<OnInconclusive>,
) -> ReportPart {
    let weight = match (gate.level, part.state, choice) {
        (Severity::Info, _, _) => Weight::Notice,
        (Severity::Warn, _, _) => Weight::Warning,
        (Severity::Error, State::Inconclusive, Some(OnInconclusive::Pass)) => Weight::Notice,
        (Severity::Error, State::Inconclusive, Some(OnInconclusive::Fail)) => Weight::Error,
        (Severity::Error, State::Inconclusive, _) => Weight::Warning,
        (Severity::Error, _, _) => Weight::Error,
    };
    ReportPart {
        name,
        outcome: match part.state {
            State::Pass => Outcome::Passed,
            State::NotJudged => Outcome::NotJudged,
            State::Inconclusive => Outcome::Inconclusive,
            State::Fail => Outcome::Failed,
        },
        weight,
        message: message(gate, part),
        properties: properties(gate, part),
    }
}

fn properties(gate: &Gate, part: &Part) -> Vec<(String, String)> {
    let mut properties = vec![
        ("metric".to_owned(), gate.metric.key().to_owned()),
        ("verdict".to_owned(), part.state.key().to_owned()),
        ("demanded".to_owned(), demand(gate)),
        ("cases".to_owned(), part.ground.cases.to_string()),
        ("labelled".to_owned(), part.ground.known.to_string()),
        ("found".to_owned(), part.ground.found.to_string()),
    ];
    let numbers = [
        ("", part.now),
        ("baseline_", part.before),
        ("difference_", part.difference),
    ];
    for (prefix, limits) in numbers {
        if let Some(Limits {
            estimate,
            low,
            high,
        }) = limits
        {
            for (name, value) in [("estimate", estimate), ("low", low), ("high", high)] {
                properties.push((format!("{prefix}{name}"), value.to_string()));
            }
        }
    }
    if let Some(needed) = part.needed {
        properties.push(("needed".to_owned(), needed.to_string()));
    }
    properties
}
