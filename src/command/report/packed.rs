//! Sums as text: integers, column by column, so that a browser adds up what the sweep adds up.
//! Estimates nothing.

use ethnum::U256;

use super::sliders::Slider;
use crate::estimate::split::GroupCells;
use crate::tally::{Account, Basis, Design, Money, Sums, Weights};

/// Digits of a number in text, the lowest first, each with 32 for "more follow".
const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// How sums are laid out.
pub(super) struct Bins<'a> {
    pub(super) design: &'a Design,
    /// The lowest bin that each threshold auto-approves.
    pub(super) cuts: Vec<u64>,
}

impl Bins<'_> {
    /// The sums of a group by cell of the design and bin: bin b holds the scores that meet exactly
    /// b thresholds. Pinned cases meet none.
    fn of(&self, group: &GroupCells<'_>, account: Account) -> Vec<Vec<Sums>> {
        let empty = vec![Sums::default(); self.cuts.len() + 1];
        let mut all = vec![empty; self.design.cells().len()];
        for (key, bins) in group.cells(account).into_iter().flatten() {
            let cell = self.design.place(key).and_then(|place| all.get_mut(place));
            let Some(cell) = cell else { continue };
            for (bin, sums) in bins {
                let met = self.cuts.partition_point(|cut| cut <= bin);
                let place = if key.pinned { 0 } else { met };
                if let Some(slot) = cell.get_mut(place) {
                    *slot += sums;
                }
            }
        }
        all
    }

    pub(super) fn cases(&self, group: &GroupCells<'_>) -> u64 {
        let sums = self.of(group, Account::Value);
        sums.iter().flatten().map(|sums| sums.counts.cases()).sum()
    }

    /// The largest power of ten in millionths that all money of an account is a multiple of.
    pub(super) fn unit(&self, sliders: &[Slider], account: Account) -> u64 {
        let sums: Vec<Sums> = sliders
            .iter()
            .flat_map(|slider| self.of(&slider.group(), account).concat())
            .collect();
        let fits = |unit: &u64| {
            sums.iter()
                .filter_map(|sums| sums.money.as_deref())
                .all(|money| {
                    let (wide, square) = (u128::from(*unit), U256::from(*unit) * U256::from(*unit));
                    money.at_stake % wide == 0
                        && money.wrong % wide == 0
                        && u128::from(money.largest) % wide == 0
                        && money.wrong_squares % square == 0
                })
        };
        let units = (0..=6).rev().map(|power| 10_u64.pow(power));
        units.into_iter().find(fits).unwrap_or(1)
    }

    /// The columns of all cells, one after the other, as text.
    pub(super) fn encoded(
        &self,
        group: &GroupCells<'_>,
        accounts: [Option<Account>; 3],
        units: [u64; 3],
    ) -> String {
        let mut text = Writer::default();
        let cases = self.of(group, Account::Value);
        let kept = accounts.map(|account| account.map(|account| self.of(group, account)));
        for (place, cell) in self.design.cells().iter().enumerate() {
            let varies = cell.basis == Basis::Varying;
            if let Some(bins) = cases.get(place) {
                add_counts(&mut text, bins, varies);
            }
            for ((account, sums), unit) in accounts.iter().zip(&kept).zip(units) {
                let bins = sums.as_ref().and_then(|sums| sums.get(place));
                if let (Some(account), Some(bins)) = (account, bins) {
                    add_money(&mut text, bins, *account, (unit, varies));
                }
            }
        }
        text.finish()
    }
}

fn add_counts(text: &mut Writer, bins: &[Sums], varies: bool) {
    text.column(bins, |sums| sums.counts.cases().into());
    text.column(bins, |sums| sums.counts.labelled().into());
    text.column(bins, |sums| sums.counts.wrong.into());
    if varies {
        text.column(bins, |sums| weights(sums).sum.into());
        text.column(bins, |sums| weights(sums).wrong.into());
        text.column(bins, |sums| weights(sums).squares);
        text.column(bins, |sums| weights(sums).wrong_squares);
        text.column(bins, |sums| weights(sums).largest.into());
    }
}

fn add_money(text: &mut Writer, bins: &[Sums], account: Account, (unit, varies): (u64, bool)) {
    let unit = U256::from(unit);
    text.column(bins, |sums| U256::from(money(sums).at_stake) / unit);
    match account {
        Account::ErrorCost => add_error_cost(text, bins, (unit, varies)),
        // Seconds are known of some cases only.
        Account::Effort => text.column(bins, |sums| sums.counts.labelled().into()),
        Account::ReviewCost | Account::Value => {}
    }
}

fn money(sums: &Sums) -> Money {
    sums.money.as_deref().copied().unwrap_or_default()
}

fn weights(sums: &Sums) -> Weights {
    sums.weights.as_deref().copied().unwrap_or_default()
}

fn add_error_cost(text: &mut Writer, bins: &[Sums], (unit, varies): (U256, bool)) {
    let square = unit * unit;
    text.column(bins, |sums| U256::from(money(sums).wrong) / unit);
    text.column(bins, |sums| money(sums).wrong_squares / square);
    text.column(bins, |sums| U256::from(money(sums).largest) / unit);
    if varies {
        text.column(bins, |sums| weights(sums).money_wrong / unit);
        text.column(bins, |sums| weights(sums).money_wrong_squares / square);
        text.column(bins, |sums| U256::from(weights(sums).largest_money) / unit);
    }
}

/// Whole numbers as text: each in digits to the base of 32, the lowest first; a zero is followed
/// by how many more zeros come.
#[derive(Default)]
struct Writer {
    text: String,
    zeros: u64,
}

impl Writer {
    fn column(&mut self, bins: &[Sums], number: impl Fn(&Sums) -> U256) {
        bins.iter().for_each(|sums| self.add(number(sums)));
    }

    fn add(&mut self, number: U256) {
        if number == U256::ZERO {
            self.zeros += 1;
            return;
        }
        self.end_zeros();
        self.digits(number);
    }

    fn end_zeros(&mut self) {
        if self.zeros > 0 {
            let more = self.zeros - 1;
            self.zeros = 0;
            self.digits(U256::ZERO);
            self.digits(U256::from(more));
        }
    }

    fn digits(&mut self, mut number: U256) {
        loop {
            let digit = (number % U256::new(32)).as_usize();
            number /= U256::new(32);
            let more = if number == U256::ZERO { 0 } else { 32 };
            let letter = DIGITS.get(digit + more).copied().unwrap_or(b'A');
            self.text.push(char::from(letter));
            if more == 0 {
                return;
            }
        }
    }

    fn finish(mut self) -> String {
        self.end_zeros();
        self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_digits_to_the_base_of_32() {
        let mut text = Writer::default();
        for number in [1_u64, 31, 32, 0, 0, 0, 1000] {
            text.add(U256::from(number));
        }
        // 1; 31; 0 and one more of 32; three zeros; 8 and 31 more times 32.
        assert_eq!(text.finish(), "BfgBACof");
    }
}
