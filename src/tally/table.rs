//! The slots of one grouping: found by direct indexing of group, cell and bin; where groups are
//! too many for that, or every score is a bin, by hash.

use hashbrown::HashMap;

use super::cell_codes::CellCodes;
use super::sums::{Counts, Money, Sums, Weights};
use super::{Cells, GroupKey, Probability};
use crate::log::{Batch, Interner, Label, MISSING};
use crate::rate::Micros;

/// Slots that a grouping may hold by direct indexing; then it turns to hashing.
const MOST_DENSE_SLOTS: usize = 1 << 19;
/// Low bits of a pair's value and beginning by which its code is guessed.
const NEAR_BITS: u32 = 6;
const NEAR_VALUE: u32 = 0x3f;
const NEAR_BEGINNING: u32 = 0x3ff;
/// No block is given to this group and cell yet.
const NO_BLOCK: u32 = u32::MAX;

/// The cases of a batch as a table takes them.
pub(super) struct Entries<'a> {
    pub(super) batch: &'a Batch,
    /// The bin of each case.
    pub(super) bins: &'a [u64],
    /// The cell of each case, by its code.
    pub(super) cells: &'a [u32],
    pub(super) keys: &'a CellCodes,
    pub(super) labels: &'a [Label],
    /// The money of each case; empty where there is none.
    pub(super) money: &'a [Micros],
}

/// The slots of one grouping.
#[derive(Debug)]
pub(super) struct Table {
    /// Places of the grouping's segments in the plan.
    segments: Vec<usize>,
    groups: GroupCodes,
    slots: Slots,
    counts: Vec<Counts>,
    /// Empty unless cases carry a value.
    money: Vec<Money>,
    weights: HashMap<usize, Weights>,
    /// Reused for each batch: the groups of its cases.
    codes: Vec<u32>,
}

/// How a slot is found.
#[derive(Debug)]
enum Slots {
    /// Each group and cell has a block of as many slots as there are bins.
    Dense { bins: usize, blocks: Vec<Vec<u32>> },
    /// By group, cell and bin.
    Hashed(HashMap<(u32, u32, u64), usize>),
}

impl Table {
    pub(super) fn new(segments: Vec<usize>, bins: Option<usize>) -> Self {
        Self {
            groups: GroupCodes::default(),
            slots: match bins {
                Some(bins) => Slots::Dense {
                    bins,
                    blocks: Vec::new(),
                },
                None => Slots::Hashed(HashMap::new()),
            },
            segments,
            counts: Vec::new(),
            money: Vec::new(),
            weights: HashMap::new(),
            codes: Vec::new(),
        }
    }

    pub(super) fn take(&mut self, entries: &Entries<'_>) {
        let Entries { batch, keys, .. } = entries;
        self.groups.fill(batch, &self.segments, &mut self.codes);
        let codes = std::mem::take(&mut self.codes);
        let has_money = !entries.money.is_empty();
        let places = entries.bins.iter().zip(entries.cells);
        let cases = places.zip(entries.labels).zip(&codes);
        for (row, (((bin, cell), label), group)) in cases.enumerate() {
            let slot = self.slot(*group, *cell, *bin, has_money);
            let Some(counts) = self.counts.get_mut(slot) else {
                continue;
            };
            counts.add_case(*label);
            let value = entries.money.get(row).copied().unwrap_or_default();
            if let Some(money) = self.money.get_mut(slot) {
                money.add_case(value, *label);
            }
            if keys.is_varying(*cell) {
                self.add_weight(slot, batch, row, *label, value);
            }
        }
        self.codes = codes;
    }

    fn add_weight(&mut self, slot: usize, batch: &Batch, row: usize, label: Label, value: Micros) {
        let recorded = batch.probability().get(row).copied();
        if let Some(probability) = recorded.and_then(Probability::new) {
            let weights = self.weights.entry(slot).or_default();
            weights.add_case(probability, label, value);
        }
    }

    /// The slot of a group, cell and bin; a new one if there is none yet.
    fn slot(&mut self, group: u32, cell: u32, bin: u64, has_money: bool) -> usize {
        let next = self.counts.len();
        let (slot, more) = match &mut self.slots {
            Slots::Dense { bins, blocks } => {
                let block = block(blocks, group, cell);
                if *block != NO_BLOCK {
                    return *block as usize * *bins + bin as usize;
                }
                *block = (next / *bins) as u32;
                (next + bin as usize, *bins)
            }
            Slots::Hashed(map) => {
                let slot = *map.entry((group, cell, bin)).or_insert(next);
                (slot, usize::from(slot == next))
            }
        };
        self.counts.resize(next + more, Counts::default());
        if has_money {
            self.money.resize(next + more, Money::default());
        }
        if next + more > MOST_DENSE_SLOTS && matches!(self.slots, Slots::Dense { .. }) {
            self.turn_to_hashing();
            return self.slot(group, cell, bin, has_money);
        }
        slot
    }

    /// Keeps only the slots that hold cases, found by hash from now on.
    fn turn_to_hashing(&mut self) {
        let Slots::Dense { bins, blocks } = &self.slots else {
            return;
        };
        let mut map = HashMap::new();
        let mut counts = Vec::new();
        let mut money = Vec::new();
        let mut weights = HashMap::new();
        for (group, cell, start) in used_blocks(blocks, *bins) {
            for bin in 0..*bins {
                let old = start + bin;
                let Some(found) = self.counts.get(old).filter(|counts| counts.cases() > 0) else {
                    continue;
                };
                let slot = counts.len();
                map.insert((group, cell, bin as u64), slot);
                counts.push(*found);
                money.extend(self.money.get(old));
                if let Some(found) = self.weights.get(&old) {
                    weights.insert(slot, *found);
                }
            }
        }
        self.slots = Slots::Hashed(map);
        self.counts = counts;
        self.money = money;
        self.weights = weights;
    }

    /// The cells by group, with ascending bins.
    pub(super) fn cells(&self, keys: &CellCodes) -> Vec<(u32, Cells)> {
        let mut found: Vec<(u32, u32, u64, usize)> = match &self.slots {
            Slots::Dense { bins, blocks } => used_blocks(blocks, *bins)
                .flat_map(|(group, cell, start)| {
                    (0..*bins).map(move |bin| (group, cell, bin as u64, start + bin))
                })
                .collect(),
            Slots::Hashed(map) => map
                .iter()
                .map(|((g, c, b), slot)| (*g, *c, *b, *slot))
                .collect(),
        };
        found.sort_unstable();
        let mut groups: Vec<(u32, Cells)> = Vec::new();
        for (group, cell, bin, slot) in found {
            let sums = self.sums(slot);
            let Some(key) = keys.key(cell).filter(|_| sums.counts.cases() > 0) else {
                continue;
            };
            if groups.last().is_none_or(|(last, _)| *last != group) {
                groups.push((group, Cells::new()));
            }
            if let Some((_, cells)) = groups.last_mut() {
                cells.entry(*key).or_default().push((bin, sums));
            }
        }
        groups
    }

    fn sums(&self, slot: usize) -> Sums {
        Sums {
            counts: self.counts.get(slot).copied().unwrap_or_default(),
            money: self.money.get(slot).copied().map(Box::new),
            weights: self.weights.get(&slot).copied().map(Box::new),
        }
    }

    pub(super) fn group_key(&self, group: u32, segments: &[&Interner]) -> GroupKey {
        self.groups.key(group, &self.segments, segments)
    }
}

/// The place of a group's and cell's block, NO_BLOCK at first.
fn block(blocks: &mut Vec<Vec<u32>>, group: u32, cell: u32) -> &mut u32 {
    let (group, cell) = (group as usize, cell as usize);
    if blocks.len() <= group {
        blocks.resize(group + 1, Vec::new());
    }
    #[expect(
        clippy::indexing_slicing,
        reason = "both vectors were just made long enough"
    )]
    {
        let cells = &mut blocks[group];
        if cells.len() <= cell {
            cells.resize(cell + 1, NO_BLOCK);
        }
        &mut cells[cell]
    }
}

/// Group, cell and first slot of every block.
fn used_blocks(blocks: &[Vec<u32>], bins: usize) -> impl Iterator<Item = (u32, u32, usize)> {
    blocks.iter().enumerate().flat_map(move |(group, cells)| {
        let used = cells
            .iter()
            .enumerate()
            .filter(|(_, block)| **block != NO_BLOCK);
        used.map(move |(cell, block)| (group as u32, cell as u32, *block as usize * bins))
    })
}

/// Small numbers for the combinations of a grouping's segment values.
#[derive(Debug, Default)]
pub(super) struct GroupCodes {
    /// Code of each combination by the code of its beginning and its last value.
    pairs: HashMap<(u32, u32), u32>,
    /// For each code the code of its beginning and its last value, to find the way back.
    origins: Vec<(u32, u32)>,
    /// Codes by the low bits of a pair: guesses that are checked, and nearly always right.
    near: Vec<u32>,
}

impl GroupCodes {
    /// Fills `codes` with the groups of a batch's cases. Places beyond the plan's segments are
    /// those of its conditions.
    pub(super) fn fill(&mut self, batch: &Batch, segments: &[usize], codes: &mut Vec<u32>) {
        codes.clear();
        codes.resize(batch.rows(), 0);
        for segment in segments {
            if let Some(values) = batch.segments().get(*segment) {
                for (code, value) in codes.iter_mut().zip(values) {
                    *code = self.code(*code, *value);
                }
                continue;
            }
            let condition = segment.checked_sub(batch.segments().len());
            let Some(holds) = condition.and_then(|place| batch.conditions().get(place)) else {
                continue;
            };
            for (code, holds) in codes.iter_mut().zip(holds) {
                *code = self.code(*code, u32::from(*holds));
            }
        }
    }

    /// Codes start at 1: 0 stands for no segment at all.
    fn code(&mut self, beginning: u32, value: u32) -> u32 {
        let pair = (beginning, value);
        let near = ((beginning & NEAR_BEGINNING) << NEAR_BITS | value & NEAR_VALUE) as usize;
        let guess = self.near.get(near).copied().unwrap_or(0);
        let known = (guess as usize)
            .checked_sub(1)
            .and_then(|place| self.origins.get(place));
        if known == Some(&pair) {
            return guess;
        }
        let origins = &mut self.origins;
        let code = *self.pairs.entry(pair).or_insert_with(|| {
            origins.push(pair);
            origins.len() as u32
        });
        if self.near.is_empty() {
            self.near
                .resize(1 << (NEAR_BITS + NEAR_BEGINNING.count_ones()), 0);
        }
        if let Some(guess) = self.near.get_mut(near) {
            *guess = code;
        }
        code
    }

    /// The values that a code stands for; `places` are those of the grouping's segments in the
    /// plan.
    pub(super) fn key(&self, group: u32, places: &[usize], segments: &[&Interner]) -> GroupKey {
        let codes = self.codes(group);
        places
            .iter()
            .zip(codes)
            .map(|(place, code)| {
                let Some(interner) = segments.get(*place) else {
                    return Some((code != 0).to_string());
                };
                (code != MISSING).then(|| interner.text(code).to_owned())
            })
            .collect()
    }

    /// The codes of the values that a code stands for, first to last.
    fn codes(&self, code: u32) -> Vec<u32> {
        let mut values = Vec::new();
        let mut current = code;
        while let Some(index) = (current as usize).checked_sub(1)
            && let Some((beginning, value)) = self.origins.get(index)
        {
            values.push(*value);
            current = *beginning;
        }
        values.reverse();
        values
    }
}
