//! One pass over the log: the tally by segment, and the cases by day where a capacity is asked
//! for; and one over the older log where the order comes from it.

use super::question::{Question, QuestionError};
use super::TuneArgs;
use crate::command::{CommandError, Context, LogArgs};
use crate::config::Role;
use crate::error::Failure;
use crate::log::{Batch, Interner, Log, Needs, Plan, ReadOptions, Sink, Summary};
use crate::tally::{Cells, DayTallier, Days, Design, GroupKey, Scale, Tallier, Tally};

/// A log as far as this command needs it.
pub(super) struct Reading {
    pub(super) plan: Plan,
    pub(super) summary: Summary,
    pub(super) tally: Tally,
    pub(super) overall: Cells,
    pub(super) design: Design,
    /// Where a limit a day is asked for.
    pub(super) days: Option<Days>,
}

impl Reading {
    /// The groups of the segments that thresholds are chosen by.
    pub(super) fn groups(&self) -> impl Iterator<Item = (&GroupKey, &Cells)> {
        self.tally.groups(0)
    }
}

pub(super) fn log(
    args: &TuneArgs,
    question: &Question,
    context: &Context,
) -> Result<Reading, Failure> {
    let reading = read(&args.log, args, question, context)?;
    let counts = reading.tally.counts();
    let log = || args.log.logs.join(", ");
    if counts.cases() == 0 {
        return Err(CommandError::NoCases { log: log() }.into());
    }
    if counts.labelled() == 0 && question.promise.is_some() {
        let cases = counts.cases();
        return Err(CommandError::NoLabels { log: log(), cases }.into());
    }
    Ok(reading)
}

/// The older log, read in the same way.
pub(super) fn older(
    args: &TuneArgs,
    question: &Question,
    context: &Context,
) -> Result<Option<Reading>, Failure> {
    let Some(older) = &args.order_from else {
        return Ok(None);
    };
    if args.log.logs.contains(older) {
        let log = older.clone();
        return Err(QuestionError::SameLog { log }.into());
    }
    let log = LogArgs {
        logs: vec![older.clone()],
        rejects: None,
        ..args.log.clone()
    };
    read(&log, args, question, context).map(Some)
}

fn read(
    which: &LogArgs,
    args: &TuneArgs,
    question: &Question,
    context: &Context,
) -> Result<Reading, Failure> {
    let mapping = which.mapping(context)?;
    let options = which.options(context, &args.output)?;
    let log = which.open(&options, &args.output)?;
    let plan = log.plan(&mapping, &needs(question, which))?;
    let (tally, days, summary) = tally(&log, &plan, &options, question)?;
    let overall = tally.overall();
    Ok(Reading {
        design: Design::of(&overall),
        plan,
        summary,
        overall,
        tally,
        days,
    })
}

fn needs(question: &Question, log: &LogArgs) -> Needs {
    let mut required = vec![Role::Score];
    let mut optional = vec![Role::Escalated, Role::Pinned, Role::LabelProbability];
    // A capacity can be met without a single label.
    if question.promise.is_some() {
        required.push(Role::Error);
    } else {
        optional.push(Role::Error);
    }
    if question.limits.per_day.is_some() {
        required.push(Role::Time);
    } else {
        optional.push(Role::Time);
    }
    // Ids are read for nothing but to find repeats.
    if !log.allow_duplicates {
        optional.push(Role::Id);
    }
    Needs {
        required,
        optional,
        segments: question.by.clone(),
    }
}

fn tally(
    log: &Log,
    plan: &Plan,
    options: &ReadOptions,
    question: &Question,
) -> Result<(Tally, Option<Days>, Summary), Failure> {
    let scale = Scale::Grid(question.grid.clone());
    let segments = plan.segments();
    let place = |name: &String| segments.iter().position(|known| known == name);
    let grouping: Vec<usize> = question.by.iter().filter_map(place).collect();
    let wants_days = question.limits.per_day.is_some();
    let sink = || Counters {
        tallier: Tallier::new(&scale, std::slice::from_ref(&grouping)),
        days: wants_days.then(|| DayTallier::new(&question.grid, &grouping)),
    };
    let (parts, summary) = log.read(plan, options, sink)?;
    let mut tally = Tally::new(scale.clone(), 1);
    let mut days = wants_days.then(Days::default);
    for (part, more) in parts {
        tally += part;
        if let (Some(days), Some(more)) = (&mut days, more) {
            *days += more;
        }
    }
    tally.fold_probabilities();
    Ok((tally, days, summary))
}

/// Both counts of one thread.
struct Counters {
    tallier: Tallier,
    days: Option<DayTallier>,
}

impl Sink for Counters {
    type Output = (Tally, Option<Days>);

    fn take(&mut self, batch: &Batch) {
        self.tallier.take(batch);
        if let Some(days) = &mut self.days {
            days.take(batch);
        }
    }

    fn finish(&mut self, segments: &[&Interner]) -> Self::Output {
        let days = self.days.as_mut().map(|days| days.finish(segments));
        (self.tallier.finish(segments), days)
    }
}
