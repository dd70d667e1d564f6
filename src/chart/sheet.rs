//! What charts other than those of panels share: a headline, an axis of any unit, rows of names.
//! Must not know what a number means.

use super::ChartError;
use super::canvas::{Anchor, Canvas, Color, Pen, Type};
use super::frame::{MARGIN, RIGHT};
use super::geometry::{Pixel, Rectangle};
use super::text::fit;

/// Where the picture begins below its headline.
pub(super) const TOP: f64 = 84.0;
/// Between two rows of a chart of rows.
pub(super) const ROW: f64 = 24.0;
/// Where rows begin, right of their names.
pub(super) const NAMES: f64 = 250.0;

pub(super) const SMALL: Type = Type {
    size: 12.0,
    color: Color::Muted,
    anchor: Anchor::Start,
};
pub(super) const BODY: Type = Type {
    size: 14.0,
    color: Color::Text,
    anchor: Anchor::Start,
};
const TITLE: Type = Type {
    size: 20.0,
    color: Color::Text,
    anchor: Anchor::Start,
};
const GRID: Pen = Pen {
    color: Color::Grid,
    width: 1.0,
};

/// What stands around a picture.
pub(super) struct Words<'a> {
    pub(super) title: &'a str,
    pub(super) subtitle: &'a str,
    pub(super) footer: &'a str,
}

/// Paper, headline and footer.
pub(super) fn paper(canvas: &Canvas<'_>, height: f64, words: &Words<'_>) -> Result<(), ChartError> {
    let all = Rectangle {
        left: 0.0,
        top: 0.0,
        right: RIGHT + MARGIN,
        bottom: height,
    };
    canvas.rectangle(all, Color::White, 1.0)?;
    let room = RIGHT - MARGIN;
    let line = |text: &str, y: f64, face: Type| {
        canvas.text(&fit(text, face.size, room), Pixel { x: MARGIN, y }, face)
    };
    line(words.title, MARGIN + 16.0, TITLE)?;
    line(words.subtitle, MARGIN + 40.0, Type { color: Color::Muted, ..BODY })?;
    line(words.footer, height - MARGIN, SMALL)
}

/// A range of numbers with round ticks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Ruler {
    pub(super) low: f64,
    pub(super) high: f64,
    step: f64,
}

impl Ruler {
    /// A range that holds both numbers, in about so many steps.
    pub(super) fn around(low: f64, high: f64, steps: f64) -> Self {
        let spread = if high - low > f64::MIN_POSITIVE {
            high - low
        } else {
            1.0
        };
        let rough = spread / steps;
        let power = 10_f64.powf(rough.log10().floor());
        let digits = [1.0, 2.0, 5.0, 10.0];
        let fits = digits.into_iter().find(|digit| digit * power >= rough * 0.999_999);
        let step = fits.unwrap_or(10.0) * power;
        Self {
            low: (low / step + 1e-9).floor() * step,
            high: ((low + spread).max(high) / step - 1e-9).ceil() * step,
            step,
        }
    }

    /// Where a number falls between two places; what lies outside falls on the edge.
    pub(super) fn place(&self, value: f64, from: f64, to: f64) -> f64 {
        let share = ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        from + share * (to - from)
    }

    pub(super) fn ticks(&self) -> Vec<f64> {
        let first = (self.low / self.step).round();
        (0..100)
            .map(|tick| (first + f64::from(tick)) * self.step)
            .take_while(|value| *value <= self.high + self.step * 1e-6)
            .collect()
    }

    /// A tick as text, with the decimals that its step needs, large ones in thousands or millions.
    pub(super) fn text(&self, value: f64) -> String {
        let (unit, name) = match self.high.abs().max(self.low.abs()) {
            most if most >= 1e7 => (1e6, " M"),
            most if most >= 1e4 => (1e3, " k"),
            _ => (1.0, ""),
        };
        let step = self.step / unit;
        let decimals = (-step.log10() - 1e-9).ceil().clamp(0.0, 9.0) as usize;
        let value = value / unit + 0.0;
        let text = format!("{value:.decimals$}");
        let zero = text.trim_matches(['-', '0', '.']).is_empty();
        if zero { "0".to_owned() } else { format!("{text}{name}") }
    }
}

/// Upright grid lines with their ticks below an area.
pub(super) fn across(canvas: &Canvas<'_>, ruler: &Ruler, area: Rectangle) -> Result<(), ChartError> {
    for tick in ruler.ticks() {
        let x = ruler.place(tick, area.left, area.right);
        canvas.line(
            &[Pixel { x, y: area.top }, Pixel { x, y: area.bottom }],
            GRID,
        )?;
        let at = Pixel {
            x,
            y: area.bottom + 18.0,
        };
        let face = Type {
            anchor: Anchor::Middle,
            ..SMALL
        };
        canvas.text(&ruler.text(tick), at, face)?;
    }
    Ok(())
}

/// Level grid lines with their ticks left of an area.
pub(super) fn up(canvas: &Canvas<'_>, ruler: &Ruler, area: Rectangle) -> Result<(), ChartError> {
    for tick in ruler.ticks() {
        let y = ruler.place(tick, area.bottom, area.top);
        canvas.line(
            &[Pixel { x: area.left, y }, Pixel { x: area.right, y }],
            GRID,
        )?;
        let at = Pixel {
            x: area.left - 8.0,
            y: y + 4.0,
        };
        let face = Type {
            anchor: Anchor::End,
            ..SMALL
        };
        canvas.text(&ruler.text(tick), at, face)?;
    }
    Ok(())
}

/// The title of the axis below an area.
pub(super) fn across_title(canvas: &Canvas<'_>, words: &str, area: Rectangle) -> Result<(), ChartError> {
    let at = Pixel {
        x: (area.left + area.right) / 2.0,
        y: area.bottom + 40.0,
    };
    let face = Type {
        anchor: Anchor::Middle,
        ..BODY
    };
    canvas.text(words, at, face)
}

/// The title of the axis left of an area, above it.
pub(super) fn up_title(canvas: &Canvas<'_>, words: &str, area: Rectangle) -> Result<(), ChartError> {
    let at = Pixel {
        x: MARGIN,
        y: area.top - 12.0,
    };
    canvas.text(words, at, BODY)
}

/// The name of a row, left of it, on its middle line.
pub(super) fn row_name(canvas: &Canvas<'_>, name: &str, middle: f64) -> Result<(), ChartError> {
    let at = Pixel {
        x: MARGIN,
        y: middle + 5.0,
    };
    canvas.text(&fit(name, BODY.size, NAMES - MARGIN - 12.0), at, BODY)
}

/// Squares with what their colours mean, from left to right at a height.
pub(super) fn legend(
    canvas: &Canvas<'_>,
    entries: &[(Color, &str)],
    y: f64,
) -> Result<(), ChartError> {
    let mut x = MARGIN;
    for (color, words) in entries {
        let square = Rectangle {
            left: x,
            top: y - 10.0,
            right: x + 12.0,
            bottom: y + 2.0,
        };
        canvas.rectangle(square, *color, 1.0)?;
        canvas.text(words, Pixel { x: x + 18.0, y }, SMALL)?;
        x += 44.0 + super::text::width(words, SMALL.size);
    }
    Ok(())
}

/// Refuses numbers that cannot be drawn.
pub(super) fn finite(values: impl IntoIterator<Item = f64>, place: &str) -> Result<(), ChartError> {
    match values.into_iter().find(|value| !value.is_finite()) {
        None => Ok(()),
        Some(found) => Err(ChartError::NotANumber {
            place: fit(place, 1.0, 40.0),
            found: found.to_string(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rulers_are_round_and_hold_their_numbers() {
        for (low, high) in [(0.0, 1.0), (0.83, 0.97), (0.0, 123_456.0), (3.0, 3.0), (0.0, 0.000_3)] {
            let ruler = Ruler::around(low, high, 5.0);
            assert!(ruler.low <= low && ruler.high >= high, "{low} to {high}: {ruler:?}");
            assert!((2..=8).contains(&ruler.ticks().len()), "{ruler:?}");
        }
        assert_eq!(Ruler::around(0.0, 123_456.0, 5.0).text(50_000.0), "50 k");
        assert_eq!(Ruler::around(0.0, 0.3, 5.0).text(0.0), "0");
    }
}
