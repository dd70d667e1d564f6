//! Stratified sampling: a simple random sample of each stratum, of a size that follows from the
//! sizes of the strata. What was drawn in one round stays drawn in the next.

use std::collections::BTreeMap;

use super::{Allotment, Drawn, Pool, Wish};
use crate::audit::allocation::{self, Rule, allocate};
use crate::audit::error::DrawError;
use crate::audit::frame::Frame;

/// Goes through the frame twice: a share follows from the sizes of all strata.
pub(super) fn draw(
    frame: &Frame,
    wish: Wish<'_>,
    allotment: Option<&Allotment>,
) -> Result<Drawn, DrawError> {
    let mut sizes: BTreeMap<String, u64> = BTreeMap::new();
    for unit in frame.units() {
        let unit = unit?;
        match sizes.get_mut(&unit.stratum) {
            Some(size) => *size += 1,
            None => drop(sizes.insert(unit.stratum, 1)),
        }
    }
    let allotment = allotment.unwrap_or(&Allotment::Proportional);
    let shares = shares(&sizes, wish.rounds, allotment)?;
    let most = |rounds: &Vec<u64>| rounds.last().copied().unwrap_or(0);
    let mut pools: BTreeMap<&str, Pool> = shares
        .iter()
        .map(|(name, rounds)| (*name, Pool::new(most(rounds).saturating_add(wish.reserve))))
        .collect();
    for unit in frame.units() {
        let unit = unit?;
        let ticket = wish.tickets.of(&unit.key);
        if let Some(pool) = pools.get_mut(unit.stratum.as_str()) {
            pool.add(unit, ticket);
        }
    }
    let mut drawn = Drawn::default();
    for (name, pool) in pools {
        let rounds = shares.get(name).map(Vec::as_slice).unwrap_or_default();
        drawn.extend(pool.draw(rounds, name));
    }
    Ok(drawn)
}

/// The units wanted of each stratum, round by round. A later round never takes back what an
/// earlier one gave, so the sum may exceed what was asked for by a few.
fn shares<'a>(
    strata: &'a BTreeMap<String, u64>,
    rounds: &[u64],
    allotment: &Allotment,
) -> Result<BTreeMap<&'a str, Vec<u64>>, DrawError> {
    let mut shares: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for (round, size) in rounds.iter().enumerate() {
        for (name, share) in round_shares(strata, *size, round, allotment)? {
            let given = shares.entry(name).or_default();
            let before = given.last().copied().unwrap_or(0);
            given.push(share.max(before));
        }
    }
    Ok(shares)
}

fn round_shares<'a>(
    strata: &'a BTreeMap<String, u64>,
    size: u64,
    round: usize,
    allotment: &Allotment,
) -> Result<Vec<(&'a str, u64)>, DrawError> {
    let (rule, sizes) = match allotment {
        Allotment::Proportional => (Rule::Proportional, None),
        Allotment::Equal => (Rule::Equal, None),
        Allotment::Neyman { .. } => (Rule::Neyman, None),
        Allotment::Fixed { sizes } => (Rule::Fixed, Some(sizes)),
    };
    let last = match allotment {
        Allotment::Neyman { last } => Some(last),
        Allotment::Proportional | Allotment::Equal | Allotment::Fixed { .. } => None,
    };
    let unfit = |what: String| {
        let names: Vec<String> = strata.keys().map(|name| format!("`{name}`")).collect();
        let hint = Some(format!("the strata are {}", names.join(", ")));
        Err(DrawError::Design { what, hint })
    };
    let mut unknown = sizes.into_iter().flat_map(BTreeMap::keys);
    if let Some(name) = unknown.find(|name| !strata.contains_key(*name)) {
        return unfit(format!("there is no stratum `{name}`"));
    }
    // A stratum may be gone since then; if none is left, it was an audit of something else.
    let is_known = |name: &String| strata.contains_key(name);
    if let Some(name) = last.and_then(|last| last.keys().next())
        && !last.is_some_and(|last| last.keys().any(is_known))
    {
        return unfit(format!(
            "the last audit has none of these strata, but others, such as `{name}`"
        ));
    }
    let wanted = |name: &str| sizes?.get(name)?.get(round).copied();
    let parts: Vec<allocation::Stratum> = strata
        .iter()
        .map(|(name, units)| allocation::Stratum {
            name: name.clone(),
            population: *units,
            last: last.and_then(|last| last.get(name)).copied(),
            fixed: wanted(name),
        })
        .collect();
    let shares = allocate(&parts, size, rule);
    Ok(strata.keys().map(String::as_str).zip(shares).collect())
}
