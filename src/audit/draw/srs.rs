//! Simple random sampling: the units with the lowest tickets (consistent sampling, Rivest 2018).
//! A larger sample holds the smaller one, and a filter keeps the order of what it leaves.

use super::{Drawn, Pool, Wish};
use crate::audit::error::DrawError;
use crate::audit::frame::Frame;

/// The first of the units in the order of their tickets, drawn, and those that come next.
pub(super) fn draw(frame: &Frame, wish: Wish<'_>) -> Result<Drawn, DrawError> {
    let mut pool = Pool::new(wish.size().saturating_add(wish.reserve));
    for unit in frame.units() {
        let unit = unit?;
        let ticket = wish.tickets.of(&unit.key);
        pool.add(unit, ticket);
    }
    Ok(pool.draw(wish.rounds, ""))
}
