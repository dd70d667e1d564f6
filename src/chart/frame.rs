//! Everything around the data: title, legend, axes, footer, and where each
//! panel sits on the page.

use super::ChartError;
use super::canvas::{Anchor, Canvas, Color, Pen, Type};
use super::geometry::{Pixel, Rectangle};
use super::scale::{Axis, Plot};
use super::text::{fit, width};

/// Panels in one picture. More would be too small to read.
pub(crate) const MOST_PANELS: usize = 12;

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

/// The words around the data.
#[derive(Debug, Clone, Default)]
pub(crate) struct Words<'a> {
    pub(crate) title: &'a str,
    pub(crate) subtitle: &'a str,
    /// What the axes count.
    pub(crate) up: &'a str,
    pub(crate) across: &'a str,
    pub(crate) footer: String,
    /// The names of all panels, drawn or not.
    pub(crate) names: Vec<Option<&'a str>>,
}

/// What the plots share.
pub(crate) struct Shared {
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    /// What is written at the ticks across.
    pub(crate) across: Vec<(f64, String)>,
    /// The lower edge of the legend.
    pub(crate) legend_bottom: f64,
}

/// Where everything goes.
pub(crate) struct Page<'a> {
    pub(crate) height: u32,
    /// The axes of the panels that are drawn, in their order.
    pub(crate) plots: Vec<Plot>,
    words: Words<'a>,
    grid: Grid,
    /// The ticks across, and what is written there.
    across: Vec<(f64, String)>,
    /// The upper edge of the axis title.
    body: f64,
}

/// How many steps an axis may have, across and up, when so many panels are drawn.
pub(crate) fn steps(panels: usize) -> (f64, f64) {
    if panels == 1 { (10.0, 6.0) } else { (5.0, 4.0) }
}

/// The baseline of the first row of the legend.
pub(crate) fn legend_top(subtitle: &str) -> f64 {
    let subtitle = if subtitle.trim().is_empty() {
        0.0
    } else {
        24.0
    };
    MARGIN + 20.0 + subtitle + LEGEND_DROP
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
    pub(crate) fn new(words: Words<'a>, shared: Shared) -> Self {
        let shown = words.names.len().min(MOST_PANELS);
        let names = words.names.iter().take(shown);
        let named = names.flatten().count() > 0;
        let body = shared.legend_bottom;
        let top = body + 26.0 + if named { 26.0 } else { 0.0 };
        let grid = Grid::new(shown, left_edge(&shared.y), top, named);
        let plots = (0..)
            .take(shown)
            .map(|position| Plot {
                area: grid.area(position),
                x: shared.x,
                y: shared.y,
            })
            .collect();
        let note = if words.names.len() > shown { 22.0 } else { 0.0 };
        let height = whole(grid.bottom() + 92.0 + note);
        Self {
            height,
            plots,
            words,
            grid,
            across: shared.across,
            body,
        }
    }

    /// Draws all but legend and data.
    pub(crate) fn draw(&self, canvas: &Canvas<'_>) -> Result<(), ChartError> {
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
        line(self.words.title, MARGIN + 16.0, TITLE)?;
        line(self.words.subtitle, MARGIN + 40.0, BODY)?;
        line(self.words.up, self.body + 12.0, NAME)?;
        for (position, (name, plot)) in (0..).zip(self.words.names.iter().zip(&self.plots)) {
            self.y_axis(position, plot, canvas)?;
            self.x_axis(position, plot, canvas)?;
            panel_name(*name, plot, canvas)?;
        }
        let bottom = f64::from(self.height) - MARGIN;
        let more = self.words.names.len() - self.plots.len();
        if more > 0 {
            line(&format!("and {more} more, not drawn"), bottom - 22.0, BODY)?;
        }
        self.across_title(canvas)?;
        line(&self.words.footer, bottom, SMALL)
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
        let lowest = (position + self.grid.columns) as usize >= self.plots.len();
        for (percent, text) in &self.across {
            let x = plot.across(*percent);
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
                    text,
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
        let at = Pixel {
            x: f64::midpoint(self.grid.left, RIGHT),
            y: self.grid.bottom() + 40.0,
        };
        canvas.text(
            self.words.across,
            at,
            Type {
                anchor: Anchor::Middle,
                ..NAME
            },
        )
    }
}

fn panel_name(name: Option<&str>, plot: &Plot, canvas: &Canvas<'_>) -> Result<(), ChartError> {
    let Some(name) = name else {
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
pub(crate) fn whole(height: f64) -> u32 {
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
