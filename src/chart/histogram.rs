//! Scores by route and label: where the cases are, and where the labels are.

use super::ChartError;
use super::canvas::Canvas;
use super::frame::{MARGIN, RIGHT};
use super::geometry::Rectangle;
use super::key::{self, Key, Part, Sign};
use super::ruler::Ruler;
use super::sheet::{self, Words};

/// Height of the bars, and of one route's bars with what is above and below them.
const BARS: f64 = 130.0;
const PITCH: f64 = BARS + 64.0;
const LEFT: f64 = MARGIN + 60.0;

/// Cases by score, for each route.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    pub title: String,
    /// What the numbers rest on.
    pub subtitle: String,
    /// The score where the first bar begins and where the last ends.
    pub range: (f64, f64),
    /// What each route is called, with its sums, for parts too small to be seen; and for each bar
    /// its right, wrong and unlabelled cases.
    pub routes: Vec<(String, Vec<[u64; 3]>)>,
}

/// Draws the chart as SVG.
///
/// # Errors
/// Without any bar, or when the range is none.
pub(super) fn svg(chart: &Histogram) -> Result<String, ChartError> {
    let bars = chart.routes.iter().map(|(_, bars)| bars.len()).max();
    bars.filter(|bars| *bars > 0).ok_or(ChartError::Empty)?;
    let (from, to) = chart.range;
    sheet::finite([from, to], "the range of scores")?;
    let x = Ruler::within(from, to, 10.0);
    let key = Key::new([
        (Sign::Part(Part::Unknown), "no label".to_owned()),
        (Sign::Part(Part::Right), "labelled, right".to_owned()),
        (
            Sign::Part(Part::Wrong),
            "labelled, wrong (lowest)".to_owned(),
        ),
    ]);
    let area = |place: usize| {
        let top = key.bottom + 26.0 + place as f64 * PITCH;
        Rectangle {
            left: LEFT,
            top,
            right: RIGHT,
            bottom: top + BARS,
        }
    };
    let last = area(chart.routes.len().saturating_sub(1));
    let words = Words {
        title: &chart.title,
        subtitle: &chart.subtitle,
        footer: "Bars: cases by score. Each route has a scale of its own.",
    };
    sheet::picture(last.bottom, &words, |canvas| {
        key.draw(canvas)?;
        for (place, (name, bins)) in chart.routes.iter().enumerate() {
            sheet::across(canvas, &x.across(area(place)), area(place))?;
            route(canvas, (name, bins), area(place))?;
        }
        sheet::across_title(canvas, "Score", last)
    })
}

fn route(
    canvas: &Canvas<'_>,
    (name, bins): (&str, &[[u64; 3]]),
    area: Rectangle,
) -> Result<(), ChartError> {
    let most = bins.iter().map(sum).max().unwrap_or(0).max(1);
    let y = Ruler::around(0.0, most as f64, most.min(4) as f64);
    sheet::up(canvas, &y.up(area), area)?;
    sheet::up_title(canvas, name, area)?;
    let width = (area.right - area.left) / bins.len().max(1) as f64;
    let gap = (width * 0.1).min(0.5);
    for (bar, [right, wrong, unknown]) in bins.iter().enumerate() {
        let left = area.left + width * bar as f64;
        let mut below = 0;
        for (kind, cases) in [
            (Part::Wrong, *wrong),
            (Part::Right, *right),
            (Part::Unknown, *unknown),
        ] {
            if cases == 0 {
                continue;
            }
            let bottom = y.y(below as f64, area);
            below += cases;
            let part = Rectangle {
                left: left + gap,
                right: left + width - gap,
                top: y.y(below as f64, area),
                bottom,
            };
            key::part(canvas, part, kind)?;
        }
    }
    Ok(())
}

fn sum(bin: &[u64; 3]) -> u64 {
    bin.iter().sum()
}
