//! Queue waits: how long cases wait for a reviewer, policy by policy.

use super::ChartError;
use super::canvas::{Canvas, Color, Pen};
use super::frame::RIGHT;
use super::geometry::{Pixel, Rectangle};
use super::key::{self, Key, MARK, Sign};
use super::panel::diamond;
use super::ruler::Ruler;
use super::sheet::{self, ROW, Words};

/// Distance between rows.
const PITCH: f64 = 1.5 * ROW;
/// A deadline further off than so many of the longest waits would squeeze them all.
const FAR: f64 = 4.0;
const RAIL: Pen = Pen {
    color: Color::Shade,
    width: 3.0,
};
/// What waits are counted in: a name, its seconds, and the longest wait that it is used for.
const UNITS: [(&str, f64, f64); 4] = [
    ("seconds", 1.0, 180.0),
    ("minutes", 60.0, 3.0 * 3600.0),
    ("hours", 3600.0, 5.0 * 86_400.0),
    ("days", 86_400.0, f64::INFINITY),
];

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
/// [`ChartError::Empty`] without any policy, and an error that names the policy when a number is
/// none.
pub(super) fn svg(chart: &Waits) -> Result<String, ChartError> {
    if chart.rows.is_empty() {
        return Err(ChartError::Empty);
    }
    for (name, waits) in &chart.rows {
        sheet::finite(*waits, name)?;
    }
    sheet::finite(chart.deadline, "the deadline")?;
    let longest = chart
        .rows
        .iter()
        .flat_map(|(_, waits)| *waits)
        .fold(0.0, f64::max);
    let near = chart.deadline.filter(|deadline| *deadline <= FAR * longest);
    let most = near.map_or(longest, |deadline| deadline.max(longest));
    let (unit, seconds) = unit(most);
    let ruler = Ruler::around(0.0, most / seconds, 6.0);
    let key = Key::new(entries(chart, near.is_some()));
    let names = chart.rows.iter().map(|(name, _)| name.as_str());
    let area = Rectangle {
        left: sheet::right_of_names(names),
        top: key.bottom,
        right: RIGHT - 16.0,
        bottom: key.bottom + chart.rows.len() as f64 * PITCH,
    };
    let x = |wait: f64| ruler.x(wait / seconds, area);
    let words = Words {
        title: &chart.title,
        subtitle: &chart.subtitle,
        footer: "Clock time from arrival to the start of the review.",
    };
    sheet::picture(area.bottom, &words, |canvas| {
        key.draw(canvas)?;
        sheet::across(canvas, &ruler.across(area), area)?;
        sheet::across_title(canvas, &format!("Waiting time ({unit})"), area)?;
        if let Some(deadline) = near {
            canvas.dashes(&sheet::upright(x(deadline), area), sheet::DASHES)?;
        }
        for (place, (name, waits)) in chart.rows.iter().enumerate() {
            let y = area.top + (place as f64 + 0.5) * PITCH;
            sheet::row_name(canvas, name, y)?;
            let start = Pixel { x: area.left, y };
            marks(canvas, start, waits.map(|wait| Pixel { x: x(wait), y }))?;
        }
        Ok(())
    })
}

fn unit(longest: f64) -> (&'static str, f64) {
    let fits = UNITS.iter().find(|(_, _, most)| longest <= *most);
    fits.map_or(("seconds", 1.0), |(name, seconds, _)| (*name, *seconds))
}

fn entries(chart: &Waits, near: bool) -> Vec<(Sign, String)> {
    let deadline = chart.deadline.map(|deadline| {
        let (unit, seconds) = unit(deadline);
        let far = if near { "" } else { ", far to the right" };
        (
            Sign::Dashes,
            format!("deadline: {} {unit}{far}", deadline / seconds),
        )
    });
    let marks = [
        (Sign::Dot, "half of the cases wait at most so long"),
        (Sign::Diamond, "nine in ten"),
        (Sign::Bar, "99 in 100"),
    ];
    let marks = marks.map(|(sign, words)| (sign, words.to_owned()));
    marks.into_iter().chain(deadline).collect()
}

/// Three marks of different shapes, so that they can be told apart where they meet.
fn marks(
    canvas: &Canvas<'_>,
    start: Pixel,
    [half, nine, most]: [Pixel; 3],
) -> Result<(), ChartError> {
    canvas.line(&[start, most], RAIL)?;
    key::bar(canvas, most)?;
    diamond(nine, Color::Orange, canvas)?;
    canvas.dot(half, MARK, Color::Blue)
}
