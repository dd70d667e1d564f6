//! The points of a panel cut into stretches that are drawn alike: with an
//! estimate, or unsupported. Where nothing is auto-approved there is none.

use super::geometry::{Pixel, pressed_below};
use super::risk_coverage::{ErrorRate, Point};
use super::scale::Plot;

/// A stretch narrower than this, in pixels, has no area to speak of.
const NARROW: f64 = 2.0;

/// How far an unsupported stretch of no width is widened to each side.
const WIDENED: f64 = 6.0;

/// Neighbouring points of one kind, from left to right.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stretch {
    pub(crate) kind: Kind,
    pub(crate) low: Vec<Pixel>,
    pub(crate) high: Vec<Pixel>,
    /// The estimates; empty for an unsupported stretch.
    pub(crate) line: Vec<Pixel>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Estimated,
    Unsupported,
}

/// One point in pixels.
#[derive(Debug, Clone, Copy)]
struct Limits {
    kind: Kind,
    low: Pixel,
    high: Pixel,
    estimate: Option<Pixel>,
}

/// The stretches of a panel, from left to right.
///
/// What lies between a supported and an unsupported threshold is unsupported,
/// so an unsupported stretch reaches to its supported neighbours, upright: no
/// slope is made up.
pub(crate) fn stretches(points: &[Point], plot: &Plot) -> Vec<Stretch> {
    let limits: Vec<_> = points.iter().map(|point| limits(point, plot)).collect();
    let same = |one: &Option<Limits>, next: &Option<Limits>| {
        one.map(|limits| limits.kind) == next.map(|limits| limits.kind)
    };
    let runs: Vec<Vec<Limits>> = limits
        .chunk_by(same)
        .map(|run| run.iter().flatten().copied().collect())
        .collect();
    let mut stretches = Vec::new();
    for (position, run) in runs.iter().enumerate() {
        let Some(first) = run.first() else { continue };
        let mut stretch = Stretch::of(run, first.kind);
        if first.kind == Kind::Unsupported {
            let before = position
                .checked_sub(1)
                .and_then(|before| runs.get(before)?.last());
            let after = runs.get(position + 1).and_then(|run| run.first());
            stretch.reach(before, after);
            stretch.widen(plot);
        }
        stretches.push(stretch);
    }
    stretches
}

fn limits(point: &Point, plot: &Plot) -> Option<Limits> {
    let at = |rate| plot.place(point.escalation_rate, rate);
    match point.error {
        ErrorRate::Estimated {
            estimate,
            low,
            high,
        } => Some(Limits {
            kind: Kind::Estimated,
            low: at(low),
            high: at(high),
            estimate: Some(at(estimate)),
        }),
        ErrorRate::Bounded { low, high } => Some(Limits {
            kind: Kind::Unsupported,
            low: at(low),
            high: at(high),
            estimate: None,
        }),
        ErrorRate::Undefined => None,
    }
}

impl Stretch {
    fn of(run: &[Limits], kind: Kind) -> Self {
        Self {
            kind,
            low: run.iter().map(|limits| limits.low).collect(),
            high: run.iter().map(|limits| limits.high).collect(),
            line: run.iter().filter_map(|limits| limits.estimate).collect(),
        }
    }

    fn reach(&mut self, before: Option<&Limits>, after: Option<&Limits>) {
        for edge in [&mut self.low, &mut self.high] {
            if let (Some(end), Some(before)) = (edge.first().copied(), before) {
                edge.insert(
                    0,
                    Pixel {
                        x: before.low.x,
                        y: end.y,
                    },
                );
            }
            if let (Some(end), Some(after)) = (edge.last().copied(), after) {
                edge.push(Pixel {
                    x: after.low.x,
                    y: end.y,
                });
            }
        }
    }

    /// Makes a stretch of no width wide enough to be seen.
    fn widen(&mut self, plot: &Plot) {
        if !self.is_narrow() {
            return;
        }
        for edge in [&mut self.low, &mut self.high] {
            if let Some(first) = edge.first_mut() {
                first.x = (first.x - WIDENED).max(plot.area.left);
            }
            if let Some(last) = edge.last().copied() {
                let x = (last.x + WIDENED).min(plot.area.right);
                edge.push(Pixel { x, y: last.y });
            }
        }
    }

    pub(crate) fn is_narrow(&self) -> bool {
        match (self.low.first(), self.low.last()) {
            (Some(first), Some(last)) => last.x - first.x < NARROW,
            (_, _) => true,
        }
    }

    /// The area between the limits, cut off at the top of the plot.
    pub(crate) fn area(&self, plot: &Plot) -> Vec<Pixel> {
        let mut corners = pressed_below(&self.high, plot.area.top);
        corners.extend(pressed_below(&self.low, plot.area.top).into_iter().rev());
        corners
    }
}
