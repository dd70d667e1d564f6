//! What every document says of the log it was made from.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::config::Role;
use crate::log::{FileSummary, Plan, Summary, display_instant};
use crate::report::count;

/// The name and version of a document's schema.
#[derive(Debug, Serialize)]
pub(super) struct Schema {
    name: &'static str,
    version: u32,
}

impl Schema {
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, version: 1 }
    }
}

/// What made the document.
#[derive(Debug, Serialize)]
pub(super) struct Tool {
    name: &'static str,
    version: &'static str,
}

impl Tool {
    pub(super) fn this() -> Self {
        Self {
            name: "gonogo",
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}

/// The `input` of every JSON document.
#[derive(Debug, Serialize)]
pub(super) struct Input<'a> {
    files: &'a [FileSummary],
    rows: Rows<'a>,
    /// First and last time, RFC 3339 in UTC, where `time` is mapped.
    time: Option<[String; 2]>,
    roles: BTreeMap<&'static str, &'a str>,
}

#[derive(Debug, Serialize)]
struct Rows<'a> {
    #[serde(rename = "in")]
    all: u64,
    used: u64,
    set_aside: &'a BTreeMap<&'static str, u64>,
}

impl<'a> Input<'a> {
    pub(super) fn new(plan: &'a Plan, summary: &'a Summary) -> Self {
        Self {
            files: &summary.files,
            rows: Rows {
                all: summary.rows_in,
                used: summary.rows_used,
                set_aside: &summary.set_aside,
            },
            time: summary
                .time
                .map(|(first, last)| [display_instant(first), display_instant(last)]),
            roles: plan
                .sources()
                .iter()
                .map(|(role, text)| (Role::key(*role), text.as_str()))
                .collect(),
        }
    }
}

/// The time span in words, where there is one.
pub(super) fn span(summary: &Summary) -> Option<String> {
    let day = |micros| {
        let text = display_instant(micros);
        text.split_once('T')
            .map_or(text.clone(), |(day, _)| day.to_owned())
    };
    let (first, last) = summary.time?;
    Some(format!("{} to {}", day(first), day(last)))
}

/// A line on rows that were set aside; `None` when there are none.
pub(super) fn set_aside(summary: &Summary) -> Option<String> {
    if summary.set_aside.is_empty() {
        return None;
    }
    let reasons: Vec<String> = summary
        .set_aside
        .iter()
        .map(|(reason, rows)| format!("{} {}", count(*rows), reason.replace('_', " ")))
        .collect();
    Some(format!(
        "rows in {} / used {} / set aside {} ({})",
        count(summary.rows_in),
        count(summary.rows_used),
        count(summary.rows_in - summary.rows_used),
        reasons.join(", ")
    ))
}
