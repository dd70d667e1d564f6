//! The forest plot: one row a segment, its error rate with interval, against that of all cases.

use super::ChartError;
use super::canvas::{Canvas, Color, Pen};
use super::frame::RIGHT;
use super::geometry::{Pixel, Rectangle};
use super::key::{self, Key, Sign};
use super::risk_coverage::{ErrorRate, check_rate, share};
use super::scale::{Axis, Plot};
use super::sheet::{self, ROW, Words};
use super::text::{fit, percent_digits, width};

/// Rows in one picture.
const MOST_ROWS: usize = 100;
/// From so many rows on the ticks stand above them, too.
const MANY_ROWS: usize = 15;
/// An interval may reach so many times as far as the highest estimate before it is cut.
const REACH: f64 = 3.0;
const INTERVAL: Pen = Pen {
    color: Color::Blue,
    width: 2.5,
};
const DOT: f64 = 4.5;

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
/// [`ChartError::Empty`] without any row, and an error that names the row when a number is no
/// share.
pub(super) fn svg(chart: &Forest) -> Result<String, ChartError> {
    check(chart)?;
    let shown = chart.rows.get(..MOST_ROWS).unwrap_or(&chart.rows);
    let x = Axis::from_zero(reach(chart, shown) * 100.0, 6.0);
    let key = Key::new(entries(chart, shown, x.high / 100.0));
    let many = shown.len() >= MANY_ROWS;
    let top = key.bottom + if many { 22.0 } else { 4.0 };
    let area = Rectangle {
        left: sheet::right_of_names(shown.iter().map(|(name, _)| name.as_str())),
        top,
        right: RIGHT - 12.0,
        bottom: top + shown.len() as f64 * ROW,
    };
    let plot = Plot { area, x, y: x };
    let footer = match chart.rows.len() - shown.len() {
        0 => String::new(),
        more => format!("And {more} more, not drawn."),
    };
    let words = Words {
        title: &chart.title,
        subtitle: &chart.subtitle,
        footer: &footer,
    };
    sheet::picture(area.bottom, &words, |canvas| {
        key.draw(canvas)?;
        axis(canvas, &plot, many)?;
        if let Some(overall) = chart.overall {
            let line = sheet::upright(across(&plot, overall), area);
            canvas.line(&line, sheet::DASHES)?;
        }
        for (place, (name, rate)) in shown.iter().enumerate() {
            let middle = area.top + (place as f64 + 0.5) * ROW;
            sheet::row_name(canvas, name, middle)?;
            row(canvas, &plot, *rate, middle)?;
        }
        Ok(())
    })
}

fn check(chart: &Forest) -> Result<(), ChartError> {
    if chart.rows.is_empty() {
        return Err(ChartError::Empty);
    }
    for (name, rate) in &chart.rows {
        check_rate(*rate, &format!("row {:?}", fit(name, 1.0, 40.0)))?;
    }
    let overall = chart.overall.iter();
    overall
        .copied()
        .try_for_each(|overall| share(overall, "error rate", "all cases"))
}

fn entries(chart: &Forest, shown: &[(String, ErrorRate)], top: f64) -> Vec<(Sign, String)> {
    let has = |wanted: fn(&ErrorRate) -> bool| shown.iter().any(|(_, rate)| wanted(rate));
    let estimated = has(|rate| matches!(rate, ErrorRate::Estimated { .. }));
    let bounded = has(|rate| matches!(rate, ErrorRate::Bounded { .. }));
    let overall = chart.overall.map(|overall| {
        (
            Sign::Rule,
            format!("all cases, {} %", percent_digits(overall)),
        )
    });
    let cut = shown
        .iter()
        .any(|(_, rate)| high(*rate) > top * (1.0 + 1e-9));
    [
        estimated.then(|| (Sign::Interval, "estimate and interval".to_owned())),
        bounded.then(|| (Sign::Limits, "no labels: worst-case limits".to_owned())),
        overall,
        cut.then(|| (Sign::Beyond, "continues".to_owned())),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The grid with its ticks below; above, too, where the rows are many.
fn axis(canvas: &Canvas<'_>, plot: &Plot, many: bool) -> Result<(), ChartError> {
    let area = plot.area;
    let ticks = plot.x.ticks().into_iter();
    let ticks: Vec<_> = ticks
        .map(|(percent, text)| (plot.across(percent), text))
        .collect();
    if many {
        let above = Rectangle {
            bottom: area.top - 24.0,
            top: area.top - 24.0,
            ..area
        };
        sheet::across(canvas, &ticks, above)?;
    }
    let rows = ((area.bottom - area.top) / ROW).round() as u32;
    for row in 0..=rows {
        sheet::row_line(canvas, area.top + f64::from(row) * ROW, area.right)?;
    }
    sheet::across(canvas, &ticks, area)?;
    sheet::across_title(canvas, "Auto-approved error rate (%)", area)
}

fn row(canvas: &Canvas<'_>, plot: &Plot, rate: ErrorRate, y: f64) -> Result<(), ChartError> {
    match rate {
        ErrorRate::Estimated {
            estimate,
            low,
            high,
        } => {
            let ends = [low, high].map(|end| Pixel {
                x: across(plot, end),
                y,
            });
            canvas.line(&ends, INTERVAL)?;
            let at = Pixel {
                x: across(plot, estimate),
                y,
            };
            canvas.dot(at, DOT, Color::Blue)?;
            arrow(canvas, plot, high, y)
        }
        ErrorRate::Bounded { low, high } => {
            let limits = Rectangle {
                left: across(plot, low),
                right: across(plot, high).max(across(plot, low) + 2.0),
                top: y - 5.0,
                bottom: y + 5.0,
            };
            key::limits(canvas, limits)?;
            arrow(canvas, plot, high, y)
        }
        ErrorRate::Undefined => nothing(canvas, plot, y),
    }
}

fn arrow(canvas: &Canvas<'_>, plot: &Plot, high: f64, y: f64) -> Result<(), ChartError> {
    if high * 100.0 <= plot.x.high * (1.0 + 1e-9) {
        return Ok(());
    }
    let x = plot.area.right + 10.0;
    key::beyond(canvas, Pixel { x, y })
}

/// Says why a row is empty, on paper of its own.
fn nothing(canvas: &Canvas<'_>, plot: &Plot, y: f64) -> Result<(), ChartError> {
    let words = "none auto-approved";
    let left = plot.area.left + 6.0;
    let paper = Rectangle {
        left: left - 4.0,
        top: y - 8.0,
        right: left + width(words, sheet::SMALL.size) + 4.0,
        bottom: y + 8.0,
    };
    canvas.rectangle(paper, Color::White, 1.0)?;
    canvas.text(
        words,
        Pixel {
            x: left,
            y: y + 4.0,
        },
        sheet::SMALL,
    )
}

/// Where a share falls; what lies outside falls on the edge.
fn across(plot: &Plot, share: f64) -> f64 {
    plot.across(share * 100.0).min(plot.area.right)
}

fn high(rate: ErrorRate) -> f64 {
    match rate {
        ErrorRate::Estimated { high, .. } | ErrorRate::Bounded { high, .. } => high,
        ErrorRate::Undefined => 0.0,
    }
}

/// From zero to where the estimates and most of their intervals are.
fn reach(chart: &Forest, shown: &[(String, ErrorRate)]) -> f64 {
    let estimates = shown.iter().filter_map(|(_, rate)| match *rate {
        ErrorRate::Estimated { estimate, .. } => Some(estimate),
        ErrorRate::Bounded { .. } | ErrorRate::Undefined => None,
    });
    let top = estimates.chain(chart.overall).fold(0.0, f64::max);
    let most = shown
        .iter()
        .map(|(_, rate)| high(*rate))
        .fold(top, f64::max);
    if top > 0.0 {
        most.min(REACH * top)
    } else {
        most
    }
}
