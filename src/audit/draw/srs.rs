//! Simple random sampling: the units with the lowest tickets (consistent sampling, Rivest 2018).
//! A larger sample holds the smaller one, and a filter keeps the order of what it leaves.

use super::lowest::Lowest;
use super::{Chance, Pick, Taken, Unit, Wish, round_of};
use crate::audit::ticket::Ticket;

/// The first of the units in the order of a key, drawn, and those that come next.
pub(super) fn draw<'a>(units: &[Unit<'a>], wish: Wish<'_>) -> Taken<'a> {
    let size = wish.size().min(units.len() as u64);
    let wanted = usize::try_from(size.saturating_add(wish.reserve)).unwrap_or(usize::MAX);
    let mut picks = lowest(units, wish, wanted);
    let next = picks.split_off(picks.len().min(size as usize));
    for (pick, rank) in picks.iter_mut().zip(0..) {
        pick.certain = size == units.len() as u64;
        pick.round = round_of(rank, wish.rounds);
    }
    Taken {
        picks,
        next,
        chance: Chance::Equal(size as f64 / units.len() as f64),
    }
}

/// At most so many units by ticket; equal tickets, which only equal keys have, go by key.
pub(super) fn lowest<'a>(units: &[Unit<'a>], wish: Wish<'_>, most: usize) -> Vec<Pick<'a>> {
    let mut kept: Lowest<(Ticket, &str, usize)> = Lowest::new(most);
    for (place, unit) in units.iter().enumerate() {
        kept.add((wish.tickets.of(unit.key), unit.key, place));
    }
    let kept = kept.into_sorted().into_iter();
    kept.filter_map(|(ticket, _, place)| Some(Pick::random(*units.get(place)?, ticket)))
        .collect()
}
