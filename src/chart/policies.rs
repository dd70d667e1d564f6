//! Policies side by side: what each escalates, and how wrong the rest would be.

use super::ChartError;
use super::canvas::picture;
use super::frame::{self, Page, Shared, Words};
use super::key::{Key, Sign};
use super::panel;
use super::risk_coverage::{ErrorRate, Panel, Point, check_point};
use super::scale::{Axis, error_top};
use super::text::fit;

/// Policies as points of escalation rate and auto-approved error rate.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Policies {
    pub title: String,
    /// What the numbers rest on.
    pub subtitle: String,
    /// One for each policy, in any order; its threshold is its name.
    pub points: Vec<Point>,
    /// What the historical routes came to.
    pub actual: Option<Point>,
}

/// Draws the chart as SVG.
///
/// # Errors
/// [`ChartError::Empty`] without any policy, and an error that names the policy when a number is
/// no share.
pub(super) fn svg(chart: &Policies) -> Result<String, ChartError> {
    if chart.points.is_empty() {
        return Err(ChartError::Empty);
    }
    for point in chart.points.iter().chain(&chart.actual) {
        let name = point.threshold.as_deref().unwrap_or("actual");
        check_point(point, &format!("policy {:?}", fit(name, 1.0, 40.0)))?;
    }
    let panel = Panel {
        name: None,
        points: chart.points.clone(),
        actual: chart.actual.clone(),
    };
    let x = Axis::from_zero(100.0, 10.0);
    let y = Axis::from_zero(error_top(std::slice::from_ref(&panel)), 6.0);
    let key = Key::new(entries(&panel, y.high / 100.0));
    let shared = Shared {
        x,
        y,
        across: x.ticks(),
        legend_bottom: key.bottom,
    };
    let page = Page::new(words(chart), shared);
    let title = fit(&chart.title, 1.0, f64::MAX);
    picture((frame::WIDTH, page.height), &title, |canvas| {
        page.draw(canvas)?;
        key.draw(canvas)?;
        let mut plots = page.plots.iter();
        plots.try_for_each(|plot| panel::draw_apart(&panel, plot, canvas))
    })
}

fn words(chart: &Policies) -> Words<'_> {
    let nothing = |point: &&Point| point.error == ErrorRate::Undefined;
    let footer = match chart.points.iter().filter(nothing).count() {
        0 => String::new(),
        1 => "One policy auto-approves nothing and is not drawn.".to_owned(),
        several => format!("{several} policies auto-approve nothing and are not drawn."),
    };
    Words {
        title: &chart.title,
        subtitle: &chart.subtitle,
        up: "Auto-approved error rate (%)",
        across: "Escalation rate (% of cases that a human sees)",
        footer,
        names: vec![None],
    }
}

fn entries(panel: &Panel, top: f64) -> Vec<(Sign, String)> {
    let all = || panel.points.iter().chain(&panel.actual);
    let bounded = |point: &Point| matches!(point.error, ErrorRate::Bounded { .. });
    let above = all().any(|point| match point.error {
        ErrorRate::Estimated { high, .. } | ErrorRate::Bounded { high, .. } => {
            high > top * (1.0 + 1e-9)
        }
        ErrorRate::Undefined => false,
    });
    let entries = [
        Some((Sign::Interval, "policy with its interval")),
        panel
            .points
            .iter()
            .any(bounded)
            .then_some((Sign::Unsupported, "no labels: worst-case limits")),
        panel
            .actual
            .is_some()
            .then_some((Sign::Diamond, "actual history")),
        above.then_some((Sign::Above, "continues above")),
    ];
    let entries = entries.into_iter().flatten();
    entries
        .map(|(sign, words)| (sign, words.to_owned()))
        .collect()
}
