//! One thread's accumulation by score: each case raises one slot for each grouping.

use super::Tally;
use super::bins::{Finder, Scale};
use super::cell_codes::CellCodes;
use super::ledger::{Accounts, LedgerTables};
use super::profile::Profile;
use crate::log::{Batch, Interner, Route, Sink};
use crate::rate::Grid;

/// Tallies the cases of one thread.
#[derive(Debug)]
pub struct Tallier {
    scale: Scale,
    finder: Finder,
    fine: Finder,
    cells: CellCodes,
    tables: LedgerTables,
    profile: Profile,
    /// Reused for each batch: the places of its cases.
    bins: Vec<u64>,
    codes: Vec<u32>,
}

impl Tallier {
    /// A tallier for groupings, each a list of places among the plan's segments.
    pub fn new(scale: &Scale, groupings: &[Vec<usize>]) -> Self {
        Self::with_accounts(scale, groupings, &Accounts::default())
    }

    /// A tallier that also keeps accounts of costs and effort.
    pub fn with_accounts(scale: &Scale, groupings: &[Vec<usize>], accounts: &Accounts) -> Self {
        let thresholds = match scale {
            Scale::Grid(grid) => grid.values(),
            Scale::Exact => Vec::new(),
        };
        let finder = Finder::new(thresholds);
        let bins = match scale {
            Scale::Grid(_) => Some(finder.bins()),
            Scale::Exact => None,
        };
        Self {
            scale: scale.clone(),
            finder,
            fine: Finder::new(Grid::thousandths().values()),
            cells: CellCodes::default(),
            tables: LedgerTables::new(accounts, groupings, bins),
            profile: Profile::default(),
            bins: Vec::new(),
            codes: Vec::new(),
        }
    }

    /// Finds bin and cell of every case of a batch, and adds it to the profile.
    fn place(&mut self, batch: &Batch) {
        self.bins.clear();
        self.codes.clear();
        let mut routes = batch.route().iter().copied();
        let mut pins = batch.pinned().iter().copied();
        let mut probabilities = batch.probability().iter().copied();
        for (score, label) in batch.score().iter().zip(batch.label()) {
            let route = routes.next().unwrap_or(Route::Unknown);
            let pinned = pins.next().unwrap_or(false);
            let probability = probabilities.next().unwrap_or(f64::NAN);
            self.codes.push(self.cells.code(route, pinned, probability));
            self.bins.push(match self.scale {
                Scale::Grid(_) => u64::from(self.finder.bin(*score)),
                // Adding zero turns a negative zero into zero, which is the same score.
                Scale::Exact => (*score + 0.0).to_bits(),
            });
            if !pinned {
                self.profile.add_case(self.fine.bin(*score), route, *label);
            }
        }
    }
}

impl Sink for Tallier {
    type Output = Tally;

    fn take(&mut self, batch: &Batch) {
        self.place(batch);
        self.tables
            .take(batch, &self.bins, &self.codes, &self.cells);
    }

    fn finish(&mut self, segments: &[&Interner]) -> Tally {
        Tally {
            scale: self.scale.clone(),
            ledgers: self.tables.finish(&self.cells, segments),
            profile: std::mem::take(&mut self.profile),
        }
    }
}
