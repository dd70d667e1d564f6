//! Everything around the data: title, legend, axes, footer, and where each
//! panel sits on the page.

use super::ChartError;
use super::canvas::{Anchor, Canvas, Color, Pen, Type};
use super::geometry::{Pixel, Rectangle};
use super::legend::{Entry, legend};
use super::panel::MANY_DOTS;
use super::risk_coverage::{MOST_PANELS, Panel, RiskCoverage};
use super::scale::{Axis, Plot, error_top, escalation_range};
use super::text::{fit, width};

/// The width of every chart, in pixels.
pub(crate) const WIDTH: u32 = 900;

pub(crate) const MARGIN: f64 = 24.0;
pub(crate) const RIGHT: f64 = 900.0 - MARGIN;
/// From the subtitle to the first row of the legend.
const LEGEND_DROP: f64 = 26.0;

/// Between the ticks of the error rate and the plot.
const TICK_GAP: f64 = 8.0;

const TITLE: Type = Type {
    size: 20.0,
    color: Color::Text,
    anchor: Anchor::Start,
};
const BODY: Type = Type {
    size: 14.0,
    color: Color::Muted,
    anchor: Anchor::Start,
};
const NAME: Type = Type {
    size: 14.0,
    color: Color::Text,
    anchor: Anchor::Start,
};
const SMALL: Type = Type {
    size: 12.0,
    color: Color::Muted,
    anchor: Anchor::Start,
};

const GRID: Pen = Pen {
    color: Color::Grid,
    width: 1.0,
};
const AXIS: Pen = Pen {
    color: Color::Axis,
    width: 1.0,
};

const FOOTER: &str = "Threshold t: auto-approve if score >= t. Band: interval for the error rate.";
const THINNED: &str = "Not every threshold has a dot.";

/// Where everything goes.
pub(crate) struct Page<'a> {
    pub(crate) height: u32,
    /// The panels that are drawn.
    pub(crate) shown: &'a [Panel],
    /// Their axes, in the same order.
    pub(crate) plots: Vec<Plot>,
    grid: Grid,
    legend: Vec<(Entry, Pixel)>,
    /// The upper edge of the axis title.
    body: f64,
}

/// How panels are laid out in rows and columns.
#[derive(Debug, Clone, Copy)]
struct Grid {
    columns: u32,
    rows: u32,
    /// Distance from one plot to the next, and the size of a plot.
    pitch: (f64, f64),
    plot: (f64, f64),
    left: f64,
    top: f64,
}

impl<'a> Page<'a> {
    pub(crate) fn new(chart: &'a RiskCoverage) -> Self {
        let shown = chart.panels.get(..MOST_PANELS).unwrap_or(&chart.panels);
        let single = shown.len() == 1;
        let (across, up) = if single { (10.0, 6.0) } else { (5.0, 4.0) };
        let x = Axis::shares(escalation_range(shown), across);
        let y = Axis::from_zero(error_top(shown), up);

        let subtitle = if chart.subtitle.trim().is_empty() {
            0.0
        } else {
            24.0
        };
        let head = MARGIN + 20.0 + subtitle;
        let (legend, body) = legend(shown, y.high / 100.0, head + LEGEND_DROP);
        let named = shown.iter().any(|panel| panel.name.is_some());
        let top = body + 26.0 + if named { 26.0 } else { 0.0 };
        let grid = Grid::new(shown.len(), left_edge(&y), top, named);
        let plots = (0..)
            .zip(shown)
            .map(|(position, _)| Plot {
                area: grid.area(position),
                x,
                y,
            })
            .collect();
        let note = if chart.panels.len() > shown.len() {
            22.0
        } else {
            0.0
        };
        let height = whole(grid.bottom() + 92.0 + note);
        Self {
            height,
            shown,
            plots,
            grid,
            legend,
            body,
        }
    }

    /// Draws all but the data.
    pub(crate) fn draw(&self, chart: &RiskCoverage, canvas: &Canvas<'_>) -> Result<(), ChartError> {
        let paper = Rectangle {
            left: 0.0,
            top: 0.0,
            right: 900.0,
            bottom: f64::from(self.height),
        };
        canvas.rectangle(paper, Color::White, 1.0)?;
        let room = RIGHT - MARGIN;
        let line = |text: &str, y: f64, face: Type| {
            canvas.text(&fit(text, face.size, room), Pixel { x: MARGIN, y }, face)
        };
        line(&chart.title, MARGIN + 16.0, TITLE)?;
        line(&chart.subtitle, MARGIN + 40.0, BODY)?;
        line("Auto-approved error rate (%)", self.body + 12.0, NAME)?;
        self.legend
            .iter()
            .try_for_each(|(entry, at)| entry.draw(*at, canvas))?;
        for (position, (panel, plot)) in (0..).zip(self.shown.iter().zip(&self.plots)) {
            self.y_axis(position, plot, canvas)?;
            self.x_axis(position, plot, canvas)?;
            panel_name(panel, plot, canvas)?;
        }
        let bottom = f64::from(self.height) - MARGIN;
        let more = chart.panels.len() - self.shown.len();
        if more > 0 {
            line(&format!("and {more} more, not drawn"), bottom - 22.0, BODY)?;
        }
        self.across_title(canvas)?;
        let thinned = self
            .shown
            .iter()
            .any(|panel| panel.points.len() > MANY_DOTS);
        let footer = if thinned {
            format!("{FOOTER} {THINNED}")
        } else {
            FOOTER.to_owned()
        };
        line(&footer, bottom, SMALL)
    }

    /// Level grid lines. Ticks are written at the leftmost panels only; the
    /// scale is the same for all.
    fn y_axis(&self, position: u32, plot: &Plot, canvas: &Canvas<'_>) -> Result<(), ChartError> {
        let area = plot.area;
        for (percent, text) in plot.y.ticks() {
            let y = plot.up(percent);
            canvas.line(
                &[Pixel { x: area.left, y }, Pixel { x: area.right, y }],
                GRID,
            )?;
            if position.is_multiple_of(self.grid.columns) {
                let at = Pixel {
                    x: area.left - TICK_GAP,
                    y: y + 4.0,
                };
                canvas.text(
                    &text,
                    at,
                    Type {
                        anchor: Anchor::End,
                        ..SMALL
                    },
                )?;
            }
        }
        Ok(())
    }

    /// Upright grid lines and the base line. Ticks are written where no panel
    /// is below.
    fn x_axis(&self, position: u32, plot: &Plot, canvas: &Canvas<'_>) -> Result<(), ChartError> {
        let area = plot.area;
        let lowest = (position + self.grid.columns) as usize >= self.shown.len();
        for (percent, text) in plot.x.ticks() {
            let x = plot.across(percent);
            canvas.line(
                &[Pixel { x, y: area.top }, Pixel { x, y: area.bottom }],
                GRID,
            )?;
            if lowest {
                let at = Pixel {
                    x,
                    y: area.bottom + 18.0,
                };
                canvas.text(
                    &text,
                    at,
                    Type {
                        anchor: Anchor::Middle,
                        ..SMALL
                    },
                )?;
            }
        }
        let [_, _, corner, foot] = area.corners();
        canvas.line(&[foot, corner], AXIS)
    }

    fn across_title(&self, canvas: &Canvas<'_>) -> Result<(), ChartError> {
        let words = "Escalation rate (% of cases that a human sees)";
        let at = Pixel {
            x: f64::midpoint(self.grid.left, RIGHT),
            y: self.grid.bottom() + 40.0,
        };
        canvas.text(
            words,
            at,
            Type {
                anchor: Anchor::Middle,
                ..NAME
            },
        )
    }
}

fn panel_name(panel: &Panel, plot: &Plot, canvas: &Canvas<'_>) -> Result<(), ChartError> {
    let Some(name) = &panel.name else {
        return Ok(());
    };
    let at = Pixel {
        x: plot.area.left,
        y: plot.area.top - 9.0,
    };
    canvas.text(
        &fit(name, NAME.size, plot.area.right - plot.area.left),
        at,
        NAME,
    )
}

/// Where the plots begin: right of the widest tick.
fn left_edge(y: &Axis) -> f64 {
    let ticks = y.ticks();
    let widths = ticks.iter().map(|(_, text)| width(text, SMALL.size));
    MARGIN + widths.fold(0.0, f64::max) + TICK_GAP
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a height is positive and at most a few thousand pixels"
)]
fn whole(height: f64) -> u32 {
    height.ceil() as u32
}

impl Grid {
    fn new(panels: usize, left: f64, top: f64, named: bool) -> Self {
        let (columns, height) = match panels {
            0 | 1 => (1, 380.0),
            2 => (2, 300.0),
            4 => (2, 230.0),
            _ => (3, 180.0),
        };
        let rows = u32::try_from(panels)
            .unwrap_or(u32::MAX)
            .div_ceil(columns)
            .max(1);
        let gap = (30.0, if named { 52.0 } else { 24.0 });
        let room = RIGHT - left + gap.0;
        let pitch = room / f64::from(columns);
        Self {
            columns,
            rows,
            pitch: (pitch, height + gap.1),
            plot: (pitch - gap.0, height),
            left,
            top,
        }
    }

    fn area(&self, position: u32) -> Rectangle {
        let left = self.left + f64::from(position % self.columns) * self.pitch.0;
        let top = self.top + f64::from(position / self.columns) * self.pitch.1;
        Rectangle {
            left,
            top,
            right: left + self.plot.0,
            bottom: top + self.plot.1,
        }
    }

    fn bottom(&self) -> f64 {
        self.top + f64::from(self.rows - 1) * self.pitch.1 + self.plot.1
    }
}
