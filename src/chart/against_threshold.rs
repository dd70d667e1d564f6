//! Both rates against the threshold, one above the other: what is escalated, and how wrong the
//! rest is.

use super::ChartError;
use super::canvas::{Canvas, Color, Pen, picture};
use super::frame::{self, RIGHT};
use super::geometry::{Pixel, Rectangle};
use super::risk_coverage::ErrorRate;
use super::sheet::{self, Ruler, TOP, Words};

const HEIGHT: f64 = 560.0;
/// An interval may reach so many times as far as the highest estimate before it is cut.
const REACH: f64 = 2.5;

/// Escalation rate and error rate by threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct AgainstThreshold {
    pub title: String,
    /// What the numbers rest on.
    pub subtitle: String,
    /// Threshold, escalation rate and error rate, in ascending order of threshold.
    pub points: Vec<(f64, f64, ErrorRate)>,
    /// The threshold that the historical routes follow.
    pub history: Option<f64>,
}

/// Draws the chart as SVG.
///
/// # Errors
/// Without any point, or when a number is none.
pub(super) fn svg(chart: &AgainstThreshold) -> Result<String, ChartError> {
    // A threshold of 0 says nothing, and would squeeze all others to the right.
    let used: Vec<&(f64, f64, ErrorRate)> = match chart.points.as_slice() {
        [_, rest @ ..] if rest.len() > 1 => rest.iter().collect(),
        all => all.iter().collect(),
    };
    let (Some(first), Some(last)) = (used.first(), used.last()) else {
        return Err(ChartError::Empty);
    };
    for (threshold, escalated, _) in &used {
        sheet::finite([*threshold, *escalated], "a threshold")?;
    }
    let x = Ruler::around(first.0, last.0, 8.0);
    let upper = Rectangle { left: 84.0, top: TOP + 34.0, right: RIGHT, bottom: TOP + 174.0 };
    let lower = Rectangle { top: upper.bottom + 56.0, bottom: HEIGHT - 92.0, ..upper };
    let words = Words {
        title: &chart.title,
        subtitle: &chart.subtitle,
        footer: "Threshold t: auto-approve if score >= t. Band: interval. Dashes: the historical \
                 threshold.",
    };
    picture((frame::WIDTH, HEIGHT as u32), &chart.title, |canvas| {
        sheet::paper(canvas, HEIGHT, &words)?;
        for area in [upper, lower] {
            sheet::across(canvas, &x, area)?;
            if let Some(history) = chart.history {
                let at = x.place(history, area.left, area.right);
                let line = [Pixel { x: at, y: area.top }, Pixel { x: at, y: area.bottom }];
                canvas.dashes(&line, Pen { color: Color::Muted, width: 1.5 })?;
            }
        }
        sheet::across_title(canvas, "Threshold", lower)?;
        let y = Ruler::around(0.0, 100.0, 4.0);
        sheet::up(canvas, &y, upper)?;
        sheet::up_title(canvas, "Escalation rate (%)", upper)?;
        let at = |threshold: f64, value: f64| Pixel {
            x: x.place(threshold, upper.left, upper.right),
            y: y.place(value * 100.0, upper.bottom, upper.top),
        };
        let line: Vec<Pixel> = used.iter().map(|(t, escalated, _)| at(*t, *escalated)).collect();
        canvas.line(&line, Pen { color: Color::Orange, width: 2.5 })?;
        errors(canvas, &used, &x, lower)
    })
}

/// The lower half: error rates with their band, broken where there is no estimate.
fn errors(
    canvas: &Canvas<'_>,
    used: &[&(f64, f64, ErrorRate)],
    x: &Ruler,
    area: Rectangle,
) -> Result<(), ChartError> {
    let known: Vec<(f64, [f64; 3])> = used
        .iter()
        .filter_map(|(threshold, _, rate)| match *rate {
            ErrorRate::Estimated { estimate, low, high } => Some((*threshold, [low, estimate, high])),
            ErrorRate::Bounded { .. } | ErrorRate::Undefined => None,
        })
        .collect();
    let estimates = known.iter().map(|(_, [_, estimate, _])| *estimate);
    let top = estimates.fold(0.0, f64::max) * REACH;
    let highs = known.iter().map(|(_, [_, _, high])| *high);
    let most = highs.fold(0.0, f64::max).min(if top > 0.0 { top } else { 1.0 });
    let y = Ruler::around(0.0, most.max(1e-4) * 100.0, 5.0);
    sheet::up(canvas, &y, area)?;
    sheet::up_title(canvas, "Auto-approved error rate (%)", area)?;
    let at = |threshold: f64, value: f64| Pixel {
        x: x.place(threshold, area.left, area.right),
        y: y.place(value * 100.0, area.bottom, area.top),
    };
    let mut band: Vec<Pixel> = known.iter().map(|(t, [low, _, _])| at(*t, *low)).collect();
    band.extend(known.iter().rev().map(|(t, [_, _, high])| at(*t, *high)));
    canvas.fill(&band, Color::Blue, 0.2)?;
    let line: Vec<Pixel> = known.iter().map(|(t, [_, estimate, _])| at(*t, *estimate)).collect();
    canvas.line(&line, Pen { color: Color::Blue, width: 2.5 })
}
