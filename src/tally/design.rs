//! How labels came about: which cells share one label probability by design. Decided once for the
//! whole log, and used for every group and threshold alike (statistics.md, decision 1).

use std::collections::BTreeMap;

use super::{CellKey, Cells, Chance, Counts, Probability};
use crate::log::Route;

/// On what grounds cases make one cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// Certain to be labelled: recorded as such, or a cell that is labelled throughout.
    Certain,
    /// One recorded label probability.
    Recorded(Probability),
    /// Recorded probabilities that differ from row to row.
    Varying,
    /// Nothing recorded: the probability is assumed to be constant within the historical route.
    AssumedByRoute(Route),
}

/// One cell of the design, with its sums over the whole log.
#[derive(Clone, Debug, PartialEq)]
pub struct DesignCell {
    pub basis: Basis,
    pub counts: Counts,
    /// The historical routes of its cases.
    pub routes: Vec<Route>,
}

/// The cells of a log.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Design {
    cells: Vec<DesignCell>,
    by_key: BTreeMap<CellKey, usize>,
}

impl Design {
    /// Decides the cells from the sums of the whole log.
    pub fn of(overall: &Cells) -> Self {
        let totals: BTreeMap<CellKey, Counts> = overall
            .iter()
            .map(|(key, bins)| {
                let mut total = Counts::default();
                bins.iter().for_each(|(_, sums)| total += sums.counts);
                (*key, total)
            })
            .collect();
        let bases: BTreeMap<CellKey, Basis> = totals
            .keys()
            .map(|key| (*key, basis(*key, &totals)))
            .collect();
        let mut sums: BTreeMap<Basis, Counts> = BTreeMap::new();
        for (key, counts) in &totals {
            if let Some(basis) = bases.get(key) {
                *sums.entry(*basis).or_default() += *counts;
            }
        }
        // A cell that is labelled throughout has label probability 1, whatever was recorded.
        let merged = |basis: Basis| match sums.get(&basis) {
            Some(counts) if counts.unknown == 0 => Basis::Certain,
            _ => basis,
        };
        let mut cells: BTreeMap<Basis, DesignCell> = BTreeMap::new();
        for (key, basis) in &bases {
            let basis = merged(*basis);
            let cell = cells.entry(basis).or_insert_with(|| DesignCell {
                basis,
                counts: Counts::default(),
                routes: Vec::new(),
            });
            cell.counts += totals.get(key).copied().unwrap_or_default();
            if !cell.routes.contains(&key.route) {
                cell.routes.push(key.route);
            }
        }
        let order: Vec<Basis> = cells.keys().copied().collect();
        let place = |basis: Basis| order.iter().position(|known| *known == basis);
        Self {
            by_key: bases
                .into_iter()
                .filter_map(|(key, basis)| Some((key, place(merged(basis))?)))
                .collect(),
            cells: cells.into_values().collect(),
        }
    }

    /// The cells, certain ones first.
    pub fn cells(&self) -> &[DesignCell] {
        &self.cells
    }

    /// The cell that a tally's cell belongs to.
    pub fn place(&self, key: &CellKey) -> Option<usize> {
        self.by_key.get(key).copied()
    }
}

/// The basis of a tally's cell. A log may write the probability beside the label only; then every
/// case of the route that has one is labelled, those without are not, and together they are one
/// cell. Otherwise a recorded probability counts, and the cases without one are a cell of their own.
fn basis(key: CellKey, totals: &BTreeMap<CellKey, Counts>) -> Basis {
    let of_route = || totals.iter().filter(|(other, _)| other.route == key.route);
    let is_certain = |chance: Chance| chance == Chance::Known(Probability::CERTAIN);
    let unrecorded = of_route().any(|(other, _)| other.chance == Chance::Unrecorded)
        && of_route().all(|(other, counts)| {
            is_certain(other.chance) || other.chance == Chance::Unrecorded || counts.unknown == 0
        });
    match key.chance {
        Chance::Known(probability) if probability == Probability::CERTAIN => Basis::Certain,
        Chance::Unrecorded => Basis::AssumedByRoute(key.route),
        Chance::Known(_) | Chance::Varying if unrecorded => Basis::AssumedByRoute(key.route),
        Chance::Known(probability) => Basis::Recorded(probability),
        Chance::Varying => Basis::Varying,
    }
}
