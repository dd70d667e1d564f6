//! Sums of whole policies: every case raises one slot a policy, by the rule that takes it and where
//! that sends it. One pass serves any number of policies.

use std::ops::AddAssign;

use super::Counts;
use super::cell_codes::CellCodes;
use super::ledger::{Accounts, LedgerTables, Ledgers};
use crate::log::{Batch, Interner, Route};
use crate::policy::Routed;

/// What became of a case under a policy: the bin of its slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Course {
    /// The place of the rule that took it.
    pub rule: u32,
    pub auto: bool,
    /// Whether the policy that this one is compared with would auto-approve it; false without one.
    pub auto_before: bool,
    /// Whether an error of it cannot be corrected.
    pub irreversible: bool,
}

impl Course {
    const AUTO: u64 = 1;
    const AUTO_BEFORE: u64 = 2;
    const IRREVERSIBLE: u64 = 4;
    /// Bins of one rule.
    const BINS: u64 = 8;

    fn bin(self) -> u64 {
        let flag = |set: bool, bit: u64| if set { bit } else { 0 };
        u64::from(self.rule) * Self::BINS
            + flag(self.auto, Self::AUTO)
            + flag(self.auto_before, Self::AUTO_BEFORE)
            + flag(self.irreversible, Self::IRREVERSIBLE)
    }

    /// The course of a bin.
    pub fn of_bin(bin: u64) -> Self {
        Self {
            rule: (bin / Self::BINS) as u32,
            auto: bin & Self::AUTO != 0,
            auto_before: bin & Self::AUTO_BEFORE != 0,
            irreversible: bin & Self::IRREVERSIBLE != 0,
        }
    }
}

/// The sums of a log under several policies. A commutative monoid under `+=`, with
/// `ReplayTally::new` as identity.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplayTally(Vec<Ledgers>);

impl ReplayTally {
    /// The tally of no cases.
    pub fn new(policies: usize, groupings: usize) -> Self {
        Self(vec![Ledgers::new(groupings); policies])
    }

    /// The ledgers of each policy, whose bins are courses.
    pub fn policies(&self) -> &[Ledgers] {
        &self.0
    }

    /// All cases by label: the same under every policy.
    pub fn counts(&self) -> Counts {
        let first = self.0.first().map(|ledgers| ledgers.cases().counts());
        first.unwrap_or_default()
    }

    /// See `Tally::fold_probabilities`.
    pub fn fold_probabilities(&mut self) {
        self.0.iter_mut().for_each(Ledgers::fold_probabilities);
    }
}

impl AddAssign for ReplayTally {
    fn add_assign(&mut self, other: Self) {
        for (ledgers, more) in self.0.iter_mut().zip(other.0) {
            *ledgers += more;
        }
    }
}

/// What a replay keeps apart beside rules and routes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Apart {
    /// The place of the policy that the others are compared with.
    pub against: Option<usize>,
    /// The place among the plan's conditions of "an error cannot be corrected".
    pub irreversible: Option<usize>,
}

/// Tallies the cases of one thread by policy.
#[derive(Debug)]
pub struct ReplayTallier {
    cells: CellCodes,
    policies: Vec<LedgerTables>,
    apart: Apart,
    /// Reused for each batch.
    codes: Vec<u32>,
    bins: Vec<u64>,
}

impl ReplayTallier {
    /// A tallier for policies of so many rules each (all other cases counted as one), and for
    /// groupings, each a list of places among the plan's segments.
    pub fn new(
        rules: &[usize],
        groupings: &[Vec<usize>],
        accounts: &Accounts,
        apart: Apart,
    ) -> Self {
        let bins = |rules: &usize| Some(rules * Course::BINS as usize);
        let tables = |rules| LedgerTables::new(accounts, groupings, bins(rules));
        Self {
            cells: CellCodes::default(),
            policies: rules.iter().map(tables).collect(),
            apart,
            codes: Vec::new(),
            bins: Vec::new(),
        }
    }

    /// Takes a batch; `routed` holds what each policy does with each of its cases.
    pub fn take(&mut self, batch: &Batch, routed: &[Vec<Routed>]) {
        self.codes.clear();
        let cells = &mut self.cells;
        self.codes.extend((0..batch.rows()).map(|row| {
            let route = batch.route().get(row).copied().unwrap_or(Route::Unknown);
            let pinned = batch.pinned().get(row).copied().unwrap_or(false);
            let probability = batch.probability().get(row).copied().unwrap_or(f64::NAN);
            cells.code(route, pinned, probability)
        }));
        let before = self.apart.against.and_then(|place| routed.get(place));
        let irreversible = self.apart.irreversible;
        let irreversible = irreversible.and_then(|place| batch.conditions().get(place));
        for (tables, routed) in self.policies.iter_mut().zip(routed) {
            self.bins.clear();
            self.bins
                .extend(routed.iter().enumerate().map(|(row, routed)| {
                    let course = Course {
                        rule: routed.rule,
                        auto: routed.auto,
                        auto_before: before.and_then(|b| b.get(row)).is_some_and(|r| r.auto),
                        irreversible: irreversible.and_then(|i| i.get(row)) == Some(&true),
                    };
                    course.bin()
                }));
            tables.take(batch, &self.bins, &self.codes, &self.cells);
        }
    }

    /// Ends; see `Sink::finish`.
    pub fn finish(&self, segments: &[&Interner]) -> ReplayTally {
        let ledgers = self.policies.iter();
        ReplayTally(
            ledgers
                .map(|tables| tables.finish(&self.cells, segments))
                .collect(),
        )
    }
}
