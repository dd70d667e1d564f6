//! The exact upper bound of a rate over strata after few errors (Wendell and Schmee 1996, "Exact
//! inference for proportions from a stratified finite population", in its binomial form; Buehler
//! 1957): the largest rate under which an estimate as small as the observed one still has the
//! stated probability, whatever the rates of the strata.
//!
//! The outcomes with such an estimate are listed one by one, their order decided in integers. The
//! rates of two strata at a time are then traded for each other along the surface of equal
//! probability, from several starts, for the surface has more than one peak. Must not be asked
//! for many errors: the list grows with their product.

use crate::estimate::binomial::{self, count};

/// Strata beyond which the list would be too long.
const MOST_STRATA: usize = 6;
/// Outcomes beyond which the list would be too long.
const MOST_OUTCOMES: usize = 200_000;
/// Rounds of trades between all pairs of strata.
const MOST_ROUNDS: u32 = 60;
/// Points of a trade that are looked at before the best one is refined.
const POINTS: u32 = 32;
/// Steps of a refinement by the golden section, and of a bisection.
const GOLDEN_STEPS: u32 = 40;
const HALVINGS: u32 = 55;
/// The golden section.
const GOLDEN: f64 = 0.618_033_988_749_894_9;
/// Relative gain that is no gain.
const NO_GAIN: f64 = 1e-12;

/// A stratum of which a part was drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Observed {
    pub population: u64,
    pub drawn: u64,
    pub errors: u64,
}

/// The upper bound of the sum of share times rate, where the shares are those in the sum of the
/// populations; in 0..=1. `None` where there are too many strata or outcomes to list, or a stratum
/// of which nothing was drawn.
pub fn upper(strata: &[Observed], risk: f64) -> Option<f64> {
    if strata.is_empty() || strata.len() > MOST_STRATA || !binomial::is_tail(risk) {
        return None;
    }
    let total: u64 = strata.iter().map(|stratum| stratum.population).sum();
    if total == 0 {
        return None;
    }
    let share = |stratum: &Observed| count(stratum.population) / count(total);
    let outcomes = outcomes(strata)?;
    let most = |place: usize| {
        let counts = outcomes.iter().filter_map(|outcome| outcome.get(place));
        counts.max().copied().unwrap_or(0)
    };
    let surface = Surface {
        most: (0..strata.len()).map(most).collect(),
        outcomes,
        drawn: strata.iter().map(|stratum| stratum.drawn).collect(),
        shares: strata.iter().map(share).collect(),
        level: risk,
    };
    let peaks = surface
        .starts()
        .into_iter()
        .map(|start| surface.climb(start));
    Some(peaks.fold(0.0, f64::max).min(1.0))
}

/// The errors of each stratum in every outcome whose estimate is not above the observed one. `None`
/// where there are too many, or the integers overflow.
fn outcomes(strata: &[Observed]) -> Option<Vec<Vec<u64>>> {
    let common = strata.iter().try_fold(1_u128, |common, stratum| {
        let drawn = u128::from(stratum.drawn);
        if drawn == 0 {
            return None;
        }
        common.checked_mul(drawn / divisor(common, drawn))
    })?;
    let unit = |stratum: &Observed| {
        u128::from(stratum.population).checked_mul(common / u128::from(stratum.drawn))
    };
    let units: Option<Vec<u128>> = strata.iter().map(unit).collect();
    let units = units?;
    let mut observed = 0_u128;
    for (stratum, unit) in strata.iter().zip(&units) {
        observed = observed.checked_add(unit.checked_mul(u128::from(stratum.errors))?)?;
    }
    let mut found = vec![(Vec::new(), observed)];
    for (stratum, unit) in strata.iter().zip(&units) {
        let mut longer = Vec::new();
        for (outcome, left) in found {
            let affordable = left.checked_div(*unit).unwrap_or(u128::MAX);
            let most =
                u64::try_from(affordable).map_or(stratum.drawn, |most| most.min(stratum.drawn));
            if longer.len() as u64 + most >= MOST_OUTCOMES as u64 {
                return None;
            }
            longer.extend((0..=most).map(|errors| {
                let mut outcome: Vec<u64> = outcome.clone();
                outcome.push(errors);
                (outcome, left - unit * u128::from(errors))
            }));
        }
        found = longer;
    }
    Some(found.into_iter().map(|(outcome, _)| outcome).collect())
}

fn divisor(left: u128, right: u128) -> u128 {
    let (mut left, mut right) = (left, right);
    while right > 0 {
        (left, right) = (right, left % right);
    }
    left
}

/// The largest of 0..=1 with which something still holds that holds of 0 and, once lost, is lost.
fn largest(holds: impl Fn(f64) -> bool) -> f64 {
    if holds(1.0) {
        return 1.0;
    }
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(low, high);
        if holds(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// The probabilities of 0 to `most` errors among `drawn` cases: one of them in full, the others by
/// their ratios from the likeliest outwards.
fn masses(most: u64, drawn: u64, rate: f64) -> Vec<f64> {
    let mode = ((count(drawn) + 1.0) * rate) as u64;
    let mode = mode.min(most);
    let odds = rate / (1.0 - rate);
    let mut masses = vec![0.0; most as usize + 1];
    let peak = binomial::mass(mode, drawn, rate);
    let (below, above) = masses.split_at_mut(mode as usize);
    let mut mass = peak;
    for (errors, place) in (0..mode).rev().zip(below.iter_mut().rev()) {
        // From errors + 1 down to errors.
        mass *= count(errors + 1) / (count(drawn - errors) * odds);
        *place = mass;
    }
    let mut mass = peak;
    for (errors, place) in (mode..).zip(above) {
        *place = mass;
        mass *= count(drawn.saturating_sub(errors)) / count(errors + 1) * odds;
    }
    masses
}

/// The rates of the strata under which the listed outcomes have at least a set probability.
struct Surface {
    outcomes: Vec<Vec<u64>>,
    /// Most errors of each stratum in any of them.
    most: Vec<u64>,
    drawn: Vec<u64>,
    shares: Vec<f64>,
    level: f64,
}

impl Surface {
    fn rate(&self, rates: &[f64]) -> f64 {
        let terms = self.shares.iter().zip(rates);
        terms.map(|(share, rate)| share * rate).sum()
    }

    fn most(&self, place: usize) -> u64 {
        self.most.get(place).copied().unwrap_or(0)
    }

    fn masses(&self, place: usize, rate: f64) -> Vec<f64> {
        let drawn = self.drawn.get(place).copied().unwrap_or(0);
        masses(self.most(place), drawn, rate)
    }

    /// Probability of the listed outcomes.
    fn chance(&self, rates: &[f64]) -> f64 {
        let rates = rates.iter().enumerate();
        let tables: Vec<Vec<f64>> = rates
            .map(|(place, rate)| self.masses(place, *rate))
            .collect();
        let chance = |outcome: &Vec<u64>| -> f64 {
            let terms = tables.iter().zip(outcome);
            terms
                .map(|(table, errors)| table.get(*errors as usize).copied().unwrap_or(0.0))
                .product()
        };
        self.outcomes.iter().map(chance).sum()
    }

    /// All strata alike, and each one alone.
    fn starts(&self) -> Vec<Vec<f64>> {
        let strata = self.drawn.len();
        let alike = largest(|rate| self.chance(&vec![rate; strata]) >= self.level);
        let alone = |place: usize| {
            let only = |rate: f64| -> Vec<f64> {
                (0..strata)
                    .map(|other| if other == place { rate } else { 0.0 })
                    .collect()
            };
            only(largest(|rate| self.chance(&only(rate)) >= self.level))
        };
        let mut starts = vec![vec![alike; strata]];
        starts.extend((0..strata).map(alone));
        starts
    }

    /// The largest rate that trades lead to.
    fn climb(&self, start: Vec<f64>) -> f64 {
        let mut rates = start;
        if let [rate] = rates.as_slice() {
            return *rate;
        }
        for _ in 0..MOST_ROUNDS {
            let before = self.rate(&rates);
            for first in 0..rates.len() {
                for second in 0..first {
                    let trade = Trade::new(self, &rates, first, second);
                    trade.best(&mut rates);
                }
            }
            if self.rate(&rates) - before <= NO_GAIN * before {
                break;
            }
        }
        self.rate(&rates)
    }
}

/// The surface over two strata, the others held.
struct Trade<'a> {
    surface: &'a Surface,
    first: usize,
    second: usize,
    /// For each count of the first stratum and each of the second, the probability of what
    /// the others have in the listed outcomes.
    others: Vec<Vec<f64>>,
}

impl<'a> Trade<'a> {
    fn new(surface: &'a Surface, rates: &[f64], first: usize, second: usize) -> Self {
        let rates = rates.iter().enumerate();
        let tables: Vec<Vec<f64>> = rates
            .map(|(place, rate)| surface.masses(place, *rate))
            .collect();
        let (rows, columns) = (
            surface.most(first) as usize + 1,
            surface.most(second) as usize + 1,
        );
        let mut others = vec![vec![0.0; columns]; rows];
        for outcome in &surface.outcomes {
            let mut chance = 1.0;
            let (mut row, mut column) = (0, 0);
            for (place, (table, errors)) in tables.iter().zip(outcome).enumerate() {
                let errors = *errors as usize;
                if place == first {
                    row = errors;
                } else if place == second {
                    column = errors;
                } else {
                    chance *= table.get(errors).copied().unwrap_or(0.0);
                }
            }
            if let Some(sum) = others.get_mut(row).and_then(|row| row.get_mut(column)) {
                *sum += chance;
            }
        }
        Self {
            surface,
            first,
            second,
            others,
        }
    }

    fn share(&self, place: usize) -> f64 {
        self.surface.shares.get(place).copied().unwrap_or(0.0)
    }

    /// The largest rate of the second stratum beside this one of the first; `None` where even 0 is
    /// too much.
    fn second(&self, first: f64) -> Option<f64> {
        let level = self.surface.level;
        let masses = self.surface.masses(self.first, first);
        let columns = self.others.first().map_or(0, Vec::len);
        let mut given = vec![0.0; columns];
        for (row, mass) in self.others.iter().zip(&masses) {
            for (sum, chance) in given.iter_mut().zip(row) {
                *sum += mass * chance;
            }
        }
        let chance = |second: f64| -> f64 {
            let masses = self.surface.masses(self.second, second);
            masses
                .iter()
                .zip(&given)
                .map(|(mass, chance)| mass * chance)
                .sum()
        };
        (chance(0.0) >= level).then(|| largest(|second| chance(second) >= level))
    }

    fn worth(&self, first: f64) -> f64 {
        self.second(first).map_or(f64::NEG_INFINITY, |second| {
            self.share(self.first) * first + self.share(self.second) * second
        })
    }

    /// Moves the two rates to where they are worth most, if that is more than they are.
    fn best(&self, rates: &mut [f64]) {
        let most = largest(|first| self.second(first).is_some());
        let width = most / f64::from(POINTS);
        let point = |step: u32| width * f64::from(step);
        let worths = (0..=POINTS).map(|step| (point(step), self.worth(point(step))));
        let now = rates.get(self.first).copied().unwrap_or(0.0);
        let start = (now, self.worth(now));
        let coarse = worths.fold(
            start,
            |best, next| if next.1 > best.1 { next } else { best },
        );
        let (mut low, mut high) = ((coarse.0 - width).max(0.0), (coarse.0 + width).min(most));
        for _ in 0..GOLDEN_STEPS {
            let reach = GOLDEN * (high - low);
            let (left, right) = (high - reach, low + reach);
            if self.worth(left) < self.worth(right) {
                low = left;
            } else {
                high = right;
            }
        }
        let middle = f64::midpoint(low, high);
        let refined = (middle, self.worth(middle));
        let (first, worth) = if refined.1 > coarse.1 {
            refined
        } else {
            coarse
        };
        let old = self.share(self.second) * rates.get(self.second).copied().unwrap_or(0.0);
        if worth <= self.share(self.first) * now + old {
            return;
        }
        let second = self.second(first).unwrap_or(0.0);
        for (place, rate) in rates.iter_mut().enumerate() {
            if place == self.first {
                *rate = first;
            } else if place == self.second {
                *rate = second;
            }
        }
    }
}
