//! The sheet of paper, and the only place that knows the drawing library.
//!
//! plotters places everything on whole units, which makes slopes jagged at one
//! unit a pixel; so a unit here is a fraction of a pixel and the picture's
//! `viewBox` scales it back. Its axes and legends are not used: they space text
//! by a guess that is far too wide, and draw NaN as zero. Positions come from
//! [`super::scale`], checked before.

use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, DashedPathElement, Drawable, PathElement, PointCollection};
use plotters::element::{Polygon, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color as _, IntoFont, RGBColor, ShapeStyle, TextStyle};

use super::ChartError;
use super::geometry::{Pixel, Rectangle};

/// Units of the drawing for each pixel. A power of two, so that sizes divide
/// without a rest and the text of the SVG stays short.
const UNITS: f64 = 16.0;

/// The font of the PNG first, then what readers' machines have.
const FONTS: &str = "Ubuntu, 'Segoe UI', Helvetica, Arial, sans-serif";

/// plotters writes a font as 1.24 times smaller than it was asked for.
const FONT_FACTOR: f64 = 1.24;

/// Distance from the top of a text to its baseline, as plotters places it.
pub(crate) const ASCENT: f64 = 0.76;

/// The colours of all charts: Okabe and Ito (2008), "Color Universal Design",
/// which people with any colour vision can tell apart, and greys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Color {
    Text,
    Muted,
    Axis,
    Grid,
    Shade,
    Blue,
    Orange,
    White,
}

impl Color {
    fn rgb(self) -> RGBColor {
        match self {
            Self::Text => RGBColor(0x1A, 0x1A, 0x1A),
            Self::Muted => RGBColor(0x4D, 0x4D, 0x4D),
            Self::Axis => RGBColor(0x80, 0x80, 0x80),
            Self::Grid => RGBColor(0xE4, 0xE4, 0xE4),
            Self::Shade => RGBColor(0xB8, 0xB8, 0xB8),
            Self::Blue => RGBColor(0x00, 0x72, 0xB2),
            Self::Orange => RGBColor(0xE6, 0x9F, 0x00),
            Self::White => RGBColor(0xFF, 0xFF, 0xFF),
        }
    }
}

/// What a line is drawn with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pen {
    pub(crate) color: Color,
    pub(crate) width: f64,
}

/// Which end of a text its position is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// How a text looks and which end of it is placed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Type {
    pub(crate) size: f64,
    pub(crate) color: Color,
    pub(crate) anchor: Anchor,
}

pub(crate) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
}

/// Draws a picture of `width` by `height` pixels and gives back its SVG.
/// `title` is read out by screen readers.
pub(crate) fn picture(
    (width, height): (u32, u32),
    title: &str,
    paint: impl FnOnce(&Canvas<'_>) -> Result<(), ChartError>,
) -> Result<String, ChartError> {
    let mut drawn = String::new();
    let units = |pixels: u32| to_units(f64::from(pixels)).unsigned_abs();
    let area =
        SVGBackend::with_string(&mut drawn, (units(width), units(height))).into_drawing_area();
    let canvas = Canvas { area };
    paint(&canvas)?;
    canvas.area.present().map_err(|error| refused(&error))?;
    drop(canvas);
    // The first line is plotters' own opening tag, sized in units.
    let body = drawn
        .split_once('\n')
        .map(|(_, body)| body)
        .ok_or_else(|| refused(&"the drawing library wrote nothing"))?;
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {} {}\" role=\"img\">\n<title>{}</title>\n{body}",
        units(width),
        units(height),
        escape(title),
    ))
}

impl Canvas<'_> {
    pub(crate) fn line(&self, points: &[Pixel], pen: Pen) -> Result<(), ChartError> {
        if points.len() < 2 {
            return Ok(());
        }
        let points: Vec<_> = points.iter().map(|point| place(*point)).collect();
        self.put(&PathElement::new(points, stroke(pen)))
    }

    pub(crate) fn dashes(&self, points: &[Pixel], pen: Pen) -> Result<(), ChartError> {
        if points.len() < 2 {
            return Ok(());
        }
        let points: Vec<_> = points.iter().map(|point| place(*point)).collect();
        let (dash, gap) = (to_units(5.0), to_units(4.0));
        self.put(&DashedPathElement::new(points, dash, gap, stroke(pen)))
    }

    /// A filled shape; `opacity` from 0 (not there) to 1 (covers).
    pub(crate) fn fill(
        &self,
        corners: &[Pixel],
        color: Color,
        opacity: f64,
    ) -> Result<(), ChartError> {
        if corners.len() < 3 {
            return Ok(());
        }
        let corners: Vec<_> = corners.iter().map(|corner| place(*corner)).collect();
        self.put(&Polygon::new(corners, color.rgb().mix(opacity).filled()))
    }

    pub(crate) fn rectangle(
        &self,
        area: Rectangle,
        color: Color,
        opacity: f64,
    ) -> Result<(), ChartError> {
        self.fill(&area.corners(), color, opacity)
    }

    pub(crate) fn dot(&self, center: Pixel, radius: f64, color: Color) -> Result<(), ChartError> {
        let style = color.rgb().filled();
        self.put(&Circle::new(place(center), to_units(radius), style))
    }

    /// A text on one line. `at` is on its baseline.
    pub(crate) fn text(&self, text: &str, at: Pixel, face: Type) -> Result<(), ChartError> {
        let size = face.size * UNITS;
        let anchor = match face.anchor {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        let style: TextStyle<'static> = (FONTS, size * FONT_FACTOR)
            .into_font()
            .color(&face.color.rgb());
        let top = Pixel {
            x: at.x,
            y: at.y - ASCENT * face.size,
        };
        self.put(&Text::new(
            text.to_owned(),
            place(top),
            style.pos(Pos::new(anchor, VPos::Top)),
        ))
    }

    fn put<E>(&self, element: &E) -> Result<(), ChartError>
    where
        for<'b> &'b E: PointCollection<'b, (i32, i32)>,
        for<'b, 'c> E: Drawable<SVGBackend<'c>>,
    {
        self.area.draw(element).map_err(|error| refused(&error))
    }
}

fn stroke(pen: Pen) -> ShapeStyle {
    pen.color
        .rgb()
        .stroke_width(to_units(pen.width).unsigned_abs())
}

fn place(point: Pixel) -> (i32, i32) {
    (to_units(point.x), to_units(point.y))
}

/// A cast of a float saturates, and NaN gives 0; no position is NaN here.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a picture is far smaller than i32::MAX"
)]
fn to_units(pixels: f64) -> i32 {
    (pixels * UNITS).round() as i32
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

fn refused(reason: &impl ToString) -> ChartError {
    ChartError::Draw {
        reason: reason.to_string(),
    }
}
