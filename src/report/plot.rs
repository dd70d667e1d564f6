//! A risk-coverage chart in letters, for a terminal: what escalating more buys in fewer errors.

use std::fmt::Write as _;

use super::number::digits;
use crate::chart::{Chart, ErrorRate, Point};

/// Lines of the plot.
const HEIGHT: usize = 9;
/// The widest plot, in characters.
const MOST_WIDTH: usize = 72;
/// Characters left of the plot: a rate and a bar.
const LEFT: usize = 8;
/// An interval may reach so many times as far as the highest estimate before it is cut.
const REACH: f64 = 2.0;

/// The first panel of a risk-coverage chart; `None` for other charts, and where there is too
/// little to see.
pub(super) fn render(chart: &Chart, width: usize) -> Option<String> {
    let Chart::RiskCoverage(chart) = chart else {
        return None;
    };
    let panel = chart.panels.first()?;
    let points: Vec<(f64, [f64; 3])> = panel.points.iter().filter_map(known).collect();
    if points.len() < 2 || width < 2 * LEFT {
        return None;
    }
    let estimates = points.iter().map(|(_, [_, estimate, _])| *estimate);
    let most = estimates.fold(0.0, f64::max) * REACH;
    let highs = points.iter().map(|(_, [_, _, high])| *high);
    let top = highs.fold(0.0, f64::max).min(if most > 0.0 { most } else { 1.0 });
    let columns = width.min(MOST_WIDTH) - LEFT;
    let sheet = Sheet { columns, top };
    let mut lines = vec![vec![' '; columns]; HEIGHT];
    for (escalated, [low, _, high]) in &points {
        let column = sheet.column(*escalated);
        for line in sheet.line(*high)..=sheet.line(*low) {
            put(&mut lines, line, column, '│');
        }
    }
    for (escalated, [_, estimate, _]) in &points {
        put(&mut lines, sheet.line(*estimate), sheet.column(*escalated), '●');
    }
    if let Some((escalated, [_, estimate, _])) = panel.actual.as_ref().and_then(known) {
        put(&mut lines, sheet.line(estimate), sheet.column(escalated), '◆');
    }
    let name = panel.name.as_ref().map(|name| format!(", {name}"));
    let mut text = format!(
        "auto-approved error rate (%) by escalation rate{}\n",
        name.unwrap_or_default()
    );
    for (line, letters) in lines.into_iter().enumerate() {
        let label = match line {
            0 => digits(top),
            line if line == HEIGHT - 1 => "0".to_owned(),
            _ => String::new(),
        };
        let letters: String = letters.into_iter().collect();
        let _ = writeln!(text, "{label:>6} ┤{}", letters.trim_end());
    }
    let _ = writeln!(text, "{:>6} └{}", "", "─".repeat(columns));
    let gap = columns.saturating_sub("0".len() + "50 %".len() + "100 %".len()) / 2;
    let _ = writeln!(text, "{:>7}0{:gap$}50 %{:gap$}100 %", "", "", "");
    let actual = if panel.actual.is_some() { "  ◆ what happened" } else { "" };
    let _ = writeln!(text, "{:>7}● threshold  │ interval{actual}", "");
    Some(text)
}

/// Escalation rate, and low limit, estimate and high limit of the error rate.
fn known(point: &Point) -> Option<(f64, [f64; 3])> {
    match point.error {
        ErrorRate::Estimated {
            estimate,
            low,
            high,
        } => Some((point.escalation_rate, [low, estimate, high])),
        ErrorRate::Bounded { .. } | ErrorRate::Undefined => None,
    }
}

struct Sheet {
    columns: usize,
    /// The error rate of the first line.
    top: f64,
}

impl Sheet {
    fn column(&self, share: f64) -> usize {
        let last = self.columns.saturating_sub(1);
        (share.clamp(0.0, 1.0) * last as f64).round() as usize
    }

    fn line(&self, rate: f64) -> usize {
        let last = (HEIGHT - 1) as f64;
        let share = (rate / self.top.max(f64::MIN_POSITIVE)).clamp(0.0, 1.0);
        (last - (share * last).round()) as usize
    }
}

fn put(lines: &mut [Vec<char>], line: usize, column: usize, letter: char) {
    if let Some(place) = lines.get_mut(line).and_then(|line| line.get_mut(column)) {
        *place = letter;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::{Panel, RiskCoverage};

    fn point(escalation_rate: f64, estimate: f64) -> Point {
        Point {
            threshold: None,
            escalation_rate,
            error: ErrorRate::Estimated {
                estimate,
                low: estimate / 2.0,
                high: estimate * 2.0,
            },
        }
    }

    #[test]
    fn more_escalation_stands_further_right_and_fewer_errors_further_down() {
        let chart = Chart::RiskCoverage(RiskCoverage {
            panels: vec![Panel {
                points: vec![point(0.0, 0.1), point(0.5, 0.02)],
                ..Panel::default()
            }],
            ..RiskCoverage::default()
        });
        let text = render(&chart, 40).unwrap();
        let place = |number: usize| {
            let found = text.lines().enumerate().filter_map(|(line, letters)| {
                let column = letters.chars().position(|letter| letter == '●')?;
                (!letters.contains("threshold")).then_some((line, column))
            });
            found.collect::<Vec<_>>()[number]
        };
        let (first, second) = (place(0), place(1));
        assert!(first.0 < second.0 && first.1 < second.1, "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 48), "{text}");
    }

    #[test]
    fn one_point_is_no_plot() {
        let chart = Chart::RiskCoverage(RiskCoverage {
            panels: vec![Panel {
                points: vec![point(0.0, 0.1)],
                ..Panel::default()
            }],
            ..RiskCoverage::default()
        });
        assert_eq!(render(&chart, 40), None);
    }
}
