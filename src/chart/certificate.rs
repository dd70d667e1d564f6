//! The certificate chart: what can be promised of which threshold.
//!
//! Across: the threshold. Up: the error rate, with the limit as a level line, the upper bound of
//! every threshold, and what became of those that were tested. Input is checked here, once.

use super::ChartError;
use super::canvas::picture;
use super::frame::{self, MOST_PANELS, Page, Shared, Words};
use super::hearing::{self, legend};
use super::scale::Axis;
use super::text::fit;

/// The error axis reaches at least so many limits, and at most so many.
const LEAST_LIMITS: f64 = 1.6;
const MOST_LIMITS: f64 = 3.5;

/// A chart of thresholds against what can be promised of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Certificate {
    pub title: String,
    /// What the numbers rest on.
    pub subtitle: String,
    /// The largest error rate that is wanted, from 0 to 1.
    pub limit: f64,
    /// One for all cases, or one for each segment. The first twelve are drawn.
    pub panels: Vec<Hearing>,
}

/// One pair of axes.
#[derive(Debug, Clone, PartialEq)]
pub struct Hearing {
    /// The segment; `None` for all cases.
    pub name: Option<String>,
    /// In ascending order of threshold.
    pub candidates: Vec<Candidate>,
    /// The place of the chosen threshold among them.
    pub chosen: Option<usize>,
}

/// One threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// From 0 to 1, and as its author wrote it.
    pub threshold: f64,
    pub text: String,
    pub bound: Bound,
}

/// What is known of a threshold's error rate. All numbers are fractions from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bound {
    /// Labels bound it.
    Known {
        estimate: f64,
        /// The upper bound as if this were the only threshold.
        alone: f64,
        outcome: Outcome,
    },
    /// A part of the cases has no labels, or too heavy ones.
    Unsupported,
    /// Nothing is auto-approved.
    Empty,
}

/// What became of a threshold. The bounds are those at the level of its test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Outcome {
    Passed { upper: f64 },
    Failed { upper: f64 },
    NotTested,
}

/// Draws the chart as SVG, 900 pixels wide. The same chart gives the same bytes.
///
/// # Errors
/// [`ChartError::Empty`] without any threshold, and an error that names the threshold if a number
/// is no share.
pub fn svg(chart: &Certificate) -> Result<String, ChartError> {
    check(chart)?;
    let shown = chart.panels.get(..MOST_PANELS).unwrap_or(&chart.panels);
    let (across, up) = frame::steps(shown.len());
    let x = Axis::around(range(shown), across);
    let y = Axis::from_zero(top(chart.limit, shown), up);
    let (entries, legend_bottom) = legend(shown, frame::legend_top(&chart.subtitle));
    let shared = Shared {
        x,
        y,
        across: x.fractions(),
        legend_bottom,
    };
    let names = chart.panels.iter().map(|panel| panel.name.as_deref());
    let words = Words {
        title: &chart.title,
        subtitle: &chart.subtitle,
        up: "Auto-approved error rate (%)",
        across: "Threshold (auto-approve if score >= threshold)",
        footer: "A threshold is certified if its bound, at the level of its test, is not above \
                 the limit."
            .to_owned(),
        names: names.collect(),
    };
    let page = Page::new(words, shared);
    let title = fit(&chart.title, 1.0, f64::MAX);
    picture((frame::WIDTH, page.height), &title, |canvas| {
        page.draw(canvas)?;
        entries
            .iter()
            .try_for_each(|(entry, at)| entry.draw(*at, canvas))?;
        for (panel, plot) in shown.iter().zip(&page.plots) {
            hearing::draw(panel, chart.limit, plot, canvas)?;
        }
        Ok(())
    })
}

fn check(chart: &Certificate) -> Result<(), ChartError> {
    if chart.panels.iter().all(|panel| panel.candidates.is_empty()) {
        return Err(ChartError::Empty);
    }
    share(chart.limit, "limit", "the chart")?;
    for candidate in chart.panels.iter().flat_map(|panel| &panel.candidates) {
        let place = format!("threshold {}", fit(&candidate.text, 1.0, 20.0));
        share(candidate.threshold, "threshold", &place)?;
        let Bound::Known {
            estimate,
            alone,
            outcome,
        } = candidate.bound
        else {
            continue;
        };
        share(estimate, "estimated error rate", &place)?;
        share(alone, "bound", &place)?;
        match outcome {
            Outcome::Passed { upper } | Outcome::Failed { upper } => share(upper, "bound", &place)?,
            Outcome::NotTested => {}
        }
    }
    Ok(())
}

fn share(value: f64, quantity: &'static str, place: &str) -> Result<(), ChartError> {
    if (0.0..=1.0).contains(&value) {
        return Ok(());
    }
    Err(ChartError::NotAShare {
        place: place.to_owned(),
        quantity,
        found: value.to_string(),
    })
}

/// The thresholds that auto-approve anything, in percent.
fn range(panels: &[Hearing]) -> (f64, f64) {
    let candidates = panels.iter().flat_map(|panel| &panel.candidates);
    let used = candidates.filter(|candidate| candidate.bound != Bound::Empty);
    let values: Vec<f64> = used.map(|candidate| candidate.threshold * 100.0).collect();
    if values.len() < 2 {
        return (0.0, 100.0);
    }
    (
        values.iter().copied().fold(100.0, f64::min),
        values.iter().copied().fold(0.0, f64::max),
    )
}

/// How high the error axis must reach, in percent: the neighbourhood of the limit, with every
/// bound in it. What has few labels lies far above and leaves the picture at the top.
fn top(limit: f64, panels: &[Hearing]) -> f64 {
    let candidates = panels.iter().flat_map(|panel| &panel.candidates);
    let bounds = candidates.filter_map(|candidate| match candidate.bound {
        Bound::Known { alone, outcome, .. } => Some(shown_bound(alone, outcome)),
        Bound::Unsupported | Bound::Empty => None,
    });
    let near = bounds.filter(|bound| *bound <= MOST_LIMITS * limit);
    near.fold(LEAST_LIMITS * limit, f64::max) * 106.0
}

pub(super) fn shown_bound(alone: f64, outcome: Outcome) -> f64 {
    match outcome {
        Outcome::Passed { upper } | Outcome::Failed { upper } => upper,
        Outcome::NotTested => alone,
    }
}
