//! What can be said of a rate when part of the cases could never have been labelled.
//!
//! Assumes nothing about the unlabelled part, which is the point: it must not impute or drop it.

use crate::estimate::normal;

/// Halvings of a bracket that is at most about 40 wide, down to the last digit.
const HALVINGS: u32 = 64;

/// The rates that the labelled part leaves possible.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IdentifiedSet {
    /// The rate if no unlabelled case is an error, in 0..=1.
    pub lowest: f64,
    /// The rate if every unlabelled case is an error, in 0..=1.
    pub highest: f64,
}

impl IdentifiedSet {
    /// Worst-case bounds (Manski 1989): `labelled_share` is the part of the cases in cells with
    /// labels and `labelled_rate` their error rate, both in 0..=1.
    ///
    /// Outside 0..=1 or NaN gives the set 0 to 1, which claims nothing.
    #[must_use]
    pub fn new(labelled_share: f64, labelled_rate: f64) -> Self {
        let unit = 0.0..=1.0;
        if !unit.contains(&labelled_share) || !unit.contains(&labelled_rate) {
            return Self {
                lowest: 0.0,
                highest: 1.0,
            };
        }
        let lowest = labelled_share * labelled_rate;
        Self {
            lowest,
            highest: lowest + (1.0 - labelled_share),
        }
    }

    /// Largest less smallest possible rate: the share of the cases without label support.
    #[must_use]
    pub fn width(&self) -> f64 {
        self.highest - self.lowest
    }

    /// Interval that holds the true rate, wherever it lies in the set, with probability `level`
    /// (Imbens and Manski 2004, equation 6), clamped to 0..=1.
    ///
    /// The standard errors are those of the two ends. Rests on the normal approximation, so it
    /// must not certify. Standard errors that are negative or NaN, or a level outside
    /// \[1/2, 1), give 0 to 1.
    #[must_use]
    pub fn confidence(&self, (error_lowest, error_highest): (f64, f64), level: f64) -> (f64, f64) {
        let largest = error_lowest.max(error_highest);
        let ratio = if largest > 0.0 {
            self.width() / largest
        } else {
            f64::INFINITY
        };
        match critical_value(ratio, level) {
            Some(c) if error_lowest >= 0.0 && error_highest >= 0.0 => (
                (self.lowest - c * error_lowest).max(0.0),
                (self.highest + c * error_highest).min(1.0),
            ),
            _ => (0.0, 1.0),
        }
    }
}

/// The C with Φ(C + ratio) - Φ(-C) = level (Imbens and Manski 2004, equation 7), where `ratio` is
/// the width of the identified set in units of the larger standard error, from 0 (a point: the
/// two-sided normal deviate) to infinity (the one-sided one). By bisection.
///
/// None for a level outside \[1/2, 1) or a ratio that is negative or NaN.
#[must_use]
pub fn critical_value(ratio: f64, level: f64) -> Option<f64> {
    if !(0.5..1.0).contains(&level) || ratio.is_nan() || ratio < 0.0 {
        return None;
    }
    // As the two tails, which keep their digits: Φ(-C) + Φ(-C - ratio) = 1 - level.
    let outside = 1.0 - level;
    let mut low = -normal::quantile(outside);
    let mut high = -normal::quantile(0.5 * outside);
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        if normal::cdf(-middle) + normal::cdf(-middle - ratio) > outside {
            low = middle;
        } else {
            high = middle;
        }
    }
    Some(0.5 * (low + high))
}
