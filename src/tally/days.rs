//! Cases by day and score bin: what each day would have escalated at a threshold. Days are those of
//! UTC. Memory is days times groups times bins.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use hashbrown::HashMap;

use super::GroupKey;
use super::bins::Finder;
use super::table::GroupCodes;
use crate::log::{Batch, Interner, Sink};
use crate::rate::Grid;

const MICROS_A_DAY: i64 = 86_400_000_000;

/// Cases of one group and day by score bin: bin b holds the cases that meet exactly b thresholds
/// of the grid. A pinned case is in bin 0, which no threshold auto-approves.
type DayBins = Vec<u64>;

/// All cases by day since 1970-01-01, group and score bin. A commutative monoid under `+=`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Days(BTreeMap<i64, BTreeMap<GroupKey, DayBins>>);

impl Days {
    /// The same days with all groups as one, which has no values.
    #[must_use]
    pub fn pooled(&self) -> Self {
        let mut pooled = Self::default();
        for (day, groups) in &self.0 {
            for bins in groups.values() {
                let group = BTreeMap::from([(GroupKey::new(), bins.clone())]);
                pooled += Self(BTreeMap::from([(*day, group)]));
            }
        }
        pooled
    }

    /// The cases that each day with any case would have escalated, in the order of the days. `cut`
    /// gives for a group the lowest bin that is auto-approved; `None` escalates all of it.
    pub fn escalated(&self, cut: impl Fn(&GroupKey) -> Option<u64>) -> Vec<u64> {
        let of_group = |(group, bins): (&GroupKey, &DayBins)| -> u64 {
            let below = cut(group).and_then(|cut| usize::try_from(cut).ok());
            bins.iter().take(below.unwrap_or(usize::MAX)).sum()
        };
        let days = self.0.values();
        days.map(|groups| groups.iter().map(of_group).sum())
            .collect()
    }
}

impl AddAssign for Days {
    fn add_assign(&mut self, other: Self) {
        for (day, groups) in other.0 {
            let ours = self.0.entry(day).or_default();
            for (group, more) in groups {
                let bins = ours.entry(group).or_default();
                bins.resize(bins.len().max(more.len()), 0);
                bins.iter_mut()
                    .zip(more)
                    .for_each(|(sum, more)| *sum += more);
            }
        }
    }
}

/// Counts the cases of one thread by day.
#[derive(Debug)]
pub struct DayTallier {
    finder: Finder,
    /// Places of the grouping's segments among the plan's.
    segments: Vec<usize>,
    groups: GroupCodes,
    /// By group and day.
    bins: HashMap<(u32, i64), DayBins>,
    /// Reused for each batch: the groups of its cases.
    codes: Vec<u32>,
}

impl DayTallier {
    /// A tallier for one grouping, a list of places among the plan's segments; empty for all cases
    /// as one group.
    pub fn new(grid: &Grid, segments: &[usize]) -> Self {
        Self {
            finder: Finder::new(grid.values()),
            segments: segments.to_vec(),
            groups: GroupCodes::default(),
            bins: HashMap::new(),
            codes: Vec::new(),
        }
    }
}

impl Sink for DayTallier {
    type Output = Days;

    fn take(&mut self, batch: &Batch) {
        self.groups.fill(batch, &self.segments, &mut self.codes);
        let mut pins = batch.pinned().iter().copied();
        let cases = batch.time().iter().zip(batch.score()).zip(&self.codes);
        for ((time, score), group) in cases {
            let pinned = pins.next().unwrap_or(false);
            let bin = if pinned { 0 } else { self.finder.bin(*score) };
            let day = time.div_euclid(MICROS_A_DAY);
            let bins = self.bins.entry((*group, day)).or_default();
            bins.resize(self.finder.bins(), 0);
            if let Some(cases) = bins.get_mut(bin as usize) {
                *cases += 1;
            }
        }
    }

    fn finish(&mut self, segments: &[&Interner]) -> Days {
        let mut days = Days::default();
        for ((group, day), bins) in self.bins.drain() {
            let key = self.groups.key(group, &self.segments, segments);
            days += Days(BTreeMap::from([(day, BTreeMap::from([(key, bins)]))]));
        }
        days
    }
}
