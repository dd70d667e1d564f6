//! Cases as a routing splits them: the cells of the auto-approved and of the escalated ones, in
//! every ledger that is kept. One pass from the strictest threshold to the loosest.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use crate::estimate::rates::{Cell, Labelling};
use crate::log::Route;
use crate::tally::{
    Account, Basis, CellKey, Cells, Design, DesignCell, GroupKey, Ledgers, Sums, add_cells,
};

/// What a routing does with a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Auto,
    Escalated,
}

/// A set of cases as one routing splits it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Split {
    pub auto: Vec<Cell>,
    pub escalated: Vec<Cell>,
}

impl Split {
    /// A routing of no cases.
    pub fn empty(design: &Design) -> Self {
        let cell = |cell: &DesignCell| Cell {
            labelling: match cell.basis {
                Basis::Certain => Labelling::Certain,
                Basis::Recorded(_) | Basis::AssumedByRoute(_) => Labelling::Constant,
                Basis::Varying => Labelling::Varying,
            },
            sums: Sums::default(),
        };
        let cells: Vec<Cell> = design.cells().iter().map(cell).collect();
        Self {
            auto: cells.clone(),
            escalated: cells,
        }
    }

    /// The cases of a group by the side that each bin of a cell goes to; those without a side are
    /// left out.
    pub fn of(
        cells: &Cells,
        design: &Design,
        side: impl Fn(&CellKey, u64) -> Option<Side>,
    ) -> Self {
        let mut split = Self::empty(design);
        for (key, bins) in cells {
            let Some(place) = design.place(key) else {
                continue;
            };
            for (bin, sums) in bins {
                let side = match side(key, *bin) {
                    Some(Side::Auto) => &mut split.auto,
                    Some(Side::Escalated) => &mut split.escalated,
                    None => continue,
                };
                if let Some(cell) = side.get_mut(place) {
                    cell.sums += sums;
                }
            }
        }
        split
    }

    /// The splits at ascending cuts: each auto-approves the bins from its cut on, but for pinned
    /// cells.
    fn at_cuts(cells: &Cells, design: &Design, cuts: &[u64]) -> Vec<Self> {
        let mut splits: Vec<Self> = cuts.iter().map(|_| Self::empty(design)).collect();
        for (key, bins) in cells {
            let Some(place) = design.place(key) else {
                continue;
            };
            add_escalated(key, bins, cuts, &mut splits, place);
            if !key.pinned {
                add_auto(bins, cuts, &mut splits, place);
            }
        }
        splits
    }
}

/// Adds to each split the cases that it escalates: all of a pinned cell, else those below the cut.
fn add_escalated(
    key: &CellKey,
    bins: &[(u64, Sums)],
    cuts: &[u64],
    splits: &mut [Split],
    place: usize,
) {
    let mut below = Sums::default();
    let mut rest = bins.iter().peekable();
    for (cut, split) in cuts.iter().zip(splits) {
        while let Some((_, sums)) = rest.next_if(|(bin, _)| key.pinned || bin < cut) {
            below += sums;
        }
        if let Some(cell) = split.escalated.get_mut(place) {
            cell.sums += &below;
        }
    }
}

/// Adds to each split the cases from the cut on.
fn add_auto(bins: &[(u64, Sums)], cuts: &[u64], splits: &mut [Split], place: usize) {
    let mut above = Sums::default();
    let mut rest = bins.iter().rev().peekable();
    for (cut, split) in cuts.iter().zip(splits).rev() {
        while let Some((_, sums)) = rest.next_if(|(bin, _)| bin >= cut) {
            above += sums;
        }
        if let Some(cell) = split.auto.get_mut(place) {
            cell.sums += &above;
        }
    }
}

/// The cells of one group of cases in every ledger that is kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroupCells<'a>(BTreeMap<Account, &'a Cells>);

/// The same cells, owned: of several groups added together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct JoinedCells(BTreeMap<Account, Cells>);

impl<'a> GroupCells<'a> {
    /// One group of a grouping.
    pub fn of(ledgers: &'a Ledgers, grouping: usize, key: &GroupKey) -> Self {
        let kept = Account::ALL.into_iter().filter_map(|account| {
            let cells = ledgers.get(account)?.group(grouping, key)?;
            Some((account, cells))
        });
        Self(kept.collect())
    }

    /// The cells in one ledger, where it is kept.
    pub fn cells(&self, account: Account) -> Option<&Cells> {
        self.0.get(&account).copied()
    }

    /// The splits at ascending cuts.
    pub fn at_cuts(&self, design: &Design, cuts: &[u64]) -> Vec<Splits> {
        let mut all = vec![Splits::default(); cuts.len()];
        for (account, cells) in &self.0 {
            let splits = Split::at_cuts(cells, design, cuts);
            for (kept, split) in all.iter_mut().zip(splits) {
                kept.0.insert(*account, split);
            }
        }
        all
    }

    /// The split of the historical routes; `None` where one is not recorded.
    pub fn by_history(&self, design: &Design) -> Option<Splits> {
        let unknown = |key: &CellKey| key.route == Route::Unknown;
        if self.0.values().any(|cells| cells.keys().any(unknown)) {
            return None;
        }
        Some(self.split(design, |key, _| history(key)))
    }

    /// The split by the side that each bin of a cell goes to.
    pub fn split(&self, design: &Design, side: impl Fn(&CellKey, u64) -> Option<Side>) -> Splits {
        let split =
            |(account, cells): (&Account, &&Cells)| (*account, Split::of(cells, design, &side));
        Splits(self.0.iter().map(split).collect())
    }
}

/// The side that a case was on in the log.
pub fn history(key: &CellKey) -> Option<Side> {
    match key.route {
        Route::Auto => Some(Side::Auto),
        Route::Escalated => Some(Side::Escalated),
        Route::Unknown => None,
    }
}

impl JoinedCells {
    /// All cases.
    pub fn overall(ledgers: &Ledgers) -> Self {
        let kept = Account::ALL.into_iter();
        let kept = kept.filter_map(|account| Some((account, ledgers.get(account)?.overall())));
        Self(kept.collect())
    }

    /// Adds a group.
    pub fn add(&mut self, group: &GroupCells<'_>) {
        for (account, cells) in &group.0 {
            add_cells(self.0.entry(*account).or_default(), (*cells).clone());
        }
    }

    /// The cells as those of one group.
    pub fn group(&self) -> GroupCells<'_> {
        GroupCells(
            self.0
                .iter()
                .map(|(account, cells)| (*account, cells))
                .collect(),
        )
    }
}

impl FromIterator<(Account, Split)> for Splits {
    fn from_iter<T: IntoIterator<Item = (Account, Split)>>(splits: T) -> Self {
        Self(splits.into_iter().collect())
    }
}

/// A routing in every ledger that is kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Splits(BTreeMap<Account, Split>);

impl AddAssign for Splits {
    /// Adds the splits of other cases, of the same design and ledgers.
    fn add_assign(&mut self, other: Self) {
        for (account, more) in other.0 {
            match self.0.get_mut(&account) {
                None => {
                    self.0.insert(account, more);
                }
                Some(split) => {
                    let auto = split.auto.iter_mut().zip(&more.auto);
                    let escalated = split.escalated.iter_mut().zip(&more.escalated);
                    auto.chain(escalated)
                        .for_each(|(cell, more)| cell.sums += &more.sums);
                }
            }
        }
    }
}

impl Splits {
    /// A routing whose cases alone are counted.
    pub fn of_cases(split: Split) -> Self {
        Self(BTreeMap::from([(Account::Value, split)]))
    }

    /// All splits by their ledgers.
    pub fn all(&self) -> impl Iterator<Item = (Account, &Split)> {
        self.0.iter().map(|(account, split)| (*account, split))
    }

    /// The split of one ledger, where it is kept.
    pub fn get(&self, account: Account) -> Option<&Split> {
        self.0.get(&account)
    }

    /// The split that counts the cases. Empty for no cases.
    pub fn cases(&self) -> Split {
        self.get(Account::Value).cloned().unwrap_or_default()
    }
}
