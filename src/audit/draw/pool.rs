//! What a simple sample is taken from: all of its units are counted, and those with the lowest
//! tickets are kept.

use super::{Chance, Drawn, Lowest, Pick, Taken, places, round_of};
use crate::audit::frame::Unit;
use crate::audit::ticket::Ticket;

/// All units of a stratum together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) units: u64,
    /// The sum of the sizes, in millionths; `None` where there is none.
    pub(super) value: Option<i128>,
    /// The smallest size.
    pub(super) least: Option<i128>,
}

impl Tally {
    pub(super) fn add(&mut self, unit: &Unit) {
        self.units += 1;
        self.value = self.value.into_iter().chain(unit.size).reduce(|a, b| a + b);
        self.least = self.least.into_iter().chain(unit.size).min();
    }
}

/// Units that pass by.
#[derive(Debug)]
pub(super) struct Pool {
    pub(super) all: Tally,
    /// Equal tickets, which only equal keys have, go by key.
    kept: Lowest<(Ticket, Unit)>,
}

impl Pool {
    /// Keeps at most so many.
    pub(super) fn new(most: u64) -> Self {
        Self {
            all: Tally::default(),
            kept: Lowest::new(places(most)),
        }
    }

    /// Lets a unit pass by.
    pub(super) fn add(&mut self, unit: Unit, ticket: Ticket) {
        self.all.add(&unit);
        self.kept.add((ticket, unit));
    }

    /// What is kept, by ticket.
    pub(super) fn into_picks(self) -> Vec<Pick> {
        let kept = self.kept.into_sorted().into_iter();
        kept.map(|(ticket, unit)| Pick::random(unit, ticket))
            .collect()
    }

    /// The units wanted round by round, and those that come next, as the stratum of a name.
    pub(super) fn draw(self, rounds: &[u64], name: &str) -> Drawn {
        let all = self.all;
        let size = rounds.last().copied().unwrap_or(0).min(all.units);
        let mut picks = self.into_picks();
        let next = picks.split_off(picks.len().min(places(size)));
        for (pick, rank) in picks.iter_mut().zip(0..) {
            pick.certain = size == all.units;
            pick.round = round_of(rank, rounds);
        }
        let chance = Chance::Equal(size as f64 / all.units as f64);
        let taken = Taken {
            picks,
            next,
            chance,
        };
        taken.from(all, name)
    }
}
