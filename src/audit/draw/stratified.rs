//! Stratified sampling: a simple random sample of each stratum, of a size that follows from the
//! sizes of the strata. What was drawn in one round stays drawn in the next.

use std::collections::BTreeMap;

use super::{Allotment, Drawn, Unit, Wish, srs};
use crate::audit::allocation::{self, Rule, allocate};
use crate::audit::error::DrawError;

pub(super) fn draw<'a>(
    units: &[Unit<'a>],
    wish: Wish<'_>,
    allotment: Option<&Allotment>,
) -> Result<Drawn<'a>, DrawError> {
    let mut strata: BTreeMap<&'a str, Vec<Unit<'a>>> = BTreeMap::new();
    for unit in units {
        strata.entry(unit.stratum).or_default().push(*unit);
    }
    let sizes: BTreeMap<&str, u64> = strata
        .iter()
        .map(|(name, units)| (*name, units.len() as u64))
        .collect();
    let shares = shares(
        &sizes,
        wish.rounds,
        allotment.unwrap_or(&Allotment::Proportional),
    )?;
    let mut drawn = Drawn::default();
    for (name, units) in &strata {
        let rounds = shares.get(name).map(Vec::as_slice).unwrap_or_default();
        let wish = Wish { rounds, ..wish };
        drawn.extend(srs::draw(units, wish).from(units, name));
    }
    Ok(drawn)
}

/// The units wanted of each stratum, round by round. A later round never takes back what an
/// earlier one gave, so the sum may exceed what was asked for by a few.
fn shares<'a>(
    strata: &BTreeMap<&'a str, u64>,
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
    strata: &BTreeMap<&'a str, u64>,
    size: u64,
    round: usize,
    allotment: &Allotment,
) -> Result<Vec<(&'a str, u64)>, DrawError> {
    let (rule, sizes) = match allotment {
        Allotment::Proportional => (Rule::Proportional, None),
        Allotment::Equal => (Rule::Equal, None),
        Allotment::Fixed { sizes } => (Rule::Fixed, Some(sizes)),
    };
    let mut unknown = sizes.into_iter().flat_map(BTreeMap::keys);
    if let Some(name) = unknown.find(|name| !strata.contains_key(name.as_str())) {
        let names: Vec<String> = strata.keys().map(|name| format!("`{name}`")).collect();
        return Err(DrawError::Design {
            what: format!("there is no stratum `{name}`"),
            hint: Some(format!("the strata are {}", names.join(", "))),
        });
    }
    let wanted = |name: &str| sizes?.get(name)?.get(round).copied();
    let parts: Vec<allocation::Stratum> = strata
        .iter()
        .map(|(name, units)| allocation::Stratum {
            name: (*name).to_owned(),
            population: *units,
            last: None,
            fixed: wanted(name),
        })
        .collect();
    let shares = allocate(&parts, size, rule);
    Ok(strata.keys().copied().zip(shares).collect())
}
