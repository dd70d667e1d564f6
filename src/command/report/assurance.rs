//! Results of audits and gates, read from the JSON that `gonogo audit evaluate` and `gonogo gate`
//! wrote. Shows what they say; judges nothing.

use std::path::Path;

use serde_json::Value;

use super::{Answer, ReportArgs, public};
use crate::command::CommandError;
use crate::report::{Cell, Column, Keyed, Row, Section, Table, percent, percent_range};

/// One result.
#[derive(Debug)]
pub(super) struct Report {
    kind: &'static str,
    name: String,
    json: Value,
}

/// Reads the files that the arguments name.
///
/// # Errors
/// When a file cannot be read or holds no verdict.
pub(super) fn read(args: &ReportArgs) -> Result<Vec<Report>, CommandError> {
    let audits = args.audit.iter().map(|file| read_one("Audit", file));
    let gates = args.gate.iter().map(|file| read_one("Gate", file));
    audits.chain(gates).collect()
}

fn read_one(kind: &'static str, file: &Path) -> Result<Report, CommandError> {
    let refused = |reason: String| CommandError::Result {
        file: file.to_owned(),
        reason,
    };
    let text = std::fs::read_to_string(file).map_err(|error| refused(error.to_string()))?;
    let json: Value = serde_json::from_str(&text).map_err(|error| refused(error.to_string()))?;
    if text_at(&json, "verdict").is_none() {
        return Err(refused("there is no verdict in it".to_owned()));
    }
    let name = file.file_name().and_then(|name| name.to_str());
    Ok(Report {
        kind,
        name: name.unwrap_or_default().to_owned(),
        json,
    })
}

fn text_at<'a>(json: &'a Value, key: &str) -> Option<&'a str> {
    json.get(key)?.as_str()
}

/// The section of all results; `None` without any.
pub(super) fn section(answer: &Answer<'_>, reports: &[Report]) -> Option<Section> {
    if reports.is_empty() {
        return None;
    }
    let mut section = Section {
        id: "assurance",
        title: "Audits and gates".to_owned(),
        ..Section::default()
    };
    if public::is_whole(answer.share) {
        section.text = reports.iter().map(Report::sentence).collect();
        section.tables = reports.iter().filter_map(Report::checks).collect();
    } else {
        section.text = reports.iter().map(Report::headline).collect();
    }
    Some(section)
}

impl Report {
    /// The verdict alone.
    fn headline(&self) -> String {
        let verdict = text_at(&self.json, "verdict").unwrap_or("unknown");
        let verdict = verdict.replace('_', " ");
        format!("{} {}: {verdict}.", self.kind, self.name)
    }

    fn sentence(&self) -> String {
        let mut text = self.headline();
        if let Some(sentence) = text_at(&self.json, "sentence") {
            text.push_str(&format!(" {sentence}"));
            return text;
        }
        let number = |key: &str| self.json.get(key).and_then(Value::as_f64);
        if let (Some(errors), Some(judged)) = (number("errors"), number("judged")) {
            text.push_str(&format!(" {errors} of {judged} judged cases were wrong."));
        }
        if let Some(estimate) = number("estimate") {
            text.push_str(&format!(" Estimated error rate {}", percent(estimate)));
            if let (Some(low), Some(high)) = (number("lower"), number("upper")) {
                text.push_str(&format!(" ({})", percent_range(low, high)));
            }
            text.push('.');
        }
        text
    }

    /// The checks of a gate as a table.
    fn checks(&self) -> Option<Keyed> {
        let checks = self.json.get("checks")?.as_array()?;
        let columns = vec![
            Column::left("check", 0),
            Column::left("metric", 3),
            Column::left("segment", 1),
            Column::left("limit", 1),
            Column::right("found", 0),
            Column::right("labels", 2),
            Column::left("verdict", 0),
            Column::right("more labels", 4),
        ];
        let rows = checks.iter().map(|check| Row {
            cells: cells(check),
            marked: text_at(check, "verdict") == Some("fail"),
        });
        Some(Keyed::plain(Table {
            title: format!("checks of {}", self.name),
            columns,
            rows: rows.collect(),
        }))
    }
}

fn cells(check: &Value) -> Vec<Cell> {
    let text = |key: &str| {
        let text = text_at(check, key).map(|text| text.replace('_', " "));
        text.map_or(Cell::Missing, Cell::Text)
    };
    let number = |key: &str| {
        let number = check.get(key).and_then(Value::as_u64);
        number.map_or(Cell::Missing, Cell::Count)
    };
    let segment = match (text_at(check, "segment"), text_at(check, "value")) {
        (Some(segment), Some(value)) => Cell::Text(format!("{segment} {value}")),
        (Some(segment), None) => Cell::Text(format!("{segment} (missing)")),
        (None, _) => Cell::Text("all".to_owned()),
    };
    vec![
        text_at(check, "name").map_or(Cell::Missing, |name| Cell::Text(name.to_owned())),
        text("metric"),
        segment,
        limit(check).map_or(Cell::Missing, Cell::Text),
        found(check).unwrap_or(Cell::Missing),
        number("labelled"),
        text("verdict"),
        number("needed"),
    ]
}

/// The limit of a check in words.
fn limit(check: &Value) -> Option<String> {
    let limit = check.get("limit")?;
    let number = |key: &str| limit.get(key).and_then(Value::as_f64);
    if let Some(most) = number("max") {
        return Some(format!("at most {}", percent(most)));
    }
    if let Some(least) = number("min") {
        return Some(format!("at least {}", percent(least)));
    }
    let margin = number("worse_than_baseline_by")?;
    let margin = match limit.get("relative").and_then(Value::as_bool) {
        Some(true) => format!("{} of it", percent(margin)),
        Some(false) | None => percent(margin).replace('%', "points"),
    };
    Some(format!("at most {margin} worse than the baseline"))
}

/// The difference that a check found, or else the rate.
fn found(check: &Value) -> Option<Cell> {
    let found = ["difference", "rate"].into_iter().find_map(|key| {
        let found = check.get(key)?;
        found.is_object().then_some(found)
    })?;
    let number = |key: &str| found.get(key).and_then(Value::as_f64);
    Some(Cell::Estimate {
        share: number("estimate")?,
        low: number("low")?,
        high: number("high")?,
    })
}
