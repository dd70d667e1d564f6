//! Both rates against the threshold, one above the other: what is escalated, and how wrong the
//! rest is.

use super::ChartError;
use super::canvas::{Canvas, Color, Pen};
use super::frame::{MARGIN, RIGHT};
use super::geometry::{Pixel, Rectangle};
use super::key::{Key, Sign};
use super::panel::{self, DOT, MANY_DOTS};
use super::risk_coverage::{ErrorRate, Panel, Point, check_rate, share};
use super::scale::{Axis, Plot, error_top};
use super::sheet::{self, Words};

const LEFT: f64 = MARGIN + 60.0;
/// The heights of the two plots, and what is between them.
const UPPER: f64 = 130.0;
const LOWER: f64 = 230.0;
const BETWEEN: f64 = 60.0;
const ESCALATION: Pen = Pen {
    color: Color::Text,
    width: 2.0,
};

/// Escalation rate and error rate by threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct AgainstThreshold {
    pub title: String,
    /// What the numbers rest on.
    pub subtitle: String,
    /// Threshold, escalation rate and error rate, all from 0 to 1, in ascending order of
    /// threshold.
    pub points: Vec<(f64, f64, ErrorRate)>,
    /// The threshold that the historical routes follow, from 0 to 1.
    pub history: Option<f64>,
}

/// Draws the chart as SVG.
///
/// # Errors
/// [`ChartError::Empty`] without any point, and an error that names the threshold when a number
/// is no share.
pub(super) fn svg(chart: &AgainstThreshold) -> Result<String, ChartError> {
    check(chart)?;
    let used = sheet::without_a_far_first(&chart.points, |(threshold, _, _)| *threshold);
    let errors = Panel {
        points: used.iter().map(error_point).collect(),
        ..Panel::default()
    };
    let key = Key::new(entries(chart, &errors));
    let [upper, lower] = areas(key.bottom);
    let x = thresholds(used);
    let plot = |area, y| Plot { area, x, y };
    let escalated = plot(upper, Axis::from_zero(100.0, 4.0));
    let top = error_top(std::slice::from_ref(&errors));
    let wrong = plot(lower, Axis::from_zero(top, 5.0));
    let words = Words {
        title: &chart.title,
        subtitle: &chart.subtitle,
        footer: "Threshold t: auto-approve if score >= t. Above: what a human sees. Below: what \
                 is wrong among the rest.",
    };
    sheet::picture(lower.bottom, &words, |canvas| {
        key.draw(canvas)?;
        axes(canvas, &escalated, "Escalation rate (%)")?;
        axes(canvas, &wrong, "Auto-approved error rate (%)")?;
        sheet::across_title(canvas, "Threshold", lower)?;
        if let Some(history) = chart.history {
            history_line(canvas, history, [&escalated, &wrong])?;
        }
        escalation(canvas, used, &escalated)?;
        panel::draw(&errors, &wrong, canvas)
    })
}

fn check(chart: &AgainstThreshold) -> Result<(), ChartError> {
    if chart.points.is_empty() {
        return Err(ChartError::Empty);
    }
    for (threshold, escalated, rate) in &chart.points {
        let place = format!("threshold {threshold}");
        share(*threshold, "threshold", &place)?;
        share(*escalated, "escalation rate", &place)?;
        check_rate(*rate, &place)?;
    }
    let history = chart.history.iter();
    history
        .copied()
        .try_for_each(|history| share(history, "threshold", "the history"))
}

/// A panel's points go across by any share; here by the threshold.
fn error_point((threshold, _, error): &(f64, f64, ErrorRate)) -> Point {
    Point {
        threshold: None,
        escalation_rate: *threshold,
        error: *error,
    }
}

fn entries(chart: &AgainstThreshold, errors: &Panel) -> Vec<(Sign, String)> {
    let has =
        |wanted: fn(&ErrorRate) -> bool| errors.points.iter().any(|point| wanted(&point.error));
    let estimated = has(|rate| matches!(rate, ErrorRate::Estimated { .. }));
    let bounded = has(|rate| matches!(rate, ErrorRate::Bounded { .. }));
    let history = chart
        .history
        .map(|history| (Sign::Dashes, format!("historical threshold {history}")));
    [
        estimated.then(|| (Sign::Curve, "estimate".to_owned())),
        estimated.then(|| (Sign::Band, "interval".to_owned())),
        bounded.then(|| (Sign::Unsupported, "no labels: worst-case limits".to_owned())),
        history,
        Some((Sign::Above, "continues above".to_owned())).filter(|_| continues(errors)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Whether anything leaves the lower plot at its top.
fn continues(errors: &Panel) -> bool {
    let top = Axis::from_zero(error_top(std::slice::from_ref(errors)), 5.0).high / 100.0;
    errors.points.iter().any(|point| match point.error {
        ErrorRate::Estimated { high, .. } | ErrorRate::Bounded { high, .. } => {
            high > top * (1.0 + 1e-9)
        }
        ErrorRate::Undefined => false,
    })
}

fn areas(top: f64) -> [Rectangle; 2] {
    let upper = Rectangle {
        left: LEFT,
        top: top + 26.0,
        right: RIGHT,
        bottom: top + 26.0 + UPPER,
    };
    let lower = Rectangle {
        top: upper.bottom + BETWEEN,
        bottom: upper.bottom + BETWEEN + LOWER,
        ..upper
    };
    [upper, lower]
}

fn thresholds(used: &[(f64, f64, ErrorRate)]) -> Axis {
    let ends = (used.first(), used.last());
    let range = match ends {
        (Some(first), Some(last)) => (first.0 * 100.0, last.0 * 100.0),
        (_, _) => (0.0, 100.0),
    };
    Axis::around(range, 8.0)
}

fn axes(canvas: &Canvas<'_>, plot: &Plot, title: &str) -> Result<(), ChartError> {
    let x = plot.x.fractions().into_iter();
    let x: Vec<_> = x
        .map(|(percent, text)| (plot.across(percent), text))
        .collect();
    let y = plot.y.ticks().into_iter();
    let y: Vec<_> = y.map(|(percent, text)| (plot.up(percent), text)).collect();
    sheet::across(canvas, &x, plot.area)?;
    sheet::up(canvas, &y, plot.area)?;
    sheet::up_title(canvas, title, plot.area)
}

/// The threshold of the past, where the axis reaches it.
fn history_line(canvas: &Canvas<'_>, history: f64, plots: [&Plot; 2]) -> Result<(), ChartError> {
    let percent = history * 100.0;
    for plot in plots {
        if (plot.x.low..=plot.x.high).contains(&percent) {
            let line = sheet::upright(plot.across(percent), plot.area);
            canvas.dashes(&line, sheet::DASHES)?;
        }
    }
    Ok(())
}

fn escalation(
    canvas: &Canvas<'_>,
    used: &[(f64, f64, ErrorRate)],
    plot: &Plot,
) -> Result<(), ChartError> {
    let line: Vec<Pixel> = used
        .iter()
        .map(|(threshold, escalated, _)| plot.place(*threshold, *escalated))
        .collect();
    canvas.line(&line, ESCALATION)?;
    if line.len() > MANY_DOTS {
        return Ok(());
    }
    line.iter()
        .try_for_each(|at| canvas.dot(*at, DOT, Color::Text))
}
