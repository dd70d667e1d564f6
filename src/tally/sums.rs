//! The additive sums of a slot, all of them integers: counts, money in millionths, and weights
//! 1/π in units of 2⁻³². Products of both are kept whole in 256 bits.

use std::ops::AddAssign;

use ethnum::U256;

use super::Probability;
use crate::log::Label;
use crate::rate::Micros;

/// Units of a weight: 2³².
const WEIGHT_UNITS: f64 = 4_294_967_296.0;

/// Cases by label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub right: u64,
    pub wrong: u64,
    pub unknown: u64,
}

impl Counts {
    pub fn cases(&self) -> u64 {
        self.right + self.wrong + self.unknown
    }

    pub fn labelled(&self) -> u64 {
        self.right + self.wrong
    }

    /// Adds one case.
    pub fn add_case(&mut self, label: Label) {
        match label {
            Label::Right => self.right += 1,
            Label::Wrong => self.wrong += 1,
            Label::Unknown => self.unknown += 1,
        }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.right += other.right;
        self.wrong += other.wrong;
        self.unknown += other.unknown;
    }
}

/// Money in millionths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Money {
    /// Of all cases.
    pub at_stake: u128,
    /// Squares of the values of all cases.
    pub squares: U256,
    /// Of labelled cases that are wrong.
    pub wrong: u128,
    /// Squares of the values of labelled cases that are wrong.
    pub wrong_squares: U256,
    /// The largest value of any case.
    pub largest: u64,
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        self.at_stake += other.at_stake;
        self.squares += other.squares;
        self.wrong += other.wrong;
        self.wrong_squares += other.wrong_squares;
        self.largest = self.largest.max(other.largest);
    }
}

impl Money {
    pub(super) fn add_case(&mut self, value: Micros, label: Label) {
        let micros = u128::from(value.get());
        let square = U256::from(micros * micros);
        self.at_stake += micros;
        self.squares += square;
        self.largest = self.largest.max(value.get());
        if label == Label::Wrong {
            self.wrong += micros;
            self.wrong_squares += square;
        }
    }
}

/// Weights w = 1/π of cases whose label probabilities differ, in units of 2⁻³², and their products
/// with money in millionths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Weights {
    /// Over labelled cases: w, w of the wrong ones, and both squared.
    pub sum: u128,
    pub wrong: u128,
    pub squares: U256,
    pub wrong_squares: U256,
    /// The largest weight of any case, labelled or not.
    pub largest: u64,
    /// Over labelled wrong cases: w times money, and its square.
    pub money_wrong: U256,
    pub money_wrong_squares: U256,
    /// The largest product of weight and money of any case.
    pub largest_money: u128,
}

impl AddAssign for Weights {
    fn add_assign(&mut self, other: Self) {
        self.sum += other.sum;
        self.wrong += other.wrong;
        self.squares += other.squares;
        self.wrong_squares += other.wrong_squares;
        self.largest = self.largest.max(other.largest);
        self.money_wrong += other.money_wrong;
        self.money_wrong_squares += other.money_wrong_squares;
        self.largest_money = self.largest_money.max(other.largest_money);
    }
}

/// The sums of one slot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    pub counts: Counts,
    /// Present where cases carry a value.
    pub money: Option<Box<Money>>,
    /// Present in varying cells.
    pub weights: Option<Box<Weights>>,
}

impl AddAssign<&Self> for Sums {
    fn add_assign(&mut self, other: &Self) {
        self.counts += other.counts;
        add_optional(&mut self.money, other.money.as_deref());
        add_optional(&mut self.weights, other.weights.as_deref());
    }
}

fn add_optional<T: AddAssign + Copy>(sum: &mut Option<Box<T>>, more: Option<&T>) {
    match (sum, more) {
        (Some(sum), Some(more)) => **sum += *more,
        (sum @ None, Some(more)) => *sum = Some(Box::new(*more)),
        (_, None) => {}
    }
}

/// A weight 1/π in units of 2⁻³².
fn weight(probability: Probability) -> u64 {
    (WEIGHT_UNITS / probability.get()).round() as u64
}

impl Weights {
    pub(super) fn add_case(&mut self, probability: Probability, label: Label, value: Micros) {
        let mut counts = Counts::default();
        counts.add_case(label);
        let mut money = Money::default();
        money.add_case(value, label);
        *self += Self::of(probability, &counts, &money);
    }

    /// The weights of cases with a common probability: exactly what adding them one by one gives.
    fn of(probability: Probability, counts: &Counts, money: &Money) -> Self {
        let weight = weight(probability);
        let wide = U256::from(weight);
        let square = wide * wide;
        let labelled = counts.labelled();
        Self {
            sum: u128::from(weight) * u128::from(labelled),
            wrong: u128::from(weight) * u128::from(counts.wrong),
            squares: square * U256::from(labelled),
            wrong_squares: square * U256::from(counts.wrong),
            largest: if counts.cases() > 0 { weight } else { 0 },
            money_wrong: wide * U256::from(money.wrong),
            money_wrong_squares: square * money.wrong_squares,
            largest_money: u128::from(weight) * u128::from(money.largest),
        }
    }

    /// Weights in units of 1.
    pub fn units(sum: u128) -> f64 {
        sum as f64 / WEIGHT_UNITS
    }

    /// Squared weights in units of 1.
    pub fn square_units(sum: U256) -> f64 {
        sum.as_f64() / (WEIGHT_UNITS * WEIGHT_UNITS)
    }

    /// Weights times money in units of money.
    pub fn money_units(sum: U256) -> f64 {
        sum.as_f64() / (WEIGHT_UNITS * Micros::PER_UNIT)
    }

    /// Squared weights times squared money in units of money squared.
    pub fn money_square_units(sum: U256) -> f64 {
        let unit = WEIGHT_UNITS * Micros::PER_UNIT;
        sum.as_f64() / (unit * unit)
    }
}

impl Sums {
    /// The same cases with the weights of their common probability.
    pub(super) fn weighted(mut self, probability: Probability) -> Self {
        let money = self.money.as_deref().copied().unwrap_or_default();
        self.weights = Some(Box::new(Weights::of(probability, &self.counts, &money)));
        self
    }
}
