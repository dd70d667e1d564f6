//! Axes: which range is shown, where its ticks are, and where a number falls.
//!
//! Axes count in percent. Ticks are whole multiples of a step from a table, so
//! that no rounding adds up and no two machines differ.

use super::geometry::{Pixel, Rectangle};
use super::risk_coverage::{ErrorRate, Panel, Point};

/// Powers of ten for steps, in percent, with the decimals they need.
const DECADES: [(f64, usize); 11] = [
    (1e-9, 9),
    (1e-8, 8),
    (1e-7, 7),
    (1e-6, 6),
    (1e-5, 5),
    (1e-4, 4),
    (1e-3, 3),
    (1e-2, 2),
    (1e-1, 1),
    (1.0, 0),
    (10.0, 0),
];

/// Below this, in percent, a range counts as nothing but zeros.
const NOTHING: f64 = 1e-8;

/// A width counts as typical up to this multiple of the median width.
const TYPICAL: f64 = 4.0;

/// An estimate outside the typical range is still shown if it takes no more
/// than this multiple of it; otherwise it would flatten all the others.
const MODEST: f64 = 3.0;

/// Room above the highest number.
const HEADROOM: f64 = 1.06;

/// A range of percent and its ticks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Axis {
    pub(crate) low: f64,
    pub(crate) high: f64,
    step: f64,
    decimals: usize,
}

impl Axis {
    /// From zero to at least `top` percent, with at most about `ticks` steps.
    pub(crate) fn from_zero(top: f64, ticks: f64) -> Self {
        let top = if top < NOTHING { 1.0 } else { top.min(100.0) };
        let (step, decimals) = nice_step(top / ticks);
        let high = ((top / step - 1e-9).ceil() * step).min(100.0);
        Self {
            low: 0.0,
            high,
            step,
            decimals,
        }
    }

    /// The range of the escalation rate: all of 0 to 100 %, unless the points
    /// fill so little of it that they could not be told apart.
    pub(crate) fn shares((least, most): (f64, f64), ticks: f64) -> Self {
        let spread = most - least;
        if !(NOTHING..40.0).contains(&spread) {
            return Self::from_zero(100.0, ticks);
        }
        let (step, decimals) = nice_step(spread * 1.1 / ticks);
        let low = ((least - 0.03 * spread) / step).floor() * step;
        let high = ((most + 0.03 * spread) / step).ceil() * step;
        // Zero is worth showing when it is near.
        let low = if least < spread { 0.0 } else { low.max(0.0) };
        Self {
            low,
            high: high.min(100.0),
            step,
            decimals,
        }
    }

    /// From the step below the least to the step above the most, within 0 to 100 %.
    pub(crate) fn around((least, most): (f64, f64), ticks: f64) -> Self {
        if most - least < NOTHING {
            return Self::from_zero(100.0, ticks);
        }
        let (step, decimals) = nice_step((most - least) / ticks);
        Self {
            low: ((least / step + 1e-9).floor() * step).max(0.0),
            high: ((most / step - 1e-9).ceil() * step).min(100.0),
            step,
            decimals,
        }
    }

    /// The ticks: where, in percent, and what is written there.
    pub(crate) fn ticks(&self) -> Vec<(f64, String)> {
        let first = (self.low / self.step - 1e-6).ceil();
        (0..200)
            .map(|count| (first + f64::from(count)) * self.step)
            .take_while(|value| *value <= self.high + self.step * 1e-6)
            .map(|value| (value, format!("{value:.*}", self.decimals)))
            .collect()
    }

    /// The ticks as fractions of 1, such as thresholds.
    pub(crate) fn fractions(&self) -> Vec<(f64, String)> {
        let text = |percent: f64| format!("{:.*}", self.decimals + 2, percent / 100.0);
        let ticks = self.ticks().into_iter();
        ticks.map(|(percent, _)| (percent, text(percent))).collect()
    }

    fn fraction(&self, percent: f64) -> f64 {
        (percent - self.low) / (self.high - self.low)
    }
}

fn nice_step(least: f64) -> (f64, usize) {
    DECADES
        .iter()
        .flat_map(|(power, decimals)| [1.0, 2.0, 5.0].map(|digit| (digit * power, *decimals)))
        .find(|(step, _)| *step >= least * (1.0 - 1e-9))
        .unwrap_or((50.0, 0))
}

/// One pair of axes on the page.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plot {
    pub(crate) area: Rectangle,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
}

impl Plot {
    /// The place of two rates, both as fractions.
    pub(crate) fn place(&self, escalation_rate: f64, error_rate: f64) -> Pixel {
        Pixel {
            x: self.across(escalation_rate * 100.0),
            y: self.up(error_rate * 100.0),
        }
    }

    pub(crate) fn across(&self, percent: f64) -> f64 {
        self.area.left + self.x.fraction(percent) * (self.area.right - self.area.left)
    }

    pub(crate) fn up(&self, percent: f64) -> f64 {
        let y = self.area.bottom - self.y.fraction(percent) * (self.area.bottom - self.area.top);
        // 100 % of 100 % is at the edge, whatever the last bit says.
        if (y - self.area.top).abs() < 1e-6 {
            self.area.top
        } else {
            y
        }
    }
}

/// The smallest and largest escalation rate of all panels, in percent; all of
/// 0 to 100 for a point or two, which have no range of their own.
pub(crate) fn escalation_range(panels: &[Panel]) -> (f64, f64) {
    if panels.iter().all(|panel| panel.points.len() < 3) {
        return (0.0, 100.0);
    }
    let rates = || {
        panels
            .iter()
            .flat_map(all_points)
            .map(|point| point.escalation_rate * 100.0)
    };
    (rates().fold(100.0, f64::min), rates().fold(0.0, f64::max))
}

/// How high the error axis must reach, in percent, so that the estimates can
/// be read.
///
/// Intervals of a typical width (up to four times the median width) fit in
/// whole; wider ones may leave the picture at the top. So may their estimates,
/// if showing them took more than three times that height, but never the middle
/// estimate of a panel nor the historical one. Worst-case limits count only
/// where there is no estimate at all: they reach 100 % by nature.
pub(crate) fn error_top(panels: &[Panel]) -> f64 {
    let estimated: Vec<_> = panels
        .iter()
        .flat_map(all_points)
        .filter_map(estimate_of)
        .collect();
    let Some(typical) = median(estimated.iter().map(|(_, low, high)| high - low)) else {
        let limits = panels.iter().flat_map(all_points).filter_map(high_limit);
        return (limits.fold(0.0, f64::max) * 100.0 * HEADROOM).min(100.0);
    };
    let steady = estimated
        .iter()
        .filter(|(_, low, high)| high - low <= TYPICAL * typical)
        .map(|(_, _, high)| *high)
        .fold(0.0, f64::max);
    let modest = estimated
        .iter()
        .map(|(estimate, _, _)| *estimate)
        .filter(|estimate| *estimate <= MODEST * steady);
    let middles = panels.iter().filter_map(|panel| {
        median(
            panel
                .points
                .iter()
                .filter_map(estimate_of)
                .map(|(estimate, _, _)| estimate),
        )
    });
    let actual = panels
        .iter()
        .filter_map(|panel| panel.actual.as_ref().and_then(estimate_of))
        .map(|(estimate, _, _)| estimate);
    let top = modest.chain(middles).chain(actual).fold(steady, f64::max);
    (top * 100.0 * HEADROOM).min(100.0)
}

fn all_points(panel: &Panel) -> impl Iterator<Item = &Point> {
    panel.points.iter().chain(panel.actual.as_ref())
}

fn estimate_of(point: &Point) -> Option<(f64, f64, f64)> {
    match point.error {
        ErrorRate::Estimated {
            estimate,
            low,
            high,
        } => Some((estimate, low, high)),
        ErrorRate::Bounded { .. } | ErrorRate::Undefined => None,
    }
}

fn high_limit(point: &Point) -> Option<f64> {
    match point.error {
        ErrorRate::Estimated { high, .. } | ErrorRate::Bounded { high, .. } => Some(high),
        ErrorRate::Undefined => None,
    }
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut sorted: Vec<f64> = values.collect();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::{Axis, error_top};
    use crate::chart::{ErrorRate, Panel, Point};

    fn check_labels(axis: Axis, expected: &[&str]) {
        let labels: Vec<_> = axis.ticks().into_iter().map(|(_, label)| label).collect();
        assert_eq!(labels, expected);
    }

    fn panel(rates: &[(f64, f64, f64)]) -> Panel {
        let points = rates
            .iter()
            .map(|(estimate, low, high)| Point {
                threshold: None,
                escalation_rate: 0.5,
                error: ErrorRate::Estimated {
                    estimate: *estimate,
                    low: *low,
                    high: *high,
                },
            })
            .collect();
        Panel {
            name: None,
            points,
            actual: None,
        }
    }

    #[test]
    fn ticks_of_ordinary_rates_are_whole() {
        check_labels(Axis::from_zero(4.6, 6.0), &["0", "1", "2", "3", "4", "5"]);
        check_labels(
            Axis::from_zero(100.0, 5.0),
            &["0", "20", "40", "60", "80", "100"],
        );
    }

    #[test]
    fn ticks_of_tiny_rates_have_enough_decimals() {
        let expected = ["0.000", "0.005", "0.010", "0.015", "0.020", "0.025"];
        check_labels(Axis::from_zero(0.021, 5.0), &expected);
    }

    #[test]
    fn nothing_but_zeros_still_has_a_range() {
        let axis = Axis::from_zero(0.0, 5.0);
        assert!(axis.high > axis.low);
    }

    #[test]
    fn a_narrow_range_of_escalation_is_enlarged() {
        let axis = Axis::shares((2.0, 11.0), 8.0);
        assert!(
            axis.low <= 2.0 && 11.0 <= axis.high && axis.high <= 20.0,
            "{axis:?}"
        );
        let axis = Axis::shares((85.0, 97.0), 8.0);
        assert!(
            70.0 < axis.low && axis.low <= 85.0 && 97.0 <= axis.high,
            "{axis:?}"
        );
    }

    #[test]
    fn a_range_between_steps_begins_and_ends_at_a_step() {
        check_labels(
            Axis::around((41.0, 100.0), 10.0),
            &["40", "50", "60", "70", "80", "90", "100"],
        );
        check_labels(
            Axis::around((90.0, 95.0), 5.0),
            &["90", "91", "92", "93", "94", "95"],
        );
        let axis = Axis::around((100.0, 100.0), 5.0);
        assert!(axis.low < axis.high);
    }

    #[test]
    fn a_wide_or_empty_range_of_escalation_is_all_of_it() {
        for range in [(0.0, 100.0), (10.0, 80.0), (35.0, 35.0), (100.0, 0.0)] {
            let axis = Axis::shares(range, 8.0);
            assert!(axis.low <= 0.0 && 100.0 <= axis.high, "{range:?} {axis:?}");
        }
    }

    #[test]
    fn one_very_wide_interval_does_not_flatten_the_others() {
        let mut rates = vec![(0.02, 0.017, 0.023); 9];
        rates.push((0.33, 0.01, 0.9));
        assert!(error_top(&[panel(&rates)]) < 5.0);
    }

    #[test]
    fn the_middle_estimate_of_every_panel_is_shown() {
        let most = panel(&[(0.02, 0.017, 0.023); 9]);
        let small = panel(&[(0.30, 0.1, 0.6); 2]);
        let top = error_top(&[most, small]);
        assert!((30.0..60.0).contains(&top), "{top}");
    }
}
