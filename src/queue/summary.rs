//! What a simulation comes to: waiting times, lateness, utilisation and backlog.

use std::num::NonZeroU32;

use jiff::civil::Date;

use super::hours::{DAY, Hours};
use super::simulation::{Case, Queue, Service};

const MICROSECONDS: f64 = 1e6;
const SECONDS_AN_HOUR: f64 = 3600.0;

/// Waiting times from the arrival to the start of the review, in seconds of clock time: nights and
/// weekends count. A quantile is the smallest waiting time that at least this share of the cases
/// does not exceed (nearest rank).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Waits {
    pub mean: f64,
    pub p50: f64,
    pub p90: f64,
    pub p99: f64,
    pub max: f64,
}

/// The cases that had arrived and whose review had not ended when a local day was over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayEnd {
    /// The date in the time zone of the reviewers.
    pub date: Date,
    pub backlog: u64,
}

/// A simulation in numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// All cases; at least one.
    pub cases: u64,
    pub waits: Waits,
    /// Cases that have a deadline.
    pub with_deadline: u64,
    /// Those of them whose review ended later than that.
    pub late: u64,
    /// Working time spent on reviews, in hours.
    pub review_hours: f64,
    /// Working time spent on reviews over the working time of all reviewers from the first arrival
    /// to the end of the last review, in 0..=1. `None` where that is no time at all.
    pub utilisation: Option<f64>,
    /// The most cases that had arrived and not ended at any one time, those under review included.
    pub largest_backlog: u64,
    /// Every local day from the first arrival to the end of the last review, none left out.
    pub days: Vec<DayEnd>,
}

impl Summary {
    /// Late cases over cases with a deadline, in 0..=1; `None` where no case has one.
    #[must_use]
    pub fn late_share(&self) -> Option<f64> {
        (self.with_deadline > 0).then(|| number(self.late) / number(self.with_deadline))
    }

    /// `services` are those of all the cases, in the order of the arrivals as given.
    pub(super) fn new(queue: &Queue, services: &[Service], reviewers: NonZeroU32) -> Self {
        let mut waits = Vec::with_capacity(services.len());
        let mut stays = Vec::with_capacity(services.len());
        let (mut with_deadline, mut late) = (0, 0);
        let mut handling = 0;
        let (mut first, mut last) = (i64::MAX, i64::MIN);
        for case in &queue.cases {
            let Some(service) = services.get(case.given) else {
                continue;
            };
            waits.push(case.time.abs_diff(service.start));
            stays.push((case.time, service.end));
            with_deadline += u64::from(case.deadline.is_some());
            late += u64::from(is_late(case, Some(service.end)));
            handling += u128::from(case.handling);
            first = first.min(case.time);
            last = last.max(service.end);
        }
        let worked = queue.openings.work_at(last) - queue.openings.work_at(first);
        let offered = u128::from(worked) * u128::from(reviewers.get());
        let backlog = Backlog::new(stays);
        Self {
            cases: services.len() as u64,
            waits: Waits::new(waits),
            with_deadline,
            late,
            review_hours: handling as f64 / MICROSECONDS / SECONDS_AN_HOUR,
            utilisation: (offered > 0).then(|| handling as f64 / offered as f64),
            largest_backlog: backlog.largest(),
            days: backlog.days(&queue.hours, first, last),
        }
    }
}

impl Waits {
    fn new(mut waits: Vec<u64>) -> Self {
        waits.sort_unstable();
        let sum: u128 = waits.iter().copied().map(u128::from).sum();
        let quantile = |percent: usize| {
            let rank = (waits.len() * percent).div_ceil(100);
            let wait = rank.checked_sub(1).and_then(|place| waits.get(place));
            seconds(wait.copied().unwrap_or(0))
        };
        Self {
            mean: sum as f64 / waits.len().max(1) as f64 / MICROSECONDS,
            p50: quantile(50),
            p90: quantile(90),
            p99: quantile(99),
            max: quantile(100),
        }
    }
}

/// Whether a case has a deadline and its review ends later; `None` is an end beyond the calendar.
pub(super) fn is_late(case: &Case, end: Option<i64>) -> bool {
    match (case.deadline, end) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(deadline), Some(end)) => case.time.abs_diff(end) > deadline,
    }
}

/// When cases come into the backlog and leave it, both sorted. A case is in it from its arrival
/// until just before its end, so one that ends as it arrives is never in it.
struct Backlog {
    arrivals: Vec<i64>,
    ends: Vec<i64>,
}

impl Backlog {
    fn new(mut stays: Vec<(i64, i64)>) -> Self {
        stays.retain(|(arrival, end)| arrival < end);
        let (mut arrivals, mut ends): (Vec<i64>, Vec<i64>) = stays.into_iter().unzip();
        arrivals.sort_unstable();
        ends.sort_unstable();
        Self { arrivals, ends }
    }

    fn largest(&self) -> u64 {
        let mut ended = self.ends.iter().peekable();
        let (mut backlog, mut largest) = (0, 0);
        for arrival in &self.arrivals {
            while ended.next_if(|end| *end <= arrival).is_some() {
                backlog -= 1;
            }
            backlog += 1;
            largest = largest.max(backlog);
        }
        largest
    }

    /// The backlog at the end of each local day, from that of `first` until all is done at `last`.
    fn days(&self, hours: &Hours, first: i64, last: i64) -> Vec<DayEnd> {
        let mut days = Vec::new();
        let mut coming = self.arrivals.iter().peekable();
        let mut ended = self.ends.iter().peekable();
        let mut backlog = 0;
        let mut next = hours.date(first);
        while let Some(date) = next
            && let Some(midnight) = hours.instant(date, DAY)
        {
            while coming.next_if(|arrival| **arrival < midnight).is_some() {
                backlog += 1;
            }
            while ended.next_if(|end| **end <= midnight).is_some() {
                backlog -= 1;
            }
            days.push(DayEnd { date, backlog });
            next = date.tomorrow().ok().filter(|_| midnight < last);
        }
        days
    }
}

fn seconds(microseconds: u64) -> f64 {
    number(microseconds) / MICROSECONDS
}

/// A count as a double: exact up to 2^53.
fn number(count: u64) -> f64 {
    count as f64
}
