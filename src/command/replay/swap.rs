//! The swap set: the cases whose route a policy changes, and the errors among them. Must not route.

use super::answer::{Reckoner, side};
use crate::estimate::money::{self, MoneyInError};
use crate::estimate::rates::{self, Labelling};
use crate::estimate::split::{self, GroupCells};
use crate::rate::Rate;
use crate::tally::{Counts, Course, Design};

/// The cases whose route changes.
pub(in crate::command) struct Swap {
    pub(in crate::command) newly_auto: Part,
    pub(in crate::command) newly_escalated: Part,
}

/// A set of cases with the errors among them.
pub(in crate::command) struct Part {
    pub(in crate::command) cases: u64,
    pub(in crate::command) error: Rate,
    pub(in crate::command) value: Option<MoneyInError>,
}

impl Part {
    /// Whether every case is labelled, so that its errors are counted and not estimated.
    pub(in crate::command) fn is_observed(&self) -> bool {
        self.cases > 0 && self.error.labelled == self.error.cases
    }
}

impl Reckoner<'_> {
    /// The cases whose route changes; `None` where there is nothing to compare with.
    pub(in crate::command) fn swap(
        &self,
        design: &Design,
        group: &GroupCells<'_>,
        is_own: impl Fn(&Course) -> bool,
    ) -> Option<Swap> {
        let against = self.question.apart.against.is_some();
        if !against && !self.has_route {
            return None;
        }
        let splits = group.split(design, |key, bin| {
            let course = Course::of_bin(bin);
            if !is_own(&course) {
                return None;
            }
            let before = if against {
                Some(side(course.auto_before))
            } else {
                split::history(key)
            };
            let after = side(course.auto);
            (before? != after).then_some(after)
        });
        let split = splits.cases();
        Some(Swap {
            newly_auto: self.part(split.auto),
            newly_escalated: self.part(split.escalated),
        })
    }

    fn part(&self, mut cells: Vec<rates::Cell>) -> Part {
        let sum = |number: fn(&Counts) -> u64| cells.iter().map(|c| number(&c.sums.counts)).sum();
        let (cases, labelled): (u64, u64) = (sum(Counts::cases), sum(Counts::labelled));
        if cases == labelled {
            // Every label is there: errors are counted, whatever chance the labels had.
            for cell in &mut cells {
                cell.labelling = Labelling::Certain;
            }
        }
        Part {
            cases,
            error: rates::error_rate(&cells, self.question.level),
            value: self
                .has_value
                .then(|| money::money_in_error(&cells, self.question.level)),
        }
    }
}
