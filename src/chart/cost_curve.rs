//! The cost curve: what every threshold would have cost, and the plateau on which it hardly
//! matters.

use super::ChartError;
use super::canvas::{Canvas, Color};
use super::frame::{MARGIN, RIGHT};
use super::geometry::{Pixel, Rectangle, parts_below, pressed_below, spans_above};
use super::key::{Key, PLATEAU_OPACITY, Sign};
use super::panel::{BAND_OPACITY, DOT, LINE, MANY_DOTS, arrow, diamond};
use super::risk_coverage::share;
use super::ruler::Ruler;
use super::sheet::{self, Words};

const HEIGHT: f64 = 320.0;
const LEFT: f64 = MARGIN + 60.0;
/// An interval may reach so many times as far as the highest estimate before it is cut.
const REACH: f64 = 2.0;
/// A plateau is drawn a little wider than its thresholds, so that one alone can be seen.
const WIDENED: f64 = 4.0;

/// Expected cost by threshold.
#[derive(Debug, Clone, PartialEq)]
pub struct CostCurve {
    pub title: String,
    /// What the numbers rest on.
    pub subtitle: String,
    /// Threshold from 0 to 1, and expected cost with its low and high limit, where it can be told,
    /// in ascending order of threshold.
    pub points: Vec<(f64, Option<[f64; 3]>)>,
    /// The loosest and the strictest threshold whose cost is within one standard error of the
    /// least.
    pub plateau: Option<(f64, f64)>,
    /// What the historical routes cost.
    pub actual: Option<f64>,
}

/// Axes and what is between them.
struct Plot {
    area: Rectangle,
    x: Ruler,
    y: Ruler,
}

impl Plot {
    fn at(&self, threshold: f64, cost: f64) -> Pixel {
        Pixel {
            x: self.x.x(threshold, self.area),
            y: self.y.y(cost, self.area),
        }
    }
}

/// Draws the chart as SVG.
///
/// # Errors
/// [`ChartError::Empty`] with less than two thresholds of known cost, and an error that names the
/// threshold when a number is none.
pub(super) fn svg(chart: &CostCurve) -> Result<String, ChartError> {
    check(chart)?;
    let all = known(&chart.points);
    let least = least(&all);
    let used = sheet::without_a_far_first(&chart.points, |(threshold, _)| *threshold);
    // The least cost is never left out.
    let used = match used {
        [(first, _), ..] if least.is_some_and(|(threshold, _)| threshold < *first) => &chart.points,
        _ => used,
    };
    let known = known(used);
    let ([first, _, ..], [.., last]) = (known.as_slice(), known.as_slice()) else {
        return Err(ChartError::Empty);
    };
    let y = money(&known, chart.actual);
    let high = known
        .iter()
        .map(|(_, [_, _, high])| *high)
        .fold(y.low, f64::max);
    let key = Key::new(entries(chart, least, high > y.high));
    let top = key.bottom + 26.0;
    let plot = Plot {
        area: Rectangle {
            left: LEFT,
            top,
            right: RIGHT,
            bottom: top + HEIGHT,
        },
        x: Ruler::around(first.0, last.0, 8.0),
        y,
    };
    let words = Words {
        title: &chart.title,
        subtitle: &chart.subtitle,
        footer: "Threshold t: auto-approve if score >= t. The least of many estimates is \
                 optimistic.",
    };
    sheet::picture(plot.area.bottom, &words, |canvas| {
        key.draw(canvas)?;
        plateau(canvas, chart.plateau, &plot)?;
        axes(canvas, &plot)?;
        let runs = used.split(|(_, cost)| cost.is_none());
        for run in runs {
            curve(canvas, &self::known(run), &plot)?;
        }
        if let Some(actual) = chart.actual {
            let level = sheet::level(plot.at(first.0, actual).y, plot.area);
            canvas.dashes(&level, sheet::DASHES)?;
        }
        let least = least.map(|(threshold, cost)| plot.at(threshold, cost));
        least.map_or(Ok(()), |at| diamond(at, Color::Orange, canvas))
    })
}

fn check(chart: &CostCurve) -> Result<(), ChartError> {
    for (threshold, costs) in &chart.points {
        let place = format!("threshold {threshold}");
        share(*threshold, "threshold", &place)?;
        sheet::finite(costs.iter().flatten().copied(), &place)?;
    }
    if let Some((loosest, strictest)) = chart.plateau {
        share(loosest, "threshold", "the plateau")?;
        share(strictest, "threshold", "the plateau")?;
    }
    sheet::finite(chart.actual, "the actual cost")
}

/// The thresholds whose cost can be told.
fn known(points: &[(f64, Option<[f64; 3]>)]) -> Vec<(f64, [f64; 3])> {
    let known = points.iter();
    known
        .filter_map(|(threshold, cost)| Some((*threshold, (*cost)?)))
        .collect()
}

/// The threshold of the least cost; of equal ones the strictest.
fn least(known: &[(f64, [f64; 3])]) -> Option<(f64, f64)> {
    let costs = known.iter().rev().map(|(t, [cost, _, _])| (*t, *cost));
    costs.min_by(|a, b| a.1.total_cmp(&b.1))
}

/// From zero to where the estimates and most of their intervals are.
fn money(known: &[(f64, [f64; 3])], actual: Option<f64>) -> Ruler {
    let of = |place: usize| {
        known
            .iter()
            .filter_map(move |(_, costs)| costs.get(place).copied())
    };
    let top = of(0).chain(actual).fold(0.0, f64::max);
    let most = of(2).fold(top, f64::max);
    let low = of(1).chain(of(0)).chain(actual).fold(0.0, f64::min);
    let high = if top > 0.0 {
        most.min(REACH * top)
    } else {
        most
    };
    Ruler::around(low, high, 5.0)
}

fn entries(chart: &CostCurve, least: Option<(f64, f64)>, cut: bool) -> Vec<(Sign, String)> {
    let plateau = chart.plateau.map(|(loosest, strictest)| {
        let range = if loosest < strictest {
            format!("{loosest} to {strictest}")
        } else {
            format!("{loosest} only")
        };
        (
            Sign::Plateau,
            format!("within one standard error of the least: {range}"),
        )
    });
    [
        Some((Sign::Curve, "expected cost".to_owned())),
        Some((Sign::Band, "interval".to_owned())),
        least.map(|(threshold, _)| (Sign::Diamond, format!("least: at {threshold}"))),
        plateau,
        chart
            .actual
            .map(|_| (Sign::Dashes, "actual history".to_owned())),
        cut.then(|| (Sign::Above, "continues above".to_owned())),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn plateau(canvas: &Canvas<'_>, ends: Option<(f64, f64)>, plot: &Plot) -> Result<(), ChartError> {
    let Some((loosest, strictest)) = ends else {
        return Ok(());
    };
    let plateau = Rectangle {
        left: (plot.x.x(loosest, plot.area) - WIDENED).max(plot.area.left),
        right: (plot.x.x(strictest, plot.area) + WIDENED).min(plot.area.right),
        ..plot.area
    };
    canvas.rectangle(plateau, Color::Shade, PLATEAU_OPACITY)
}

fn axes(canvas: &Canvas<'_>, plot: &Plot) -> Result<(), ChartError> {
    sheet::across(canvas, &plot.x.across(plot.area), plot.area)?;
    sheet::up(canvas, &plot.y.up(plot.area), plot.area)?;
    sheet::across_title(canvas, "Threshold", plot.area)?;
    sheet::up_title(canvas, "Expected cost (units of money)", plot.area)
}

/// Neighbouring thresholds of known cost.
fn curve(canvas: &Canvas<'_>, run: &[(f64, [f64; 3])], plot: &Plot) -> Result<(), ChartError> {
    let top = plot.area.top;
    let edge = |place: usize| -> Vec<Pixel> {
        let known = run
            .iter()
            .filter_map(|(t, costs)| Some((*t, *costs.get(place)?)));
        known
            .map(|(threshold, cost)| plot.at(threshold, cost))
            .collect()
    };
    let (line, low, high) = (edge(0), edge(1), edge(2));
    if let ([low], [high]) = (low.as_slice(), high.as_slice()) {
        let high = Pixel {
            y: high.y.max(top),
            ..*high
        };
        canvas.line(&[*low, high], LINE)?;
    }
    let mut band = pressed_below(&high, top);
    band.extend(pressed_below(&low, top).into_iter().rev());
    canvas.fill(&band, Color::Blue, BAND_OPACITY)?;
    for part in parts_below(&line, top) {
        canvas.line(&part, LINE)?;
    }
    for (from, to) in spans_above(&high, top) {
        let tip = Pixel {
            x: f64::midpoint(from, to),
            y: top + 2.0,
        };
        canvas.fill(&arrow(tip), Color::Muted, 1.0)?;
    }
    if run.len() > MANY_DOTS {
        return Ok(());
    }
    line.iter()
        .try_for_each(|at| canvas.dot(*at, DOT, Color::Blue))
}
