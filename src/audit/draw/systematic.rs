//! Systematic sampling: every N/n-th unit in the order of the strata, then of the keys, from a
//! random start. Always n hits, for the interval is a fraction and not rounded. Its variance is
//! that of simple random sampling only where the order means nothing.

use super::{Chance, Drawn, Pick, Pool, Taken, Tally, Wish};
use crate::audit::error::DrawError;
use crate::audit::frame::{Frame, IN_MEMORY, Unit};
use crate::audit::sorted::{Sorted, Sorter};
use crate::audit::ticket::{BITS, Stream, Tickets};

pub(super) fn draw(frame: &Frame, wish: Wish<'_>) -> Result<Drawn, DrawError> {
    let ordered = ordered(frame)?;
    let mut tally = Tally::default();
    let all = frame.unit_count();
    let size = wish.size().min(all);
    let bits = Tickets::new(wish.seed, Stream::Start).of("").bits();
    let mut picks = Vec::new();
    let mut rest = Pool::new(wish.reserve);
    let mut walk = ordered.walk()?;
    let mut index = 0;
    let mut rank = 0;
    while let Some((_, content)) = walk.step()? {
        let unit = Unit::of_record(content)?;
        tally.add(&unit);
        let ticket = wish.tickets.of(&unit.key);
        if index < size && place(bits, index, [all, size]) == rank {
            index += 1;
            picks.push(Pick {
                certain: size == all,
                ..Pick::random(unit, ticket)
            });
        } else {
            rest.add(unit, ticket);
        }
        rank += 1;
    }
    let taken = Taken {
        picks,
        next: rest.into_picks(),
        chance: Chance::Equal(size as f64 / all as f64),
    };
    Ok(taken.from(tally, ""))
}

/// The units in the order of the strata, then of the keys.
fn ordered(frame: &Frame) -> Result<Sorted, DrawError> {
    let mut sorter = Sorter::new(IN_MEMORY);
    for unit in frame.units() {
        let unit = unit?;
        sorter.add(&order(&unit), &unit.record())?;
    }
    Ok(Sorted::of([sorter]))
}

/// Bytes that are ordered as the pair of stratum and key is: the stratum ends with two zeros,
/// which are nowhere else in it.
fn order(unit: &Unit) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(unit.stratum.len() + unit.key.len() + 2);
    for byte in unit.stratum.bytes() {
        bytes.push(byte);
        if byte == 0 {
            bytes.push(u8::MAX);
        }
    }
    bytes.extend([0, 0]);
    bytes.extend(unit.key.bytes());
    bytes
}

/// floor((u + index) N / n) for u = (bits + 1/2) / 2^52, in integers.
fn place(bits: u64, index: u64, [all, size]: [u64; 2]) -> u64 {
    let halves = (u128::from(index) << (BITS + 1)) + u128::from(2 * bits + 1);
    // At most 2^32 units, an index below them and 53 bits of the start: 117 bits.
    let place = halves * u128::from(all) / (u128::from(size) << (BITS + 1));
    u64::try_from(place).unwrap_or(u64::MAX)
}
