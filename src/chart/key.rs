//! The key of a chart: a sign and a few words for each kind of thing that occurs. No two signs
//! differ by their colour alone.

use super::ChartError;
use super::canvas::{Canvas, Color, Pen};
use super::frame::{MARGIN, RIGHT};
use super::geometry::{Pixel, Rectangle, hatching};
use super::panel::{
    BAND_OPACITY, DOT, EDGE, HATCH, HATCH_GAP, LINE, SHADE_OPACITY, arrow, diamond,
};
use super::sheet::{DASHES, KEY, SMALL};
use super::text::{fit, width};

const SWATCH: f64 = 24.0;
const SWATCH_GAP: f64 = 6.0;
const GAP: f64 = 16.0;
const ROW: f64 = 22.0;

const OUTLINE: Pen = Pen {
    color: Color::Text,
    width: 1.0,
};
const HOLLOW: Pen = Pen {
    color: Color::Axis,
    width: 1.0,
};
const TALL: Pen = Pen {
    color: Color::Text,
    width: 3.0,
};

pub(super) const PLATEAU_OPACITY: f64 = 0.35;
/// The radius of a mark in a row.
pub(super) const MARK: f64 = 4.0;
/// Parts thinner than so many pixels have no edge.
const THIN: f64 = 3.0;

/// What a reader has to recognise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// A line through dots.
    Curve,
    /// A dot in its interval.
    Interval,
    Band,
    /// Worst-case limits in a plot, and in a row.
    Unsupported,
    Limits,
    Dashes,
    /// A line that is drawn through.
    Rule,
    Plateau,
    Part(Part),
    Dot,
    Diamond,
    Bar,
    Above,
    Beyond,
}

/// A part of a bar: filled where right, filled with a dark edge where wrong, hollow where nobody
/// has looked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Right,
    Wrong,
    Unknown,
}

/// The entries of a key, placed row by row.
pub(super) struct Key {
    entries: Vec<(Sign, String, Pixel)>,
    /// Where what is below the key may begin.
    pub(super) bottom: f64,
}

impl Key {
    pub(super) fn new(entries: impl IntoIterator<Item = (Sign, String)>) -> Self {
        let mut at = Pixel { x: MARGIN, y: KEY };
        let mut placed = Vec::new();
        for (sign, words) in entries {
            let words = fit(&words, SMALL.size, RIGHT - MARGIN - SWATCH - SWATCH_GAP);
            let needed = SWATCH + SWATCH_GAP + width(&words, SMALL.size);
            if at.x > MARGIN && at.x + needed > RIGHT {
                at = Pixel {
                    x: MARGIN,
                    y: at.y + ROW,
                };
            }
            placed.push((sign, words, at));
            at.x += needed + GAP;
        }
        Self {
            entries: placed,
            bottom: at.y + 16.0,
        }
    }

    pub(super) fn draw(&self, canvas: &Canvas<'_>) -> Result<(), ChartError> {
        for (sign, words, at) in &self.entries {
            sign.draw(*at, canvas)?;
            canvas.text(words, at.moved(SWATCH + SWATCH_GAP, 0.0), SMALL)?;
        }
        Ok(())
    }
}

impl Sign {
    fn draw(self, at: Pixel, canvas: &Canvas<'_>) -> Result<(), ChartError> {
        let left = at.moved(0.0, -4.5);
        let middle = left.moved(SWATCH / 2.0, 0.0);
        let right = left.moved(SWATCH, 0.0);
        let swatch = Rectangle::around(middle, SWATCH / 2.0, 6.0);
        match self {
            Self::Curve | Self::Interval => {
                canvas.line(&[left, right], LINE)?;
                canvas.dot(middle, DOT, Color::Blue)
            }
            Self::Band => canvas.rectangle(swatch, Color::Blue, BAND_OPACITY),
            Self::Unsupported => unsupported(canvas, swatch),
            Self::Limits => limits(canvas, Rectangle::around(middle, SWATCH / 2.0, 5.0)),
            Self::Dashes => canvas.dashes(&[left, right], DASHES),
            Self::Rule => canvas.line(&[left, right], DASHES),
            Self::Plateau => canvas.rectangle(swatch, Color::Shade, PLATEAU_OPACITY),
            Self::Part(kind) => part(canvas, Rectangle::around(middle, 7.0, 6.0), kind),
            Self::Dot => canvas.dot(middle, MARK, Color::Blue),
            Self::Diamond => diamond(middle, Color::Orange, canvas),
            Self::Bar => bar(canvas, middle),
            Self::Above => canvas.fill(&arrow(middle.moved(0.0, -4.0)), Color::Muted, 1.0),
            Self::Beyond => beyond(canvas, middle.moved(4.0, 0.0)),
        }
    }
}

/// Draws a part of a bar. One too thin for an edge is filled throughout.
pub(super) fn part(canvas: &Canvas<'_>, area: Rectangle, part: Part) -> Result<(), ChartError> {
    let (fill, edge, thin) = match part {
        Part::Right => return canvas.rectangle(area, Color::Blue, 1.0),
        Part::Wrong => (Color::Orange, OUTLINE, Color::Orange),
        Part::Unknown => (Color::White, HOLLOW, Color::Axis),
    };
    if area.bottom - area.top < THIN || area.right - area.left < THIN {
        return canvas.rectangle(area, thin, 1.0);
    }
    let inner = area.grown(-edge.width / 2.0);
    canvas.rectangle(inner, fill, 1.0)?;
    canvas.line(&outline(inner), edge)
}

fn outline(area: Rectangle) -> Vec<Pixel> {
    let corners = area.corners();
    corners.iter().chain(corners.first()).copied().collect()
}

fn unsupported(canvas: &Canvas<'_>, area: Rectangle) -> Result<(), ChartError> {
    canvas.rectangle(area, Color::Shade, SHADE_OPACITY)?;
    for line in hatching(&area.corners(), HATCH_GAP) {
        canvas.line(&line, HATCH)?;
    }
    let [upper_left, upper_right, lower_right, lower_left] = area.corners();
    canvas.dashes(&[upper_left, upper_right], EDGE)?;
    canvas.dashes(&[lower_left, lower_right], EDGE)
}

/// Worst-case limits in a row: a hollow bar, because nothing is known between them.
pub(super) fn limits(canvas: &Canvas<'_>, area: Rectangle) -> Result<(), ChartError> {
    canvas.rectangle(area, Color::White, 1.0)?;
    canvas.line(&outline(area), HOLLOW)
}

/// The upright mark of the longest waits.
pub(super) fn bar(canvas: &Canvas<'_>, middle: Pixel) -> Result<(), ChartError> {
    canvas.line(&[middle.moved(0.0, -8.0), middle.moved(0.0, 8.0)], TALL)
}

/// The mark of an interval that goes on to the right of the picture.
pub(super) fn beyond(canvas: &Canvas<'_>, tip: Pixel) -> Result<(), ChartError> {
    let corners = [tip, tip.moved(-8.0, 5.0), tip.moved(-8.0, -5.0)];
    canvas.fill(&corners, Color::Muted, 1.0)
}
