//! What thresholds cost: the cheapest, those that are as good, and Chow's rule, which gives each
//! case a threshold of its own.

use super::hearing::Hearing;
use super::question::Question;
use super::read::Reading;
use crate::config::{Config, Role};
use crate::estimate::cost::{self, Cost, Prices};
use crate::estimate::rates;
use crate::estimate::split::{GroupCells, Side, Splits};
use crate::log::{Formula, Log};
use crate::rate::Rate;
use crate::tally::CellKey;

/// What thresholds cost.
pub(super) struct Expense {
    /// The cheapest of all candidates: found after the fact, so its cost is too good to be true.
    pub(super) cheapest: Option<usize>,
    /// The loosest and the strictest candidate whose cost is within one standard error of it.
    pub(super) plateau: Option<(usize, usize)>,
    /// What a threshold for each case would cost.
    pub(super) by_case: Option<ByCase>,
}

/// The outcome of Chow's rule (1970) with the residual error of reviewers: auto-approve if
/// (1 - score) * error <= review + residual * error, where the score is the probability that the
/// AI is right.
pub(super) struct ByCase {
    pub(super) cost: Cost,
    pub(super) escalated: u64,
    pub(super) auto_error: Rate,
}

/// The condition of Chow's rule as SQL. `None` where the price of a review is not known case by
/// case.
pub(super) fn chow_condition(config: &Config, log: &Log) -> Option<Formula> {
    let costs = &config.costs;
    let score = config.mapping.roles.get(&Role::Score)?;
    let is_column = log.columns().iter().any(|column| column.name() == score);
    let score = if is_column {
        format!("\"{}\"", score.replace('"', "\"\""))
    } else {
        format!("({score})")
    };
    let error = costs.error.as_ref()?.sql();
    let review = match (&costs.review, costs.review_per_minute) {
        (Some(review), _) => review.sql(),
        (None, Some(price)) => {
            let minutes = config.reviewers.as_ref()?.minutes_per_case?;
            (price * minutes).to_string()
        }
        (None, None) => return None,
    };
    let residual = costs.reviewer_error;
    let rule = format!("(1.0 - {score}) * ({error}) <= ({review}) + {residual} * ({error})");
    Some(Formula::new("[cost], Chow's rule", &rule))
}

/// The candidate of the least cost; of equal ones the strictest, for that escalates no case more
/// than it must at that price. `None` where no cost can be estimated.
pub(super) fn cheapest(hearing: &Hearing, candidates: &[usize]) -> Option<usize> {
    cost::cheapest(
        candidates
            .iter()
            .filter_map(|candidate| priced(hearing, *candidate)),
    )
}

fn priced(hearing: &Hearing, candidate: usize) -> Option<(usize, &Cost)> {
    let point = hearing.points.get(candidate)?;
    Some((candidate, point.cost.as_ref()?))
}

impl Expense {
    pub(super) fn of(hearing: &Hearing, question: &Question, log: &Reading) -> Self {
        let all: Vec<usize> = (0..hearing.points.len()).collect();
        let cheapest = cheapest(hearing, &all);
        Self {
            plateau: cheapest.and_then(|cheapest| plateau(hearing, cheapest)),
            cheapest,
            by_case: log
                .prices
                .as_ref()
                .and_then(|prices| by_case(prices, question, log)),
        }
    }
}

fn plateau(hearing: &Hearing, cheapest: usize) -> Option<(usize, usize)> {
    let (_, least) = priced(hearing, cheapest)?;
    let all = (0..hearing.points.len()).filter_map(|candidate| priced(hearing, candidate));
    cost::plateau(all, least)
}

fn by_case(prices: &Prices, question: &Question, log: &Reading) -> Option<ByCase> {
    if !log.has_rule {
        return None;
    }
    let ledgers = log.tally.ledgers();
    let mut splits = Splits::default();
    for (values, _) in log.tally.groups(1) {
        let approves = values.first().and_then(Option::as_deref) == Some("true");
        let side = |key: &CellKey, _| {
            Some(if approves && !key.pinned {
                Side::Auto
            } else {
                Side::Escalated
            })
        };
        splits += GroupCells::of(ledgers, 1, values).split(&log.design, side);
    }
    let split = splits.cases();
    Some(ByCase {
        cost: prices.cost(&splits, question.confidence),
        escalated: rates::cases(&split.escalated),
        auto_error: rates::error_rate(&split.auto, question.confidence),
    })
}
