//! Which charts a report has, and how each is to be read.

use super::{Answer, Share, public};
use crate::chart::{
    AgainstThreshold, Chart, CostCurve, Forest, Histogram, Moved, Panel, RiskCoverage, Swap, Waits,
};
use crate::command::outcome;
use crate::command::replay::answer::Replay;
use crate::command::replay::swap::Part;
use crate::command::sweep::{Curve, tables};
use crate::estimate::cost;
use crate::estimate::curve::{Outcome, Point};
use crate::log::Route;
use crate::report::{Figure, count, level};
use crate::tally::{Counts, FINE_BINS};

use super::sections::{judged, judged_by};

/// A chart, with the name of its files and of the section that it stands in.
#[derive(Clone, Debug)]
pub(super) struct Picture {
    pub(super) section: &'static str,
    pub(super) name: String,
    pub(super) chart: Chart,
    pub(super) caption: String,
}

impl Picture {
    fn new(section: &'static str, name: &str, chart: Chart, caption: &str) -> Self {
        Self {
            section,
            name: name.to_owned(),
            chart,
            caption: caption.to_owned(),
        }
    }
}

/// The charts in the order of the page. A page for anyone has those of rates only.
pub(super) fn all(answer: &Answer<'_>) -> Vec<Picture> {
    let mut pictures = Vec::new();
    if answer.share != Share::Public || has_rates(&answer.sweep.overall) {
        pictures.push(Picture::new(
            "risk",
            "risk-coverage",
            risk(answer),
            "Each dot is a threshold. Further right more cases are escalated; further down fewer \
             auto-approved cases are wrong. The band is the interval.",
        ));
        pictures.push(against_threshold(answer));
    }
    pictures.extend(by_segment(answer));
    pictures.extend(forest(answer));
    if answer.share != Share::Public {
        pictures.extend(answer.compared().and_then(swap));
        pictures.push(histogram(answer));
        pictures.extend(answer.replay.as_ref().and_then(waits));
    }
    pictures.extend(cost(answer));
    pictures
}

/// Whether there is a curve to draw.
fn has_rates(curve: &Curve) -> bool {
    let points = curve.points.iter();
    let rates = points.filter(|point| is_drawn(&point.outcome));
    rates.count() > 1
}

fn is_drawn(outcome: &Outcome) -> bool {
    let rate = &outcome.auto_error;
    rate.estimate.is_some() || rate.bounds_interval.is_some()
}

/// The charts of a section as SVG. One that cannot be drawn is left out: its numbers stand in the
/// tables.
pub(super) fn of(section: &str, pictures: &[Picture]) -> Vec<Figure> {
    let own = pictures.iter().filter(|picture| picture.section == section);
    own.filter_map(|picture| {
        Some(Figure {
            svg: picture.chart.svg().ok()?,
            caption: picture.caption.clone(),
        })
    })
    .collect()
}

/// What the numbers of a chart rest on.
pub(super) fn subtitle(answer: &Answer<'_>) -> String {
    let level = level(answer.sweep.level.get());
    if answer.share == Share::Public {
        let cases = public::cases(answer).map(|cases| cases + ", ");
        return format!("{}{level} intervals", cases.unwrap_or_default());
    }
    format!(
        "{} cases, {} labelled, {level} intervals",
        count(answer.sweep.cases),
        count(answer.sweep.labelled)
    )
}

/// The risk-coverage chart of all cases.
pub(super) fn risk(answer: &Answer<'_>) -> Chart {
    Chart::RiskCoverage(RiskCoverage {
        title: "Escalation rate against auto-approved error rate".to_owned(),
        subtitle: subtitle(answer),
        panels: vec![tables::panel(None, &answer.sweep.overall)],
    })
}

fn by_segment(answer: &Answer<'_>) -> Option<Picture> {
    let segments = answer.sweep.segments.first()?;
    let groups = segments.groups.iter().take(answer.sweep.top);
    let groups = groups.filter(|group| public::is_whole(answer.share) || has_rates(&group.curve));
    let panels: Vec<Panel> = groups
        .map(|group| tables::panel(Some(group.name()), &group.curve))
        .collect();
    if panels.is_empty() {
        return None;
    }
    let by = segments.names.join(" x ");
    let chart = Chart::RiskCoverage(RiskCoverage {
        title: format!("Escalation rate against auto-approved error rate by {by}"),
        subtitle: subtitle(answer),
        panels,
    });
    Some(Picture::new(
        "segments",
        "segments-risk-coverage",
        chart,
        "The same for the largest segments, on one scale: a threshold that is safe for all cases \
         together need not be so for each.",
    ))
}

fn against_threshold(answer: &Answer<'_>) -> Picture {
    let curve = &answer.sweep.overall;
    let points = curve.points.iter().map(|point| {
        let drawn = outcome::chart_point(None, &point.outcome);
        (point.threshold.value(), drawn.escalation_rate, drawn.error)
    });
    let history = answer.sweep.history.as_ref();
    let chart = Chart::AgainstThreshold(AgainstThreshold {
        title: "Escalation rate and auto-approved error rate by threshold".to_owned(),
        subtitle: subtitle(answer),
        points: points.collect(),
        history: history.map(|history| history.threshold.value()),
    });
    Picture::new(
        "risk",
        "rates-by-threshold",
        chart,
        "A stricter threshold escalates more (above) and leaves fewer errors among the rest (below).",
    )
}

/// The error rates of the segments of the first grouping, the largest segment first.
fn forest(answer: &Answer<'_>) -> Option<Picture> {
    let segments = answer.sweep.segments.first()?;
    let rows = segments.groups.iter().take(answer.sweep.top);
    let rows = rows.filter_map(|group| {
        let found = judged(&group.curve).0?;
        let is_told = public::is_whole(answer.share) || is_drawn(found);
        is_told.then(|| (group.name(), outcome::chart_point(None, found).error))
    });
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return None;
    }
    let overall = judged(&answer.sweep.overall).0;
    let chart = Chart::Forest(Forest {
        title: format!(
            "Auto-approved error rate by {}, {}",
            segments.names.join(" x "),
            judged_by(&answer.sweep.overall)
        ),
        subtitle: subtitle(answer),
        rows,
        overall: overall.and_then(|outcome| outcome.auto_error.estimate),
    });
    Some(Picture::new(
        "segments",
        "segments-error-rate",
        chart,
        "Each row is a segment, the largest first; the upright line is the rate of all cases. An \
         interval that does not reach it is a hint that the segment differs; of many segments a \
         few miss it by chance alone.",
    ))
}

fn swap(replay: &Replay) -> Option<Picture> {
    let share = |part: &Part| {
        if part.is_observed() {
            return Some(part.error.errors_found as f64 / part.cases as f64);
        }
        part.error.estimate
    };
    let policies = replay.policies.iter().filter_map(|policy| {
        let (name, swap) = (&policy.policy.name, policy.swap.as_ref()?);
        let parts = [&swap.newly_auto, &swap.newly_escalated];
        let parts = parts.map(|part| Moved {
            cases: part.cases,
            wrong: share(part),
        });
        Some((name.clone(), parts))
    });
    let policies: Vec<_> = policies.collect();
    (!policies.is_empty()).then(|| {
        let chart = Chart::Swap(Swap {
            title: "Cases that change their route".to_owned(),
            subtitle: format!("{} cases in all", count(replay.cases)),
            policies,
        });
        Picture::new(
            "policies",
            "swap-set",
            chart,
            "For each policy the cases that it would have moved, and how many of them are wrong.",
        )
    })
}

/// Bars of a histogram.
const BARS: usize = 50;

fn histogram(answer: &Answer<'_>) -> Picture {
    let profile = answer.tally.profile();
    let all = profile.all();
    let used = |bin: &usize| all.get(*bin).is_some_and(|cases| *cases > 0);
    let low = (0..FINE_BINS).find(used).unwrap_or(1).max(1) - 1;
    // The last bin is that of the score 1, which belongs to the bar below it.
    let high = (0..FINE_BINS - 1).rev().find(used).unwrap_or(1000);
    let high = if used(&(FINE_BINS - 1)) { 1000 } else { high };
    let bars = Bars::between(low, high);
    let names = [
        (Route::Auto, "Auto-approved in fact"),
        (Route::Escalated, "Escalated in fact"),
        (Route::Unknown, "All routes"),
    ];
    let routes = names.into_iter().filter_map(|(route, name)| {
        let bins = profile.route(route);
        let sums = bars.sums(bins.iter().copied());
        let total = |of: fn(&[u64; 3]) -> u64| count(sums.iter().map(of).sum());
        let headline = format!(
            "{name}: {} cases, {} labelled, {} of them wrong",
            total(|[right, wrong, unknown]| right + wrong + unknown),
            total(|[right, wrong, _]| right + wrong),
            total(|[_, wrong, _]| *wrong)
        );
        (!bins.is_empty()).then_some((headline, sums))
    });
    let chart = Chart::Histogram(Histogram {
        title: "Scores by route and label".to_owned(),
        subtitle: subtitle(answer),
        range: (
            bars.low as f64 / 1000.0,
            (bars.low + bars.number * bars.width) as f64 / 1000.0,
        ),
        routes: routes.collect(),
    });
    Picture::new(
        "evidence",
        "scores",
        chart,
        "Where the scores lie, and where somebody has looked. Error rates are certain where bars \
         are labelled throughout, and estimated where a random part is.",
    )
}

/// Bars of whole thousandths, the first of which may reach below the lowest score.
struct Bars {
    low: usize,
    width: usize,
    number: usize,
}

impl Bars {
    /// Bars up to the highest score, so that none reaches beyond 1.
    fn between(low: usize, high: usize) -> Self {
        let room = high.saturating_sub(low);
        let width = room.div_ceil(BARS).max(1);
        let number = room.div_ceil(width).max(1);
        Self {
            low: high.saturating_sub(number * width),
            width,
            number,
        }
    }

    /// Right, wrong and unlabelled cases of each bar.
    fn sums(&self, bins: impl Iterator<Item = Counts>) -> Vec<[u64; 3]> {
        let mut sums = vec![[0_u64; 3]; self.number];
        for (bin, counts) in bins.enumerate() {
            // Bin b holds the scores from (b - 1) thousandths on.
            let bar = (bin.max(1) - 1).saturating_sub(self.low) / self.width;
            if let Some([right, wrong, unknown]) = sums.get_mut(bar.min(self.number - 1)) {
                *right += counts.right;
                *wrong += counts.wrong;
                *unknown += counts.unknown;
            }
        }
        sums
    }
}

fn cost(answer: &Answer<'_>) -> Option<Picture> {
    let curve = &answer.sweep.overall;
    let points: Vec<_> = curve
        .points
        .iter()
        .map(|point| {
            let cost = point.outcome.cost.as_ref();
            let limits = cost.and_then(|cost| Some([cost.expected?, cost.low?, cost.high?]));
            (point.threshold.value(), limits)
        })
        .collect();
    let actual = curve.actual.as_ref();
    let actual = actual.and_then(|outcome| outcome.cost.as_ref()?.expected);
    (points.iter().filter(|(_, limits)| limits.is_some()).count() > 1).then(|| {
        let chart = Chart::CostCurve(CostCurve {
            title: "Expected cost by threshold".to_owned(),
            subtitle: subtitle(answer),
            points,
            plateau: plateau(&curve.points),
            actual,
        });
        Picture::new(
            "costs",
            "cost",
            chart,
            "Too low a threshold costs errors, too high a one reviews. On the shaded plateau the \
             choice hardly matters for cost: choose there by error rate.",
        )
    })
}

/// The loosest and the strictest threshold that are as cheap as can be told.
fn plateau(points: &[Point]) -> Option<(f64, f64)> {
    let costs = || {
        let places = points.iter().enumerate();
        places.filter_map(|(place, point)| Some((place, point.outcome.cost.as_ref()?)))
    };
    let cheapest = cost::cheapest(costs().collect::<Vec<_>>().into_iter())?;
    let least = points.get(cheapest)?.outcome.cost.as_ref()?;
    let (loosest, strictest) = cost::plateau(costs(), least)?;
    let value = |place: usize| Some(points.get(place)?.threshold.value());
    Some((value(loosest)?, value(strictest)?))
}

fn waits(replay: &Replay) -> Option<Picture> {
    let actual = replay
        .actual
        .iter()
        .map(|standing| ("what happened", standing));
    let policies = replay.policies.iter();
    let all = actual.chain(policies.map(|answer| (answer.policy.name.as_str(), &answer.standing)));
    let rows: Vec<(String, [f64; 3])> = all
        .filter_map(|(name, standing)| {
            let waits = &standing.waiting.as_ref()?.summary.waits;
            Some((name.to_owned(), [waits.p50, waits.p90, waits.p99]))
        })
        .collect();
    (!rows.is_empty()).then(|| {
        let chart = Chart::Waits(Waits {
            title: "How long cases wait for a reviewer".to_owned(),
            subtitle: "Simulated over the log's own arrivals".to_owned(),
            rows,
            deadline: replay.deadline.map(|deadline| deadline.hours() * 3600.0),
        });
        Picture::new(
            "costs",
            "waits",
            chart,
            "Waiting times count nights and weekends.",
        )
    })
}
