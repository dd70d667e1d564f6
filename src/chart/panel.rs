//! What is inside one pair of axes: bands, line, dots, the actual history and
//! their labels, in the order in which they are drawn.

use super::ChartError;
use super::canvas::{Anchor, Canvas, Color, Pen, Type};
use super::geometry::{Pixel, Rectangle, hatching, parts_below, spans_above};
use super::labels::{Layout, Placed, spread};
use super::risk_coverage::{ErrorRate, Panel, Point};
use super::scale::Plot;
use super::stretch::{Kind, Stretch, stretches};
use super::text::{fit, width};

pub(crate) const LINE: Pen = Pen {
    color: Color::Blue,
    width: 2.0,
};
pub(crate) const EDGE: Pen = Pen {
    color: Color::Axis,
    width: 1.0,
};
pub(crate) const HATCH: Pen = Pen {
    color: Color::Shade,
    width: 1.0,
};
const WHISKER: Pen = Pen {
    color: Color::Blue,
    width: 1.5,
};
const OUTLINE: Pen = Pen {
    color: Color::Text,
    width: 1.5,
};
const TICK: Pen = Pen {
    color: Color::Muted,
    width: 1.5,
};

pub(crate) const DOT: f64 = 3.5;
pub(crate) const BAND_OPACITY: f64 = 0.2;
pub(crate) const SHADE_OPACITY: f64 = 0.22;
pub(crate) const HATCH_GAP: f64 = 9.0;
pub(crate) const DIAMOND: f64 = 6.5;
const ARROW: f64 = 5.0;
const TICK_LENGTH: f64 = 6.0;
const LABEL: f64 = 12.0;

/// Above this number of thresholds, dots that would touch their neighbour are
/// left out; the line goes through all of them still.
pub(crate) const MANY_DOTS: usize = 60;

/// The least distance of dots that were thinned out, and of labelled dots: a
/// label every now and then reads better than as many as fit.
const DOTS_APART: f64 = 10.0;
const LABELS_APART: f64 = 48.0;

/// Draws one panel into its axes.
pub(crate) fn draw(panel: &Panel, plot: &Plot, canvas: &Canvas<'_>) -> Result<(), ChartError> {
    let mut painter = Painter {
        plot,
        canvas,
        layout: Layout::new(plot.area.grown(-2.0)),
    };
    let stretches = stretches(&panel.points, plot);
    let of = |kind| stretches.iter().filter(move |stretch| stretch.kind == kind);
    of(Kind::Unsupported).try_for_each(|stretch| painter.unsupported(stretch))?;
    of(Kind::Estimated).try_for_each(|stretch| painter.estimated(stretch))?;
    stretches
        .iter()
        .try_for_each(|stretch| painter.arrows(stretch))?;
    let marks = painter.marks(&panel.points)?;
    panel
        .actual
        .iter()
        .try_for_each(|actual| painter.actual(actual))?;
    painter.label_marks(&marks)?;
    painter.note(panel)
}

/// Draws points that no line joins, such as policies: each with its interval and its name.
pub(crate) fn draw_apart(
    panel: &Panel,
    plot: &Plot,
    canvas: &Canvas<'_>,
) -> Result<(), ChartError> {
    let mut painter = Painter {
        plot,
        canvas,
        layout: Layout::new(plot.area.grown(-2.0)),
    };
    for point in &panel.points {
        for stretch in stretches(std::slice::from_ref(point), plot) {
            match stretch.kind {
                Kind::Unsupported => painter.unsupported(&stretch)?,
                Kind::Estimated => painter.estimated(&stretch)?,
            }
            painter.arrows(&stretch)?;
        }
    }
    let marks = painter.marks(&panel.points)?;
    panel
        .actual
        .iter()
        .try_for_each(|actual| painter.actual(actual))?;
    marks.iter().try_for_each(|mark| painter.name(mark))
}

/// A spot that bears a threshold: a dot, an arrow at the upper edge, or a tick
/// on the axis.
#[derive(Debug, Clone, Copy)]
struct Mark<'a> {
    threshold: Option<&'a str>,
    at: Pixel,
    shape: Shape,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// An estimate inside the plot.
    Dot,
    /// An estimate above the plot.
    Arrow,
    /// A threshold without an estimate.
    Tick,
}

struct Painter<'a, 'c> {
    plot: &'a Plot,
    canvas: &'a Canvas<'c>,
    layout: Layout,
}

impl Painter<'_, '_> {
    fn unsupported(&mut self, stretch: &Stretch) -> Result<(), ChartError> {
        let corners = stretch.area(self.plot);
        self.canvas.fill(&corners, Color::Shade, SHADE_OPACITY)?;
        for line in hatching(&corners, HATCH_GAP) {
            self.canvas.line(&line, HATCH)?;
        }
        for edge in [&stretch.low, &stretch.high] {
            for part in parts_below(edge, self.plot.area.top) {
                self.canvas.dashes(&part, EDGE)?;
                self.layout.keep_off_line(&part);
            }
        }
        Ok(())
    }

    fn estimated(&mut self, stretch: &Stretch) -> Result<(), ChartError> {
        if stretch.is_narrow() {
            for (low, high) in stretch.low.iter().zip(&stretch.high) {
                self.whisker(*low, *high, WHISKER)?;
            }
        } else {
            self.canvas
                .fill(&stretch.area(self.plot), Color::Blue, BAND_OPACITY)?;
        }
        for part in parts_below(&stretch.line, self.plot.area.top) {
            self.canvas.line(&part, LINE)?;
            self.layout.keep_off_line(&part);
        }
        Ok(())
    }

    /// An upright interval with a foot at each end that is inside the plot.
    fn whisker(&mut self, low: Pixel, high: Pixel, pen: Pen) -> Result<(), ChartError> {
        let top = self.plot.area.top;
        if low.y < top {
            return Ok(());
        }
        let stem = [
            low,
            Pixel {
                x: high.x,
                y: high.y.max(top),
            },
        ];
        self.canvas.line(&stem, pen)?;
        self.layout.keep_off_line(&stem);
        for foot in [low, high].into_iter().filter(|foot| foot.y >= top) {
            let foot = [foot.moved(-4.0, 0.0), foot.moved(4.0, 0.0)];
            self.canvas.line(&foot, pen)?;
            self.layout.keep_off_line(&foot);
        }
        Ok(())
    }

    /// An arrow at the upper edge over each part of a band that goes on above
    /// it, but where an estimate above it gets one of its own.
    fn arrows(&mut self, stretch: &Stretch) -> Result<(), ChartError> {
        let top = self.plot.area.top;
        let mut spans = spans_above(&stretch.high, top);
        if let [only] = stretch.high.as_slice() {
            // A single interval has no width, so nothing lies between points.
            spans.extend((only.y < top).then_some((only.x, only.x)));
        }
        for (from, to) in spans {
            let inside = |point: &Pixel| from <= point.x && point.x <= to && point.y < top;
            if !stretch.line.iter().any(inside) {
                self.arrow(f64::midpoint(from, to), Color::Muted)?;
            }
        }
        Ok(())
    }

    fn arrow(&mut self, across: f64, color: Color) -> Result<Pixel, ChartError> {
        let area = self.plot.area;
        let x = across.clamp(area.left + ARROW, area.right - ARROW);
        let tip = Pixel {
            x,
            y: area.top + 2.0,
        };
        let middle = tip.moved(0.0, ARROW * 0.8);
        self.canvas.fill(&arrow(tip), color, 1.0)?;
        self.layout
            .keep_off(Rectangle::around(middle, ARROW, ARROW));
        Ok(middle)
    }

    /// Draws what bears the thresholds, thinned out where there are very many.
    fn marks<'p>(&mut self, points: &'p [Point]) -> Result<Vec<Mark<'p>>, ChartError> {
        let mut marks: Vec<_> = points.iter().filter_map(|point| self.mark(point)).collect();
        if points.len() > MANY_DOTS {
            let spots: Vec<_> = marks.iter().map(|mark| (mark.threshold, mark.at)).collect();
            let mut kept = spread(&spots, DOTS_APART);
            kept.sort_unstable();
            marks = kept
                .into_iter()
                .filter_map(|kept| marks.get(kept).copied())
                .collect();
        }
        for mark in &mut marks {
            match mark.shape {
                Shape::Dot => self.canvas.dot(mark.at, DOT, Color::Blue)?,
                Shape::Arrow => mark.at = self.arrow(mark.at.x, Color::Blue)?,
                Shape::Tick => {
                    let tick = [mark.at, mark.at.moved(0.0, -TICK_LENGTH)];
                    self.canvas.line(&tick, TICK)?;
                    self.layout.keep_off_line(&tick);
                    continue;
                }
            }
            self.layout.keep_off(Rectangle::around(mark.at, DOT, DOT));
        }
        Ok(marks)
    }

    fn mark<'p>(&self, point: &'p Point) -> Option<Mark<'p>> {
        let threshold = point.threshold.as_deref();
        match point.error {
            ErrorRate::Estimated { estimate, .. } => {
                let at = self.plot.place(point.escalation_rate, estimate);
                let inside = at.y >= self.plot.area.top;
                let shape = if inside { Shape::Dot } else { Shape::Arrow };
                Some(Mark {
                    threshold,
                    at,
                    shape,
                })
            }
            ErrorRate::Bounded { .. } => {
                let at = self.plot.place(point.escalation_rate, 0.0);
                Some(Mark {
                    threshold,
                    at,
                    shape: Shape::Tick,
                })
            }
            ErrorRate::Undefined => None,
        }
    }

    /// The historical routes: a diamond with an upright interval. Where there
    /// is no estimate the diamond is hollow and sits on the axis, because only
    /// its escalation rate is known.
    fn actual(&mut self, actual: &Point) -> Result<(), ChartError> {
        let at = |rate| self.plot.place(actual.escalation_rate, rate);
        let (center, color, words) = match actual.error {
            ErrorRate::Estimated {
                estimate,
                low,
                high,
            } => {
                let (low, high, estimate) = (at(low), at(high), at(estimate));
                self.whisker(low, high, OUTLINE)?;
                if high.y < self.plot.area.top {
                    self.arrow(high.x, Color::Muted)?;
                }
                (estimate, Color::Orange, "actual")
            }
            ErrorRate::Bounded { low, high } => {
                let (low, high, foot) = (at(low), at(high), at(0.0));
                for part in parts_below(&[high, low], self.plot.area.top) {
                    self.canvas.dashes(&part, OUTLINE)?;
                    self.layout.keep_off_line(&part);
                }
                if high.y < self.plot.area.top {
                    self.arrow(high.x, Color::Muted)?;
                }
                (foot, Color::White, "actual: no labels")
            }
            ErrorRate::Undefined => (at(0.0), Color::White, "actual: none auto-approved"),
        };
        diamond(center, color, self.canvas)?;
        self.layout
            .keep_off(Rectangle::around(center, DIAMOND, DIAMOND));
        let words = match &actual.threshold {
            Some(threshold) => format!("{words} {}", fit(threshold, LABEL, 60.0)),
            None => words.to_owned(),
        };
        let size = (width(&words, LABEL), LABEL);
        let placed = self
            .layout
            .place_if_need_be_over_lines(center, DIAMOND, size);
        self.write(&words, placed, Color::Text)
    }

    /// Writes thresholds to their marks where there is room.
    fn label_marks(&mut self, marks: &[Mark<'_>]) -> Result<(), ChartError> {
        for shapes in [[Shape::Dot, Shape::Arrow], [Shape::Tick, Shape::Tick]] {
            let named: Vec<_> = marks
                .iter()
                .filter(|mark| mark.threshold.is_some() && shapes.contains(&mark.shape))
                .collect();
            let spots: Vec<_> = named.iter().map(|mark| (mark.threshold, mark.at)).collect();
            for position in spread(&spots, LABELS_APART) {
                let Some(mark) = named.get(position) else {
                    continue;
                };
                let (radius, color) = match mark.shape {
                    Shape::Dot => (DOT, Color::Text),
                    Shape::Arrow => (ARROW, Color::Text),
                    Shape::Tick => (TICK_LENGTH, Color::Muted),
                };
                let words = fit(mark.threshold.unwrap_or_default(), LABEL, 80.0);
                let placed = self
                    .layout
                    .place(mark.at, radius, (width(&words, LABEL), LABEL));
                self.write(&words, placed, color)?;
            }
        }
        Ok(())
    }

    /// Writes the name of a mark, rather over a line than not at all.
    fn name(&mut self, mark: &Mark<'_>) -> Result<(), ChartError> {
        let words = fit(mark.threshold.unwrap_or_default(), LABEL, 180.0);
        let size = (width(&words, LABEL), LABEL);
        let placed = self.layout.place_if_need_be_over_lines(mark.at, DOT, size);
        self.write(&words, placed, Color::Text)
    }

    fn write(&self, words: &str, placed: Option<Placed>, color: Color) -> Result<(), ChartError> {
        let face = Type {
            size: LABEL,
            color,
            anchor: Anchor::Middle,
        };
        placed.map_or(Ok(()), |placed| {
            self.canvas.text(words, placed.baseline, face)
        })
    }

    /// Says why a panel is empty.
    fn note(&self, panel: &Panel) -> Result<(), ChartError> {
        let words = if panel.points.is_empty() {
            "no cases"
        } else if panel
            .points
            .iter()
            .all(|point| point.error == ErrorRate::Undefined)
        {
            "nothing auto-approved"
        } else {
            return Ok(());
        };
        let face = Type {
            size: 14.0,
            color: Color::Muted,
            anchor: Anchor::Middle,
        };
        self.canvas.text(words, self.plot.area.center(), face)
    }
}

/// The corners of an arrow head with its tip at a place.
pub(crate) fn arrow(tip: Pixel) -> [Pixel; 3] {
    [
        tip,
        tip.moved(ARROW, ARROW * 1.6),
        tip.moved(-ARROW, ARROW * 1.6),
    ]
}

/// The marker of the actual history.
pub(crate) fn diamond(center: Pixel, color: Color, canvas: &Canvas<'_>) -> Result<(), ChartError> {
    let corners = [
        center.moved(0.0, -DIAMOND),
        center.moved(DIAMOND, 0.0),
        center.moved(0.0, DIAMOND),
        center.moved(-DIAMOND, 0.0),
    ];
    canvas.fill(&corners, color, 1.0)?;
    let closed: Vec<_> = corners.iter().chain(corners.first()).copied().collect();
    canvas.line(&closed, OUTLINE)
}
