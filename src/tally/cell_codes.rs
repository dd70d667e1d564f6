//! Small numbers for cells: what the inner loop of a tally works with.

use hashbrown::HashMap;

use super::{CellKey, Chance, MOST_PROBABILITIES, Probability};
use crate::log::Route;

/// Small numbers for cells, in order of first appearance.
#[derive(Debug, Default)]
pub(super) struct CellCodes {
    keys: Vec<CellKey>,
    /// Probabilities below 1 that have a cell of their own.
    known: Vec<Probability>,
    codes: HashMap<(Route, bool, u64), u32>,
    last: Option<((Route, bool, u64), u32)>,
}

impl CellCodes {
    /// The code of a cell; a probability that is NaN is not recorded.
    pub(super) fn code(&mut self, route: Route, pinned: bool, probability: f64) -> u32 {
        let asked = (route, pinned, probability.to_bits());
        if let Some((known, code)) = self.last
            && known == asked
        {
            return code;
        }
        let code = match self.codes.get(&asked) {
            Some(code) => *code,
            None => self.find(route, pinned, probability),
        };
        self.last = Some((asked, code));
        code
    }

    fn find(&mut self, route: Route, pinned: bool, probability: f64) -> u32 {
        let chance = self.chance(probability);
        let key = CellKey {
            route,
            pinned,
            chance,
        };
        let place = self.keys.iter().position(|known| *known == key);
        let place = place.unwrap_or_else(|| {
            self.keys.push(key);
            self.keys.len() - 1
        });
        // A varying cell is looked up anew each time: its probabilities are too many to remember.
        if chance != Chance::Varying {
            self.codes
                .insert((route, pinned, probability.to_bits()), place as u32);
        }
        place as u32
    }

    fn chance(&mut self, probability: f64) -> Chance {
        let Some(probability) = Probability::new(probability) else {
            return Chance::Unrecorded;
        };
        if probability == Probability::CERTAIN || self.known.contains(&probability) {
            return Chance::Known(probability);
        }
        if self.known.len() == MOST_PROBABILITIES {
            return Chance::Varying;
        }
        self.known.push(probability);
        Chance::Known(probability)
    }

    /// The cell of a code.
    pub(super) fn key(&self, code: u32) -> Option<&CellKey> {
        self.keys.get(code as usize)
    }

    pub(super) fn is_varying(&self, code: u32) -> bool {
        self.key(code)
            .is_some_and(|key| key.chance == Chance::Varying)
    }
}
