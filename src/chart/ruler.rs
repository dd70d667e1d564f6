//! An axis of any unit: money, hours, cases. Shares of 1 have [`super::scale`].

use super::geometry::Rectangle;
use super::text::whole_number;

/// A range of numbers with round ticks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ruler {
    pub(super) low: f64,
    pub(super) high: f64,
    step: f64,
}

impl Ruler {
    /// A range with round ends that holds both numbers, in about so many steps.
    pub(super) fn around(low: f64, high: f64, steps: f64) -> Self {
        let step = step(low, high, steps);
        let high = if high > low { high } else { low + step };
        Self {
            low: (low / step + 1e-9).floor() * step,
            high: (high / step - 1e-9).ceil() * step,
            step,
        }
    }

    /// A range with exactly these ends, in about so many steps.
    pub(super) fn within(low: f64, high: f64, steps: f64) -> Self {
        let step = step(low, high, steps);
        let high = if high > low { high } else { low + step };
        Self { low, high, step }
    }

    /// Where a number falls across an area; what lies outside falls on its edge.
    pub(super) fn x(&self, value: f64, area: Rectangle) -> f64 {
        area.left + self.share(value).clamp(0.0, 1.0) * (area.right - area.left)
    }

    /// Where a number falls up an area; what is too high falls above it.
    pub(super) fn y(&self, value: f64, area: Rectangle) -> f64 {
        area.bottom - self.share(value).max(0.0) * (area.bottom - area.top)
    }

    fn share(&self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }

    /// The ticks across an area, with what is written there.
    pub(super) fn across(&self, area: Rectangle) -> Vec<(f64, String)> {
        let ticks = self.ticks().into_iter();
        ticks
            .map(|tick| (self.x(tick, area), self.text(tick)))
            .collect()
    }

    /// The ticks up an area, with what is written there.
    pub(super) fn up(&self, area: Rectangle) -> Vec<(f64, String)> {
        let ticks = self.ticks().into_iter();
        ticks
            .map(|tick| (self.y(tick, area), self.text(tick)))
            .collect()
    }

    fn ticks(&self) -> Vec<f64> {
        let first = (self.low / self.step - 1e-6).ceil();
        (0..100)
            .map(|tick| (first + f64::from(tick)) * self.step)
            .take_while(|value| *value <= self.high + self.step * 1e-6)
            .collect()
    }

    /// A tick as text, with the decimals that its step needs, large ones in thousands, millions or
    /// billions.
    fn text(&self, value: f64) -> String {
        let (unit, name) = match self.high.abs().max(self.low.abs()) {
            most if most >= 1e15 => return format!("{:.1e}", value + 0.0),
            most if most >= 1e9 => (1e9, " bn"),
            most if most >= 1e6 => (1e6, " M"),
            most if most >= 1e4 => (1e3, " k"),
            most if most >= 1e3 && value >= 1e3 => return whole_number(value.round() as u64),
            _ => (1.0, ""),
        };
        let step = self.step / unit;
        let decimals = (-step.log10() - 1e-9).ceil().clamp(0.0, 9.0) as usize;
        let value = value / unit + 0.0;
        let text = format!("{value:.decimals$}");
        let zero = text.trim_matches(['-', '0', '.']).is_empty();
        if zero {
            return "0".to_owned();
        }
        format!("{text}{name}")
    }
}

/// A round step of which about so many make the range.
fn step(low: f64, high: f64, steps: f64) -> f64 {
    let spread = if high - low > f64::MIN_POSITIVE {
        high - low
    } else {
        1.0
    };
    let rough = spread / steps;
    let power = 10_f64.powf(rough.log10().floor());
    let digits = [1.0, 2.0, 5.0, 10.0];
    let fits = digits
        .into_iter()
        .find(|digit| digit * power >= rough * 0.999_999);
    fits.unwrap_or(10.0) * power
}

#[cfg(test)]
mod tests {
    use super::Ruler;

    #[test]
    fn rulers_are_round_and_hold_their_numbers() {
        let ranges = [
            (0.0, 1.0),
            (0.83, 0.97),
            (0.0, 123_456.0),
            (3.0, 3.0),
            (0.0, 0.000_3),
            (-40.0, 12.0),
        ];
        for (low, high) in ranges {
            let ruler = Ruler::around(low, high, 5.0);
            assert!(
                ruler.low <= low && ruler.high >= high,
                "{low} to {high}: {ruler:?}"
            );
            assert!((2..=8).contains(&ruler.ticks().len()), "{ruler:?}");
        }
    }

    #[test]
    fn a_range_of_exact_ends_has_its_ticks_inside() {
        let ruler = Ruler::within(0.13, 1.0, 8.0);
        assert_eq!((ruler.low, ruler.high), (0.13, 1.0));
        let ticks = ruler.ticks();
        assert!(ticks.iter().all(|tick| (0.13..=1.0 + 1e-9).contains(tick)));
        assert!(ticks.len() >= 4, "{ticks:?}");
    }

    #[test]
    fn ticks_are_written_short() {
        let text = |high: f64, value: f64| Ruler::around(0.0, high, 5.0).text(value);
        assert_eq!(text(123_456.0, 50_000.0), "50 k");
        assert_eq!(text(5_400_000.0, 2_000_000.0), "2 M");
        assert_eq!(text(2.5e9, 5e8), "0.5 bn");
        assert_eq!(text(1_200.0, 1_000.0), "1,000");
        assert_eq!(text(1_200.0, 800.0), "800");
        assert_eq!(text(0.3, 0.1), "0.1");
        assert_eq!(text(0.3, 0.0), "0");
        assert_eq!(text(1e300, 2e299), "2.0e299");
    }
}
