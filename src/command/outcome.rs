//! Outcomes in tables for people, in rows of full precision, and as points of a chart: the same in
//! every command that shows them.

use crate::chart::{ErrorRate, Point as ChartPoint};
use crate::estimate::cost::Cost;
use crate::estimate::curve::Outcome;
use crate::rate::{Evidence, Rate};
use crate::report::{Cell, Column, count, percent, percent_range};

/// Below this a rate rests on few labels.
const FEW_LABELS: u64 = 30;

/// What an outcome has beside its rates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Shown {
    pub(super) value: bool,
    pub(super) cost: bool,
}

/// The values of a group's segments as one text.
pub(super) fn group_name(values: &[Option<String>]) -> String {
    let texts = values.iter();
    let texts = texts.map(|value| value.as_deref().unwrap_or("(missing)"));
    texts.collect::<Vec<_>>().join(",")
}

/// The names of the segments that `--by` gives, which commas keep apart.
pub(super) fn segment_names(by: &str) -> Vec<String> {
    by.split(',').map(|name| name.trim().to_owned()).collect()
}

/// The columns of outcomes; `first` is the title of what they are outcomes of.
pub(super) fn columns(first: &str, shown: Shown) -> Vec<Column> {
    let mut columns = vec![
        Column::left(first, 0),
        Column::right("escalated", 3),
        Column::right("escalation rate", 0),
        Column::right("auto-approved error rate", 0),
        Column::right("labels", 1),
        Column::left("evidence", 2),
        Column::right("labelled only", 4),
        Column::right("escaped errors", 5),
        Column::right("caught errors", 6),
        Column::right("needless escalations", 7),
    ];
    if shown.cost {
        columns.insert(4, Column::right("cost", 1));
    }
    if shown.value {
        columns.push(Column::right("money at stake", 9));
        columns.push(Column::right("money in error", 8));
    }
    columns
}

/// The keys of these columns in the JSON of an outcome; `~` marks what is told without its
/// interval. Empty for what is no single figure there.
pub(super) fn keys(shown: Shown) -> Vec<&'static str> {
    let mut keys = vec![
        "",
        "escalated",
        "escalation_rate",
        "auto_error",
        "auto_error.labelled",
        "",
        "auto_error.labelled_only",
        "escaped_errors~",
        "caught_errors~",
        "needless_escalations~",
    ];
    if shown.cost {
        keys.insert(4, "cost");
    }
    if shown.value {
        keys.extend(["value.at_stake", "value.in_error"]);
    }
    keys
}

/// The cells of one outcome.
pub(super) fn cells(name: &str, outcome: &Outcome, shown: Shown) -> Vec<Cell> {
    let mut cells = vec![
        Cell::Text(name.to_owned()),
        Cell::Count(outcome.escalated),
        share(outcome.escalation_rate),
        rate(&outcome.auto_error),
        labels(&outcome.auto_error),
        evidence(outcome.auto_error.evidence),
        share(outcome.auto_error.labelled_only),
        short(&outcome.escaped_errors),
        short(&outcome.caught_errors),
        short(&outcome.needless_escalations),
    ];
    if shown.cost {
        cells.insert(4, cost(outcome.cost.as_ref()));
    }
    if shown.value {
        let money = outcome.value.as_ref();
        cells.push(money.map_or(Cell::Missing, |money| Cell::Money(money.at_stake)));
        let in_error = money.and_then(|money| money.in_error);
        cells.push(in_error.map_or(Cell::Missing, Cell::Money));
    }
    cells
}

pub(super) fn share(share: Option<f64>) -> Cell {
    share.map_or(Cell::Missing, Cell::Share)
}

/// An estimate with its interval, or the worst-case limits.
pub(super) fn rate(rate: &Rate) -> Cell {
    match (rate.estimate, rate.interval(), rate.bounds) {
        (Some(share), Some(interval), _) => Cell::Estimate {
            share,
            low: interval.low,
            high: interval.high,
        },
        (_, _, Some([low, high])) => Cell::Bounds { low, high },
        _ => Cell::Missing,
    }
}

/// An estimate without its interval, or the worst-case limits.
pub(super) fn short(rate: &Rate) -> Cell {
    match (rate.estimate, rate.bounds) {
        (Some(share), _) => Cell::Share(share),
        (None, Some([low, high])) => Cell::Bounds { low, high },
        (None, None) => Cell::Missing,
    }
}

pub(super) fn labels(rate: &Rate) -> Cell {
    if rate.cases > 0 && rate.labelled < FEW_LABELS {
        return Cell::Text(format!("few: {}", rate.labelled));
    }
    Cell::Count(rate.labelled)
}

pub(super) fn evidence(evidence: Option<Evidence>) -> Cell {
    let Some(evidence) = evidence else {
        return Cell::Missing;
    };
    let text = if evidence.unsupported > 0.0 {
        format!("{} unsupported", percent(evidence.unsupported))
    } else if evidence.sampled <= 0.0 {
        "observed".to_owned()
    } else if evidence.observed <= 0.0 {
        "sampled".to_owned()
    } else {
        format!("{} observed", percent(evidence.observed))
    };
    Cell::Text(text)
}

/// An expected cost with its interval, or its worst-case limits.
pub(super) fn cost(cost: Option<&Cost>) -> Cell {
    let Some(cost) = cost else {
        return Cell::Missing;
    };
    match (cost.expected, cost.low.zip(cost.high), cost.bounds) {
        (Some(amount), Some((low, high)), _) => Cell::Amount { amount, low, high },
        (_, _, Some([low, high])) => Cell::AmountBounds { low, high },
        _ => Cell::Missing,
    }
}

/// Why stated costs come to no total, where they do not.
pub(super) fn no_total(outcome: &Outcome) -> Option<String> {
    let cost = outcome.cost.as_ref()?;
    let missing = match (cost.reviewer_errors, cost.reviews) {
        (None, _) => "`error`, the cost of a wrong case",
        (Some(_), None) => {
            "what a review costs: add `review`, or `review_per_minute` and the time that reviews take \
             (the role `review_seconds`, or `minutes_per_case` under [reviewers])"
        }
        (Some(_), Some(_)) => return None,
    };
    Some(format!(
        "no cost can be told: [cost] in gonogo.toml does not state {missing}"
    ))
}

/// Titles of the columns of full precision.
pub(super) const DATA_TITLES: [&str; 39] = [
    "cases",
    "escalated",
    "auto_approved",
    "escalation_rate",
    "auto_error",
    "auto_error_low",
    "auto_error_high",
    "auto_error_bound_low",
    "auto_error_bound_high",
    "level",
    "method",
    "labelled",
    "errors_found",
    "labelled_only",
    "observed",
    "sampled",
    "unsupported",
    "effective_labels",
    "largest_weight_share",
    "escaped_errors",
    "escaped_errors_low",
    "escaped_errors_high",
    "caught_errors",
    "needless_escalations",
    "money_at_stake",
    "money_in_error",
    "caught_errors_low",
    "caught_errors_high",
    "needless_escalations_low",
    "needless_escalations_high",
    "money_in_error_low",
    "money_in_error_high",
    "missing_labels",
    "worst_case",
    "cost",
    "cost_low",
    "cost_high",
    "cost_of_errors",
    "cost_of_reviews",
];

/// The cells of one outcome in full precision.
pub(super) fn data_cells(outcome: &Outcome) -> Vec<Cell> {
    let number = |value: Option<f64>| value.map_or(Cell::Missing, Cell::Number);
    let error = &outcome.auto_error;
    let evidence = |part: fn(&Evidence) -> f64| number(error.evidence.as_ref().map(part));
    let money = outcome.value.as_ref();
    let cost = outcome.cost.as_ref();
    let method = error
        .method
        .and_then(|method| serde_json::to_value(method).ok());
    let method = method.and_then(|method| method.as_str().map(str::to_owned));
    vec![
        Cell::Count(outcome.cases),
        Cell::Count(outcome.escalated),
        Cell::Count(outcome.auto_approved),
        number(outcome.escalation_rate),
        number(error.estimate),
        number(error.low),
        number(error.high),
        number(error.bounds.map(|[low, _]| low)),
        number(error.bounds.map(|[_, high]| high)),
        Cell::Number(error.level),
        method.map_or(Cell::Missing, Cell::Text),
        Cell::Count(error.labelled),
        Cell::Count(error.errors_found),
        number(error.labelled_only),
        evidence(|evidence| evidence.observed),
        evidence(|evidence| evidence.sampled),
        evidence(|evidence| evidence.unsupported),
        number(error.effective_labels),
        number(error.largest_weight_share),
        number(outcome.escaped_errors.estimate),
        number(outcome.escaped_errors.low),
        number(outcome.escaped_errors.high),
        number(outcome.caught_errors.estimate),
        number(outcome.needless_escalations.estimate),
        number(money.map(|money| money.at_stake)),
        number(money.and_then(|money| money.in_error)),
        number(outcome.caught_errors.low),
        number(outcome.caught_errors.high),
        number(outcome.needless_escalations.low),
        number(outcome.needless_escalations.high),
        number(money.and_then(|money| money.low)),
        number(money.and_then(|money| money.high)),
        Cell::Count(error.missing_labels),
        number(error.worst_case),
        number(cost.and_then(|cost| cost.expected)),
        number(cost.and_then(|cost| cost.low)),
        number(cost.and_then(|cost| cost.high)),
        number(cost.and_then(|cost| cost.errors)),
        number(cost.and_then(|cost| cost.reviews)),
    ]
}

/// An outcome as a point of a risk-coverage chart.
pub(super) fn chart_point(threshold: Option<&str>, outcome: &Outcome) -> ChartPoint {
    let error = &outcome.auto_error;
    let error = match (error.estimate, error.interval(), error.bounds_interval) {
        (Some(estimate), Some(interval), _) => ErrorRate::Estimated {
            estimate,
            low: interval.low,
            high: interval.high,
        },
        (_, _, Some([low, high])) => ErrorRate::Bounded { low, high },
        _ => ErrorRate::Undefined,
    };
    ChartPoint {
        threshold: threshold.map(str::to_owned),
        escalation_rate: outcome.escalation_rate.unwrap_or(0.0),
        error,
    }
}

/// How wrong a set of cases was, in words.
pub(super) fn error_words(whom: &str, rate: &Rate) -> String {
    match (rate.estimate, rate.interval(), rate.bounds) {
        (Some(estimate), Some(interval), _) => format!(
            "{whom} an estimated {} were wrong (interval {}, {} labels)",
            percent(estimate),
            percent_range(interval.low, interval.high),
            count(rate.labelled)
        ),
        (_, _, Some([low, high])) => format!(
            "how many {whom} were wrong cannot be told: without labels for a part of them it is \
             anything from {}",
            percent_range(low, high)
        ),
        _ => "none was auto-approved".to_owned(),
    }
}
