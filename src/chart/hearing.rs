//! What is inside one pair of axes of the certificate chart, and the legend to it.

use super::ChartError;
use super::canvas::{Anchor, Canvas, Color, Pen, Type};
use super::certificate::{Bound, Candidate, Hearing, Outcome, shown_bound};
use super::frame::{MARGIN, RIGHT};
use super::geometry::{Pixel, Rectangle, hatching, parts_below};
use super::labels::Layout;
use super::panel::{self, HATCH, HATCH_GAP, SHADE_OPACITY, arrow, diamond};
use super::scale::Plot;
use super::text::{fit, width};

const LABEL: f64 = 12.0;
const DOT: f64 = 3.5;
const SMALL_DOT: f64 = 2.0;
const CROSS: f64 = 3.5;

const BOUND: Pen = Pen {
    color: Color::Blue,
    width: 1.0,
};
const ESTIMATE: Pen = Pen {
    color: Color::Axis,
    width: 1.5,
};
const LIMIT: Pen = Pen {
    color: Color::Text,
    width: 1.5,
};
const STROKE: Pen = Pen {
    color: Color::Text,
    width: 2.0,
};

/// Draws one panel into its axes.
pub(super) fn draw(
    panel: &Hearing,
    limit: f64,
    plot: &Plot,
    canvas: &Canvas<'_>,
) -> Result<(), ChartError> {
    Painter { plot, canvas }.draw(panel, limit)
}

/// An entry of the legend.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Entry {
    Limit,
    Chosen,
    Passed,
    Failed,
    NotTested,
    Estimate,
    Unsupported,
}

impl Entry {
    const ALL: [Self; 7] = [
        Self::Limit,
        Self::Chosen,
        Self::Passed,
        Self::Failed,
        Self::NotTested,
        Self::Estimate,
        Self::Unsupported,
    ];

    fn words(self) -> &'static str {
        match self {
            Self::Limit => "limit",
            Self::Chosen => "chosen",
            Self::Passed => "tested, passed",
            Self::Failed => "tested, failed",
            Self::NotTested => "bound, not tested",
            Self::Estimate => "estimate",
            Self::Unsupported => "cannot be tested",
        }
    }

    fn occurs(self, panels: &[Hearing]) -> bool {
        let mut bounds = panels
            .iter()
            .flat_map(|panel| &panel.candidates)
            .map(|candidate| candidate.bound);
        let has = |bound: Bound, wanted: Self| match bound {
            Bound::Known { outcome, .. } => match outcome {
                Outcome::Passed { .. } => wanted == Self::Passed,
                Outcome::Failed { .. } => wanted == Self::Failed,
                Outcome::NotTested => wanted == Self::NotTested,
            },
            Bound::Unsupported => wanted == Self::Unsupported,
            Bound::Empty => false,
        };
        match self {
            Self::Limit => true,
            Self::Chosen => panels.iter().any(|panel| panel.chosen.is_some()),
            Self::Estimate => bounds.any(|bound| matches!(bound, Bound::Known { .. })),
            Self::Passed | Self::Failed | Self::NotTested | Self::Unsupported => {
                bounds.any(|bound| has(bound, self))
            }
        }
    }

    pub(super) fn draw(self, at: Pixel, canvas: &Canvas<'_>) -> Result<(), ChartError> {
        let middle = at.moved(12.0, -5.0);
        let stroke = [at.moved(0.0, -5.0), at.moved(24.0, -5.0)];
        match self {
            Self::Limit => canvas.line(&stroke, LIMIT)?,
            Self::Chosen => diamond(middle, Color::Orange, canvas)?,
            Self::Passed => canvas.dot(middle, DOT, Color::Blue)?,
            Self::Failed => cross(middle, canvas)?,
            Self::NotTested => {
                canvas.line(&stroke, BOUND)?;
                hollow(middle, canvas)?;
            }
            Self::Estimate => canvas.dashes(&stroke, ESTIMATE)?,
            Self::Unsupported => unsupported(Rectangle::around(middle, 12.0, 7.0), canvas)?,
        }
        let face = Type {
            size: LABEL,
            color: Color::Muted,
            anchor: Anchor::Start,
        };
        canvas.text(self.words(), at.moved(30.0, 0.0), face)
    }
}

/// The entries that occur with the left ends of their baselines, and the height below them.
pub(super) fn legend(panels: &[Hearing], first_row: f64) -> (Vec<(Entry, Pixel)>, f64) {
    let mut at = Pixel {
        x: MARGIN,
        y: first_row,
    };
    let mut placed = Vec::new();
    for entry in Entry::ALL.into_iter().filter(|entry| entry.occurs(panels)) {
        let needed = 30.0 + width(entry.words(), LABEL);
        if at.x > MARGIN && at.x + needed > RIGHT {
            at = Pixel {
                x: MARGIN,
                y: at.y + 22.0,
            };
        }
        placed.push((entry, at));
        at.x += needed + 16.0;
    }
    (placed, at.y + 16.0)
}

fn cross(at: Pixel, canvas: &Canvas<'_>) -> Result<(), ChartError> {
    for (right, down) in [(CROSS, CROSS), (CROSS, -CROSS)] {
        canvas.line(&[at.moved(-right, -down), at.moved(right, down)], STROKE)?;
    }
    Ok(())
}

fn hollow(at: Pixel, canvas: &Canvas<'_>) -> Result<(), ChartError> {
    canvas.dot(at, SMALL_DOT, Color::Blue)?;
    canvas.dot(at, SMALL_DOT - 1.0, Color::White)
}

fn unsupported(area: Rectangle, canvas: &Canvas<'_>) -> Result<(), ChartError> {
    canvas.rectangle(area, Color::Shade, SHADE_OPACITY)?;
    for line in hatching(&area.corners(), HATCH_GAP) {
        canvas.line(&line, HATCH)?;
    }
    Ok(())
}

struct Painter<'a, 'c> {
    plot: &'a Plot,
    canvas: &'a Canvas<'c>,
}

impl Painter<'_, '_> {
    fn draw(&self, panel: &Hearing, limit: f64) -> Result<(), ChartError> {
        self.unsupported(panel)?;
        let area = self.plot.area;
        let y = self.plot.up(limit * 100.0);
        let ends = [Pixel { x: area.left, y }, Pixel { x: area.right, y }];
        self.canvas.line(&ends, LIMIT)?;
        self.curve(
            panel,
            |estimate, _| estimate,
            |canvas, part| canvas.dashes(part, ESTIMATE),
        )?;
        self.curve(
            panel,
            |_, alone| alone,
            |canvas, part| canvas.line(part, BOUND),
        )?;
        panel
            .candidates
            .iter()
            .try_for_each(|candidate| self.mark(candidate))?;
        self.chosen(panel, &ends)?;
        self.note(panel)
    }

    fn at(&self, threshold: f64, rate: f64) -> Pixel {
        self.plot.place(threshold, rate)
    }

    /// Hatches the thresholds that cannot be tested, each half way to its neighbours.
    fn unsupported(&self, panel: &Hearing) -> Result<(), ChartError> {
        let x = |place: usize| {
            let candidate = panel.candidates.get(place)?;
            Some(self.plot.across(candidate.threshold * 100.0))
        };
        let area = self.plot.area;
        let is_unsupported: Vec<bool> = panel
            .candidates
            .iter()
            .map(|candidate| candidate.bound == Bound::Unsupported)
            .collect();
        let mut place = 0;
        for run in is_unsupported.chunk_by(|one, next| one == next) {
            let (first, last) = (place, place + run.len() - 1);
            place += run.len();
            let (Some(left), Some(right)) = (x(first), x(last)) else {
                continue;
            };
            if !run.contains(&true) {
                continue;
            }
            let before = first.checked_sub(1).and_then(x).unwrap_or(left);
            let after = x(last + 1).unwrap_or(right);
            let band = Rectangle {
                left: f64::midpoint(before, left).min(left - 3.0).max(area.left),
                right: f64::midpoint(right, after).max(right + 3.0).min(area.right),
                ..area
            };
            unsupported(band, self.canvas)?;
        }
        Ok(())
    }

    /// A line through all known rates, broken where there are none.
    fn curve(
        &self,
        panel: &Hearing,
        rate: fn(f64, f64) -> f64,
        stroke: fn(&Canvas<'_>, &[Pixel]) -> Result<(), ChartError>,
    ) -> Result<(), ChartError> {
        let points: Vec<Option<Pixel>> = panel
            .candidates
            .iter()
            .map(|candidate| match candidate.bound {
                Bound::Known {
                    estimate, alone, ..
                } => Some(self.at(candidate.threshold, rate(estimate, alone))),
                Bound::Unsupported | Bound::Empty => None,
            })
            .collect();
        for run in points.split(Option::is_none) {
            let line: Vec<Pixel> = run.iter().flatten().copied().collect();
            for part in parts_below(&line, self.plot.area.top) {
                stroke(self.canvas, &part)?;
            }
        }
        Ok(())
    }

    fn mark(&self, candidate: &Candidate) -> Result<(), ChartError> {
        let Bound::Known { alone, outcome, .. } = candidate.bound else {
            return Ok(());
        };
        let at = self.at(candidate.threshold, shown_bound(alone, outcome));
        let inside = at.y >= self.plot.area.top;
        let tip = Pixel {
            x: at.x,
            y: self.plot.area.top,
        };
        match outcome {
            Outcome::Passed { .. } if inside => self.canvas.dot(at, DOT, Color::Blue),
            Outcome::Failed { .. } if inside => cross(at, self.canvas),
            Outcome::Failed { .. } => self.canvas.fill(&arrow(tip), Color::Text, 1.0),
            Outcome::NotTested if inside => hollow(at, self.canvas),
            Outcome::Passed { .. } | Outcome::NotTested => Ok(()),
        }
    }

    /// The chosen threshold: a diamond with its number.
    fn chosen(&self, panel: &Hearing, limit: &[Pixel; 2]) -> Result<(), ChartError> {
        let chosen = panel.chosen.and_then(|chosen| panel.candidates.get(chosen));
        let Some(candidate) = chosen else {
            return Ok(());
        };
        let rate = match candidate.bound {
            Bound::Known { alone, outcome, .. } => shown_bound(alone, outcome),
            Bound::Unsupported | Bound::Empty => 0.0,
        };
        let center = self.at(candidate.threshold, rate);
        let center = Pixel {
            x: center.x,
            y: center.y.max(self.plot.area.top),
        };
        diamond(center, Color::Orange, self.canvas)?;
        let mut layout = Layout::new(self.plot.area.grown(-2.0));
        layout.keep_off_line(limit);
        let words = fit(&candidate.text, LABEL, 80.0);
        let size = (width(&words, LABEL), LABEL);
        let placed = layout.place_if_need_be_over_lines(center, panel::DIAMOND, size);
        let face = Type {
            size: LABEL,
            color: Color::Text,
            anchor: Anchor::Middle,
        };
        placed.map_or(Ok(()), |placed| {
            self.canvas.text(&words, placed.baseline, face)
        })
    }

    /// Says why a panel shows no bound.
    fn note(&self, panel: &Hearing) -> Result<(), ChartError> {
        let bounds = || panel.candidates.iter().map(|candidate| candidate.bound);
        let inside = |bound: Bound| match bound {
            Bound::Known { alone, outcome, .. } => {
                self.plot.up(shown_bound(alone, outcome) * 100.0) >= self.plot.area.top
            }
            Bound::Unsupported | Bound::Empty => false,
        };
        let is_known = |bound: Bound| matches!(bound, Bound::Known { .. });
        let words = if bounds().any(inside) {
            return Ok(());
        } else if bounds().any(is_known) {
            "every bound is above"
        } else if bounds().any(|bound| bound == Bound::Unsupported) {
            "no bound"
        } else {
            "nothing auto-approved"
        };
        let face = Type {
            size: LABEL,
            color: Color::Muted,
            anchor: Anchor::Start,
        };
        let area = self.plot.area;
        let at = Pixel {
            x: area.left + 6.0,
            y: area.top + 18.0,
        };
        self.canvas.text(words, at, face)
    }
}
