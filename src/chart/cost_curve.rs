//! The cost curve: what every threshold would have cost, and the plateau on which it hardly
//! matters.

use super::ChartError;
use super::canvas::{Color, Pen, picture};
use super::frame::{self, RIGHT};
use super::geometry::{Pixel, Rectangle};
use super::sheet::{self, Ruler, TOP, Words};

const HEIGHT: f64 = 460.0;
/// Costs up to so much above the least are the plateau.
const PLATEAU: f64 = 0.02;

/// Expected cost by threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct CostCurve {
    pub title: String,
    /// What the numbers rest on.
    pub subtitle: String,
    /// Threshold, and expected cost with its low and high limit, in ascending order of threshold.
    pub points: Vec<(f64, [f64; 3])>,
    /// What the historical routes cost.
    pub actual: Option<f64>,
}

/// Draws the chart as SVG.
///
/// # Errors
/// With less than two points, or when a number is none.
pub(super) fn svg(chart: &CostCurve) -> Result<String, ChartError> {
    // A threshold of 0 would squeeze all others to the right.
    let used = match chart.points.as_slice() {
        [_, rest @ ..] if rest.len() > 1 => rest,
        all => all,
    };
    let ([first, ..], [.., last]) = (used, used) else {
        return Err(ChartError::Empty);
    };
    for (threshold, costs) in used {
        sheet::finite(costs.iter().copied().chain([*threshold]), "a threshold")?;
    }
    let x = Ruler::around(first.0, last.0, 8.0);
    let most = used.iter().map(|(_, [_, _, high])| *high).chain(chart.actual);
    let y = Ruler::around(0.0, most.fold(0.0, f64::max), 5.0);
    let area = Rectangle { left: 84.0, top: TOP + 34.0, right: RIGHT, bottom: HEIGHT - 92.0 };
    let at = |threshold: f64, cost: f64| Pixel {
        x: x.place(threshold, area.left, area.right),
        y: y.place(cost, area.bottom, area.top),
    };
    let least = used.iter().map(|(_, [cost, _, _])| *cost).fold(f64::INFINITY, f64::min);
    let flat = used.iter().filter(|(_, [cost, _, _])| *cost <= least * (1.0 + PLATEAU));
    let flat: Vec<f64> = flat.map(|(threshold, _)| *threshold).collect();
    let words = Words {
        title: &chart.title,
        subtitle: &chart.subtitle,
        footer: "Band: interval. Shaded: costs within 2 % of the least. Dashes: what the real \
                 routes cost.",
    };
    picture((frame::WIDTH, HEIGHT as u32), &chart.title, |canvas| {
        sheet::paper(canvas, HEIGHT, &words)?;
        if let ([from, ..], [.., to]) = (flat.as_slice(), flat.as_slice()) {
            let plateau = Rectangle {
                left: at(*from, 0.0).x - 4.0,
                right: at(*to, 0.0).x + 4.0,
                ..area
            };
            canvas.rectangle(plateau, Color::Shade, 0.35)?;
        }
        sheet::across(canvas, &x, area)?;
        sheet::up(canvas, &y, area)?;
        sheet::across_title(canvas, "Threshold", area)?;
        sheet::up_title(canvas, "Expected cost", area)?;
        let mut band: Vec<Pixel> = used.iter().map(|(t, [_, low, _])| at(*t, *low)).collect();
        band.extend(used.iter().rev().map(|(t, [_, _, high])| at(*t, *high)));
        canvas.fill(&band, Color::Blue, 0.2)?;
        let line: Vec<Pixel> = used.iter().map(|(t, [cost, _, _])| at(*t, *cost)).collect();
        canvas.line(&line, Pen { color: Color::Blue, width: 2.5 })?;
        if let Some(actual) = chart.actual {
            let line = [at(x.low, actual), at(x.high, actual)];
            canvas.dashes(&line, Pen { color: Color::Muted, width: 1.5 })?;
        }
        let best = used.iter().find(|(_, [cost, _, _])| *cost <= least);
        best.map_or(Ok(()), |(t, [cost, _, _])| canvas.dot(at(*t, *cost), 5.0, Color::Orange))
    })
}
