//! Poisson (Bernoulli) sampling: each unit is taken if and only if the number of its ticket is below
//! the rate, whatever the other units are. The probability is exact and the number of units random,
//! which suits a stream of cases and a daily sample.

use super::{Chance, Drawn, Pool, Taken, Tally, Wish};
use crate::audit::error::DrawError;
use crate::audit::frame::Frame;

pub(super) fn draw(frame: &Frame, wish: Wish<'_>, rates: &[f64]) -> Result<Drawn, DrawError> {
    let last = rates.last().copied().unwrap_or(0.0);
    let mut all = Tally::default();
    let mut below = Pool::new(u64::MAX);
    for unit in frame.units() {
        let unit = unit?;
        all.add(&unit);
        let ticket = wish.tickets.of(&unit.key);
        if ticket.unit() < last {
            below.add(unit, ticket);
        }
    }
    let mut picks = below.into_picks();
    for pick in &mut picks {
        let number = pick.ticket.unit();
        let earlier = rates.iter().take_while(|rate| number >= **rate).count();
        pick.round = earlier as u64 + 1;
    }
    let taken = Taken {
        picks,
        next: Vec::new(),
        chance: Chance::Equal(last),
    };
    Ok(taken.from(all, ""))
}
