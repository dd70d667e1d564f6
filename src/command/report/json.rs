//! The JSON document of a report: those of the sweep and of the replay, as they are.

use serde::Serialize;

use super::Answer;
use crate::command::input::{Schema, Tool};
use crate::command::replay::json::{self as replay_json, ReplayDocument};
use crate::command::sweep::json::{self as sweep_json, SweepDocument};

#[derive(Serialize)]
pub(super) struct ReportDocument<'a> {
    schema: Schema,
    tool: Tool,
    sweep: SweepDocument<'a>,
    /// `null` where neither policies nor reviewers are stated; without policies it tells the queue in
    /// fact.
    replay: Option<ReplayDocument<'a>>,
}

pub(super) fn document<'a>(answer: &'a Answer<'_>, warnings: &'a [String]) -> ReportDocument<'a> {
    let (plan, summary) = (answer.plan, answer.summary);
    let replay = answer.replay.as_ref();
    ReportDocument {
        schema: Schema::new("gonogo/report"),
        tool: Tool::this(),
        sweep: sweep_json::document(&answer.sweep, plan, summary, warnings),
        replay: replay.map(|replay| replay_json::document(replay, plan, summary, warnings)),
    }
}
