//! How far two reviews of the same cases agree. Every figure is `None` where it is undefined. No
//! verdict may rest on kappa or alpha: with few errors they are low however well reviewers agree.

use std::collections::BTreeMap;

use crate::estimate::binomial::count;

/// Two reviews of the same cases, each saying right or wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pairs {
    pub both_wrong: u64,
    pub first_only: u64,
    pub second_only: u64,
    pub both_right: u64,
}

/// What they agree on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Agreement {
    pub cases: u64,
    /// Share of cases with the same verdict.
    pub observed: Option<f64>,
    /// Of the "wrong" of either, the share that both gave: 2a / (2a + b + c) (Dice 1945).
    pub on_wrong: Option<f64>,
    /// Of the "right" of either, the share that both gave.
    pub on_right: Option<f64>,
    /// Cohen (1960): agreement beyond chance; none where chance alone agrees on every case.
    pub kappa: Option<f64>,
    /// Krippendorff's nominal alpha, for any number of reviewers; none where no two verdicts differ.
    pub alpha: Option<f64>,
}

impl Agreement {
    /// From the first two verdicts of each case, and all verdicts of right (0) or wrong (1) on each;
    /// who could not tell has left a gap.
    pub fn of(pairs: &Pairs, verdicts: &[Vec<i32>]) -> Self {
        let differ = pairs.first_only + pairs.second_only;
        Self {
            cases: pairs.cases(),
            observed: ratio(pairs.both_wrong + pairs.both_right, pairs.cases()),
            on_wrong: ratio(2 * pairs.both_wrong, 2 * pairs.both_wrong + differ),
            on_right: ratio(2 * pairs.both_right, 2 * pairs.both_right + differ),
            kappa: pairs.kappa(),
            alpha: alpha(verdicts, Distance::Nominal),
        }
    }
}

impl Pairs {
    pub fn cases(&self) -> u64 {
        self.both_wrong + self.first_only + self.second_only + self.both_right
    }

    /// (observed - chance) / (1 - chance), both times the squared number of cases, in integers.
    fn kappa(&self) -> Option<f64> {
        let wide = i128::from;
        let all = wide(self.cases());
        let (first, second) = (
            wide(self.both_wrong + self.first_only),
            wide(self.both_wrong + self.second_only),
        );
        let observed = (wide(self.both_wrong) + wide(self.both_right)) * all;
        let chance = first * second + (all - first) * (all - second);
        let most = all * all - chance;
        (most > 0).then(|| (observed - chance) as f64 / most as f64)
    }
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| count(part) / count(whole))
}

/// How far two values are apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distance {
    /// The same or not.
    Nominal,
    /// The squared difference.
    Interval,
}

impl Distance {
    fn between(self, one: i32, other: i32) -> f64 {
        match self {
            Self::Nominal => f64::from(u8::from(one != other)),
            Self::Interval => {
                let apart = f64::from(one) - f64::from(other);
                apart * apart
            }
        }
    }
}

/// Krippendorff's alpha (2011, "Computing Krippendorff's alpha-reliability"): 1 less the observed
/// disagreement over that expected by chance, for any number of reviewers with gaps. Each unit
/// lists the values that it was given; units with fewer than two are left out. None where
/// no two values differ anywhere or none can be paired.
pub fn alpha(units: &[Vec<i32>], distance: Distance) -> Option<f64> {
    let mut totals: BTreeMap<i32, u64> = BTreeMap::new();
    let mut observed = 0.0;
    for unit in units.iter().filter(|unit| unit.len() > 1) {
        let mut apart = 0.0;
        for one in unit {
            *totals.entry(*one).or_default() += 1;
            apart += unit
                .iter()
                .map(|other| distance.between(*one, *other))
                .sum::<f64>();
        }
        observed += apart / count(unit.len() as u64 - 1);
    }
    let values: u64 = totals.values().sum();
    let mut expected = 0.0;
    for (one, times) in &totals {
        for (other, again) in &totals {
            expected += count(*times) * count(*again) * distance.between(*one, *other);
        }
    }
    (expected > 0.0).then(|| 1.0 - count(values - 1) * observed / expected)
}
