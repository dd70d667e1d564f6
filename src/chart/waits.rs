//! Queue waits: how long cases wait for a reviewer, policy by policy.

use super::ChartError;
use super::canvas::{Color, Pen, picture};
use super::frame::{self, RIGHT};
use super::geometry::{Pixel, Rectangle};
use super::sheet::{self, NAMES, ROW, Ruler, TOP, Words};

/// Seconds in an hour.
const HOUR: f64 = 3600.0;
/// Distance between rows, in rows.
const PITCH: f64 = 1.5 * ROW;

/// Waiting times of policies.
#[derive(Debug, Clone, PartialEq)]
pub struct Waits {
    pub title: String,
    /// What the numbers rest on.
    pub subtitle: String,
    /// Policy, and the seconds that half, nine in ten and 99 in 100 cases wait at most.
    pub rows: Vec<(String, [f64; 3])>,
    /// The deadline in seconds.
    pub deadline: Option<f64>,
}

/// Draws the chart as SVG.
///
/// # Errors
/// Without any policy, or when a number is none.
pub(super) fn svg(chart: &Waits) -> Result<String, ChartError> {
    if chart.rows.is_empty() {
        return Err(ChartError::Empty);
    }
    for (name, waits) in &chart.rows {
        sheet::finite(*waits, name)?;
    }
    let waits = chart.rows.iter().flat_map(|(_, waits)| *waits);
    let most = waits.chain(chart.deadline).fold(0.0, f64::max) / HOUR;
    let ruler = Ruler::around(0.0, most.max(0.01), 6.0);
    let area = Rectangle {
        left: NAMES,
        top: TOP + 24.0,
        right: RIGHT - 20.0,
        bottom: TOP + 24.0 + chart.rows.len() as f64 * PITCH,
    };
    let height = (area.bottom + 92.0).ceil();
    let words = Words {
        title: &chart.title,
        subtitle: &chart.subtitle,
        footer: "Clock time from arrival to the start of the review. Dashes: the deadline.",
    };
    picture((frame::WIDTH, height as u32), &chart.title, |canvas| {
        sheet::paper(canvas, height, &words)?;
        let entries = [
            (Color::Blue, "half of the cases"),
            (Color::Orange, "nine in ten"),
            (Color::Text, "99 in 100"),
        ];
        sheet::legend(canvas, &entries, TOP + 6.0)?;
        sheet::across(canvas, &ruler, area)?;
        sheet::across_title(canvas, "Hours of waiting, at most", area)?;
        let x = |seconds: f64| ruler.place(seconds / HOUR, area.left, area.right);
        if let Some(deadline) = chart.deadline {
            let at = x(deadline);
            let line = [Pixel { x: at, y: area.top }, Pixel { x: at, y: area.bottom }];
            canvas.dashes(&line, Pen { color: Color::Muted, width: 1.5 })?;
        }
        for (place, (name, [half, nine, most])) in chart.rows.iter().enumerate() {
            let y = area.top + (place as f64 + 0.5) * PITCH;
            sheet::row_name(canvas, name, y)?;
            let line = [Pixel { x: x(0.0), y }, Pixel { x: x(*most), y }];
            canvas.line(&line, Pen { color: Color::Shade, width: 3.0 })?;
            canvas.dot(Pixel { x: x(*most), y }, 5.0, Color::Text)?;
            canvas.dot(Pixel { x: x(*nine), y }, 5.0, Color::Orange)?;
            canvas.dot(Pixel { x: x(*half), y }, 5.0, Color::Blue)?;
        }
        Ok(())
    })
}
