//! One pass over the log: the tally by segment, and the cases by day where a capacity is asked
//! for; and one over the older log where the order comes from it.

use std::path::PathBuf;

use super::policy::Operand;
use super::question::{Question, QuestionError};
use super::{TuneArgs, expense};
use crate::command::open::resolved;
use crate::command::pricing::Pricing;
use crate::command::{Context, LogArgs, labelling};
use crate::config::Role;
use crate::error::Failure;
use crate::estimate::cost::Prices;
use crate::estimate::split::{GroupCells, JoinedCells};
use crate::log::{Batch, Interner, Log, Needs, Plan, ReadOptions, Sink, Summary};
use crate::tally::{Accounts, Cells, DayTallier, Days, Design, GroupKey, Scale, Tallier, Tally};

/// A log as far as this command needs it.
pub(super) struct Reading {
    pub(super) plan: Plan,
    pub(super) summary: Summary,
    pub(super) tally: Tally,
    pub(super) overall: JoinedCells,
    pub(super) design: Design,
    /// Where costs are stated.
    pub(super) prices: Option<Prices>,
    /// Whether the cases are also grouped by Chow's rule.
    pub(super) has_rule: bool,
    /// The segments that thresholds are chosen by, as a policy's conditions name them.
    pub(super) operands: Vec<Operand>,
    /// The files that were read.
    paths: Vec<PathBuf>,
    /// Where a limit a day is asked for.
    pub(super) days: Option<Days>,
}

impl Reading {
    /// The groups of the segments that thresholds are chosen by.
    pub(super) fn groups(&self) -> impl Iterator<Item = (&GroupKey, &Cells)> {
        self.tally.groups(0)
    }

    /// Refuses an older log that shares a file with this one: its order would come from the labels
    /// that it is tested on.
    pub(super) fn keep_apart(&self, older: &Self) -> Result<(), QuestionError> {
        let shared = older.paths.iter().find(|path| self.paths.contains(path));
        match shared {
            None => Ok(()),
            Some(path) => Err(QuestionError::SameLog {
                log: path.display().to_string(),
            }),
        }
    }

    /// The cells of one of them in every ledger; empty where the log has no such cases.
    pub(super) fn group(&self, values: &GroupKey) -> GroupCells<'_> {
        GroupCells::of(self.tally.ledgers(), 0, values)
    }
}

pub(super) fn log(
    args: &TuneArgs,
    question: &Question,
    context: &Context,
) -> Result<Reading, Failure> {
    let reading = read(&args.log, args, question, context)?;
    let counts = reading.tally.counts();
    let log = args.log.logs.join(", ");
    labelling::require_cases(counts, &log)?;
    if question.promise.is_some() || question.min_cost {
        labelling::require_labels(counts, &log)?;
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
    let config = which.config(context)?;
    let costs = &config.costs;
    let stated =
        costs.error.is_some() && (costs.review.is_some() || costs.review_per_minute.is_some());
    if question.min_cost && !stated {
        return Err(QuestionError::NoCosts.into());
    }
    let pricing = Pricing::of(&config).filter(|_| question.min_cost);
    let options = which.options(context, &args.output)?;
    let log = which.open(&options, &args.output)?;
    let mut needs = needs(question, which);
    if let Some(pricing) = &pricing {
        pricing.add_to(&mut needs);
    }
    let rule = pricing
        .as_ref()
        .and_then(|_| expense::chow_condition(&config, &log));
    let has_rule = rule.is_some();
    needs.conditions.extend(rule);
    let plan = log.plan(&config.mapping, &needs)?;
    let accounts = pricing.as_ref().map(|pricing| pricing.accounts);
    let counting = Counting {
        question,
        accounts: accounts.unwrap_or_default(),
        has_rule,
    };
    let (tally, days, summary) = counting.read(&log, &plan, &options)?;
    let names = question.by.iter();
    Ok(Reading {
        design: Design::of(&tally.overall()),
        overall: JoinedCells::overall(tally.ledgers()),
        prices: pricing.map(|pricing| pricing.prices(tally.ledgers())),
        operands: names
            .map(|name| Operand::new(name, &config.mapping, &log))
            .collect(),
        paths: log.paths().filter_map(resolved).collect(),
        has_rule,
        plan,
        summary,
        tally,
        days,
    })
}

fn needs(question: &Question, log: &LogArgs) -> Needs {
    let mut required = vec![Role::Score];
    let mut optional = vec![Role::Escalated, Role::Pinned, Role::LabelProbability];
    // A capacity can be met without a single label.
    if question.promise.is_some() || question.min_cost {
        required.push(Role::Error);
    } else {
        optional.push(Role::Error);
    }
    if question.limits.per_day.is_some() {
        required.push(Role::Time);
    } else {
        optional.push(Role::Time);
    }
    Needs {
        segments: question.by.clone(),
        ..log.needs(required, optional)
    }
}

/// What is counted in one pass.
struct Counting<'a> {
    question: &'a Question,
    accounts: Accounts,
    /// Whether the condition of Chow's rule is read.
    has_rule: bool,
}

impl Counting<'_> {
    fn read(
        &self,
        log: &Log,
        plan: &Plan,
        options: &ReadOptions,
    ) -> Result<(Tally, Option<Days>, Summary), Failure> {
        let question = self.question;
        let scale = Scale::Grid(question.grid.clone());
        let grouping = plan.places(&question.by);
        let mut groupings = vec![grouping.clone()];
        // The first condition follows the segments.
        groupings.extend(self.has_rule.then(|| vec![plan.segments().len()]));
        let wants_days = question.limits.per_day.is_some();
        let sink = || Counters {
            tallier: Tallier::with_accounts(&scale, &groupings, &self.accounts),
            days: wants_days.then(|| DayTallier::new(&question.grid, &grouping)),
        };
        let (parts, summary) = log.read(plan, options, sink)?;
        let mut tally = Tally::new(scale.clone(), groupings.len());
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
