//! The nouns that every layer shares: thresholds, levels, money, counts, intervals and rates.
//! Each is checked once, where it is made. Must not compute statistics.

mod duration;
mod fraction;
mod share;
mod threshold;

use serde::Serialize;

pub use duration::{Duration, DurationError};
pub use fraction::{Fraction, FractionError};
pub use share::share_from_text;
pub use threshold::{Grid, GridError, Threshold};

/// A confidence level, strictly between 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Level(f64);

impl Level {
    /// 95 %.
    pub const NINETY_FIVE: Self = Self(0.95);

    /// The level as a fraction; `None` outside (0, 1).
    pub fn new(level: f64) -> Option<Self> {
        (level > 0.0 && level < 1.0).then_some(Self(level))
    }

    /// The level as a fraction in (0, 1).
    pub fn get(self) -> f64 {
        self.0
    }

    /// The probability left to each side of a two-sided interval.
    pub fn tail(self) -> f64 {
        (1.0 - self.0) / 2.0
    }
}

/// Money in millionths of its unit. Sums of integers are the same in every order, so a tally of
/// money does not depend on threads or on how the log was split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Micros(u64);

impl Micros {
    /// Millionths in one unit of money.
    pub const PER_UNIT: f64 = 1e6;
    /// The largest value of one case, in units of money: a trillion.
    pub const MAX_UNITS: f64 = 1e12;

    /// An amount in units of money, rounded to a millionth; `None` when it is negative, not
    /// finite or over a trillion.
    pub fn from_units(units: f64) -> Option<Self> {
        (0.0..=Self::MAX_UNITS)
            .contains(&units)
            .then(|| Self((units * Self::PER_UNIT).round() as u64))
    }

    /// An amount in millionths; at most a trillion units.
    pub fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// The amount in millionths.
    pub fn get(self) -> u64 {
        self.0
    }
}

/// The two ends of an interval, low <= high.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
}

/// The shares of a number's cases by what is known of their labels; they add up to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Evidence {
    /// Cases of cells in which every case is labelled.
    pub observed: f64,
    /// Cases of cells in which a part is labelled.
    pub sampled: f64,
    /// Cases of cells without any label in this set of cases.
    pub unsupported: f64,
}

/// How an interval was computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Exact binomial limits in one cell (Clopper and Pearson 1934).
    ClopperPearson,
    /// Gamma limits over the weights of several cells (Fay and Feuer 1997).
    FayFeuer,
    /// Limits of two rates joined at half the error probability each.
    Bonferroni,
    /// Worst-case limits of a rate part of which has no labels (Manski 1989).
    Manski,
}

/// An error rate (or another share of cases) and what it rests on. `estimate`, `low` and `high`
/// are fractions, or `None` where a part of the cases has no labels; then `bounds` holds the
/// worst-case limits.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Rate {
    pub estimate: Option<f64>,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub level: f64,
    pub method: Option<Method>,
    /// Cases that the rate is about.
    pub cases: u64,
    /// Those of them that carry a label.
    pub labelled: u64,
    /// Labelled cases that are wrong.
    pub errors_found: u64,
    pub evidence: Option<Evidence>,
    /// Worst-case limits of the estimate where a part is unsupported.
    pub bounds: Option<[f64; 2]>,
    /// `bounds` widened by sampling error (Imbens and Manski 2004), at `level`.
    pub bounds_interval: Option<[f64; 2]>,
    /// The naive rate among labelled cases, whatever their label probability.
    pub labelled_only: Option<f64>,
    /// Kish's effective number of labels.
    pub effective_labels: Option<f64>,
    /// The share of all weight that the heaviest label carries.
    pub largest_weight_share: Option<f64>,
    /// Cases that were certain to be labelled and are not.
    pub missing_labels: u64,
    /// The estimate if every missing label were an error.
    pub worst_case: Option<f64>,
}

impl Rate {
    /// The interval, where there is one.
    pub fn interval(&self) -> Option<Interval> {
        Some(Interval {
            low: self.low?,
            high: self.high?,
        })
    }

    /// Whether the labelled-rows-only rate lies outside the interval.
    pub fn labelled_only_misleads(&self) -> bool {
        match (self.labelled_only, self.interval()) {
            (Some(naive), Some(interval)) => !(interval.low <= naive && naive <= interval.high),
            _ => false,
        }
    }
}
