//! Additive sums by group, cell and score bin. Every number is an integer, so sums do not depend
//! on order: a log split anywhere, read by any number of threads, gives the same tally.
//! Must not estimate anything.

mod accumulate;
mod bins;
mod cell_codes;
mod days;
mod design;
mod ledger;
mod profile;
mod replay;
mod sums;
mod table;

use std::collections::BTreeMap;
use std::ops::AddAssign;

pub use self::accumulate::Tallier;
pub use self::bins::Scale;
pub use self::days::{DayTallier, Days};
pub use self::design::{Basis, Design, DesignCell};
pub use self::ledger::{Account, Accounts, Ledger, Ledgers};
pub use self::profile::{FINE_BINS, History, Profile};
pub use self::replay::{Apart, Course, ReplayTallier, ReplayTally};
pub use self::sums::{Counts, Money, Sums, Weights};

use crate::log::Route;

/// Distinct label probabilities below 1 that make a cell each; beyond that the probabilities are
/// taken to differ from row to row.
pub const MOST_PROBABILITIES: usize = 64;

/// What a log records of a case's label probability.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Chance {
    /// One of a few recorded values.
    Known(Probability),
    /// Recorded, but differing from row to row.
    Varying,
    Unrecorded,
}

/// A label probability in (0, 1], ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Probability(u64);

impl Probability {
    /// A case that is certain to be labelled.
    pub const CERTAIN: Self = Self(1.0_f64.to_bits());

    /// `None` outside (0, 1].
    pub fn new(probability: f64) -> Option<Self> {
        (probability > 0.0 && probability <= 1.0).then(|| Self(probability.to_bits()))
    }

    /// The probability as a fraction in (0, 1].
    pub fn get(self) -> f64 {
        f64::from_bits(self.0)
    }
}

/// Cases that share historical route, pin and label probability.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellKey {
    pub route: Route,
    pub pinned: bool,
    pub chance: Chance,
}

/// The sums of one cell by score bin, ascending: the bin is the number of grid thresholds that the
/// score meets, or on an exact scale the bits of the score.
pub type Bins = Vec<(u64, Sums)>;

/// The cells of one group.
pub type Cells = BTreeMap<CellKey, Bins>;

/// The cases of a group by label.
pub fn counts_of(cells: &Cells) -> Counts {
    let mut counts = Counts::default();
    let sums = cells.values().flatten();
    sums.for_each(|(_, sums)| counts += sums.counts);
    counts
}

/// The values of a group's segments, in the order of its grouping; `None` where one is missing.
pub type GroupKey = Vec<Option<String>>;

/// The sums of a whole log. A commutative monoid under `+=`, with `Tally::new` as identity.
#[derive(Clone, Debug, PartialEq)]
pub struct Tally {
    scale: Scale,
    ledgers: Ledgers,
    profile: Profile,
}

impl Tally {
    /// The tally of no cases. `groupings` is how many groupings there are; with none asked for,
    /// one grouping holds all cases as a single group.
    pub fn new(scale: Scale, groupings: usize) -> Self {
        Self {
            scale,
            ledgers: Ledgers::new(groupings),
            profile: Profile::default(),
        }
    }

    /// The score bins.
    pub fn scale(&self) -> &Scale {
        &self.scale
    }

    /// Scores by route and label, overall, on a fine grid.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The ledgers of all accounts.
    pub fn ledgers(&self) -> &Ledgers {
        &self.ledgers
    }

    /// The groups of one grouping.
    pub fn groups(&self, grouping: usize) -> impl Iterator<Item = (&GroupKey, &Cells)> {
        self.ledgers.cases().groups(grouping)
    }

    /// All cases by label.
    pub fn counts(&self) -> Counts {
        self.ledgers.cases().counts()
    }

    /// The cells of all cases.
    pub fn overall(&self) -> Cells {
        self.ledgers.cases().overall()
    }

    /// Cells whose probabilities are too many become one varying cell per route and pin. Done once
    /// all parts are added, for then it depends on the whole log alone.
    pub fn fold_probabilities(&mut self) {
        self.ledgers.fold_probabilities();
    }
}

impl AddAssign for Tally {
    /// Adds the tally of another part of the same log, read on the same scale and groupings.
    fn add_assign(&mut self, other: Self) {
        self.profile += other.profile;
        self.ledgers += other.ledgers;
    }
}

/// Adds cells to cells.
pub fn add_cells(cells: &mut Cells, more: Cells) {
    for (key, bins) in more {
        add_bins(cells.entry(key).or_default(), bins);
    }
}

/// Merges two ascending lists of bins.
fn add_bins(bins: &mut Bins, more: Bins) {
    if bins.is_empty() {
        *bins = more;
        return;
    }
    let mut merged = Bins::with_capacity(bins.len().max(more.len()));
    let mut ours = std::mem::take(bins).into_iter().peekable();
    let mut theirs = more.into_iter().peekable();
    loop {
        let next = match (ours.peek(), theirs.peek()) {
            (Some((our, _)), Some((their, _))) if our <= their => ours.next(),
            (Some(_), None) => ours.next(),
            (_, Some(_)) => theirs.next(),
            (None, None) => break,
        };
        let Some((bin, sums)) = next else { break };
        match merged.last_mut() {
            Some((last, total)) if *last == bin => *total += &sums,
            _ => merged.push((bin, sums)),
        }
    }
    *bins = merged;
}
