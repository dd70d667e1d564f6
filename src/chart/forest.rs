//! The forest plot: one row a segment, its error rate with interval, against that of all cases.

use super::ChartError;
use super::canvas::{Color, Pen, picture};
use super::frame::{self, RIGHT};
use super::geometry::{Pixel, Rectangle};
use super::risk_coverage::ErrorRate;
use super::sheet::{self, NAMES, ROW, Ruler, TOP, Words};

/// Rows in one picture.
const MOST_ROWS: usize = 100;
/// An interval may reach so many times as far as the highest estimate before it is cut.
const REACH: f64 = 3.0;

/// Rates with intervals, row by row.
#[derive(Debug, Clone, PartialEq)]
pub struct Forest {
    pub title: String,
    /// What the numbers rest on.
    pub subtitle: String,
    /// Name and rate. The first hundred are drawn; the footer counts the others.
    pub rows: Vec<(String, ErrorRate)>,
    /// The rate of all cases, from 0 to 1.
    pub overall: Option<f64>,
}

/// Draws the chart as SVG.
///
/// # Errors
/// Without any row, or when a number is none.
pub(super) fn svg(chart: &Forest) -> Result<String, ChartError> {
    if chart.rows.is_empty() {
        return Err(ChartError::Empty);
    }
    for (name, rate) in &chart.rows {
        sheet::finite(numbers(rate), name)?;
    }
    let shown = chart.rows.get(..MOST_ROWS).unwrap_or(&chart.rows);
    let area = Rectangle {
        left: NAMES,
        top: TOP,
        right: RIGHT,
        bottom: TOP + shown.len() as f64 * ROW,
    };
    let height = (area.bottom + 92.0).ceil();
    let ruler = ruler(chart, shown);
    let more = chart.rows.len() - shown.len();
    let footer = if more > 0 {
        format!("And {more} more, not drawn.")
    } else {
        "Dot and bar: estimate and interval. Hollow bar: worst-case limits, for want of labels.".to_owned()
    };
    let words = Words {
        title: &chart.title,
        subtitle: &chart.subtitle,
        footer: &footer,
    };
    picture((frame::WIDTH, height as u32), &chart.title, |canvas| {
        sheet::paper(canvas, height, &words)?;
        sheet::across(canvas, &ruler, area)?;
        sheet::across_title(canvas, "Auto-approved error rate (%)", area)?;
        let x = |share: f64| ruler.place(share * 100.0, area.left, area.right);
        if let Some(overall) = chart.overall {
            let at = x(overall);
            let line = [Pixel { x: at, y: area.top }, Pixel { x: at, y: area.bottom }];
            canvas.dashes(&line, Pen { color: Color::Muted, width: 1.5 })?;
        }
        for (place, (name, rate)) in shown.iter().enumerate() {
            let y = area.top + (place as f64 + 0.5) * ROW;
            sheet::row_name(canvas, name, y)?;
            let bar = |low: f64, high: f64, pen: Pen| {
                canvas.line(&[Pixel { x: x(low), y }, Pixel { x: x(high), y }], pen)
            };
            match *rate {
                ErrorRate::Estimated { estimate, low, high } => {
                    bar(low, high, Pen { color: Color::Blue, width: 2.5 })?;
                    canvas.dot(Pixel { x: x(estimate), y }, 4.5, Color::Blue)?;
                }
                ErrorRate::Bounded { low, high } => {
                    bar(low, high, Pen { color: Color::Shade, width: 7.0 })?;
                    bar(low, high, Pen { color: Color::White, width: 4.0 })?;
                }
                ErrorRate::Undefined => {
                    let at = Pixel { x: area.left + 6.0, y: y + 4.0 };
                    canvas.text("none auto-approved", at, sheet::SMALL)?;
                }
            }
        }
        Ok(())
    })
}

fn numbers(rate: &ErrorRate) -> Vec<f64> {
    match *rate {
        ErrorRate::Estimated { estimate, low, high } => vec![estimate, low, high],
        ErrorRate::Bounded { low, high } => vec![low, high],
        ErrorRate::Undefined => Vec::new(),
    }
}

/// From zero to where the estimates and most of their intervals are.
fn ruler(chart: &Forest, shown: &[(String, ErrorRate)]) -> Ruler {
    let estimates = shown.iter().filter_map(|(_, rate)| match *rate {
        ErrorRate::Estimated { estimate, .. } => Some(estimate),
        ErrorRate::Bounded { .. } | ErrorRate::Undefined => None,
    });
    let top = estimates.chain(chart.overall).fold(0.0, f64::max);
    let highs = shown.iter().flat_map(|(_, rate)| numbers(rate));
    let most = highs.fold(0.0, f64::max);
    let high = if top > 0.0 { most.min(REACH * top) } else { most };
    Ruler::around(0.0, high.max(1e-4) * 100.0, 6.0)
}
