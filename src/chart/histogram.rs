//! Scores by route and label: where the cases are, and where the labels are.

use super::ChartError;
use super::canvas::{Color, picture};
use super::frame::{self, RIGHT};
use super::geometry::Rectangle;
use super::sheet::{self, Ruler, TOP, Words};

/// Height of one route's bars with what is above and below them.
const PITCH: f64 = 200.0;
/// Height of the bars.
const BARS: f64 = 120.0;

/// Cases by score, for each route.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    pub title: String,
    /// What the numbers rest on.
    pub subtitle: String,
    /// The score where the first bar begins and where the last ends.
    pub range: (f64, f64),
    /// The name of each route, and for each bar its right, wrong and unlabelled cases.
    pub routes: Vec<(String, Vec<[u64; 3]>)>,
}

/// Draws the chart as SVG.
///
/// # Errors
/// Without any bar, or when the range is none.
pub(super) fn svg(chart: &Histogram) -> Result<String, ChartError> {
    let bars = chart.routes.iter().map(|(_, bars)| bars.len()).max();
    let bars = bars.filter(|bars| *bars > 0).ok_or(ChartError::Empty)?;
    let (from, to) = chart.range;
    sheet::finite([from, to], "the range of scores")?;
    let x = Ruler::around(from, to, 8.0);
    let height = TOP + 20.0 + PITCH * chart.routes.len() as f64 + 30.0;
    let words = Words {
        title: &chart.title,
        subtitle: &chart.subtitle,
        footer: "Each route has a scale of its own.",
    };
    picture((frame::WIDTH, height as u32), &chart.title, |canvas| {
        sheet::paper(canvas, height, &words)?;
        let entries = [
            (Color::Blue, "labelled, right"),
            (Color::Orange, "labelled, wrong"),
            (Color::Shade, "no label"),
        ];
        sheet::legend(canvas, &entries, TOP + 6.0)?;
        for (place, (name, bins)) in chart.routes.iter().enumerate() {
            let top = TOP + 54.0 + place as f64 * PITCH;
            let area = Rectangle { left: 84.0, top, right: RIGHT, bottom: top + BARS };
            let most = bins.iter().map(|bin| bin.iter().sum::<u64>()).max().unwrap_or(0);
            let y = Ruler::around(0.0, most.max(1) as f64, 4.0);
            sheet::across(canvas, &x, area)?;
            sheet::up(canvas, &y, area)?;
            sheet::up_title(canvas, name, area)?;
            let edge = |bar: usize| from + (to - from) * bar as f64 / bars as f64;
            for (bar, bin) in bins.iter().enumerate() {
                let mut below = 0;
                for (color, cases) in [Color::Orange, Color::Blue, Color::Shade].into_iter().zip([bin[1], bin[0], bin[2]]) {
                    if cases == 0 {
                        continue;
                    }
                    let part = Rectangle {
                        left: x.place(edge(bar), area.left, area.right) + 0.5,
                        right: x.place(edge(bar + 1), area.left, area.right) - 0.5,
                        top: y.place((below + cases) as f64, area.bottom, area.top),
                        bottom: y.place(below as f64, area.bottom, area.top),
                    };
                    canvas.rectangle(part, color, 1.0)?;
                    below += cases;
                }
            }
        }
        let last = TOP + 54.0 + (chart.routes.len() as f64 - 1.0) * PITCH;
        sheet::across_title(canvas, "Score", Rectangle { left: 84.0, top: last, right: RIGHT, bottom: last + BARS })
    })
}
