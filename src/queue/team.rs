//! The smallest team that meets the deadlines.

use std::num::NonZeroU32;
use std::ops::ControlFlow;

use super::simulation::{Case, Order, Queue, Review};
use super::summary::is_late;

impl Queue {
    /// The smallest number of reviewers with which at least `share`, in (0, 1], of the cases with
    /// a deadline ends within it.
    ///
    /// `None` where no case has a deadline, where `share` is outside (0, 1], and where one
    /// reviewer for each case would not do: the handling alone takes too long, or the hours forbid
    /// it.
    ///
    /// First-in-first-out, another reviewer never makes a case wait longer, so the search is by
    /// halving. Under priority it may (a reviewer who is free earlier can begin a long case of low
    /// priority just before an urgent one comes), so every size is tried from the offered load
    /// upwards; a larger team than the answer may then fail.
    #[must_use]
    pub fn smallest_team(&self, share: f64) -> Option<NonZeroU32> {
        let target = self.target(share)?;
        // With one reviewer for each case every review starts at once.
        let alone = self.cases.iter().map(|case| Review {
            case,
            start: case.work,
        });
        if alone.filter(|review| self.ends_late(*review)).count() > target.may_be_late {
            return None;
        }
        let enough = u32::try_from(self.cases.len()).unwrap_or(u32::MAX);
        let least = self.least_team(&target).min(enough);
        let team = match self.order {
            Order::FirstInFirstOut => self.search(least, enough, &target),
            Order::Priority => (least..enough)
                .find(|team| self.meets(*team, &target))
                .unwrap_or(enough),
        };
        NonZeroU32::new(team)
    }

    /// How many cases must be in time, and how many need not; `None` where that has no meaning.
    fn target(&self, share: f64) -> Option<Target> {
        let cases = self
            .cases
            .iter()
            .filter(|case| case.deadline.is_some())
            .count();
        if cases == 0 || !(share > 0.0 && share <= 1.0) {
            return None;
        }
        // The smallest count whose quotient is the share: 7 of 100 are 7 %, whatever 0.07 * 100 is.
        let is_enough = |count: usize| count as f64 / cases as f64 >= share;
        let mut in_time = ((share * cases as f64).ceil() as usize).min(cases);
        while in_time > 1 && is_enough(in_time - 1) {
            in_time -= 1;
        }
        while in_time < cases && !is_enough(in_time) {
            in_time += 1;
        }
        Some(Target {
            in_time,
            may_be_late: cases - in_time,
        })
    }

    /// A size below which no team can do it: the shortest reviews that make up the share must fit
    /// between the first arrival and the last deadline.
    fn least_team(&self, target: &Target) -> u32 {
        let due = |case: &Case| Some(case.time.saturating_add_unsigned(case.deadline?));
        let mut handling: Vec<u64> = self
            .cases
            .iter()
            .filter(|case| case.deadline.is_some())
            .map(|case| case.handling)
            .collect();
        handling.sort_unstable();
        let work: u128 = handling
            .iter()
            .take(target.in_time)
            .copied()
            .map(u128::from)
            .sum();
        let from = self.cases.first().map_or(0, |case| case.work);
        let last = self.cases.iter().filter_map(due).max();
        let until = last.map_or(0, |last| self.openings.most_work_at(last));
        let time = u128::from(until.saturating_sub(from)).max(1);
        u32::try_from(work.div_ceil(time))
            .unwrap_or(u32::MAX)
            .max(1)
    }

    /// The smallest team of `least..=enough` that meets the target, where `enough` does and every
    /// team does that is larger than one that does.
    fn search(&self, least: u32, enough: u32, target: &Target) -> u32 {
        let (mut low, mut high, mut step) = (least, least, 1_u32);
        while high < enough && !self.meets(high, target) {
            low = high + 1;
            high = high.saturating_add(step).min(enough);
            step = step.saturating_mul(2);
        }
        while low < high {
            let middle = low + (high - low) / 2;
            if self.meets(middle, target) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        high
    }

    fn meets(&self, team: u32, target: &Target) -> bool {
        let Some(team) = NonZeroU32::new(team) else {
            return false;
        };
        let mut late = 0;
        let run = self.run(team, |review| {
            late += usize::from(self.ends_late(review));
            if late > target.may_be_late {
                return ControlFlow::Break(());
            }
            ControlFlow::Continue(())
        });
        run.is_continue()
    }

    fn ends_late(&self, review: Review<'_>) -> bool {
        is_late(review.case, self.service(review).map(|service| service.end))
    }
}

/// A share of the cases with a deadline, in cases.
struct Target {
    in_time: usize,
    may_be_late: usize,
}
