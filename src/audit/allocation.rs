//! How a sample is divided among strata: by shares, within what a stratum has and at least two
//! cases from each, rounded by largest remainder so that the sum is the sample. Exact integers,
//! so no rounding decides a tie. Must not know what the strata are.

use serde::{Deserialize, Serialize};

use crate::estimate::binomial::count;

/// Cases that every stratum should give, so that it has a standard error.
const FLOOR: u64 = 2;
/// Units of a weight that is not whole.
const WEIGHT_UNITS: f64 = 4_294_967_296.0;

/// A stratum as the allocation sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stratum {
    pub name: String,
    pub population: u64,
    /// What the last audit found, for Neyman's allocation.
    pub last: Option<LastAudit>,
    /// The size that the user gave, for a fixed allocation.
    pub fixed: Option<u64>,
}

/// Errors and cases of an earlier audit of the stratum.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LastAudit {
    pub errors: u64,
    pub cases: u64,
}

/// What the shares of the strata follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// Their cases.
    Proportional,
    /// Nothing: the same from each.
    Equal,
    /// Their cases times the standard deviation of their errors (Neyman 1934), with the rate of
    /// the last audit as (errors + 1) / (cases + 2), which is never 0.
    Neyman,
    /// The sizes that the user gave.
    Fixed,
}

/// The sizes of the strata, in their order. Their sum is `sample`, or all cases where there are no
/// more; with a fixed allocation it is the sum of the sizes given.
///
/// No stratum gives more than it has; each gives at least two cases, or all that it has, if the
/// sample is large enough for that, else one if it is large enough for that.
pub fn allocate(strata: &[Stratum], sample: u64, rule: Rule) -> Vec<u64> {
    if rule == Rule::Fixed {
        let size = |stratum: &Stratum| stratum.fixed.unwrap_or(0).min(stratum.population);
        return strata.iter().map(size).collect();
    }
    let total: u64 = strata.iter().map(|stratum| stratum.population).sum();
    let sample = sample.min(total);
    let floors = [FLOOR, 1, 0].map(|least| -> Vec<u64> {
        let floor = |stratum: &Stratum| stratum.population.min(least);
        strata.iter().map(floor).collect()
    });
    let floor = floors
        .into_iter()
        .find(|floors| floors.iter().sum::<u64>() <= sample)
        .unwrap_or_default();
    let parts = strata.iter().zip(floor).map(|(stratum, floor)| Part {
        weight: weight(stratum, rule),
        floor,
        most: stratum.population,
        size: None,
    });
    let mut parts: Vec<Part> = parts.collect();
    fix_beyond_limits(&mut parts, sample);
    share_out(strata, &mut parts, sample);
    parts
        .iter()
        .map(|part| part.size.unwrap_or(part.floor))
        .collect()
}

/// The share of a stratum, in units that all strata have in common.
fn weight(stratum: &Stratum, rule: Rule) -> u128 {
    match rule {
        Rule::Proportional | Rule::Fixed => u128::from(stratum.population),
        Rule::Equal => u128::from(stratum.population > 0),
        Rule::Neyman => {
            let last = stratum.last.unwrap_or_default();
            let rate = count(last.errors.saturating_add(1)) / count(last.cases.saturating_add(2));
            let deviation = (rate * (1.0 - rate)).max(0.0).sqrt();
            u128::from(stratum.population) * (deviation * WEIGHT_UNITS).round() as u128
        }
    }
}

struct Part {
    weight: u128,
    floor: u64,
    most: u64,
    /// Once it is settled.
    size: Option<u64>,
}

/// What is left for the strata that are not settled, and their weights together.
fn open(parts: &[Part], sample: u64) -> (u64, u128) {
    let settled: u64 = parts.iter().filter_map(|part| part.size).sum();
    let open = parts.iter().filter(|part| part.size.is_none());
    (
        sample.saturating_sub(settled),
        open.map(|part| part.weight).sum(),
    )
}

/// Settles the strata whose share lies beyond a limit, at that limit, and shares again. In each
/// round those on the side that goes further beyond are settled: with the others they could still
/// come inside.
fn fix_beyond_limits(parts: &mut [Part], sample: u64) {
    loop {
        let (left, weights) = open(parts, sample);
        let left = u128::from(left);
        // In units of one case divided by all weights.
        let share = |part: &Part| left * part.weight;
        let least = |part: &Part| u128::from(part.floor) * weights;
        let most = |part: &Part| u128::from(part.most) * weights;
        let free = || parts.iter().filter(|part| part.size.is_none());
        let lacking: u128 = free()
            .map(|part| least(part).saturating_sub(share(part)))
            .sum();
        let spare: u128 = free()
            .map(|part| share(part).saturating_sub(most(part)))
            .sum();
        if lacking == 0 && spare == 0 {
            return;
        }
        let fixed: Vec<Option<u64>> = parts
            .iter()
            .map(|part| match part.size {
                Some(size) => Some(size),
                None if lacking >= spare && share(part) < least(part) => Some(part.floor),
                None if spare >= lacking && share(part) > most(part) => Some(part.most),
                None => None,
            })
            .collect();
        for (part, size) in parts.iter_mut().zip(fixed) {
            part.size = size;
        }
    }
}

/// Gives every open stratum the whole part of its share, and what is left over, one each, to the
/// largest remainders; among equals to the larger stratum, then to the name that comes first.
fn share_out(strata: &[Stratum], parts: &mut [Part], sample: u64) {
    let (left, weights) = open(parts, sample);
    if weights == 0 {
        return;
    }
    let mut given = 0;
    let mut remainders = Vec::new();
    for (place, (part, stratum)) in parts.iter_mut().zip(strata).enumerate() {
        if part.size.is_some() {
            continue;
        }
        let share = u128::from(left) * part.weight;
        let whole = u64::try_from(share / weights).unwrap_or(part.most);
        part.size = Some(whole);
        given += whole;
        remainders.push((share % weights, stratum.population, &stratum.name, place));
    }
    remainders.sort_by(|one, other| {
        let by_share = other.0.cmp(&one.0).then(other.1.cmp(&one.1));
        by_share.then_with(|| one.2.as_bytes().cmp(other.2.as_bytes()))
    });
    let over = usize::try_from(left.saturating_sub(given)).unwrap_or(0);
    for (.., place) in remainders.into_iter().take(over) {
        if let Some(size) = parts.get_mut(place).and_then(|part| part.size.as_mut()) {
            *size += 1;
        }
    }
}
