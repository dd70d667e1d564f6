//! Systematic sampling: every N/n-th unit in the order of the strata, then of the keys, from a
//! random start. Always n hits, for the interval is a fraction and not rounded. Its variance is
//! that of simple random sampling only where the order means nothing.

use super::{Chance, Pick, Taken, Unit, Wish, srs};
use crate::audit::ticket::{BITS, Stream, Tickets};

pub(super) fn draw<'a>(units: &[Unit<'a>], wish: Wish<'_>) -> Taken<'a> {
    let mut ordered: Vec<Unit<'a>> = units.to_vec();
    ordered.sort_by(|a, b| a.stratum.cmp(b.stratum).then_with(|| a.key.cmp(b.key)));
    let all = ordered.len() as u64;
    let size = wish.size().min(all);
    let bits = Tickets::new(wish.seed, Stream::Start).of("").bits();
    let mut hit = vec![false; ordered.len()];
    let mut picks = Vec::new();
    for index in 0..size {
        let place = place(bits, index, [all, size]);
        if let (Some(unit), Some(mark)) = (ordered.get(place), hit.get_mut(place)) {
            *mark = true;
            let mut pick = Pick::random(*unit, wish.tickets.of(unit.key));
            pick.certain = size == all;
            picks.push(pick);
        }
    }
    let rest: Vec<Unit<'a>> = ordered
        .iter()
        .zip(&hit)
        .filter(|(_, hit)| !**hit)
        .map(|(unit, _)| *unit)
        .collect();
    let reserve = usize::try_from(wish.reserve).unwrap_or(usize::MAX);
    Taken {
        picks,
        next: srs::lowest(&rest, wish, reserve),
        chance: Chance::Equal(size as f64 / all as f64),
    }
}

/// floor((u + index) N / n) for u = (bits + 1/2) / 2^52, in integers.
fn place(bits: u64, index: u64, [all, size]: [u64; 2]) -> usize {
    let halves = (u128::from(index) << (BITS + 1)) + u128::from(2 * bits + 1);
    // At most 2^32 units, an index below them and 53 bits of the start: 117 bits.
    let place = halves * u128::from(all) / (u128::from(size) << (BITS + 1));
    usize::try_from(place).unwrap_or(usize::MAX)
}
