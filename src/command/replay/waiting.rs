//! The reviewers' queue under a policy: which cases reach it, and how long they wait.

use std::cmp::Ordering;
use std::num::NonZeroU32;

use super::reading::Seen;
use crate::config::Reviewers;
use crate::policy::{Afterwards, Pattern, Policy};
use crate::queue::{Arrival, Hours, Order, Queue, QueueError, Summary};

/// Microseconds in a second.
const SECOND: f64 = 1e6;
/// More than the rounding of a product of a share and a number of cases, less than a case.
const NOISE: f64 = 1e-6;
/// The longest that a review may take, in seconds: a year.
const LONGEST: f64 = 31_557_600.0;

/// The team, and what it takes for a review of unknown length.
pub(in crate::command) struct Team<'a> {
    pub(in crate::command) reviewers: &'a Reviewers,
    pub(in crate::command) hours: Hours,
    pub(in crate::command) count: NonZeroU32,
    /// Seconds of a review where the log does not say.
    pub(in crate::command) seconds: f64,
}

/// What a team makes of the cases of one policy.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::command) struct Waiting {
    pub(in crate::command) summary: Summary,
    /// The smallest team that meets the deadlines.
    pub(in crate::command) smallest_team: Option<NonZeroU32>,
    /// For each rule, the share of its reviews after the action that ended within the window.
    pub(in crate::command) in_window: Vec<Option<f64>>,
}

impl Team<'_> {
    /// Simulates the cases that humans see under a policy, or saw in fact (`None`). `None` where
    /// there are none.
    pub(in crate::command) fn waiting(
        &self,
        mut seen: Vec<Seen>,
        policy: Option<&Policy>,
    ) -> Result<Option<Waiting>, QueueError> {
        seen.sort_by(in_order);
        let rules = policy.map_or(0, |policy| policy.treatments().count());
        let afterwards: Vec<Option<Afterwards>> = policy
            .into_iter()
            .flat_map(Policy::treatments)
            .map(|treatment| match treatment.pattern {
                Pattern::PostAction(afterwards) => Some(afterwards),
                Pattern::PreAction | Pattern::ExceptionOnly => None,
            })
            .collect();
        let seen = drawn(seen, &afterwards);
        let arrivals: Vec<Arrival> = seen
            .iter()
            .map(|case| self.arrival(case, &afterwards))
            .collect();
        let order = match self.reviewers.priority {
            Some(_) => Order::Priority,
            None => Order::FirstInFirstOut,
        };
        let Some(queue) = Queue::new(&arrivals, &self.hours, order)? else {
            return Ok(None);
        };
        let simulation = queue.simulate(self.count)?;
        let mut in_window = vec![(0_u64, 0_u64); rules];
        let outcomes = seen.iter().zip(&arrivals).zip(&simulation.services);
        for ((case, arrival), service) in outcomes.filter(|((case, _), _)| case.afterwards) {
            if let (Some((kept, all)), Some(window)) =
                (in_window.get_mut(case.rule as usize), arrival.deadline)
            {
                *all += 1;
                *kept += u64::from(service.end.abs_diff(case.time) <= window);
            }
        }
        Ok(Some(Waiting {
            summary: simulation.summary,
            smallest_team: queue.smallest_team(self.reviewers.deadline_share),
            in_window: in_window
                .into_iter()
                .map(|(kept, all)| (all > 0).then(|| kept as f64 / all as f64))
                .collect(),
        }))
    }

    fn arrival(&self, case: &Seen, afterwards: &[Option<Afterwards>]) -> Arrival {
        let seconds = if case.seconds >= 0.0 {
            case.seconds.min(LONGEST)
        } else {
            self.seconds
        };
        let window = afterwards.get(case.rule as usize).copied().flatten();
        let window = window.filter(|_| case.afterwards).map(|after| after.window);
        let deadline = window.or_else(|| self.reviewers.deadline());
        Arrival {
            time: case.time,
            handling: (seconds * SECOND).round() as u64,
            priority: case.priority,
            deadline: deadline.map(|duration| duration.micros().unsigned_abs()),
        }
    }
}

/// Microseconds in a day.
const DAY: i64 = 86_400_000_000;

/// Whether all arrivals fall on midnight, as they do where a log gives days only.
pub(super) fn are_dates(seen: &[Vec<Seen>]) -> bool {
    let mut times = seen.iter().flatten().map(|case| case.time).peekable();
    times.peek().is_some() && times.all(|time| time.rem_euclid(DAY) == 0)
}

/// An order that does not depend on how the log was read.
fn in_order(one: &Seen, other: &Seen) -> Ordering {
    let number = |a: f64, b: f64| a.total_cmp(&b);
    one.time
        .cmp(&other.time)
        .then(number(one.priority, other.priority))
        .then(number(one.seconds, other.seconds))
        .then(one.rule.cmp(&other.rule))
        .then(one.afterwards.cmp(&other.afterwards))
}

/// The cases that are looked at: all that wait for a decision, and of those after the action every
/// so manieth of each rule, in the order of their arrival.
fn drawn(seen: Vec<Seen>, afterwards: &[Option<Afterwards>]) -> Vec<Seen> {
    let mut met = vec![0_u64; afterwards.len()];
    let is_drawn = |case: &Seen| {
        if !case.afterwards {
            return true;
        }
        let rule = case.rule as usize;
        let (Some(met), Some(Some(after))) = (met.get_mut(rule), afterwards.get(rule)) else {
            return false;
        };
        // 0.29 of 100 cases are 29, whatever their product is in binary.
        let upto = |cases: u64| (cases as f64 * after.share + NOISE).floor();
        *met += 1;
        upto(*met) > upto(*met - 1)
    };
    seen.into_iter().filter(is_drawn).collect()
}
