//! A risk-coverage chart in letters, for a terminal: what escalating more buys in fewer errors.

use std::fmt::Write as _;

use super::number::{digits, plain_text};
use crate::chart::{Chart, ErrorRate, Point};

/// Lines of the plot.
const HEIGHT: usize = 9;
/// The widest plot, in characters.
const MOST_WIDTH: usize = 72;
/// Characters left of the plot: a rate and a bar.
const LEFT: usize = 8;
/// An interval may reach so many times as far as the highest estimate before it is cut.
const REACH: f64 = 2.0;
/// The signs of policies, in their order; further ones are not drawn.
const SIGNS: &str = "123456789abcdefghijklmnopqrstuvwxyz";
/// Where signs of policies meet.
const SEVERAL: char = '+';
/// The longest name below a plot.
const MOST_NAME: usize = 40;

const THRESHOLD: char = '●';
const ACTUAL: char = '◆';
const INTERVAL: char = '│';
/// An interval that goes on above the plot.
const ABOVE: char = '↑';

/// The chart in letters; `None` for charts of another kind, and where there is too little to see.
pub(super) fn render(chart: &Chart, width: usize) -> Option<String> {
    match chart {
        Chart::RiskCoverage(chart) => {
            let panel = chart.panels.first()?;
            let marks = panel.points.iter().filter_map(known);
            let marks: Vec<Mark> = marks.map(|known| known.sign(THRESHOLD)).collect();
            let name = panel.name.as_ref().map(|name| format!(", {}", short(name)));
            let key = vec![format!("{THRESHOLD} threshold")];
            Plot::new(marks, panel.actual.as_ref(), width)?.text(&name.unwrap_or_default(), key)
        }
        Chart::Policies(chart) => {
            let signed = || {
                let points = chart.points.iter().zip(SIGNS.chars());
                points.filter_map(|(point, sign)| Some((point, known(point)?.sign(sign))))
            };
            let key = signed().map(|(point, mark)| {
                let name = point.threshold.as_deref().unwrap_or_default();
                format!("{} {}", mark.sign, short(name))
            });
            let marks = signed().map(|(_, mark)| mark).collect();
            Plot::new(marks, chart.actual.as_ref(), width)?.text(", policies", key.collect())
        }
        Chart::Certificate(_)
        | Chart::AgainstThreshold(_)
        | Chart::Histogram(_)
        | Chart::Forest(_)
        | Chart::Swap(_)
        | Chart::CostCurve(_)
        | Chart::Waits(_) => None,
    }
}

fn short(name: &str) -> String {
    let name = plain_text(name);
    if name.chars().count() <= MOST_NAME {
        return name;
    }
    name.chars().take(MOST_NAME - 1).chain(['…']).collect()
}

/// An estimate with its interval.
#[derive(Clone, Copy, Debug)]
struct Known {
    escalated: f64,
    low: f64,
    estimate: f64,
    high: f64,
}

impl Known {
    fn sign(self, sign: char) -> Mark {
        Mark { sign, at: self }
    }
}

#[derive(Clone, Copy, Debug)]
struct Mark {
    sign: char,
    at: Known,
}

fn known(point: &Point) -> Option<Known> {
    match point.error {
        ErrorRate::Estimated {
            estimate,
            low,
            high,
        } => Some(Known {
            escalated: point.escalation_rate,
            low,
            estimate,
            high,
        }),
        ErrorRate::Bounded { .. } | ErrorRate::Undefined => None,
    }
}

/// What is drawn, the sign of history last.
struct Plot {
    marks: Vec<Mark>,
    columns: usize,
    width: usize,
    /// The error rate of the first line.
    top: f64,
}

impl Plot {
    /// `None` with less than two marks, or without room.
    fn new(mut marks: Vec<Mark>, actual: Option<&Point>, width: usize) -> Option<Self> {
        if marks.is_empty() {
            return None;
        }
        marks.extend(actual.and_then(known).map(|known| known.sign(ACTUAL)));
        if marks.len() < 2 || width < 4 * LEFT {
            return None;
        }
        let estimates = marks.iter().map(|mark| mark.at.estimate);
        let most = estimates.fold(0.0, f64::max) * REACH;
        let highs = marks.iter().map(|mark| mark.at.high);
        let limit = if most > 0.0 { most } else { 1.0 };
        Some(Self {
            columns: width.min(MOST_WIDTH) - LEFT,
            width,
            top: highs.fold(0.0, f64::max).min(limit),
            marks,
        })
    }

    fn column(&self, share: f64) -> usize {
        let last = self.columns.saturating_sub(1);
        (share.clamp(0.0, 1.0) * last as f64).round() as usize
    }

    fn line(&self, rate: f64) -> usize {
        let last = (HEIGHT - 1) as f64;
        let share = (rate / self.top.max(f64::MIN_POSITIVE)).clamp(0.0, 1.0);
        (last - (share * last).round()) as usize
    }

    /// The letters, with the signs over the intervals.
    fn letters(&self) -> Vec<Vec<char>> {
        let mut lines = vec![vec![' '; self.columns]; HEIGHT];
        for Mark { at, .. } in &self.marks {
            let column = self.column(at.escalated);
            for line in self.line(at.high)..=self.line(at.low) {
                put(&mut lines, (line, column), INTERVAL);
            }
            if at.high > self.top {
                put(&mut lines, (0, column), ABOVE);
            }
        }
        for Mark { sign, at } in &self.marks {
            let place = (self.line(at.estimate), self.column(at.escalated));
            let taken = lines.get(place.0).and_then(|line| line.get(place.1));
            let meets = taken.is_some_and(|taken| SIGNS.contains(*taken) || *taken == SEVERAL);
            put(&mut lines, place, if meets { SEVERAL } else { *sign });
        }
        lines
    }

    fn text(&self, what: &str, mut key: Vec<String>) -> Option<String> {
        let letters = self.letters();
        let has = |sign: char| letters.iter().flatten().any(|letter| *letter == sign);
        key.push(format!("{INTERVAL} interval"));
        let more = [
            (ABOVE, "goes on above"),
            (SEVERAL, "several"),
            (ACTUAL, "what happened"),
        ];
        for (sign, words) in more.into_iter().filter(|(sign, _)| has(*sign)) {
            key.push(format!("{sign} {words}"));
        }
        let mut text = format!("auto-approved error rate (%) by escalation rate{what}\n");
        for (line, letters) in letters.iter().enumerate() {
            let label = match line {
                0 => digits(self.top),
                line if line == HEIGHT - 1 => "0".to_owned(),
                _ => String::new(),
            };
            let letters: String = letters.iter().collect();
            writeln!(text, "{label:>6} ┤{}", letters.trim_end()).ok()?;
        }
        writeln!(text, "{:>6} └{}", "", "─".repeat(self.columns)).ok()?;
        // The middle of the 50 stands at 50 %, the end of the 100 % at the end.
        let half = self.column(0.5).saturating_sub(2);
        let rest = self.columns.saturating_sub(1 + half + 4);
        writeln!(text, "{:LEFT$}0{:half$}50 %{:>rest$}", "", "", "100 %").ok()?;
        for line in wrapped(&key, self.width.saturating_sub(LEFT)) {
            writeln!(text, "{:LEFT$}{line}", "").ok()?;
        }
        Some(text)
    }
}

/// The entries of a key in lines of at most so many characters.
fn wrapped(key: &[String], width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for entry in key {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 2 + entry.chars().count() <= width => {
                line.push_str("  ");
                line.push_str(entry);
            }
            _ => lines.push(entry.clone()),
        }
    }
    lines
}

fn put(lines: &mut [Vec<char>], (line, column): (usize, usize), letter: char) {
    if let Some(place) = lines.get_mut(line).and_then(|line| line.get_mut(column)) {
        *place = letter;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::{Panel, Policies, RiskCoverage};

    fn point(name: Option<&str>, escalation_rate: f64, estimate: f64) -> Point {
        Point {
            threshold: name.map(str::to_owned),
            escalation_rate,
            error: ErrorRate::Estimated {
                estimate,
                low: estimate / 2.0,
                high: (estimate * 1.5).min(1.0),
            },
        }
    }

    fn sweep(points: Vec<Point>, actual: Option<Point>) -> Chart {
        Chart::RiskCoverage(RiskCoverage {
            panels: vec![Panel {
                name: None,
                points,
                actual,
            }],
            ..RiskCoverage::default()
        })
    }

    fn replay(points: Vec<Point>, actual: Option<Point>) -> Chart {
        Chart::Policies(Policies {
            points,
            actual,
            ..Policies::default()
        })
    }

    /// Line and column of every such sign in the plot.
    fn places(text: &str, sign: char) -> Vec<(usize, usize)> {
        let lines = text.lines().skip(1).take(HEIGHT).enumerate();
        lines
            .flat_map(|(line, letters)| {
                let columns = letters.chars().skip(LEFT).enumerate();
                columns
                    .filter(|(_, letter)| *letter == sign)
                    .map(move |(column, _)| (line, column))
                    .collect::<Vec<_>>()
            })
            .collect()
    }

    #[test]
    fn rates_stand_where_the_axes_say() {
        // The top is 1.5 times 8 %: 12 % over eight steps is 1.5 % a line.
        let points = vec![
            point(None, 0.0, 0.08),
            point(None, 0.5, 0.03),
            point(None, 1.0, 0.0),
        ];
        let text = render(&sweep(points, None), 80).unwrap();
        let last = MOST_WIDTH - LEFT - 1;
        let half = (last as f64 / 2.0).round() as usize;
        assert_eq!(
            places(&text, THRESHOLD),
            [(3, 0), (6, half), (8, last)],
            "{text}"
        );
        assert!(
            text.lines().nth(1).unwrap().starts_with("    12 ┤"),
            "{text}"
        );
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        let names = [
            "a rather long name of a policy",
            "another name that is long",
            "third",
        ];
        let points = || {
            (1..)
                .zip(names)
                .map(|(step, name)| point(Some(name), f64::from(step) / 4.0, 0.02))
        };
        for width in [32, 40, 60, 80, 120, 400] {
            let actual = Some(point(None, 0.9, 0.04));
            for chart in [
                sweep(points().collect(), actual.clone()),
                replay(points().collect(), actual),
            ] {
                let text = render(&chart, width).unwrap();
                let widest = text.lines().map(|line| line.chars().count()).max().unwrap();
                let title = text.lines().next().unwrap().chars().count();
                assert!(widest <= width.max(title), "{widest} of {width}:\n{text}");
            }
        }
    }

    #[test]
    fn intervals_that_end_outside_are_marked() {
        let mut wide = point(None, 0.25, 0.02);
        wide.error = ErrorRate::Estimated {
            estimate: 0.02,
            low: 0.0,
            high: 1.0,
        };
        let text = render(&sweep(vec![wide, point(None, 0.75, 0.04)], None), 80).unwrap();
        assert_eq!(places(&text, ABOVE), [(0, 16)], "{text}");
        assert!(text.contains("↑ goes on above"), "{text}");
        let text = render(
            &sweep(vec![point(None, 0.2, 0.02), point(None, 0.75, 0.04)], None),
            80,
        );
        assert!(!text.unwrap().contains(ABOVE));
    }

    #[test]
    fn every_policy_has_a_sign_of_its_own() {
        let points = vec![
            point(Some("loose"), 0.2, 0.05),
            point(Some("strict"), 0.6, 0.01),
        ];
        let actual = Some(point(None, 0.4, 0.03));
        let text = render(&replay(points, actual), 80).unwrap();
        assert!(text.contains("1 loose  2 strict"), "{text}");
        let [(above, left)] = places(&text, '1')[..] else {
            panic!("{text}")
        };
        let [(middle, between)] = places(&text, ACTUAL)[..] else {
            panic!("{text}")
        };
        let [(below, right)] = places(&text, '2')[..] else {
            panic!("{text}")
        };
        assert!(above < middle && middle < below, "{text}");
        assert!(left < between && between < right, "{text}");
        assert!(text.contains("◆ what happened"), "{text}");
    }

    #[test]
    fn policies_that_meet_share_a_sign() {
        let points = vec![point(Some("one"), 0.2, 0.05), point(Some("two"), 0.2, 0.05)];
        let text = render(&replay(points, None), 80).unwrap();
        assert_eq!(places(&text, SEVERAL).len(), 1, "{text}");
        assert!(text.contains("+ several"), "{text}");
    }

    #[test]
    fn policies_without_an_estimate_keep_the_numbers_of_the_others() {
        let mut unknown = point(Some("unknown"), 0.2, 0.05);
        unknown.error = ErrorRate::Bounded {
            low: 0.0,
            high: 0.9,
        };
        let points = vec![
            unknown,
            point(Some("known"), 0.3, 0.05),
            point(Some("more"), 0.4, 0.04),
        ];
        let text = render(&replay(points, None), 80).unwrap();
        assert!(
            text.contains("2 known  3 more") && !text.contains("unknown"),
            "{text}"
        );
    }

    #[test]
    fn names_cannot_command_the_terminal() {
        let evil = "\u{1b}[31m\n\u{202e}red";
        let points = vec![point(Some(evil), 0.2, 0.05), point(Some("b"), 0.5, 0.02)];
        let text = render(&replay(points, None), 80).unwrap();
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text}");
        assert_eq!(text.lines().count(), 1 + HEIGHT + 3, "{text}");
    }

    #[test]
    fn too_little_to_see_is_no_plot() {
        let one = || vec![point(Some("a"), 0.2, 0.05)];
        assert_eq!(render(&sweep(one(), None), 80), None);
        assert_eq!(
            render(&sweep(Vec::new(), Some(point(None, 0.5, 0.1))), 80),
            None
        );
        assert_eq!(render(&replay(one(), None), 80), None);
        assert_eq!(render(&replay(Vec::new(), None), 80), None);
        assert!(render(&replay(one(), Some(point(None, 0.5, 0.1))), 80).is_some());
        let two = vec![point(None, 0.2, 0.05), point(None, 0.5, 0.02)];
        assert_eq!(render(&sweep(two, None), 20), None);
    }

    #[test]
    fn rates_of_zero_lie_on_the_axis() {
        let mut points = vec![point(None, 0.2, 0.0), point(None, 0.5, 0.0)];
        for point in &mut points {
            point.error = ErrorRate::Estimated {
                estimate: 0.0,
                low: 0.0,
                high: 0.0,
            };
        }
        let text = render(&sweep(points, None), 80).unwrap();
        assert!(
            places(&text, THRESHOLD)
                .iter()
                .all(|(line, _)| *line == HEIGHT - 1),
            "{text}"
        );
    }
}
