//! The risk-coverage chart: what escalating more buys in fewer errors.
//!
//! Across: the escalation rate. Up: the auto-approved error rate, with its
//! interval. A chart has one large panel or a grid of small ones that share
//! their scales, so that segments can be compared by eye. Input is checked
//! here, once; everything behind it may rely on rates between 0 and 1.

use super::ChartError;
use super::canvas::picture;
use super::frame::{self, MOST_PANELS, Page, Shared, Words};
use super::legend::legend;
use super::panel::{self, MANY_DOTS};
use super::scale::{Axis, error_top, escalation_range};
use super::text::fit;

const FOOTER: &str = "Threshold t: auto-approve if score >= t. Band: interval for the error rate.";
const THINNED: &str = "Not every threshold has a dot.";

/// A chart of escalation rate against auto-approved error rate.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RiskCoverage {
    /// The headline.
    pub title: String,
    /// What the numbers rest on, for example "6,044 cases, 95 % intervals".
    pub subtitle: String,
    /// One for the whole log, or one for each segment. The first twelve are
    /// drawn; a note counts the others.
    pub panels: Vec<Panel>,
}

/// One pair of axes.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Panel {
    /// The segment; `None` when the panel is the whole log.
    pub name: Option<String>,
    /// In ascending order of threshold, so the escalation rate never falls.
    pub points: Vec<Point>,
    /// What the historical routes came to.
    pub actual: Option<Point>,
}

/// What one threshold comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// The threshold as its author wrote it, for example "0.85".
    pub threshold: Option<String>,
    /// Escalated cases / cases, from 0 to 1.
    pub escalation_rate: f64,
    /// The error rate among the auto-approved cases.
    pub error: ErrorRate,
}

/// What is known about an error rate. All numbers are fractions from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ErrorRate {
    /// Labels support an estimate.
    Estimated {
        /// The estimate.
        estimate: f64,
        /// The low limit of its interval.
        low: f64,
        /// The high limit of its interval.
        high: f64,
    },
    /// Some of the cases have no labels behind them: worst-case limits only.
    Bounded {
        /// If none of the unlabelled cases were wrong.
        low: f64,
        /// If all of the unlabelled cases were wrong.
        high: f64,
    },
    /// Nothing was auto-approved: there is no rate.
    Undefined,
}

/// Draws the chart as SVG, 900 pixels wide.
///
/// The same chart gives the same bytes.
///
/// # Errors
/// [`ChartError::Empty`] without any point, and an error that names the point
/// if a number is no share, an interval is upside down, or the escalation rate
/// falls.
pub fn svg(chart: &RiskCoverage) -> Result<String, ChartError> {
    check(chart)?;
    let shown = chart.panels.get(..MOST_PANELS).unwrap_or(&chart.panels);
    let (across, up) = frame::steps(shown.len());
    let x = Axis::shares(escalation_range(shown), across);
    let y = Axis::from_zero(error_top(shown), up);
    let (entries, legend_bottom) =
        legend(shown, y.high / 100.0, frame::legend_top(&chart.subtitle));
    let shared = Shared {
        x,
        y,
        across: x.ticks(),
        legend_bottom,
    };
    let page = Page::new(words(chart, shown), shared);
    let title = fit(&chart.title, 1.0, f64::MAX);
    picture((frame::WIDTH, page.height), &title, |canvas| {
        page.draw(canvas)?;
        entries
            .iter()
            .try_for_each(|(entry, at)| entry.draw(*at, canvas))?;
        for (panel, plot) in shown.iter().zip(&page.plots) {
            panel::draw(panel, plot, canvas)?;
        }
        Ok(())
    })
}

fn words<'a>(chart: &'a RiskCoverage, shown: &[Panel]) -> Words<'a> {
    let thinned = shown.iter().any(|panel| panel.points.len() > MANY_DOTS);
    Words {
        title: &chart.title,
        subtitle: &chart.subtitle,
        up: "Auto-approved error rate (%)",
        across: "Escalation rate (% of cases that a human sees)",
        footer: if thinned {
            format!("{FOOTER} {THINNED}")
        } else {
            FOOTER.to_owned()
        },
        names: chart
            .panels
            .iter()
            .map(|panel| panel.name.as_deref())
            .collect(),
    }
}

fn check(chart: &RiskCoverage) -> Result<(), ChartError> {
    if chart.panels.iter().all(|panel| panel.points.is_empty()) {
        return Err(ChartError::Empty);
    }
    chart
        .panels
        .iter()
        .enumerate()
        .try_for_each(|(position, panel)| {
            let name = match &panel.name {
                Some(name) => format!("panel {:?}", fit(name, 1.0, 40.0)),
                None => format!("panel {}", position + 1),
            };
            check_panel(panel, &name)
        })
}

fn check_panel(panel: &Panel, name: &str) -> Result<(), ChartError> {
    let mut least = 0.0;
    for (position, point) in panel.points.iter().enumerate() {
        let place = match &point.threshold {
            Some(threshold) => format!("{name}, threshold {}", fit(threshold, 1.0, 20.0)),
            None => format!("{name}, point {}", position + 1),
        };
        check_point(point, &place)?;
        if point.escalation_rate < least {
            return Err(ChartError::OutOfOrder { place });
        }
        least = point.escalation_rate;
    }
    panel
        .actual
        .iter()
        .try_for_each(|actual| check_point(actual, &format!("{name}, actual")))
}

pub(super) fn check_point(point: &Point, place: &str) -> Result<(), ChartError> {
    share(point.escalation_rate, "escalation rate", place)?;
    check_rate(point.error, place)
}

pub(super) fn check_rate(rate: ErrorRate, place: &str) -> Result<(), ChartError> {
    let (low, high) = match rate {
        ErrorRate::Estimated {
            estimate,
            low,
            high,
        } => {
            share(estimate, "estimated error rate", place)?;
            (low, high)
        }
        ErrorRate::Bounded { low, high } => (low, high),
        ErrorRate::Undefined => return Ok(()),
    };
    share(low, "low limit of the error rate", place)?;
    share(high, "high limit of the error rate", place)?;
    if low <= high {
        return Ok(());
    }
    Err(ChartError::UpsideDown {
        place: place.to_owned(),
        low: low.to_string(),
        high: high.to_string(),
    })
}

pub(super) fn share(value: f64, quantity: &'static str, place: &str) -> Result<(), ChartError> {
    if (0.0..=1.0).contains(&value) {
        return Ok(());
    }
    Err(ChartError::NotAShare {
        place: place.to_owned(),
        quantity,
        found: value.to_string(),
    })
}
