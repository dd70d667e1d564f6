//! The targeted part: cases that are looked at because they are risky, the riskiest first. They find
//! errors and say nothing of the rate, so they never enter an estimate. A case in reserve is none of
//! them: it may yet be drawn at random.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::{Drawn, Lowest, Pick, Purpose, Wish, places};
use crate::audit::error::DrawError;
use crate::audit::frame::{Frame, Size, Unit};
use crate::audit::ticket::Ticket;

pub(super) fn draw(
    frame: &Frame,
    drawn: &Drawn,
    wish: Wish<'_>,
    count: u64,
) -> Result<Vec<Pick>, DrawError> {
    if count == 0 {
        return Ok(Vec::new());
    }
    let drawn = drawn.picks.iter().chain(&drawn.reserve);
    let drawn: BTreeSet<&str> = drawn.map(|pick| pick.unit.key.as_str()).collect();
    let mut riskiest: Lowest<(Reverse<Option<Size>>, Ticket, Unit)> = Lowest::new(places(count));
    let mut is_known = false;
    for unit in frame.units() {
        let unit = unit?;
        is_known |= unit.risk.is_some();
        if !drawn.contains(unit.key.as_str()) {
            let ticket = wish.tickets.of(&unit.key);
            riskiest.add((Reverse(unit.risk), ticket, unit));
        }
    }
    if !is_known {
        return Err(DrawError::design("the targeted part has nothing to go by"));
    }
    let picks = riskiest.into_sorted().into_iter();
    let picks = picks.map(|(_, ticket, unit)| Pick {
        purpose: Purpose::Targeted,
        ..Pick::random(unit, ticket)
    });
    Ok(picks.collect())
}
