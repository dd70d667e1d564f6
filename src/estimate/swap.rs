//! The same cases under two policies: what differs comes from the cases that move. Those that both
//! policies treat alike enter only as far as the two sets differ in size or in money. Must not
//! decide what a difference does to a job.

use crate::config::{Margin, Metric};
use crate::estimate::compare::{self, Limits};
use crate::estimate::metric::Facts;
use crate::estimate::money::{Class, ErrorSums, Unit};
use crate::estimate::normal;
use crate::estimate::rates::{self, Cell};
use crate::estimate::split::Splits;
use crate::estimate::verdict::{self, Finding};
use crate::rate::Level;
use crate::tally::Account;

/// One side of a routing under two policies on the same cases. All cases of a part stand on the
/// auto-approved side of its splits, whichever side this is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parts {
    pub common: Splits,
    pub only_new: Splits,
    pub only_base: Splits,
}

/// The same cases under two policies.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pair {
    pub auto: Parts,
    pub escalated: Parts,
}

/// One part of a side: its cells, and what a case of it counts in the new set and in the base.
struct Part {
    cells: Vec<Cell>,
    new: f64,
    base: f64,
}

impl Part {
    fn cases(&self) -> f64 {
        rates::cases(&self.cells) as f64
    }
}

impl Parts {
    /// The parts of one ledger, where a case counts `new` in the new set and `base` in the base.
    fn of(&self, account: Account, (new, base): (f64, f64)) -> [Part; 3] {
        let part = |splits: &Splits, new: f64, base: f64| Part {
            cells: splits
                .get(account)
                .map_or_else(Vec::new, |split| split.auto.clone()),
            new,
            base,
        };
        [
            part(&self.common, new, base),
            part(&self.only_new, new, 0.0),
            part(&self.only_base, 0.0, base),
        ]
    }

    /// Cases of the new set and of the base.
    fn sizes(&self) -> (f64, f64) {
        let [common, new, base] = self.of(Account::Value, (1.0, 1.0)).map(|part| part.cases());
        (common + new, common + base)
    }

    /// Money at stake in the new set and in the base.
    fn stakes(&self) -> (f64, f64) {
        let stake = |part: Part| sums(part.cells).at_stake;
        let [common, new, base] = self.of(Account::Value, (1.0, 1.0)).map(stake);
        (common + new, common + base)
    }

    /// The difference of errors, each counted with the weight of a case in its set. `deviation` is
    /// the standard error that how many cases move adds, from the parts with their rates.
    fn errors(
        &self,
        weights: (f64, f64),
        tail: f64,
        deviation: impl Fn(&[(Part, Option<f64>)]) -> f64,
    ) -> Option<Limits> {
        let level = Level::new(1.0 - 2.0 * tail)?;
        let mut terms = Vec::new();
        let mut parts = Vec::new();
        for part in self.of(Account::Value, weights) {
            let rate = rates::error_rate(&part.cells, level);
            let factor = part.new - part.base;
            if rate.cases > 0 && factor != 0.0 {
                let limits = Limits {
                    estimate: rate.estimate?,
                    low: rate.low?,
                    high: rate.high?,
                };
                terms.push((factor * part.cases(), limits));
            }
            parts.push((part, rate.estimate));
        }
        let reach = -normal::quantile(tail) * deviation(&parts);
        let moving = Limits {
            estimate: 0.0,
            low: -reach,
            high: reach,
        };
        terms.push((1.0, moving));
        Some(compare::mover(&terms))
    }

    /// The difference of money in error in a ledger, each unit counted with its weight in its set.
    fn money(&self, account: Account, weights: (f64, f64), tail: f64) -> Option<Limits> {
        let mut terms = Vec::new();
        for part in self.of(account, weights) {
            let factor = part.new - part.base;
            if part.cases() > 0.0 && factor != 0.0 {
                let (estimate, low, high) = sums(part.cells).limits(tail)?;
                terms.push((
                    factor,
                    Limits {
                        estimate,
                        low,
                        high,
                    },
                ));
            }
        }
        Some(compare::mover(&terms))
    }
}

fn sums(cells: Vec<Cell>) -> ErrorSums {
    let class = Class { factor: 1.0, cells };
    ErrorSums::of(&[class], Unit::Money)
}

/// The standard error that the sizes of the parts add to a difference of rates: in another log of
/// the same process other cases would move. Each part counts by its mean influence, which is how
/// far its error rate lies from that of its set.
fn deviation_of_rates(parts: &[(Part, Option<f64>)]) -> f64 {
    let mean = |weight: fn(&Part) -> f64| -> f64 {
        let errors = parts.iter().map(|(part, rate)| {
            let rate = rate.filter(|_| part.cases() > 0.0);
            weight(part) * part.cases() * rate.unwrap_or(0.0)
        });
        errors.sum()
    };
    // A part without labels that does not count leaves these too low, and the deviation too high.
    let (new, base) = (mean(|part| part.new), mean(|part| part.base));
    let squares = parts.iter().map(|(part, rate)| {
        let rate = rate.unwrap_or(0.0);
        let influence = part.new * (rate - new) - part.base * (rate - base);
        part.cases() * influence * influence
    });
    squares.sum::<f64>().sqrt()
}

/// The same for escaped errors, whose cases count by `weight` in both sets: 1 / all cases.
fn deviation_of_escaped(parts: &[(Part, Option<f64>)], weight: f64) -> f64 {
    let (mut squares, mut sum) = (0.0, 0.0);
    for (part, rate) in parts {
        let influence = (part.new - part.base) * rate.unwrap_or(0.0);
        sum += part.cases() * influence;
        squares += part.cases() * influence * influence;
    }
    (squares - weight * sum * sum).max(0.0).sqrt()
}

impl Pair {
    /// The difference of a metric, new less base. `None` where a part that matters has no labels,
    /// and for money that nobody has stated.
    pub fn difference(
        &self,
        metric: Metric,
        (new, base): (&Facts, &Facts),
        tail: f64,
    ) -> Option<Limits> {
        let inverse =
            |(new, base): (f64, f64)| (new > 0.0 && base > 0.0).then(|| (1.0 / new, 1.0 / base));
        let (auto, auto_before) = self.auto.sizes();
        let (escalated, before) = self.escalated.sizes();
        let all = auto + escalated;
        if all <= 0.0 || auto_before + before <= 0.0 {
            return None;
        }
        match metric {
            Metric::AutoError => {
                let weights = inverse(self.auto.sizes())?;
                self.auto.errors(weights, tail, deviation_of_rates)
            }
            Metric::OverrideRate => {
                let weights = inverse(self.escalated.sizes())?;
                self.escalated.errors(weights, tail, deviation_of_rates)
            }
            Metric::EscapedErrors => {
                let weight = 1.0 / all;
                let deviation = |parts: &[_]| deviation_of_escaped(parts, weight);
                self.auto.errors((weight, weight), tail, deviation)
            }
            Metric::EscalationRate => Some(Limits::exact((escalated - before) / all)),
            Metric::LabelCoverage => Some(Limits::exact(0.0)),
            Metric::ErrorValueRate => {
                let weights = inverse(self.auto.stakes())?;
                self.auto.money(Account::Value, weights, tail)
            }
            Metric::Cost => {
                let known = known_cost(new)? - known_cost(base)?;
                let weights = (1.0 / all, 1.0 / all);
                let errors = self.auto.money(Account::ErrorCost, weights, tail)?;
                Some(compare::mover(&[
                    (1.0, errors),
                    (1.0, Limits::exact(known / all)),
                ]))
            }
        }
    }

    /// The verdict's ground; `base` is for relative margins too.
    pub fn finding(
        &self,
        metric: Metric,
        margin: Margin,
        (new, base): (&Facts, &Facts),
        tail: f64,
    ) -> Finding {
        let worse = |tail: f64| {
            let limits = self.difference(metric, (new, base), tail);
            limits.map(|limits| (limits, verdict::worsening(metric, limits)))
        };
        let Some((limits, now)) = worse(tail) else {
            return Finding::nothing();
        };
        let no_worse = now.high <= 0.0 && now.low >= now.high;
        let passes = no_worse || verdict::is_allowed(now, margin, base.limits(metric, tail));
        let p = if passes || now.low <= 0.0 {
            1.0
        } else if let Some((new, base)) = self.discordant(metric) {
            compare::paired_p(new, base)
        } else {
            verdict::smallest_tail(tail, |tail| worse(tail).is_some_and(|(_, w)| w.low > 0.0))
        };
        Finding {
            limits: Some(limits),
            passes,
            p,
        }
    }

    /// Errors that escape under the new policy only and under the base only, where each case that
    /// moves is labelled. `None` for other metrics, and where one policy approves whatever the
    /// other does: then errors can only be added, and each that is found shows it.
    fn discordant(&self, metric: Metric) -> Option<(u64, u64)> {
        if metric != Metric::EscapedErrors {
            return None;
        }
        let count = |splits: &Splits| {
            let cells = splits.cases().auto;
            let is_known = cells.iter().all(|cell| cell.sums.counts.unknown == 0);
            let wrong = cells.iter().map(|cell| cell.sums.counts.wrong).sum();
            (is_known && rates::cases(&cells) > 0).then_some(wrong)
        };
        count(&self.auto.only_new).zip(count(&self.auto.only_base))
    }
}

/// What a routing costs for certain: its reviews, and the errors that are expected to be left
/// after them.
fn known_cost(facts: &Facts) -> Option<f64> {
    let cost = facts
        .prices
        .as_ref()?
        .cost(&facts.splits, Level::NINETY_FIVE);
    Some(cost.reviews? + cost.reviewer_errors?)
}
