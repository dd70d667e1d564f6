//! Poisson (Bernoulli) sampling: each unit is taken if and only if the number of its ticket is below
//! the rate, whatever the other units are. The probability is exact and the number of units random,
//! which suits a stream of cases and a daily sample.

use super::{Chance, Taken, Unit, Wish, srs};

pub(super) fn draw<'a>(units: &[Unit<'a>], wish: Wish<'_>, rates: &[f64]) -> Taken<'a> {
    let last = rates.last().copied().unwrap_or(0.0);
    let mut taken = Taken {
        picks: Vec::new(),
        next: Vec::new(),
        chance: Chance::Equal(last),
    };
    for mut pick in srs::lowest(units, wish, usize::MAX) {
        let number = pick.ticket.unit();
        if number < last {
            let earlier = rates.iter().take_while(|rate| number >= **rate).count();
            pick.round = earlier as u64 + 1;
            taken.picks.push(pick);
        }
    }
    taken
}
