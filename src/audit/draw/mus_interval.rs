//! Monetary unit sampling at a fixed interval: the units stand in the order of their tickets, each
//! as long as its value, and a hit falls at a random start and then at every n-th part of the sum.
//! A unit longer than the interval is hit for certain, perhaps several times.

use ethnum::U256;

use super::{BySize, Chance, Pick, Taken, Tally, Wish};
use crate::audit::error::DrawError;
use crate::audit::frame::{IN_MEMORY, Unit};
use crate::audit::sorted::{Sorted, Sorter};
use crate::audit::ticket::{BITS, Stream, Ticket, Tickets};

/// The units in the order of their tickets.
pub(super) struct Line {
    sorter: Sorter,
}

impl BySize for Line {
    fn new(_wish: Wish<'_>) -> Self {
        Self {
            sorter: Sorter::new(IN_MEMORY),
        }
    }

    fn add(&mut self, unit: Unit, _size: u128, ticket: Ticket) -> Result<(), DrawError> {
        let key = [ticket.bytes(), unit.key.as_bytes()].concat();
        Ok(self.sorter.add(&key, &unit.record())?)
    }

    fn draw(self, wish: Wish<'_>, all: Tally) -> Result<Taken, DrawError> {
        let bits = Tickets::new(wish.seed, Stream::Start).of("").bits();
        let total = all.value.unwrap_or(0);
        // The start is (bits + 1/2) / 2^52 of an interval: in halves of such a part.
        let start = Start {
            numerator: 2 * bits + 1,
            denominator: 1 << (BITS + 1),
        };
        let mut hits = Hits::new(total.unsigned_abs(), wish.size(), start);
        let mut picks = Vec::new();
        let line = Sorted::of([self.sorter]);
        let mut walk = line.walk()?;
        while let Some((_, content)) = walk.step()? {
            let unit = Unit::of_record(content)?;
            let size = unit.size.unwrap_or(0).unsigned_abs();
            let times = hits.on(size);
            if times > 0 {
                let ticket = wish.tickets.of(&unit.key);
                let certain = u128::from(wish.size()) * size >= total.unsigned_abs();
                picks.push(Pick {
                    certain,
                    times,
                    ..Pick::random(unit, ticket)
                });
            }
        }
        Ok(Taken {
            picks,
            next: Vec::new(),
            chance: Chance::BySize {
                draws: wish.size(),
                total,
                least: all.least.unwrap_or(0),
            },
        })
    }
}

/// Where the first hit falls, as a part of the interval.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start {
    pub(super) numerator: u64,
    pub(super) denominator: u64,
}

/// Hits at one interval on sizes that are laid end to end. Hit i falls at (start + i) total / count;
/// both sides are multiplied by count and denominator.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hits {
    total: U256,
    count: u64,
    start: Start,
    end: U256,
    next: u64,
}

impl Hits {
    pub(super) fn new(total: u128, count: u64, start: Start) -> Self {
        Self {
            total: U256::from(total),
            count,
            start,
            end: U256::ZERO,
            next: 0,
        }
    }

    /// How often the next size is hit.
    pub(super) fn on(&mut self, size: u128) -> u64 {
        let denominator = U256::from(self.start.denominator);
        self.end += U256::from(size);
        let reach = self.end * U256::from(self.count) * denominator;
        let first = self.next;
        let numerator = U256::from(self.start.numerator);
        while self.next < self.count
            && (U256::from(self.next) * denominator + numerator) * self.total < reach
        {
            self.next += 1;
        }
        self.next - first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hits(sizes: &[u128], count: u64, start: Start) -> Vec<u64> {
        let mut hits = Hits::new(sizes.iter().sum(), count, start);
        sizes.iter().map(|size| hits.on(*size)).collect()
    }

    /// Touw and Hoogduin, Statistics for Auditors, page 34: an interval of 9 from 2 on.
    #[test]
    fn a_fixed_interval_hits_the_cases_of_the_textbook() {
        let sizes = [7, 3, 4, 9, 0, 1, 8, 2, 6, 5];
        let start = Start {
            numerator: 2,
            denominator: 9,
        };
        let hits = hits(&sizes, 5, start);
        let names: String = "ABCDEFGHIJ"
            .chars()
            .zip(hits)
            .filter(|(_, n)| *n > 0)
            .map(|(c, _)| c)
            .collect();
        assert_eq!(names, "ACDGI");
    }

    #[test]
    fn a_case_longer_than_the_interval_is_hit_several_times() {
        let start = Start {
            numerator: 1,
            denominator: 2,
        };
        assert_eq!(hits(&[10, 70, 20], 10, start), [1, 7, 2]);
    }
}
