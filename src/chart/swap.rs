//! The swap set: the cases whose route a policy changes, and how many of them are wrong.

use super::ChartError;
use super::canvas::{Color, picture};
use super::frame::{self, RIGHT};
use super::geometry::{Pixel, Rectangle};
use super::sheet::{self, NAMES, ROW, Ruler, TOP, Words};

/// Two rows for each policy and a gap.
const PITCH: f64 = 2.5 * ROW;

/// The cases that policies move.
#[derive(Debug, Clone, PartialEq)]
pub struct Swap {
    pub title: String,
    /// What the numbers rest on.
    pub subtitle: String,
    /// Policy, and for both directions (newly auto-approved, newly escalated) the cases and the
    /// share of them that is wrong, where it is known.
    pub policies: Vec<(String, [(u64, Option<f64>); 2])>,
}

/// Draws the chart as SVG.
///
/// # Errors
/// Without any policy, or when a number is none.
pub(super) fn svg(chart: &Swap) -> Result<String, ChartError> {
    if chart.policies.is_empty() {
        return Err(ChartError::Empty);
    }
    for (name, parts) in &chart.policies {
        sheet::finite(parts.iter().filter_map(|(_, share)| *share), name)?;
    }
    let cases = chart.policies.iter().flat_map(|(_, parts)| parts.map(|(cases, _)| cases));
    let ruler = Ruler::around(0.0, cases.max().unwrap_or(0).max(1) as f64, 6.0);
    let area = Rectangle {
        left: NAMES + 40.0,
        top: TOP + 24.0,
        right: RIGHT - 60.0,
        bottom: TOP + 24.0 + chart.policies.len() as f64 * PITCH,
    };
    let height = (area.bottom + 92.0).ceil();
    let words = Words {
        title: &chart.title,
        subtitle: &chart.subtitle,
        footer: "Compared with what really happened. The share is that of wrong cases among those \
                 that move.",
    };
    picture((frame::WIDTH, height as u32), &chart.title, |canvas| {
        sheet::paper(canvas, height, &words)?;
        let entries = [
            (Color::Orange, "wrong"),
            (Color::Blue, "right"),
            (Color::Shade, "cannot be told"),
        ];
        sheet::legend(canvas, &entries, TOP + 6.0)?;
        sheet::across(canvas, &ruler, area)?;
        sheet::across_title(canvas, "Cases that change their route", area)?;
        for (place, (name, parts)) in chart.policies.iter().enumerate() {
            let top = area.top + place as f64 * PITCH;
            sheet::row_name(canvas, name, top + ROW * 0.75)?;
            for (row, (cases, share)) in parts.iter().enumerate() {
                let middle = top + ROW * (row as f64 + 0.75);
                let words = ["to auto", "to human"].get(row).copied().unwrap_or_default();
                let at = Pixel { x: NAMES - 22.0, y: middle + 4.0 };
                canvas.text(words, at, sheet::SMALL)?;
                let wrong = share.map(|share| share * *cases as f64);
                let bar = |from: f64, to: f64, color: Color| {
                    let part = Rectangle {
                        left: ruler.place(from, area.left, area.right),
                        right: ruler.place(to, area.left, area.right),
                        top: middle - 8.0,
                        bottom: middle + 8.0,
                    };
                    canvas.rectangle(part, color, 1.0)
                };
                match wrong {
                    Some(wrong) => {
                        bar(0.0, wrong, Color::Orange)?;
                        bar(wrong, *cases as f64, Color::Blue)?;
                    }
                    None => bar(0.0, *cases as f64, Color::Shade)?,
                }
                let text = share.filter(|_| *cases > 0).map(|share| format!("{:.1} %", share * 100.0));
                let end = ruler.place(*cases as f64, area.left, area.right);
                let at = Pixel { x: end + 6.0, y: middle + 4.0 };
                canvas.text(&text.unwrap_or_default(), at, sheet::SMALL)?;
            }
        }
        Ok(())
    })
}
