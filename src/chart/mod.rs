//! Charts: plain numbers in, the bytes of a picture out.
//!
//! A chart is drawn once, as SVG ([`svg()`]); the PNG is that same SVG turned
//! into pixels ([`png()`]), so the two can never show different things. Nothing
//! here reads a log, computes an estimate or writes a file.

mod against_threshold;
mod canvas;
mod certificate;
mod cost_curve;
mod forest;
mod frame;
mod geometry;
mod hearing;
mod histogram;
mod key;
mod labels;
mod legend;
mod panel;
mod png;
mod policies;
mod risk_coverage;
mod ruler;
mod scale;
mod sheet;
mod stretch;
mod swap;
mod text;
mod waits;

pub use against_threshold::AgainstThreshold;
pub use certificate::{Bound, Candidate, Certificate, Hearing, Outcome};
pub use cost_curve::CostCurve;
pub use forest::Forest;
pub use histogram::Histogram;
pub use png::png;
pub use policies::Policies;
pub use risk_coverage::{ErrorRate, Panel, Point, RiskCoverage, svg};
pub use swap::{Moved, Swap};
pub(crate) use text::{percent_digits, whole_number};
pub use waits::Waits;

/// A chart of any kind.
#[derive(Debug, Clone, PartialEq)]
pub enum Chart {
    /// What escalating more buys in fewer errors.
    RiskCoverage(RiskCoverage),
    /// What can be promised of which threshold.
    Certificate(Certificate),
    /// Both rates by threshold.
    AgainstThreshold(AgainstThreshold),
    /// Policies side by side.
    Policies(Policies),
    /// Scores by route and label.
    Histogram(Histogram),
    /// Error rates of segments with their intervals.
    Forest(Forest),
    /// The cases that policies move.
    Swap(Swap),
    /// Expected cost by threshold.
    CostCurve(CostCurve),
    /// Waiting times of policies.
    Waits(Waits),
}

impl Chart {
    /// What is shown, as the headline says it.
    #[must_use]
    pub fn title(&self) -> &str {
        match self {
            Self::RiskCoverage(chart) => &chart.title,
            Self::Certificate(chart) => &chart.title,
            Self::AgainstThreshold(chart) => &chart.title,
            Self::Policies(chart) => &chart.title,
            Self::Histogram(chart) => &chart.title,
            Self::Forest(chart) => &chart.title,
            Self::Swap(chart) => &chart.title,
            Self::CostCurve(chart) => &chart.title,
            Self::Waits(chart) => &chart.title,
        }
    }

    /// The chart as SVG, 900 pixels wide.
    ///
    /// # Errors
    /// When there is nothing to draw, or a number is none that can be drawn.
    pub fn svg(&self) -> Result<String, ChartError> {
        match self {
            Self::RiskCoverage(chart) => svg(chart),
            Self::Certificate(chart) => certificate::svg(chart),
            Self::AgainstThreshold(chart) => against_threshold::svg(chart),
            Self::Policies(chart) => policies::svg(chart),
            Self::Histogram(chart) => histogram::svg(chart),
            Self::Forest(chart) => forest::svg(chart),
            Self::Swap(chart) => swap::svg(chart),
            Self::CostCurve(chart) => cost_curve::svg(chart),
            Self::Waits(chart) => waits::svg(chart),
        }
    }
}

/// Why a chart could not be drawn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChartError {
    /// There is no panel, or no panel has a point.
    #[error("there is no threshold to draw")]
    Empty,
    /// A share lies outside 0 to 1, or is not a number.
    #[error("{place}: the {quantity} is {found}, not a share between 0 and 1")]
    NotAShare {
        /// Which point of which panel.
        place: String,
        /// Which of its numbers.
        quantity: &'static str,
        /// The number, as text.
        found: String,
    },
    /// The low limit of an interval lies above its high limit.
    #[error("{place}: the interval's low limit {low} lies above its high limit {high}")]
    UpsideDown {
        /// Which point of which panel.
        place: String,
        /// The low limit, as text.
        low: String,
        /// The high limit, as text.
        high: String,
    },
    /// The escalation rate falls although the threshold rises.
    #[error("{place}: the escalation rate falls; points go in ascending order of threshold")]
    OutOfOrder {
        /// Which point of which panel.
        place: String,
    },
    /// A number is not finite.
    #[error("{place}: {found} is no number that can be drawn")]
    NotANumber {
        /// Which row or point.
        place: String,
        /// The number, as text.
        found: String,
    },
    /// The drawing library refused.
    #[error("cannot draw the chart: {reason}")]
    Draw {
        /// What the library said.
        reason: String,
    },
    /// The SVG could not be turned into PNG.
    #[error("cannot turn the chart into PNG: {reason}")]
    Png {
        /// What the library said.
        reason: String,
    },
}

impl ChartError {
    /// What the user can do about it, if anything.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Empty => Some("give at least one threshold, and a log with at least one case"),
            Self::Png { .. } => Some("write the chart as .svg instead"),
            Self::NotAShare { .. }
            | Self::UpsideDown { .. }
            | Self::OutOfOrder { .. }
            | Self::NotANumber { .. }
            | Self::Draw { .. } => None,
        }
    }
}
