//! The legend: one sample and a few words for each kind of thing that occurs.

use super::ChartError;
use super::canvas::{Anchor, Canvas, Color, Type};
use super::frame::{MARGIN, RIGHT};
use super::geometry::{Pixel, Rectangle, hatching};
use super::panel::{
    BAND_OPACITY, DOT, EDGE, HATCH, HATCH_GAP, LINE, SHADE_OPACITY, arrow, diamond,
};
use super::risk_coverage::{ErrorRate, Panel, Point};
use super::text::width;

/// The width of a sample, and the room between it and its text.
const SWATCH: f64 = 24.0;
const SWATCH_GAP: f64 = 6.0;

/// Room between two entries, and from one row to the next.
const GAP: f64 = 16.0;
const ROW: f64 = 22.0;

const WORDS: Type = Type {
    size: 12.0,
    color: Color::Muted,
    anchor: Anchor::Start,
};

/// An entry of the legend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    Estimate,
    Interval,
    Unsupported,
    Actual,
    ActualUnknown,
    Above,
}

impl Entry {
    const ALL: [Self; 6] = [
        Self::Estimate,
        Self::Interval,
        Self::Unsupported,
        Self::Actual,
        Self::ActualUnknown,
        Self::Above,
    ];

    fn words(self) -> &'static str {
        match self {
            Self::Estimate => "estimate; numbers are thresholds",
            Self::Interval => "interval",
            Self::Unsupported => "no labels: worst-case limits",
            Self::Actual => "actual history",
            Self::ActualUnknown => "actual, rate unknown",
            Self::Above => "continues above",
        }
    }

    /// Whether the chart has anything of this kind.
    fn occurs(self, panels: &[Panel], top: f64) -> bool {
        let mut points = panels.iter().flat_map(|panel| &panel.points);
        let all = panels
            .iter()
            .flat_map(|panel| panel.points.iter().chain(&panel.actual));
        let mut actual = panels.iter().filter_map(|panel| panel.actual.as_ref());
        let is_estimated = |point: &Point| matches!(point.error, ErrorRate::Estimated { .. });
        match self {
            Self::Estimate | Self::Interval => points.any(is_estimated),
            Self::Unsupported => {
                points.any(|point| matches!(point.error, ErrorRate::Bounded { .. }))
            }
            Self::Actual => actual.any(is_estimated),
            Self::ActualUnknown => actual.any(|point| !is_estimated(point)),
            Self::Above => all.into_iter().any(|point| match point.error {
                ErrorRate::Estimated { high, .. } | ErrorRate::Bounded { high, .. } => {
                    high > top * (1.0 + 1e-9)
                }
                ErrorRate::Undefined => false,
            }),
        }
    }
}

/// The entries that occur, each with the left end of its baseline, wrapped to
/// the width of the page; and the height below them.
pub(crate) fn legend(panels: &[Panel], top: f64, first_row: f64) -> (Vec<(Entry, Pixel)>, f64) {
    let mut at = Pixel {
        x: MARGIN,
        y: first_row,
    };
    let mut placed = Vec::new();
    for entry in Entry::ALL
        .into_iter()
        .filter(|entry| entry.occurs(panels, top))
    {
        let needed = SWATCH + SWATCH_GAP + width(entry.words(), WORDS.size);
        if at.x > MARGIN && at.x + needed > RIGHT {
            at = Pixel {
                x: MARGIN,
                y: at.y + ROW,
            };
        }
        placed.push((entry, at));
        at.x += needed + GAP;
    }
    (placed, at.y + 16.0)
}

impl Entry {
    pub(crate) fn draw(self, at: Pixel, canvas: &Canvas<'_>) -> Result<(), ChartError> {
        let middle = at.moved(SWATCH / 2.0, -5.0);
        let swatch = Rectangle::around(middle, SWATCH / 2.0, 7.0);
        match self {
            Self::Estimate => {
                canvas.line(&[at.moved(0.0, -5.0), at.moved(SWATCH, -5.0)], LINE)?;
                canvas.dot(middle, DOT, Color::Blue)?;
            }
            Self::Interval => canvas.rectangle(swatch, Color::Blue, BAND_OPACITY)?,
            Self::Unsupported => {
                canvas.rectangle(swatch, Color::Shade, SHADE_OPACITY)?;
                for line in hatching(&swatch.corners(), HATCH_GAP) {
                    canvas.line(&line, HATCH)?;
                }
                let [upper_left, upper_right, lower_right, lower_left] = swatch.corners();
                canvas.dashes(&[upper_left, upper_right], EDGE)?;
                canvas.dashes(&[lower_left, lower_right], EDGE)?;
            }
            Self::Actual => diamond(middle, Color::Orange, canvas)?,
            Self::ActualUnknown => diamond(middle, Color::White, canvas)?,
            Self::Above => canvas.fill(&arrow(middle.moved(0.0, -4.0)), Color::Muted, 1.0)?,
        }
        canvas.text(self.words(), at.moved(SWATCH + SWATCH_GAP, 0.0), WORDS)
    }
}
