//! The same cases under two policies: what differs comes from the cases that move. Those that both
//! policies treat alike enter only as far as the two sets differ in size or in money. Must not
//! decide what a difference does to a job.

use crate::config::{Margin, Metric};
use crate::estimate::compare::{self, Limits};
use crate::estimate::metric::Facts;
use crate::estimate::money::{Class, ErrorSums, Unit};
use crate::estimate::normal;
use crate::estimate::outlay::Outlay;
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
    /// `None` where the ledger is not kept for a part that has cases.
    fn of(&self, account: Account, (new, base): (f64, f64)) -> Option<[Part; 3]> {
        let part = |splits: &Splits, new: f64, base: f64| {
            let cells = match splits.get(account) {
                Some(split) => split.auto.clone(),
                None if rates::cases(&splits.cases().auto) > 0 => return None,
                None => Vec::new(),
            };
            Some(Part { cells, new, base })
        };
        Some([
            part(&self.common, new, base)?,
            part(&self.only_new, new, 0.0)?,
            part(&self.only_base, 0.0, base)?,
        ])
    }

    /// Cases of the new set and of the base.
    fn sizes(&self) -> (f64, f64) {
        let cases = |splits: &Splits| rates::cases(&splits.cases().auto) as f64;
        let common = cases(&self.common);
        (
            common + cases(&self.only_new),
            common + cases(&self.only_base),
        )
    }

    /// The difference of error rates. `None` where a part that has cases has no estimate: how far
    /// the parts that move lie from the rate of their set is then not known.
    fn rates(&self, weights: (f64, f64), tail: f64) -> Option<Limits> {
        let level = Level::new(1.0 - 2.0 * tail)?;
        let mut terms = Vec::new();
        let mut parts = Vec::new();
        for part in self.of(Account::Value, weights)? {
            if part.cases() <= 0.0 {
                continue;
            }
            let rate = rates::error_rate(&part.cells, level);
            let limits = Limits {
                estimate: rate.estimate?,
                low: rate.low?,
                high: rate.high?,
            };
            terms.push(((part.new - part.base) * part.cases(), limits));
            parts.push((part, limits.estimate));
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

    /// The terms of the difference of sums of errors, where a case counts alike in both sets. How
    /// many there are of them is taken for a Poisson number, so limits allow for other cases that
    /// move in another log.
    fn sums(&self, account: Account, unit: Unit, tail: f64) -> Option<Vec<(f64, Limits)>> {
        let [_, only_new, only_base] = self.of(account, (1.0, 1.0))?;
        let new = errors_of(&only_new, unit).limits(tail)?;
        let base = errors_of(&only_base, unit).limits(tail)?;
        Some(vec![(1.0, limits_of(new)), (-1.0, limits_of(base))])
    }

    /// The difference of shares of money in error. Both the errors and the money at stake are those
    /// of other cases in another log: a share D changes by (errors - D times the money) / the
    /// money at stake.
    fn shares_of_money(&self, tail: f64) -> Option<Limits> {
        let parts = self.of(Account::Value, (1.0, 1.0))?;
        let mut known = Vec::new();
        for part in parts {
            let stake = Outlay::of_money(&part.cells).limits(tail);
            let wrong = limits_of(errors_of(&part, Unit::Money).limits(tail)?);
            known.push((part, stake, wrong));
        }
        let sums = |weight: fn(&Part) -> f64| {
            let (mut stakes, mut errors) = (0.0, 0.0);
            for (part, stake, wrong) in &known {
                stakes += weight(part) * stake.estimate;
                errors += weight(part) * wrong.estimate;
            }
            (stakes > 0.0).then(|| (1.0 / stakes, errors / stakes))
        };
        let (of_new, new) = sums(|part| part.new)?;
        let (of_base, base) = sums(|part| part.base)?;
        let terms = known.iter().flat_map(|(part, stake, wrong)| {
            let (ours, theirs) = (part.new * of_new, part.base * of_base);
            [
                (ours - theirs, *wrong),
                (theirs * base - ours * new, *stake),
            ]
        });
        let limits = compare::mover(&terms.collect::<Vec<_>>());
        Some(limits.moved(new - base))
    }
}

fn errors_of(part: &Part, unit: Unit) -> ErrorSums {
    let class = Class {
        factor: 1.0,
        cells: part.cells.clone(),
    };
    ErrorSums::of(&[class], unit)
}

fn limits_of((estimate, low, high): (f64, f64, f64)) -> Limits {
    Limits {
        estimate,
        low,
        high,
    }
}

/// The standard error that the sizes of the parts add to a difference of rates: in another log of
/// the same process other cases would move. Each part counts by its mean influence, which is how
/// far its error rate lies from that of its set.
fn deviation(parts: &[(Part, f64)]) -> f64 {
    let mean = |weight: fn(&Part) -> f64| -> f64 {
        let errors = parts
            .iter()
            .map(|(part, rate)| weight(part) * part.cases() * rate);
        errors.sum()
    };
    let (new, base) = (mean(|part| part.new), mean(|part| part.base));
    let squares = parts.iter().map(|(part, rate)| {
        let influence = part.new * (rate - new) - part.base * (rate - base);
        part.cases() * influence * influence
    });
    squares.sum::<f64>().sqrt()
}

impl Pair {
    /// The difference of a metric, new less base; `facts` are those of either. `None` where a part that matters has no labels,
    /// and for money that nobody has stated.
    pub fn difference(&self, metric: Metric, facts: &Facts, tail: f64) -> Option<Limits> {
        let inverse =
            |(new, base): (f64, f64)| (new > 0.0 && base > 0.0).then(|| (1.0 / new, 1.0 / base));
        let (auto, auto_before) = self.auto.sizes();
        let (escalated, before) = self.escalated.sizes();
        let all = auto + escalated;
        if all <= 0.0 || auto_before + before <= 0.0 {
            return None;
        }
        let per_case = |terms: Vec<(f64, Limits)>| compare::mover(&terms).times(1.0 / all);
        match metric {
            Metric::AutoError => self.auto.rates(inverse(self.auto.sizes())?, tail),
            Metric::OverrideRate => self.escalated.rates(inverse(self.escalated.sizes())?, tail),
            Metric::EscapedErrors => {
                let errors = self.auto.sums(Account::Value, Unit::Cases, tail)?;
                Some(per_case(errors))
            }
            Metric::EscalationRate => {
                let (more, fewer) = self.rerouted();
                let terms = [(1.0, more), (-1.0, fewer)];
                let terms = terms.map(|(sign, cases)| (sign, Outlay::of_cases(cases).limits(tail)));
                Some(per_case(terms.to_vec()))
            }
            Metric::LabelCoverage => Some(Limits::exact(0.0)),
            Metric::ErrorValueRate => self.auto.shares_of_money(tail),
            Metric::Cost => {
                let mut terms = self.auto.sums(Account::ErrorCost, Unit::Money, tail)?;
                let prices = facts.prices.as_ref()?;
                for (sign, part) in [
                    (1.0, &self.escalated.only_new),
                    (-1.0, &self.escalated.only_base),
                ] {
                    let all = &facts.splits;
                    let reviews = Outlay::of_reviews(prices, part, |split| &split.auto, all)?;
                    terms.push((sign, reviews.limits(tail)));
                }
                Some(per_case(terms))
            }
        }
    }

    /// Cases that are escalated under the new policy only, and under the base only.
    fn rerouted(&self) -> (u64, u64) {
        let cases = |splits: &Splits| rates::cases(&splits.cases().auto);
        (
            cases(&self.escalated.only_new),
            cases(&self.escalated.only_base),
        )
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
            let limits = self.difference(metric, new, tail);
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

    /// What happens under the new policy only and under the base only, where that is counted case by
    /// case: escalations, and escaped errors where each case that moves is labelled. `None` for
    /// other metrics, and where cases move one way only: then there can only be more of it, and
    /// each that is found shows it.
    fn discordant(&self, metric: Metric) -> Option<(u64, u64)> {
        let counts = |splits: &Splits| {
            let cells = splits.cases().auto;
            let is_known = cells.iter().all(|cell| cell.sums.counts.unknown == 0);
            let wrong = cells.iter().map(|cell| cell.sums.counts.wrong).sum();
            (is_known && rates::cases(&cells) > 0).then_some(wrong)
        };
        match metric {
            Metric::EscapedErrors => counts(&self.auto.only_new).zip(counts(&self.auto.only_base)),
            Metric::EscalationRate => {
                Some(self.rerouted()).filter(|(more, fewer)| *more > 0 && *fewer > 0)
            }
            Metric::AutoError
            | Metric::OverrideRate
            | Metric::LabelCoverage
            | Metric::ErrorValueRate
            | Metric::Cost => None,
        }
    }
}
