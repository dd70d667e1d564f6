//! Stated costs on their way from `gonogo.toml` to an estimate: what must be read of the log for
//! them, and what follows from what was read.

use crate::config::{Config, Costs, Role};
use crate::estimate::cost::{Effort, Prices};
use crate::estimate::split::{Side, Split};
use crate::log::{Formula, Needs};
use crate::tally::{Account, Accounts, Design, Ledgers};

/// Seconds in a minute.
const MINUTE: f64 = 60.0;

/// What costs and efforts need of a log.
#[derive(Clone, Debug)]
pub(super) struct Pricing {
    pub(super) accounts: Accounts,
    costs: Costs,
    /// Seconds of a review where the log does not say, as stated.
    seconds: Option<f64>,
    money: Vec<Formula>,
    numbers: Vec<Formula>,
}

impl Pricing {
    /// What the configuration states; `None` where it states neither costs nor reviewers nor how
    /// long reviews took.
    pub(super) fn of(config: &Config) -> Option<Self> {
        let costs = &config.costs;
        let effort = config.mapping.roles.get(&Role::ReviewSeconds);
        if !costs.is_stated() && config.reviewers.is_none() && effort.is_none() {
            return None;
        }
        let mut pricing = Self {
            accounts: Accounts::default(),
            costs: costs.clone(),
            seconds: None,
            money: Vec::new(),
            numbers: Vec::new(),
        };
        if let Some(error) = &costs.error {
            pricing.accounts.error_cost = Some(pricing.money.len());
            pricing
                .money
                .push(Formula::new("[cost] error", &error.sql()));
        }
        if let Some(review) = &costs.review {
            pricing.accounts.review_cost = Some(pricing.money.len());
            pricing
                .money
                .push(Formula::new("[cost] review", &review.sql()));
        }
        let minutes = config.reviewers.as_ref().and_then(|r| r.minutes_per_case);
        pricing.seconds = minutes.map(|minutes| minutes * MINUTE);
        if let Some(effort) = effort {
            pricing.accounts.effort = Some(0);
            let role = Role::ReviewSeconds.key();
            pricing.numbers.push(Formula::new(role, effort));
        }
        Some(pricing)
    }

    /// Adds to the needs of a command what the costs need.
    pub(super) fn add_to(&self, needs: &mut Needs) {
        // Places in `accounts` count from the beginning.
        needs.money.splice(0..0, self.money.clone());
        needs.numbers.splice(0..0, self.numbers.clone());
    }

    /// The prices, once the log was read: reviews of unknown length take as long as is stated, or
    /// as the others took in the mean.
    pub(super) fn prices(&self, ledgers: &Ledgers) -> Prices {
        let known = known_effort(ledgers).unwrap_or_default();
        Prices {
            reviewer_error: self.costs.reviewer_error,
            per_minute: self.costs.review_per_minute,
            seconds: self.seconds.or_else(|| known.mean()),
            seconds_error: match self.seconds {
                Some(_) => Some(0.0),
                None => known.error_of_mean(),
            },
        }
    }
}

fn known_effort(ledgers: &Ledgers) -> Option<Effort> {
    let effort = ledgers.get(Account::Effort)?.overall();
    let design = Design::of(&effort);
    let all = Split::of(&effort, &design, |_, _| Some(Side::Auto));
    Some(Effort::of(&all.auto))
}
