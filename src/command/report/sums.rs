//! The sums behind the sliders: for each segment, cell of the design and score bin how many cases
//! there are, how many labels and errors, and what they cost. Integers throughout, so what a
//! browser adds up is what the sweep adds up. Holds no case.

use serde::Serialize;

use super::packed::Bins;
use super::sliders::{self, Slider};
use super::{Answer, Share};
use crate::command::sweep::grid;
use crate::config::Source;
use crate::error::Failure;
use crate::estimate::curve::{self, Outcome};
use crate::rate::{Grid, Threshold};
use crate::report::{ReportError, json_text};
use crate::tally::{Account, Basis};

/// The most thresholds that a slider has.
const MOST_THRESHOLDS: usize = 101;
/// How fine the thresholds are, the finest first: over the whole range, and each time that more
/// are added where scores crowd.
const FINENESS: [(usize, usize); 7] =
    [(84, 8), (60, 8), (40, 8), (28, 6), (20, 5), (14, 4), (8, 2)];

#[derive(Serialize)]
struct Payload<'a> {
    level: f64,
    thresholds: Vec<String>,
    /// The place of the threshold that the sliders start from, and whether it is the historical.
    start: usize,
    historical: bool,
    /// How the cases of each cell came to be labelled.
    cells: Vec<&'static str>,
    /// The names of the segments, where there are any.
    by: Option<String>,
    segments: Vec<Segment>,
    /// What one unit of money in the sums is, for errors, reviews and seconds.
    units: [f64; 3],
    cost: Cost,
    actual: Option<Actual<'a>>,
}

#[derive(Serialize)]
struct Segment {
    name: String,
    /// The condition that picks its cases; `null` for all cases, or for the smaller segments.
    when: Option<String>,
    cases: u64,
    sums: String,
}

/// What things cost: a number, `"sums"` where the sums tell, or `null`.
#[derive(Serialize)]
struct Cost {
    error: Option<Price>,
    review: Option<Price>,
    review_per_minute: Option<f64>,
    reviewer_error: f64,
    seconds: Option<f64>,
    has_effort: bool,
    reviewers: Option<u32>,
    stated: bool,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Price {
    Number(f64),
    Sums(&'static str),
}

#[derive(Serialize)]
struct Actual<'a> {
    #[serde(flatten)]
    outcome: &'a Outcome,
    review_hours: Option<f64>,
}

/// The sums as JSON text: with as many thresholds and segments as have room. `None` where the page
/// is for anyone, for the sums of small segments are small.
///
/// # Errors
/// When they cannot be written as JSON.
pub(super) fn text(
    answer: &Answer<'_>,
    has_room: impl Fn(&str) -> bool,
) -> Result<Option<String>, Failure> {
    if answer.share == Share::Public {
        return Ok(None);
    }
    let cuts = curve::cuts(answer.tally.scale(), &answer.tally.overall());
    let mut smallest = None;
    for (fineness, most) in attempts(answer.question.top) {
        let cuts = curve::pick(&cuts, &thresholds(answer, fineness));
        if cuts.len() > MOST_THRESHOLDS {
            continue;
        }
        let text = compact(&json_text(&payload(answer, &cuts, most))?)?;
        let fits = has_room(&text);
        smallest = Some(text);
        if fits {
            break;
        }
    }
    Ok(smallest)
}

/// How fine the thresholds are and how many segments have a slider, the most telling first: coarse
/// thresholds are better than segments that share a slider.
fn attempts(top: usize) -> impl Iterator<Item = ((usize, usize), usize)> {
    let coarsest = FINENESS.last().copied();
    let fewer = std::iter::successors(Some(top / 2), |most| (*most > 0).then_some(most / 2));
    let all = FINENESS.into_iter().map(move |fineness| (fineness, top));
    all.chain(
        coarsest
            .into_iter()
            .flat_map(move |fineness| fewer.clone().map(move |most| (fineness, most))),
    )
}

/// The same JSON without indentation.
fn compact(text: &str) -> Result<String, ReportError> {
    let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
    Ok(lines.concat())
}

/// The thresholds of the sliders: those of the tables, and finer ones.
fn thresholds(answer: &Answer<'_>, fineness: (usize, usize)) -> Grid {
    let (profile, history) = (answer.tally.profile(), answer.sweep.history.as_ref());
    let fine = grid::spread(profile, history, fineness);
    let points = answer.sweep.overall.points.iter();
    let mut all: Vec<Threshold> = points.map(|point| point.threshold.clone()).collect();
    all.extend(fine.thresholds().iter().cloned());
    Grid::of(all).unwrap_or(fine)
}

fn payload<'a>(answer: &'a Answer<'_>, cuts: &[(Threshold, u64)], most: usize) -> Payload<'a> {
    let sweep = &answer.sweep;
    let sliders = sliders::all(answer, most);
    let bins = Bins {
        design: &sweep.design,
        cuts: cuts.iter().map(|(_, cut)| *cut).collect(),
    };
    let cost = cost(answer);
    let kept = kept(&cost);
    let units = kept.map(|account| account.map_or(1, |account| bins.unit(&sliders, account)));
    let segment = |slider: &Slider| Segment {
        name: slider.name.clone(),
        when: slider.when.clone(),
        cases: bins.cases(&slider.group()),
        sums: bins.encoded(&slider.group(), kept, units),
    };
    let historical = historical(answer, cuts);
    Payload {
        level: sweep.level.get(),
        thresholds: cuts.iter().map(|(t, _)| t.text().to_owned()).collect(),
        start: historical.unwrap_or(cuts.len() / 2),
        historical: historical.is_some(),
        cells: sweep
            .design
            .cells()
            .iter()
            .map(|cell| labelling(cell.basis))
            .collect(),
        by: sweep.segments.first().map(|all| all.names.join(" x ")),
        segments: sliders.iter().map(segment).collect(),
        units: units.map(|unit| unit as f64 / 1e6),
        actual: sweep.overall.actual.as_ref().map(|outcome| Actual {
            outcome,
            review_hours: answer.actual_hours,
        }),
        cost,
    }
}

/// The accounts that the panel computes from: errors, reviews and seconds.
fn kept(cost: &Cost) -> [Option<Account>; 3] {
    let is_summed = |price: &Option<Price>| matches!(price, Some(Price::Sums(_)));
    [
        is_summed(&cost.error).then_some(Account::ErrorCost),
        is_summed(&cost.review).then_some(Account::ReviewCost),
        cost.has_effort.then_some(Account::Effort),
    ]
}

/// The place of the historical threshold.
fn historical(answer: &Answer<'_>, cuts: &[(Threshold, u64)]) -> Option<usize> {
    let history = answer.sweep.history.as_ref()?.threshold.value();
    let mut thresholds = cuts.iter().map(|(threshold, _)| threshold.value());
    thresholds.position(|threshold| threshold.total_cmp(&history).is_eq())
}

fn labelling(basis: Basis) -> &'static str {
    match basis {
        Basis::Certain => "certain",
        Basis::Recorded(_) | Basis::AssumedByRoute(_) => "constant",
        Basis::Varying => "varying",
    }
}

fn cost(answer: &Answer<'_>) -> Cost {
    let costs = &answer.config.costs;
    let price = |source: &Source| match source {
        Source::Number(number) => Price::Number(*number),
        Source::Sql(_) => Price::Sums("sums"),
    };
    let prices = answer.question.pricing.as_ref();
    let prices = prices.map(|pricing| pricing.prices(answer.tally.ledgers()));
    Cost {
        error: costs.error.as_ref().map(price),
        review: costs.review.as_ref().map(price),
        review_per_minute: costs.review_per_minute,
        reviewer_error: costs.reviewer_error,
        seconds: prices.and_then(|prices| prices.seconds),
        has_effort: answer.tally.ledgers().get(Account::Effort).is_some(),
        reviewers: answer.config.reviewers.as_ref().map(|r| r.count),
        stated: costs.is_stated(),
    }
}
