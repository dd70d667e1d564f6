//! Random halves of a set of cases, for null comparisons: each case goes to one half or the other
//! by the toss of a fair coin. Seeded, and the same on every machine; not for audits.

use crate::estimate::metric::Facts;
use crate::estimate::rates::{Cell, Labelling};
use crate::estimate::split::{Split, Splits};
use crate::tally::{Counts, Sums};

/// Fair coins from a fixed algorithm: `SplitMix64` (Steele, Lea and Flood 2014).
#[derive(Clone, Debug)]
pub struct Coins(u64);

impl Coins {
    /// Coins of a seed.
    pub fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Heads among so many tosses.
    fn heads(&mut self, tosses: u64) -> u64 {
        let mut heads = 0;
        for _ in 0..tosses / 64 {
            heads += u64::from(self.bits().count_ones());
        }
        let rest = (1_u64 << (tosses % 64)) - 1;
        heads + u64::from((self.bits() & rest).count_ones())
    }
}

/// Two random halves. `None` where label probabilities differ from row to row: sums do not tell
/// which weight goes where.
pub fn of(facts: &Facts, coins: &mut Coins) -> Option<(Facts, Facts)> {
    let whole = facts.splits.cases();
    let (auto, other_auto) = cells(&whole.auto, coins)?;
    let (escalated, other_escalated) = cells(&whole.escalated, coins)?;
    let facts = |auto, escalated| Facts {
        splits: Splits::of_cases(Split { auto, escalated }),
        prices: None,
    };
    Some((facts(auto, escalated), facts(other_auto, other_escalated)))
}

fn cells(cells: &[Cell], coins: &mut Coins) -> Option<(Vec<Cell>, Vec<Cell>)> {
    let mut halves = (Vec::new(), Vec::new());
    for cell in cells {
        let Counts {
            right,
            wrong,
            unknown,
        } = cell.sums.counts;
        if cell.labelling == Labelling::Varying && cell.sums.counts.cases() > 0 {
            return None;
        }
        let one = Counts {
            right: coins.heads(right),
            wrong: coins.heads(wrong),
            unknown: coins.heads(unknown),
        };
        let other = Counts {
            right: right - one.right,
            wrong: wrong - one.wrong,
            unknown: unknown - one.unknown,
        };
        let half = |counts| Cell {
            labelling: cell.labelling,
            sums: Sums {
                counts,
                ..Sums::default()
            },
        };
        halves.0.push(half(one));
        halves.1.push(half(other));
    }
    Some(halves)
}
