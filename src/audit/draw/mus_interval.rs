//! Monetary unit sampling at a fixed interval: the units stand in the order of their tickets, each
//! as long as its value, and a hit falls at a random start and then at every n-th part of the sum.
//! A unit longer than the interval is hit for certain, perhaps several times.

use ethnum::U256;

use super::{Chance, Taken, Unit, Wish, srs};
use crate::audit::ticket::{BITS, Stream, Tickets};

/// `units` all have a positive size.
pub(super) fn draw<'a>(units: &[Unit<'a>], wish: Wish<'_>) -> Taken<'a> {
    let bits = Tickets::new(wish.seed, Stream::Start).of("").bits();
    let picks = srs::lowest(units, wish, usize::MAX);
    let sizes: Vec<u128> = picks.iter().map(|pick| size(&pick.unit)).collect();
    let total: u128 = sizes.iter().sum();
    // The start is (bits + 1/2) / 2^52 of an interval: in halves of such a taken.
    let times = hits(
        &sizes,
        wish.size(),
        Start {
            numerator: 2 * bits + 1,
            denominator: 1 << (BITS + 1),
        },
    );
    let mut taken = Taken {
        picks: Vec::new(),
        next: Vec::new(),
        chance: Chance::BySize {
            draws: wish.size(),
            total: i128::try_from(total).unwrap_or(i128::MAX),
            least: sizes
                .iter()
                .min()
                .map_or(0, |least| i128::try_from(*least).unwrap_or(i128::MAX)),
        },
    };
    for ((mut pick, size), times) in picks.into_iter().zip(sizes).zip(times) {
        if times > 0 {
            pick.certain = u128::from(wish.size()) * size >= total;
            pick.times = times;
            taken.picks.push(pick);
        }
    }
    taken
}

fn size(unit: &Unit<'_>) -> u128 {
    unit.size.unwrap_or(0).unsigned_abs()
}

/// Where the first hit falls, as a part of the interval.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start {
    pub(super) numerator: u64,
    pub(super) denominator: u64,
}

/// How often each of the sizes, laid end to end, is hit by `count` hits at one interval.
pub(super) fn hits(sizes: &[u128], count: u64, start: Start) -> Vec<u64> {
    let total = U256::from(sizes.iter().sum::<u128>());
    let denominator = U256::from(start.denominator);
    // Hit i falls at (start + i) total / count; both sides are multiplied by count and denominator.
    let hit = |index: u64| (U256::from(index) * denominator + U256::from(start.numerator)) * total;
    let mut end = U256::ZERO;
    let mut next = 0;
    let hits = sizes.iter().map(|size| {
        end += U256::from(*size);
        let reach = end * U256::from(count) * denominator;
        let first = next;
        while next < count && hit(next) < reach {
            next += 1;
        }
        next - first
    });
    hits.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
