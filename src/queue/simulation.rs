//! The simulation: arrivals in, start and end of every review out. All on the axis of working time,
//! where a team is a plain queue with one server a reviewer.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;
use std::num::NonZeroU32;
use std::ops::ControlFlow;

use jiff::Timestamp;

use super::error::QueueError;
use super::hours::Hours;
use super::openings::{MOST_YEARS, Openings};
use super::summary::Summary;

/// A case that needs a review.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arrival {
    /// When the case comes, in microseconds since 1970-01-01T00:00:00Z.
    pub time: i64,
    /// Working time that its review takes, in microseconds; 0 is allowed.
    pub handling: u64,
    /// Higher goes first under `Order::Priority`; NaN goes last.
    pub priority: f64,
    /// How long after the arrival the review must have ended, in microseconds of clock time;
    /// `None` where the case has no deadline.
    pub deadline: Option<u64>,
}

/// Which of the waiting cases a free reviewer takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// The one that came first.
    FirstInFirstOut,
    /// The one with the highest priority; among equals the one that came first.
    Priority,
}

/// When a case was reviewed, in microseconds since the epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    pub start: i64,
    pub end: i64,
}

/// What a team makes of the arrivals.
#[derive(Clone, Debug, PartialEq)]
pub struct Simulation {
    /// One for each arrival, in the order in which the arrivals were given.
    pub services: Vec<Service>,
    pub summary: Summary,
}

/// Arrivals in their order, laid on the working time of a team.
#[derive(Clone, Debug)]
pub struct Queue {
    /// By time of arrival.
    pub(super) cases: Vec<Case>,
    pub(super) openings: Openings,
    pub(super) hours: Hours,
    pub(super) order: Order,
}

/// An arrival in its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Case {
    pub(super) time: i64,
    /// The time as working time: of a case that comes outside hours, the next opening.
    pub(super) work: u64,
    pub(super) handling: u64,
    pub(super) deadline: Option<u64>,
    /// The place of the arrival as it was given.
    pub(super) given: usize,
    /// The priority, or 0 where it does not count. Never NaN or -0.
    rank: f64,
}

/// A review on the axis of working time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Review<'a> {
    pub(super) case: &'a Case,
    pub(super) start: u64,
}

/// A waiting case; the greatest is taken first.
struct Turn<'a> {
    case: &'a Case,
    /// Its place among the cases in the order of arrival.
    place: usize,
}

impl Ord for Turn<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        let rank = self.case.rank.total_cmp(&other.case.rank);
        rank.then(other.place.cmp(&self.place))
    }
}

impl PartialOrd for Turn<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Turn<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Turn<'_> {}

impl Queue {
    /// Lays arrivals, given in any order, on the working time of a team. `None` without arrivals.
    ///
    /// Of cases that come at the same instant the one with the higher priority is first (where
    /// priority counts), then the one with the shorter handling time, then the one with the
    /// earlier deadline. Cases that agree in all of it go in the order in which they are given,
    /// which changes no summary; a caller to whom they are not the same sorts them by id before.
    ///
    /// # Errors
    /// When a time is outside of what a calendar can show (years -9999 to 9999).
    pub fn new(
        arrivals: &[Arrival],
        hours: &Hours,
        order: Order,
    ) -> Result<Option<Self>, QueueError> {
        let mut cases = Vec::with_capacity(arrivals.len());
        for (given, arrival) in arrivals.iter().enumerate() {
            let time = arrival.time;
            Timestamp::from_microsecond(time).map_err(|_| QueueError::NotATime { time })?;
            cases.push(Case {
                time,
                work: 0,
                handling: arrival.handling,
                deadline: arrival.deadline,
                given,
                rank: rank(arrival.priority, order),
            });
        }
        cases.sort_unstable_by(first_to_come);
        let (Some(first), Some(last)) = (cases.first(), cases.last()) else {
            return Ok(None);
        };
        // One reviewer alone would need all of it after the last arrival at most.
        let handling = cases
            .iter()
            .fold(0, |sum: u64, case| sum.saturating_add(case.handling));
        let openings = Openings::cover(hours, first.time, last.time, handling);
        for case in &mut cases {
            case.work = openings.work_at(case.time);
        }
        Ok(Some(Self {
            cases,
            openings,
            hours: hours.clone(),
            order,
        }))
    }

    /// The reviews by a team of this size, and their summary.
    ///
    /// # Errors
    /// When the last review would not have ended a hundred years after the last arrival.
    pub fn simulate(&self, reviewers: NonZeroU32) -> Result<Simulation, QueueError> {
        let mut services = vec![Service { start: 0, end: 0 }; self.cases.len()];
        let is_done = self.run(reviewers, |review| {
            let (Some(service), Some(place)) =
                (self.service(review), services.get_mut(review.case.given))
            else {
                return ControlFlow::Break(());
            };
            *place = service;
            ControlFlow::Continue(())
        });
        if is_done.is_break() {
            return Err(QueueError::Unending {
                reviewers: reviewers.get(),
                years: MOST_YEARS,
            });
        }
        let summary = Summary::new(self, &services, reviewers);
        Ok(Simulation { services, summary })
    }

    /// Goes through the reviews in the order in which they start, until `visit` breaks off.
    ///
    /// A reviewer is never idle while a case waits, and a review that has started is not given up
    /// for another.
    pub(super) fn run<'a>(
        &'a self,
        reviewers: NonZeroU32,
        mut visit: impl FnMut(Review<'a>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let team = usize::try_from(reviewers.get()).unwrap_or(usize::MAX);
        let mut coming = self.cases.iter().enumerate().peekable();
        let mut waiting: BinaryHeap<Turn<'a>> = BinaryHeap::new();
        // The ends of the last reviews; reviewers without an entry have had none.
        let mut ends: BinaryHeap<Reverse<u64>> = BinaryHeap::new();
        let mut now = 0;
        loop {
            if ends.len() >= team
                && let Some(Reverse(end)) = ends.pop()
            {
                now = now.max(end);
            }
            if waiting.is_empty() {
                match coming.peek() {
                    Some((_, case)) => now = now.max(case.work),
                    None => return ControlFlow::Continue(()),
                }
            }
            while let Some((place, case)) = coming.next_if(|(_, case)| case.work <= now) {
                waiting.push(Turn { case, place });
            }
            if let Some(Turn { case, .. }) = waiting.pop() {
                visit(Review { case, start: now })?;
                ends.push(Reverse(now.saturating_add(case.handling)));
            }
        }
    }

    /// Start and end of a review by the clock; `None` beyond the openings.
    pub(super) fn service(&self, review: Review<'_>) -> Option<Service> {
        let start = self.openings.start_at(review.start)?;
        // A review without length that starts with an opening does not end with the one before.
        let end = match review.case.handling {
            0 => start,
            handling => self.openings.end_at(review.start.checked_add(handling)?)?,
        };
        Some(Service { start, end })
    }
}

/// The priority as far as it counts.
fn rank(priority: f64, order: Order) -> f64 {
    match order {
        Order::FirstInFirstOut => 0.0,
        Order::Priority if priority.is_nan() => f64::NEG_INFINITY,
        // The sum takes the sign off a zero.
        Order::Priority => priority + 0.0,
    }
}

fn first_to_come(a: &Case, b: &Case) -> Ordering {
    let deadline = |case: &Case| case.deadline.unwrap_or(u64::MAX);
    let time = a.time.cmp(&b.time);
    time.then_with(|| b.rank.total_cmp(&a.rank))
        .then_with(|| a.handling.cmp(&b.handling))
        .then_with(|| deadline(a).cmp(&deadline(b)))
        .then_with(|| a.given.cmp(&b.given))
}
