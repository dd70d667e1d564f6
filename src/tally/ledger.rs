//! Ledgers: the same cases summed up with a different money each. What a case is worth, what it
//! costs if it is wrong, what its review costs, how long it takes.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use super::cell_codes::CellCodes;
use super::table::{Entries, Table};
use super::{
    CellKey, Cells, Chance, Counts, GroupKey, MOST_PROBABILITIES, Probability, add_bins, add_cells,
    counts_of,
};
use crate::log::{Batch, Interner, Label};
use crate::rate::Micros;

/// What the money of a ledger is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Account {
    /// What is at stake in a case, where a value is mapped.
    Value,
    /// What a case costs if it is wrong and nobody corrects it.
    ErrorCost,
    /// What a review of the case costs.
    ReviewCost,
    /// Seconds that the review took. A case counts as labelled (and right) where they are known.
    Effort,
}

impl Account {
    pub const ALL: [Self; 4] = [Self::Value, Self::ErrorCost, Self::ReviewCost, Self::Effort];

    /// The word of saved sums.
    pub fn key(self) -> &'static str {
        match self {
            Self::Value => "cases",
            Self::ErrorCost => "error_cost",
            Self::ReviewCost => "review_cost",
            Self::Effort => "effort",
        }
    }
}

/// Where a batch holds the money of the accounts beside the value: places among the plan's
/// amounts of money, and among its numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accounts {
    pub error_cost: Option<usize>,
    pub review_cost: Option<usize>,
    /// Among the numbers.
    pub effort: Option<usize>,
}

impl Accounts {
    fn list(&self) -> Vec<Account> {
        let optional = [
            (Account::ErrorCost, self.error_cost),
            (Account::ReviewCost, self.review_cost),
            (Account::Effort, self.effort),
        ];
        let kept = optional.iter().filter(|(_, place)| place.is_some());
        std::iter::once(Account::Value)
            .chain(kept.map(|(account, _)| *account))
            .collect()
    }
}

/// The groups of each grouping, in the order of the groupings asked for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ledger(Vec<BTreeMap<GroupKey, Cells>>);

impl Ledger {
    /// The groups of one grouping.
    pub fn groups(&self, grouping: usize) -> impl Iterator<Item = (&GroupKey, &Cells)> {
        self.0.get(grouping).into_iter().flatten()
    }

    /// The cells of one group.
    pub fn group(&self, grouping: usize, key: &GroupKey) -> Option<&Cells> {
        self.0.get(grouping)?.get(key)
    }

    /// The cells of all cases.
    pub fn overall(&self) -> Cells {
        let mut all = Cells::new();
        for (_, cells) in self.groups(0) {
            add_cells(&mut all, cells.clone());
        }
        all
    }

    /// All cases by label.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        self.groups(0)
            .for_each(|(_, cells)| counts += counts_of(cells));
        counts
    }

    fn all_cells(&self) -> impl Iterator<Item = &Cells> {
        self.0.iter().flat_map(BTreeMap::values)
    }
}

impl AddAssign for Ledger {
    fn add_assign(&mut self, other: Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), BTreeMap::new());
        }
        for (groups, more) in self.0.iter_mut().zip(other.0) {
            for (key, cells) in more {
                add_cells(groups.entry(key).or_default(), cells);
            }
        }
    }
}

/// The ledgers of all accounts. The value's is always there: it counts the cases.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ledgers {
    cases: Ledger,
    others: BTreeMap<Account, Ledger>,
}

impl Ledgers {
    /// Ledgers without cases.
    pub fn new(groupings: usize) -> Self {
        Self {
            cases: Ledger(vec![BTreeMap::new(); groupings.max(1)]),
            others: BTreeMap::new(),
        }
    }

    /// The ledger that counts the cases, with their value.
    pub fn cases(&self) -> &Ledger {
        &self.cases
    }

    /// The ledger of an account, where it is kept.
    pub fn get(&self, account: Account) -> Option<&Ledger> {
        match account {
            Account::Value => Some(&self.cases),
            Account::ErrorCost | Account::ReviewCost | Account::Effort => self.others.get(&account),
        }
    }

    /// See `Tally::fold_probabilities`.
    pub fn fold_probabilities(&mut self) {
        let mut known: Vec<Probability> = Vec::new();
        let mut varying = false;
        for key in self.cases.all_cells().flat_map(BTreeMap::keys) {
            match key.chance {
                Chance::Known(p) if p != Probability::CERTAIN => known.push(p),
                Chance::Varying => varying = true,
                Chance::Known(_) | Chance::Unrecorded => {}
            }
        }
        known.sort_unstable();
        known.dedup();
        if !varying && known.len() <= MOST_PROBABILITIES {
            return;
        }
        let ledgers = std::iter::once(&mut self.cases).chain(self.others.values_mut());
        for cells in ledgers
            .flat_map(|l| &mut l.0)
            .flat_map(BTreeMap::values_mut)
        {
            *cells = fold(std::mem::take(cells));
        }
    }
}

fn fold(cells: Cells) -> Cells {
    let mut folded = Cells::new();
    for (key, bins) in cells {
        match key.chance {
            Chance::Known(p) if p != Probability::CERTAIN => {
                let varying = CellKey {
                    chance: Chance::Varying,
                    ..key
                };
                let weighted = bins.into_iter().map(|(bin, sums)| (bin, sums.weighted(p)));
                add_bins(folded.entry(varying).or_default(), weighted.collect());
            }
            Chance::Known(_) | Chance::Varying | Chance::Unrecorded => {
                add_bins(folded.entry(key).or_default(), bins);
            }
        }
    }
    folded
}

impl AddAssign for Ledgers {
    fn add_assign(&mut self, other: Self) {
        self.cases += other.cases;
        for (account, ledger) in other.others {
            *self.others.entry(account).or_default() += ledger;
        }
    }
}

/// One thread's tables, one for each account and grouping.
#[derive(Debug)]
pub(super) struct LedgerTables {
    accounts: Accounts,
    tables: Vec<(Account, Vec<Table>)>,
    /// Reused for each batch: whether the effort of its cases is known, and how much it is.
    effort_known: Vec<Label>,
    effort: Vec<Micros>,
}

impl LedgerTables {
    /// `bins` is how many bins there are, or `None` where they are found by hash.
    pub(super) fn new(accounts: &Accounts, groupings: &[Vec<usize>], bins: Option<usize>) -> Self {
        let all = [Vec::new()];
        let groupings = if groupings.is_empty() {
            &all
        } else {
            groupings
        };
        let tables = || {
            groupings
                .iter()
                .map(|g| Table::new(g.clone(), bins))
                .collect()
        };
        let account = |account| (account, tables());
        Self {
            accounts: *accounts,
            tables: accounts.list().into_iter().map(account).collect(),
            effort_known: Vec::new(),
            effort: Vec::new(),
        }
    }

    /// Adds the cases of a batch, given the bin and the cell of each.
    pub(super) fn take(&mut self, batch: &Batch, bins: &[u64], cells: &[u32], keys: &CellCodes) {
        self.note_effort(batch);
        let money = |place: Option<usize>| {
            place
                .and_then(|place| batch.money().get(place))
                .map_or(&[][..], Vec::as_slice)
        };
        for (account, tables) in &mut self.tables {
            let (labels, money) = match account {
                Account::Value => (batch.label(), batch.value()),
                Account::ErrorCost => (batch.label(), money(self.accounts.error_cost)),
                Account::ReviewCost => (batch.label(), money(self.accounts.review_cost)),
                Account::Effort => (self.effort_known.as_slice(), self.effort.as_slice()),
            };
            let entries = Entries {
                batch,
                bins,
                cells,
                keys,
                labels,
                money,
            };
            tables.iter_mut().for_each(|table| table.take(&entries));
        }
    }

    fn note_effort(&mut self, batch: &Batch) {
        self.effort_known.clear();
        self.effort.clear();
        let seconds = self
            .accounts
            .effort
            .and_then(|place| batch.numbers().get(place));
        for seconds in seconds.into_iter().flatten() {
            let effort = Micros::from_units(*seconds);
            let label = effort.map_or(Label::Unknown, |_| Label::Right);
            self.effort_known.push(label);
            self.effort.push(effort.unwrap_or_default());
        }
    }

    /// The ledgers with the values of the groups in text.
    pub(super) fn finish(&self, keys: &CellCodes, segments: &[&Interner]) -> Ledgers {
        let mut ledgers = Ledgers::default();
        for (account, tables) in &self.tables {
            let ledger = Ledger(
                tables
                    .iter()
                    .map(|table| groups(table, keys, segments))
                    .collect(),
            );
            match account {
                Account::Value => ledgers.cases = ledger,
                Account::ErrorCost | Account::ReviewCost | Account::Effort => {
                    ledgers.others.insert(*account, ledger);
                }
            }
        }
        ledgers
    }
}

fn groups(table: &Table, keys: &CellCodes, segments: &[&Interner]) -> BTreeMap<GroupKey, Cells> {
    let mut groups = BTreeMap::new();
    for (group, cells) in table.cells(keys) {
        add_cells(
            groups.entry(table.group_key(group, segments)).or_default(),
            cells,
        );
    }
    groups
}
