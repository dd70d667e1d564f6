//! One metric of one set of cases, with limits at any confidence: what a check looks at. Knows
//! neither limits that are demanded nor baselines.

use crate::config::Metric;
use crate::estimate::compare::{Limits, Sample};
use crate::estimate::cost::Prices;
use crate::estimate::money::{Class, ErrorSums, Unit};
use crate::estimate::outlay::{self, Outlay};
use crate::estimate::rates::{self, Cell};
use crate::estimate::split::Splits;
use crate::estimate::{binomial, money};
use crate::rate::{Evidence, Level, Method, Rate};
use crate::tally::Account;

/// A set of cases under one routing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    pub splits: Splits,
    /// Present where costs are stated.
    pub prices: Option<Prices>,
}

/// What a metric of a set of cases rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct Ground {
    /// Cases that the metric is about.
    pub cases: u64,
    /// Those whose answer is known: cases with a label, or all where the metric needs none.
    pub known: u64,
    /// Known cases that count: wrong, escalated or labelled ones.
    pub found: u64,
    pub evidence: Option<Evidence>,
    /// Worst-case limits where a part has no labels.
    pub bounds: Option<[f64; 2]>,
    pub method: Option<Method>,
}

impl Facts {
    /// What the metric rests on.
    pub fn ground(&self, metric: Metric) -> Ground {
        // Only the limits depend on the level.
        let level = Level::NINETY_FIVE;
        let (escalated, labelled, cases) = self.counted();
        let counted = |found: u64| Ground {
            cases,
            known: cases,
            found,
            evidence: None,
            bounds: None,
            method: (cases > 0).then_some(Method::ClopperPearson),
        };
        match metric {
            Metric::EscalationRate => counted(escalated),
            Metric::LabelCoverage => counted(labelled),
            Metric::AutoError => ground(self.auto_error(level)),
            Metric::OverrideRate => ground(self.override_rate(level)),
            Metric::EscapedErrors => {
                let is_plain = self.escaped_sample().is_some();
                let rate = rates::as_share_of(&self.auto_error(level), cases);
                Ground {
                    method: match rate.method {
                        Some(Method::ClopperPearson) if !is_plain => Some(Method::FayFeuer),
                        None if is_plain => Some(Method::ClopperPearson),
                        method => method,
                    },
                    ..ground(rate)
                }
            }
            Metric::ErrorValueRate | Metric::Cost => Ground {
                bounds: self.money_bounds(metric, level),
                method: Some(Method::FayFeuer),
                ..ground(self.auto_error(level))
            },
        }
    }

    /// The counts where the known cases are a plain sample of all: exact limits apply.
    pub fn sample(&self, metric: Metric) -> Option<(u64, u64)> {
        let is_plain = match metric {
            Metric::AutoError | Metric::OverrideRate => true,
            Metric::EscalationRate | Metric::LabelCoverage => true,
            Metric::EscapedErrors => return self.escaped_sample(),
            Metric::ErrorValueRate | Metric::Cost => false,
        };
        let ground = self.ground(metric);
        let fits = is_plain && ground.known > 0 && ground.method == Some(Method::ClopperPearson);
        fits.then_some((ground.found, ground.known))
    }

    /// The estimate with limits that each leave `tail`, in (0, 1/2). `None` for no cases and
    /// where a part of them has no labels.
    pub fn limits(&self, metric: Metric, tail: f64) -> Option<Limits> {
        let level = Level::new(1.0 - 2.0 * tail)?;
        let of_rate = |rate: Rate| {
            Some(Limits {
                estimate: rate.estimate?,
                low: rate.low?,
                high: rate.high?,
            })
        };
        let (escalated, labelled, cases) = self.counted();
        match metric {
            Metric::EscalationRate => counted_limits(escalated, cases, tail),
            Metric::LabelCoverage => counted_limits(labelled, cases, tail),
            Metric::AutoError => of_rate(self.auto_error(level)),
            Metric::OverrideRate => of_rate(self.override_rate(level)),
            Metric::EscapedErrors => self.escaped_limits(tail),
            Metric::ErrorValueRate => {
                let money = money::money_in_error(&self.splits.cases().auto, level);
                let share = |amount: f64| (amount / money.at_stake).clamp(0.0, 1.0);
                Some(Limits {
                    estimate: money.error_value_rate?,
                    low: share(money.low?),
                    high: share(money.high?),
                })
            }
            Metric::Cost => self.cost_limits(tail),
        }
    }

    /// Escalated, labelled and all cases.
    fn counted(&self) -> (u64, u64, u64) {
        let split = self.splits.cases();
        let sum = |cells: &[Cell], count: fn(&Cell) -> u64| cells.iter().map(count).sum::<u64>();
        let cases = |cell: &Cell| cell.sums.counts.cases();
        let labelled = |cell: &Cell| cell.sums.counts.labelled();
        let escalated = sum(&split.escalated, cases);
        (
            escalated,
            sum(&split.auto, labelled) + sum(&split.escalated, labelled),
            sum(&split.auto, cases) + escalated,
        )
    }

    /// Escaped errors and all cases, where every auto-approved case is labelled: then each case is
    /// known to be one or not.
    fn escaped_sample(&self) -> Option<(u64, u64)> {
        let auto = self.splits.cases().auto;
        let cases = self.counted().2;
        let is_known = auto.iter().all(|cell| cell.sums.counts.unknown == 0);
        let wrong = auto.iter().map(|cell| cell.sums.counts.wrong).sum();
        (is_known && cases > 0).then_some((wrong, cases))
    }

    /// Limits of escaped errors that hold for the process behind the log, in which the share of
    /// auto-approved cases varies too. Where not all of these are labelled, those of Fay and Feuer
    /// carry that: they take the errors of a cell for a Poisson number, whose variance leaves
    /// room for it (docs/statistics.md).
    fn escaped_limits(&self, tail: f64) -> Option<Limits> {
        if let Some((wrong, cases)) = self.escaped_sample() {
            // Where nothing is auto-approved nothing can escape.
            let approves = rates::cases(&self.splits.cases().auto) > 0;
            return if approves {
                counted_limits(wrong, cases, tail)
            } else {
                Some(Limits::exact(0.0))
            };
        }
        let cases = self.counted().2 as f64;
        let auto = Class {
            factor: 1.0,
            cells: self.splits.cases().auto,
        };
        let sums = ErrorSums::of(&[auto], Unit::Cases);
        (sums.unsupported <= 0.0 && cases > 0.0).then(|| Limits {
            estimate: sums.errors.estimate / cases,
            low: sums.errors.lower(tail) / cases,
            high: (sums.errors.upper(tail) / cases).min(1.0),
        })
    }

    /// Limits of the cost of a case. Reviews and errors both vary from log to log, so all of it is
    /// one weighted sum over the cases.
    fn cost_limits(&self, tail: f64) -> Option<Limits> {
        let prices = self.prices.as_ref()?;
        let costs = self.splits.get(Account::ErrorCost)?;
        let auto = Class {
            factor: 1.0,
            cells: costs.auto.clone(),
        };
        let mut errors = ErrorSums::of(&[auto], Unit::Money);
        errors.errors.estimate = errors.errors.estimate.min(errors.at_stake);
        let all = &self.splits;
        let reviews = Outlay::of_reviews(prices, all, |split| &split.escalated, all)?;
        // Any other case could have been escalated.
        let others = Outlay::of_reviews(prices, all, |split| &split.auto, all);
        let cases = self.counted().2 as f64;
        (errors.unsupported <= 0.0 && cases > 0.0).then(|| {
            let sums = reviews
                .with_largest_of(others.unwrap_or_default())
                .beside(errors.errors);
            outlay::limits(sums, tail).times(1.0 / cases)
        })
    }

    fn auto_error(&self, level: Level) -> Rate {
        rates::error_rate(&self.splits.cases().auto, level)
    }

    fn override_rate(&self, level: Level) -> Rate {
        rates::error_rate(&self.splits.cases().escalated, level)
    }

    fn money_bounds(&self, metric: Metric, level: Level) -> Option<[f64; 2]> {
        if metric == Metric::Cost {
            let bounds = self.prices.as_ref()?.cost(&self.splits, level).bounds?;
            let cases = self.counted().2 as f64;
            return Some(bounds.map(|bound| bound / cases));
        }
        let money = money::money_in_error(&self.splits.cases().auto, level);
        let bounds = money.bounds?;
        (money.at_stake > 0.0).then(|| bounds.map(|bound| bound / money.at_stake))
    }
}

fn ground(rate: Rate) -> Ground {
    Ground {
        cases: rate.cases,
        known: rate.labelled,
        found: rate.errors_found,
        evidence: rate.evidence,
        bounds: rate.bounds,
        method: rate.method,
    }
}

fn counted_limits(found: u64, cases: u64, tail: f64) -> Option<Limits> {
    (cases > 0).then(|| Limits {
        estimate: Sample::new(found, cases).rate(),
        low: binomial::lower(found, cases, tail),
        high: binomial::upper(found, cases, tail),
    })
}
